// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// The event count alone, and the strategies that wake as many waiters as there is space for. Built three times, see
// wait_strategy.cpp.
#include <evproc/detail/event_count.hpp>
#include <evproc/evproc.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <thread>
#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "waits.hpp"

using namespace evproc_test;
using evproc::detail::event_count;
using steady = std::chrono::steady_clock;

namespace {

constexpr auto never = evproc::wait_deadline::max();

/// What waiters compete for, as producers for slots.
template <class Wait> struct units {
    Wait wait;
    std::atomic<int> free{0};

    bool take() {
        int seen = free.load();
        while (seen > 0)
            if (free.compare_exchange_weak(seen, seen - 1)) return true;
        return false;
    }
    void give(int n) {
        free += n;
        evproc::detail::notify_of_slots(wait, static_cast<std::size_t>(n));
    }
};

}  // namespace

TEST_CASE("event count: a notification before the callback is registered refuses it, one after it calls back once") {
    event_count count;
    int calls = 0;
    auto const notify = [&] { count.notify([] { return 7; }, [&](int read) { calls += read; }); };
    notify();  // nobody waits
    CHECK(calls == 0);
    auto prepared = count.prepare_wait();
    notify();
    CHECK_FALSE(count.register_callback(prepared));
    CHECK(calls == 0);
    prepared = count.prepare_wait();
    CHECK(count.register_callback(prepared));
    notify();
    notify();
    CHECK(calls == 7);
    CHECK_FALSE(count.cancel_wait());
}

TEST_CASE("event count: what was cancelled is not called back, and cancelling tells who was faster") {
    event_count count;
    int calls = 0;
    auto const prepared = count.prepare_wait();
    CHECK(count.register_callback(prepared));
    CHECK(count.cancel_wait());
    CHECK_FALSE(count.cancel_wait());
    count.notify([] { return 0; }, [&](int) { ++calls; });
    CHECK(calls == 0);
    CHECK_FALSE(count.register_callback(prepared));
}

TEST_CASE("event count: a step that made no units wakes nobody, and a wake of more than there are wakes all") {
    event_count count;
    auto const prepared = count.prepare_wait();
    count.notify(std::size_t{0});
    CHECK(count.register_callback(prepared));  // nothing came between
    CHECK(count.cancel_wait());
    auto const again = count.prepare_wait();
    count.notify((std::numeric_limits<std::size_t>::max)());
    CHECK_FALSE(count.register_callback(again));
    evproc::detail::futex futex;
    evproc::detail::atomic<std::uint32_t> word{0};
    CHECK(futex.wake_some(word, (std::numeric_limits<std::size_t>::max)()) == 0);  // nobody sleeps
}

TEST_CASE("event count: a wait that times out looks once more") {
    event_count count;
    int looks = 0;
    CHECK(count.await([&] { return ++looks == 2; }, steady::now() - std::chrono::seconds(1)));
    CHECK(looks == 2);
    CHECK_FALSE(count.await([&] { return ++looks == 0; }, steady::now() + 1ms, evproc::detail::sleeper::of_some));
    CHECK(count.parks() >= 2);
}

TEMPLATE_TEST_CASE("waking some: strategies that sleep can, others and a user's own are notified as ever", "",
                   EVERY_WAIT) {
    constexpr bool sleeps =
        std::is_same_v<TestType, evproc::blocking_wait> || std::is_same_v<TestType, evproc::adaptive_wait>;
    STATIC_REQUIRE(evproc::counting_wait<TestType> == sleeps);
    units<TestType> u;
    std::atomic<int> taken{0};
    {
        worker one(
            [&] { taken += evproc::detail::wait_for_slots(u.wait, 1, [&] { return u.take(); }, never) ? 1 : 0; });
        worker two(
            [&] { taken += evproc::detail::wait_for_slots(u.wait, 2, [&] { return u.free >= 2; }, never) ? 1 : 0; });
        let_it_park();
        u.give(1);
        one.join();
        CHECK_FALSE(two.has_ended());
        u.give(1);
        u.give(1);
    }
    CHECK(taken == 2);
}

TEST_CASE("waking some: one unit wakes one of many that wait for one") {
    constexpr unsigned waiters = 8;
    // How often threads go to sleep while each gets its unit; the first comes after `patience` times 20 ms.
    auto const parks = [](int patience) {
        units<evproc::blocking_wait> u;
        std::vector<std::thread> threads;
        std::atomic<unsigned> woken{0};
        for (unsigned i = 0; i < waiters; ++i) {
            threads.emplace_back([&] {
                u.wait.wait_one([&] { return u.take(); }, never);
                ++woken;
            });
        }
        await([&] { return u.wait.parks() == waiters; }, "all are about to sleep");
        for (int i = 0; i != patience; ++i) let_it_park();
        for (unsigned i = 1; i <= waiters; ++i) {
            u.give(1);
            await([&] { return woken == i; }, "the unit is taken");
            let_it_park();
        }
        for (auto& t : threads) t.join();
        return u.wait.parks();
    };
    auto fewest = parks(1);
    // Who is woken takes the unit, the others sleep on. All are woken where none of them is asleep yet: then once more, with
    // more patience. If others were woken as a rule, they would go to sleep again every time.
#if defined(EVPROC_HAS_FUTEX)
    for (int patience = 2; patience != 20 && fewest != waiters; ++patience)
        fewest = (std::min)(fewest, parks(patience));
    CHECK(fewest == waiters);
#else
    CHECK(fewest >= waiters);
#endif
}

TEMPLATE_TEST_CASE("no lost wake-up: units one by one for many that wait for one, for two, for all, or not for long",
                   "", evproc::blocking_wait, evproc::adaptive_wait) {
    units<TestType> u;
    constexpr int each = rounds<evproc::adaptive_wait>;
    constexpr int all = 6 * each;
    std::atomic<int> taken{0};
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 6; ++i) {
        threads.emplace_back([&, i] {
            dice roll(i + 1);
            for (int k = 0; k < each; ++k) {
                if (i < 3) {
                    u.wait.wait_one([&] { return u.take(); }, never);
                } else if (i < 5) {
                    auto const limit = [&] { return steady::now() + std::chrono::nanoseconds(roll(60'000)); };
                    while (!u.wait.wait_one([&] { return u.take(); }, limit())) {
                    }
                } else {
                    // Waits for whatever comes, and takes what others take.
                    u.wait.wait([&] { return u.take(); }, never);
                }
                ++taken;
            }
        });
    }
    // As flush(): waits until all are taken.
    worker flusher([&] {
        while (!over) u.wait.wait([&] { return taken % 7 == 0 || over; }, steady::now() + 1ms);
    });
    dice roll(99);
    for (int given = 0; given < all;) {
        int const n = std::min(static_cast<int>(roll(3)) + 1, all - given);
        given += n;
        u.give(n);
        idle_turns(roll(2'000));
        // At most as many as a small ring has.
        for (unsigned looks = 1; u.free > 2; ++looks)
            if (looks % 64 == 0) std::this_thread::yield();
    }
    for (auto& t : threads) t.join();
    over = true;
    u.wait.notify();
    CHECK(taken == all);
    CHECK(u.free == 0);
}
