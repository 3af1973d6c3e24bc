// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// priority_processor: the producers' verbs with the level first, and what is urgent first.

#include <cstddef>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

#include <evproc/priority_processor.hpp>
#include <evproc/wait/blocking_wait.hpp>

#include "catch.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::poll_state;
using evproc::select_info;

TEST_CASE("the most urgent event that is ready comes first, with its level") {
    evproc::priority_processor<int, 3, 16> p;
    p.publish(2, 20);
    p.publish(0, 1);
    p.publish(1, 10);
    p.publish(0, 2);
    std::vector<int> values;
    std::vector<std::size_t> levels;
    p.poll([&](int v, select_info const& info) {
        values.push_back(v);
        levels.push_back(info.source);
    });
    CHECK(values == std::vector{1, 2, 10, 20});
    CHECK(levels == std::vector<std::size_t>{0, 0, 1, 2});
}

TEST_CASE("an urgent event overtakes a running flood within 16 events") {
    evproc::priority_processor<int, 2, 256> p;
    for (int i = 0; i < 200; ++i) p.publish(1, i);
    std::vector<int> values;
    p.poll([&](int v) {
        if (v == 50) p.publish(0, 1000);
        values.push_back(v);
    });
    REQUIRE(values.size() == 201);
    std::size_t at = 0;
    while (values[at] != 1000) ++at;
    CHECK(at > 50);
    CHECK(at <= 50 + 16);
}

TEST_CASE("a full low level never holds up a high one") {
    evproc::priority_processor<int, 2, 2> p;
    p.publish(1, 1);
    p.publish(1, 2);
    CHECK(p.try_publish(1, 3) == errc::full);
    CHECK(p.try_publish(0, 4) == errc::success);
    CHECK(p.try_publish(0, 5) == errc::success);
    CHECK(p.size_approx() == 4);
}

TEST_CASE("every producer verb takes the level first") {
    evproc::priority_processor<int, 2, std::dynamic_extent> p{4};
    CHECK(p.level(0).capacity() == 4);
    std::stop_source stop;
    auto const in = std::chrono::steady_clock::now() + 1h;
    int sum = 0;
    auto const put = [](auto event, int v) {
        REQUIRE(event);
        *event = v;
        CHECK(event.commit() == errc::success);
    };
    auto const put_two = [](auto batch) {
        REQUIRE(batch);
        while (batch.size() != batch.capacity()) batch.emplace_back(1);
        CHECK(batch.commit() == errc::success);
    };
    auto const drain = [&] { p.poll([&](int v) { sum += v; }); };
    put(p.try_reserve(1), 1);
    put(p.reserve(1), 1);
    put(p.reserve(1, stop.get_token()), 1);
    put(p.reserve_for(1, 1h), 1);
    drain();
    put(p.reserve_until(1, in), 1);
    CHECK(p.publish(1, 1) == errc::success);
    drain();
    put_two(p.try_reserve_batch(1, 2));
    put_two(p.try_reserve_batch_up_to(1, 2));
    drain();
    put_two(p.reserve_batch(1, 2));
    put_two(p.reserve_batch(1, stop.get_token(), 2));
    drain();
    put_two(p.reserve_batch_for(1, 1h, 2));
    put_two(p.reserve_batch_until(1, in, 2));
    CHECK(p.flush_for(1, 1ms) == errc::timed_out);
    CHECK(p.flush(0) == errc::success);
    CHECK(p.level(0).stats().committed == 0);
    drain();
    CHECK(sum == 18);
    CHECK(p.stats().consumed == 18);
    CHECK(p.empty_approx());
}

TEST_CASE("a level can be closed alone, and closed is said once all are closed and drained") {
    evproc::priority_processor<int, 2, 4> p;
    p.level(0).close();
    CHECK(p.publish(0, 1) == errc::closed);
    CHECK(p.publish(1, 2) == errc::success);
    CHECK_FALSE(p.is_closed());
    CHECK(p.poll([](int) {}).state == poll_state::idle);
    p.close();
    CHECK(p.is_closed());
    CHECK(p.poll([](int) {}).state == poll_state::closed);
}

TEST_CASE("a capacity that is not a power of two is refused") {
    CHECK_THROWS_AS((evproc::priority_processor<int, 2, std::dynamic_extent>{3}), std::invalid_argument);
}

TEST_CASE("every event of every level is destroyed once") {
    ledger_scope const books;
    {
        evproc::priority_processor<tracked, 2, 8> p;
        std::jthread urgent{[&] {
            for (int i = 0; i < 500; ++i) p.publish(0, i);
        }};
        std::jthread other{[&] {
            for (int i = 0; i < 500; ++i) p.publish(1, i);
            urgent.join();
            p.close();
        }};
        int next[2] = {0, 0};
        bool in_order = true;
        auto const result =
            p.run([&](tracked& t, select_info const& info) { in_order &= t.get() == next[info.source]++; });
        CHECK(result.events == 1000);
        CHECK(in_order);
    }
    {
        evproc::priority_processor<tracked, 2, 8> left;
        left.publish(0, 1);
        left.publish(1, 1);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("priorities: parks are of the common consumer") {
    evproc::priority_processor<int, 2, 8, evproc::blocking_wait> p;
    std::jthread consumer{[&] { CHECK_FALSE(p.wait()); }};
    while (p.stats().parks == 0) std::this_thread::yield();
    p.wake();
    consumer.join();
    CHECK(p.stats().parks < 10);
}
