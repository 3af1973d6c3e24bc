// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Sleeping and waking on both sides. The rings are small and the threads few: what is looked for is the wake-up that
// nobody sends.

#include "support.hpp"

#include <chrono>
#include <stop_token>

using namespace cases;
using evproc::errc;

namespace {

template <std::size_t N> using ring = evproc::ring_buffer<event, N, evproc::blocking_wait, quiet>;

constexpr auto soon = std::chrono::seconds{1};

// ---- one side sleeps ----

model::add_scenario const consumer_sleeps{"wait: a consumer sleeps, a producer commits", plain, [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer 0", [&] {
        put(r, 0, 0);
        put(r, 0, 1);
    });
    w.thread("consumer", [&] { take(r, got, 2); });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
}};

model::add_scenario const consumer_sleeps_two{"wait: a consumer sleeps, two producers commit", plain, [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0); });
    w.thread("producer 1", [&] { put(r, 1, 0); });
    w.thread("consumer", [&] { take(r, got, 2); });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(got.of(1), 1, "events of producer 1");
}};

model::add_scenario const consumer_sleeps_little{"wait: a consumer spins, then sleeps", plain, [](world& w) {
    evproc::ring_buffer<event, 2, short_wait, quiet> r;
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0); });
    w.thread("producer 1", [&] { put(r, 1, 0); });
    w.thread("consumer", [&] { take(r, got, 2); });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(got.of(1), 1, "events of producer 1");
}};

// ---- both sides sleep ----

model::add_scenario const producer_sleeps{"wait: one slot, producer and consumer sleep", plain, [](world& w) {
    ring<1> r;
    log got;
    w.thread("producer 0", [&] {
        put(r, 0, 0);
        put(r, 0, 1);
    });
    w.thread("consumer", [&] { take(r, got, 2); });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
}};

model::add_scenario const producers_sleep{"wait: one slot, two producers sleep", calm, [](world& w) {
    ring<1> r;
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0); });
    w.thread("producer 1", [&] { put(r, 1, 0); });
    w.thread("consumer", [&] {
        while (got.size() < 2)
            if (!take_some(r, got)) model::pause();
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(got.of(1), 1, "events of producer 1");
}};

// Two threads wait for different steps on one event count: the word that one of them is about to sleep on must not
// come back when the other prepares to wait again.
model::add_scenario const one_event_count{"wait: two sleep on one event count", calm, [](world& w) {
    evproc::detail::event_count count;
    model::atomic<int> first{0}, second{0};
    auto const never = evproc::wait_deadline::max();
    w.thread("waits for the first",
             [&] { count.await([&] { return first.load(std::memory_order_acquire) != 0; }, never); });
    w.thread("waits for the second",
             [&] { count.await([&] { return second.load(std::memory_order_acquire) != 0; }, never); });
    w.thread("takes both steps", [&] {
        first.store(1, std::memory_order_release);
        count.notify();
        second.store(1, std::memory_order_release);
        count.notify();
    });
    w.run();
}};

// A discarded slot is released by a consumer that has to be notified of it.
model::add_scenario const discard_rings{"wait: a discard wakes the consumer that frees slots", plain, [](world& w) {
    ring<1> r;
    log got;
    w.thread("producer 0", [&] {
        r.discard(r.reserve());
        put(r, 0, 0);
    });
    w.thread("consumer", [&] { take(r, got, 1); });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}};

model::add_scenario const rest_rings{"wait: the rest of a batch frees slots", plain, [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer 0", [&] {
        fill(r, r.reserve(2), 0, 0, 1, 1);
        put(r, 0, 1, 2);
    });
    w.thread("consumer", [&] { take(r, got, 3); });
    w.run();
    check_equal(got.of(0), 3, "events of producer 0");
}};

// ---- the end ----

model::add_scenario const close_wakes_consumer{"wait: close wakes a consumer", plain, [](world& w) {
    ring<1> r;
    log got;
    w.thread("consumer", [&] { take_all(r, got); });
    w.thread("closer", [&] { r.close(); });
    w.run();
    check_equal(got.size(), 0, "events");
}};

model::add_scenario const close_against_commit{"wait: close and a commit against a sleeping consumer", plain,
                                               [](world& w) {
    ring<1> r;
    log got;
    bool done = false;
    w.thread("producer 0", [&] {
        auto const range = r.try_reserve();
        if (!range) return;
        fill(r, range, 0, 0);
        done = true;
    });
    w.thread("consumer", [&] { take_all(r, got); });
    w.thread("closer", [&] { r.close(); });
    w.run();
    check_equal(got.of(0), done ? 1 : 0, "events of producer 0");
}};

model::add_scenario const close_wakes_producer{"wait: close wakes a producer", plain, [](world& w) {
    ring<1> r;
    log got;
    bool refused = false;
    put(r, 0, 0);
    w.thread("producer 0", [&] {
        auto const range = r.reserve();
        check(!range && range.error() == errc::closed, "space where there is none");
        refused = true;
    });
    w.thread("closer", [&] { r.close(); });
    w.run();
    check(refused, "the producer never came back");
    check(take_some(r, got), "the event is gone");
}};

// ---- wake ----

