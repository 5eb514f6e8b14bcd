// libqenex for C++17: engines, sessions and answers that free themselves, amounts and ids as values, exceptions by
// default and the same calls without them. Header only; link the library. SPDX-License-Identifier: MIT
//
//     qenex::Engine bank("bank.db");
//     qenex::Session teller = bank.session("teller");
//     teller.create_account("ACC001", "USD", "250.00");
//     teller.create_account("ACC002", "USD");
//     teller.transfer("ACC001", "ACC002", "100.00", "USD");
//     std::string balance = teller.balance_text("ACC001", "USD");   // "150.00"
//
// A call that fails throws qenex::Error with status, message and item. teller.no_throw().transfer(...) gives a
// qenex::Expected instead. In batches a refused item is no error: its result says why. Records are those of qenex.h;
// a Batch keeps them together with the texts that they point to.
#ifndef QENEX_HPP
#define QENEX_HPP

#include <chrono>
#include <cstring>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "qenex.h"

namespace qenex
{

// ---- errors ----

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

// ---- values ----

// A 128-bit id. Without arguments: none.
struct Id : qenex_id {
    Id() noexcept : qenex_id{}
    {
    }
    Id(const qenex_id &id) noexcept : qenex_id(id)
    {
    }
    // A new one: a UUID of version 7, greater than every one made before in this process.
    static Id make()
    {
        Id id;
        detail::ErrorSlot error;
        detail::must(qenex_id_new(&id, error), error);
        return id;
    }
    static Id parse(std::string_view text)
    {
        Id id;
        detail::ErrorSlot error;
        detail::must(qenex_id_parse(text.data(), text.size(), &id, error), error);
        return id;
    }
    std::string to_string() const
    {
        return detail::written([this](char *to, std::size_t size, std::size_t *length, qenex_error **error) {
            return qenex_id_format(this, to, size, length, error);
        });
    }
    bool is_none() const noexcept
    {
        return *this == Id();
    }
    friend bool operator==(const Id &a, const Id &b) noexcept
    {
        return std::memcmp(a.bytes, b.bytes, 16) == 0;
    }
    friend bool operator!=(const Id &a, const Id &b) noexcept
    {
        return !(a == b);
    }
    friend bool operator<(const Id &a, const Id &b) noexcept
    {
        return std::memcmp(a.bytes, b.bytes, 16) < 0;
    }
};

// Minor units of an asset (cents) in 128 bits. Arithmetic throws on overflow; there is no way in from a double.
struct Amount : qenex_amount {
    Amount() noexcept : qenex_amount{0, 0}
    {
    }
    Amount(const qenex_amount &amount) noexcept : qenex_amount(amount)
    {
    }
    template <class Integer, class = std::enable_if_t<std::is_integral_v<Integer>>>
    explicit Amount(Integer minor) noexcept
        : qenex_amount{static_cast<std::uint64_t>(minor), std::is_signed_v<Integer> && minor < Integer(0) ? -1 : 0}
    {
    }
    // Reads "100.00" with scale decimals; more decimals are refused, never rounded.
    static Amount parse(std::string_view text, std::uint32_t scale)
    {
        Amount amount;
        detail::ErrorSlot error;
        detail::must(qenex_amount_parse(text.data(), text.size(), scale, &amount, error), error);
        return amount;
    }
    std::string to_string(std::uint32_t scale) const
    {
        return detail::written([this, scale](char *to, std::size_t size, std::size_t *length, qenex_error **error) {
            return qenex_amount_format(this, scale, to, size, length, error);
        });
    }
    Amount &operator+=(const Amount &other)
    {
        detail::ErrorSlot error;
        detail::must(qenex_amount_add(this, &other, this, error), error);
        return *this;
    }
    Amount &operator-=(const Amount &other)
    {
        detail::ErrorSlot error;
        detail::must(qenex_amount_subtract(this, &other, this, error), error);
        return *this;
    }
    friend Amount operator+(Amount a, const Amount &b)
    {
        return a += b;
    }
    friend Amount operator-(Amount a, const Amount &b)
    {
        return a -= b;
    }
    // -1, 0 or 1.
    int compare(const Amount &other) const noexcept
    {
        return qenex_amount_compare(this, &other);
    }
    friend bool operator==(const Amount &a, const Amount &b) noexcept
    {
        return a.compare(b) == 0;
    }
    friend bool operator!=(const Amount &a, const Amount &b) noexcept
    {
        return a.compare(b) != 0;
    }
    friend bool operator<(const Amount &a, const Amount &b) noexcept
    {
        return a.compare(b) < 0;
    }
    friend bool operator>(const Amount &a, const Amount &b) noexcept
    {
        return a.compare(b) > 0;
    }
    friend bool operator<=(const Amount &a, const Amount &b) noexcept
    {
        return a.compare(b) <= 0;
    }
    friend bool operator>=(const Amount &a, const Amount &b) noexcept
    {
        return a.compare(b) >= 0;
    }
};

// A day of the calendar; converts to and from the number YYYYMMDD of the records.
class Date
{
  public:
    Date() noexcept = default;
    Date(qenex_date number) noexcept : number_(number)
    {
    }
    static Date parse(std::string_view text)
    {
        qenex_date number = 0;
        detail::ErrorSlot error;
        detail::must(qenex_date_parse(text.data(), text.size(), &number, error), error);
        return Date(number);
    }
    std::string to_string() const
    {
        return detail::written([this](char *to, std::size_t size, std::size_t *length, qenex_error **error) {
            return qenex_date_format(number_, to, size, length, error);
        });
    }
    Date add_days(std::int32_t days) const
    {
        qenex_date number = 0;
        detail::ErrorSlot error;
        detail::must(qenex_date_add_days(number_, days, &number, error), error);
        return Date(number);
    }
    operator qenex_date() const noexcept
    {
        return number_;
    }

