// How a session calls the library: what throws and what gives an Expected, and the shapes that calls have. Part of
// qenex.hpp. SPDX-License-Identifier: MIT
#ifndef QENEX_CALLS_HPP
#define QENEX_CALLS_HPP

#include <type_traits>
#include <utility>
#include <vector>

#include "records.hpp"

namespace qenex
{

namespace detail
{

// Throws what goes wrong.
struct Throwing {
    template <class T> using Answer = T;
    template <class T> static T give(Expected<T> &&expected)
    {
        return std::move(expected).value();
    }
    static void give(Expected<void> &&expected)
    {
        expected.value();
    }
};

// Gives it back.
struct Returning {
    template <class T> using Answer = Expected<T>;
    template <class T> static Expected<T> give(Expected<T> &&expected)
    {
        return std::move(expected);
    }
};

using Results = std::vector<qenex_result>;

// Whose calls these are. The classes above it, one for each subject, form a chain that ends in Operations.
template <class How> class Calls
{
  public:
    explicit Calls(qenex_session *session) noexcept : session_(session)
    {
    }

  protected:
    qenex_session *session_;
};

inline const qenex_account_key *first(const BatchView<qenex_account_key> &keys) noexcept
{
    return keys.records.size() == 1 ? keys.records.data() : nullptr;
}
// A value that the call fills.
template <class How, class T, class Call> typename How::template Answer<T> answer(Call call)
{
    T value{};
    ErrorSlot error;
    const qenex_status status = call(value, static_cast<qenex_error **>(error));
    return How::give(status < 0 ? Expected<T>(error.read(status)) : Expected<T>(std::move(value)));
}
template <class How, class Call> typename How::template Answer<void> done(Call call)
{
    ErrorSlot error;
    const qenex_status status = call(static_cast<qenex_error **>(error));
    return How::give(status < 0 ? Expected<void>(error.read(status)) : Expected<void>());
}
// A one-line call, whose refusal is an error too.
template <class How, class Call> typename How::template Answer<qenex_result> one(Call call)
{
    qenex_result result{};
    ErrorSlot error;
    const qenex_status status = call(&result, static_cast<qenex_error **>(error));
    if constexpr (std::is_same_v<How, Throwing>) {
        if (status > 0) {
            throw Refused(result);
        }
    }
    if (status != QENEX_OK) {
        return How::give(status < 0 ? Expected<qenex_result>(error.read(status))
                                    : Expected<qenex_result>(Refused(result)));
    }
    return How::give(Expected<qenex_result>(result));
}
// Records of a buffer that the call makes.
template <class How, class T, class Call> typename How::template Answer<Records<T>> records(Call call)
{
    qenex_buffer *buffer = nullptr;
    ErrorSlot error;
    const qenex_status status = call(&buffer, static_cast<qenex_error **>(error));
    Records<T> found(buffer);
    return How::give(status < 0 ? Expected<Records<T>>(error.read(status)) : Expected<Records<T>>(std::move(found)));
}
// Commands of one kind.
template <class How, class Function, class T>
typename How::template Answer<Results> bulk(qenex_session *session, Function function, const BatchView<T> &batch,
                                            const ExecuteOptions &options)
{
    return answer<How, Results>([&](Results &results, qenex_error **error) {
        results.resize(batch.records.size() <= QENEX_BATCH_MAX ? batch.records.size() : 0);
        return function(session, batch.records.data(), batch.records.size(), sizeof(T), batch.bytes(),
                        batch.arena.size(), &options, results.data(), error);
    });
}

} // namespace detail

} // namespace qenex

#endif
