// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Waking as many waiters as there are units for, on the event count alone.

#include "support.hpp"

#include <chrono>
#include <cstddef>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/event_count.hpp>

using namespace cases;

namespace {

constexpr auto one = evproc::detail::sleeper::of_some;

evproc::wait_deadline soon() { return evproc::detail::any_duration{std::chrono::seconds{1}}.until; }

/// What waiters compete for, as producers for slots.
struct units {
    evproc::detail::event_count count;
    model::atomic<int> free{0};

    void give(int n) {
        free.fetch_add(n, std::memory_order_acq_rel);
        count.notify(static_cast<std::size_t>(n));
    }
    bool take() {
        int seen = free.load(std::memory_order_acquire);
        while (seen > 0)
            if (free.compare_exchange_strong(seen, seen - 1, std::memory_order_acq_rel, std::memory_order_acquire))
                return true;
        return false;
    }
    bool await_one(evproc::wait_deadline until = evproc::wait_deadline::max()) {
        return count.await([&] { return take(); }, until, one);
    }
};

model::add_scenario const one_each{"event count: two units, one after the other, for two that wait for one", calm,
                                   [](world& w) {
    units u;
    w.thread("waiter 0", [&] { check(u.await_one(), "a wait without a deadline timed out"); });
    w.thread("waiter 1", [&] { check(u.await_one(), "a wait without a deadline timed out"); });
    w.thread("giver", [&] {
        u.give(1);
        u.give(1);
    });
    w.run();
    check(u.free.load(std::memory_order_relaxed) == 0, "a unit is left");
}};

model::add_scenario const two_at_once{"event count: two units at once for two that wait for one", calm, [](world& w) {
    units u;
    w.thread("waiter 0", [&] { u.await_one(); });
    w.thread("waiter 1", [&] { u.await_one(); });
    w.thread("giver", [&] { u.give(2); });
    w.run();
    check(u.free.load(std::memory_order_relaxed) == 0, "a unit is left");
}};

// As flush() beside reserve(): who waits for more than a unit is not passed over. One wait inside the other counts as two
// that wait for one, with a thread less.
model::add_scenario const one_and_more{"event count: two that wait for one, and one that waits for more", calm,
                                       [](world& w) {
    evproc::detail::event_count count;
    model::atomic<int> given{0}, over{0};
    auto const await_one = [&count](auto ready) { return count.await(ready, evproc::wait_deadline::max(), one); };
    w.thread("two wait for one",
             [&] { await_one([&] { return await_one([&] { return over.load(std::memory_order_acquire) != 0; }); }); });
    w.thread("waits for more", [&] {
        count.await([&] { return given.load(std::memory_order_acquire) != 0; }, evproc::wait_deadline::max());
        over.store(1, std::memory_order_release);
        count.notify();
    });
    w.thread("giver", [&] {
        given.store(1, std::memory_order_release);
        count.notify(std::size_t{1});
    });
    w.run();
}};

// Whoever times out at the moment that it is woken has the unit, or leaves it to the other.
model::add_scenario const one_times_out{"event count: one unit for two, one of which may time out", calm, [](world& w) {
    units u;
    w.thread("times out", [&] {
        if (u.await_one(soon())) u.give(1);
    });
    w.thread("waits", [&] { u.await_one(); });
    w.thread("giver", [&] { u.give(1); });
    w.run();
    check(u.free.load(std::memory_order_relaxed) == 0, "a unit is left");
}};

model::add_scenario const one_is_stopped{"event count: one unit for two, one of which is stopped", calm, [](world& w) {
    units u;
    model::atomic<int> stop{0}, over{0};
    w.thread("is stopped", [&] {
        bool got = false;
        u.count.await([&] { return (got = u.take()) || stop.load(std::memory_order_acquire) != 0; },
                      evproc::wait_deadline::max(), one);
        if (!got) return;
        over.store(1, std::memory_order_release);
        u.count.notify();
    });
    w.thread("waits", [&] {
        u.count.await([&] { return u.take() || over.load(std::memory_order_acquire) != 0; },
                      evproc::wait_deadline::max(), one);
        u.count.notify();  // of the stop
    });
    w.thread("stops and gives", [&] {
        stop.store(1, std::memory_order_release);
        u.give(1);
    });
    w.run();
    check(u.free.load(std::memory_order_relaxed) == 0, "a unit is left");
}};

}  // namespace