  private:
    qenex_date number_ = 0;
};

// A moment in microseconds since 1970; converts to and from the number of the records.
class Time
{
  public:
    using Clock = std::chrono::system_clock;
    Time() noexcept = default;
    Time(qenex_time microseconds) noexcept : microseconds_(microseconds)
    {
    }
    Time(Clock::time_point moment) noexcept
        : microseconds_(std::chrono::duration_cast<std::chrono::microseconds>(moment.time_since_epoch()).count())
    {
    }
    static Time now() noexcept
    {
        return Time(qenex_time_now());
    }
    static Time parse(std::string_view text)
    {
        qenex_time time = 0;
        detail::ErrorSlot error;
        detail::must(qenex_time_parse(text.data(), text.size(), &time, error), error);
        return Time(time);
    }
    std::string to_string() const
    {
        return detail::written([this](char *to, std::size_t size, std::size_t *length, qenex_error **error) {
            return qenex_time_format(microseconds_, to, size, length, error);
        });
    }
    operator qenex_time() const noexcept
    {
        return microseconds_;
    }

  private:
    qenex_time microseconds_ = 0;
};

inline qenex_currency currency(std::string_view code)
{
    qenex_currency found{};
    detail::ErrorSlot error;
    detail::must(qenex_currency_by_code(code.data(), code.size(), &found, error), error);
    return found;
}

inline qenex_currency currency(std::uint32_t number)
{
    qenex_currency found{};
    detail::ErrorSlot error;
    detail::must(qenex_currency_by_number(number, &found, error), error);
    return found;
}

inline std::string version()
{
    return qenex_version();
}
inline bool has_feature(std::string_view name)
{
    return qenex_has_feature(name.data(), name.size()) != 0;
}

// Throws unless the loaded library has the binary interface that this header was made for; names both versions.
inline void require_compatible_library()
{
    if (qenex_abi_version() != QENEX_ABI_VERSION) {
        throw Error(QENEX_UNSUPPORTED, "libqenex " + version() + " has binary interface " +
                                           std::to_string(qenex_abi_version()) + "; this program was built for " +
                                           std::to_string(QENEX_ABI_VERSION) + ": install the library of its release");
    }
}

// ---- arrays ----

// A view of elements that lie one after another: of a vector, an array, a std::span, or a pointer and a count.
template <class T> class Span
{
  public:
    Span() noexcept = default;
    Span(T *first, std::size_t count) noexcept : first_(first), count_(count)
    {
    }
    template <std::size_t N> Span(T (&array)[N]) noexcept : first_(array), count_(N)
    {
    }
    template <class Range, class = decltype(static_cast<T *>(std::declval<Range &>().data())),
              class = decltype(std::declval<Range &>().size())>
    Span(Range &&range) noexcept : first_(range.data()), count_(range.size())
    {
    }
    T *data() const noexcept
    {
        return first_;
    }
    std::size_t size() const noexcept
    {
        return count_;
    }
    T *begin() const noexcept
    {
        return first_;
    }
    T *end() const noexcept
    {
        return first_ + count_;
    }

  private:
    T *first_ = nullptr;
    std::size_t count_ = 0;
};

// Records and the texts that they point to.
template <class T> class Batch
{
  public:
    // Adds a zeroed record, which is valid until the next one is added.
    T &add()
    {
        return records_.emplace_back(T{});
    }
    void add(const T &record)
    {
        records_.push_back(record);
    }
    // Keeps a text, or bytes, and gives what a record's field holds: transfer.narrative = batch.put("rent").
    qenex_text put(std::string_view text)
    {
        if (text.empty()) {
            return qenex_text{0, 0};
        }
        if (text.size() > QENEX_ARENA_MAX || arena_.size() > QENEX_ARENA_MAX - text.size()) {
            throw Error(QENEX_BATCH_TOO_LARGE, "the texts of a batch take at most " + std::to_string(QENEX_ARENA_MAX) +
                                                   " bytes: split the batch");
        }
        const qenex_text at{static_cast<std::uint32_t>(arena_.size()), static_cast<std::uint32_t>(text.size())};
        arena_.append(text);
        return at;
    }
    void clear() noexcept
    {
        records_.clear();
        arena_.clear();
    }
    void reserve(std::size_t records, std::size_t bytes = 0)
    {
        records_.reserve(records);
        arena_.reserve(bytes);
    }
    std::size_t size() const noexcept
    {
        return records_.size();
    }
    T &operator[](std::size_t index)
    {
        return records_[index];
    }
    Span<const T> records() const noexcept
    {
        return records_;
    }
    std::string_view arena() const noexcept
    {
        return arena_;
    }

  private:
    std::vector<T> records_;
    std::string arena_;
};

// The records of a call, wherever they lie.
template <class T> struct BatchView {
    BatchView(const Batch<T> &batch) : records(batch.records()), arena(batch.arena())
    {
    }
    BatchView(Span<const T> records_, std::string_view arena_ = {}) : records(records_), arena(arena_)
    {
    }
    template <class Range, class = decltype(Span<const T>(std::declval<const Range &>()))>
    BatchView(const Range &range) : records(range)
    {
    }
    const std::uint8_t *bytes() const noexcept
    {
        return arena.empty() ? nullptr : reinterpret_cast<const std::uint8_t *>(arena.data());
    }
    Span<const T> records;
    std::string_view arena;
};

// Commands of different kinds in order.
class Commands : public Batch<qenex_command>
{
  public:
    // Adds a record of the kind QENEX_COMMAND_...; its texts must come from put() of this object.
    template <class T> void add_command(std::uint32_t kind, const T &record)
    {
        const qenex_text at = put(std::string_view(reinterpret_cast<const char *>(&record), sizeof record));
        qenex_command &command = add();
        command.kind = kind;
        command.offset = at.offset;
        command.size = at.length;
    }
};

// How a batch is executed; zeroed: the defaults.
struct ExecuteOptions : qenex_execute_options {
    ExecuteOptions() noexcept : qenex_execute_options{}
    {
        struct_size = sizeof(qenex_execute_options);
    }
    static ExecuteOptions at(Time time)
    {
        ExecuteOptions options;
        options.time = time;
        return options;
    }
    static ExecuteOptions dry_run()
    {
        ExecuteOptions options;
        options.flags = QENEX_EXECUTE_DRY_RUN;
        return options;
    }
};

// As of when something is asked for; zeroed: now.
struct AsOf : qenex_as_of_options {
    AsOf() noexcept : qenex_as_of_options{}
    {
        struct_size = sizeof(qenex_as_of_options);
    }
};

// What a statement shows; zeroed: the newest lines first.
struct StatementOptions : qenex_statement_options {
    StatementOptions() noexcept : qenex_statement_options{}
    {
        struct_size = sizeof(qenex_statement_options);
    }
    // Goes on with the page after the one that had this cursor, which must live until the call is over.
    void go_on(std::string_view page) noexcept
    {
        cursor = page.empty() ? nullptr : reinterpret_cast<const std::uint8_t *>(page.data());
        cursor_len = page.size();
    }
};

// What transfers must be like; every part that is not zero must hold.
struct TransferFilter : qenex_transfer_filter {
    TransferFilter() noexcept : qenex_transfer_filter{}
    {
        struct_size = sizeof(qenex_transfer_filter);
    }
    // The text must live until the call is over.
    void with_reference(std::string_view text) noexcept
    {
        reference = text.data();
        reference_len = text.size();
    }
    void go_on(std::string_view page) noexcept
    {
        cursor = page.empty() ? nullptr : reinterpret_cast<const std::uint8_t *>(page.data());
        cursor_len = page.size();
    }
};

namespace detail
{
struct FreeBuffer {
    void operator()(qenex_buffer *buffer) const noexcept
    {
        qenex_buffer_free(buffer);
    }
};
using BufferPointer = std::unique_ptr<qenex_buffer, FreeBuffer>;
} // namespace detail

// Records that the library made, with their texts. Owns them: what it gives lives as long as it does.
template <class T> class Records
{
  public:
    class Iterator
    {
      public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = const T *;
        using reference = const T &;
        Iterator(const unsigned char *at, std::size_t size) noexcept : at_(at), size_(size)
        {
        }
        reference operator*() const noexcept
        {
            return *reinterpret_cast<const T *>(at_);
        }
        pointer operator->() const noexcept
        {
            return reinterpret_cast<const T *>(at_);
        }
        Iterator &operator++() noexcept
        {
            at_ += size_;
            return *this;
        }
        Iterator operator++(int) noexcept
        {
            Iterator before = *this;
            at_ += size_;
            return before;
        }
        friend bool operator==(const Iterator &a, const Iterator &b) noexcept
        {
            return a.at_ == b.at_;
        }
        friend bool operator!=(const Iterator &a, const Iterator &b) noexcept
        {
            return a.at_ != b.at_;
        }

      private:
        const unsigned char *at_;
        std::size_t size_;
    };

    explicit Records(qenex_buffer *buffer) : buffer_(buffer)
    {
    }
    std::size_t size() const noexcept
    {
        return qenex_buffer_count(buffer_.get());
    }
    bool empty() const noexcept
    {
        return size() == 0;
    }
    // The first record, and the bytes from one to the next.
    const T *data() const noexcept
    {
        return static_cast<const T *>(qenex_buffer_records(buffer_.get()));
    }
    std::size_t record_size() const noexcept
    {
        return stride();
    }
    // Bounds are checked.
    const T &operator[](std::size_t index) const
    {
        if (index >= size()) {
            throw std::out_of_range("qenex: record " + std::to_string(index) + " of " + std::to_string(size()));
        }
        return *reinterpret_cast<const T *>(first() + index * stride());
    }
    Iterator begin() const noexcept
    {
        return Iterator(first(), stride());
    }
    Iterator end() const noexcept
    {
        return Iterator(first() + size() * stride(), stride());
    }
    // The text that a record's field points to.
    std::string_view text(qenex_text at) const noexcept
    {
        const std::string_view all = arena();
        return at.offset <= all.size() ? all.substr(at.offset, at.length) : std::string_view();
    }
    std::string_view arena() const noexcept
    {
        std::size_t length = 0;
        const std::uint8_t *bytes = qenex_buffer_arena(buffer_.get(), &length);
        return bytes == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char *>(bytes), length);
    }
    // Goes on after the last record; empty: there is nothing more.
    std::string_view cursor() const noexcept
    {
        std::size_t length = 0;
        const std::uint8_t *bytes = qenex_buffer_cursor(buffer_.get(), &length);
        return bytes == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char *>(bytes), length);
    }
    // The results of a completion.
    Span<const qenex_result> results(const qenex_completion &completion) const noexcept
    {
        std::size_t count = 0;
        const qenex_result *results = qenex_buffer_results(buffer_.get(), &count);
        if (results == nullptr || completion.first_result > count ||
            completion.results > count - completion.first_result) {
            return {};
        }
        return Span<const qenex_result>(results + completion.first_result, completion.results);
    }

  private:
    const unsigned char *first() const noexcept
    {
        return static_cast<const unsigned char *>(qenex_buffer_records(buffer_.get()));
    }
    std::size_t stride() const noexcept
    {
        return qenex_buffer_record_size(buffer_.get());
    }
    detail::BufferPointer buffer_;
};

