// Transfers, holds, reversals, records of the host, and the queue. Part of qenex.hpp. SPDX-License-Identifier: MIT
#ifndef QENEX_PAYMENTS_HPP
#define QENEX_PAYMENTS_HPP

#include <exception>
#include <functional>
#include <optional>

#include "calls.hpp"

namespace qenex
{

namespace detail
{

// Commands in bulk give one result per item, in order; the results say what was refused and why.
template <class How> class Payments : public Calls<How>
{
  public:
    template <class T> using Answer = typename How::template Answer<T>;
    using Completion = std::function<void(qenex_status, Span<const qenex_result>, std::string_view)>;
    using Calls<How>::Calls;

    // A one-line call, which throws (or gives) Refused when the payment was refused. With an id a payment happens once
    // however often the call is repeated.
    Answer<qenex_result> transfer(std::string_view from, std::string_view to, std::string_view amount,
                                  std::string_view currency, std::optional<Id> id = std::nullopt) const
    {
        return one<How>([&](qenex_result *result, qenex_error **error) {
            return qenex_transfer_simple(session_, id ? &*id : nullptr, from.data(), from.size(), to.data(), to.size(),
                                         amount.data(), amount.size(), currency.data(), currency.size(), result, error);
        });
    }
    Answer<std::string> balance_text(std::string_view number, std::string_view currency) const
    {
        return answer<How, std::string>([&](std::string &text, qenex_error **error) {
            char buffer[64];
            std::size_t length = 0;
            const qenex_status status = qenex_balance_text(session_, number.data(), number.size(), currency.data(),
                                                           currency.size(), buffer, sizeof buffer, &length, error);
            if (status == QENEX_OK) {
                text.assign(buffer, length);
            }
            return status;
        });
    }
    // Commands of different kinds, in one commit.
    Answer<Results> execute(const Commands &commands, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_execute, BatchView<qenex_command>(commands), options);
    }
    Answer<Results> create_transfers(const BatchView<qenex_transfer> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_transfers_create, batch, options);
    }
    Answer<Results> reverse_transfers(const BatchView<qenex_reversal> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_transfers_reverse, batch, options);
    }
    Answer<Results> place_holds(const BatchView<qenex_hold> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_holds_place, batch, options);
    }
    Answer<Results> increase_holds(const BatchView<qenex_hold_increase> &batch,
                                   const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_holds_increase, batch, options);
    }
    Answer<Results> capture_holds(const BatchView<qenex_hold_capture> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_holds_capture, batch, options);
    }
    Answer<Results> release_holds(const BatchView<qenex_hold_release> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_holds_release, batch, options);
    }
    // The result says whether time advanced.
    Answer<qenex_result> advance_time(Time to, const ExecuteOptions &options = {}) const
    {
        return answer<How, qenex_result>([&](qenex_result &result, qenex_error **error) {
            return qenex_time_advance_to(session_, to, &options, &result, error);
        });
    }
    // Queues a batch; what became of it comes from Engine::collect under the same tag.
    template <class T>
    Answer<void> submit(std::uint32_t kind, const BatchView<T> &batch, std::uint64_t tag,
                        const ExecuteOptions &options = {}) const
    {
        return done<How>([&](qenex_error **error) {
            return qenex_submit(session_, kind, batch.records.data(), batch.records.size(), sizeof(T), batch.bytes(),
                                batch.arena.size(), &options, tag, error);
        });
    }
    template <class T>
    Answer<void> submit(std::uint32_t kind, const Batch<T> &batch, std::uint64_t tag,
                        const ExecuteOptions &options = {}) const
    {
        return submit(kind, BatchView<T>(batch), tag, options);
    }
    // As submit, but completion is called once with the status, the results and, when nothing was applied, the message,
    // in a thread of the library's. It must not use the engine; what it throws is dropped.
    template <class T>
    Answer<void> submit_notify(std::uint32_t kind, const Batch<T> &records, Completion completion,
                               const ExecuteOptions &options = {}) const
    {
        const BatchView<T> batch(records);
        // The library frees it through forget, exactly once, also when the call fails.
        Completion *const kept = new Completion(std::move(completion));
        return done<How>([&](qenex_error **error) {
            return qenex_submit_notify(session_, kind, batch.records.data(), batch.records.size(), sizeof(T),
                                       batch.bytes(), batch.arena.size(), &options, tell, kept, forget, error);
        });
    }
    Answer<Results> put_host_records(const BatchView<qenex_host_record> &batch,
                                     const ExecuteOptions &options = {}) const
    {
        return bulk<How>(session_, qenex_host_records_put, batch, options);
    }
    Answer<Records<qenex_host_value>> get_host_record(std::string_view name_space, std::string_view record) const
    {
        return records<How, qenex_host_value>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_host_record_get(session_, name_space.data(), name_space.size(), record.data(), record.size(),
                                         buffer, error);
        });
    }
    Answer<Records<qenex_transfer_record>> get_transfers(Span<const qenex_id> ids) const
    {
        return records<How, qenex_transfer_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_transfers_get(session_, ids.data(), ids.size(), buffer, error);
        });
    }
    Answer<Records<qenex_transfer_record>> get_transaction(const Id &id) const
    {
        return records<How, qenex_transfer_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_transaction_get(session_, &id, buffer, error);
        });
    }
    Answer<Records<qenex_transfer_record>> transfers_by_reference(std::string_view reference) const
    {
        return records<How, qenex_transfer_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_transfers_by_reference(session_, reference.data(), reference.size(), buffer, error);
        });
    }
    // A page may be short, or empty, and have a cursor all the same: go on with the same filter.
    Answer<Records<qenex_transfer_record>> find_transfers(const TransferFilter &filter) const
    {
        return records<How, qenex_transfer_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_transfers_find(session_, &filter, buffer, error);
        });
    }
    Answer<Records<qenex_hold_record>> get_holds(Span<const qenex_id> ids) const
    {
        return records<How, qenex_hold_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_holds_get(session_, ids.data(), ids.size(), buffer, error);
        });
    }
    Answer<Records<qenex_hold_record>> list_holds(const Id &account, std::uint64_t after = 0,
                                                  std::uint32_t limit = 0) const
    {
        return records<How, qenex_hold_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_holds_list(session_, &account, after, limit, buffer, error);
        });
    }

  protected:
    using Calls<How>::session_;

  private:
    static void tell(void *kept, qenex_status status, const qenex_result *results, std::size_t count,
                     const char *message, std::size_t message_len)
    {
        try {
            (*static_cast<Completion *>(kept))(status, Span<const qenex_result>(results, count),
                                               std::string_view(message, message_len));
        } catch (...) {
        }
    }
    static void forget(void *kept)
    {
        delete static_cast<Completion *>(kept);
    }
};

} // namespace detail

} // namespace qenex

#endif
