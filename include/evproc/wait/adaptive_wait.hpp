// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include <evproc/detail/event_count.hpp>
#include <evproc/detail/platform/clock.hpp>
#include <evproc/detail/platform/cpu.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::inline EVPROC_ABI {

/// The default: spins a little (not on a one-CPU machine), then yields, then sleeps. Under load it acts like a spin; an idle
/// thread uses no processor time. The other side pays one load, and a system call when somebody sleeps.
class adaptive_wait {
public:
    template <class Ready> bool wait(Ready&& ready, wait_deadline until) {
        return wait(ready, until, {}, detail::sleeper::of_all);
    }
    template <class Ready> bool wait_one(Ready&& ready, wait_deadline until) {
        return wait(ready, until, for_space, detail::sleeper::of_some);
    }
    EVPROC_ALWAYS_INLINE void notify() noexcept { event_count_.notify(); }
    EVPROC_ALWAYS_INLINE void notify(std::size_t n) noexcept { event_count_.notify(n); }
    [[nodiscard]] std::uint64_t parks() const noexcept { return event_count_.parks(); }

private:
    static constexpr unsigned spins = 32;
    static constexpr unsigned yields = 16;
    // A consumer has taken thousands of small events by then: while it works a sleep would not pay.
    static constexpr std::chrono::microseconds for_space{50};

    // Awake again after each sleep: another producer may have taken the slots first, and a sleep for each such loss is dear.
    template <class Ready>
    bool wait(Ready& ready, wait_deadline until, std::chrono::microseconds awake, detail::sleeper kind) {
        for (;;) {
            if (!detail::one_cpu() && detail::spin_until(ready, [] { detail::cpu_relax(); }, until, spins)) return true;
            wait_deadline before = detail::now();
            wait_deadline const begin = before;
            for (unsigned i = 0; i < yields || before - begin < awake; ++i) {
                if (ready()) return true;
                if (before >= until) return false;
                detail::yield_thread();
                // Another program had the processor for a time slice: a wake-up gets ahead of it, a yield does not.
                wait_deadline const after = detail::now();
                if (after - before > std::chrono::milliseconds{1}) break;
                before = after;
            }
            if (auto const over = event_count_.sleep(ready, until, kind)) return *over;
        }
    }

    detail::event_count event_count_;
};

}  // namespace evproc::inline EVPROC_ABI
