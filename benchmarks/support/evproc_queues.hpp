// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <new>

#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>

#include "harness.hpp"

// Ours, as adapters of the harness.
namespace bench {

// As a program would write it: handles on one side, a handler on the other. reserve() waits by itself.
template <class Event, std::size_t N = queue_capacity, class Wait = evproc::adaptive_wait,
          evproc::ring_options Options = evproc::ring_options{}>
class processor {
public:
    processor(std::size_t /*capacity*/, std::size_t /*producers*/) {}

    processor& producer() { return *this; }
    processor& consumer() { return *this; }

    template <class Write>
    void send(Write& write, spin_then_yield& /*wait*/) {
        auto event = events_.reserve();
        write(*event);
        event.commit();
    }

    template <class Write>
    void send_batch(std::size_t n, Write& write, spin_then_yield& /*wait*/)
        requires(Options.max_batch != 1)
    {
        auto batch = events_.reserve_batch(n);
        for (Event& event : batch.append_uninitialized(n)) {
            write(event);
        }
        batch.commit();
    }

    template <class Read>
    std::size_t receive(Read& read) {
        return events_.poll([&read](Event& event) { read(event); }).events;
    }

    template <class Read>
    void receive_waiting(Read& read) {
        events_.poll_wait([&read](Event& event) { read(event); });
    }

private:
    evproc::event_processor<Event, N, Wait, Options> events_;
};

// The ring without handles and object lifetime.
template <class Event, std::size_t N = queue_capacity, evproc::ring_options Options = evproc::ring_options{}>
class bare_ring {
public:
    bare_ring(std::size_t /*capacity*/, std::size_t /*producers*/) {}

    bare_ring& producer() { return *this; }
    bare_ring& consumer() { return *this; }

    template <class Write>
    void send(Write& write, spin_then_yield& /*wait*/) {
        auto const slot = ring_.reserve();
        write(*::new (static_cast<void*>(slot.data())) Event);
        ring_.commit(slot);
    }

    template <class Write>
    void send_batch(std::size_t n, Write& write, spin_then_yield& /*wait*/) {
        auto const slots = ring_.reserve(n);
        for (std::size_t place = 0; place != n; ++place) {
            write(*::new (static_cast<void*>(slots.data() + place)) Event);
        }
        ring_.commit(slots);
    }

    template <class Read>
    std::size_t receive(Read& read) {
        auto const events = ring_.peek();
        for (Event& event : events) {
            read(event);
        }
        ring_.release(events.size());
        return events.size();
    }

private:
    evproc::ring_buffer<Event, N, evproc::adaptive_wait, Options> ring_;
};

}  // namespace bench
