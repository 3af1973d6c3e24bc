// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// lane_processor: a ring for each producer, taken and released by threads that come and go.

#include <cstddef>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include <evproc/lane_processor.hpp>
#include <evproc/wait/blocking_wait.hpp>

#include "catch.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::poll_state;
using evproc::select_info;

TEST_CASE("a lane's events arrive in its order, with its number") {
    evproc::lane_processor<int, 16> p{3};
    auto a = p.producer();
    auto b = p.producer();
    REQUIRE(a);
    REQUIRE(b);
    b.publish(10);
    a.publish(1);
    b.publish(11);
    std::vector<int> of[3];
    CHECK(p.poll([&](int v, select_info const& info) { of[info.source].push_back(v); }).events == 3);
    CHECK(of[0] == std::vector{1});
    CHECK(of[1] == std::vector{10, 11});
}

TEST_CASE("a lane that is not to be had is false, and its verbs return busy") {
    evproc::lane_processor<int, 16> p{1};
    auto const held = p.producer();
    auto none = p.producer();
    CHECK(held);
    CHECK_FALSE(none);
    CHECK(none.publish(1) == errc::busy);
    CHECK(none.try_publish(1) == errc::busy);
    CHECK(none.try_reserve().error() == errc::busy);
    CHECK(none.reserve_for(1h).error() == errc::busy);
    CHECK(none.reserve_batch(3).error() == errc::busy);
    CHECK(none.try_reserve_batch_up_to(3).error() == errc::busy);
    CHECK(none.flush() == errc::busy);
    none.close();
    CHECK_FALSE(none.is_closed());
    CHECK_FALSE(p.producer());
}

TEST_CASE("a moved-from lane has none, and the ring goes with the other") {
    evproc::lane_processor<int, 16> p{2};
    auto a = p.producer();
    a.publish(1);
    auto b = std::move(a);
    CHECK_FALSE(a);
    CHECK(a.publish(2) == errc::busy);
    CHECK(b.publish(3) == errc::success);
    auto c = p.producer();
    c = std::move(b);  // gives the second ring back
    auto& same = c;
    c = std::move(same);
    CHECK(c.publish(4) == errc::success);
    CHECK(p.producer());
    std::vector<int> values;
    p.poll([&](int v) { values.push_back(v); });
    CHECK(values == std::vector{1, 3, 4});
}

TEST_CASE("a lane gives as much of a batch as there is space for") {
    evproc::lane_processor<int, 4> p{1};
    auto a = p.producer();
    CHECK(a.publish(1) == errc::success);
    auto batch = a.try_reserve_batch_up_to(4);
    REQUIRE(batch.capacity() == 3);
    for (int const v : {2, 3, 4}) batch.emplace_back(v);
    CHECK(batch.commit() == errc::success);
    CHECK(a.try_reserve_batch_up_to(1).error() == errc::full);
    std::vector<int> values;
    p.poll([&](int v) { values.push_back(v); });
    CHECK(values == std::vector{1, 2, 3, 4});
}

TEST_CASE("what a dropped lane committed arrives, and its ring is given out again only after that") {
    evproc::lane_processor<int, 16> p{1};
    {
        auto lane = p.producer();
        lane.publish(1);
        lane.publish(2);
    }
    CHECK_FALSE(p.producer());
    CHECK(p.poll([](int) {}, 1).events == 1);
    CHECK_FALSE(p.producer());
    CHECK(p.poll([](int) {}).events == 1);
    auto next = p.producer();
    REQUIRE(next);
    next.publish(3);
    std::vector<std::uint64_t> sequences;
    p.poll([&](int, select_info const& info) { sequences.push_back(info.sequence); });
    CHECK(sequences == std::vector<std::uint64_t>{2});
}

TEST_CASE("a discarded reservation is no reason to keep a dropped lane's ring") {
    evproc::lane_processor<tracked, 16> p{1};
    {
        auto lane = p.producer();
        auto event = lane.reserve();
        event.emplace(1);
        CHECK(lane.try_reserve().error() == errc::busy);
    }
    CHECK(p.producer());
}

TEST_CASE("each lane is full by itself, and reserving in the handler does not deadlock") {
    evproc::lane_processor<int, 2> p{2};
    auto a = p.producer();
    auto b = p.producer();
    a.publish(1);
    a.publish(2);
    CHECK(a.try_publish(3) == errc::full);
    CHECK(b.publish(4) == errc::success);
    CHECK(b.publish(5) == errc::success);
    std::vector<errc> said;
    p.poll([&](int) { said.push_back(b.publish(6)); }, 1);
    CHECK(said == std::vector{errc::would_deadlock});
}

