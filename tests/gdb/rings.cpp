// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What print.sh looks at in gdb: rings of each kind with events in each state.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>

#include "../support/start_at.hpp"

using evproc::adaptive_wait;
using evproc::producer_kind;
using evproc::ring_options;

struct tick {
    int price;
    int size;
};

/// Where the debugger stops.
[[gnu::noinline]] void look_here() { asm volatile(""); }

template <class Ring> void put(Ring& ring, int first, std::size_t n) {
    auto const places = ring.try_reserve(n);
    for (std::size_t i = 0; i != n; ++i) places.data()[i] = first + static_cast<int>(i);
    ring.commit(places);
}
template <class Ring> void take(Ring& ring, std::size_t n) {
    static_cast<void>(ring.peek(n));
    ring.release(n);
}

int main() {
    evproc::ring_buffer<int, 8> empty;

    // Of a batch of three one is consumed; then a discarded stretch, a slot that waits for its commit, an event.
    auto mixed = started_at<evproc::ring_buffer<int, 8>>(1000, 8);
    put(mixed, 10, 3);
    take(mixed, 1);
    mixed.discard(mixed.try_reserve(2));
    auto const waiting = mixed.try_reserve();
    put(mixed, 40, 1);
    mixed.close();

    // A batch that goes past the end of the storage.
    evproc::ring_buffer<int, std::dynamic_extent> straddling(4);
    put(straddling, 1, 3);
    take(straddling, 3);
    put(straddling, 50, 4);

    evproc::ring_buffer<int, 4, adaptive_wait, ring_options{.max_batch = 1}> word_beside_event;
    put(word_beside_event, 7, 1);
    put(word_beside_event, 8, 1);

    evproc::ring_buffer<int, 4, adaptive_wait, ring_options{.producers = producer_kind::single}> single;
    put(single, 1, 3);
    take(single, 3);
    put(single, 60, 3);
    auto const last = single.try_reserve();

    evproc::event_processor<tick, 4> processor;
    processor.try_publish(tick{101, 5});
    auto held = processor.try_reserve();

    evproc::event_processor<std::string, 2> strings;
    strings.try_publish("hello");

    look_here();

    held.discard();
    single.discard(last);
    mixed.discard(waiting);
}
