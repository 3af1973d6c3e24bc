// expect: append_uninitialized
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/event_processor.hpp>

#if defined(CONTROL)
struct event {
    int value;
};
#else
struct event {
    int value = 0;
};
#endif

void use(evproc::event_processor<event, 4>& events) {
    auto batch = events.try_reserve_batch(2);
    for (event& each : batch.append_uninitialized(2)) each.value = 1;
    (void)batch.commit();
}
