// expect: evproc: the capacity N must be a power of two
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/event_processor.hpp>

#if defined(CONTROL)
constexpr std::size_t capacity = 1;
#else
constexpr std::size_t capacity = 0;
#endif
evproc::event_processor<int, capacity> events;
