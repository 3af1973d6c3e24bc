// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Waiting on both sides with every strategy: races lose no wake-up, and all of it works where all threads share one
// processor. Built three times, see wait_strategy.cpp.
#include <evproc/evproc.hpp>

#include <atomic>
#include <chrono>
#include <stop_token>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "ring_verbs.hpp"
#include "waits.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_processor;
using evproc::poll_state;
using evproc::ring_buffer;

using ints = std::vector<int>;
using steady = std::chrono::steady_clock;

TEMPLATE_TEST_CASE("no lost wake-up: two threads hand one event to and fro", "", EVERY_WAIT) {
    ring_buffer<int, 1, TestType> there;
    ring_buffer<int, 1, TestType> back;
    bool whole = true;
    worker other([&] {
        for (int i = 0; i < rounds<TestType>; ++i) {
            if (!there.wait()) whole = false;
            if (take(there) != ints{i}) whole = false;
            auto const place = back.reserve();
            *place.data() = -i;
            back.commit(place);
        }
    });
    bool here = true;
    for (int i = 0; i < rounds<TestType>; ++i) {
        auto const place = there.reserve();
        *place.data() = i;
        there.commit(place);
        if (!back.wait()) here = false;
        if (take(back) != ints{-i}) here = false;
    }
    other.join();
    CHECK(whole);
    CHECK(here);
}

TEMPLATE_TEST_CASE("no lost wake-up: both sides of one ring of one slot wait for each other", "", EVERY_WAIT) {
    event_processor<int, 1, TestType> p;
    int expected = 0;
    bool whole = true;
    worker consumer([&] {
        while (p.poll_wait([&](int& v) { whole = whole && v == expected++; }).state != poll_state::closed) {
        }
    });
    int published = 0;
    for (int i = 0; i < rounds<TestType>; ++i) {
        if (i % 5 == 0) {
            auto const dropped = p.reserve();
        }
        published += p.publish(i) == errc::success ? 1 : 0;
    }
    p.close();
    consumer.join();
    CHECK(whole);
    CHECK(published == rounds<TestType>);
    CHECK(expected == rounds<TestType>);
}

TEMPLATE_TEST_CASE("no lost wake-up: the single-producer kind hands over as well", "", EVERY_WAIT) {
    event_processor<int, 1, TestType, single> p;
    int expected = 0;
    bool whole = true;
    worker consumer([&] {
        while (p.poll_wait([&](int& v) { whole = whole && v == expected++; }).state != poll_state::closed) {
        }
    });
    int published = 0;
    worker producer([&] {
        for (int i = 0; i < rounds<TestType>; ++i) {
            if (i % 5 == 0) {
                auto const dropped = p.reserve();
            }
            published += p.publish(i) == errc::success ? 1 : 0;
        }
        p.close();
    });
    producer.join();
    consumer.join();
    CHECK(whole);
    CHECK(published == rounds<TestType>);
    CHECK(expected == rounds<TestType>);
}

TEMPLATE_TEST_CASE("no lost wake-up: four producers wait for one slot", "", EVERY_WAIT) {
    event_processor<int, 1, TestType> p;
    int const each = rounds<TestType> / 10;
    std::vector<std::thread> producers;
    std::atomic<int> failed{0};
    for (int t = 0; t < 4; ++t) {
        producers.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                errc e = errc::success;
                switch ((i + t) % 4) {
                    case 0: e = p.publish(t * each + i); break;
                    case 1:
                        do {
                            auto event = p.reserve_for(std::chrono::microseconds(i % 60));
                            e = event.error();
                            if (event) *event = t * each + i, event.commit();
                        } while (e == errc::timed_out);
                        break;
                    case 2: {
                        auto batch = p.reserve_batch(1);
                        e = batch.error();
                        if (batch) batch.push_back(t * each + i), batch.commit();
                        break;
                    }
                    default: {
                        auto const dropped = p.reserve();
                    }
                        e = p.publish(t * each + i);
                        break;
                }
                if (e != errc::success) ++failed;
            }
        });
    }
    std::vector<int> next(4, 0);
    bool ordered = true;
    worker consumer([&] {
        p.run([&](int& v) {
            auto const who = static_cast<std::size_t>(v / each);
            ordered = ordered && v % each == next[who]++;
        });
    });
    for (auto& t : producers) t.join();
    p.close();
    consumer.join();
    CHECK(failed == 0);
    CHECK(ordered);
    CHECK(next == std::vector<int>(4, each));
}

TEMPLATE_TEST_CASE("no lost wake-up: a batch that needs the whole ring is not forgotten beside singles", "",
                   EVERY_WAIT) {
    event_processor<int, 4, TestType> p;
    int const batches = rounds<TestType> / 10;
    std::atomic<bool> enough{false};
    std::atomic<int> failed{0};
    worker consumer([&] { p.run([](int&) {}); });
    worker singles([&] {
        // They leave gaps, else a batch of the whole ring would have no claim to ever fit.
        while (!enough) {
            if (p.publish(1) != errc::success) ++failed;
            std::this_thread::sleep_for(50us);
        }
    });
    for (int i = 0; i < batches; ++i) {
        auto batch = p.reserve_batch(4);
        if (!batch)
            ++failed;
        else
            batch.append_uninitialized(4)[0] = 1, batch.commit();
    }
    enough = true;
    singles.join();
    p.close();
    consumer.join();
    CHECK(failed == 0);
}

