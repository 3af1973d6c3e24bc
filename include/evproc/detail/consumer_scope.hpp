// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/check.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/platform/thread.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Which thread consumes: a blocking reserve() on it fails, not deadlocks; checked builds report a second one. Wait-free.
///   X1  everywhere below: the only answer that matters is "this very thread", which sees its own stores; or best effort.
class consuming_thread {
public:
    /// This thread holds events that it has not released.
    void hold() noexcept { holder_.store(this_thread_token(), std::memory_order_relaxed); }
    void let_go() noexcept { holder_.store(0, std::memory_order_relaxed); }
    [[nodiscard]] bool is_this() const noexcept {
        return holder_.load(std::memory_order_relaxed) == this_thread_token();
    }

#if EVPROC_CHECKED
    void enter() noexcept {
        thread_token nobody = 0;
        bool const alone = inside_.compare_exchange_strong(nobody, this_thread_token(), std::memory_order_relaxed,
                                                           std::memory_order_relaxed);
        EVPROC_CHECK(
            alone || nobody != this_thread_token(),
            "a consumer's verb was called from inside a handler, or while this thread holds a committed_batch");
        EVPROC_CHECK(alone, "two threads consume from one ring at once");
    }
    void leave() noexcept { inside_.store(0, std::memory_order_relaxed); }
    [[nodiscard]] bool is_entered() const noexcept { return inside_.load(std::memory_order_relaxed) != 0; }
#else
    void enter() noexcept {}
    void leave() noexcept {}
#endif

private:
    atomic<thread_token> holder_{0};
#if EVPROC_CHECKED
    atomic<thread_token> inside_{0};
#endif
};

/// The calling thread consumes while this lives.
class consumer_scope {
public:
    EVPROC_ALWAYS_INLINE explicit consumer_scope(consuming_thread& thread) noexcept : thread_{thread} {
        thread_.enter();
        thread_.hold();
    }
    EVPROC_ALWAYS_INLINE ~consumer_scope() {
        thread_.let_go();
        thread_.leave();
    }
    consumer_scope(consumer_scope const&) = delete;
    consumer_scope& operator=(consumer_scope const&) = delete;

private:
    consuming_thread& thread_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
