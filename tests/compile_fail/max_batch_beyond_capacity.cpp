// expect: evproc: ring_options::max_batch must not exceed the capacity
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/ring_buffer.hpp>

#if defined(CONTROL)
constexpr std::size_t most = 8;
#else
constexpr std::size_t most = 9;
#endif
evproc::ring_buffer<int, 8, evproc::adaptive_wait, evproc::ring_options{.max_batch = most}> ring;
