// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// event_processor: close, flush, statistics, stalls, destruction.
#include <evproc/event_processor.hpp>
#include <evproc/wait/backoff_wait.hpp>
#include <evproc/wait/blocking_wait.hpp>
#include <evproc/wait/spin_wait.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "start_at.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_action;
using evproc::event_processor;
using evproc::poll_state;

using ints = std::vector<int>;

namespace {

constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};

}  // namespace

TEST_CASE("close: is idempotent and keeps what was committed") {
    event_processor<int, 8> p;
    fill(p, 0, 3);
    CHECK_FALSE(p.is_closed());
    p.close();
    p.close();
    CHECK(p.is_closed());
    CHECK(p.try_publish(3) == errc::closed);
    auto const result = p.poll([](int&) {});
    CHECK(result.events == 3);
    CHECK(result.state == poll_state::closed);
}

TEST_CASE("close: a handle from before may be committed, prefix-committed, discarded or dropped after") {
    ledger_scope const books;
    {
        event_processor<tracked, 16> p;
        auto committed = p.try_reserve();
        auto prefix = p.try_reserve_batch(3);
        auto discarded = p.try_reserve();
        {
            auto dropped = p.try_reserve_batch(2);
            dropped.emplace_back(8);
            p.close();
        }
        CHECK(p.poll([](tracked&) {}).state == poll_state::idle);
        CHECK(p.state() == poll_state::blocked);
        prefix.emplace_back(2);
        CHECK(prefix.commit() == errc::success);
        CHECK(p.poll([](tracked&) {}).state == poll_state::idle);
        CHECK(p.state() == poll_state::blocked);
        committed.emplace(1);
        CHECK(committed.commit() == errc::success);
        auto const result = p.poll([](tracked&) {}, 1);
        CHECK(result.events == 1);
        CHECK(result.state == poll_state::more);
        CHECK(values_of(p) == ints{2});
        CHECK(p.poll([](tracked&) {}).state == poll_state::idle);
        CHECK(p.state() == poll_state::blocked);
        discarded.discard();
        CHECK(p.poll([](tracked&) {}).state == poll_state::closed);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("flush: returns at once where nothing is committed") {
    event_processor<int, 4> p;
    CHECK(p.flush() == errc::success);
    CHECK(p.flush_for(0ns) == errc::success);
    fill(p, 0, 4);
    CHECK(values_of(p).size() == 4);
    CHECK(p.flush() == errc::success);
    p.close();
    CHECK(p.flush() == errc::success);
    CHECK(p.flush_for(1h) == errc::success);
}

TEST_CASE("flush: is not held up by what is reserved and not committed, or discarded") {
    event_processor<int, 4> p;
    auto stalled = p.try_reserve();
    CHECK(p.flush() == errc::success);
    stalled.discard();
    CHECK(p.flush() == errc::success);
}

TEST_CASE("flush_for: gives up at its deadline where nobody consumes") {
    event_processor<int, 4> p;
    fill(p, 0, 1);
    CHECK(p.flush_for(0ns) == errc::timed_out);
    CHECK(p.flush_for(1ns) == errc::timed_out);
    CHECK(p.flush_for(-1h) == errc::timed_out);
    CHECK(p.flush_for(1ms) == errc::timed_out);
    auto stalled = p.try_reserve();
    fill(p, 1, 2);
    CHECK(p.poll([](int&) {}).events == 1);
    // What was committed behind a stalled reservation is committed and not consumed.
    CHECK(p.flush_for(1ms) == errc::timed_out);
    stalled.discard();
    CHECK(values_of(p) == ints{1});
    CHECK(p.flush() == errc::success);
}

TEST_CASE("flush: waits for the consumer to have finished with what was committed before") {
    for (int round = 0; round < 50; ++round) {
        event_processor<int, 64> p;
        std::atomic<int> handled{0};
        std::thread consumer([&] {
            p.run([&](int&) {
                std::this_thread::yield();
                handled.fetch_add(1, std::memory_order_relaxed);
            });
        });
        for (int i = 1; i <= 100; ++i) {
            CHECK(p.publish(i) == errc::success);
            if (i % 10 == 0) {
                CHECK(p.flush() == errc::success);
                CHECK(handled.load(std::memory_order_relaxed) == i);
            }
        }
        CHECK(p.flush_for(1h) == errc::success);
        p.close();
        consumer.join();
    }
}

TEST_CASE("flush: what the handler wrote is seen by who flushed") {
    event_processor<int, 8> p;
    std::vector<int> plain;  // no atomics: flush is the synchronisation
    std::thread consumer([&] { p.run([&](int& v) { plain.push_back(v); }); });
    for (int i = 0; i < 1000; ++i) {
        CHECK(p.publish(i) == errc::success);
        if (i % 7 == 0) {
            CHECK(p.flush() == errc::success);
            CHECK(plain.size() == static_cast<std::size_t>(i) + 1);
        }
    }
    p.close();
    consumer.join();
}

TEST_CASE("stats: tell what happened in numbers of events") {
    event_processor<tracked, 8> p;
    auto s = p.stats();
    CHECK(s.committed == 0);
    CHECK(s.consumed == 0);
    CHECK(s.discarded == 0);
    CHECK(s.full_waits == 0);
    CHECK(s.refused == 0);
    CHECK(s.max_depth == 0);
    fill(p, 0, 3);
    {
        auto batch = p.try_reserve_batch(4);
        batch.emplace_back(3);
        batch.emplace_back(4);
        batch.commit();
    }
    s = p.stats();
    CHECK(s.committed == 5);
    CHECK(s.consumed == 0);
    CHECK(s.discarded == 2);
    p.poll([](tracked&) {}, 2);
    s = p.stats();
    CHECK(s.committed == 5);
    CHECK(s.consumed == 2);
    CHECK(s.discarded == 2);
    CHECK(values_of(p).size() == 3);
    s = p.stats();
    CHECK(s.committed == 5);
    CHECK(s.consumed == 5);
    CHECK(s.discarded == 2);
    CHECK(s.max_depth >= 5);
    CHECK(s.max_depth <= 8);
}

TEST_CASE("stats: an open reservation is neither committed nor discarded") {
    event_processor<int, 8> p;
    auto batch = p.try_reserve_batch(3);
    batch.push_back(1);
    auto s = p.stats();
    CHECK(s.committed == 0);
    CHECK(s.discarded == 0);
    CHECK(s.consumed == 0);
    batch.commit();
    s = p.stats();
    CHECK(s.committed == 1);
    CHECK(s.discarded == 2);
}

TEST_CASE("stats: committed is consumed plus what waits, at every step of a mixed course") {
    event_processor<int, 16> p;
    std::uint64_t committed = 0;
    std::uint64_t discarded = 0;
    std::uint64_t consumed = 0;
    for (int step = 0; step < 500; ++step) {
        if (auto batch = p.try_reserve_batch(static_cast<std::size_t>(step % 5 + 1))) {
            auto const built = static_cast<std::size_t>(step % 3);
            while (batch.size() < built && batch.size() < batch.capacity()) batch.push_back(step);
            committed += batch.size();
            discarded += batch.capacity() - batch.size();
            batch.commit();
        }
        if (step % 3 == 0) consumed += p.poll([](int&) {}, static_cast<std::size_t>(step % 7)).events;
        auto const s = p.stats();
        CHECK(s.committed == committed);
        CHECK(s.discarded == discarded);
        CHECK(s.consumed == consumed);
    }
    CHECK(consumed > 200);
}

TEST_CASE("stats: a throw, a stop and a keep count what they consumed") {
    event_processor<int, 8> p;
    fill(p, 0, 5);
    CHECK_THROWS_AS(p.poll([](int& v) {
        if (v == 1) throw 1;
    }),
                    int);
    CHECK(p.stats().consumed == 2);
    p.poll([](int&) { return event_action::keep; });
    CHECK(p.stats().consumed == 2);
    p.poll([](int&) { return event_action::stop; });
    CHECK(p.stats().consumed == 3);
    CHECK(p.stats().committed == 5);
}

TEST_CASE("stats: refusals and waits for space are counted") {
    event_processor<int, 2> p;
    fill(p, 0, 2);
    CHECK(p.try_publish(1) == errc::full);
    CHECK(p.try_reserve().error() == errc::full);
    CHECK(p.try_reserve_batch(2).error() == errc::full);
    CHECK(p.stats().refused == 3);
    CHECK(p.stats().full_waits == 0);
    CHECK(p.reserve_for(1ms).error() == errc::timed_out);
    CHECK(p.stats().full_waits == 1);
    CHECK(values_of(p).size() == 2);
    CHECK(p.publish(1) == errc::success);
    CHECK(p.stats().full_waits == 1);
}

TEST_CASE("stats: a consumer or a producer that slept is counted as a park") {
    event_processor<int, 1, evproc::blocking_wait> p;
    CHECK(p.stats().parks == 0);
    CHECK(p.poll_for(5ms, [](int&) {}).events == 0);
    auto const after_consumer = p.stats().parks;
    CHECK(after_consumer >= 1);
    fill(p, 0, 1);
    CHECK(p.reserve_for(5ms).error() == errc::timed_out);
    CHECK(p.stats().parks > after_consumer);
    event_processor<int, 1, evproc::spin_wait> spinning;
    CHECK(spinning.poll_for(1ms, [](int&) {}).events == 0);
    CHECK(spinning.stats().parks == 0);
    event_processor<int, 1, evproc::backoff_wait> yielding;
    CHECK(yielding.poll_for(1ms, [](int&) {}).events == 0);
    CHECK(yielding.stats().parks == 0);
}

TEST_CASE("stats: a producer that is refused, or has to wait, notes how full the ring was") {
    auto const one_by_one = [](auto& p) {
        while (p.poll([](int&) {}, 1).events != 0) {
        }
        return p.stats().max_depth;
    };
    event_processor<int, 64> refused;
    while (refused.try_publish(1) == errc::success) {
    }
    CHECK(one_by_one(refused) == 64);
    event_processor<int, 64> batch;
    for (int i = 0; i != 60; ++i) CHECK(batch.try_publish(i) == errc::success);
    CHECK(batch.try_reserve_batch(8).error() == errc::full);
    CHECK(one_by_one(batch) == 60);
    event_processor<int, 64> waited;
    for (int i = 0; i != 64; ++i) CHECK(waited.try_publish(i) == errc::success);
    CHECK(waited.reserve_for(std::chrono::nanoseconds{0}).error() == errc::timed_out);
    CHECK(one_by_one(waited) == 64);
}

TEST_CASE("stats: max_depth is the most that ever lay ready") {
    event_processor<int, 16> p;
    fill(p, 0, 3);
    CHECK(values_of(p).size() == 3);
    CHECK(p.stats().max_depth == 3);
    fill(p, 0, 10);
    CHECK(values_of(p).size() == 10);
    CHECK(p.stats().max_depth == 10);
    fill(p, 0, 4);
    CHECK(values_of(p).size() == 4);
    CHECK(p.stats().max_depth == 10);
}

TEST_CASE("stats: a refused batch notes how much was taken, a refused event that all was") {
    event_processor<int, 4> p;
    auto const three = p.try_reserve_batch(3);
    CHECK(p.try_reserve_batch(2).error() == errc::full);
    CHECK(p.stats().max_depth == 3);
    auto const one = p.try_reserve();
    CHECK(p.try_reserve().error() == errc::full);
    CHECK(p.stats().max_depth == 4);
}

// Also where polls are not due to let events come together, as after so many of one event.
TEST_CASE("stats: a short poll notes how much lay ready") {
    event_processor<int, 256> p;
    auto const one_poll = [&](int events) {
        fill(p, 0, events);
        REQUIRE(p.poll([](int&) {}).state == poll_state::idle);
    };
    for (int i = 0; i != 3000; ++i) one_poll(1);
    CHECK(p.stats().max_depth == 1);
    for (int depth = 2; depth != 10; ++depth) {
        one_poll(depth);
        CHECK(p.stats().max_depth == static_cast<std::uint64_t>(depth));
    }
}

TEST_CASE("stats: the single-producer kind counts commits and consumption too") {
    event_processor<int, 8, evproc::adaptive_wait, single> p;
    fill(p, 0, 5);
    CHECK(p.stats().committed == 5);
    CHECK(p.stats().consumed == 0);
    p.poll([](int&) {}, 3);
    CHECK(p.stats().committed == 5);
    CHECK(p.stats().consumed == 3);
    fill(p, 0, 6);
    CHECK(p.try_publish(1) == errc::full);
    CHECK(p.stats().refused == 1);
}

TEST_CASE("stats: they may be switched off and everything else stays") {
    event_processor<int, 2, evproc::adaptive_wait, evproc::ring_options{.statistics = false}> p;
    fill(p, 0, 2);
    CHECK(p.try_publish(3) == errc::full);
    CHECK(values_of(p) == ints{0, 1});
    auto const s = p.stats();
    CHECK(s.refused == 0);
    CHECK(s.max_depth == 0);
}

TEST_CASE("oldest_uncommitted: the observer hears once of what a spinning consumer waits for") {
    struct watcher : evproc::no_observer {
        std::atomic<int>* stalls;
        void on_stall(std::uint64_t) noexcept { ++*stalls; }
    };
    std::atomic<int> stalls{0};
    event_processor<int, 4, evproc::spin_wait, evproc::ring_options{}, watcher> p{watcher{{}, &stalls}};
    auto open = p.try_reserve();
    std::thread consumer{[&] { CHECK_FALSE(p.wait()); }};
    await([&] { return stalls != 0; }, "the observer hears of a stall");
    p.wake();
    consumer.join();
    CHECK(stalls == 1);
    open.discard();
}

TEST_CASE("oldest_uncommitted: names the sequence that the consumer is waiting for and for how long") {
    event_processor<int, 8> p;
    CHECK_FALSE(static_cast<bool>(p.oldest_uncommitted()));
    fill(p, 0, 2);
    auto stalled = p.try_reserve();
    fill(p, 3, 4);
    CHECK(p.poll([](int&) {}).state == poll_state::idle);
    CHECK(p.state() == poll_state::blocked);
    auto info = p.oldest_uncommitted();
    REQUIRE(static_cast<bool>(info));
    CHECK(info.stalled);
    CHECK(info.sequence == 2);
    CHECK(info.sequence == stalled.sequence());
    CHECK(info.age >= 0ns);
    std::this_thread::sleep_for(10ms);
    CHECK(p.poll([](int&) {}).state == poll_state::idle);
    CHECK(p.state() == poll_state::blocked);
    auto const later = p.oldest_uncommitted();
    CHECK(later.sequence == 2);
    CHECK(later.age >= 9ms);  // it had been seen before the 10 ms began
    stalled.discard();
    CHECK(values_of(p) == ints{3});
    CHECK_FALSE(static_cast<bool>(p.oldest_uncommitted()));
}

TEST_CASE("oldest_uncommitted: reports the slot at the consumer's position only") {
    for (std::uint64_t const start : {std::uint64_t{0}, (std::uint64_t{1} << 20) - 2}) {
        auto p = started_at<event_processor<int, 8>>(start, 8);
        auto first = p.try_reserve();
        auto second = p.try_reserve();
        CHECK(p.oldest_uncommitted().sequence == start);
        *first = 1;
        first.commit();
        CHECK_FALSE(p.oldest_uncommitted().stalled);  // an event is ready
        CHECK(values_of(p) == ints{1});
        CHECK(p.oldest_uncommitted().stalled);
        CHECK(p.oldest_uncommitted().sequence == start + 1);
        second.discard();
        CHECK_FALSE(p.oldest_uncommitted().stalled);
    }
}

TEST_CASE("oldest_uncommitted: a waiting consumer starts the clock") {
    event_processor<int, 8> p;
    auto stalled = p.try_reserve();
    CHECK(p.poll_for(20ms, [](int&) {}).state == poll_state::blocked);
    CHECK(p.oldest_uncommitted().age >= 1ms);
    stalled.discard();
}

TEST_CASE("oldest_uncommitted: the age starts anew with the next stalled reservation") {
    event_processor<int, 8> p;
    auto first = p.try_reserve();
    auto second = p.try_reserve();
    CHECK(p.oldest_uncommitted().stalled);
    std::this_thread::sleep_for(30ms);
    CHECK(p.oldest_uncommitted().age >= 29ms);
    auto const before = std::chrono::steady_clock::now();
    *first = 1;
    first.commit();
    CHECK(p.poll([](int&) {}).state == poll_state::idle);
    CHECK(p.state() == poll_state::blocked);
    auto const info = p.oldest_uncommitted();
    auto const since = std::chrono::steady_clock::now() - before;
    REQUIRE(info.stalled);
    CHECK(info.sequence == 1);
    CHECK(info.age <= since + 1ms);
    second.discard();
}

TEST_CASE("oldest_uncommitted: is reported in the single-producer kind too") {
    event_processor<int, 8, evproc::adaptive_wait, single> p;
    fill(p, 0, 2);
    auto stalled = p.try_reserve();
    CHECK(p.poll([](int&) {}).events == 2);
    CHECK(p.poll([](int&) {}).state == poll_state::idle);
    CHECK(p.state() == poll_state::blocked);
    CHECK(p.oldest_uncommitted().stalled);
    CHECK(p.oldest_uncommitted().sequence == 2);
    stalled.discard();
    CHECK(p.poll([](int&) {}).state == poll_state::idle);
    CHECK_FALSE(p.oldest_uncommitted().stalled);
}

TEST_CASE("event_processor: lives on the stack with its ring on the heap") {
    STATIC_REQUIRE(sizeof(event_processor<int, 2>) == sizeof(event_processor<int, (1U << 20)>));
    STATIC_REQUIRE(sizeof(event_processor<int, (1U << 20)>) <= 2048);
    event_processor<std::array<char, 64>, (1U << 16)> p;
    CHECK(p.capacity() == 65536);
}

TEST_CASE("event_processor: destruction destroys what no one consumed exactly once") {
    for (int consumed = 0; consumed <= 6; ++consumed) {
        ledger_scope const books;
        {
            event_processor<tracked, 8> p;
            fill(p, 0, 2);
            p.try_reserve().discard();
            {
                auto batch = p.try_reserve_batch(5);
                for (int i = 2; i < 6; ++i) batch.emplace_back(i);
                batch.commit();
            }
            if (consumed > 0) p.poll([](tracked&) {}, static_cast<std::size_t>(consumed));
            CHECK(ledger::destroyed == consumed);
        }
        CHECK(ledger::constructed == 6);
        CHECK(ledger::destroyed == 6);
        CHECK(ledger::balanced());
    }
}

TEST_CASE("event_processor: destruction after keep, throw, peek and close destroys once") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        fill(p, 0, 8);
        p.poll([](tracked& t) { return t.get() < 2 ? event_action::next : event_action::keep; });
        CHECK_THROWS_AS(p.poll([](tracked&) { throw 1; }), int);
        {
            auto batch = p.peek(3);
            batch.release(1);
            batch.keep();
        }
        p.close();
        CHECK(ledger::destroyed == 4);
    }
    CHECK(ledger::constructed == 8);
    CHECK(ledger::balanced());
}

