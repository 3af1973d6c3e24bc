// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What holds for every consumer of several rings: selector, priority_processor, lane_processor. The rows of the contract, and
// waiting with each strategy.

#include <array>
#include <chrono>
#include <cstddef>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <poll.h>
#endif

#include <evproc/lane_processor.hpp>
#include <evproc/priority_processor.hpp>
#include <evproc/selector.hpp>
#include <evproc/wait/blocking_wait.hpp>
#include <evproc/wait/coroutine_wait.hpp>
#include <evproc/wait/eventfd_wait.hpp>
#include <evproc/wait/spin_wait.hpp>

#include "catch.hpp"
#include "coroutines.hpp"
#include "scale.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::adaptive_wait;
using evproc::errc;
using evproc::event_action;
using evproc::poll_state;
using evproc::select_info;

namespace {

using ints = std::vector<int>;

// Each has a consumer and three rings of four slots. The consumers are in one group of waiting.

template <class Wait, class Event = int> struct selected {
    using wait_type = Wait;
    using processor = evproc::event_processor<Event, 4, evproc::grouped_wait<Wait>>;
    using selector = evproc::selector<evproc::weighted<3>, processor, processor, processor>;
    template <class E> using with = selected<Wait, E>;

    evproc::wait_group<Wait> group;
    processor first{group}, second{group}, third{group};
    selector consumer{evproc::weighted<3>{{2, 2, 2}}, first, second, third};

    processor& ring(std::size_t i) { return i == 0 ? first : i == 1 ? second : third; }
    evproc::processor_stats stats() const {
        auto sum = first.stats();
        evproc::detail::add(sum, second.stats());
        evproc::detail::add(sum, third.stats());
        return sum;
    }
};

template <class Wait, class Event = int> struct prioritized {
    using wait_type = Wait;
    template <class E> using with = prioritized<Wait, E>;

    evproc::priority_processor<Event, 3, 4, Wait> consumer;

    auto& ring(std::size_t i) { return consumer.level(i); }
    evproc::processor_stats stats() const { return consumer.stats(); }
};

template <class Wait, class Event = int> struct in_lanes {
    using wait_type = Wait;
    using lane = evproc::lane<Event, 4, Wait>;
    template <class E> using with = in_lanes<Wait, E>;

    evproc::lane_processor<Event, 4, Wait> consumer{3};
    std::array<lane, 3> lanes{consumer.producer(), consumer.producer(), consumer.producer()};

    /// For the calling thread: a lane that is moved may change its thread.
    lane& ring(std::size_t i) {
        lane moved = std::move(lanes[i]);
        return lanes[i] = std::move(moved);
    }
    evproc::processor_stats stats() const { return consumer.stats(); }
};

#define EACH_KIND_OVER(W) selected<W>, in_lanes<W> ALSO_IN_FULL(prioritized<W>)
#define EVERY_KIND EACH_KIND_OVER(adaptive_wait)
// The way into a loop of the program's own is Linux's.
#if defined(__linux__)
using loop_wait = evproc::eventfd_wait;
#else
using loop_wait = evproc::blocking_wait;
#endif
// Not TEMPLATE_PRODUCT_TEST_CASE: that of Catch2 2.13 converts signs.
#define EVERY_KIND_OVER_EVERY_WAIT                                                                  \
    EVERY_KIND, selected<loop_wait> ALSO_IN_FULL(                                                   \
                    prioritized<loop_wait>, in_lanes<loop_wait>, EACH_KIND_OVER(evproc::spin_wait), \
                    EACH_KIND_OVER(evproc::blocking_wait), EACH_KIND_OVER(evproc::coroutine_wait))

/// A thread for each of the three rings: publishes 0, 1, ... below n, then closes its ring.
template <class Rig> std::vector<std::jthread> publish_and_close(Rig& rig, int n) {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 3; ++i) {
        threads.emplace_back([&rig, i, n] {
            auto& mine = rig.ring(i);
            for (int v = 0; v < n; ++v) mine.publish(v);
            mine.close();
        });
    }
    return threads;
}

template <class Consumer> ints values_of(Consumer& consumer) {
    ints values;
    consumer.poll([&](int v) { values.push_back(v); });
    return values;
}

}  // namespace

// ---- the rows of the contract ----

