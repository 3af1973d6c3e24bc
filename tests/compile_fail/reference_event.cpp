// expect: must be an object type
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/ring_buffer.hpp>

#if defined(CONTROL)
using event = int*;
#else
using event = int&;
#endif
evproc::ring_buffer<event, 4> ring;
