// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <evproc/detail/config.hpp>

namespace evproc::detail {

/// A slot's number in the global order, from 0, never wrapped: 146 years at 10^9 events a second. Compare by the signed
/// difference: of two read at different times either may be ahead.
using position = std::uint64_t;

/// The highest position handed out; the bits above are flags of the claim position and of the word.
inline constexpr position max_position = (position{1} << 62) - 1;

inline constexpr position no_limit = max_position + 1;

[[nodiscard]] constexpr std::int64_t distance(position a, position b) noexcept {
    return static_cast<std::int64_t>(a - b);
}

/// The word of a record: its end (where the next record starts) and a flag.
struct record_word {
    std::uint64_t bits = 0;

    static constexpr std::uint64_t discarded_bit = 1;

    [[nodiscard]] static constexpr std::uint64_t committed(position end) noexcept { return end << 1; }
    [[nodiscard]] static constexpr std::uint64_t discarded(position end) noexcept { return end << 1 | discarded_bit; }

    [[nodiscard]] constexpr position end() const noexcept { return bits >> 1; }
    [[nodiscard]] constexpr bool is_discarded() const noexcept { return (bits & discarded_bit) != 0; }
    /// A word left by an earlier lap ends at or before `at`.
    [[nodiscard]] constexpr bool is_ready(position at) const noexcept { return distance(end(), at) > 0; }
};

}  // namespace evproc::detail
