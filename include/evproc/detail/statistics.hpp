// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

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
    void count_full_wait() noexcept {
        // X1 relaxed: a statistic.
        if constexpr (Enabled) full_waits_.fetch_add(1, std::memory_order_relaxed);
    }
    void count_refusal() noexcept {
        // X1 relaxed: a statistic.
        if constexpr (Enabled) refused_.fetch_add(1, std::memory_order_relaxed);
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
    // X1 relaxed: a statistic.
    [[nodiscard]] std::uint64_t max_depth() const noexcept { return max_depth_.load(std::memory_order_relaxed); }

private:
    // Written by producers that find the ring full.
    alignas(cache_line_size) atomic<std::uint64_t> full_waits_{0};
    atomic<std::uint64_t> refused_{0};
    // Written by the consumer.
    alignas(cache_line_size) atomic<std::uint64_t> max_depth_{0};
};

/// Since when the consumer has found the record at its position uncommitted. Position and time share one word, so that
/// they always belong together: the low bits of the position, and the time in microseconds.
///
/// Relaxed, because
///   X1  it is a diagnosis: nothing is done on the strength of it.
class stall_clock {
public:
    /// The consumer found the record at `at` reserved and not committed.
    EVPROC_COLD void blocked(position at) noexcept {
        if (is_noted(at)) return;
        // X1 relaxed: a diagnosis.
        noted_.store(tag(at) << time_bits | microseconds(), std::memory_order_relaxed);
    }
    /// Whether it has found it so before.
    [[nodiscard]] bool is_noted(position at) const noexcept {
        // X1 relaxed: one writer, which is who asks.
        std::uint64_t const noted = noted_.load(std::memory_order_relaxed);
        return noted != 0 && noted >> time_bits == tag(at);
    }
    [[nodiscard]] bool is_noted() const noexcept {
        // X1 relaxed: one writer, which is who asks.
        return noted_.load(std::memory_order_relaxed) != 0;
    }
    /// The consumer has got on.
    EVPROC_ALWAYS_INLINE void cleared() noexcept {
        // X1 relaxed: one writer; not stored again where it is clear, as it nearly always is.
        if (noted_.load(std::memory_order_relaxed) != 0) [[unlikely]]
            // X1 relaxed: a diagnosis.
            noted_.store(0, std::memory_order_relaxed);
    }
    /// How long the consumer has been waiting at `at`; negative if it is not.
    [[nodiscard]] std::chrono::nanoseconds age(position at) const noexcept {
        // X1 relaxed: a diagnosis.
        std::uint64_t const noted = noted_.load(std::memory_order_relaxed);
        if (noted == 0 || noted >> time_bits != tag(at)) return std::chrono::nanoseconds{-1};
        std::uint64_t const elapsed = (microseconds() - noted) & time_mask;
        // Another core's clock may be a tick behind.
        return elapsed > time_mask / 2 ? std::chrono::nanoseconds{0} : std::chrono::microseconds{elapsed};
    }

private:
    static constexpr unsigned time_bits = 44;  // 200 days of microseconds
    static constexpr std::uint64_t time_mask = (std::uint64_t{1} << time_bits) - 1;

    [[nodiscard]] static constexpr std::uint64_t tag(position at) noexcept {
        return at & ((std::uint64_t{1} << (64 - time_bits)) - 1);
    }
    [[nodiscard]] static std::uint64_t microseconds() noexcept {
        auto const since = std::chrono::duration_cast<std::chrono::microseconds>(now().time_since_epoch());
        return (static_cast<std::uint64_t>(since.count()) & time_mask) | 1;  // never 0: 0 means none
    }

    atomic<std::uint64_t> noted_{0};
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
