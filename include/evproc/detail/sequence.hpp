// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/config.hpp>
#include <evproc/errc.hpp>

namespace evproc::detail::inline EVPROC_ABI {

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

/// A claim's `size` slots from position `at`, or why there are none. Two machine words: returned in registers.
struct claim {
    position at = 0;
    std::uint32_t size = 0;
    errc error = errc::success;

    claim() = default;
    constexpr claim(position first, std::size_t count) noexcept : at{first}, size{static_cast<std::uint32_t>(count)} {}
    constexpr explicit claim(errc reason) noexcept : error{reason} {}
};

/// The claim position, and whether it is final.
struct claims {
    position at;
    bool closed;
};

/// Where a consumer stands. A copy may be moved ahead freely.
struct read_cursor {
    position at = 0;     ///< the next event
    position end = 0;    ///< beyond `at`: the end of the record that holds `at`; otherwise `at` is a record boundary
    position start = 0;  ///< where that record starts
    std::uint64_t discarded = 0;  ///< slots before `at` that were no event, or not the first of their record

    constexpr explicit read_cursor(position first = 0) noexcept : at{first}, end{first}, start{first} {}
    [[nodiscard]] constexpr bool is_in_record() const noexcept { return distance(end, at) > 0; }
};

template <class T> struct run {
    T* data = nullptr;
    std::size_t size = 0;
};

struct occupancy {
    position last_committed_end = 0;
    std::uint64_t committed = 0;
    std::uint64_t discarded = 0;
    std::uint64_t records = 0;  ///< number of the committed records, where the ring can tell
};

}  // namespace evproc::detail::inline EVPROC_ABI