TEST_CASE("no lane starves: a poll takes at most 64 events of each in turn") {
    evproc::lane_processor<int, 1024> p{2};
    auto a = p.producer();
    auto b = p.producer();
    for (int i = 0; i < 1000; ++i) a.publish(0);
    b.publish(1);
    int before = 0;
    p.poll([&](int v) { return ++before, v == 1 ? evproc::event_action::stop : evproc::event_action::next; });
    CHECK(before == 65);
}

TEST_CASE("closing one lane ends that lane, and close() ends all, those never taken too") {
    evproc::lane_processor<int, 4> p{3};
    {
        auto a = p.producer();
        a.publish(1);
        a.close();
        CHECK(a.publish(2) == errc::closed);
    }
    CHECK(p.poll([](int) {}).state == poll_state::idle);
    auto b = p.producer();  // not the closed one
    CHECK(b.publish(3) == errc::success);
    CHECK(p.state() == poll_state::more);
    p.close();
    CHECK(b.publish(4) == errc::closed);
    CHECK(p.producer().publish(5) == errc::closed);
    CHECK(p.poll([](int) {}).state == poll_state::closed);
    CHECK(p.state() == poll_state::closed);
    CHECK_FALSE(p.wait());
}

TEST_CASE("a lane_processor without lanes, or with a wrong capacity, is refused") {
    CHECK_THROWS_AS((evproc::lane_processor<int>{0}), std::invalid_argument);
    CHECK_THROWS_AS((evproc::lane_processor<int, std::dynamic_extent>{1, 3}), std::invalid_argument);
}

TEST_CASE("a lane taken while the consumer sleeps wakes it") {
    evproc::lane_processor<int, std::dynamic_extent> p{4, 8};
    std::jthread late{[&] {
        let_it_park();
        p.producer().publish(1);
    }};
    CHECK(p.poll_wait([](int) {}).events == 1);
}

TEST_CASE("threads that come and go: nothing is lost, doubled or out of order within its lane") {
    ledger_scope const books;
    {
        evproc::lane_processor<tracked, 8> p{3};
        constexpr int workers = 4;
        constexpr int visits = 60;
        constexpr int each = 20;
        std::jthread producers{[&] {
            std::vector<std::jthread> threads;
            for (int w = 0; w < workers; ++w) {
                threads.emplace_back([&, w] {
                    for (int visit = 0; visit < visits; ++visit) {
                        auto lane = p.producer();
                        while (!lane) {
                            std::this_thread::yield();
                            lane = p.producer();
                        }
                        for (int i = 0; i < each; ++i) lane.publish((w * visits + visit) * each + i);
                    }
                });
            }
            threads.clear();
            p.close();
        }};
        std::vector<int> next(workers * visits, 0);
        int visit_of_lane[3] = {-1, -1, -1};
        bool is_right = true;
        auto const result = p.run([&](tracked& t, select_info const& info) {
            int const visit = t.get() / each;
            int& in_lane = visit_of_lane[info.source];
            // A lane's next owner starts only when the last one's events are all there.
            if (in_lane != visit) is_right &= in_lane < 0 || next[static_cast<std::size_t>(in_lane)] == each;
            in_lane = visit;
            is_right &= t.get() % each == next[static_cast<std::size_t>(visit)]++;
        });
        CHECK(result.events == workers * visits * each);
        CHECK(is_right);
        CHECK(p.stats().consumed == result.events);
    }
    {
        evproc::lane_processor<tracked, 8> left{2};
        auto lane = left.producer();
        lane.publish(1);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("lanes: size_approx is the sum over the lanes, parks are of the common consumer") {
    evproc::lane_processor<int, 8, evproc::blocking_wait> p{3};
    CHECK(p.empty_approx());
    auto a = p.producer();
    auto b = p.producer();
    for (int i = 0; i != 2; ++i) CHECK(a.publish(i) == errc::success);
    for (int i = 0; i != 3; ++i) CHECK(b.publish(i) == errc::success);
    CHECK(p.size_approx() == 5);
    CHECK_FALSE(p.empty_approx());
    CHECK(p.poll([](int) {}).events == 5);
    CHECK(p.size_approx() == 0);
    std::jthread consumer{[&] { CHECK_FALSE(p.wait()); }};
    while (p.stats().parks == 0) std::this_thread::yield();
    p.wake();
    consumer.join();
    CHECK(p.stats().parks < 10);
}
