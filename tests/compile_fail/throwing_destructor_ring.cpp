// expect: evproc: the destructor of T must not throw
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/ring_buffer.hpp>

struct event {
#if defined(CONTROL)
    ~event() {}
#else
    ~event() noexcept(false) {}
#endif
};
evproc::ring_buffer<event, 4> ring;
