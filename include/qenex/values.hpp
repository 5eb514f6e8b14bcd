// Ids, amounts, days and moments as values, currencies, the version. Part of qenex.hpp. SPDX-License-Identifier: MIT
#ifndef QENEX_VALUES_HPP
#define QENEX_VALUES_HPP

#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "error.hpp"

namespace qenex
{

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

} // namespace qenex

#endif
