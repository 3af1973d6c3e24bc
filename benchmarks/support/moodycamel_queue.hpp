// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <concurrentqueue.h>

#include <array>
#include <cstddef>

#include "harness.hpp"

// moodycamel's queue, as an adapter of the harness.
namespace bench {

// A producer may be a whole capacity ahead, as in the other queues; the index for it is there from the start.
struct bounded_traits : moodycamel::ConcurrentQueueDefaultTraits {
    static std::size_t const MAX_SUBQUEUE_SIZE = queue_capacity;
    static std::size_t const EXPLICIT_INITIAL_INDEX_SIZE = 256;
};

inline constexpr std::size_t dequeue_at_once = 64;

// Tokens on both sides. `Bulk` receives in bulk too, which the documentation calls the most efficient way.
template <class Event, class Queue, bool Bulk> class moodycamel_queue {
public:
    moodycamel_queue(std::size_t capacity, std::size_t producers) : queue_(capacity * producers, producers, 0) {}

    class producer_side {
    public:
        explicit producer_side(Queue& queue) : queue_{queue}, token_{queue} {}

        template <class Write> void send(Write& write, spin_then_yield& wait) {
            Event event;
            write(event);
            while (!queue_.enqueue(token_, event)) {
                wait();
            }
        }

        template <class Write> void send_batch(std::size_t n, Write& write, spin_then_yield& wait) {
            std::array<Event, 64> events;
            for (std::size_t place = 0; place != n; ++place) {
                write(events[place]);
            }
            while (!queue_.enqueue_bulk(token_, events.data(), n)) {
                wait();
            }
        }

    private:
        Queue& queue_;
        moodycamel::ProducerToken token_;
    };

    class consumer_side {
    public:
        explicit consumer_side(Queue& queue) : queue_{queue}, token_{queue} {}

        template <class Read> std::size_t receive(Read& read) {
            if constexpr (Bulk) {
                std::array<Event, dequeue_at_once> events;
                std::size_t const some = queue_.try_dequeue_bulk(token_, events.data(), dequeue_at_once);
                for (std::size_t place = 0; place != some; ++place) {
                    read(events[place]);
                }
                return some;
            } else {
                Event event;
                if (!queue_.try_dequeue(token_, event)) {
                    return 0;
                }
                read(event);
                return 1;
            }
        }

        template <class Read>
        void receive_waiting(Read& read) requires requires(Queue& queue, moodycamel::ConsumerToken& token,
                                                           Event& event) { queue.wait_dequeue(token, event); }
        {
            Event event;
            queue_.wait_dequeue(token_, event);
            read(event);
        }

    private:
        Queue& queue_;
        moodycamel::ConsumerToken token_;
    };

    producer_side producer() { return producer_side{queue_}; }
    consumer_side consumer() { return consumer_side{queue_}; }

private:
    Queue queue_;
};

}  // namespace bench
