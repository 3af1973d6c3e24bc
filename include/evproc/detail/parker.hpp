// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <evproc/detail/asymmetric_fence.hpp>
#include <evproc/detail/atomic.hpp>
#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/clock.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/sleeper.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Lets threads sleep until another thread's step makes their condition true, at no cost to steps that wake nobody.
///
/// park(ready, until) raises the parked flag, issues the heavy fence, looks at the condition once more and sleeps.
/// notify(), called after each step, issues the light fence and reads the flag; only when it is up does it lower the
/// flag and wake everybody. Any number of threads may park and notify at once.
///
/// Memory orders. The variables are `state_` (bit 0: somebody is parked or about to be; the bits above: a count that
/// makes every lowering a new value) and, outside this file, the condition that ready() reads.
///   E1  park -> notify: heavy fence after the flag, light fence before its read. If notify() does not see the flag,
///       then ready() sees the step before notify(). So a step is either seen or rings.
///   X1  state_ is relaxed everywhere: the fences order it against the condition, sleeping compares the whole word
///       atomically, and no data travels through it (the condition's own acquire carries that).
///   I1  lowering always changes the word, so that a thread that is about to sleep on the old one does not
///       (the lost wake-up cases of tests/model hold it).
/// Progress: notify() is wait-free but for the system call when somebody sleeps; park() blocks.
class parker {
public:
    /// Sleeps until `ready()` returns true (returns true) or the deadline has passed (returns ready() once more).
    template <class Ready>
    bool park(Ready&& ready, clock_type::time_point until) {
        for (;;) {
            // X1 relaxed: E1's fence follows.
            std::uint32_t const raised = state_.fetch_or(parked, std::memory_order_relaxed) | parked;
            fence_.heavy();  // E1
            if (ready()) return true;
            // X1 relaxed: a statistic.
            parks_.fetch_add(1, std::memory_order_relaxed);
            if (!sleeper_.sleep(state_, raised, until)) return ready();
        }
    }

    /// To be called after every step that can make a condition true.
    EVPROC_ALWAYS_INLINE void notify() noexcept {
        fence_.light();  // E1
        // X1 relaxed: E1's fence stands before it.
        if ((state_.load(std::memory_order_relaxed) & parked) != 0) [[unlikely]] wake();
    }

    /// How often a thread went to sleep here.
    [[nodiscard]] std::uint64_t parks() const noexcept {
        // X1 relaxed: a statistic.
        return parks_.load(std::memory_order_relaxed);
    }

private:
    static constexpr std::uint32_t parked = 1;

    EVPROC_COLD void wake() noexcept {
        // X1 relaxed: adding one to an odd word lowers the flag and counts on. Two notifiers may both add; the second
        // one raises the flag for nothing, or lowers that of a thread which then finds the word changed (I1).
        state_.fetch_add(1, std::memory_order_relaxed);
        sleeper_.wake_all(state_);
    }

    // Written when somebody parks or is woken, read at every notify(): a line of its own, shared by all readers.
    alignas(cache_line_size) atomic<std::uint32_t> state_{0};
    asymmetric_fence const fence_{};
    // Written by those who sleep.
    alignas(cache_line_size) atomic<std::uint64_t> parks_{0};
    [[no_unique_address]] sleeper sleeper_{};
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
