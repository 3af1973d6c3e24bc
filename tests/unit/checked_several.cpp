// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Where EVPROC_CHECKED is on: misuse of the other consumers (several rings, records, stages, a coroutine), and handles of every
// kind that outlive their processor. Each says what was done wrong.
#undef EVPROC_CHECKED
#define EVPROC_CHECKED 1

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include <evproc/broadcast_processor.hpp>
#include <evproc/event_processor.hpp>
#include <evproc/lane_processor.hpp>
#include <evproc/priority_processor.hpp>
#include <evproc/record_processor.hpp>
#include <evproc/selector.hpp>
#include <evproc/wait/coroutine_wait.hpp>

#include "catch.hpp"
#include "coroutines.hpp"
#include "death.hpp"
#include "threads.hpp"

using namespace evproc_test;

namespace {

constexpr char nested[] =
    "a consumer's verb was called from inside a handler, or while this thread holds a committed_batch";

/// Ends by abort, after one complaint of the library: `sentence`.
template <class Function> void check_says(char const* sentence, Function function) {
    auto const end = ending_of(function);
    INFO(end.error);
    CHECK(end.aborted());
    CHECK(end.complaint().starts_with(std::string("evproc: ") + sentence + " ("));
    CHECK(end.error.find("evproc: ", end.error.find("evproc: ") + 1) == std::string::npos);
}

using grouped = evproc::event_processor<int, 4, evproc::grouped_wait<>>;

struct two_rings {
    evproc::wait_group<> group;
    grouped first{group};
    grouped second{group};
};
using selector = evproc::selector<evproc::strict, grouped, grouped>;

using coroutine_processor = evproc::event_processor<int, 4, evproc::coroutine_wait>;

template <class P, class Executor> task consume(P& p, Executor& executor) {
    while (auto batch = co_await p.next_batch(executor)) batch.release();
}

}  // namespace

// ---- a consumer's verb in a handler ----

TEST_CASE("checked: polling from inside the handler of a consumer of several rings") {
    check_says(nested, [] {
        two_rings rings;
        selector s{evproc::strict{}, rings.first, rings.second};
        (void)rings.second.try_publish(1);
        s.poll([&](int) { s.poll([](int) {}); });
    });
    check_says(nested, [] {
        evproc::priority_processor<int, 2, 4> p;
        (void)p.try_publish(1, 1);
        p.poll([&](int) { p.poll_for(1ms, [](int) {}); });
    });
    check_says(nested, [] {
        evproc::lane_processor<int, 4> p{1};
        auto lane = p.producer();
        (void)lane.try_publish(1);
        p.poll([&](int) { p.run([](int) {}); });
    });
}

TEST_CASE("checked: consuming from a selector's processor inside the selector's handler, and the other way round") {
    check_says(nested, [] {
        two_rings rings;
        selector s{evproc::strict{}, rings.first, rings.second};
        (void)rings.first.try_publish(1);
        (void)rings.second.try_publish(2);
        s.poll([&](int) { rings.second.poll([](int) {}); });
    });
    check_says(nested, [] {
        two_rings rings;
        selector s{evproc::strict{}, rings.first, rings.second};
        (void)rings.first.try_publish(1);
        rings.first.poll([&](int) { s.poll([](int) {}); });
    });
}

TEST_CASE("checked: polling from inside the handler of a record_processor and of a broadcast_consumer") {
    check_says(nested, [] {
        evproc::record_processor<evproc::one_of<int>, 64> p;
        (void)p.try_publish<int>(1);
        p.poll([&](int&) { p.poll([](int&) {}); });
    });
    check_says(nested, [] {
        evproc::broadcast_processor<int, evproc::stages<2>, 4> p;
        auto consumer = p.consumer<0>(1);
        (void)p.try_publish(1);
        consumer.poll([&](int const&) { consumer.poll([](int const&) {}); });
    });
}

TEST_CASE("checked: in a broadcast handler another consumer may be polled, and its own processor be published to") {
    auto const end = ending_of([] {
        evproc::broadcast_processor<int, evproc::stages<2>, 4> p;
        auto one = p.consumer<0>(0);
        auto other = p.consumer<0>(1);
        (void)p.try_publish(1);
        one.poll([&](int const&) { (void)p.try_publish(2); });
        other.poll([](int const&) {});
    });
    INFO(end.error);
    CHECK(end.status == 0);
    CHECK(end.error.empty());
}

// ---- a committed_batch held ----

