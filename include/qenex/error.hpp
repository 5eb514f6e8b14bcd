// What goes wrong: exceptions, and Expected for calls that do not throw. Part of qenex.hpp. SPDX-License-Identifier:
// MIT
#ifndef QENEX_ERROR_HPP
#define QENEX_ERROR_HPP

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "../qenex.h"

namespace qenex
{

// What went wrong in a call: nothing of it was applied, unless the status is QENEX_OUTCOME_UNKNOWN.
class Error : public std::runtime_error
{
  public:
    Error(qenex_status status, const std::string &message, std::int64_t item = -1, std::int32_t sqlite_code = 0)
        : std::runtime_error(message), status_(status), item_(item), sqlite_code_(sqlite_code)
    {
    }
    qenex_status status() const noexcept
    {
        return status_;
    }
    const char *name() const noexcept
    {
        return qenex_status_name(status_);
    }
    // Index of the item of the batch that the error belongs to; -1: to none.
    std::int64_t item() const noexcept
    {
        return item_;
    }
    // SQLite's extended result code; 0: it had no part in the error.
    std::int32_t sqlite_code() const noexcept
    {
        return sqlite_code_;
    }

  private:
    qenex_status status_;
    std::int64_t item_;
    std::int32_t sqlite_code_;
};

// A one-line call was refused; the file is as it was.
class Refused : public Error
{
  public:
    explicit Refused(const qenex_result &result)
        : Error(result.status, qenex_status_explanation(result.status), 0), result_(result)
    {
    }
    const qenex_result &result() const noexcept
    {
        return result_;
    }

  private:
    qenex_result result_;
};

// A value, or the error that there is in its place.
template <class T> class Expected
{
  public:
    Expected(T value) : held_(std::in_place_index<0>, std::move(value))
    {
    }
    Expected(Error error) : held_(std::in_place_index<1>, std::move(error))
    {
    }
    bool has_value() const noexcept
    {
        return held_.index() == 0;
    }
    explicit operator bool() const noexcept
    {
        return has_value();
    }
    // The value; throws the error when there is none.
    T &value() &
    {
        check();
        return *std::get_if<0>(&held_);
    }
    T value() &&
    {
        check();
        return std::move(*std::get_if<0>(&held_));
    }
    T &operator*() &
    {
        return value();
    }
    T *operator->()
    {
        return &value();
    }
    // The error; only where there is no value.
    const Error &error() const
    {
        return std::get<1>(held_);
    }

  private:
    void check() const
    {
        if (const Error *error = std::get_if<1>(&held_)) {
            throw *error;
        }
    }
    std::variant<T, Error> held_;
};

template <> class Expected<void>
{
  public:
    Expected() = default;
    Expected(Error error) : error_(std::move(error))
    {
    }
    bool has_value() const noexcept
    {
        return !error_;
    }
    explicit operator bool() const noexcept
    {
        return has_value();
    }
    void value() const
    {
        if (error_) {
            throw *error_;
        }
    }
    const Error &error() const
    {
        return error_.value();
    }

  private:
    std::optional<Error> error_;
};

namespace detail
{

// Receives the error object of a call.
class ErrorSlot
{
  public:
    ErrorSlot() = default;
    ErrorSlot(const ErrorSlot &) = delete;
    ErrorSlot &operator=(const ErrorSlot &) = delete;
    ~ErrorSlot()
    {
        qenex_error_free(error_);
    }
    operator qenex_error **() noexcept
    {
        return &error_;
    }
    Error read(qenex_status status) const
    {
        if (error_ == nullptr) {
            return Error(status, qenex_status_explanation(status));
        }
        std::size_t length = 0;
        const char *message = qenex_error_message(error_, &length);
        return Error(qenex_error_status(error_), std::string(message, length), qenex_error_item(error_),
                     qenex_error_sqlite_code(error_));
    }

  private:
    qenex_error *error_ = nullptr;
};

inline void must(qenex_status status, const ErrorSlot &error)
{
    if (status < 0) {
        throw error.read(status);
    }
}

template <class Write> std::string written(Write write)
{
    char buffer[64];
    std::size_t length = 0;
    ErrorSlot error;
    must(write(buffer, sizeof buffer, &length, error), error);
    return std::string(buffer, length);
}

} // namespace detail

} // namespace qenex

#endif
