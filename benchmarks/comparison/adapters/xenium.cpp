// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "support/works.hpp"

#include <xenium/vyukov_bounded_queue.hpp>

namespace {

using namespace bench;

template <class Event, bool Weak> class vyukov {
public:
    static constexpr bool any_capacity = true;

    vyukov(std::size_t capacity, std::size_t /*producers*/) : queue_{capacity} {}

    vyukov& producer() { return *this; }
    vyukov& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& wait) {
        Event event;
        write(event);
        while (!queue_.try_push(event)) {
            wait();
        }
    }

    bool try_send(Event const& event) { return queue_.try_push(event); }

    template <class Read> std::size_t receive(Read& read) {
        Event event;
        if (!queue_.try_pop(event)) {
            return 0;
        }
        read(event);
        return 1;
    }

private:
    xenium::vyukov_bounded_queue<Event, xenium::policy::default_to_weak<Weak>> queue_;
};

template <class Event> using strong = vyukov<Event, false>;
template <class Event> using weak = vyukov<Event, true>;

add_queue<strong> const by_default{"xenium_vyukov", family::one_order,
                                   "xenium::vyukov_bounded_queue, try_push, try_pop"};
add_queue<weak> const by_weak{"xenium_vyukov_weak", family::one_order,
                              "xenium::vyukov_bounded_queue, try_push_weak, try_pop_weak"};

}  // namespace
