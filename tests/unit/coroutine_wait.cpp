// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// A coroutine as the consumer: when it is resumed and where, how often the executor is called, that nothing
// is lost however commits, discards, wakes, stops, the close and the end of the coroutine itself fall. A lost
// resumption shows as an executor that has nothing to do for longer than any scheduler makes it wait.
#include <evproc/wait/coroutine_wait.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "coroutines.hpp"
#include "death.hpp"
#include "scale.hpp"

using evproc::coroutine_wait;
using evproc::errc;
using evproc::event_processor;
using evproc::producer_kind;
using evproc::resumption;
using evproc::ring_options;
using evproc_test::loop;
using evproc_test::scaled;
using evproc_test::task;

namespace {

/// What a consumer has seen. Written by the coroutine, read when it is suspended or done.
struct account {
    std::vector<int> events;
    std::int64_t sum = 0;
    int empty_batches = 0;
    std::thread::id where;
};

template <std::size_t N = 64, ring_options Options = ring_options{}>
using processor = event_processor<int, N, coroutine_wait, Options>;

/// Consumes until the first empty batch.
template <class P, class Executor> task consume(P& p, Executor& executor, account& a) {
    while (auto batch = co_await p.next_batch(executor)) {
        a.where = std::this_thread::get_id();
        for (int const v : batch) a.events.push_back(v);
    }
    ++a.empty_batches;
}

template <class P, class Executor>
task consume_until_stopped(P& p, Executor& executor, std::stop_token stop, account& a) {
    while (auto batch = co_await p.next_batch(stop, executor)) {
        for (int const v : batch) a.events.push_back(v);
    }
    ++a.empty_batches;
}

template <class P, class E>
concept has_next_batch = requires(P& p, E& e) { p.next_batch(e); };

using ints = std::vector<int>;

}  // namespace

TEST_CASE("coroutine: next_batch is there for coroutine_wait and an executor only") {
    auto call = [](resumption) {};
    STATIC_REQUIRE(evproc::wait_strategy<evproc::coroutine_wait>);
    STATIC_REQUIRE(has_next_batch<processor<>, loop>);
    STATIC_REQUIRE(has_next_batch<processor<>, decltype(call)>);
    STATIC_REQUIRE(has_next_batch<processor<>, decltype(call) const>);
    STATIC_REQUIRE_FALSE(has_next_batch<processor<>, int>);
    STATIC_REQUIRE_FALSE(has_next_batch<event_processor<int>, loop>);
    STATIC_REQUIRE(evproc::wait_strategy<coroutine_wait>);
    STATIC_REQUIRE(std::is_trivially_copyable_v<resumption>);
    resumption{}();  // does nothing
}

TEST_CASE("coroutine: while events are ready it is not suspended") {
    processor<> p;
    loop l;
    account a;
    p.publish(1);
    p.publish(2);
    p.close();
    task const t = consume(p, l, a);
    CHECK(t.done());
    CHECK(a.events == ints{1, 2});
    CHECK(a.empty_batches == 1);
    CHECK(l.posts() == 0);
}

TEST_CASE("coroutine: is resumed by the executor and nowhere else, once for a suspension and not for an event") {
    processor<> p;
    loop l;
    account a;
    task const t = consume(p, l, a);
    for (int round = 1; round <= 3; ++round) {
        a.events.clear();
        std::thread([&] {
            for (int i = 0; i < 20; ++i) p.publish(i);
        }).join();
        CHECK(a.events.empty());
        CHECK(l.posts() == static_cast<std::uint64_t>(round));
        l.run_one();
        CHECK(a.events.size() == 20);
        CHECK(a.where == std::this_thread::get_id());
        CHECK_FALSE(t.done());
    }
    p.close();
    l.run_one();
    CHECK(t.done());
    CHECK(l.posts() == 4);
    CHECK(p.stats().parks == 4);
}

TEST_CASE("coroutine: an executor may run it at once, on the producer's thread") {
    processor<2> p;
    account a;
    auto const at_once = [](resumption r) { r(); };
    task const t = consume(p, at_once, a);
    for (int i = 0; i < 100; ++i) p.publish(i);
    CHECK(a.events.size() == 100);
    p.close();
    CHECK(t.done());
}

TEST_CASE("coroutine: close, wake and a stop request resume it with an empty batch") {
    processor<> p;
    loop l;
    account a;
    std::stop_source stop;
    task const t = consume_until_stopped(p, l, stop.get_token(), a);
    CHECK(l.size() == 0);
    SECTION("close") { p.close(); }
    SECTION("wake") { p.wake(); }
    SECTION("stop") { stop.request_stop(); }
    CHECK(l.size() == 1);
    CHECK_FALSE(t.done());
    l.run_one();
    CHECK(t.done());
    CHECK(a.empty_batches == 1);
}

