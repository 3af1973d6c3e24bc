// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "support/works.hpp"

#include <readerwritercircularbuffer.h>
#include <readerwriterqueue.h>

namespace {

using namespace bench;

template <class Event, class Queue> class reader_writer {
public:
    reader_writer(std::size_t capacity, std::size_t /*producers*/) : queue_{capacity} {}

    reader_writer& producer() { return *this; }
    reader_writer& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& wait) {
        Event event;
        write(event);
        while (!queue_.try_enqueue(event)) {
            wait();
        }
    }

    template <class Read> std::size_t receive(Read& read) {
        if constexpr (requires(Queue& queue) { queue.peek(); }) {
            Event const* const event = queue_.peek();
            if (event == nullptr) {
                return 0;
            }
            read(*event);
            queue_.pop();
        } else {
            Event event;
            if (!queue_.try_dequeue(event)) {
                return 0;
            }
            read(event);
        }
        return 1;
    }

    template <class Read>
    void receive_waiting(Read& read) requires requires(Queue& queue, Event& event) { queue.wait_dequeue(event); }
    {
        Event event;
        queue_.wait_dequeue(event);
        read(event);
    }

private:
    Queue queue_;
};

template <class Event> using blocks = reader_writer<Event, moodycamel::ReaderWriterQueue<Event>>;
template <class Event> using circular = reader_writer<Event, moodycamel::BlockingReaderWriterCircularBuffer<Event>>;

add_queue<blocks> const queue{"readerwriterqueue", family::single_producer,
                              "moodycamel::ReaderWriterQueue, try_enqueue, peek and pop in place"};
add_queue<circular> const ring{"readerwriter_ring", family::single_producer,
                               "moodycamel::BlockingReaderWriterCircularBuffer, try_enqueue, try_dequeue"};

}  // namespace
