// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <evproc/errc.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// What a claim got: `size` slots from position `at`, or the reason why none. Two machine words, so that a call that is
/// not inlined returns it in registers.
struct claim {
    position at = 0;
    std::uint32_t size = 0;
    errc error = errc::success;

    claim() = default;
    constexpr claim(position first, std::size_t count) noexcept : at{first}, size{static_cast<std::uint32_t>(count)} {}
    constexpr explicit claim(errc reason) noexcept : error{reason} {}
};

/// Where the consumer stands. A copy of it may be walked ahead without consequences.
struct cursor {
    position at = 0;              ///< the next event
    position end = 0;             ///< where the record (or the known part) that holds `at` ends; == at: at a border
    position start = 0;           ///< where that record starts
    std::uint64_t discarded = 0;  ///< how many slots were stepped over so far
};

/// Events that lie side by side, ready to be read.
template <class T>
struct run {
    T* data = nullptr;
    std::size_t size = 0;
};

/// What a walk over the uncommitted, committed and discarded slots of this moment counted.
struct census {
    position last_committed_end = 0;
    std::uint64_t committed = 0;
    std::uint64_t discarded = 0;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