TEMPLATE_TEST_CASE("several rings: each is full by itself", "", EVERY_KIND) {
    TestType rig;
    for (int i = 0; i < 4; ++i) CHECK(rig.ring(2).try_publish(i) == errc::success);
    CHECK(rig.ring(2).try_publish(4) == errc::full);
    CHECK(rig.ring(2).reserve_for(1ms).error() == errc::timed_out);
    CHECK(rig.ring(0).publish(10) == errc::success);
    CHECK(rig.ring(1).publish(20) == errc::success);
    CHECK(values_of(rig.consumer).size() == 6);
    CHECK(rig.ring(2).try_publish(4) == errc::success);
    CHECK(rig.stats().refused == 1);
}

TEMPLATE_TEST_CASE("several rings: a stalled producer holds up its own ring only", "", EVERY_KIND) {
    TestType rig;
    auto& stalled = rig.ring(0);
    auto event = stalled.reserve();
    *event = 1;
    rig.ring(1).publish(10);
    rig.ring(2).publish(20);
    CHECK(values_of(rig.consumer).size() == 2);
    CHECK(rig.consumer.state() == poll_state::blocked);
    CHECK(rig.consumer.poll([](int) {}).state == poll_state::idle);
    CHECK(rig.consumer.poll_for(1ms, [](int) {}).state == poll_state::blocked);
    CHECK_FALSE(rig.consumer.wait_for(1ms));
    rig.ring(1).publish(11);
    CHECK(rig.consumer.state() == poll_state::more);
    CHECK(values_of(rig.consumer) == ints{11});
    event.commit();
    CHECK(values_of(rig.consumer) == ints{1});
    CHECK(rig.consumer.state() == poll_state::idle);
}

TEMPLATE_TEST_CASE("several rings: closed one by one, and said once all are closed and drained", "", EVERY_KIND) {
    TestType rig;
    auto late = rig.ring(1).reserve();
    *late = 7;
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(rig.consumer.poll([](int) {}).state == poll_state::idle);
        rig.ring(i).close();
        CHECK(rig.ring(i).try_publish(1) == errc::closed);
        CHECK(rig.ring(i).is_closed());
    }
    CHECK(rig.consumer.state() == poll_state::blocked);
    CHECK(rig.consumer.poll([](int) {}).state == poll_state::idle);
    CHECK(late.commit() == errc::success);
    CHECK(rig.consumer.state() == poll_state::more);
    auto const last = rig.consumer.poll_wait([](int) {});
    CHECK(last.events == 1);
    CHECK(last.state == poll_state::closed);
    CHECK(rig.consumer.state() == poll_state::closed);
    CHECK_FALSE(rig.consumer.wait());
    CHECK(rig.consumer.run([](int) {}).reason == errc::closed);
}

TEMPLATE_TEST_CASE("several rings: close() of the consumer closes all, wakes producers, and works in the handler", "",
                   EVERY_KIND) {
    TestType rig;
    for (int i = 0; i < 4; ++i) rig.ring(2).publish(i);
    errc said = errc::success;
    {
        std::jthread waiting{[&] { said = rig.ring(2).publish(4); }};
        await([&] { return rig.stats().full_waits != 0; }, "the producer waits for space");
        rig.consumer.poll([&](int) {
            rig.consumer.close();
            return event_action::keep;
        });
    }
    CHECK(said == errc::closed);
    for (std::size_t i = 0; i < 3; ++i) CHECK(rig.ring(i).try_publish(1) == errc::closed);
    auto const rest = rig.consumer.run([](int) {});
    CHECK(rest.events == 4);
    CHECK(rest.reason == errc::closed);
    rig.consumer.close();
}

TEMPLATE_TEST_CASE("several rings: a throwing handler costs that event, and no other ring is touched", "", EVERY_KIND) {
    ledger_scope const books;
    {
        typename TestType::template with<tracked> rig;
        for (int i = 0; i < 3; ++i) {
            for (std::size_t ring = 0; ring < 3; ++ring) rig.ring(ring).publish(i);
        }
        CHECK_THROWS_AS(rig.consumer.poll([](tracked&) { throw planned_throw{}; }), planned_throw);
        CHECK(ledger::alive() == 8);
        std::array<ints, 3> got;
        rig.consumer.poll([&](tracked& t, select_info const& info) { got[info.source].push_back(t.get()); });
        CHECK(got[0] == ints{1, 2});
        CHECK(got[1] == ints{0, 1, 2});
        CHECK(got[2] == ints{0, 1, 2});
        CHECK(ledger::alive() == 0);
        CHECK(rig.stats().consumed == 9);
    }
    CHECK(ledger::balanced());
}

