// What a call takes: records with the texts that they point to, and options. Part of qenex.hpp.
// SPDX-License-Identifier: MIT
#ifndef QENEX_BATCH_HPP
#define QENEX_BATCH_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "values.hpp"

namespace qenex
{

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

// Splits an amount in proportion to weights by the largest remainder: the parts sum to it.
inline std::vector<Amount> allocate(const Amount &total, Span<const std::uint64_t> weights)
{
    std::vector<qenex_amount> parts(weights.size());
    detail::ErrorSlot error;
    detail::must(qenex_allocate(&total, weights.data(), weights.size(), parts.data(), error), error);
    return std::vector<Amount>(parts.begin(), parts.end());
}

namespace detail
{
inline const std::uint8_t *bytes_of(std::string_view bytes) noexcept
{
    return bytes.empty() ? nullptr : reinterpret_cast<const std::uint8_t *>(bytes.data());
}
} // namespace detail

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
    // Keeps records that a field holds an array of: split.parts = batch.put_array<qenex_split_part>(parts), and days:
    // calendar.holidays = batch.put_array<qenex_date>(days). Their texts must have come from put.
    template <class Part> qenex_text put_array(Span<const Part> parts)
    {
        return put(std::string_view(reinterpret_cast<const char *>(parts.data()), parts.size() * sizeof(Part)));
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
        return detail::bytes_of(arena);
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
        cursor = detail::bytes_of(page);
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
        cursor = detail::bytes_of(page);
        cursor_len = page.size();
    }
};

} // namespace qenex

#endif
