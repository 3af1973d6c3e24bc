// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "support/works.hpp"

#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>

#include <array>

namespace {

using namespace bench;

// Fixed capacity, so that no node is ever allocated: the documentation's fastest configuration.
template <class Event, taken AtOnce> class boost_queue {
public:
    boost_queue(std::size_t /*capacity*/, std::size_t /*producers*/) {}

    boost_queue& producer() { return *this; }
    boost_queue& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& wait) {
        Event event;
        write(event);
        while (!queue_.bounded_push(event)) {
            wait();
        }
    }

    bool try_send(Event const& event) { return queue_.bounded_push(event); }

    template <class Read> std::size_t receive(Read& read) {
        auto const take = [&read](Event const& event) { read(event); };
        if constexpr (AtOnce == taken::many) {
            return queue_.consume_all(take);
        } else {
            return queue_.consume_one(take) ? 1u : 0u;
        }
    }

private:
    boost::lockfree::queue<Event, boost::lockfree::capacity<queue_capacity>> queue_;
};

template <class Event> class boost_spsc_queue {
public:
    boost_spsc_queue(std::size_t /*capacity*/, std::size_t /*producers*/) {}

    boost_spsc_queue& producer() { return *this; }
    boost_spsc_queue& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& wait) {
        Event event;
        write(event);
        while (!queue_.push(event)) {
            wait();
        }
    }

    template <class Write> void send_batch(std::size_t n, Write& write, spin_then_yield& wait) {
        std::array<Event, 64> events;
        for (std::size_t place = 0; place != n; ++place) {
            write(events[place]);
        }
        for (std::size_t sent = 0; (sent += queue_.push(events.data() + sent, n - sent)) != n;) {
            wait();
        }
    }

    template <class Read> std::size_t receive(Read& read) {
        return queue_.consume_all([&read](Event const& event) { read(event); });
    }

private:
    boost::lockfree::spsc_queue<Event, boost::lockfree::capacity<queue_capacity>> queue_;
};

template <class Event> using boost_queue_one = boost_queue<Event, taken::one>;
template <class Event> using boost_queue_all = boost_queue<Event, taken::many>;

add_queue<boost_queue_one> const lockfree{"boost_queue", family::one_order,
                                          "boost::lockfree::queue, fixed capacity, bounded_push, consume_one"};
add_queue<boost_queue_all> const lockfree_all{"boost_queue_all", family::one_order,
                                              "boost::lockfree::queue, fixed capacity, bounded_push, consume_all",
                                              taken::many};
add_queue<boost_spsc_queue> const spsc{"boost_spsc", family::single_producer,
                                       "boost::lockfree::spsc_queue, fixed capacity, push, consume_all", taken::many};

}  // namespace
