// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What misuse does where EVPROC_CHECKED is off: nothing, and it says so.
#undef EVPROC_CHECKED
#define EVPROC_CHECKED 0

#include <evproc/broadcast_processor.hpp>
#include <evproc/event_processor.hpp>
#include <evproc/record_processor.hpp>
#include <evproc/ring_buffer.hpp>

#include <chrono>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_processor;
using evproc::poll_state;

using ints = std::vector<int>;

TEST_CASE("unchecked: a second commit of an event is invalid_handle and changes nothing") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    auto event = p.try_reserve();
    event.emplace(1);
    CHECK(event.commit() == errc::success);
    CHECK(event.commit() == errc::invalid_handle);
    CHECK(event.commit() == errc::invalid_handle);
    CHECK(values_of(p) == ints{1});
    CHECK(event.commit() == errc::invalid_handle);
    CHECK(p.stats().committed == 1);
    CHECK(ledger::balanced());
}

TEST_CASE("unchecked: commit after discard is invalid_handle, discard after commit does nothing") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    auto a = p.try_reserve();
    a.emplace(1);
    a.discard();
    CHECK(a.commit() == errc::invalid_handle);
    a.discard();
    auto b = p.try_reserve();
    b.emplace(2);
    CHECK(b.commit() == errc::success);
    b.discard();
    CHECK(values_of(p) == ints{2});
    CHECK(p.stats().discarded == 1);
    CHECK(ledger::balanced());
}

TEST_CASE("unchecked: commit of a moved-from, an empty and a refused handle is invalid_handle") {
    ledger_scope const books;
    event_processor<tracked, 1> p;
    auto a = p.try_reserve();
    a.emplace(1);
    auto b = std::move(a);
    CHECK(a.commit() == errc::invalid_handle);  // NOLINT(bugprone-use-after-move): this is what is tested
    auto refused = p.try_reserve();
    CHECK(refused.error() == errc::full);
    CHECK(refused.commit() == errc::invalid_handle);
    refused.discard();
    CHECK(b.commit() == errc::success);
    decltype(p.try_reserve()) nothing;
    CHECK_FALSE(static_cast<bool>(nothing));
    CHECK(nothing.commit() == errc::invalid_handle);
    CHECK(values_of(p) == ints{1});
    CHECK(ledger::balanced());
}

TEST_CASE("unchecked: commit of a refused handle is invalid_handle also where an event is alive from the start") {
    event_processor<int, 1> p;
    auto held = p.try_reserve();
    auto refused = p.try_reserve();
    CHECK(refused.error() == errc::full);
    CHECK(refused.commit() == errc::invalid_handle);
    *held = 7;
    CHECK(held.commit() == errc::success);
    CHECK(held.commit() == errc::invalid_handle);
    CHECK(values_of(p) == ints{7});
}

TEST_CASE("unchecked: the same for batches") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    auto a = p.try_reserve_batch(2);
    a.emplace_back(1);
    CHECK(a.commit() == errc::success);
    CHECK(a.commit() == errc::invalid_handle);
    a.discard();
    auto b = p.try_reserve_batch(2);
    b.emplace_back(2);
    auto c = std::move(b);
    CHECK(b.commit() == errc::invalid_handle);  // NOLINT(bugprone-use-after-move): this is what is tested
    auto refused = p.try_reserve_batch(4);
    CHECK(refused.commit() == errc::invalid_handle);
    c.discard();
    CHECK(c.commit() == errc::invalid_handle);
    CHECK(c.size() == 0);
    CHECK(values_of(p) == ints{1});
    CHECK(p.stats().committed == 1);
    CHECK(p.stats().discarded == 3);
    CHECK(ledger::balanced());
}

TEST_CASE("unchecked: a second commit of a record is invalid_handle and changes nothing") {
    evproc::record_processor<evproc::one_of<int>, 256> p;
    auto record = p.try_reserve<int>();
    record.emplace(1);
    CHECK(record.commit() == errc::success);
    CHECK(record.commit() == errc::invalid_handle);
    CHECK(record.commit(0) == errc::invalid_handle);
    ints seen;
    p.poll([&](int v) { seen.push_back(v); });
    CHECK(seen == ints{1});
    CHECK(p.stats().committed == 1);
}

TEST_CASE("unchecked: a handle that was used up may take a new reservation") {
    event_processor<int, 4> p;
    auto event = p.try_reserve();
    *event = 1;
    event.commit();
    event = p.try_reserve();
    REQUIRE(static_cast<bool>(event));
    *event = 2;
    CHECK(event.commit() == errc::success);
    CHECK(values_of(p) == ints{1, 2});
}

TEMPLATE_TEST_CASE("unchecked: a batch of an event_processor or a broadcast_consumer releases no more than it holds",
                   "", (event_processor<int, 8>), (evproc::broadcast_processor<int, evproc::stages<1>, 8>)) {
    TestType p;
    fill(p, 0, 4);
    auto const test = [](auto& consumer) {
        {
            auto batch = consumer.peek(2);
            batch.release(4);
            CHECK(batch.empty());
        }
        CHECK(values_of(consumer) == ints{2, 3});
    };
    if constexpr (requires { p.template consumer<0>(); }) {
        auto consumer = p.template consumer<0>();
        test(consumer);
    } else {
        test(p);
    }
}

TEST_CASE(
    "unchecked: a broadcast_consumer that leaves while a batch of it is live keeps its events, and the batch is void") {
    evproc::broadcast_processor<int, evproc::stages<1, 1>, 4> p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    fill(p, 0, 4);
    auto batch = a.peek(2);
    a.leave();
    CHECK(p.reserve_for(std::chrono::milliseconds{1}).error() == errc::timed_out);  // no would_deadlock any more
    CHECK(values_of(b) == ints{0, 1, 2, 3});
    batch.release(1);
    CHECK(batch.empty());
}

TEST_CASE("unchecked: commit and discard of a refused slot_range are ignored") {
    evproc::ring_buffer<int, 1> r;
    auto const held = r.try_reserve();
    auto const refused = r.try_reserve();
    CHECK_FALSE(static_cast<bool>(refused));
    r.commit(refused);
    r.commit(refused, 0);
    r.discard(refused);
    *held.data() = 3;
    r.commit(held);
    auto const ready = r.peek();
    REQUIRE(ready.size() == 1);
    CHECK(ready.front() == 3);
    r.release(1);
}

TEST_CASE("unchecked: the switch is off in this program") { CHECK(EVPROC_CHECKED == 0); }
