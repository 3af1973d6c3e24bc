// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <new>
#include <span>

#include <evproc/event_processor.hpp>
#include <evproc/extras/bounded_queue.hpp>
#include <evproc/ring_buffer.hpp>

#include "harness.hpp"

// Ours, as adapters of the harness.
namespace bench {

// How a program takes events: poll(handler), poll(handler, 256), poll(handler, 1), poll_batches(handler), peek().
enum class take { poll, poll_256, poll_1, spans, peek };

// As a program would write it: handles on one side, a handler on the other. reserve() waits by itself.
template <class Event, std::size_t N = queue_capacity, class Wait = evproc::adaptive_wait,
          evproc::ring_options Options = evproc::ring_options{}, take Take = take::poll>
class processor {
public:
    static constexpr bool any_capacity = N == std::dynamic_extent;

    processor(std::size_t /*capacity*/, std::size_t /*producers*/) requires(!any_capacity)
    {}
    processor(std::size_t capacity, std::size_t /*producers*/) requires any_capacity
        : events_{capacity} {}

    processor& producer() { return *this; }
    processor& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& /*wait*/) {
        auto event = events_.reserve();
        write(*event);
        event.commit();
    }

    template <class Write>
    void send_batch(std::size_t n, Write& write, spin_then_yield& /*wait*/) requires(Options.max_batch != 1)
    {
        auto batch = events_.reserve_batch(n);
        for (Event& event : batch.append_uninitialized(n)) {
            write(event);
        }
        batch.commit();
    }

    bool try_send(Event const& event) { return events_.try_publish(event) == evproc::errc::success; }

    template <class Read> std::size_t receive(Read& read) {
        auto const one = [&read](Event& event) { read(event); };
        auto const side_by_side = [&read](std::span<Event> events) {
            for (Event& event : events) {
                read(event);
            }
        };
        if constexpr (Take == take::poll) {
            return events_.poll(one).events;
        } else if constexpr (Take == take::poll_256) {
            return events_.poll(one, 256).events;
        } else if constexpr (Take == take::poll_1) {
            return events_.poll(one, 1).events;
        } else if constexpr (Take == take::spans) {
            return events_.poll_batches(side_by_side).events;
        } else {
            auto const batch = events_.peek();
            for (Event& event : batch) {
                read(event);
            }
            return batch.size();
        }
    }

    template <class Read> void receive_waiting(Read& read) {
        events_.poll_wait([&read](Event& event) { read(event); });
    }

private:
    evproc::event_processor<Event, N, Wait, Options> events_;
};

// The same with try_reserve(): the program waits for space by itself.
template <class Event> class trying_processor {
public:
    trying_processor(std::size_t /*capacity*/, std::size_t /*producers*/) {}

    trying_processor& producer() { return *this; }
    trying_processor& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& wait) {
        for (;; wait()) {
            if (auto event = events_.try_reserve()) {
                write(*event);
                event.commit();
                return;
            }
        }
    }

    template <class Read> std::size_t receive(Read& read) {
        return events_.poll([&read](Event& event) { read(event); }).events;
    }

private:
    evproc::event_processor<Event, queue_capacity> events_;
};

// The queue of the standard proposal: values in, values out, one at a time.
template <class Event> class value_queue {
public:
    static constexpr bool any_capacity = true;

    value_queue(std::size_t capacity, std::size_t /*producers*/) : events_{capacity} {}

    value_queue& producer() { return *this; }
    value_queue& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& wait) {
        Event event;
        write(event);
        while (!try_send(event)) {
            wait();
        }
    }

    bool try_send(Event const& event) { return events_.try_push(event) == evproc::conqueue_status::success; }

    template <class Read> std::size_t receive(Read& read) {
        auto const event = events_.try_pop();
        if (!event) {
            return 0;
        }
        read(*event);
        return 1;
    }

private:
    evproc::bounded_queue<Event> events_;
};

// The ring without handles and object lifetime.
template <class Event, std::size_t N = queue_capacity, evproc::ring_options Options = evproc::ring_options{}>
class bare_ring {
public:
    bare_ring(std::size_t /*capacity*/, std::size_t /*producers*/) {}

    bare_ring& producer() { return *this; }
    bare_ring& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& /*wait*/) {
        auto const slot = ring_.reserve();
        write(*::new (static_cast<void*>(slot.data())) Event);
        ring_.commit(slot);
    }

    template <class Write> void send_batch(std::size_t n, Write& write, spin_then_yield& /*wait*/) {
        auto const slots = ring_.reserve(n);
        for (std::size_t place = 0; place != n; ++place) {
            write(*::new (static_cast<void*>(slots.data() + place)) Event);
        }
        ring_.commit(slots);
    }

    template <class Read> std::size_t receive(Read& read) {
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
