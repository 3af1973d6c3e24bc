// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Two rings, one consumer, one place to sleep.

#include "support.hpp"

#include <evproc/selector.hpp>

#include <chrono>

using namespace cases;
using evproc::errc;
using evproc::poll_state;

namespace {

template <class Wait, std::size_t N = 1> struct two_rings {
    using processor = evproc::event_processor<event, N, evproc::grouped_wait<Wait>, quiet>;

    evproc::wait_group<Wait> group;
    processor rings[2] = {processor{group}, processor{group}};
    evproc::selector<evproc::strict, processor, processor> select{evproc::strict{1}, rings[0], rings[1]};

    void send(unsigned ring, unsigned number) {
        check(rings[ring].publish(made(ring, number)) == errc::success, "publish failed");
        settle_producer(ring, number + 1);
    }
    /// Until there are n events, or all is closed and drained.
    void take(log& got, unsigned n) {
        while (got.size() < n) {
            auto const polled = select.poll_wait([&](event& e, evproc::select_info const& info) {
                check_equal(info.source, e.get() / 16, "the ring that an event came from");
                got.add(e.get());
            });
            check(polled.events != 0 || polled.state != poll_state::closed, "closed while a ring is open");
        }
    }
};
using sleeping = two_rings<evproc::blocking_wait>;
using spinning = two_rings<evproc::spin_wait>;

model::add_scenario const commits{"select: two rings, a commit in each, one sleep", plain, [](world& w) {
    sleeping s;
    log got;
    w.thread("producer 0", [&] { s.send(0, 0); });
    w.thread("producer 1", [&] { s.send(1, 0); });
    w.thread("consumer", [&] { s.take(got, 2); });
    w.run();
    for (unsigned i = 0; i < 2; ++i) check_equal(got.of(i), 1, "events of a ring");
}};

// Full, each by itself.
model::add_scenario const full{"select: two rings of one slot, two events in one of them", calm, [](world& w) {
    spinning s;
    log got;
    w.thread("producer 0", [&] { s.send(0, 0); });
    w.thread("producer 1", [&] {
        s.send(1, 0);
        s.send(1, 1);
    });
    w.thread("consumer", [&] { s.take(got, 3); });
    w.run();
    for (unsigned i = 0; i < 2; ++i) check_equal(got.of(i), i + 1, "events of a ring");
}};

// A discard that comes late leaves the other ring's event to be found.
model::add_scenario const discard{"select: a discard in one ring, a commit in the other, one sleep", calm,
                                  [](world& w) {
    sleeping s;
    log got;
    w.thread("producer 0", [&] {
        auto place = s.rings[0].reserve();
        check(place.error() == errc::success, "no space");
        place.discard();
    });
    w.thread("producer 1", [&] { s.send(1, 0); });
    w.thread("consumer", [&] { s.take(got, 1); });
    w.run();
    check_equal(got.of(1), 1, "events");
}};

// "closed" is said when both are, and after the last event of either.
model::add_scenario const closes{"select: each ring closed by a thread of its own, one sleep", calm, [](world& w) {
    sleeping s;
    log got;
    s.send(0, 0);
    for (unsigned i = 0; i < 2; ++i) w.thread(i == 0 ? "closer 0" : "closer 1", [&s, i] { s.rings[i].close(); });
    w.thread("consumer", [&] {
        for (;;) {
            auto const polled = s.select.poll_wait([&](event& e) { got.add(e.get()); });
            if (polled.state == poll_state::closed) break;
        }
        check(s.rings[0].is_closed() && s.rings[1].is_closed(), "closed while a ring is open");
        check(s.select.state() == poll_state::closed, "closed, and then not");
        check_equal(got.size(), 1, "events before the end");
    });
    w.run();
}};

model::add_scenario const wakes{"select: wake() of the second ring, one sleep", plain, [](world& w) {
    sleeping s;
    w.thread("waker", [&] { s.rings[1].wake(); });
    w.thread("consumer", [&] { check(!s.select.wait(), "an event where there is none"); });
    w.run();
}};

model::add_scenario const wake_of_one{"select: wake() of one ring against a commit in the other", plain, [](world& w) {
    sleeping s;
    log got;
    w.thread("waker", [&] { s.rings[0].wake(); });
    w.thread("producer 1", [&] { s.send(1, 0); });
    w.thread("consumer", [&] {
        // A wake-up that comes together with the event may be one with it.
        if (!s.select.wait()) s.take(got, 1);
        s.take(got, 1);
    });
    w.run();
    check_equal(got.of(1), 1, "events");
}};

model::add_scenario const timed{"select: a commit against a deadline", plain, [](world& w) {
    sleeping s;
    unsigned taken = 0;
    w.thread("producer 1", [&] { s.send(1, 0); });
    w.thread("consumer", [&] {
        auto const polled = s.select.poll_for(std::chrono::seconds{1}, [&](event&) { ++taken; });
        check_equal(polled.events, taken, "events");
    });
    w.run();
    if (taken == 0) check_equal(s.select.poll([](event&) {}).events, 1, "an event that came too late");
}};

// The handler's thread is the consumer of both: it is not to wait for space in either.
model::add_scenario const sibling{"select: a handler that reserves in the other ring, which may be full", plain,
                                  [](world& w) {
    spinning s;
    log got;
    w.thread("producer 1", [&] { s.send(1, 0); });
    w.thread("producer 0", [&] { s.send(0, 0); });
    w.thread("consumer", [&] {
        bool forwarded = false;
        while (got.size() < 2u + (forwarded ? 1 : 0)) {
            s.select.poll_wait([&](event& e) {
                got.add(e.get());
                if (e.get() != made(0, 0)) return;
                errc const sent = s.rings[1].publish(made(2, 0));
                check(sent == errc::success || sent == errc::would_deadlock, "neither space nor would_deadlock");
                forwarded = sent == errc::success;
            });
        }
    });
    w.run();
    for (unsigned i = 0; i < 2; ++i) check_equal(got.of(i), 1, "events of a ring");
}};

}  // namespace
