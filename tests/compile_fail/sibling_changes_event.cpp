// expect: error: no matching
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/broadcast_processor.hpp>

#if defined(CONTROL)
using event_stages = evproc::stages<1>;
#else
using event_stages = evproc::stages<2>;
#endif

void change(evproc::broadcast_processor<int, event_stages, 4>& events) {
    events.consumer<0>().poll([](int& event) { ++event; });
}