// ---- operations ----

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

// Everything that a session does, once for both ways of telling an error.
template <class How> class Operations
{
  public:
    template <class T> using Answer = typename How::template Answer<T>;
    using Results = std::vector<qenex_result>;

    using Completion = std::function<void(qenex_status, Span<const qenex_result>, std::string_view)>;

    explicit Operations(qenex_session *session) noexcept : session_(session)
    {
    }

    // One-line calls. create_account and transfer throw (or give) Refused when the item was refused.
    Answer<qenex_result> create_account(std::string_view number, std::string_view currency,
                                        std::string_view opening_balance = {}) const
    {
        return one([&](qenex_result *result, qenex_error **error) {
            return qenex_account_open_simple(session_, number.data(), number.size(), currency.data(), currency.size(),
                                             opening_balance.data(), opening_balance.size(), result, error);
        });
    }
    // With an id a payment happens once however often the call is repeated.
    Answer<qenex_result> transfer(std::string_view from, std::string_view to, std::string_view amount,
                                  std::string_view currency, std::optional<Id> id = std::nullopt) const
    {
        return one([&](qenex_result *result, qenex_error **error) {
            return qenex_transfer_simple(session_, id ? &*id : nullptr, from.data(), from.size(), to.data(), to.size(),
                                         amount.data(), amount.size(), currency.data(), currency.size(), result, error);
        });
    }
    Answer<std::string> balance_text(std::string_view number, std::string_view currency) const
    {
        return answer<std::string>([&](std::string &text, qenex_error **error) {
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
    Answer<std::uint32_t> asset_number(std::string_view code) const
    {
        return answer<std::uint32_t>([&](std::uint32_t &number, qenex_error **error) {
            return qenex_asset_number(session_, code.data(), code.size(), &number, error);
        });
    }

    // Commands in bulk: one result per item, in order; the results say what was refused and why.
    Answer<Results> execute(const Commands &commands, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_execute, BatchView<qenex_command>(commands), options);
    }
    Answer<Results> create_transfers(const BatchView<qenex_transfer> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_transfers_create, batch, options);
    }
    Answer<Results> reverse_transfers(const BatchView<qenex_reversal> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_transfers_reverse, batch, options);
    }
    Answer<Results> place_holds(const BatchView<qenex_hold> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_holds_place, batch, options);
    }
    Answer<Results> increase_holds(const BatchView<qenex_hold_increase> &batch,
                                   const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_holds_increase, batch, options);
    }
    Answer<Results> capture_holds(const BatchView<qenex_hold_capture> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_holds_capture, batch, options);
    }
    Answer<Results> release_holds(const BatchView<qenex_hold_release> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_holds_release, batch, options);
    }
    Answer<Results> create_entities(const BatchView<qenex_entity> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_entities_create, batch, options);
    }
    Answer<Results> create_assets(const BatchView<qenex_asset> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_assets_create, batch, options);
    }
    Answer<Results> open_accounts(const BatchView<qenex_account> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_accounts_open, batch, options);
    }
    Answer<Results> set_account_numbers(const BatchView<qenex_account_number> &batch,
                                        const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_account_numbers_set, batch, options);
    }
    Answer<Results> set_account_blocks(const BatchView<qenex_account_block> &batch,
                                       const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_account_blocks_set, batch, options);
    }
    Answer<Results> set_account_limits(const BatchView<qenex_account_limit> &batch,
                                       const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_account_limits_set, batch, options);
    }
    Answer<Results> close_accounts(const BatchView<qenex_account_close> &batch,
                                   const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_accounts_close, batch, options);
    }
    Answer<Results> roll_business_dates(const BatchView<qenex_business_date> &batch,
                                        const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_business_dates_roll, batch, options);
    }
    Answer<Results> close_periods(const BatchView<qenex_period_close> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_periods_close, batch, options);
    }
    Answer<Results> put_host_records(const BatchView<qenex_host_record> &batch,
                                     const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_host_records_put, batch, options);
    }
    // Defines business calendars, or replaces them whole.
    Answer<Results> set_calendars(const BatchView<qenex_calendar> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_calendars_set, batch, options);
    }
    // Sets the rules of entities: their calendar, and when a customer's account becomes dormant.
    Answer<Results> set_entity_rules(const BatchView<qenex_entity_rules> &batch,
                                     const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_entity_rules_set, batch, options);
    }
    // Schedules transfers for days to come.
    Answer<Results> schedule_transfers(const BatchView<qenex_schedule> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_transfers_schedule, batch, options);
    }
    // Takes scheduled transfers back that still wait.
    Answer<Results> cancel_schedules(const BatchView<qenex_schedule_cancel> &batch,
                                     const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_schedules_cancel, batch, options);
    }
    // Seals a portion of the balances of days that are over; end_day does it to the end.
    Answer<Results> seal_day_portions(const BatchView<qenex_day_end> &batch, const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_day_end_portions, batch, options);
    }
    // Closes a portion of the income and expense accounts; end_year does it to the end.
    Answer<Results> close_year_portions(const BatchView<qenex_year_end> &batch,
                                        const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_year_end_portions, batch, options);
    }
    // Links owners to accounts, or ends links.
    Answer<Results> set_account_owners(const BatchView<qenex_account_owner> &batch,
                                       const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_account_owners_set, batch, options);
    }
    // Brings dormant accounts back to life.
    Answer<Results> reactivate_accounts(const BatchView<qenex_reactivation> &batch,
                                        const ExecuteOptions &options = {}) const
    {
        return bulk(qenex_accounts_reactivate, batch, options);
    }
    // The result says why a day was refused; portion accounts a commit, 0: the default.
    Answer<qenex_result> end_day(Date day, std::uint32_t entity = 0, std::uint32_t portion = 0) const
    {
        return answer<qenex_result>([&](qenex_result &result, qenex_error **error) {
            return qenex_day_end_run(session_, entity, day, portion, &result, error);
        });
    }
    // Closes income and expense accounts into the equity account with the number retained.
    Answer<qenex_result> end_year(Date through, std::string_view retained, std::uint32_t entity = 0,
                                  std::uint32_t code = 0) const
    {
        return answer<qenex_result>([&](qenex_result &result, qenex_error **error) {
            return qenex_year_end_run(session_, entity, through, retained.data(), retained.size(), code, &result,
                                      error);
        });
    }
    // Rolls the business date to the next business day of the entity's calendar.
    Answer<qenex_result> next_business_date(std::uint32_t entity = 0) const
    {
        return answer<qenex_result>([&](qenex_result &result, qenex_error **error) {
            return qenex_business_date_next(session_, entity, &result, error);
        });
    }
    // The result says whether time advanced.
    Answer<qenex_result> advance_time(Time to, const ExecuteOptions &options = {}) const
    {
        return answer<qenex_result>([&](qenex_result &result, qenex_error **error) {
            return qenex_time_advance_to(session_, to, &options, &result, error);
        });
    }
    // Queues a batch; what became of it comes from Engine::collect under the same tag.
    template <class T>
    Answer<void> submit(std::uint32_t kind, const BatchView<T> &batch, std::uint64_t tag,
                        const ExecuteOptions &options = {}) const
    {
        return done([&](qenex_error **error) {
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
        return done([&](qenex_error **error) {
            return qenex_submit_notify(session_, kind, batch.records.data(), batch.records.size(), sizeof(T),
                                       batch.bytes(), batch.arena.size(), &options, tell, kept, forget, error);
        });
    }

    // Questions. One answer per key; its status says whether the account and the asset are known.
    Answer<std::vector<qenex_balance>> get_balances(const BatchView<qenex_account_key> &keys,
                                                    const AsOf &as_of = {}) const
    {
        return answer<std::vector<qenex_balance>>([&](std::vector<qenex_balance> &balances, qenex_error **error) {
            balances.resize(keys.records.size());
            return qenex_balances_get(session_, keys.records.data(), keys.records.size(), sizeof(qenex_account_key),
                                      keys.bytes(), keys.arena.size(), &as_of, balances.data(), error);
        });
    }
    // The sum of the balances of an account and of all below it; keys holds that one account.
    Answer<qenex_balance> get_balance_below(const BatchView<qenex_account_key> &keys) const
    {
        return answer<qenex_balance>([&](qenex_balance &balance, qenex_error **error) {
            return qenex_balance_hierarchy(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                           keys.arena.size(), &balance, error);
        });
    }
    Answer<Records<qenex_account_record>> get_accounts(const BatchView<qenex_account_key> &keys) const
    {
        return records<qenex_account_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_accounts_get(session_, keys.records.data(), keys.records.size(), sizeof(qenex_account_key),
                                      keys.bytes(), keys.arena.size(), buffer, error);
        });
    }
    Answer<Records<qenex_account_record>> list_accounts(std::optional<Id> parent = std::nullopt,
                                                        std::uint64_t after = 0, std::uint32_t limit = 0) const
    {
        return records<qenex_account_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_accounts_list(session_, parent ? &*parent : nullptr, after, limit, buffer, error);
        });
    }
    Answer<Records<qenex_entity_record>> list_entities() const
    {
        return records<qenex_entity_record>(
            [&](qenex_buffer **buffer, qenex_error **error) { return qenex_entities_list(session_, buffer, error); });
    }
    Answer<Records<qenex_asset_record>> list_assets() const
    {
        return records<qenex_asset_record>(
            [&](qenex_buffer **buffer, qenex_error **error) { return qenex_assets_list(session_, buffer, error); });
    }
    Answer<Records<qenex_host_value>> get_host_record(std::string_view name_space, std::string_view record) const
    {
        return records<qenex_host_value>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_host_record_get(session_, name_space.data(), name_space.size(), record.data(), record.size(),
                                         buffer, error);
        });
    }
    Answer<Records<qenex_trial_line>> trial_balance(std::uint32_t entity = 0) const
    {
        return records<qenex_trial_line>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_trial_balance(session_, entity, buffer, error);
        });
    }
    Answer<Records<qenex_transfer_record>> get_transfers(Span<const qenex_id> ids) const
    {
        return records<qenex_transfer_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_transfers_get(session_, ids.data(), ids.size(), buffer, error);
        });
    }
    Answer<Records<qenex_transfer_record>> get_transaction(const Id &id) const
    {
        return records<qenex_transfer_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_transaction_get(session_, &id, buffer, error);
        });
    }
    Answer<Records<qenex_transfer_record>> transfers_by_reference(std::string_view reference) const
    {
        return records<qenex_transfer_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_transfers_by_reference(session_, reference.data(), reference.size(), buffer, error);
        });
    }
    // A page may be short, or empty, and have a cursor all the same: go on with the same filter.
    Answer<Records<qenex_transfer_record>> find_transfers(const TransferFilter &filter) const
    {
        return records<qenex_transfer_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_transfers_find(session_, &filter, buffer, error);
        });
    }
    // A page of the statement of an account; keys holds the account and the asset.
    Answer<Records<qenex_statement_line>> statement(const BatchView<qenex_account_key> &keys,
                                                    const StatementOptions &options = {}) const
    {
        return records<qenex_statement_line>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_statement_get(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                       keys.arena.size(), &options, buffer, error);
        });
    }
    Answer<Records<qenex_hold_record>> get_holds(Span<const qenex_id> ids) const
    {
        return records<qenex_hold_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_holds_get(session_, ids.data(), ids.size(), buffer, error);
        });
    }
    Answer<Records<qenex_hold_record>> list_holds(const Id &account, std::uint64_t after = 0,
                                                  std::uint32_t limit = 0) const
    {
        return records<qenex_hold_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_holds_list(session_, &account, after, limit, buffer, error);
        });
    }
    // The durable changes after a sequence number, in order and without gaps.
    Answer<Records<qenex_feed_entry>> read_feed(std::uint64_t after = 0, std::uint32_t limit = 0) const
    {
        return records<qenex_feed_entry>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_feed_read(session_, after, limit, buffer, error);
        });
    }
    Answer<Records<qenex_trial_line>> trial_balance_as_of(const AsOf &as_of, std::uint32_t entity = 0) const
    {
        return records<qenex_trial_line>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_trial_balance_as_of(session_, entity, &as_of, buffer, error);
        });
    }
    // The struct_size of the options is set here.
    Answer<Records<qenex_trial_account>> list_trial_accounts(qenex_trial_options options) const
    {
        options.struct_size = sizeof options;
        return records<qenex_trial_account>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_trial_accounts_list(session_, &options, buffer, error);
        });
    }
    Answer<Records<qenex_calendar_record>> list_calendars() const
    {
        return records<qenex_calendar_record>(
            [&](qenex_buffer **buffer, qenex_error **error) { return qenex_calendars_list(session_, buffer, error); });
    }
    Answer<Records<qenex_period_record>> list_periods(std::uint32_t entity = 0) const
    {
        return records<qenex_period_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_periods_list(session_, entity, buffer, error);
        });
    }
    Answer<Records<qenex_daily_balance>> list_daily_balances(const Id &account, std::uint32_t asset, Date first_day,
                                                             Date last_day) const
    {
        return records<qenex_daily_balance>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_daily_balances_list(session_, &account, asset, first_day, last_day, buffer, error);
        });
    }
    Answer<Records<qenex_correction>> list_corrections(std::uint32_t entity = 0, std::uint64_t after = 0,
                                                       std::uint32_t limit = 0) const
    {
        return records<qenex_correction>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_corrections_list(session_, entity, after, limit, buffer, error);
        });
    }
    Answer<Records<qenex_schedule_record>> list_schedules(std::uint32_t entity = 0, bool waiting_only = false,
                                                          std::uint64_t after = 0, std::uint32_t limit = 0) const
    {
        return records<qenex_schedule_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_schedules_list(session_, entity, waiting_only, after, limit, buffer, error);
        });
    }
    Answer<Records<qenex_owner_record>> list_account_owners(const Id &account) const
    {
        return records<qenex_owner_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_account_owners_list(session_, &account, buffer, error);
        });
    }
    Answer<Records<qenex_block_record>> list_account_blocks(const Id &account) const
    {
        return records<qenex_block_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_account_blocks_list(session_, &account, buffer, error);
        });
    }
    // keys holds that one account; the same for its limits.
    Answer<Records<qenex_account_number_record>> list_account_numbers(const BatchView<qenex_account_key> &keys,
                                                                      std::uint64_t after = 0,
                                                                      std::uint32_t limit = 0) const
    {
        return records<qenex_account_number_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_account_numbers_list(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                              keys.arena.size(), after, limit, buffer, error);
        });
    }
    Answer<Records<qenex_account_limit_record>> list_account_limits(const BatchView<qenex_account_key> &keys) const
    {
        return records<qenex_account_limit_record>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_account_limits_list(session_, first(keys), sizeof(qenex_account_key), keys.bytes(),
                                             keys.arena.size(), buffer, error);
        });
    }
    Answer<Date> business_day_after(Date day, std::uint32_t entity = 0) const
    {
        return answer<Date>([&](Date &found, qenex_error **error) {
            qenex_date number = 0;
            const qenex_status status = qenex_business_day_after(session_, entity, day, &number, error);
            found = Date(number);
            return status;
        });
    }
    // The sequence number of the last durable change up to a system time; 0: there was none.
    Answer<std::uint64_t> sequence_at(Time time) const
    {
        return answer<std::uint64_t>([&](std::uint64_t &sequence, qenex_error **error) {
            return qenex_sequence_at(session_, time, &sequence, error);
        });
    }
    Answer<std::uint64_t> sequence() const
    {
        return answer<std::uint64_t>([&](std::uint64_t &sequence, qenex_error **error) {
            return qenex_sequence_get(session_, &sequence, error);
        });
    }

  protected:
    qenex_session *session_;

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
    static const qenex_account_key *first(const BatchView<qenex_account_key> &keys) noexcept
    {
        return keys.records.size() == 1 ? keys.records.data() : nullptr;
    }
    template <class T, class Call> static Answer<T> answer(Call call)
    {
        T value{};
        ErrorSlot error;
        const qenex_status status = call(value, static_cast<qenex_error **>(error));
        return How::give(status < 0 ? Expected<T>(error.read(status)) : Expected<T>(std::move(value)));
    }
    template <class Call> static Answer<void> done(Call call)
    {
        ErrorSlot error;
        const qenex_status status = call(static_cast<qenex_error **>(error));
        return How::give(status < 0 ? Expected<void>(error.read(status)) : Expected<void>());
    }
    template <class Call> static Answer<qenex_result> one(Call call)
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
    template <class T, class Call> static Answer<Records<T>> records(Call call)
    {
        qenex_buffer *buffer = nullptr;
        ErrorSlot error;
        const qenex_status status = call(&buffer, static_cast<qenex_error **>(error));
        Records<T> found(buffer);
        return How::give(status < 0 ? Expected<Records<T>>(error.read(status))
                                    : Expected<Records<T>>(std::move(found)));
    }
    template <class Function, class T>
    Answer<Results> bulk(Function function, const BatchView<T> &batch, const ExecuteOptions &options) const
    {
        return answer<Results>([&](Results &results, qenex_error **error) {
            results.resize(batch.records.size() <= QENEX_BATCH_MAX ? batch.records.size() : 0);
            return function(session_, batch.records.data(), batch.records.size(), sizeof(T), batch.bytes(),
                            batch.arena.size(), &options, results.data(), error);
        });
    }
};

} // namespace detail

