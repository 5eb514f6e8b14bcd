// Entities, assets and accounts. Part of qenex.hpp. SPDX-License-Identifier: MIT
#ifndef QENEX_ACCOUNTS_HPP
#define QENEX_ACCOUNTS_HPP

#include <optional>

#include "payments.hpp"

namespace qenex
{

namespace detail
{

// What there is, and how accounts open, change and close.
template <class How> class Accounts : public Payments<How>
{
  public:
    template <class T> using Answer = typename How::template Answer<T>;
    using Payments<How>::Payments;

    // A one-line call, which throws (or gives) Refused when there is such an account already.
    Answer<qenex_result> create_account(std::string_view number, std::string_view currency,
                                        std::string_view opening_balance = {}) const
    {
        return one<How>([&](qenex_result *result, qenex_error **error) {
            return qenex_account_open_simple(session_, number.data(), number.size(), currency.data(), currency.size(),
                                             opening_balance.data(), opening_balance.size(), result, error);
        });
    }
    Answer<std::uint32_t> asset_number(std::string_view code) const
    {
        return answer<How, std::uint32_t>([&](std::uint32_t &number, qenex_error **error) {
            return qenex_asset_number(session_, code.data(), code.size(), &number, error);
        });
    }
    Answer<Results> create_entities(const BatchView<qenex_entity> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_entities_create, batch, options);
    }
    Answer<Results> create_assets(const BatchView<qenex_asset> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_assets_create, batch, options);
    }
    Answer<Results> open_accounts(const BatchView<qenex_account> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_accounts_open, batch, options);
    }
    Answer<Results> set_account_numbers(const BatchView<qenex_account_number> &batch,
                                        const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_account_numbers_set, batch, options);
    }
    Answer<Results> set_account_blocks(const BatchView<qenex_account_block> &batch,
                                       const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_account_blocks_set, batch, options);
    }
    Answer<Results> set_account_limits(const BatchView<qenex_account_limit> &batch,
                                       const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_account_limits_set, batch, options);
    }
    Answer<Results> close_accounts(const BatchView<qenex_account_close> &batch,
                                   const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_accounts_close, batch, options);
    }
    // Links owners to accounts, or ends links.
    Answer<Results> set_account_owners(const BatchView<qenex_account_owner> &batch,
                                       const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_account_owners_set, batch, options);
    }
    // Brings dormant accounts back to life.
    Answer<Results> reactivate_accounts(const BatchView<qenex_reactivation> &batch,
                                        const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_accounts_reactivate, batch, options);
    }
    Answer<Records<qenex_account_record>> get_accounts(const BatchView<qenex_account_key> &keys) const
    {
        return records<How, qenex_account_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_accounts_get(session_, keys.records.data(), keys.records.size(), sizeof(qenex_account_key),
                                      keys.bytes(), keys.arena.size(), buffer, error);
        });
    }
    Answer<Records<qenex_account_record>> list_accounts(std::optional<Id> parent = std::nullopt,
                                                        std::uint64_t after = 0, std::uint32_t limit = 0) const
    {
        return records<How, qenex_account_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_accounts_list(session_, parent ? &*parent : nullptr, after, limit, buffer, error);
        });
    }
    Answer<Records<qenex_entity_record>> list_entities() const
    {
        return records<How, qenex_entity_record>(
            [&](qenex_buffer **buffer, qenex_error **error) { return qenex_entities_list(session_, buffer, error); });
    }
    Answer<Records<qenex_asset_record>> list_assets() const
    {
        return records<How, qenex_asset_record>(
            [&](qenex_buffer **buffer, qenex_error **error) { return qenex_assets_list(session_, buffer, error); });
    }
    Answer<Records<qenex_owner_record>> list_account_owners(const Id &account) const
    {
        return records<How, qenex_owner_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_account_owners_list(session_, &account, buffer, error);
        });
    }
    Answer<Records<qenex_block_record>> list_account_blocks(const Id &account) const
    {
        return records<How, qenex_block_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_account_blocks_list(session_, &account, buffer, error);
        });
    }
    // keys holds that one account; the same for its limits.
    Answer<Records<qenex_account_number_record>> list_account_numbers(const BatchView<qenex_account_key> &keys,
                                                                      std::uint64_t after = 0,
                                                                      std::uint32_t limit = 0) const
    {
        return records<How, qenex_account_number_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_account_numbers_list(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                              keys.arena.size(), after, limit, buffer, error);
        });
    }
    Answer<Records<qenex_account_limit_record>> list_account_limits(const BatchView<qenex_account_key> &keys) const
    {
        return records<How, qenex_account_limit_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_account_limits_list(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                             keys.arena.size(), buffer, error);
        });
    }

  protected:
    using Payments<How>::session_;
};

} // namespace detail

} // namespace qenex

#endif
