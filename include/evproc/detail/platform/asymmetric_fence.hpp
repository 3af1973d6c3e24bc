// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// A pair of fences of which the frequent side costs nothing; the library's only stand-alone fences. Between two threads that
// each store to one variable and then load the other's, light() on one side and heavy() on the other forbid that both loads
// miss both stores, as two seq_cst fences would. Where the system has a barrier for a whole process, light() is a compiler
// barrier, and heavy() makes every running thread of the process execute a full barrier: the private expedited membarrier of
// Linux (0.1 to 1 us), FlushProcessWriteBuffers of Windows. Elsewhere, under wine, or with EVPROC_NO_MEMBARRIER, both are
// seq_cst fences. All data travels over release and acquire, so ThreadSanitizer needs no fences. membarrier may be refused
// later (a sandbox). heavy() sees that and makes both sides seq_cst fences for good. A thread may have run light() just
// before, without a fence: its store is in a store buffer for less than a microsecond, or until it is descheduled; the first
// heavy() waits 10 ms, so nothing is lost. Source: folly's asymmetricLightBarrier; C++ paper P1202.
//   X1  light() needs the compiler only: heavy() supplies the processor's half.
//   X2  around the system's barrier the compiler must not move accesses; the barrier itself orders memory.
//   X3  the mode carries no data: see above for what may be missed while it changes.
//   S1  without such a barrier: of two threads that store, fence and load, one load sees the other thread's store.
#pragma once

#include <chrono>

#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/platform/clock.hpp>
#include <evproc/detail/platform/cpu.hpp>

#if defined(__linux__) && !defined(EVPROC_NO_MEMBARRIER) && __has_include(<linux/membarrier.h>)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(SYS_membarrier)
#define EVPROC_HAS_MEMBARRIER 1
#endif
#elif defined(_WIN32) && !defined(EVPROC_NO_MEMBARRIER)
#define EVPROC_HAS_FLUSH_PROCESS 1
struct HINSTANCE__;  // what a handle of <windows.h> points to
#endif

namespace evproc::detail::inline EVPROC_ABI {

// Whether the system has a barrier for a whole process, asked once; and that barrier: false where it is refused.
#if defined(EVPROC_HAS_MEMBARRIER)
[[nodiscard]] inline bool has_process_barrier() noexcept {
    // Registration lasts for the process and is inherited over fork.
    static bool const registered = ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
    return registered;
}
[[nodiscard]] inline bool process_barrier() noexcept {
    return ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}
#elif defined(EVPROC_HAS_FLUSH_PROCESS)
// As <processthreadsapi.h> and <libloaderapi.h> declare them, so that a program may include both.
extern "C" {
#if defined(NO_STRICT)
using module_handle = void*;
#else
using module_handle = ::HINSTANCE__*;
#endif
using system_function = std::intptr_t(__stdcall*)();
__declspec(dllimport) void __stdcall FlushProcessWriteBuffers();
__declspec(dllimport) module_handle __stdcall GetModuleHandleA(char const* name);
__declspec(dllimport) system_function __stdcall GetProcAddress(module_handle module, char const* name);
}
[[nodiscard]] inline bool has_process_barrier() noexcept {
    // Wine has the function, but up to version 8.0 at least it does nothing.
    static bool const is_windows = GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") == nullptr;
    return is_windows;
}
[[nodiscard]] inline bool process_barrier() noexcept {
    FlushProcessWriteBuffers();
    return true;
}
#else
[[nodiscard]] inline bool has_process_barrier() noexcept { return false; }
[[nodiscard]] inline bool process_barrier() noexcept { return false; }
#endif

class asymmetric_fence {
public:
    // X3 relaxed: whoever misses the refusal learns it from heavy().
    asymmetric_fence() noexcept
        : mode_{has_process_barrier() && !is_refused_.load(std::memory_order_relaxed) ? asymmetric : symmetric} {}
    asymmetric_fence(asymmetric_fence const&) = delete;
    asymmetric_fence& operator=(asymmetric_fence const&) = delete;

    /// The frequent side: after its store, before its load.
    void light() const noexcept {
        // X1 signal: orders the compiler only; heavy() supplies the processor's half.
        std::atomic_signal_fence(std::memory_order_seq_cst);
        // X3 relaxed: the mode.
        if (mode_.load(std::memory_order_relaxed) != asymmetric) [[unlikely]]
            full();
    }

    /// The rare side: after its store, before its load.
    void heavy() const noexcept {
        // X3 relaxed: the mode.
        if (mode_.load(std::memory_order_relaxed) == symmetric) return full();
        // X2 signal: the system's barrier orders memory; the compiler must not move accesses over the call.
        std::atomic_signal_fence(std::memory_order_seq_cst);
        bool const done = process_barrier();
        // X2 signal: likewise after it.
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if (!done) [[unlikely]]
            become_symmetric();
    }

private:
    enum : unsigned char { asymmetric, changing, symmetric };

    /// Out of line: the hot path with membarrier holds no fence instruction.
    EVPROC_COLD static void full() noexcept {
#if defined(__SANITIZE_THREAD__) && (defined(__x86_64__) || defined(__i386__))
        // g++ refuses stand-alone fences under ThreadSanitizer (-Wtsan). Any locked instruction is a full barrier here.
        static constinit std::atomic<int> any{0};
        // S1 seq_cst: stands for the fence below.
        any.fetch_add(1, std::memory_order_seq_cst);
#else
        // S1 seq_cst: either this side's load sees the other side's store, or the other side's load sees this one's.
        std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
    }

    /// Returns when each light() that was no fence is long over. Concurrent calls of heavy() wait as long.
    EVPROC_COLD void become_symmetric() const noexcept {
        // X3 relaxed: the mode; the fence makes both visible before the pause begins.
        is_refused_.store(true, std::memory_order_relaxed);
        mode_.store(changing, std::memory_order_relaxed);
        full();
        // By the clock, because a sandbox may refuse to yield as well.
        for (auto const start = now(); now() - start < std::chrono::milliseconds{10};) yield_thread();
        // X3 relaxed: the mode.
        mode_.store(symmetric, std::memory_order_relaxed);
        full();
    }

    // One for each fence, because it stands in the line that light()'s caller reads anyway.
    mutable std::atomic<unsigned char> mode_;
    static inline constinit std::atomic<bool> is_refused_{false};
};

}  // namespace evproc::detail::inline EVPROC_ABI