// Who is acting. Any thread may use it, many at once. It keeps its engine alive, not open.
class Session : public detail::Operations<detail::Throwing>
{
  public:
    explicit Session(qenex_session *owned) noexcept : Operations(owned)
    {
    }
    Session(Session &&other) noexcept : Operations(std::exchange(other.session_, nullptr))
    {
    }
    Session &operator=(Session &&other) noexcept
    {
        if (this != &other) {
            qenex_session_free(session_);
            session_ = std::exchange(other.session_, nullptr);
        }
        return *this;
    }
    ~Session()
    {
        qenex_session_free(session_);
    }
    // Ends the session; what is called afterwards fails with QENEX_INVALID_HANDLE.
    void close() noexcept
    {
        qenex_session_free(session_);
    }
    // The same calls, which give qenex::Expected instead of throwing.
    detail::Operations<detail::Returning> no_throw() const noexcept
    {
        return detail::Operations<detail::Returning>(session_);
    }
    qenex_session *get() const noexcept
    {
        return session_;
    }
};

// How to open an engine; zeroed: the defaults.
struct Options : qenex_options {
    Options() noexcept : qenex_options{}
    {
        struct_size = sizeof(qenex_options);
    }
    // Receives log messages; must not use the engine. What it throws is dropped.
    void on_log(std::function<void(std::uint32_t level, std::string_view target, std::string_view text)> take)
    {
        using Take = decltype(take);
        log_function_ = std::make_shared<Take>(std::move(take));
        log = [](void *data, std::uint32_t level, const char *target, std::size_t target_len, const char *text,
                 std::size_t text_len) {
            try {
                (*static_cast<Take *>(data))(level, std::string_view(target, target_len),
                                             std::string_view(text, text_len));
            } catch (...) {
            }
        };
        log_user_data = log_function_.get();
    }
    // Tells the time; must not use the engine. When it throws, the call fails with QENEX_CLOCK_WENT_BACK.
    void on_clock(std::function<Time()> tell)
    {
        using Tell = decltype(tell);
        clock_function_ = std::make_shared<Tell>(std::move(tell));
        clock = [](void *data) -> qenex_time {
            try {
                return (*static_cast<Tell *>(data))();
            } catch (...) {
                return 0;
            }
        };
        clock_user_data = clock_function_.get();
    }

