// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What a user may set; the inline namespace's name carries it, so that checked and unchecked translation units link together.
#pragma once

#include <cstddef>  // with <cstdint>: for every header
#include <cstdint>
#include <cstdio>
#include <cstdlib>

/// 1: misuse (double commit, two consumers, ...) is reported and aborts. 0 (default): a documented no-op or precondition
/// violation. Independent of NDEBUG; to be set before the first include.
#ifndef EVPROC_CHECKED
#define EVPROC_CHECKED 0
#endif

// EVPROC_NO_FUTEX: sleep on a mutex and a condition variable even where there are futexes.
// EVPROC_NO_MEMBARRIER: a full fence for each commit, not membarrier (Linux) or FlushProcessWriteBuffers (Windows).

#if EVPROC_CHECKED
#define EVPROC_ABI_CHECKED _checked
#else
#define EVPROC_ABI_CHECKED
#endif
#ifdef EVPROC_NO_FUTEX
#define EVPROC_ABI_FUTEX _nofutex
#else
#define EVPROC_ABI_FUTEX
#endif
#ifdef EVPROC_NO_MEMBARRIER
#define EVPROC_ABI_MEMBARRIER _nomembarrier
#else
#define EVPROC_ABI_MEMBARRIER
#endif
#define EVPROC_ABI_JOIN_(a, b, c, d) a##b##c##d
#define EVPROC_ABI_JOIN(a, b, c, d) EVPROC_ABI_JOIN_(a, b, c, d)
#define EVPROC_ABI EVPROC_ABI_JOIN(v0, EVPROC_ABI_CHECKED, EVPROC_ABI_FUTEX, EVPROC_ABI_MEMBARRIER)

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define EVPROC_EXCEPTIONS 1
#else
#define EVPROC_EXCEPTIONS 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EVPROC_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define EVPROC_SANITIZED 1
#endif
#endif

#if defined(__GNUC__) || defined(__clang__)
#if defined(__OPTIMIZE__) && !defined(EVPROC_SANITIZED)
#define EVPROC_ALWAYS_INLINE [[gnu::always_inline]] inline
#else
#define EVPROC_ALWAYS_INLINE inline  // for debugging it would only be more code, and nothing to set a breakpoint on
#endif
#define EVPROC_COLD [[gnu::cold, gnu::noinline]]
#define EVPROC_NOINLINE [[gnu::noinline]]
#elif defined(_MSC_VER)
#define EVPROC_ALWAYS_INLINE __forceinline
#define EVPROC_COLD __declspec(noinline)
#define EVPROC_NOINLINE __declspec(noinline)
#else
#define EVPROC_ALWAYS_INLINE inline
#define EVPROC_COLD
#define EVPROC_NOINLINE
#endif

namespace evproc::detail {

// std::min and std::max need <algorithm>, which takes longer to compile than this library.
template <class T> [[nodiscard]] constexpr T min_of(T a, T b) noexcept { return b < a ? b : a; }
template <class T> [[nodiscard]] constexpr T max_of(T a, T b) noexcept { return a < b ? b : a; }

/// Reports a broken precondition on stderr and aborts.
[[noreturn]] EVPROC_COLD inline void check_failed(char const* sentence, char const* file, int line) noexcept {
    std::fprintf(stderr, "evproc: %s (%s:%d)\n", sentence, file, line);
    std::abort();
}

/// Throws Exception(details..., sentence); where exceptions are off, prints the sentence and aborts.
template <class Exception, class... Details>
[[noreturn]] EVPROC_COLD void fail(char const* sentence, [[maybe_unused]] Details const&... details) {
#if EVPROC_EXCEPTIONS
    throw Exception(details..., sentence);
#else
    std::fprintf(stderr, "%s\n", sentence);
    std::abort();
#endif
}

}  // namespace evproc::detail

// A macro, so that unchecked builds do not evaluate the condition.
#if EVPROC_CHECKED
#define EVPROC_CHECK(condition, sentence) \
    ((condition) ? static_cast<void>(0) : ::evproc::detail::check_failed(sentence, __FILE__, __LINE__))
#else
#define EVPROC_CHECK(condition, sentence) static_cast<void>(0)
#endif
