// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <evproc/detail/config.hpp>
#include <evproc/detail/sequence.hpp>
#include <evproc/errc.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// A claim's `size` slots from position `at`, or why there are none. Two machine words: returned in registers.
struct claim {
    position at = 0;
    std::uint32_t size = 0;
    errc error = errc::success;

    claim() = default;
    constexpr claim(position first, std::size_t count) noexcept : at{first}, size{static_cast<std::uint32_t>(count)} {}
    constexpr explicit claim(errc reason) noexcept : error{reason} {}
};

/// A consumer's place. A copy may be moved ahead freely.
struct cursor {
    position at = 0;     ///< the next event
    position end = 0;    ///< beyond `at`: the end of the record that holds `at`; otherwise `at` is a record boundary
    position start = 0;  ///< where that record starts
    std::uint64_t discarded = 0;  ///< slots before `at` that were no event, or not the first of their record

    constexpr explicit cursor(position first = 0) noexcept : at{first}, end{first}, start{first} {}
    [[nodiscard]] constexpr bool is_in_record() const noexcept { return distance(end, at) > 0; }
};

template <class T>
struct run {
    T* data = nullptr;
    std::size_t size = 0;
};

struct occupancy {
    position last_committed_end = 0;
    std::uint64_t committed = 0;
    std::uint64_t discarded = 0;
    std::uint64_t records = 0;  ///< number of the committed records, where the ring can tell
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
