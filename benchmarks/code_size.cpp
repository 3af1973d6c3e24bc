// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Compiled by footprint.sh, never linked: how many bytes of code one use of the library is.

#include <cstdint>

#include <evproc/event_processor.hpp>

struct event {
    std::uint64_t value;
};
using processor = evproc::event_processor<event>;

extern "C" void send_one(processor& events, std::uint64_t value) {
    auto place = events.reserve();
    place->value = value;
    place.commit();
}

extern "C" bool try_send_one(processor& events, std::uint64_t value) {
    auto place = events.try_reserve();
    if (!place) {
        return false;
    }
    place->value = value;
    place.commit();
    return true;
}

extern "C" std::uint64_t take_all(processor& events) {
    std::uint64_t sum = 0;
    events.poll([&sum](event& arrived) { sum += arrived.value; });
    return sum;
}