TEST_CASE("event_processor: what lies wrapped around the end of the storage is destroyed once") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        fill(p, 0, 6);
        CHECK(values_of(p).size() == 6);
        auto batch = p.try_reserve_batch(5);  // straddles the end
        for (int i = 0; i < 5; ++i) batch.emplace_back(i);
        batch.commit();
        fill(p, 5, 8);
        CHECK(p.poll([](tracked&) {}, 1).events == 1);
    }
    CHECK(ledger::constructed == 14);
    CHECK(ledger::balanced());
}

TEST_CASE("size_approx: tells what waits and is never more than the capacity") {
    event_processor<int, 8> p;
    CHECK(p.size_approx() == 0);
    CHECK(p.empty_approx());
    fill(p, 0, 5);
    CHECK(p.size_approx() == 5);
    CHECK_FALSE(p.empty_approx());
    CHECK(values_of(p).size() == 5);
    CHECK(p.size_approx() == 0);
    CHECK(p.empty_approx());
}

TEST_CASE("size_approx: never negative and never above the capacity while others run") {
    event_processor<int, 4> p;
    std::atomic<bool> done{false};
    std::thread producer([&] {
        for (int i = 0; i < 50'000; ++i) p.publish(i);
        p.close();
    });
    std::thread consumer([&] {
        p.run([](int&) {});
        done = true;
    });
    std::size_t most = 0;
    while (!done) {
        most = std::max(most, p.size_approx());
        (void)p.empty_approx();
        auto const s = p.stats();
        most = std::max(most, static_cast<std::size_t>(s.consumed > s.committed ? 1000 : 0));
        std::this_thread::yield();  // to those that it looks at
    }
    producer.join();
    consumer.join();
    CHECK(most <= 4);
    CHECK(p.size_approx() == 0);
    CHECK(p.stats().consumed == 50'000);
    CHECK(p.stats().committed == 50'000);
}