TEST_CASE("coroutine: a wake, a stop or an end of before needs no suspension") {
    processor<> p;
    loop l;
    account a;
    std::stop_source stop;
    SECTION("close") { p.close(); }
    SECTION("wake") { p.wake(); }
    SECTION("stop") { stop.request_stop(); }
    task const t = consume_until_stopped(p, l, stop.get_token(), a);
    CHECK(t.done());
    CHECK(a.empty_batches == 1);
    CHECK(l.posts() == 0);
}

TEST_CASE("coroutine: after a wake it can wait again") {
    processor<> p;
    loop l;
    account a;
    task t = consume(p, l, a);
    p.wake();
    l.run_one();
    REQUIRE(t.done());
    t = consume(p, l, a);
    REQUIRE_FALSE(t.done());
    p.publish(5);
    l.run_one();
    CHECK(a.events == ints{5});
}

TEST_CASE("coroutine: steps that give it nothing to do do not resume it") {
    processor<> p;
    loop l;
    account a;
    task const t = consume(p, l, a);
    auto first = p.reserve();
    auto second = p.reserve();
    auto third = p.reserve();
    SECTION("a commit behind an uncommitted slot") {
        *second = 2;
        second.commit();
        l.run_one();
        CHECK_FALSE(t.done());
        CHECK(a.events.empty());
        *first = 1;
        first.commit();
        l.run_one();
        CHECK(a.events == ints{1, 2});
    }
    SECTION("a discard") {
        first.discard();
        l.run_one();
        CHECK_FALSE(t.done());
        *second = 2;
        second.commit();
        l.run_one();
        CHECK(a.events == ints{2});
    }
    SECTION("close, with reservations still to come") {
        p.close();
        l.run_one();
        CHECK_FALSE(t.done());
        *first = 1;
        first.commit();
        l.run_one();
        CHECK(a.events == ints{1});
        second.discard();
        l.run_one();
        CHECK_FALSE(t.done());
        third.discard();
        l.run_one();
        CHECK(t.done());
        CHECK(a.empty_batches == 1);
    }
}

TEST_CASE("coroutine: destroyed while suspended, it holds nothing and is never called") {
    processor<4> p;
    loop l;
    account a;
    task t = consume(p, l, a);
    t.destroy();
    for (int i = 0; i < 4; ++i) CHECK(p.try_publish(i) == errc::success);
    CHECK(l.posts() == 0);
    CHECK(p.try_publish(4) == errc::full);
    t = consume(p, l, a);
    CHECK(a.events == ints{0, 1, 2, 3});
    CHECK_FALSE(t.done());
}

TEST_CASE("coroutine: destroyed while its resumption is in the executor's queue, that does nothing") {
    processor<> p;
    loop l;
    account a;
    account b;
    task t = consume(p, l, a);
    p.publish(1);
    REQUIRE(l.size() == 1);
    t.destroy();
    SECTION("and the event is still there for the next") {
        l.run_one();
        CHECK(a.events.empty());
        task const next = consume(p, l, b);
        CHECK(b.events == ints{1});
    }
    SECTION("also when another coroutine is suspended by then") {
        task const next = consume(p, l, b);
        CHECK(b.events == ints{1});
        CHECK(l.size() == 1);
        l.run_one();
        CHECK_FALSE(next.done());
        p.publish(2);
        CHECK(l.size() == 1);
        l.run_one();
        CHECK(b.events == ints{1, 2});
    }
}

TEST_CASE("coroutine: destroyed with a stop_token, it leaves no callback behind") {
    processor<> p;
    loop l;
    account a;
    std::stop_source stop;
    task t = consume_until_stopped(p, l, stop.get_token(), a);
    t.destroy();
    stop.request_stop();
    CHECK(l.posts() == 0);
}

