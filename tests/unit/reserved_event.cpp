// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// event_processor: reserving and publishing one event; what a reserved_event owns and when it lets go.
#include <evproc/event_processor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_processor;
using evproc::poll_state;

using ints = std::vector<int>;

namespace {

struct tick {
    int price;
    int size;
};

}  // namespace

TEST_CASE("reserved_event: it is move-only and its bool is explicit") {
    event_processor<int, 4> p;
    using handle = decltype(p.try_reserve());
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<handle>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<handle>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<handle>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<handle>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<handle, bool>);
    STATIC_REQUIRE(noexcept(p.try_reserve()));
    STATIC_REQUIRE(noexcept(p.close()));
    STATIC_REQUIRE(noexcept(p.wake()));
    STATIC_REQUIRE(noexcept(p.is_closed()));
    STATIC_REQUIRE(noexcept(p.stats()));
    STATIC_REQUIRE(noexcept(p.oldest_uncommitted()));
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<event_processor<int, 4>>);
    STATIC_REQUIRE_FALSE(std::is_move_constructible_v<event_processor<int, 4>>);
}

TEST_CASE("reserved_event: a trivial event is alive from the start") {
    event_processor<tick, 4> p;
    auto event = p.try_reserve();
    REQUIRE(static_cast<bool>(event));
    CHECK(event.error() == errc::success);
    CHECK(event.sequence() == 0);
    event->price = 10;
    (*event).size = 3;
    CHECK(event.get()->price == 10);
    CHECK(event.commit() == errc::success);
    CHECK_FALSE(static_cast<bool>(event));
    int seen = 0;
    CHECK(p.poll([&](tick& t) { seen = t.price * 10 + t.size; }).events == 1);
    CHECK(seen == 103);
}

TEST_CASE("reserved_event: emplace works on a trivial event too and returns it") {
    event_processor<tick, 4> p;
    auto event = p.try_reserve();
    tick& built = event.emplace(tick{7, 8});
    CHECK(&built == event.get());
    built.size = 9;
    CHECK(event.commit() == errc::success);
    CHECK(p.poll([](tick& t) {
               CHECK(t.price == 7);
               CHECK(t.size == 9);
           }).events == 1);
}

