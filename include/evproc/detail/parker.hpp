// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/platform/clock.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/doorbell.hpp>
#include <evproc/detail/platform/futex.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Lets threads sleep until another thread's step makes their condition true, at no cost to steps that wake
/// nobody.
///
/// park(ready, until) raises the doorbell, looks at the condition once more and sleeps on the doorbell's
/// word. notify(), called after each step, looks at the doorbell; only when it is raised does it lower it and
/// wake everybody. Any number of threads may park and notify at once. Why no wake-up is lost: doorbell.hpp.
///
///   X1  statistics carry no data.
/// Progress: notify() is wait-free but for the system call when somebody sleeps; park() blocks.
class parker {
public:
    /// Sleeps until `ready()` returns true (returns true) or the deadline has passed (returns ready() once
    /// more).
    template <class Ready>
    bool park(Ready&& ready, clock_type::time_point until) {
        for (;;) {
            std::uint32_t const word = bell_.raise();
            if (ready()) return true;
            count_park();
            if (!futex_.sleep(bell_.word(), word, until)) return ready();
        }
    }

    /// To be called after every step that can make a condition true.
    EVPROC_ALWAYS_INLINE void notify() noexcept {
        if (bell_.is_raised()) [[unlikely]] wake();
    }

    /// For strategies that can also be told by other means than a wake-up.
    [[nodiscard]] EVPROC_ALWAYS_INLINE doorbell& bell() noexcept { return bell_; }
    /// Wakes everybody who is parked, after the bell was lowered.
    void wake_all() noexcept { futex_.wake_all(bell_.word()); }
    void count_park() noexcept {
        // X1 relaxed: a statistic.
        parks_.fetch_add(1, std::memory_order_relaxed);
    }

    /// How often a thread went to sleep here.
    [[nodiscard]] std::uint64_t parks() const noexcept {
        // X1 relaxed: a statistic.
        return parks_.load(std::memory_order_relaxed);
    }

private:
    EVPROC_COLD void wake() noexcept {
        if (bell_.lower() != 0) wake_all();
    }

    doorbell bell_;
    // Written by those who sleep.
    alignas(cache_line_size) atomic<std::uint64_t> parks_{0};
    [[no_unique_address]] futex futex_{};
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