TEST_CASE("coroutine: the blocking verbs work beside it") {
    processor<2> p;
    std::int64_t sum = 0;
    std::jthread producer([&] {
        for (int i = 1; i <= 20'000; ++i) p.publish(i);
        p.close();
    });
    p.run([&](int v) { sum += v; });
    CHECK(sum == 200'010'000);
}

#if EVPROC_CHECKED && !defined(_WIN32)  // which has no fork
TEST_CASE("coroutine: a checked build refuses a second one that waits for the same events") {
    auto const end = evproc_test::ending_of([] {
        processor<> p;
        loop l;
        account a;
        task const one = consume(p, l, a);
        task const two = consume(p, l, a);
    });
    CHECK(end.aborted());
    CHECK(end.says("two coroutines wait for the events of one processor"));
}
#endif

namespace {

/// A loop whose resumptions are run by several threads.
class pool {
public:
    explicit pool(int threads) {
        for (int i = 0; i < threads; ++i) {
            threads_.emplace_back([this](std::stop_token stop) {
                while (!stop.stop_requested())
                    loop_.run_one(std::chrono::seconds(0)) ? void() : std::this_thread::yield();
            });
        }
    }
    void operator()(resumption r) { loop_.post(r); }

private:
    loop loop_;
    std::vector<std::jthread> threads_;
};

/// Publishes 1, 2, ... each, with discards and wakes in between. Returns the sum of what was published.
template <class P> std::int64_t produce(P& p, int each, std::uint32_t seed) {
    std::int64_t sum = 0;
    std::uint32_t dice = seed * 2654435761U + 1;
    for (int i = 1; i <= each; ++i) {
        dice = dice * 1664525U + 1013904223U;
        auto place = p.reserve();
        if (!place) break;
        for (std::uint32_t turns = dice >> 25; turns != 0; --turns) evproc::detail::cpu_relax();
        if ((dice >> 8 & 15) == 0) {
            place.discard();
        } else {
            *place = i;
            place.commit();
            sum += i;
        }
        if ((dice >> 12 & 15) == 0) p.wake();
        if ((dice >> 16 & 63) == 0) std::this_thread::yield();
    }
    return sum;
}

/// Sums up until `closed_and_drained` says that an empty batch was the last.
template <class P, class Executor> task sum_up(P& p, Executor& executor, account& a, std::atomic<bool>& done) {
    for (;;) {
        auto batch = co_await p.next_batch(executor);
        for (int const v : batch) a.sum += v;
        bool const empty = batch.empty();
        batch.release();
        if (empty && p.state() == evproc::poll_state::closed) break;
        a.empty_batches += empty ? 1 : 0;
    }
    done = true;
}

template <class P> void race(int producers, int each) {
    P p;
    account a;
    std::atomic<bool> done{false};
    std::atomic<std::int64_t> published{0};
    task t;
    // Gone before the task, so that no thread is in the coroutine when it is destroyed.
    pool executor(2);
    t = sum_up(p, executor, a, done);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < producers; ++i) {
            threads.emplace_back([&, i] { published += produce(p, each, static_cast<std::uint32_t>(i)); });
        }
    }
    p.close();
    auto const give_up = std::chrono::steady_clock::now() + std::chrono::seconds(100);
    while (!done) {
        if (std::chrono::steady_clock::now() > give_up) {
            std::fputs("test: a wake-up was lost, the coroutine never saw the end\n", stderr);
            std::abort();
        }
        std::this_thread::yield();
    }
    CHECK(a.sum == published);
}

}  // namespace

TEST_CASE("coroutine: resumed by several threads in turn, it gets every event and the end") {
    SECTION("one slot") { race<processor<1>>(2, scaled(10'000)); }
    SECTION("many producers") { race<processor<64>>(3, scaled(20'000)); }
    SECTION("one producer, single") {
        race<processor<16, ring_options{.producers = producer_kind::single}>>(1, scaled(40'000));
    }
}

TEST_CASE("coroutine: coroutines that are destroyed at any moment of their wait lose no event") {
    processor<16> p;
    loop l;
    account a;
    std::atomic<std::int64_t> published{0};
    std::atomic<int> running{2};
    {
        // The first one certainly waits when it is destroyed, the others perhaps.
        std::atomic<bool> never{false};
        task const first = sum_up(p, l, a, never);
    }
    {
        std::vector<std::jthread> producers;
        for (std::uint32_t i = 0; i < 2; ++i) {
            producers.emplace_back([&, i] {
                published += produce(p, scaled(20'000), i);
                if (--running == 0) p.close();
            });
        }
        // All coroutines live and die on this thread, which is the executor's too.
        std::uint32_t dice = 1;
        for (;;) {
            std::atomic<bool> done{false};
            task t = sum_up(p, l, a, done);
            dice = dice * 1664525U + 1013904223U;
            for (std::uint32_t turns = dice >> 27; turns != 0 && !done; --turns) l.run_one(std::chrono::seconds(0));
            if (done) break;
        }
    }
    while (l.size() != 0) l.run_one();
    CHECK(a.sum == published);
}

// A std::stop_callback that goes away as it ends can hang for ever with libstdc++ 12 on Windows, whatever it calls.
#if !defined(_WIN32)
TEST_CASE("coroutine: a stop request that races with commits resumes it once") {
    loop l;
    for (int round = 0; round < scaled(2000); ++round) {
        processor<4> p;
        account a;
        std::stop_source stop;
        task const t = consume_until_stopped(p, l, stop.get_token(), a);
        std::jthread const producer([&] { p.publish(round); });
        std::jthread const stopper([&] { stop.request_stop(); });
        while (!t.done()) l.run_one();
        CHECK(a.empty_batches == 1);
        CHECK(a.events.size() <= 1);
    }
    CHECK(l.size() == 0);
}
#endif