TEMPLATE_TEST_CASE("no lost wake-up: commits race with timeouts and each event is seen once", "", EVERY_WAIT) {
    ring_buffer<int, 2, TestType> r;
    int const count = rounds<TestType>;
    worker producer([&] {
        dice roll(7);
        for (int i = 0; i < count; ++i) {
            for (;;) {
                auto const place = r.reserve_for(std::chrono::nanoseconds(roll(20'000)));
                if (!place) continue;
                *place.data() = i;
                idle_turns(roll(300));
                r.commit(place);
                break;
            }
        }
    });
    dice roll(11);
    int expected = 0;
    bool whole = true;
    while (expected < count) {
        bool ready = false;
        switch (roll(4)) {
            case 0: ready = r.wait_for(0ns); break;
            case 1: ready = r.wait_for(1ns); break;
            case 2: ready = r.wait_for(std::chrono::nanoseconds(roll(30'000))); break;
            default: ready = r.wait_until(steady::now() + std::chrono::nanoseconds(roll(5'000))); break;
        }
        auto const values = take(r);
        if (ready && values.empty()) whole = false;
        for (int const v : values) whole = whole && v == expected++;
    }
    producer.join();
    CHECK(whole);
    CHECK(expected == count);
}

TEMPLATE_TEST_CASE("no lost wake-up: close races with a consumer that goes to sleep", "", EVERY_WAIT) {
    dice roll(3);
    for (int i = 0; i < rounds<TestType> / 10; ++i) {
        event_processor<int, 2, TestType> p;
        std::thread consumer([&] { p.run([](int&) {}); });
        idle_turns(roll(20'000));
        p.close();
        consumer.join();
    }
    SUCCEED("every run has returned");
}

TEMPLATE_TEST_CASE("no lost wake-up: close races with a producer that goes to sleep", "", EVERY_WAIT) {
    dice roll(5);
    bool all = true;
    for (int i = 0; i < rounds<TestType> / 10; ++i) {
        ring_buffer<int, 1, TestType> r;
        all = all && put(r, 1) == errc::success;
        std::atomic<errc> answer{errc::success};
        std::thread producer([&] { answer = r.reserve().error(); });
        idle_turns(roll(20'000));
        r.close();
        producer.join();
        all = all && answer == errc::closed;
    }
    CHECK(all);
}

// A std::stop_callback that goes away as it ends can hang for ever with libstdc++ 12 on Windows, whatever it calls.
#if !defined(_WIN32)
TEMPLATE_TEST_CASE("no lost wake-up: stop races with both sides going to sleep", "", EVERY_WAIT) {
    dice roll(9);
    bool all = true;
    ring_buffer<int, 1, TestType> full;
    ring_buffer<int, 1, TestType> empty;
    all = all && put(full, 1) == errc::success;
    for (int i = 0; i < rounds<TestType> / 10; ++i) {
        std::stop_source stop;
        std::atomic<errc> answer{errc::success};
        std::atomic<bool> ready{true};
        std::thread producer([&] { answer = full.reserve(stop.get_token()).error(); });
        std::thread consumer([&] { ready = empty.wait(stop.get_token()); });
        idle_turns(roll(20'000));
        stop.request_stop();
        producer.join();
        consumer.join();
        all = all && answer == errc::stopped && !ready;
    }
    CHECK(all);
}
#endif

TEMPLATE_TEST_CASE("no lost wake-up: wake races with a consumer that goes to sleep", "", EVERY_WAIT) {
    ring_buffer<int, 1, TestType> r;
    std::atomic<int> woken{0};
    int const count = rounds<TestType> / 4;
    worker consumer([&] {
        for (int i = 0; i < count; ++i) {
            r.wait();
            ++woken;
        }
    });
    dice roll(13);
    for (int i = 0; i < count; ++i) {
        idle_turns(roll(3'000));
        r.wake();
        await([&] { return woken > i; }, "the consumer that was woken returns");
    }
    consumer.join();
    CHECK(woken == count);
}

TEMPLATE_TEST_CASE("no lost wake-up: flush ends when the consumer is through", "", EVERY_WAIT) {
    event_processor<int, 8, TestType> p;
    worker consumer([&] { p.run([](int&) {}); });
    std::atomic<int> failed{0};
    {
        std::vector<std::thread> producers;
        for (int t = 0; t < 2; ++t) {
            producers.emplace_back([&] {
                for (int i = 0; i < rounds<TestType> / 10; ++i) {
                    if (p.publish(i) != errc::success) ++failed;
                    if (p.flush() != errc::success) ++failed;
                }
            });
        }
        for (auto& t : producers) t.join();
    }
    p.close();
    consumer.join();
    CHECK(failed == 0);
}

#if defined(__linux__)
TEMPLATE_TEST_CASE("one processor: both sides make progress when all threads share one", "", EVERY_WAIT) {
    cpu_set_t before;
    CPU_ZERO(&before);
    REQUIRE(::sched_getaffinity(0, sizeof before, &before) == 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(i, &before)) {
            CPU_SET(i, &one);
            break;
        }
    }
    REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);  // threads started from here inherit it
    {
        event_processor<int, 4, TestType> p;
        int const count = rounds<TestType> / 3;
        int expected = 0;
        bool whole = true;
        worker consumer([&] { p.run([&](int& v) { whole = whole && v == expected++; }); });
        int published = 0;
        for (int i = 0; i < count; ++i) published += p.publish(i) == errc::success ? 1 : 0;
        p.close();
        consumer.join();
        CHECK(whole);
        CHECK(published == count);
        CHECK(expected == count);
    }
    REQUIRE(::sched_setaffinity(0, sizeof before, &before) == 0);
}
#endif