TEMPLATE_TEST_CASE("several rings: keep rests its ring until the next poll, the others go on", "", EVERY_KIND) {
    ledger_scope const books;
    {
        typename TestType::template with<tracked> rig;
        for (int i = 0; i < 3; ++i) {
            for (std::size_t ring = 0; ring < 3; ++ring) rig.ring(ring).publish(i);
        }
        int asked = 0;
        std::array<int, 3> seen{};
        auto const polled = rig.consumer.poll([&](tracked&, select_info const& info) {
            ++seen[info.source];
            if (info.source != 1) return event_action::next;
            return ++asked == 2 ? event_action::keep : event_action::next;
        });
        CHECK(asked == 2);
        CHECK(seen == std::array{3, 2, 3});
        CHECK(polled.events == 7);
        CHECK(polled.state == poll_state::more);
        CHECK(ledger::alive() == 2);
        ints rest;
        CHECK(rig.consumer.poll([&](tracked& t) { rest.push_back(t.get()); }).events == 2);
        CHECK(rest == ints{1, 2});
    }
    CHECK(ledger::balanced());
}

TEMPLATE_TEST_CASE("several rings: if all rings keep, poll returns", "", EVERY_KIND) {
    TestType rig;
    for (std::size_t ring = 0; ring < 3; ++ring) rig.ring(ring).publish(1);
    int asked = 0;
    auto const polled = rig.consumer.poll([&](int) { return ++asked, event_action::keep; });
    CHECK(asked == 3);
    CHECK(polled.events == 0);
    CHECK(polled.state == poll_state::more);
    std::jthread closer{[&] {
        let_it_park();
        rig.consumer.close();
    }};
    // A kept event comes again; run goes on.
    int left = 10;
    CHECK(rig.consumer.run([&](int) { return --left > 0 ? event_action::keep : event_action::next; }).events == 3);
}

TEMPLATE_TEST_CASE("several rings: stop ends poll and run at once, that event is consumed", "", EVERY_KIND) {
    ledger_scope const books;
    {
        typename TestType::template with<tracked> rig;
        for (std::size_t ring = 0; ring < 3; ++ring) {
            rig.ring(ring).publish(1);
            rig.ring(ring).publish(2);
        }
        auto const stop = [](tracked&) { return event_action::stop; };
        auto const polled = rig.consumer.poll(stop);
        CHECK(polled.events == 1);
        CHECK(polled.state == poll_state::more);
        auto const ran = rig.consumer.run(stop);
        CHECK(ran.events == 1);
        CHECK(ran.reason == errc::stopped);
        CHECK(ledger::alive() == 4);
        CHECK(rig.ring(0).try_publish(3) == errc::success);
    }
    CHECK(ledger::balanced());
}

TEMPLATE_TEST_CASE("several rings: every waiting verb says would_deadlock for a full ring, the sibling's too", "",
                   EVERY_KIND) {
    TestType rig;
    std::array rings{&rig.ring(0), &rig.ring(1), &rig.ring(2)};
    for (int i = 0; i < 4; ++i) {
        for (auto* ring : rings) ring->publish(i);
    }
    std::stop_source stop;
    std::vector<errc> said;
    std::vector<errc> tried;
    rig.consumer.poll(
        [&](int) {
            for (auto* ring : rings) {
                said.push_back(ring->publish(5));
                said.push_back(ring->reserve().error());
                said.push_back(ring->reserve(stop.get_token()).error());
                said.push_back(ring->reserve_for(1h).error());
                said.push_back(ring->reserve_until(std::chrono::steady_clock::now() + 1h).error());
                said.push_back(ring->reserve_batch(2).error());
                said.push_back(ring->reserve_batch_for(1h, 2).error());
                said.push_back(ring->flush());
                said.push_back(ring->flush_for(1h));
                tried.push_back(ring->try_publish(6));
            }
        },
        1);
    CHECK(said == std::vector<errc>(27, errc::would_deadlock));
    CHECK(tried == std::vector<errc>(3, errc::full));
    CHECK(values_of(rig.consumer).size() == 11);
    CHECK(rings[2]->publish(7) == errc::success);
}

