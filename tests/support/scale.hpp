// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// How much a test with many rounds should do in this build.
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

}  // namespace evproc_test
