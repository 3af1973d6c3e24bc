// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// How much a test does in this build. EVPROC_TEST_QUICK: each behaviour once, with few types, because compiling is what takes
// long. Other builds test all types.
#pragma once

namespace evproc_test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif
#else
inline constexpr bool is_sanitized = false;
#endif

/// One more reason to do less: an emulator, or a machine of another kind, sets this.
#if defined(EVPROC_TEST_SMALL)
inline constexpr bool is_small = true;
#else
inline constexpr bool is_small = false;
#endif

constexpr int scaled(int full) { return is_sanitized || is_small ? full / 20 : full; }

/// ALSO_IN_FULL(types...) adds types to a list unless the build is quick.
#if defined(EVPROC_TEST_QUICK)
inline constexpr bool is_quick = true;
#define ALSO_IN_FULL(...)
#else
inline constexpr bool is_quick = false;
#define ALSO_IN_FULL(...) , __VA_ARGS__
#endif

/// One strategy that spins and the default, which does all that the others do.
#define EVERY_WAIT evproc::spin_wait, evproc::adaptive_wait ALSO_IN_FULL(evproc::backoff_wait, evproc::blocking_wait)

}  // namespace evproc_test
