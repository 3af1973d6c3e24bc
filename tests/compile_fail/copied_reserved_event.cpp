// expect: deleted
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/event_processor.hpp>

#include <utility>

void use(evproc::event_processor<int, 4>& events) {
    auto event = events.try_reserve();
#if defined(CONTROL)
    auto other = std::move(event);
#else
    auto other = event;
#endif
    other.discard();
}
