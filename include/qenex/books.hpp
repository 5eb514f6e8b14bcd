// Exchanges, splits, accruals, statements that are issued, the general ledger, the import and retention. Part of
// qenex.hpp. SPDX-License-Identifier: MIT
#ifndef QENEX_BOOKS_HPP
#define QENEX_BOOKS_HPP

#include <optional>

#include "days.hpp"

namespace qenex
{

namespace detail
{

// The books.
template <class How> class Books : public Days<How>
{
  public:
    template <class T> using Answer = typename How::template Answer<T>;
    using Days<How>::Days;

    // Makes accounts the position accounts of their entities: exchanges alone move them from then on.
    Answer<Results> register_positions(const BatchView<qenex_position> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_positions_register, batch, options);
    }
    // Sells amounts of one asset for another, through the position accounts.
    Answer<Results> create_exchanges(const BatchView<qenex_exchange> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_exchanges_create, batch, options);
    }
    // Posts unrealised gains and losses of positions; they are the amounts of the results.
    Answer<Results> post_revaluations(const BatchView<qenex_revaluation> &batch,
                                      const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_revaluations_post, batch, options);
    }
    // Splits amounts over several accounts; batch.put_array keeps the parts.
    Answer<Results> split_transfers(const BatchView<qenex_split> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_transfers_split, batch, options);
    }
    // Adds to accruals, exactly; the results have the whole minor units that are not posted yet.
    Answer<Results> add_accruals(const BatchView<qenex_accrual> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_accruals_add, batch, options);
    }
    // Posts the whole minor units of accruals.
    Answer<Results> post_accruals(const BatchView<qenex_accrual_post> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_accruals_post, batch, options);
    }
    // Cuts statements; their numbers, without gaps, are in the results.
    Answer<Results> cut_statements(const BatchView<qenex_statement_cut> &batch,
                                   const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_statements_cut, batch, options);
    }
    // Enters codes into the charts of entities, or changes them.
    Answer<Results> set_gl_codes(const BatchView<qenex_gl_code> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_gl_codes_set, batch, options);
    }
    // Gives accounts codes of the general ledger from a day on.
    Answer<Results> assign_gl_codes(const BatchView<qenex_gl_assignment> &batch,
                                    const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_gl_assignments_set, batch, options);
    }
    // Imports transfers of the past, between start_import and end_import alone.
    Answer<Results> import_transfers(const BatchView<qenex_import_transfer> &batch,
                                     const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_transfers_import, batch, options);
    }
    // Proves imported balances: opening plus movements equals closing.
    Answer<Results> prove_imports(const BatchView<qenex_import_proof> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_imports_prove, batch, options);
    }
    // Says how long accounts' data is kept, and sets or lifts legal holds.
    Answer<Results> set_retentions(const BatchView<qenex_retention> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_retentions_set, batch, options);
    }
    // Begins import mode, in a file without transfers; the result says why it was refused.
    Answer<qenex_result> start_import(std::optional<Id> key = std::nullopt) const
    {
        return answer<How, qenex_result>([&](qenex_result &result, qenex_error **error) {
            return qenex_import_start(session_, key ? &*key : nullptr, &result, error);
        });
    }
    // Ends import mode for ever; the result's number is that of imported transfers.
    Answer<qenex_result> end_import(std::optional<Id> key = std::nullopt) const
    {
        return answer<How, qenex_result>([&](qenex_result &result, qenex_error **error) {
            return qenex_import_end(session_, key ? &*key : nullptr, &result, error);
        });
    }
    // A one-line call: sells an amount, such as "100.00", at a rate, such as "24.512" (units of to_currency for one of
    // from_currency). Throws (or gives) Refused. id as in transfer.
    Answer<qenex_result> exchange(std::string_view from, std::string_view to, std::string_view amount,
                                  std::string_view from_currency, std::string_view to_currency, std::string_view rate,
                                  std::optional<Id> id = std::nullopt) const
    {
        return one<How>([&](qenex_result *result, qenex_error **error) {
            return qenex_exchange_simple(session_, id ? &*id : nullptr, from.data(), from.size(), to.data(), to.size(),
                                         amount.data(), amount.size(), from_currency.data(), from_currency.size(),
                                         to_currency.data(), to_currency.size(), rate.data(), rate.size(), result,
                                         error);
        });
    }
    Answer<Records<qenex_position_record>> list_positions(std::uint32_t entity = 0) const
    {
        return records<How, qenex_position_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_positions_list(session_, entity, buffer, error);
        });
    }
    // What each currency nets to, and its book value in the functional currency; the book values sum to zero.
    Answer<Records<qenex_functional_line>> functional_trial_balance(std::uint32_t entity = 0) const
    {
        return records<How, qenex_functional_line>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_functional_trial_balance(session_, entity, buffer, error);
        });
    }
    // keys holds that one account.
    Answer<Records<qenex_accrual_record>> list_accruals(const BatchView<qenex_account_key> &keys) const
    {
        return records<How, qenex_accrual_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_accruals_list(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                       keys.arena.size(), buffer, error);
        });
    }
    // The balances at the end of each day, account by account, by value date or by booking date. Go on with the cursor
    // of the records and the same arguments.
    Answer<Records<qenex_day_balance>> daily_balances(const BatchView<qenex_account_key> &keys, Date from, Date to,
                                                      bool by_booking_date = false, std::uint32_t limit = 0,
                                                      std::string_view cursor = {}) const
    {
        return records<How, qenex_day_balance>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_balances_daily(session_, keys.records.data(), keys.records.size(), sizeof(qenex_account_key),
                                        keys.bytes(), keys.arena.size(), from, to, by_booking_date ? 1 : 0, limit,
                                        bytes_of(cursor), cursor.size(), buffer, error);
        });
    }
    // The statements that were cut of an account in an asset, in order; keys holds both.
    Answer<Records<qenex_statement_record>> list_statements(const BatchView<qenex_account_key> &keys,
                                                            std::uint32_t after = 0, std::uint32_t limit = 0) const
    {
        return records<How, qenex_statement_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_statements_list(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                         keys.arena.size(), after, limit, buffer, error);
        });
    }
    // A statement that was cut with its lines: the same whenever it is asked for. A page with fewer lines than limit
    // (0: 100) is the last; skip: how many lines the pages before had.
    Answer<IssuedStatement> issue_statement(const BatchView<qenex_account_key> &keys, std::uint32_t number,
                                            std::uint64_t skip = 0, std::uint32_t limit = 0) const
    {
        qenex_statement_record statement{};
        qenex_buffer *buffer = nullptr;
        ErrorSlot error;
        const qenex_status status =
            qenex_statement_issue(session_, first(keys), sizeof(qenex_account_key), keys.bytes(), keys.arena.size(),
                                  number, skip, limit, &statement, &buffer, error);
        IssuedStatement issued{statement, Records<qenex_issued_line>(buffer)};
        return How::give(status < 0 ? Expected<IssuedStatement>(error.read(status))
                                    : Expected<IssuedStatement>(std::move(issued)));
    }
    // The trial balance by code at the end of a booking day; group: QENEX_GL_GROUP_... flags.
    Answer<Records<qenex_gl_line>> gl_trial_balance(Date date, std::uint32_t entity = 0, std::uint32_t group = 0) const
    {
        return records<How, qenex_gl_line>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_gl_trial_balance(session_, entity, date, group, buffer, error);
        });
    }
    // Each code's balance from its accounts and from the transfers one by one: a difference that is not zero is damage.
    Answer<Records<qenex_gl_difference>> reconcile_gl(Date date, std::uint32_t entity = 0) const
    {
        return records<How, qenex_gl_difference>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_gl_reconcile(session_, entity, date, buffer, error);
        });
    }
    // A page of the journal as text in a QENEX_JOURNAL_... format: the arena of the records, of which there are none.
    // Write the page that its cursor gives right behind it.
    Answer<Records<qenex_text>> gl_journal(Date from, Date to, std::uint32_t format, std::uint32_t entity = 0,
                                           std::uint32_t limit = 0, std::string_view cursor = {}) const
    {
        return records<How, qenex_text>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_gl_journal(session_, entity, from, to, format, limit, bytes_of(cursor), cursor.size(), buffer,
                                    error);
        });
    }
    Answer<qenex_import_status> import_status() const
    {
        return answer<How, qenex_import_status>([&](qenex_import_status &status, qenex_error **error) {
            return qenex_import_status_get(session_, &status, error);
        });
    }
    // How long an account's data is kept: one record, whose sequence is 0 when nothing was said.
    Answer<Records<qenex_retention_record>> get_retention(const BatchView<qenex_account_key> &keys) const
    {
        return records<How, qenex_retention_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_retention_get(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                       keys.arena.size(), buffer, error);
        });
    }
    // Where personal texts of an account are, by sequence number.
    Answer<Records<qenex_personal_place>> list_personal_data(const BatchView<qenex_account_key> &keys,
                                                             std::uint64_t after = 0, std::uint32_t limit = 0) const
    {
        return records<How, qenex_personal_place>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_personal_data_list(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                            keys.arena.size(), after, limit, buffer, error);
        });
    }

  protected:
    using Days<How>::session_;
};

} // namespace detail

} // namespace qenex

#endif
