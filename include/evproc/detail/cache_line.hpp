// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

// Keeps data apart. Not std::hardware_destructive_interference_size: that varies with tuning flags, so translation units could
// disagree about a layout. 64 suits x86 and most Arm cores (128 was measured and gained nothing), 128 Apple's and POWER.
#ifndef EVPROC_CACHE_LINE_SIZE
#if (defined(__APPLE__) && defined(__aarch64__)) || defined(__powerpc64__)
#define EVPROC_CACHE_LINE_SIZE 128
#elif defined(__s390x__)
#define EVPROC_CACHE_LINE_SIZE 256
#else
#define EVPROC_CACHE_LINE_SIZE 64
#endif
#endif

namespace evproc::detail {

inline constexpr std::size_t cache_line_size = EVPROC_CACHE_LINE_SIZE;

/// For data that its owner writes all the time: x86 fetches lines in pairs.
inline constexpr std::size_t false_sharing_range = 2 * cache_line_size;

static_assert(cache_line_size >= 16 && (cache_line_size & (cache_line_size - 1)) == 0,
              "evproc: EVPROC_CACHE_LINE_SIZE must be a power of two of at least 16 bytes");

}  // namespace evproc::detail
