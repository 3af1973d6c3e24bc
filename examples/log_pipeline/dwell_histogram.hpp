// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

// How long events were on the way: a log-linear histogram. Each power of two is cut into 32 equal steps, so a
// value is known to 1 part in 32 from a nanosecond to centuries, in 15 KiB, however many values there are.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace log_linear {

constexpr unsigned step_bits = 5;
constexpr std::uint64_t steps = std::uint64_t{1} << step_bits;

// Values below 2 * steps have an index of their own; above, the top step_bits + 1 bits say which.
constexpr std::size_t index_of(std::uint64_t value) noexcept {
    if (value < steps) {
        return static_cast<std::size_t>(value);
    }
    auto const shift = static_cast<unsigned>(std::bit_width(value)) - (step_bits + 1);
    return static_cast<std::size_t>((std::uint64_t{shift} << step_bits) + (value >> shift));
}

constexpr std::uint64_t last_of(std::size_t index) noexcept {
    if (index < 2 * steps) {
        return index;
    }
    auto const shift = static_cast<unsigned>(index >> step_bits) - 1;
    return (((index & (steps - 1)) + steps) << shift) + ((std::uint64_t{1} << shift) - 1);
}

static_assert(index_of(63) == 63 && last_of(63) == 63);
static_assert(index_of(64) == 64 && last_of(64) == 65 && index_of(65) == 64 && index_of(66) == 65);
static_assert(last_of(index_of(~std::uint64_t{0})) == ~std::uint64_t{0});

}  // namespace log_linear

class dwell_histogram {
public:
    void add(std::uint64_t nanoseconds) noexcept {
        ++counts_[log_linear::index_of(nanoseconds)];
        ++total_;
        longest_ = std::max(longest_, nanoseconds);
    }

    /// The smallest value that at least `permille` of a thousand are not above, rounded up to its step; 0 if
    /// there is none.
    [[nodiscard]] std::uint64_t quantile(std::uint64_t permille) const noexcept {
        // The division first: total_ * permille would overflow for a run of years, and this cannot.
        std::uint64_t const rank =
            std::max<std::uint64_t>(1, total_ / 1000 * permille + (total_ % 1000 * permille + 999) / 1000);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen >= rank) {
                return std::min(log_linear::last_of(i), longest_);
            }
        }
        return 0;
    }

private:
    std::array<std::uint64_t, log_linear::index_of(~std::uint64_t{0}) + 1> counts_{};
    std::uint64_t total_ = 0;
    std::uint64_t longest_ = 0;
};
