// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <thread>

#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
#include <intrin.h>
#endif

namespace evproc::detail {

/// In a spin loop: frees resources for the other hardware thread, and leaves the line to its writer for a while.
inline void cpu_relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");  // yield is a no-op on most cores; isb is what waits about as long as pause
#elif defined(__arm__)
    asm volatile("yield" ::: "memory");
#elif defined(__riscv)
    asm volatile(".insn i 0x0F, 0, x0, x0, 0x010" ::: "memory");  // pause, as a hint that old cores ignore
#elif defined(__powerpc__)
    asm volatile("or 27,27,27" ::: "memory");
#else
    std::this_thread::yield();
#endif
}

inline void brief_pause(unsigned rounds) noexcept {
    for (unsigned i = 0; i != rounds; ++i) cpu_relax();
}

inline void yield_thread() noexcept { std::this_thread::yield(); }

/// True where no other thread can run while this one spins.
[[nodiscard]] inline bool one_cpu() noexcept {
    static bool const one = std::thread::hardware_concurrency() == 1;
    return one;
}

}  // namespace evproc::detail
