// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/config.hpp>

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

/// Fetches the line of `p` for writing. In assembly for x86, where compilers make __builtin_prefetch(p, 1) a prefetch for
/// reading without -mprfchw: the write would still wait.
inline void prefetch_for_write([[maybe_unused]] void const* p) noexcept {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    asm volatile("prefetchw %0" : : "m"(*static_cast<char const*>(p)));
#elif defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p, 1, 3);
#endif
}

/// Inlined always: g++ 12 takes a call of a function that only prefetches for one without effect, and drops it.
EVPROC_ALWAYS_INLINE void prefetch_for_read([[maybe_unused]] void const* p) noexcept {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p);
#endif
}

}  // namespace evproc::detail