TEMPLATE_TEST_CASE("several rings: without max, poll takes at most the sum of the capacities", "", EVERY_KIND) {
    TestType rig;
    std::array rings{&rig.ring(0), &rig.ring(1), &rig.ring(2)};
    rings[1]->publish(1);
    // There is always one more.
    auto const polled = rig.consumer.poll([&](int v) { static_cast<void>(rings[1]->try_publish(v + 1)); });
    CHECK(polled.events == 12);
    CHECK(polled.state == poll_state::more);
}

TEMPLATE_TEST_CASE("several rings: what is dropped, discarded, or left for the end is destroyed once", "", EVERY_KIND) {
    ledger_scope const books;
    {
        typename TestType::template with<tracked> rig;
        for (std::size_t ring = 0; ring < 3; ++ring) {
            auto& producer = rig.ring(ring);
            {
                auto dropped = producer.reserve();
                dropped.emplace(1);
            }
            {
                auto batch = producer.reserve_batch(2);
                batch.emplace_back(2);
                batch.commit();
            }
            ledger::arm(1);
            CHECK_THROWS_AS(producer.publish(3), planned_throw);
        }
        CHECK(ledger::alive() == 3);
        CHECK(rig.consumer.poll([](tracked&) {}, 1).events == 1);
        CHECK(rig.consumer.poll([](tracked&) {}).events == 2);
        CHECK(rig.stats().discarded == 9);
        CHECK(rig.consumer.state() == poll_state::idle);
        for (std::size_t ring = 0; ring < 3; ++ring) rig.ring(ring).publish(4);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("weighted and lanes never starve a ring, whatever the others have") {
    auto const flood = [](auto& rig, std::size_t most_before) {
        auto& busy = rig.ring(0);
        rig.ring(1).publish(-1);
        rig.ring(2).publish(-2);
        for (int i = 0; i < 4; ++i) busy.publish(i);
        ints order;
        for (int polls = 0; polls < 12; ++polls) {
            rig.consumer.poll([&](int v) {
                order.push_back(v);
                if (v >= 0) static_cast<void>(busy.try_publish(v));
            });
        }
        std::size_t at = 0;
        std::array<std::size_t, 2> found{};
        for (int const v : order) {
            if (v < 0) found[static_cast<std::size_t>(-v - 1)] = at;
            ++at;
        }
        CHECK(found[0] != 0);
        CHECK(found[0] <= most_before);
        CHECK(found[1] != 0);
        CHECK(found[1] <= most_before + 1);
    };
    selected<adaptive_wait> shares;
    flood(shares, 2);
    in_lanes<adaptive_wait> lanes;
    flood(lanes, 64);
}

// ---- waiting ----

TEMPLATE_TEST_CASE("several rings: a step in any ring ends a wait, for each strategy", "", EVERY_KIND_OVER_EVERY_WAIT) {
    TestType rig;
    auto const while_waiting = [&](auto step) {
        std::jthread other{[&] {
            let_it_park();
            step();
        }};
        return rig.consumer.wait();
    };
    for (std::size_t ring = 0; ring < 3; ++ring) {
        CHECK(while_waiting([&] { rig.ring(ring).publish(static_cast<int>(ring)); }));
        CHECK(values_of(rig.consumer) == ints{static_cast<int>(ring)});
    }
    CHECK_FALSE(while_waiting([&] { rig.consumer.wake(); }));
    CHECK_FALSE(rig.consumer.wait_for(1ms));
    // What gives it nothing to do does not end it.
    CHECK(while_waiting([&] {
        rig.ring(0).reserve().discard();
        rig.ring(1).close();
        let_it_park();
        rig.ring(2).publish(9);
    }));
    CHECK(values_of(rig.consumer) == ints{9});
    CHECK_FALSE(while_waiting([&] { rig.consumer.close(); }));
}

TEMPLATE_TEST_CASE("several rings: a wake called before an event ends the next wait that finds none", "",
                   EVERY_KIND_OVER_EVERY_WAIT) {
    TestType rig;
    rig.consumer.wake();
    rig.ring(1).publish(1);
    CHECK(rig.consumer.wait());
    CHECK(rig.consumer.poll_wait([](int) {}).events == 1);
    CHECK_FALSE(rig.consumer.wait());
    CHECK_FALSE(rig.consumer.wait_for(1ms));
    rig.consumer.wake();
    auto const woken = rig.consumer.poll_wait([](int) {});
    CHECK(woken.events == 0);
    CHECK(woken.state == poll_state::idle);
}

TEMPLATE_TEST_CASE("several rings: producers that wait for space get it, and run ends with the rings", "",
                   EVERY_KIND_OVER_EVERY_WAIT) {
    TestType rig;
    constexpr int each = 300;
    std::array<int, 3> next{};
    bool in_order = true;
    {
        auto const producers = publish_and_close(rig, each);
        auto const result =
            rig.consumer.run([&](int v, select_info const& info) { in_order &= v == next[info.source]++; });
        CHECK(result.reason == errc::closed);
        CHECK(result.events == 3 * each);
    }
    CHECK(in_order);
}

TEMPLATE_TEST_CASE("several rings: a consumer that waits uses next to no processor time, behind a stalled producer too",
                   "", EVERY_KIND, EACH_KIND_OVER(loop_wait)) {
    TestType rig;
    auto const used_in_a_wait = [&] {
        auto const before = thread_cpu_time();
        CHECK(rig.consumer.poll_for(300ms, [](int) {}).events == 0);
        return thread_cpu_time() - before;
    };
    CHECK(used_in_a_wait() < 100ms);
    auto stalled = rig.ring(1).reserve();
    CHECK(used_in_a_wait() < 100ms);
    stalled.discard();
    // And a producer that waits for space.
    auto& full = rig.ring(2);
    for (int i = 0; i < 4; ++i) full.publish(i);
    auto const before = thread_cpu_time();
    CHECK(full.reserve_for(300ms).error() == errc::timed_out);
    CHECK(thread_cpu_time() - before < 100ms);
}

#if defined(__linux__)
TEMPLATE_TEST_CASE("several rings: one eventfd tells of every step in every ring", "",
                   EACH_KIND_OVER(evproc::eventfd_wait)) {
    TestType rig;
    auto& consumer = rig.consumer;
    int const fd = consumer.native_handle();
    auto const is_readable = [&] {
        pollfd p{fd, POLLIN, 0};
        return ::poll(&p, 1, 0) == 1;
    };
    for (std::size_t ring = 0; ring < 3; ++ring) {
        REQUIRE(consumer.arm());
        CHECK_FALSE(is_readable());
        rig.ring(ring).publish(1);
        CHECK(is_readable());
        consumer.disarm();
        CHECK_FALSE(is_readable());
        // There is something to do, so nothing is written.
        CHECK_FALSE(consumer.arm());
        CHECK(consumer.poll([](int) {}).events == 1);
    }
    // Only discarded: it is skipped and not reported.
    rig.ring(1).reserve().discard();
    REQUIRE(consumer.arm());
    consumer.wake();
    CHECK(is_readable());
    consumer.disarm();
    // That wake is spent; one before arm() is not.
    REQUIRE(consumer.arm());
    consumer.disarm();
    consumer.wake();
    CHECK_FALSE(consumer.arm());
    REQUIRE(consumer.arm());
    rig.ring(0).close();
    CHECK(is_readable());
    REQUIRE(consumer.arm());
    CHECK_FALSE(is_readable());
    consumer.close();
    CHECK(is_readable());
    consumer.disarm();
    CHECK_FALSE(consumer.arm());
    CHECK(consumer.poll([](int) {}).state == poll_state::closed);
    CHECK(consumer.native_handle() == fd);
}

TEMPLATE_TEST_CASE("several rings: a consumer that sleeps in poll(2) gets every event and the end", "",
                   EACH_KIND_OVER(evproc::eventfd_wait)) {
    TestType rig;
    auto& consumer = rig.consumer;
    constexpr int each = 300;
    pollfd watched{consumer.native_handle(), POLLIN, 0};
    std::array<int, 3> next{};
    bool in_order = true;
    bool was_told = true;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 3; ++i) {
        threads.emplace_back([&rig, i] {
            auto& mine = rig.ring(i);
            for (int v = 0; v < each; ++v) {
                if (v % 5 == 0) mine.reserve().discard();
                mine.publish(v);
            }
            mine.close();
        });
    }
    while (was_told &&
           consumer.poll([&](int v, select_info const& info) { in_order &= v == next[info.source]++; }).state !=
               poll_state::closed) {
        if (!consumer.arm()) continue;
        was_told = ::poll(&watched, 1, 100'000) == 1;
        consumer.disarm();
    }
    CHECK(was_told);
    CHECK(in_order);
    CHECK(next == std::array{each, each, each});
}
#endif

namespace {

struct account {
    std::array<ints, 3> of;
    int ends = 0;
    std::size_t size() const { return of[0].size() + of[1].size() + of[2].size(); }
};

/// Consumes until when_ready() gives false.
template <class Consumer, class Executor>
task consume(Consumer& c, Executor& executor, std::stop_token stop, account& a) {
    auto const note = [&](int v, select_info const& info) { a.of[info.source].push_back(v); };
    if (stop.stop_possible()) {
        while (co_await c.when_ready(stop, executor)) c.poll(note);
    } else {
        while (co_await c.when_ready(executor)) c.poll(note);
    }
    ++a.ends;
}

template <class C, class E>
concept has_when_ready = requires(C& c, E& e) { c.when_ready(e); };

#define EVERY_KIND_OF_COROUTINE EACH_KIND_OVER(evproc::coroutine_wait)

}  // namespace

TEMPLATE_TEST_CASE("several rings: a coroutine is resumed once for a suspension, whatever ring it was", "",
                   EVERY_KIND_OF_COROUTINE) {
    STATIC_REQUIRE(has_when_ready<decltype(TestType::consumer), loop>);
    STATIC_REQUIRE_FALSE(has_when_ready<decltype(TestType::consumer), int>);
    STATIC_REQUIRE_FALSE(has_when_ready<decltype(selected<adaptive_wait>::consumer), loop>);
    TestType rig;
    loop l;
    account a;
    rig.ring(1).publish(1);
    task const t = consume(rig.consumer, l, {}, a);
    CHECK(a.of[1] == ints{1});
    CHECK(l.posts() == 0);
    for (std::size_t ring = 0; ring < 3; ++ring) {
        auto const before = a.size();
        for (int i = 0; i < 3; ++i) rig.ring(ring).publish(i);
        CHECK(a.size() == before);
        CHECK(l.posts() == ring + 1);
        l.run_one();
        CHECK(a.size() == before + 3);
    }
    // What gives it nothing to do does not resume it.
    rig.ring(0).reserve().discard();
    l.run_one();
    rig.ring(2).close();
    l.run_one();
    CHECK_FALSE(t.done());
    rig.ring(1).publish(5);
    rig.consumer.close();
    l.run_one();
    CHECK(t.done());
    CHECK(a.of[1] == ints{1, 0, 1, 2, 5});
    CHECK(a.ends == 1);
}

TEMPLATE_TEST_CASE("several rings: close, wake and a stop request end a coroutine's wait, also those of before", "",
                   EVERY_KIND_OF_COROUTINE) {
    TestType rig;
    loop l;
    account a;
    std::stop_source stop;
    bool const before = GENERATE(false, true);
    task t;
    if (!before) t = consume(rig.consumer, l, stop.get_token(), a);
    SECTION("close") { rig.consumer.close(); }
    SECTION("wake") { rig.consumer.wake(); }
    SECTION("stop") { stop.request_stop(); }
    if (before)
        t = consume(rig.consumer, l, stop.get_token(), a);
    else
        l.run_one();
    CHECK(t.done());
    CHECK(a.ends == 1);
    CHECK(l.posts() == (before ? 0U : 1U));
}

TEMPLATE_TEST_CASE("several rings: a coroutine destroyed where it waits holds nothing, and another may wait", "",
                   EVERY_KIND_OF_COROUTINE) {
    TestType rig;
    loop l;
    account a;
    account b;
    task t = consume(rig.consumer, l, {}, a);
    rig.ring(0).publish(1);
    REQUIRE(l.size() == 1);
    t.destroy();
    t = consume(rig.consumer, l, {}, b);
    l.run_one();  // the resumption of the first: does nothing
    CHECK(a.size() == 0);
    CHECK(b.of[0] == ints{1});
    rig.ring(2).publish(2);
    l.run_one();
    CHECK(b.of[2] == ints{2});
}

TEMPLATE_TEST_CASE("several rings: a coroutine gets every event of producers that wait for space, and the end", "",
                   EVERY_KIND_OF_COROUTINE) {
    TestType rig;
    loop l;
    account a;
    task const t = consume(rig.consumer, l, {}, a);
    constexpr int each = 300;
    auto const producers = publish_and_close(rig, each);
    while (!t.done()) l.run_one();
    ints all;
    for (int v = 0; v < each; ++v) all.push_back(v);
    for (auto const& values : a.of) CHECK(values == all);
}
