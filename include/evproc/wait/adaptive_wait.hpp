// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include <evproc/detail/event_count.hpp>
#include <evproc/detail/platform/clock.hpp>
#include <evproc/detail/platform/cpu.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc {
inline namespace EVPROC_ABI {

/// Spins a little, then yields, then sleeps: the default.
///
/// Use it unless you know better. Under load it behaves like a spin, with threads that outnumber cores like a yield, and
/// an idle thread uses no processor time at all. On a one-CPU machine it does not spin. The other side pays one load of a
/// line that nobody writes while nobody sleeps, and a system call when somebody does.
class adaptive_wait {
public:
    template <class Ready>
    bool wait(Ready&& ready, wait_deadline until) {
        if (!detail::one_cpu() && detail::spin_until(ready, [] { detail::cpu_relax(); }, until, spins)) return true;
        for (unsigned i = 0; i != yields; ++i) {
            if (ready()) return true;
            wait_deadline const before = detail::now();
            if (before >= until) return false;
            detail::yield_thread();
            // Another program had the processor for a time slice: a wake-up gets ahead of it, a yield does not.
            if (detail::now() - before > std::chrono::milliseconds{1}) break;
        }
        return event_count_.await(ready, until);
    }
    EVPROC_ALWAYS_INLINE void notify() noexcept { event_count_.notify(); }
    [[nodiscard]] std::uint64_t parks() const noexcept { return event_count_.parks(); }

private:
    static constexpr unsigned spins = 32;
    static constexpr unsigned yields = 16;

    detail::event_count event_count_;
};

static_assert(wait_strategy<adaptive_wait>);

}  // namespace EVPROC_ABI
}  // namespace evproc
