// Sessions, and the engine that they belong to. Part of qenex.hpp. SPDX-License-Identifier: MIT
#ifndef QENEX_ENGINE_HPP
#define QENEX_ENGINE_HPP

#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "questions.hpp"

namespace qenex
{

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
