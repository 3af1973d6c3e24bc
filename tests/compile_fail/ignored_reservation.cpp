// expect: ignoring return
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/event_processor.hpp>

void use(evproc::event_processor<int, 4>& events) {
#if defined(CONTROL)
    auto event = events.try_reserve();
    event.discard();
#else
    events.try_reserve();
#endif
}
