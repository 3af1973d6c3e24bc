// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/config.hpp>

namespace evproc::detail {

/// Starts fetching the cache line of `p` for writing. On x86 the instruction itself is written out, because the
/// compilers turn __builtin_prefetch(p, 1) into a prefetch for reading unless built with -mprfchw; that one leaves
/// the line shared, so that the write still has to wait.
inline void prefetch_for_write(void const* p) noexcept {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    asm volatile("prefetchw %0" : : "m"(*static_cast<char const*>(p)));
#elif defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p, 1, 3);
#else
    static_cast<void>(p);
#endif
}

EVPROC_ALWAYS_INLINE void prefetch_for_read([[maybe_unused]] void const* p) noexcept {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p);
#endif
}

}  // namespace evproc::detail
