// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// One consumer of a broadcast_processor: what its verbs find, what they give back and when, and one that is empty.
#include <evproc/broadcast_processor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "start_at.hpp"

using namespace evproc_test;
using evproc::broadcast_processor;
using evproc::errc;
using evproc::poll_state;
using evproc::stages;

using ints = std::vector<int>;

namespace {

using alone = broadcast_processor<int, stages<1>, 16>;
using chain = broadcast_processor<int, stages<1, 1>, 16>;

/// Counts as a park each time that it is asked to wait, and never waits.
struct asked_wait {
    std::uint64_t asked = 0;
    template <class Ready> bool wait(Ready&& ready, evproc::wait_deadline) {
        ++asked;
        return ready();
    }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return asked; }
};

/// Sleeps while `meanwhile` runs, after a hundred looks.
struct napping_wait {
    static inline std::function<void()> meanwhile;
    static inline bool was_woken = false;  // the last that slept was notified meanwhile
    static inline int notifications = 0;   // of all together
    bool is_notified = false;
    template <class Ready> bool wait(Ready&& ready, evproc::wait_deadline) {
        for (int looks = 0; looks != 100; ++looks)
            if (ready()) return true;
        is_notified = false;
        if (meanwhile) std::exchange(meanwhile, nullptr)();
        was_woken = is_notified;
        return ready();
    }
    void notify() noexcept {
        is_notified = true;
        ++notifications;
    }
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }
};

template <class Processor> void discard_one(Processor& p) {
    auto place = p.try_reserve();
    REQUIRE(place.error() == errc::success);
    place.discard();
}

template <class Batch> ints values_in(Batch const& batch) { return {batch.begin(), batch.end()}; }

}  // namespace

TEST_CASE("broadcast_consumer: an empty one finds nothing and is closed, whatever is in the ring") {
    alone p;
    auto a = p.consumer<0>();
    fill(p, 0, 3);
    auto b = std::move(a);
    auto const none = [](int&) { FAIL("it has no events"); };
    CHECK_FALSE(a);  // NOLINT(bugprone-use-after-move): this is what is tested
    for (auto const& polled :
         {a.poll(none), a.poll(none, 1), a.poll_wait(none), a.poll_for(std::chrono::hours{1}, none),
          a.poll_batches([](std::span<int>) { FAIL("it has no events"); })}) {
        CHECK(polled.events == 0);
        CHECK(polled.state == poll_state::closed);
    }
    auto const ended = a.run(none);
    CHECK(ended.events == 0);
    CHECK(ended.reason == errc::closed);
    CHECK(a.peek().empty());
    CHECK(a.state() == poll_state::closed);
    CHECK(a.lag() == 0);
    auto const told = a.stats();
    CHECK(told.consumed == 0);
    CHECK(told.discarded == 0);
    CHECK(told.lag == 0);
    CHECK(values_of(b) == ints{0, 1, 2});
}

TEST_CASE("broadcast_consumer: a poll hands out at most max, in however many pieces") {
    alone p;
    auto a = p.consumer<0>();
    for (int lap = 0; lap != 5; ++lap) {  // from ever other slots
        fill(p, 0, 14);
        ints values;
        auto const polled = a.poll([&](int& v) { values.push_back(v); }, 6);
        CHECK(polled.events == 6);
        CHECK(polled.state == poll_state::more);
        std::size_t in_spans = 0;
        CHECK(a.poll_batches([&](std::span<int> events) { in_spans += events.size(); }, 5).events == 5);
        CHECK(in_spans == 5);
        CHECK(values == ints{0, 1, 2, 3, 4, 5});
        CHECK(values_of(a) == ints{11, 12, 13});
    }
}

TEST_CASE("broadcast_consumer: a peek shows all that the stage before has handled by now") {
    chain p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    fill(p, 0, 6);
    CHECK(a.poll([](int&) {}, 3).events == 3);
    CHECK(values_in(b.peek(1)) == ints{0});  // and asks how far the stage before has come
    CHECK(a.poll([](int&) {}).events == 3);
    CHECK(values_in(b.peek()) == ints{1, 2, 3, 4, 5});
}

TEST_CASE("broadcast_consumer: a peek shows at most max, over gaps and of a batch") {
    alone p;
    auto a = p.consumer<0>();
    fill(p, 0, 2);
    discard_one(p);
    auto batch = p.try_reserve_batch(4);
    for (int const v : {2, 3, 4, 5}) batch.push_back(v);
    CHECK(batch.commit() == errc::success);
    CHECK(values_in(a.peek(3)) == ints{0, 1, 2});
    CHECK(values_in(a.peek()) == ints{3, 4, 5});
    CHECK(p.empty_approx());
}

TEST_CASE("broadcast_consumer: where there are no batches, poll_batches hands out the events one by one") {
    broadcast_processor<int, stages<1>, 8, evproc::adaptive_wait, evproc::ring_options{.max_batch = 1}> p;
    auto a = p.consumer<0>();
    fill(p, 0, 3);
    std::vector<ints> spans;
    CHECK(a.poll_batches([&](std::span<int> events) { spans.emplace_back(events.begin(), events.end()); }).events == 3);
    CHECK(spans == std::vector<ints>{{0}, {1}, {2}});
}

