// expect: evproc: the capacity N must be a power of two
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/ring_buffer.hpp>

#if defined(CONTROL)
constexpr std::size_t capacity = 4;
#else
constexpr std::size_t capacity = 3;
#endif
evproc::ring_buffer<int, capacity> ring;
