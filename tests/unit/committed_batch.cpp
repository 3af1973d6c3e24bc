// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// event_processor::peek: a view of what is ready that gives its slots back when it goes.
#include <evproc/event_processor.hpp>

#include <chrono>
#include <cstdint>
#include <iterator>
#include <type_traits>
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

namespace {

template <class Batch> ints values_in(Batch&& batch) {
    ints values;
    for (auto& event : batch) values.push_back(value_of(event));
    return values;
}

}  // namespace

TEST_CASE("committed_batch: it is move-only and a forward range of references") {
    event_processor<int, 4> p;
    using batch = decltype(p.peek());
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<batch>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<batch>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<batch>);
    STATIC_REQUIRE(std::ranges::forward_range<batch>);
    STATIC_REQUIRE(std::is_same_v<std::ranges::range_reference_t<batch>, int&>);
    auto const none = p.peek();
    CHECK(none.empty());
    CHECK(none.size() == 0);
    CHECK(none.begin() == none.end());
}

TEST_CASE("committed_batch: releases everything when it goes") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    fill(p, 0, 4);
    {
        auto batch = p.peek();
        CHECK(batch.size() == 4);
        CHECK_FALSE(batch.empty());
        CHECK(batch.front().get() == 0);
        CHECK(values_in(batch) == ints{0, 1, 2, 3});
        CHECK(p.try_publish(4) == errc::full);
        CHECK(ledger::destroyed == 0);
    }
    CHECK(ledger::destroyed == 4);
    fill(p, 4, 8);
    CHECK(values_of(p) == ints{4, 5, 6, 7});
    CHECK(ledger::balanced());
}

TEST_CASE("committed_batch: release frees the slots at once and only once") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    fill(p, 0, 4);
    {
        auto batch = p.peek();
        batch.release();
        CHECK(ledger::destroyed == 4);
        fill(p, 4, 8);
    }
    CHECK(ledger::destroyed == 4);
    CHECK(values_of(p) == ints{4, 5, 6, 7});
    CHECK(ledger::balanced());
}

TEST_CASE("committed_batch: release of the first k and keep of the rest") {
    for (std::size_t k = 0; k <= 4; ++k) {
        ledger_scope const books;
        event_processor<tracked, 4> p;
        fill(p, 0, 4);
        {
            auto batch = p.peek();
            batch.release(k);
            batch.keep();
        }
        CHECK(ledger::destroyed == static_cast<std::int64_t>(k));
        if (k > 0) {
            auto room = p.try_reserve_batch(k);
            CHECK(static_cast<bool>(room));
            CHECK(p.try_reserve().error() == errc::full);
        }
        ints rest;
        for (int i = static_cast<int>(k); i < 4; ++i) rest.push_back(i);
        CHECK(values_of(p) == rest);
        CHECK(ledger::balanced());
    }
}

TEST_CASE("committed_batch: keep leaves everything where it was") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    fill(p, 0, 3);
    for (int again = 0; again < 3; ++again) {
        auto batch = p.peek();
        CHECK(values_in(batch) == ints{0, 1, 2});
        batch.keep();
    }
    CHECK(ledger::destroyed == 0);
    CHECK(p.stats().consumed == 0);
    CHECK(values_of(p) == ints{0, 1, 2});
    CHECK(p.stats().consumed == 3);
    CHECK(ledger::balanced());
}

TEST_CASE("committed_batch: holds no more than max") {
    event_processor<int, 8> p;
    fill(p, 0, 6);
    CHECK(p.peek(0).empty());
    CHECK(values_in(p.peek(2)) == ints{0, 1});
    CHECK(values_in(p.peek(1)) == ints{2});
    CHECK(values_in(p.peek()) == ints{3, 4, 5});
}

TEST_CASE("committed_batch: iterators tell the sequence and step over discards") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        p.try_reserve().discard();
        fill(p, 1, 2);
        {
            auto const dropped = p.try_reserve_batch(2);
        }
        fill(p, 4, 6);
        p.try_reserve().discard();
        auto const batch = p.peek();
        REQUIRE(batch.size() == 3);
        for (auto at = batch.begin(); at != batch.end(); ++at) {
            CHECK(at.sequence() == static_cast<std::uint64_t>(at->get()));
        }
    }
    CHECK(ledger::balanced());
}

TEST_CASE("committed_batch: a moved batch releases once") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    fill(p, 0, 3);
    {
        auto a = p.peek();
        auto b = std::move(a);
        CHECK(a.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
        CHECK(values_in(b) == ints{0, 1, 2});
        CHECK(ledger::destroyed == 0);
    }
    CHECK(ledger::destroyed == 3);
    CHECK(p.stats().consumed == 3);
    CHECK(ledger::balanced());
}

