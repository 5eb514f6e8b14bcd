// Business days, periods, schedules and ends of days and years. Part of qenex.hpp. SPDX-License-Identifier: MIT
#ifndef QENEX_DAYS_HPP
#define QENEX_DAYS_HPP

#include "accounts.hpp"

namespace qenex
{

namespace detail
{

// The days of entities.
template <class How> class Days : public Accounts<How>
{
  public:
    template <class T> using Answer = typename How::template Answer<T>;
    using Accounts<How>::Accounts;

    Answer<Results> roll_business_dates(const BatchView<qenex_business_date> &batch,
                                        const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_business_dates_roll, batch, options);
    }
    Answer<Results> close_periods(const BatchView<qenex_period_close> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_periods_close, batch, options);
    }
    // Defines business calendars, or replaces them whole.
    Answer<Results> set_calendars(const BatchView<qenex_calendar> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_calendars_set, batch, options);
    }
    // Sets the rules of entities: their calendar, and when a customer's account becomes dormant.
    Answer<Results> set_entity_rules(const BatchView<qenex_entity_rules> &batch,
                                     const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_entity_rules_set, batch, options);
    }
    // Schedules transfers for days to come.
    Answer<Results> schedule_transfers(const BatchView<qenex_schedule> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_transfers_schedule, batch, options);
    }
    // Takes scheduled transfers back that still wait.
    Answer<Results> cancel_schedules(const BatchView<qenex_schedule_cancel> &batch,
                                     const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_schedules_cancel, batch, options);
    }
    // Seals a portion of the balances of days that are over; end_day does it to the end.
    Answer<Results> seal_day_portions(const BatchView<qenex_day_end> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_day_end_portions, batch, options);
    }
    // Closes a portion of the income and expense accounts; end_year does it to the end.
    Answer<Results> close_year_portions(const BatchView<qenex_year_end> &batch,
                                        const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_year_end_portions, batch, options);
    }
    // The result says why a day was refused; portion accounts a commit, 0: the default.
    Answer<qenex_result> end_day(Date day, std::uint32_t entity = 0, std::uint32_t portion = 0) const
    {
        return answer<How, qenex_result>([&](qenex_result &result, qenex_error **error) {
            return qenex_day_end_run(session_, entity, day, portion, &result, error);
        });
    }
    // Closes income and expense accounts into the equity account with the number retained.
    Answer<qenex_result> end_year(Date through, std::string_view retained, std::uint32_t entity = 0,
                                  std::uint32_t code = 0) const
    {
        return answer<How, qenex_result>([&](qenex_result &result, qenex_error **error) {
            return qenex_year_end_run(session_, entity, through, retained.data(), retained.size(), code, &result,
                                      error);
        });
    }
    // Rolls the business date to the next business day of the entity's calendar.
    Answer<qenex_result> next_business_date(std::uint32_t entity = 0) const
    {
        return answer<How, qenex_result>([&](qenex_result &result, qenex_error **error) {
            return qenex_business_date_next(session_, entity, &result, error);
        });
    }
    Answer<Records<qenex_calendar_record>> list_calendars() const
    {
        return records<How, qenex_calendar_record>(
            [&](qenex_buffer **buffer, qenex_error **error) { return qenex_calendars_list(session_, buffer, error); });
    }
    Answer<Records<qenex_period_record>> list_periods(std::uint32_t entity = 0) const
    {
        return records<How, qenex_period_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_periods_list(session_, entity, buffer, error);
        });
    }
    Answer<Records<qenex_sealed_balance>> list_sealed_balances(const Id &account, std::uint32_t asset, Date first_day,
                                                               Date last_day) const
    {
        return records<How, qenex_sealed_balance>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_sealed_balances_list(session_, &account, asset, first_day, last_day, buffer, error);
        });
    }
    Answer<Records<qenex_correction>> list_corrections(std::uint32_t entity = 0, std::uint64_t after = 0,
                                                       std::uint32_t limit = 0) const
    {
        return records<How, qenex_correction>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_corrections_list(session_, entity, after, limit, buffer, error);
        });
    }
    Answer<Records<qenex_schedule_record>> list_schedules(std::uint32_t entity = 0, bool waiting_only = false,
                                                          std::uint64_t after = 0, std::uint32_t limit = 0) const
    {
        return records<How, qenex_schedule_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_schedules_list(session_, entity, waiting_only, after, limit, buffer, error);
        });
    }
    Answer<Date> business_day_after(Date day, std::uint32_t entity = 0) const
    {
        return answer<How, Date>([&](Date &found, qenex_error **error) {
            qenex_date number = 0;
            const qenex_status status = qenex_business_day_after(session_, entity, day, &number, error);
            found = Date(number);
            return status;
        });
    }

  protected:
    using Accounts<How>::session_;
};

} // namespace detail

} // namespace qenex

#endif
