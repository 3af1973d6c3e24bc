// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "support/works.hpp"

#include <tbb/concurrent_queue.h>

namespace {

using namespace bench;

template <class Event> class tbb_bounded {
public:
    static constexpr bool any_capacity = true;

    tbb_bounded(std::size_t capacity, std::size_t /*producers*/) {
        queue_.set_capacity(static_cast<std::ptrdiff_t>(capacity));
    }

    tbb_bounded& producer() { return *this; }
    tbb_bounded& consumer() { return *this; }

    // push() waits by itself.
    template <class Write> void send(Write& write, spin_then_yield& /*wait*/) {
        Event event;
        write(event);
        queue_.push(event);
    }

    template <class Read> std::size_t receive(Read& read) {
        Event event;
        if (!queue_.try_pop(event)) {
            return 0;
        }
        read(event);
        return 1;
    }

    template <class Read> void receive_waiting(Read& read) {
        Event event;
        queue_.pop(event);
        read(event);
    }

private:
    tbb::concurrent_bounded_queue<Event> queue_;
};

// No bound: producers never wait, memory grows instead.
template <class Event> class tbb_unbounded {
public:
    tbb_unbounded(std::size_t /*capacity*/, std::size_t /*producers*/) {}

    tbb_unbounded& producer() { return *this; }
    tbb_unbounded& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& /*wait*/) {
        Event event;
        write(event);
        queue_.push(event);
    }

    template <class Read> std::size_t receive(Read& read) {
        Event event;
        if (!queue_.try_pop(event)) {
            return 0;
        }
        read(event);
        return 1;
    }

private:
    tbb::concurrent_queue<Event> queue_;
};

add_queue<tbb_bounded> const bounded{"tbb_bounded", family::one_order,
                                     "tbb::concurrent_bounded_queue, push waits, try_pop"};
add_queue<tbb_unbounded> const unbounded{"tbb_unbounded", family::one_order,
                                         "tbb::concurrent_queue, no bound, try_pop"};

}  // namespace