  private:
    friend class Engine;
    std::shared_ptr<void> log_function_, clock_function_;
};

// An open database. Any thread may use it, many at once.
class Engine
{
  public:
    // Opens a file, creating it unless the flags say otherwise; an empty path with QENEX_OPEN_MEMORY: in memory.
    explicit Engine(std::string_view path, Options options = {})
        : log_(options.log_function_), clock_(options.clock_function_)
    {
        require_compatible_library();
        options.path = path.empty() ? nullptr : path.data();
        options.path_len = path.size();
        detail::ErrorSlot error;
        detail::must(qenex_open(&options, &engine_, error), error);
    }
    static Engine in_memory(Options options = {})
    {
        options.flags |= QENEX_OPEN_MEMORY;
        return Engine(std::string_view(), std::move(options));
    }
    static Expected<Engine> try_open(std::string_view path, Options options = {})
    {
        try {
            return Engine(path, std::move(options));
        } catch (const Error &error) {
            return error;
        }
    }
    Engine(Engine &&other) noexcept
        : engine_(std::exchange(other.engine_, nullptr)), closed_(std::exchange(other.closed_, true)),
          log_(std::move(other.log_)), clock_(std::move(other.clock_))
    {
    }
    Engine &operator=(Engine &&) = delete;
    ~Engine()
    {
        if (!closed_) {
            qenex_close(engine_, nullptr);
        }
    }
    // Closes the file; again does nothing. Sessions fail with QENEX_CLOSED from then on.
    void close()
    {
        if (!std::exchange(closed_, true)) {
            detail::ErrorSlot error;
            detail::must(qenex_close(engine_, error), error);
        }
    }
    Session session(std::string_view principal, std::string_view on_behalf_of = {}) const
    {
        qenex_session *session = nullptr;
        detail::ErrorSlot error;
        detail::must(qenex_session_open(engine_, principal.data(), principal.size(), on_behalf_of.data(),
                                        on_behalf_of.size(), &session, error),
                     error);
        return Session(session);
    }
    // Waits until a submitted batch is done; throws QENEX_TIMED_OUT. The results come from Records::results.
    Records<qenex_completion> collect(std::uint32_t timeout_ms, std::size_t max = 64) const
    {
        return records<qenex_completion>([&](qenex_buffer **buffer, qenex_error **error) {
            return qenex_collect(engine_, timeout_ms, max, buffer, error);
        });
    }
    // Applies a page of another file's feed to this one, which is empty or was filled in this way alone.
    void apply_feed(const Records<qenex_feed_entry> &entries) const
    {
        detail::ErrorSlot error;
        const std::string_view arena = entries.arena();
        detail::must(qenex_feed_apply(engine_, entries.data(), entries.size(), entries.record_size(),
                                      reinterpret_cast<const std::uint8_t *>(arena.data()), arena.size(), error),
                     error);
    }
    qenex_stats stats() const
    {
        qenex_stats stats{};
        stats.struct_size = sizeof stats;
        detail::ErrorSlot error;
        detail::must(qenex_stats_get(engine_, &stats, error), error);
        return stats;
    }
    // progress is told pages done and in all; when it answers false the copy is given up, what it throws is thrown.
    void backup(std::string_view path, std::function<bool(std::uint64_t, std::uint64_t)> progress = {}) const
    {
        struct Told {
            std::function<bool(std::uint64_t, std::uint64_t)> *progress;
            std::exception_ptr thrown;
        } told{&progress, nullptr};
        const qenex_progress_function tell = [](void *data, std::uint64_t done, std::uint64_t total) -> std::int32_t {
            Told &to = *static_cast<Told *>(data);
            try {
                return (*to.progress)(done, total) ? 0 : 1;
            } catch (...) {
                to.thrown = std::current_exception();
                return 1;
            }
        };
        detail::ErrorSlot error;
        const qenex_status status =
            qenex_backup(engine_, path.data(), path.size(), progress ? tell : nullptr, &told, error);
        if (told.thrown) {
            std::rethrow_exception(told.thrown);
        }
        detail::must(status, error);
    }
    // What is wrong with the file, in words; no records: nothing is.
    Records<qenex_text> integrity_check() const
    {
        return records<qenex_text>(
            [&](qenex_buffer **buffer, qenex_error **error) { return qenex_integrity_check(engine_, buffer, error); });
    }
    // SHA3-256 of the whole durable state, 32 bytes.
    std::vector<std::uint8_t> state_hash() const
    {
        std::vector<std::uint8_t> hash(32);
        detail::ErrorSlot error;
        detail::must(qenex_state_hash(engine_, hash.data(), error), error);
        return hash;
    }
    std::string support_bundle() const
    {
        return std::string(records<char>([&](qenex_buffer **buffer, qenex_error **error) {
                               return qenex_support_bundle(engine_, buffer, error);
                           }).arena());
    }
    qenex_engine *get() const noexcept
    {
        return engine_;
    }

