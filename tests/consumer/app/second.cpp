// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// A second translation unit with the same headers: a definition that is not inline would clash in the link.
#ifndef APP_HEADER
#define APP_HEADER <evproc/evproc.hpp>
#endif
#include APP_HEADER

#include <cstdint>
#include <memory>
#include <thread>

std::uint64_t sum_by_ring(std::uint64_t count) {
    evproc::ring_buffer<std::uint64_t, 16> ring;
    std::thread producer([&ring, count] {
        for (std::uint64_t i = 0; i < count; ++i) {
            auto slots = ring.reserve();
            if (!slots) break;
            std::construct_at(slots.data(), i);
            ring.commit(slots);
        }
        ring.close();
    });
    std::uint64_t sum = 0;
    while (ring.wait()) {
        auto ready = ring.peek();
        for (std::uint64_t value : ready) sum += value;
        ring.release(ready.size());
    }
    producer.join();
    return sum;
}
