// Balances, trial balances, statements and the feed. Part of qenex.hpp. SPDX-License-Identifier: MIT
#ifndef QENEX_QUESTIONS_HPP
#define QENEX_QUESTIONS_HPP

#include "books.hpp"

namespace qenex
{

namespace detail
{

// Everything that a session does, once for both ways of telling an error.
template <class How> class Operations : public Books<How>
{
  public:
    template <class T> using Answer = typename How::template Answer<T>;
    using Results = detail::Results;
    using Books<How>::Books;

    // One answer per key; its status says whether the account and the asset are known.
    Answer<std::vector<qenex_balance>> get_balances(const BatchView<qenex_account_key> &keys,
                                                    const AsOf &as_of = {}) const
    {
        return answer<How, std::vector<qenex_balance>>([&](std::vector<qenex_balance> &balances, qenex_error **error) {
            balances.resize(keys.records.size());
            return qenex_balances_get(session_, keys.records.data(), keys.records.size(), sizeof(qenex_account_key),
                                      keys.bytes(), keys.arena.size(), &as_of, balances.data(), error);
        });
    }
    // The sum of the balances of an account and of all below it; keys holds that one account.
    Answer<qenex_balance> get_balance_below(const BatchView<qenex_account_key> &keys) const
    {
        return answer<How, qenex_balance>([&](qenex_balance &balance, qenex_error **error) {
            return qenex_balance_hierarchy(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                           keys.arena.size(), &balance, error);
        });
    }
    Answer<Records<qenex_trial_line>> trial_balance(std::uint32_t entity = 0) const
    {
        return records<How, qenex_trial_line>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_trial_balance(session_, entity, buffer, error);
        });
    }
    // A page of the statement of an account; keys holds the account and the asset.
    Answer<Records<qenex_statement_line>> statement(const BatchView<qenex_account_key> &keys,
                                                    const StatementOptions &options = {}) const
    {
        return records<How, qenex_statement_line>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_statement_get(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                       keys.arena.size(), &options, buffer, error);
        });
    }
    // The durable changes after a sequence number, in order and without gaps.
    Answer<Records<qenex_feed_entry>> read_feed(std::uint64_t after = 0, std::uint32_t limit = 0) const
    {
        return records<How, qenex_feed_entry>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_feed_read(session_, after, limit, buffer, error);
        });
    }
    Answer<Records<qenex_trial_line>> trial_balance_as_of(const AsOf &as_of, std::uint32_t entity = 0) const
    {
        return records<How, qenex_trial_line>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_trial_balance_as_of(session_, entity, &as_of, buffer, error);
        });
    }
    // The struct_size of the options is set here.
    Answer<Records<qenex_trial_account>> list_trial_accounts(qenex_trial_options options) const
    {
        options.struct_size = sizeof options;
        return records<How, qenex_trial_account>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_trial_accounts_list(session_, &options, buffer, error);
        });
    }
    // The sequence number of the last durable change up to a system time; 0: there was none.
    Answer<std::uint64_t> sequence_at(Time time) const
    {
        return answer<How, std::uint64_t>([&](std::uint64_t &sequence, qenex_error **error) {
            return qenex_sequence_at(session_, time, &sequence, error);
        });
    }
    Answer<std::uint64_t> sequence() const
    {
        return answer<How, std::uint64_t>([&](std::uint64_t &sequence, qenex_error **error) {
            return qenex_sequence_get(session_, &sequence, error);
        });
    }

  protected:
    using Books<How>::session_;
};

} // namespace detail

} // namespace qenex

#endif
