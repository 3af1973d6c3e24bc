// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// How far one consumer has come, and on which thread. One writer, any number of readers. Wait-free.
//   E2  publish -> consumed: the reader sees the consumer's last reads and destructions, and the partial_end_ with it.
//   X1  everywhere below: of the thread only "this very one" matters, which sees its own stores; hints promise a recent value,
//       statistics carry no data; E2 carries partial_end_ where it matters.
#pragma once

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/platform/thread.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// Which thread consumes: a blocking reserve() on it fails, not deadlocks; checked builds report a second one. Wait-free.
class consuming_thread {
public:
    /// This thread holds events that it has not released.
    void set_holder() noexcept { holder_.store(this_thread_token(), std::memory_order_relaxed); }
    void clear_holder() noexcept { holder_.store(0, std::memory_order_relaxed); }
    [[nodiscard]] bool is_this() const noexcept {
        return holder_.load(std::memory_order_relaxed) == this_thread_token();
    }

    void enter() noexcept {
        if constexpr (EVPROC_CHECKED == 0) return;
        thread_token nobody = 0;
        [[maybe_unused]] bool const alone = inside_.compare_exchange_strong(
            nobody, this_thread_token(), std::memory_order_relaxed, std::memory_order_relaxed);
        EVPROC_CHECK(
            alone || nobody != this_thread_token(),
            "a consumer's verb was called from inside a handler, or while this thread holds a committed_batch");
        EVPROC_CHECK(alone, "two threads consume from one ring at once");
    }
    void leave() noexcept {
        if constexpr (EVPROC_CHECKED != 0) inside_.store(0, std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_entered() const noexcept { return inside_.load(std::memory_order_relaxed) != 0; }

private:
    atomic<thread_token> holder_{0};
    atomic<thread_token> inside_{0};  ///< in checked builds
};

/// The calling thread consumes while this lives.
class consumer_scope {
public:
    EVPROC_ALWAYS_INLINE explicit consumer_scope(consuming_thread& thread) noexcept : thread_{thread} {
        thread_.enter();
        thread_.set_holder();
    }
    EVPROC_ALWAYS_INLINE ~consumer_scope() {
        thread_.clear_holder();
        thread_.leave();
    }
    consumer_scope(consumer_scope const&) = delete;
    consumer_scope& operator=(consumer_scope const&) = delete;

private:
    consuming_thread& thread_;
};

class consumer_position {
public:
    explicit consumer_position(position first) noexcept : consumed_{first} {}

    [[nodiscard]] consuming_thread& thread() noexcept { return thread_; }

    EVPROC_ALWAYS_INLINE void publish(read_cursor const& c) noexcept {
        if (c.is_in_record()) [[unlikely]]
            partial_end_.store(c.end, std::memory_order_relaxed);
        if (c.discarded != discarded_.load(std::memory_order_relaxed)) [[unlikely]]
            discarded_.store(c.discarded, std::memory_order_relaxed);
        // E2 release: reads and destructions of everything before it happen before its next use.
        consumed_.store(c.at, std::memory_order_release);
    }

    [[nodiscard]] bool is_consuming_here() const noexcept { return thread_.is_this(); }

    /// Everything before this is consumed, and the consumer's work on it is visible.
    [[nodiscard]] position consumed() const noexcept {
        // E2 acquire: the consumer's work on everything before this position.
        return consumed_.load(std::memory_order_acquire);
    }

    [[nodiscard]] static constexpr bool is_abandoned() noexcept { return false; }

    [[nodiscard]] EVPROC_ALWAYS_INLINE position consumed_approx() const noexcept {
        return consumed_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t discarded_approx() const noexcept { return discarded_.load(std::memory_order_relaxed); }
    /// Where the record ends that was last consumed in part.
    [[nodiscard]] position partial_end() const noexcept { return partial_end_.load(std::memory_order_relaxed); }

private:
    alignas(false_sharing_range) atomic<position> consumed_;
    atomic<position> partial_end_{0};
    atomic<std::uint64_t> discarded_{0};
    consuming_thread thread_;
};

}  // namespace evproc::detail::inline EVPROC_ABI