TEST_CASE("reserved_event: an event with a constructor is emplaced and then committed") {
    ledger_scope const books;
    {
        event_processor<tracked, 4> p;
        auto event = p.try_reserve();
        CHECK(ledger::constructed == 0);
        tracked& built = event.emplace(4, 2);
        CHECK(&built == &*event);
        CHECK(event->value == 4002);
        CHECK(event.commit() == errc::success);
        CHECK(values_of(p) == ints{4002});
        CHECK(ledger::constructed == 1);
        CHECK(ledger::destroyed == 1);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_event: commit of an event that was not built discards it and is invalid_handle") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    auto event = p.try_reserve();
    CHECK(event.commit() == errc::invalid_handle);
    CHECK_FALSE(static_cast<bool>(event));
    REQUIRE(p.try_publish(1) == errc::success);
    CHECK(values_of(p) == ints{1});
    CHECK(p.stats().discarded == 1);
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_event: a dropped handle that was not built is stepped over") {
    ledger_scope const books;
    event_processor<tracked, 2> p;
    {
        auto const dropped = p.try_reserve();
        CHECK(static_cast<bool>(dropped));
    }
    REQUIRE(p.try_publish(1) == errc::success);
    CHECK(p.try_publish(2) == errc::full);
    CHECK(values_of(p) == ints{1});
    CHECK(p.stats().discarded == 1);
    CHECK(ledger::constructed == 1);
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_event: a dropped handle that was built destroys its event and is stepped over") {
    ledger_scope const books;
    event_processor<tracked, 2> p;
    {
        auto dropped = p.try_reserve();
        dropped.emplace(5);
        CHECK(ledger::alive() == 1);
    }
    CHECK(ledger::alive() == 0);
    CHECK(values_of(p).empty());
    CHECK(p.stats().discarded == 1);
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_event: discard destroys the event and empties the handle") {
    ledger_scope const books;
    event_processor<tracked, 2> p;
    auto event = p.try_reserve();
    event.emplace(5);
    event.discard();
    CHECK_FALSE(static_cast<bool>(event));
    CHECK(ledger::alive() == 0);
    REQUIRE(p.try_publish(6) == errc::success);
    CHECK(values_of(p) == ints{6});
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_event: an exception between reserve and commit discards the event") {
    ledger_scope const books;
    event_processor<tracked, 2> p;
    auto const fails = [&] {
        auto event = p.try_reserve();
        event.emplace(5);
        throw planned_throw{};
    };
    CHECK_THROWS_AS(fails(), planned_throw);
    CHECK(ledger::alive() == 0);
    REQUIRE(p.try_publish(6) == errc::success);
    CHECK(values_of(p) == ints{6});
    CHECK(p.stats().discarded == 1);
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_event: a throwing constructor in emplace leaves the handle reserved and empty") {
    ledger_scope const books;
    event_processor<tracked, 2> p;
    auto event = p.try_reserve();
    ledger::arm(1);
    CHECK_THROWS_AS(event.emplace(1), planned_throw);
    CHECK(static_cast<bool>(event));
    SECTION("it may be built again") {
        event.emplace(2);
        CHECK(event.commit() == errc::success);
        CHECK(values_of(p) == ints{2});
    }
    SECTION("it may be dropped") {
        event.discard();
        CHECK(values_of(p).empty());
        CHECK(p.stats().discarded == 1);
    }
    SECTION("it cannot be committed") {
        CHECK(event.commit() == errc::invalid_handle);
        CHECK(values_of(p).empty());
    }
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_event: a second emplace replaces the first event") {
    ledger_scope const books;
    {
        event_processor<tracked, 2> p;
        auto event = p.try_reserve();
        event.emplace(1);
        event.emplace(2);
        CHECK(ledger::alive() == 1);
        ledger::arm(1);
        CHECK_THROWS_AS(event.emplace(3), planned_throw);
        CHECK(ledger::alive() == 0);  // the old one is gone, the new one never was
        event.emplace(4);
        CHECK(event.commit() == errc::success);
        CHECK(values_of(p) == ints{4});
    }
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_event: moving hands over the reservation") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    auto a = p.try_reserve();
    a.emplace(1);
    auto b = std::move(a);
    CHECK_FALSE(static_cast<bool>(a));  // NOLINT(bugprone-use-after-move): this is what is tested
    REQUIRE(static_cast<bool>(b));
    CHECK(b.sequence() == 0);
    CHECK(b->value == 1);
    CHECK(ledger::constructed == 1);  // the event itself was not moved
    CHECK(b.commit() == errc::success);
    CHECK(values_of(p) == ints{1});
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_event: assigning over a live handle discards the old reservation") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    auto a = p.try_reserve();
    a.emplace(1);
    auto b = p.try_reserve();
    b.emplace(2);
    a = std::move(b);
    CHECK(ledger::alive() == 1);
    REQUIRE(static_cast<bool>(a));
    CHECK_FALSE(static_cast<bool>(b));  // NOLINT(bugprone-use-after-move): this is what is tested
    CHECK(a.sequence() == 1);
    CHECK(a.commit() == errc::success);
    CHECK(values_of(p) == ints{2});
    CHECK(p.stats().discarded == 1);
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_event: assigning a fresh reservation over a live one discards the old") {
    event_processor<int, 4> p;
    auto event = p.try_reserve();
    for (int i = 0; i < 3; ++i) event = p.try_reserve();
    CHECK(event.sequence() == 3);
    *event = 9;
    event.commit();
    CHECK(values_of(p) == ints{9});
    CHECK(p.stats().discarded == 3);
}

TEST_CASE("reserved_event: self-move-assignment keeps the reservation") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    auto event = p.try_reserve();
    event.emplace(3);
    auto& same = event;
    event = std::move(same);
    REQUIRE(static_cast<bool>(event));
    CHECK(event->get() == 3);
    CHECK(event.commit() == errc::success);
    CHECK(values_of(p) == ints{3});
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_event: handles move through functions and containers") {
    event_processor<int, 8> p;
    auto const make = [&](int v) {
        auto event = p.try_reserve();
        *event = v;
        return event;
    };
    std::vector<decltype(p.try_reserve())> held;
    for (int i = 0; i < 8; ++i) held.push_back(make(i));
    CHECK(p.try_reserve().error() == errc::full);
    CHECK(values_of(p).empty());
    for (std::size_t i = 8; i-- > 0;) {
        if (i % 2 == 0) CHECK(held[i].commit() == errc::success);
    }
    held.clear();
    CHECK(values_of(p) == ints{0, 2, 4, 6});
}

TEST_CASE("reserved_event: a refused handle is false and tells why") {
    event_processor<int, 1> p;
    REQUIRE(p.try_publish(1) == errc::success);
    auto const refused = p.try_reserve();
    CHECK_FALSE(static_cast<bool>(refused));
    CHECK(refused.error() == errc::full);
    CHECK(p.reserve_for(0ns).error() == errc::timed_out);
    CHECK(p.reserve_for(-1ns).error() == errc::timed_out);
    CHECK(p.reserve_until(std::chrono::steady_clock::now() - 1s).error() == errc::timed_out);
    CHECK(p.reserve_until(std::chrono::system_clock::now()).error() == errc::timed_out);
    std::stop_source stop;
    stop.request_stop();
    CHECK(p.reserve(stop.get_token()).error() == errc::stopped);
    p.close();
    CHECK(p.try_reserve().error() == errc::closed);
    CHECK(p.reserve().error() == errc::closed);
    CHECK(p.reserve(std::stop_token{}).error() == errc::closed);
    CHECK(p.reserve_for(1h).error() == errc::closed);
    CHECK(p.reserve_until(std::chrono::steady_clock::now() + 1h).error() == errc::closed);
}

