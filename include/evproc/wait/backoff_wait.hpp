// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/platform/cpu.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::inline EVPROC_ABI {

/// Spins a little, then yields: for low latency where threads may outnumber cores. It lets others run, but an idle core stays
/// at 100 %. A check costs a system call (about 0.7 us) once the spinning is over. Costs the other side nothing.
class backoff_wait {
public:
    template <class Ready> bool wait(Ready&& ready, wait_deadline until) {
        if (!detail::one_cpu() && detail::spin_until(ready, [] { detail::cpu_relax(); }, until, spins)) return true;
        return detail::spin_until(ready, [] { detail::yield_thread(); }, until);
    }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }

private:
    static constexpr unsigned spins = 32;
};

}  // namespace evproc::inline EVPROC_ABI
