// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// What a waiting consumer has to be told besides events: that the ring was closed, that wake() was called. A line that
/// is written only then, so that a consumer which spins does not have to look at the line of the claims.
///
/// Edges: if the acquire reads what the release stored, then ...
///   E1  raise_wake -> take_wake: who returns from a wait because of wake() sees what was done before wake().
/// Relaxed, because
///   X1  a hint: the closed flag only says that the ring's own is worth a look (the notification that follows it orders the
///       two for a consumer that is about to sleep); the wake flag is taken by the exchange that E1 orders.
/// Progress: wait-free.
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
    /// True once for each time that wake() was called since the last call (several may be taken as one).
    [[nodiscard]] bool take_wake() noexcept {
        // X1 relaxed: the exchange below decides.
        if (wake_.load(std::memory_order_relaxed) == 0) [[likely]] return false;
        // E1 acquire: from raise_wake().
        return wake_.exchange(0, std::memory_order_acquire) != 0;
    }

private:
    // Written by close() and wake(), read by a waiting consumer.
    alignas(cache_line_size) atomic<bool> closed_{false};
    atomic<std::uint32_t> wake_{0};  // not a byte, whose exchange is a call into libatomic on RISC-V
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
