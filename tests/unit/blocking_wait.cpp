// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// The strategies that sleep: a side that waits uses no processor time.
#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/blocking_wait.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "waits.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_processor;
using evproc::ring_buffer;

using steady = std::chrono::steady_clock;

TEMPLATE_TEST_CASE("blocking_wait, adaptive_wait: a consumer that waits uses next to no processor time", "",
                   evproc::blocking_wait, evproc::adaptive_wait) {
    // One verb after the other waits for 300 ms; an idle loop would use all of that.
    ring_buffer<int, 4, TestType> r;
    event_processor<int, 4, TestType> p;
    auto const none = [](int&) {};
    for (auto const& wait :
         std::vector<std::function<void()>>{[&] { r.wait_for(300ms); }, [&] { p.poll_for(300ms, none); },
                                            [&] { p.poll_until(steady::now() + 300ms, none); }}) {
        auto const before = thread_cpu_time();
        auto const start = steady::now();
        wait();
        CHECK(steady::now() - start >= 300ms);
        CHECK(thread_cpu_time() - before < 100ms);
    }
}

TEMPLATE_TEST_CASE("blocking_wait, adaptive_wait: a consumer behind a stalled producer sleeps though others commit", "",
                   evproc::blocking_wait, evproc::adaptive_wait) {
    event_processor<int, 64, TestType> p;
    auto stalled = p.try_reserve();
    std::atomic<std::int64_t> used{-1};
    std::atomic<int> events{-1};
    worker consumer([&] {
        auto const before = thread_cpu_time();
        auto const result = p.poll_wait([](int&) {});
        events = static_cast<int>(result.events);
        used = (thread_cpu_time() - before).count();
    });
    for (int i = 0; i < 30; ++i) {
        CHECK(p.try_publish(i) == errc::success);
        std::this_thread::sleep_for(10ms);
    }
    CHECK_FALSE(consumer.has_ended());
    CHECK(p.oldest_uncommitted().sequence == 0);
    *stalled = -1;
    CHECK(stalled.commit() == errc::success);
    consumer.join();
    CHECK(events == 31);
    CHECK(used < std::chrono::nanoseconds(100ms).count());
}

TEMPLATE_TEST_CASE("blocking_wait, adaptive_wait: a blocked run sleeps and goes on when the stall ends", "",
                   evproc::blocking_wait, evproc::adaptive_wait) {
    event_processor<int, 64, TestType> p;
    CHECK(p.publish(0) == errc::success);
    auto stalled = p.try_reserve();
    CHECK(p.publish(2) == errc::success);
    std::atomic<std::int64_t> used{-1};
    std::atomic<std::uint64_t> events{0};
    worker consumer([&] {
        auto const before = thread_cpu_time();
        events = p.run([](int&) {}).events;
        used = (thread_cpu_time() - before).count();
    });
    await([&] { return p.oldest_uncommitted().stalled; }, "the consumer stands before the event that is not committed");
    CHECK(p.oldest_uncommitted().sequence == 1);
    std::this_thread::sleep_for(300ms);
    stalled.discard();
    p.close();
    consumer.join();
    CHECK(events == 2);
    CHECK(used < std::chrono::nanoseconds(100ms).count());
}

TEMPLATE_TEST_CASE(
    "blocking_wait, adaptive_wait: producers that wait for space and for a flush use next to no processor time", "",
    evproc::blocking_wait, evproc::adaptive_wait) {
    event_processor<int, 1, TestType> p;
    CHECK(p.publish(0) == errc::success);
    for (auto const& wait : std::vector<std::function<errc()>>{[&] { return p.reserve_for(300ms).error(); },
                                                               [&] { return p.reserve_batch_for(300ms, 1).error(); },
                                                               [&] { return p.flush_for(300ms); }}) {
        auto const before = thread_cpu_time();
        CHECK(wait() == errc::timed_out);
        CHECK(thread_cpu_time() - before < 100ms);
    }
}