  private:
    template <class T, class Call> static Records<T> records(Call call)
    {
        qenex_buffer *buffer = nullptr;
        detail::ErrorSlot error;
        const qenex_status status = call(&buffer, static_cast<qenex_error **>(error));
        Records<T> found(buffer);
        detail::must(status, error);
        return found;
    }
    qenex_engine *engine_ = nullptr;
    bool closed_ = false;
    std::shared_ptr<void> log_, clock_;
};

// Makes a database at target, which must not exist, out of a backup.
inline void restore(std::string_view backup, std::string_view target)
{
    detail::ErrorSlot error;
    detail::must(qenex_restore(backup.data(), backup.size(), target.data(), target.size(), error), error);
}

// Makes everything anew that a closed file keeps beside its transfers and changes; all or nothing.
inline void rebuild_caches(std::string_view path)
{
    detail::ErrorSlot error;
    detail::must(qenex_rebuild_caches(path.data(), path.size(), error), error);
}

// Brings a closed file to the format of this version; gives the formats before and after.
inline std::pair<std::uint32_t, std::uint32_t> upgrade(std::string_view path, bool dry_run = false)
{
    std::uint32_t from = 0, to = 0;
    detail::ErrorSlot error;
    detail::must(qenex_upgrade(path.data(), path.size(), dry_run, &from, &to, error), error);
    return {from, to};
}

} // namespace qenex

#endif
