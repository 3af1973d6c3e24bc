// expect: error: no matching
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/event_processor.hpp>

void use(evproc::event_processor<int, 4>& events) {
#if defined(CONTROL)
    (void)events.poll([](int&) {});
#else
    (void)events.poll([](char*) {});
#endif
}
