// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/atomic.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// What a waiting consumer is told besides events: close() and wake(). On a line of its own, so that a spinning consumer stays
/// off the claims' line. Wait-free.
///   E1  raise_wake -> take_wake: a consumer whose wait ends by wake() sees what was done before wake().
///   X1  a hint: the closed flag says that the ring's own is worth a look (the notification after it orders the two for a
///       consumer about to sleep); the wake flag is taken by the exchange that E1 orders.
class signals {
public:
    void raise_closed() noexcept {
        // X1 relaxed: a hint.
        closed_.store(true, std::memory_order_relaxed);
    }
    [[nodiscard]] bool closed() const noexcept {
        // X1 relaxed: a hint.
        return closed_.load(std::memory_order_relaxed);
    }

    void raise_wake() noexcept {
        // E1 release: to take_wake().
        wake_.store(1, std::memory_order_release);
    }
    /// True once for the wake() calls since the last call.
    [[nodiscard]] bool take_wake() noexcept {
        // X1 relaxed: the exchange below decides.
        if (wake_.load(std::memory_order_relaxed) == 0) [[likely]]
            return false;
        // E1 acquire: from raise_wake().
        return wake_.exchange(0, std::memory_order_acquire) != 0;
    }

private:
    alignas(cache_line_size) atomic<bool> closed_{false};
    atomic<std::uint32_t> wake_{0};  // not a byte, whose exchange is a call into libatomic on RISC-V
};

}  // namespace evproc::detail::inline EVPROC_ABI