TEST_CASE("checked: a committed_batch held over a poll of a selector, a coroutine's, or a broadcast_consumer's") {
    check_says(nested, [] {
        two_rings rings;
        selector s{evproc::strict{}, rings.first, rings.second};
        (void)rings.second.try_publish(1);
        auto const held = rings.second.peek();
        s.poll([](int) {});
    });
    check_says(nested, [] {
        coroutine_processor p;
        (void)p.try_publish(1);
        auto const at_once = [](evproc::resumption r) { r(); };
        [[maybe_unused]] task const t = [](coroutine_processor& q, auto& executor) -> task {
            auto const held = co_await q.next_batch(executor);
            q.poll([](int) {});
        }(p, at_once);
    });
    check_says(nested, [] {
        evproc::broadcast_processor<int, evproc::stages<1>, 4> p;
        auto consumer = p.consumer<0>();
        (void)p.try_publish(1);
        auto const held = consumer.peek();
        consumer.poll([](int&) {});
    });
}

// ---- a handle that outlives its processor ----

TEST_CASE("checked: a reservation that outlives a consumer of several rings") {
    constexpr char live[] = "a processor was destroyed while a reservation was live";
    check_says(live, [] {
        std::optional<evproc::priority_processor<int, 2, 4>> p{std::in_place};
        auto const event = p->try_reserve(1);
        p.reset();
    });
    check_says(live, [] {
        std::optional<evproc::priority_processor<int, 2, 4>> p{std::in_place};
        auto const batch = p->try_reserve_batch(0, 2);
        p.reset();
    });
    check_says("a lane was dropped while a reservation of it was live", [] {
        evproc::lane_processor<int, 4> p{1};
        std::optional lane{p.producer()};
        auto const event = lane->try_reserve();
        lane.reset();
    });
}

TEST_CASE("checked: a reservation that outlives a record_processor or a broadcast_processor") {
    check_says("a processor was destroyed while a reservation was live", [] {
        std::optional<evproc::record_processor<evproc::one_of<int>, 64>> p{std::in_place};
        auto const record = p->try_reserve<int>();
        p.reset();
    });
    check_says("a broadcast_processor was destroyed while a reserved_event or reserved_batch was live", [] {
        std::optional<evproc::broadcast_processor<int, evproc::stages<1>, 4>> p{std::in_place};
        auto const batch = p->try_reserve_batch(2);
        p.reset();
    });
}

TEST_CASE("checked: a lane, and a broadcast_consumer, that outlives its processor") {
    check_says("a lane_processor was destroyed before one of its lanes", [] {
        std::optional<evproc::lane_processor<int, 4>> p{std::in_place, 2};
        auto lane = p->producer();
        (void)lane.try_publish(1);
        p.reset();
    });
    check_says("a broadcast_processor was destroyed before one of its consumers", [] {
        std::optional<evproc::broadcast_processor<int, evproc::stages<1>, 4>> p{std::in_place};
        auto const consumer = p->consumer<0>();
        p.reset();
    });
}

TEST_CASE("checked: a lane that has none, and one that was moved from, may outlive the processor's lanes") {
    auto const end = ending_of([] {
        evproc::lane_processor<int, 4> p{1};
        auto lane = p.producer();
        auto const none = p.producer();
        auto const moved = std::move(lane);
    });
    INFO(end.error);
    CHECK(end.status == 0);
    CHECK(end.error.empty());
}

TEST_CASE("checked: a consumer of several rings that is destroyed inside its own handler") {
    check_says("a lane_processor was destroyed inside its own handler", [] {
        std::optional<evproc::lane_processor<int, 4>> p{std::in_place, 1};
        (void)p->producer().try_publish(1);
        p->poll([&](int) { p.reset(); });
    });
    check_says("an event_processor was destroyed inside its own handler or while a committed_batch was live", [] {
        std::optional<evproc::priority_processor<int, 2, 4>> p{std::in_place};
        (void)p->try_publish(1, 1);
        p->poll([&](int) { p.reset(); });
    });
    check_says("a selector was destroyed inside its own handler", [] {
        two_rings rings;
        auto s = std::make_unique<selector>(evproc::strict{}, rings.first, rings.second);
        (void)rings.first.try_publish(1);
        s->poll([&](int) { s.reset(); });
    });
}

TEST_CASE("checked: a coroutine that still waits when its processor is destroyed") {
    check_says("a processor was destroyed while a coroutine waited for its events", [] {
        std::optional<coroutine_processor> p{std::in_place};
        loop l;
        [[maybe_unused]] task const t = consume(*p, l);
        p.reset();
    });
}

// ---- an executor that throws ----

TEST_CASE("checked: an executor that throws") {
    constexpr char threw[] =
        "an executor threw where it was given a coroutine to resume, within a step of the other side";
    check_says(threw, [] {
        coroutine_processor p;
        auto const throws = [](evproc::resumption) { throw std::runtime_error("no space"); };
        [[maybe_unused]] task const t = consume(p, throws);
        (void)p.try_publish(1);
    });
    struct posts {
        void post(evproc::resumption) { throw 1; }
    };
    check_says(threw, [] {
        coroutine_processor p;
        posts executor;
        [[maybe_unused]] task const t = consume(p, executor);
        p.close();
    });
}
