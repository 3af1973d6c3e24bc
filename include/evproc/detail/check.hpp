// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <cstdlib>

#include <evproc/detail/config.hpp>

namespace evproc::detail {

/// Reports a broken precondition on stderr and aborts.
[[noreturn]] EVPROC_COLD inline void check_failed(char const* sentence, char const* file, int line) noexcept {
    std::fprintf(stderr, "evproc: %s (%s:%d)\n", sentence, file, line);
    std::abort();
}

}  // namespace evproc::detail

// A macro, so that unchecked builds do not evaluate the condition.
#if EVPROC_CHECKED
#define EVPROC_CHECK(condition, sentence) \
    ((condition) ? static_cast<void>(0) : ::evproc::detail::check_failed(sentence, __FILE__, __LINE__))
#else
#define EVPROC_CHECK(condition, sentence) static_cast<void>(0)
#endif
