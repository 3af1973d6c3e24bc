// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// EVPROC_TEST_QUICK: each behaviour once, with few types, because compiling is what takes long. Other builds test all types.
#pragma once

namespace evproc_test {

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
