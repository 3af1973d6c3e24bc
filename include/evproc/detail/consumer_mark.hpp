// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/check.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/thread.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Which thread holds events of the ring that it has not released: while the ring is full, that thread must not wait
/// for room, because only it could make some. In checked builds also: who is inside a consumer's verb.
///
/// Relaxed, because
///   X1  the only answer that matters is "this very thread", and a thread sees its own stores.
///   X2  the check for two consumers is best effort and orders nothing.
/// Progress: wait-free.
class consumer_mark {
public:
    void hold() noexcept {
        // X1 relaxed: read by this thread.
        holder_.store(this_thread_token(), std::memory_order_relaxed);
    }
    void let_go() noexcept {
        // X1 relaxed: read by this thread.
        holder_.store(0, std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_held_here() const noexcept {
        // X1 relaxed: written by this thread if the answer is yes.
        return holder_.load(std::memory_order_relaxed) == this_thread_token();
    }

#if EVPROC_CHECKED
    void enter() noexcept {
        thread_token nobody = 0;
        // X2 relaxed: best effort.
        bool const alone = inside_.compare_exchange_strong(nobody, this_thread_token(), std::memory_order_relaxed,
                                                           std::memory_order_relaxed);
        EVPROC_CHECK(alone || nobody != this_thread_token(),
                     "a consumer's verb was called from inside a handler, or while this thread holds a committed_batch");
        EVPROC_CHECK(alone, "two threads consume from one ring at once");
    }
    void leave() noexcept {
        // X2 relaxed: best effort.
        inside_.store(0, std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_entered() const noexcept {
        // X2 relaxed: best effort.
        return inside_.load(std::memory_order_relaxed) != 0;
    }
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

/// enter() now, leave() at the end of the scope.
class consumer_section {
public:
    explicit consumer_section(consumer_mark& mark) noexcept : mark_{mark} { mark_.enter(); }
    ~consumer_section() { mark_.leave(); }
    consumer_section(consumer_section const&) = delete;
    consumer_section& operator=(consumer_section const&) = delete;

private:
    consumer_mark& mark_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