TEST_CASE("committed_batch: an exception while it is held releases all of it") {
    ledger_scope const books;
    event_processor<tracked, 4> p;
    fill(p, 0, 3);
    auto const fails = [&] {
        auto const batch = p.peek();
        throw planned_throw{};
    };
    CHECK_THROWS_AS(fails(), planned_throw);
    CHECK(ledger::destroyed == 3);
    CHECK(values_of(p).empty());
    CHECK(ledger::balanced());
}

TEST_CASE("committed_batch: commits made while it is held do not change it") {
    event_processor<int, 8> p;
    fill(p, 0, 2);
    {
        auto const batch = p.peek();
        fill(p, 2, 5);
        CHECK(batch.size() == 2);
        CHECK(values_in(batch) == ints{0, 1});
    }
    CHECK(values_of(p) == ints{2, 3, 4});
}

TEST_CASE("committed_batch: who holds one gets would_deadlock and not left waiting for itself") {
    event_processor<int, 2> p;
    fill(p, 0, 2);
    {
        auto const batch = p.peek(1);
        // First those that would come back by themselves.
        REQUIRE(p.reserve_batch_for(std::chrono::seconds(5), 1).error() == errc::would_deadlock);
        REQUIRE(p.flush_for(std::chrono::seconds(5)) == errc::would_deadlock);
        CHECK(p.publish(2) == errc::would_deadlock);
        CHECK(p.flush() == errc::would_deadlock);
        CHECK(p.try_publish(2) == errc::full);
    }
    CHECK(p.try_publish(2) == errc::success);
    CHECK(values_of(p) == ints{1, 2});
    {
        auto batch = p.peek();
        fill(p, 0, 2);
    }
    {
        auto batch = p.peek();
        batch.keep();
        // Kept is not held: this thread may wait, in vain.
        CHECK(p.reserve_for(std::chrono::milliseconds(1)).error() == errc::timed_out);
    }
    CHECK(values_of(p) == ints{0, 1});
}

TEST_CASE("committed_batch: it may straddle the end and start inside a reservation") {
    event_processor<int, 8> p;
    int next = 0;
    int seen = 0;
    for (int lap = 0; lap < 100; ++lap) {
        if (auto batch = p.try_reserve_batch(static_cast<std::size_t>(lap % 7 + 1))) {
            while (batch.size() < batch.capacity()) batch.push_back(next++);
            batch.commit();
        }
        auto view = p.peek(static_cast<std::size_t>(lap % 5 + 1));
        for (int const v : view) CHECK(v == seen++);
    }
    CHECK(seen > 200);
}

TEST_CASE("committed_batch: the next peek releases what a batch still holds") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        for (int i = 0; i < 6; ++i) REQUIRE(p.try_publish(i) == errc::success);
        ints seen;
        auto batch = p.peek(1);
        while (batch) {
            seen.push_back(batch.front().get());
            batch = p.peek(1);  // looks before the old batch is let go
        }
        CHECK(seen == ints{0, 1, 2, 3, 4, 5});
        CHECK(ledger::alive() == 0);
        for (int i = 0; i < 4; ++i) REQUIRE(p.try_publish(i) == errc::success);
        auto first = p.peek(2);
        auto second = p.peek(1);
        CHECK(second.front().get() == 2);
        first.release();  // void
        CHECK(first.empty());
        first.keep();
        CHECK(second.size() == 1);
        CHECK(p.peek().front().get() == 3);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("committed_batch: one that was kept is void and leaves alone what the next peek shows") {
    event_processor<int, 4> p;
    fill(p, 0, 2);
    auto first = p.peek();
    first.keep();
    auto second = p.peek();
    first.release();
    first.keep();
    CHECK(first.empty());
    CHECK(values_in(second) == ints{0, 1});
    CHECK(p.stats().consumed == 0);
    second.release();
    CHECK(p.stats().consumed == 2);
}

TEST_CASE("committed_batch: moving it over another releases that one's events and leaves nothing behind") {
    evproc::event_processor<int, 4> p;
    evproc::event_processor<int, 4> q;
    REQUIRE(p.try_publish(7) == evproc::errc::success);
    REQUIRE(q.try_publish(8) == evproc::errc::success);
    REQUIRE(q.try_publish(9) == evproc::errc::success);
    {
        auto to = p.peek();
        auto from = q.peek();
        to = std::move(from);
        CHECK(p.stats().consumed == 1);
        CHECK(q.stats().consumed == 0);
        CHECK_FALSE(from);
        CHECK(from.empty());
        CHECK(to);
        REQUIRE(to.size() == 2);
        CHECK(to.front() == 8);
    }
    CHECK(q.stats().consumed == 2);
}

TEST_CASE("committed_batch: moving it into itself changes nothing") {
    evproc::event_processor<int, 4> p;
    REQUIRE(p.try_publish(7) == evproc::errc::success);
    {
        auto batch = p.peek();
        auto& same = batch;
        batch = std::move(same);
        REQUIRE(batch.size() == 1);
        CHECK(batch.front() == 7);
        CHECK(p.stats().consumed == 0);
    }
    CHECK(p.stats().consumed == 1);
}
