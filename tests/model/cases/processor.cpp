// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// event_processor: handles, handlers that throw or keep, flush, run.

#include "support.hpp"

#include <chrono>
#include <stop_token>
#include <vector>

using namespace cases;
using evproc::errc;
using evproc::event_action;
using evproc::poll_state;

namespace {

template <std::size_t N> using spinning = evproc::event_processor<event, N, evproc::spin_wait, quiet>;
template <std::size_t N> using sleeping = evproc::event_processor<event, N, evproc::blocking_wait, quiet>;

/// A producer that knows nothing but how far it has come.
template <class Processor> void send(Processor& p, unsigned producer, unsigned number) {
    check(p.publish(made(producer, number)) == errc::success, "publish failed");
    settle_producer(producer, number + 1);
}

template <class Processor> void handle(Processor& p, log& got, unsigned n) {
    while (got.size() < n) {
        auto const result = p.poll_wait([&](event& e) { got.add(e.get()); });
        check(result.events != 0 || result.state != poll_state::closed, "closed while open");
    }
}

model::add_scenario const publish{"processor: two slots, two producers publish", plain, [](world& w) {
    spinning<2> p;
    log got;
    for (unsigned i = 0; i < 2; ++i) w.thread(i == 0 ? "producer 0" : "producer 1", [&p, i] { send(p, i, 0); });
    w.thread("consumer", [&] { handle(p, got, 2); });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(got.of(1), 1, "events of producer 1");
    check_equal(p.stats().consumed, 2, "events counted");
}};

model::add_scenario const statistics{"processor: one slot, with statistics, full and waiting", plain, [](world& w) {
    evproc::event_processor<event, 1, evproc::spin_wait> p;
    log got;
    w.thread("producer 0", [&] {
        send(p, 0, 0);
        send(p, 0, 1);
    });
    w.thread("consumer", [&] { handle(p, got, 2); });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
    check_equal(p.stats().consumed, 2, "events counted");
    check_equal(p.stats().committed, 2, "events counted");
    check_equal(p.stats().discarded, 0, "events counted");
}};

// An event whose handler throws counts as consumed; those behind it are not touched, and come with the next poll.
model::add_scenario const throws{"processor: one slot, a handler throws", plain, [](world& w) {
    spinning<1> p;
    log got;
    w.thread("producer 0", [&] {
        for (unsigned i = 0; i < 2; ++i) send(p, 0, i);
    });
    w.thread("consumer", [&] {
        unsigned thrown = 0;
        while (got.size() < 2) {
            try {
                p.poll_wait([&](event& e) {
                    got.add(e.get());
                    if (got.size() == 1) throw 7;
                });
            } catch (int what) {
                check_equal(static_cast<std::uint64_t>(what), 7, "what was thrown");
                ++thrown;
            }
        }
        check_equal(thrown, 1, "exceptions");
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
}};

model::add_scenario const keeps{"processor: one slot, an event is kept once", plain, [](world& w) {
    spinning<1> p;
    log got;
    w.thread("producer 0", [&] {
        send(p, 0, 0);
        send(p, 0, 1);
    });
    w.thread("consumer", [&] {
        bool kept = false;
        while (got.size() < 2)
            p.poll_wait([&](event& e) {
                if (!kept) {
                    kept = true;
                    return event_action::keep;
                }
                got.add(e.get());
                return event_action::next;
            });
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
}};

struct throwing_event {
    explicit throwing_event(unsigned what) : value(what) {
        if (what == 99) throw what;
    }
    event value;
};

// Whoever throws between reserve and commit leaves a gap and nothing else; so does a handle that is dropped.
model::add_scenario const dropped{"processor: two slots, constructors throw, handles are dropped", plain, [](world& w) {
    evproc::event_processor<throwing_event, 2, evproc::spin_wait, quiet> p;
    log got;
    w.thread("producer 0", [&] {
        try {
            p.publish(99u);
            model::fail("the exception is gone");
        } catch (unsigned) {
        }
        settle_producer(0, 0);
        send(p, 0, 0);
    });
    w.thread("producer 1", [&] {
        auto place = p.reserve();
        place.emplace(98u);
    });
    w.thread("consumer", [&] {
        while (got.size() < 1) p.poll_wait([&](throwing_event& e) { got.add(e.value.get()); });
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(got.size(), 1, "events");
}};

model::add_scenario const batches{"processor: two slots, a batch with one built, then a whole one", plain,
                                  [](world& w) {
    spinning<2> p;
    log got;
    w.thread("producer 0", [&] {
        auto half = p.reserve_batch(2);
        half.emplace_back(made(0, 0));
        check(half.commit() == errc::success, "commit failed");
        auto whole = p.reserve_batch(2);
        whole.emplace_back(made(0, 1));
        whole.emplace_back(made(0, 2));
        check(whole.commit() == errc::success, "commit failed");
    });
    w.thread("consumer", [&] {
        while (got.size() < 3) {
            auto const ready = p.peek();
            for (event& e : ready) got.add(e.get());
            if (!ready) model::pause();
        }
    });
    w.run();
    check_equal(got.of(0), 3, "events of producer 0");
    check_equal(p.stats().discarded, 1, "slots given up");
}};

// Events are destroyed before their slots are released.
model::add_scenario const in_place{"processor: one slot, events read in place", plain, [](world& w) {
    spinning<1> p;
    log got;
    w.thread("producer 0", [&] {
        send(p, 0, 0);
        send(p, 0, 1);
    });
    w.thread("consumer", [&] {
        while (got.size() < 2) {
            auto const ready = p.peek();
            for (event& e : ready) got.add(e.get());
            if (!ready) model::pause();
        }
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
}};

// Memory that is trivial to construct is alive from the start.
model::add_scenario const trivial{"processor: one slot, events that need no construction", plain, [](world& w) {
    evproc::event_processor<model::plain<unsigned>, 1, evproc::spin_wait, quiet> p;
    log got;
    w.thread("producer 0", [&] {
        for (unsigned i = 0; i < 2; ++i) {
            auto place = p.reserve();
            place->set(made(0, i));
            place.commit();
        }
    });
    w.thread("consumer", [&] {
        while (got.size() < 2) p.poll_wait([&](model::plain<unsigned>& e) { got.add(e.get()); });
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
}};

// poll never waits for a producer that stopped, and state() tells.
model::options const holding = [] {
    model::options o = plain;
    o.check_leaks = false;
    return o;
}();
model::add_scenario const blocked{"processor: state() says blocked behind a producer that died", holding, [](world& w) {
    auto const p = new spinning<2>;  // not destroyed: a handle is live for ever
    log got;
    w.thread("producer 0", [=] {
        auto place = p->reserve();
        place.emplace(made(0, 0));
        model::die();
    });
    w.thread("producer 1", [=] { p->try_publish(made(1, 0)); });
    w.run();
    auto const result = p->poll([&](event& e) { got.add(e.get()); });
    check(result.state == poll_state::idle, "not idle");
    check(p->state() == poll_state::blocked, "not blocked");
    auto const stall = p->oldest_uncommitted();
    check(stall.stalled, "the stall is not seen");
    check_equal(stall.sequence, got.size(), "the slot that is stalled");
    check_equal(got.of(1), got.size(), "events of producer 1");
}};

// Whoever is known to have claimed before state() is asked is seen by it: never idle.
model::add_scenario const told_of_claims{"processor: two slots, state() sees each claim", plain, [](world& w) {
    spinning<2> p;
    log got;
    model::atomic<int> told{0};
    model::atomic<int> seen{0};
    w.thread("producer 0", [&] {
        auto place = p.reserve();
        told.fetch_add(1, std::memory_order_release);
        while (seen.load(std::memory_order_acquire) == 0) model::pause();
        place.emplace(made(0, 0));
        check(place.commit() == errc::success, "commit failed");
    });
    w.thread("producer 1", [&] {
        send(p, 1, 0);
        told.fetch_add(1, std::memory_order_release);
    });
    w.thread("consumer", [&] {
        auto const take_one = [&](event& e) { got.add(e.get()); };
        static_cast<void>(p.poll(take_one));
        while (told.load(std::memory_order_acquire) != 2) model::pause();
        // Of two claims one is not committed, wherever it stands.
        if (got.size() == 0 && p.state() == poll_state::more)
            check_equal(p.poll(take_one).events, 1, "events before the claim");
        check(p.state() == poll_state::blocked, "a claim was overlooked");
        seen.store(1, std::memory_order_release);
        handle(p, got, 2);
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(got.of(1), 1, "events of producer 1");
}};

// And whoever is known to have closed is seen by the poll.
model::add_scenario const told_of_the_end{"processor: two slots, a poll sees the end", plain, [](world& w) {
    spinning<2> p;
    model::atomic<int> told{0};
    w.thread("closer", [&] {
        p.close();
        told.store(1, std::memory_order_release);
    });
    w.thread("consumer", [&] {
        static_cast<void>(p.poll([](event&) {}));
        while (told.load(std::memory_order_acquire) == 0) model::pause();
        check(p.poll([](event&) {}).state == poll_state::closed, "the end was overlooked");
        check(p.state() == poll_state::closed, "the end was overlooked");
    });
    w.run();
}};

// What the handler did with everything committed before flush() is seen by who flushed.
template <class Processor> void flushing(world& w) {
    Processor p;
    log got;
    model::var<unsigned> handled{0};
    w.thread("producer 0", [&] {
        check(p.publish(made(0, 0)) == errc::success, "publish failed");
        check(p.flush() == errc::success, "flush failed");
        check_equal(handled.get(), made(0, 0) + 1, "what the handler wrote");
    });
    w.thread("consumer", [&] {
        while (got.size() < 1)
            p.poll_wait([&](event& e) {
                handled.set(e.get() + 1);
                got.add(e.get());
            });
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}
model::add_scenario const flush_spinning{"processor: flush, spinning", plain, flushing<spinning<2>>};
model::add_scenario const flush_sleeping{"processor: flush, sleeping", plain, flushing<sleeping<2>>};
model::add_scenario const flush_single{"processor: flush, one producer", plain,
                                       flushing<evproc::event_processor<event, 2, evproc::spin_wait, one_producer>>};

// Who flushes counts what is committed, which the consumer is in the midst of: the rest of a record belongs to it.
model::add_scenario const flush_piecewise{"processor: flush behind a batch that is handled one by one", plain,
                                          [](world& w) {
    spinning<2> p;
    log got;
    model::var<unsigned> handled{0};
    model::atomic<int> committed{0};
    w.thread("producer 0", [&] {
        auto batch = p.reserve_batch(2);
        batch.emplace_back(made(0, 0));
        batch.emplace_back(made(0, 1));
        check(batch.commit() == errc::success, "commit failed");
        committed.store(1, std::memory_order_release);
        check(p.flush() == errc::success, "flush failed");
        check_equal(handled.get(), 2, "events handled before flush returned");
    });
    w.thread("consumer", [&] {
        auto const handler = [&](event& e) {
            got.add(e.get());
            handled.set(got.size());
        };
        while (committed.load(std::memory_order_acquire) == 0) model::pause();
        check_equal(p.poll(handler, 1).events, 1, "events at once");
        check_equal(p.poll(handler, 1).events, 1, "events at once");
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
}};

model::add_scenario const flush_timeout{"processor: flush with a deadline against the consumer", plain, [](world& w) {
    sleeping<1> p;
    log got;
    model::var<unsigned> handled{0};
    w.thread("producer 0", [&] {
        p.publish(made(0, 0));
        errc const e = p.flush_for(std::chrono::seconds{1});
        check(e == errc::success || e == errc::timed_out, "flush failed");
        if (e == errc::success) check_equal(handled.get(), 7, "what the handler wrote");
    });
    w.thread("consumer", [&] {
        while (got.size() < 1)
            p.poll_wait([&](event& e) {
                handled.set(7);
                got.add(e.get());
            });
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}};

model::add_scenario const run_closed{"processor: run until closed", plain, [](world& w) {
    sleeping<1> p;
    log got;
    evproc::run_result result;
    bool done = false;
    w.thread("producer 0", [&] { done = p.publish(made(0, 0)) == errc::success; });
    w.thread("closer", [&] { p.close(); });
    w.thread("consumer", [&] { result = p.run([&](event& e) { got.add(e.get()); }); });
    w.run();
    check(result.reason == errc::closed, "run ended for another reason");
    check_equal(result.events, done ? 1 : 0, "events counted");
    check_equal(got.of(0), done ? 1 : 0, "events of producer 0");
}};

model::add_scenario const run_throws{"processor: run lets an exception out and closes", plain, [](world& w) {
    sleeping<1> p;
    log got;
    bool caught = false;
    errc second = errc::success;
    w.thread("producer 0", [&] {
        p.publish(made(0, 0));
        second = p.publish(made(0, 1));
    });
    w.thread("consumer", [&] {
        try {
            p.run([&](event& e) {
                got.add(e.get());
                throw 7;
            });
        } catch (int) {
            caught = true;
        }
    });
    w.run();
    check(caught, "the exception is gone");
    check_equal(got.of(0), 1, "events of producer 0");
    check(p.is_closed() && second != errc::timed_out, "not closed");
}};

model::add_scenario const run_stopped{"processor: run until a stop is requested", plain, [](world& w) {
    sleeping<1> p;
    log got;
    std::stop_source source;
    evproc::run_result result;
    w.thread("stopper", [&] { source.request_stop(); });
    w.thread("producer 0", [&] { p.try_publish(made(0, 0)); });
    w.thread("consumer",
             [&, token = source.get_token()] { result = p.run(token, [&](event& e) { got.add(e.get()); }); });
    w.run();
    check(result.reason == errc::stopped, "run ended for another reason");
    p.poll([&](event& e) { got.add(e.get()); });
    check_equal(got.of(0), 1, "events of producer 0");
}};

model::add_scenario const wakes{"processor: wake ends poll_wait", plain, [](world& w) {
    sleeping<1> p;
    evproc::poll_result result;
    w.thread("waker", [&] { p.wake(); });
    w.thread("consumer", [&] { result = p.poll_wait([](event&) {}); });
    w.run();
    check_equal(result.events, 0, "events");
    check(result.state == poll_state::idle, "not idle");
}};

// A handler that finds the ring full must not wait for itself.
model::add_scenario const own_thread{"processor: a handler does not wait for its own space", plain, [](world& w) {
    sleeping<1> p;
    log got;
    errc inside = errc::success;
    w.thread("producer 0", [&] { p.publish(made(0, 0)); });
    w.thread("consumer", [&] {
        while (got.size() < 1)
            p.poll_wait([&](event& e) {
                got.add(e.get());
                inside = p.publish(made(1, 0));
            });
    });
    w.run();
    check(inside == errc::would_deadlock, "no deadlock seen");
}};

}  // namespace
