// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>

#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/atomic.hpp>

// Not in the umbrella: measuring is optional.

namespace evproc::inline EVPROC_ABI {

/// How long events were on the way: a log-linear histogram of nanoseconds, 4 KiB, with eight steps for each power of two.
/// Values are known to 12.5 % up to 584 years, exactly below 16 ns. Put the time into the event when it is reserved, and
/// record the difference in the handler. One thread at a time records or merges; any thread reads meanwhile, recent values.
/// Recording is wait-free without read-modify-writes. Nothing throws.
///   X1  everywhere below: each number counts by itself and has one writer; nothing depends on it.
class dwell_histogram {
public:
    static constexpr std::size_t steps() noexcept { return step_count; }
    /// The step that a value falls into.
    static constexpr std::size_t step_of(std::uint64_t nanoseconds) noexcept {
        if (nanoseconds < steps_per_octave) return static_cast<std::size_t>(nanoseconds);
        unsigned const shift = static_cast<unsigned>(std::bit_width(nanoseconds)) - (step_bits + 1);
        return (std::size_t{shift} << step_bits) + static_cast<std::size_t>(nanoseconds >> shift);
    }
    /// The largest value of a step. Precondition: step < steps().
    static constexpr std::uint64_t last_of(std::size_t step) noexcept {
        if (step < 2 * steps_per_octave) return step;
        unsigned const shift = static_cast<unsigned>(step >> step_bits) - 1;
        std::uint64_t const first = std::uint64_t{(step & (steps_per_octave - 1)) + steps_per_octave} << shift;
        return first + ((std::uint64_t{1} << shift) - 1);
    }

    // ---- recording: one thread at a time ----

    /// Counts one duration; a negative one (clocks of two cores may be a tick apart) as 0.
    void record(std::uint64_t nanoseconds) noexcept {
        add(counts_[step_of(nanoseconds)], 1);
        add(sum_, nanoseconds);
        raise_longest(nanoseconds);
    }
    void record(std::chrono::nanoseconds duration) noexcept {
        record(static_cast<std::uint64_t>(std::max<std::chrono::nanoseconds::rep>(duration.count(), 0)));
    }

    /// Adds what `other` counted. Another thread may be recording into `other`.
    void merge(dwell_histogram const& other) noexcept {
        for (std::size_t i = 0; i != step_count; ++i) add(counts_[i], other.count_in(i));
        add(sum_, other.sum());
        raise_longest(other.longest());
    }

    // ---- reading: any thread ----

    /// Durations counted in a step. Precondition: step < steps().
    [[nodiscard]] std::uint64_t count_in(std::size_t step) const noexcept {
        return counts_[step].load(std::memory_order_relaxed);
    }
    /// Durations counted. Reads every step.
    [[nodiscard]] std::uint64_t count() const noexcept {
        std::uint64_t total = 0;
        for (std::size_t i = 0; i != step_count; ++i) total += count_in(i);
        return total;
    }
    /// Sum of the durations in nanoseconds, exactly, modulo 2^64.
    [[nodiscard]] std::uint64_t sum() const noexcept { return sum_.load(std::memory_order_relaxed); }
    /// The longest duration, exactly; 0 if there is none.
    [[nodiscard]] std::uint64_t longest() const noexcept { return longest_.load(std::memory_order_relaxed); }

    /// The duration in nanoseconds that `percent` of a hundred do not exceed: never below, at most 12.5 % above the exact one;
    /// percentile(100) is the longest, exactly. 0 if there is none.
    [[nodiscard]] std::uint64_t percentile(double percent) const noexcept {
        // Rounded up, but for errors of binary fractions: 99.9 % of 1000 is 999, not 1000. Of a NaN the rank is 1.
        double const exact = static_cast<double>(count()) * ((std::min)(percent, 100.0) / 100);
        double const rank = (std::max)(1.0, std::ceil(exact - exact * 4 * std::numeric_limits<double>::epsilon()));
        // Counts only grow, so the second walk reaches what the first has seen. Of nothing the last step, and 0, come out.
        std::size_t step = 0;
        std::uint64_t seen = count_in(step);
        while (static_cast<double>(seen) < rank && step != step_count - 1) seen += count_in(++step);
        return (std::min)(last_of(step), longest());
    }

private:
    using counter = detail::atomic<std::uint64_t>;

    static constexpr unsigned step_bits = 3;
    static constexpr std::size_t steps_per_octave = std::size_t{1} << step_bits;
    static constexpr std::size_t step_count = (std::size_t{64 - step_bits} << step_bits) + steps_per_octave;

    // One writer: a load and a store cost a tenth of an atomic addition.
    static void add(counter& to, std::uint64_t amount) noexcept {
        to.store(to.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    void raise_longest(std::uint64_t nanoseconds) noexcept {
        if (nanoseconds > longest()) longest_.store(nanoseconds, std::memory_order_relaxed);
    }

    std::array<counter, step_count> counts_{};
    counter sum_{0};
    counter longest_{0};
};

static_assert(dwell_histogram::step_of(~std::uint64_t{0}) + 1 == dwell_histogram::steps());

}  // namespace evproc::inline EVPROC_ABI