TEST_CASE("reserved_event: the waiting verbs reserve at once where there is space") {
    event_processor<int, 8> p;
    auto a = p.reserve();
    auto b = p.reserve(std::stop_token{});
    auto c = p.reserve_for(0ns);
    auto d = p.reserve_until(std::chrono::steady_clock::time_point::min());
    auto e = p.reserve_until(std::chrono::system_clock::now() + 1h);
    auto f = p.reserve_for(std::chrono::hours::max());
    std::uint64_t expected = 0;
    for (auto* event : {&a, &b, &c, &d, &e, &f}) {
        REQUIRE(static_cast<bool>(*event));
        CHECK(event->sequence() == expected);
        **event = static_cast<int>(expected++);
        CHECK(event->commit() == errc::success);
    }
    CHECK(values_of(p) == ints{0, 1, 2, 3, 4, 5});
}

TEST_CASE("publish: constructs from its arguments and tells when it could not") {
    ledger_scope const books;
    {
        event_processor<tracked, 2> p;
        CHECK(p.try_publish(1, 2) == errc::success);
        CHECK(p.publish(3) == errc::success);
        CHECK(p.try_publish(4) == errc::full);
        CHECK(ledger::constructed == 2);  // a refused event was never built
        CHECK(values_of(p) == ints{1002, 3});
        tracked const original(5);
        CHECK(p.try_publish(original) == errc::success);
        CHECK(p.publish() == errc::success);
        CHECK(values_of(p) == ints{5, 0});
        p.close();
        CHECK(p.try_publish(6) == errc::closed);
        CHECK(p.publish(6) == errc::closed);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("publish: forwards its arguments and leaves a refused one untouched") {
    event_processor<std::unique_ptr<int>, 1> p;
    auto first = std::make_unique<int>(1);
    CHECK(p.try_publish(std::move(first)) == errc::success);
    CHECK(first == nullptr);  // NOLINT(bugprone-use-after-move): this is what is tested
    auto second = std::make_unique<int>(2);
    CHECK(p.try_publish(std::move(second)) == errc::full);
    REQUIRE(second != nullptr);  // NOLINT(bugprone-use-after-move): a refusal consumes nothing
    CHECK(*second == 2);
    int seen = 0;
    CHECK(p.poll([&](std::unique_ptr<int>& e) { seen = *e; }).events == 1);
    CHECK(seen == 1);
    p.close();
    CHECK(p.publish(std::move(second)) == errc::closed);
    CHECK(second != nullptr);  // NOLINT(bugprone-use-after-move): a refusal consumes nothing
}

TEST_CASE("publish: round brackets and not braces build the event") {
    event_processor<std::vector<int>, 2> p;
    CHECK(p.try_publish(3U, 7) == errc::success);
    CHECK(p.poll([](std::vector<int>& v) { CHECK(v == ints{7, 7, 7}); }).events == 1);
}

TEST_CASE("publish: an aggregate is built from its members") {
    event_processor<tick, 2> p;
    CHECK(p.try_publish(tick{1, 2}) == errc::success);
    CHECK(p.publish(tick{3, 4}) == errc::success);
    int sum = 0;
    CHECK(p.poll([&](tick& t) { sum = sum * 100 + t.price * 10 + t.size; }).events == 2);
    CHECK(sum == 1234);
}

TEST_CASE("publish: without arguments a trivial event is value-initialised") {
    event_processor<tick, 1> p;
    CHECK(p.publish(tick{9, 9}) == errc::success);
    CHECK(p.poll([](tick&) {}).events == 1);
    CHECK(p.publish() == errc::success);
    CHECK(p.poll([](tick& t) {
               CHECK(t.price == 0);
               CHECK(t.size == 0);
           }).events == 1);
}

TEST_CASE("publish: a throwing constructor discards the slot and leaks nothing") {
    ledger_scope const books;
    {
        event_processor<tracked, 4> p;
        ledger::arm(1);
        CHECK_THROWS_AS(p.try_publish(1), planned_throw);
        ledger::arm(1);
        CHECK_THROWS_AS(p.publish(2), planned_throw);
        CHECK(p.publish(3) == errc::success);
        CHECK(values_of(p) == ints{3});
        CHECK(p.stats().discarded == 2);
    }
    CHECK(ledger::balanced());
}
