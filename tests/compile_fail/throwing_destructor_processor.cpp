// expect: evproc: the destructor of
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/event_processor.hpp>

struct event {
#if defined(CONTROL)
    ~event() {}
#else
    ~event() noexcept(false) {}
#endif
};
evproc::event_processor<event, 4> events;
