// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/config.hpp>

namespace evproc::detail {

/// Fetches the line of `p` for writing. In assembly for x86, where compilers make __builtin_prefetch(p, 1) a prefetch for
/// reading without -mprfchw: the write would still wait.
inline void prefetch_for_write(void const* p) noexcept {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    asm volatile("prefetchw %0" : : "m"(*static_cast<char const*>(p)));
#elif defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p, 1, 3);
#else
    static_cast<void>(p);
#endif
}

/// Inlined always: g++ 12 takes a call of a function that only prefetches for one without effect, and drops it.
EVPROC_ALWAYS_INLINE void prefetch_for_read([[maybe_unused]] void const* p) noexcept {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p);
#endif
}

}  // namespace evproc::detail
