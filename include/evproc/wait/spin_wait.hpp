// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/platform/cpu.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::inline EVPROC_ABI {

/// Spins: for a waiting thread with a core of its own; an event takes one cache line transfer. With more busy threads than
/// cores a spinning thread keeps the one it waits for off the processor for milliseconds. Costs the other side nothing.
class spin_wait {
public:
    template <class Ready> bool wait(Ready&& ready, wait_deadline until) {
        return detail::spin_until(ready, [] { detail::cpu_relax(); }, until);
    }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }
};

}  // namespace evproc::inline EVPROC_ABI
