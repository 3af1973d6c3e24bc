// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/platform/clock.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// Counts of what happens off the hot path.
///   X1  everywhere below: statistics carry no data and order nothing; of two that differ the smaller may win.
template <bool Enabled> class statistics {
public:
    void count_full_wait(std::uint64_t depth) noexcept {
        if constexpr (Enabled) full_waits_.fetch_add(1, std::memory_order_relaxed);
        raise(full_depth_, depth);
    }
    void count_refusal(std::uint64_t depth) noexcept {
        if constexpr (Enabled) refused_.fetch_add(1, std::memory_order_relaxed);
        raise(full_depth_, depth);
    }
    EVPROC_ALWAYS_INLINE void note_depth(std::uint64_t depth) noexcept { raise(max_depth_, depth); }

    [[nodiscard]] std::uint64_t full_waits() const noexcept { return full_waits_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }
    /// The most that the consumer, or a producer that found too little space, has seen.
    [[nodiscard]] std::uint64_t max_depth() const noexcept {
        return max_of(max_depth_.load(std::memory_order_relaxed), full_depth_.load(std::memory_order_relaxed));
    }

private:
    EVPROC_ALWAYS_INLINE static void raise(atomic<std::uint64_t>& most, std::uint64_t depth) noexcept {
        if (Enabled && depth > most.load(std::memory_order_relaxed)) [[unlikely]]
            most.store(depth, std::memory_order_relaxed);
    }

    alignas(cache_line_size) atomic<std::uint64_t> full_waits_{0};
    atomic<std::uint64_t> refused_{0};
    atomic<std::uint64_t> full_depth_{0};
    alignas(cache_line_size) atomic<std::uint64_t> max_depth_{0};
};

/// Since when a record at the consumer's position was seen uncommitted: a diagnosis, wrong if two threads note at once.
class stall_clock {
public:
    /// True if it is news that the record at `at` is reserved and not committed.
    EVPROC_COLD bool note(position at) noexcept {
        if (at_.load(std::memory_order_relaxed) == at) return false;
        since_.store(nanoseconds(), std::memory_order_relaxed);
        at_.store(at, std::memory_order_relaxed);
        return true;
    }
    [[nodiscard]] std::chrono::nanoseconds age() const noexcept {
        // Another core's clock may be a tick behind.
        std::int64_t const age = nanoseconds() - since_.load(std::memory_order_relaxed);
        return std::chrono::nanoseconds{age < 0 ? 0 : age};
    }

private:
    [[nodiscard]] static std::int64_t nanoseconds() noexcept {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(now().time_since_epoch()).count();
    }

    atomic<position> at_{~position{0}};
    atomic<std::int64_t> since_{0};
};

}  // namespace evproc::detail::inline EVPROC_ABI
