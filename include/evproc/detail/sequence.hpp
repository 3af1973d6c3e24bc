// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// Positions, and the word by which a record tells the consumer where it ends.
#pragma once

#include <cstddef>
#include <cstdint>

#include <evproc/detail/config.hpp>

namespace evproc::detail {

/// The number of a slot in the one global order, from 0, never wrapped: at a thousand million events a second the
/// range lasts for 146 years. Two positions are compared by their signed difference, never by subtracting unsigned
/// ones: where one of the two was read later than the other, "used" would be negative, and huge.
using position = std::uint64_t;

/// The highest position that may be handed out. The bits above are taken: by the flags of the claim position, and
/// one by the discarded flag of the word.
inline constexpr position max_position = (position{1} << 62) - 1;

/// Beyond every position.
inline constexpr position no_limit = max_position + 1;

/// a - b, negative where b is ahead.
[[nodiscard]] constexpr std::int64_t distance(position a, position b) noexcept {
    return static_cast<std::int64_t>(a - b);
}

/// The word of a record: its end (the position where the next record starts) and a flag.
struct record_word {
    std::uint64_t bits = 0;

    static constexpr std::uint64_t discarded_bit = 1;

    [[nodiscard]] static constexpr std::uint64_t committed(position end) noexcept { return end << 1; }
    [[nodiscard]] static constexpr std::uint64_t discarded(position end) noexcept { return end << 1 | discarded_bit; }

    [[nodiscard]] constexpr position end() const noexcept { return bits >> 1; }
    [[nodiscard]] constexpr bool is_discarded() const noexcept { return (bits & discarded_bit) != 0; }
    /// A word that an earlier lap left behind ends at or before `at`.
    [[nodiscard]] constexpr bool is_ready(position at) const noexcept { return distance(end(), at) > 0; }
};

}  // namespace evproc::detail
