// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <chrono>
#include <cstdio>

#include <evproc/event_processor.hpp>

void guarantees() {
    evproc::event_processor<int, 8> events;
    auto stalled = events.reserve();
    events.publish(2);
    std::FILE* const log = std::tmpfile();
    expect(log != nullptr);
    auto const handler = [](int) {};

    auto const polled = events.poll_for(std::chrono::milliseconds(1), handler);
    if (polled.state == evproc::poll_state::blocked) {
        auto const stall = events.oldest_uncommitted();
        if (stall && stall.age >= std::chrono::milliseconds(0)) {  // choose your own limit
            std::fprintf(log, "event %llu is reserved and not committed\n",
                         static_cast<unsigned long long>(stall.sequence));
        }
    }

    expect(polled.events == 0 && std::ftell(log) > 0);
    std::fclose(log);
    stalled.discard();
    expect(events.poll(handler).events == 1);
}
