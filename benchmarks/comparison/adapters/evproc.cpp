// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT

#include "../works.hpp"

#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>
#include <evproc/wait/spin_wait.hpp>

#include <new>
#include <span>

namespace {

using namespace comparison;

// As a program would write it: handles on one side, a handler on the other. reserve() waits by itself.
template <class Event, class Wait, evproc::ring_options Options>
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
    void send_batch(std::size_t n, Write& write, spin_then_yield& /*wait*/) requires(Options.max_batch != 1) {
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
    evproc::event_processor<Event, queue_capacity, Wait, Options> events_;
};

// The ring without handles and object lifetime.
template <class Event>
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
    evproc::ring_buffer<Event, queue_capacity> ring_;
};

template <class Event>
using by_default = processor<Event, evproc::adaptive_wait, evproc::ring_options{}>;
template <class Event>
using inline_words = processor<Event, evproc::adaptive_wait, evproc::ring_options{.max_batch = 1}>;
template <class Event>
using single_producer =
    processor<Event, evproc::adaptive_wait, evproc::ring_options{.producers = evproc::producer_kind::single}>;
template <class Event>
using spinning = processor<Event, evproc::spin_wait, evproc::ring_options{}>;
template <class Event>
using uncounted = processor<Event, evproc::adaptive_wait, evproc::ring_options{.statistics = false}>;

add_queue<by_default> const plain{"evproc", family::ours, "event_processor, reserve, commit, poll"};
add_queue<inline_words> const one_each{"evproc_max1", family::ours, "event_processor, max_batch = 1"};
add_queue<single_producer> const single{"evproc_single", family::ours, "event_processor, producer_kind::single"};
add_queue<spinning> const spin{"evproc_spin", family::ours, "event_processor, spin_wait"};
add_queue<uncounted> const without{"evproc_nostats", family::ours, "event_processor, statistics = false"};
add_queue<bare_ring> const ring{"evproc_ring", family::ours, "ring_buffer, reserve, commit, peek, release"};

}  // namespace