TEST_CASE("broadcast_consumer: its state is `more` also in front of a batch and inside it") {
    alone p;
    auto a = p.consumer<0>();
    auto batch = p.try_reserve_batch(2);
    for (int const v : {0, 1}) batch.push_back(v);
    CHECK(a.state() == poll_state::blocked);
    CHECK(batch.commit() == errc::success);
    CHECK(a.state() == poll_state::more);
    CHECK(a.poll([](int&) {}, 1).events == 1);
    CHECK(a.state() == poll_state::more);
    CHECK(a.poll([](int&) {}, 1).events == 1);
    CHECK(a.state() == poll_state::idle);
}

TEST_CASE("broadcast_consumer: who comes to a gap gives it back, with what was before it, ahead of the next event") {
    alone p;
    auto a = p.consumer<0>();
    fill(p, 0, 2);
    discard_one(p);
    fill(p, 2, 4);
    std::vector<std::size_t> in_use;
    a.poll([&](int&) { in_use.push_back(p.size_approx()); });
    CHECK(in_use == std::vector<std::size_t>{5, 5, 2, 2});
    CHECK(p.empty_approx());
}

TEST_CASE("broadcast_consumer: who has caught up with the stage before gives its events back before it goes on") {
    chain p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    fill(p, 0, 4);
    CHECK(a.poll([](int&) {}, 2).events == 2);
    std::vector<std::size_t> in_use;
    b.poll([&](int& v) {
        in_use.push_back(p.size_approx());
        if (v == 1) CHECK(a.poll([](int&) {}).events == 2);
    });
    CHECK(in_use == std::vector<std::size_t>{4, 4, 2, 2});
}

TEST_CASE("broadcast_consumer: its thread may wait for space again once its batch is released or kept, not before") {
    broadcast_processor<int, stages<1, 1>, 4> p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    auto const reserve = [&] { return p.reserve_for(std::chrono::milliseconds{1}).error(); };
    fill(p, 0, 4);
    {
        auto batch = a.peek();
        CHECK(reserve() == errc::would_deadlock);
        batch.release(2);
        CHECK(reserve() == errc::would_deadlock);
        batch.release();
        CHECK(reserve() == errc::timed_out);  // for `b`
    }
    {
        auto batch = b.peek(2);
        CHECK(reserve() == errc::would_deadlock);
        batch.keep();
        CHECK(reserve() == errc::timed_out);
    }
    CHECK(values_of(b) == ints{0, 1, 2, 3});
}

TEST_CASE("broadcast_consumer: the wait strategy is not asked for an event that is ready") {
    broadcast_processor<int, stages<1>, 4, asked_wait> p;
    auto a = p.consumer<0>();
    fill(p, 0, 1);
    CHECK(a.wait());
    CHECK(p.stats().parks == 0);
    CHECK(values_of(a) == ints{0});
    CHECK_FALSE(a.wait_for(std::chrono::hours{1}));
    CHECK(p.stats().parks == 1);
}

TEST_CASE("broadcast_consumer: wake notifies the strategy that its consumer sleeps in") {
    broadcast_processor<int, stages<1, 1>, 4, napping_wait> p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    auto const is_woken = [](auto& consumer) {
        napping_wait::was_woken = false;
        napping_wait::meanwhile = [&] { consumer.wake(); };
        CHECK_FALSE(consumer.wait());
        return napping_wait::was_woken;
    };
    CHECK(is_woken(a));
    CHECK(is_woken(b));
    a.leave();
    CHECK(is_woken(b));
}

TEST_CASE(
    "broadcast_consumer: a poll that consumes something notifies who waits for it, one that finds nothing nobody") {
    broadcast_processor<int, stages<1, 1>, 4, napping_wait> p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    auto const notified_by = [](auto& consumer) {
        napping_wait::notifications = 0;
        consumer.poll([](int&) {});
        return napping_wait::notifications;
    };
    fill(p, 0, 1);
    CHECK(notified_by(b) == 0);
    CHECK(notified_by(a) == 1);  // the next stage, and not the producers
    CHECK(notified_by(a) == 0);
    CHECK(notified_by(b) == 1);  // the producers
    CHECK(notified_by(b) == 0);
    b.leave();
    fill(p, 1, 2);
    CHECK(notified_by(a) == 2);  // the place of the next stage, and the producers
}

TEST_CASE("broadcast_consumer: who looks for long without sleeping notes a reservation that holds it up") {
    broadcast_processor<int, stages<1>, 4, napping_wait> p;
    auto a = p.consumer<0>();
    auto open = p.try_reserve();
    evproc::stall_info stall;
    napping_wait::meanwhile = [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
        stall = p.oldest_uncommitted();
    };
    CHECK_FALSE(a.wait_for(std::chrono::milliseconds{1}));
    CHECK(stall.stalled);
    CHECK(stall.sequence == 0);
    CHECK(stall.age >= std::chrono::milliseconds{2});
    open.discard();
}

TEST_CASE("broadcast_consumer: what it consumed is counted wherever the count of events starts") {
    for (std::uint64_t const start : {std::uint64_t{0}, std::uint64_t{5}, (std::uint64_t{1} << 32) - 3}) {
        INFO("start " << start);
        auto p = started_at<broadcast_processor<int, stages<1>, 4>>(start, 4);
        auto a = p.consumer<0>();
        CHECK(a.stats().consumed == 0);
        fill(p, 0, 2);
        discard_one(p);
        fill(p, 2, 3);
        CHECK(a.poll([](int&) {}, 1).events == 1);
        CHECK(a.stats().consumed == 1);
        CHECK(values_of(a) == ints{1, 2});
        CHECK(a.stats().consumed == 3);
        CHECK(a.stats().discarded == 1);
        CHECK(a.stats().lag == 0);
    }
}
