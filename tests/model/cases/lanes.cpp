// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// A lane's ring goes from one owner to the next; lanes that are taken while the consumer is about to sleep.

#include "support.hpp"

#include <evproc/lane_processor.hpp>

using namespace cases;
using evproc::errc;

namespace {

/// One lane's ring without the processor around it.
template <std::size_t N> struct lane {
    using ring_type = evproc::detail::lane_ring<event, N, evproc::spin_wait>;

    lane() { it.open(none, N, group); }
    ~lane() { it.ring().destroy_all(); }

    void put(unsigned producer, unsigned number) {
        auto const range = it.try_reserve(1);
        check(range.error() == errc::success, "a ring taken over refuses a reservation");
        fill(it, range, producer, number);
        ++committed;
    }
    bool poll(log& got) {
        auto take = [&](event& e) {
            ++consumed;
            got.add(e.get());
        };
        return evproc::detail::take_turn(it.ring(), take, 0, 16).polled.events != 0;
    }
    void poll_until(log& got, unsigned n) {
        while (got.size() < n)
            if (!poll(got)) model::pause();
    }
    bool try_take() {
        if (!it.take()) return false;
        check_equal(consumed, committed, "events consumed when the ring is given out");
        return true;
    }
    void take() {
        while (!try_take()) model::pause();
    }

    evproc::wait_group<evproc::spin_wait> group;
    ring_type none;
    ring_type it;
    unsigned committed = 0;
    unsigned consumed = 0;
};

// The next owner goes on where the last one has stopped, also where nothing of it went through the consumer.
model::add_scenario const handed_over{"lanes: a ring handed over after an event and a discard", plain, [](world& w) {
    lane<2> l;
    log got;
    w.thread("owner", [&] {
        l.take();
        l.put(0, 0);
        auto const range = l.it.try_reserve(1);
        check(range.error() == errc::success, "no space");
        l.it.discard(range);
        l.it.release();
    });
    w.thread("next", [&] {
        l.take();
        l.put(1, 0);
        l.it.release();
    });
    w.thread("consumer", [&] { l.poll_until(got, 2); });
    w.run();
    check_equal(got.of(0), 1, "events of the first owner");
    check_equal(got.of(1), 1, "events of the next owner");
}};

model::add_scenario const discarded{"lanes: a ring handed over after a discard only", plain, [](world& w) {
    lane<1> l;
    auto const owner = [&] {
        if (!l.try_take()) return;
        auto const range = l.it.try_reserve(1);
        check(range.error() == errc::success, "a ring taken over refuses a reservation");
        l.it.discard(range);
        l.it.release();
    };
    w.thread("owner", owner);
    w.thread("next", owner);
    w.thread("third", owner);
    w.run();
}};

// Of two that want it one gets it. Who comes too late hands it on as the other left it.
model::add_scenario const wanted_by_two{"lanes: a ring that two want, and a third after them", plain, [](world& w) {
    lane<2> l;
    log got;
    unsigned owned[2] = {};
    auto const owner = [&](unsigned i) {
        if (!l.try_take()) return;
        owned[i] = 1;
        l.put(i, 0);
        l.it.release();
    };
    w.thread("owner 0", [&] { owner(0); });
    w.thread("owner 1", [&] { owner(1); });
    w.thread("consumer, then owner", [&] {
        l.poll_until(got, 1);
        // In vain only if the other has it after all.
        if (l.try_take()) {
            l.put(2, 0);
            l.it.release();
        }
    });
    w.run();
    l.poll(got);
    check(owned[0] + owned[1] != 0, "nobody got a free ring");
    for (unsigned i = 0; i < 2; ++i) check_equal(got.of(i), owned[i], "events of an owner");
}};

// Not before all that was committed in it is consumed.
model::add_scenario const not_yet{"lanes: a ring is not given out while it holds an event", plain, [](world& w) {
    lane<1> l;
    log got;
    check(l.try_take(), "nobody has it");
    w.thread("owner", [&] {
        l.put(0, 0);
        l.it.release();
    });
    w.thread("next", [&] {
        if (l.try_take()) l.put(1, 0);
    });
    w.thread("consumer", [&] { l.poll_until(got, 1); });
    w.run();
    l.poll(got);
    check_equal(got.of(0), 1, "events of the first owner");
}};

// A lane that is taken while the consumer has already looked at those before it wakes it all the same.
model::add_scenario const taken_late{"lanes: a lane taken while the consumer goes to sleep", plain, [](world& w) {
    evproc::lane_processor<event, 1, evproc::blocking_wait> p{2};
    auto const first = p.producer();
    log got;
    w.thread("producer", [&] {
        auto lane = p.producer();
        check(static_cast<bool>(lane), "two lanes for two");
        check(lane.publish(made(1, 0)) == errc::success, "publish failed");
    });
    w.thread("consumer", [&] {
        while (got.size() < 1) p.poll_wait([&](event& e) { got.add(e.get()); });
    });
    w.run();
    check_equal(got.of(1), 1, "events");
}};

}  // namespace