model::add_scenario const wake{"wait: wake ends a wait, once", plain, [](world& w) {
    ring<1> r;
    log got;
    bool woken = false;
    w.thread("consumer", [&] {
        woken = !r.wait();
        if (woken) take(r, got, 1);
        if (!woken) check(take_some(r, got), "nothing there after a wait");
    });
    w.thread("waker", [&] { r.wake(); });
    w.thread("producer 0", [&] { put(r, 0, 0); });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}};

// A wait that ends because an event is ready leaves a wake() for the next one.
model::add_scenario const wake_is_kept{"wait: wake is not used up by a wait that an event ends", plain, [](world& w) {
    ring<1> r;
    log got;
    model::atomic<int> told{0};
    w.thread("producer 0", [&] {
        r.wake();
        put(r, 0, 0);
        told.store(1, std::memory_order_release);
    });
    w.thread("consumer", [&] {
        while (told.load(std::memory_order_acquire) == 0) model::pause();
        check(r.wait(), "a wait ended with nothing there");
        check(take_some(r, got), "nothing there after a wait");
        check(!r.wait(), "something is there where nothing was");
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}};

// ---- deadlines ----

// Whatever was done before the deadline passed is what the wait returns: it looks once more. The flag is no atomic, so it
// says what was done, and not what somebody may have seen of it.
model::add_scenario const looks_once_more{"wait: a wait that times out looks once more", plain, [](world& w) {
    evproc::detail::event_count count;
    model::atomic<int> step{0};
    bool done = false;
    w.thread("waiter", [&] {
        auto const ready = [&] { return step.fetch_or(0, std::memory_order_acq_rel) != 0; };
        bool const seen = count.await(ready, evproc::wait_deadline{} + soon);
        check(seen || !done, "timed out although the step had been taken");
    });
    w.thread("notifier", [&] {
        step.fetch_or(1, std::memory_order_acq_rel);
        done = true;
        count.notify();
    });
    w.run();
}};

model::add_scenario const timeout_against_commit{"wait: timeout against commit", plain, [](world& w) {
    ring<1> r;
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0); });
    w.thread("consumer", [&] {
        if (r.wait_for(soon)) check(take_some(r, got), "nothing there after a wait");
        take(r, got, 1);
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}};

model::add_scenario const timeout_against_close{"wait: timeout against close", plain, [](world& w) {
    ring<1> r;
    log got;
    w.thread("closer", [&] { r.close(); });
    w.thread("consumer", [&] {
        check(!r.wait_for(soon), "something is there where nothing was");
        take_all(r, got);
    });
    w.run();
}};

model::add_scenario const timeout_against_release{"wait: a producer's timeout against release", plain, [](world& w) {
    ring<1> r;
    log got;
    unsigned done = 1;
    put(r, 0, 0);
    w.thread("producer 0", [&] {
        auto const range = r.reserve_for(soon);
        check(range || range.error() == errc::timed_out, "refused, but not because time is up");
        if (!range) return;
        fill(r, range, 0, 1);
        ++done;
    });
    w.thread("consumer", [&] { take(r, got, 1); });
    w.run();
    while (take_some(r, got)) {
    }
    check_equal(got.of(0), done, "events of producer 0");
}};

// A spinning wait looks at the clock in every eighth round, so nine of them have to be tried.
model::options const patient = [] {
    model::options o;
    o.stutters = 9;
    o.ticks = 1;
    return o;
}();
model::add_scenario const spinning_timeout{"wait: a spinning consumer's timeout against commit", patient, [](world& w) {
    evproc::ring_buffer<event, 1, evproc::spin_wait, quiet> r;
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0); });
    w.thread("consumer", [&] {
        if (r.wait_for(soon)) check(take_some(r, got), "nothing there after a wait");
        take(r, got, 1);
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}};

// ---- stop ----

model::add_scenario const stop_consumer{"wait: a stop request ends a consumer's wait", plain, [](world& w) {
    ring<1> r;
    std::stop_source source;
    bool came_back = false;
    w.thread("consumer", [&, token = source.get_token()] {
        check(!r.wait(token), "something is there where nothing was");
        check(token.stop_requested(), "came back for no reason");
        came_back = true;
    });
    w.thread("stopper", [&] { source.request_stop(); });
    w.run();
    check(came_back, "the consumer never came back");
}};

model::add_scenario const stop_against_commit{"wait: a stop request against a commit", plain, [](world& w) {
    ring<1> r;
    log got;
    std::stop_source source;
    w.thread("consumer", [&, token = source.get_token()] {
        if (r.wait(token)) check(take_some(r, got), "nothing there after a wait");
        take(r, got, 1);
    });
    w.thread("stopper", [&] { source.request_stop(); });
    w.thread("producer 0", [&] { put(r, 0, 0); });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}};

model::add_scenario const stop_producer{"wait: a stop request ends a producer's wait", plain, [](world& w) {
    ring<1> r;
    log got;
    std::stop_source source;
    unsigned done = 1;
    put(r, 0, 0);
    w.thread("producer 0", [&, token = source.get_token()] {
        auto const range = r.reserve(token);
        check(range || range.error() == errc::stopped, "refused, but not because of the stop request");
        if (!range) return;
        fill(r, range, 0, 1);
        ++done;
    });
    w.thread("stopper", [&] { source.request_stop(); });
    w.thread("consumer", [&] { take(r, got, 1); });
    w.run();
    while (take_some(r, got)) {
    }
    check_equal(got.of(0), done, "events of producer 0");
}};

}  // namespace
