// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/platform/clock.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Counts of what happens off the hot path.
///
/// Relaxed, because
///   X1  statistics carry no data and order nothing.
template <bool Enabled>
class statistics {
public:
    void count_full_wait(std::uint64_t depth) noexcept {
        // X1 relaxed: a statistic.
        if constexpr (Enabled) full_waits_.fetch_add(1, std::memory_order_relaxed);
        note_full(depth);
    }
    void count_refusal(std::uint64_t depth) noexcept {
        // X1 relaxed: a statistic.
        if constexpr (Enabled) refused_.fetch_add(1, std::memory_order_relaxed);
        note_full(depth);
    }
    /// Called by the consumer only.
    EVPROC_ALWAYS_INLINE void note_depth(std::uint64_t depth) noexcept {
        if constexpr (Enabled) {
            // X1 relaxed: a statistic with one writer.
            if (depth > max_depth_.load(std::memory_order_relaxed)) [[unlikely]]
                // X1 relaxed: a statistic with one writer.
                max_depth_.store(depth, std::memory_order_relaxed);
        }
    }

    // X1 relaxed: a statistic.
    [[nodiscard]] std::uint64_t full_waits() const noexcept { return full_waits_.load(std::memory_order_relaxed); }
    // X1 relaxed: a statistic.
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }
    /// The most that the consumer, or a producer that found too little room, has seen.
    [[nodiscard]] std::uint64_t max_depth() const noexcept {
        // X1 relaxed: a statistic.
        return (std::max)(max_depth_.load(std::memory_order_relaxed), full_depth_.load(std::memory_order_relaxed));
    }

private:
    void note_full(std::uint64_t depth) noexcept {
        if constexpr (Enabled) {
            // X1 relaxed: a statistic; of two that differ the smaller may win.
            if (depth > full_depth_.load(std::memory_order_relaxed)) full_depth_.store(depth, std::memory_order_relaxed);
        }
    }

    // Written by producers that find the ring full.
    alignas(cache_line_size) atomic<std::uint64_t> full_waits_{0};
    atomic<std::uint64_t> refused_{0};
    atomic<std::uint64_t> full_depth_{0};
    // Written by the consumer.
    alignas(cache_line_size) atomic<std::uint64_t> max_depth_{0};
};

/// Counts of records, for a ring whose slots are no measure of them.
///
/// Relaxed, because
///   X1  statistics carry no data and order nothing.
class record_counts {
public:
    /// By a single producer only.
    EVPROC_ALWAYS_INLINE void count_commit() noexcept {
        // X1 relaxed: a statistic with one writer.
        committed_.store(committed_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    // X1 relaxed: a statistic.
    void count_discard() noexcept { discarded_.fetch_add(1, std::memory_order_relaxed); }

    // X1 relaxed: a statistic.
    [[nodiscard]] std::uint64_t committed() const noexcept { return committed_.load(std::memory_order_relaxed); }
    // X1 relaxed: a statistic.
    [[nodiscard]] std::uint64_t discarded() const noexcept { return discarded_.load(std::memory_order_relaxed); }

private:
    // Written by producers.
    alignas(cache_line_size) atomic<std::uint64_t> committed_{0};
    atomic<std::uint64_t> discarded_{0};
};

/// Since when somebody has found a record uncommitted at the consumer's position.
///
/// Relaxed, because
///   X1  it is a diagnosis: nothing is done on the strength of it. Two threads that note different positions at once may
///       mix them up.
class stall_clock {
public:
    /// The record at `at` is reserved and not committed. True if that is news.
    EVPROC_COLD bool note(position at) noexcept {
        // X1 relaxed: a diagnosis.
        if (at_.load(std::memory_order_relaxed) == at) return false;
        // X1 relaxed: a diagnosis.
        since_.store(nanoseconds(), std::memory_order_relaxed);
        // X1 relaxed: a diagnosis.
        at_.store(at, std::memory_order_relaxed);
        return true;
    }
    /// The time since `at` was noted, the latest position that was.
    [[nodiscard]] std::chrono::nanoseconds age() const noexcept {
        // X1 relaxed: a diagnosis. Another core's clock may be a tick behind.
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

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
