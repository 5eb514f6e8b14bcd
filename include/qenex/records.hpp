// What a call gives: records that the library made. Part of qenex.hpp. SPDX-License-Identifier: MIT
#ifndef QENEX_RECORDS_HPP
#define QENEX_RECORDS_HPP

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "batch.hpp"

namespace qenex
{

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

// A statement that was cut, and a page of its lines.
struct IssuedStatement {
    qenex_statement_record statement;
    Records<qenex_issued_line> lines;
};

} // namespace qenex

#endif
