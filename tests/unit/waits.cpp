// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// Waiting on both sides with every strategy: each cause that has to end a wait ends it, races lose no wake-up, and a
// side that sleeps uses no processor time. Built three times: as shipped, with EVPROC_NO_FUTEX, with
// EVPROC_NO_MEMBARRIER. A lost wake-up shows as a test that hangs until its time is over.
#include <sched.h>

#include <evproc/evproc.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "ring_verbs.hpp"
#include "threads.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_processor;
using evproc::poll_state;
using evproc::ring_buffer;

using ints = std::vector<int>;
using steady = std::chrono::steady_clock;

namespace {

// The spinning strategies need a whole turn of the scheduler for each hand-over when the machine is busy.
template <class Wait>
constexpr bool sleeps = std::is_same_v<Wait, evproc::blocking_wait> || std::is_same_v<Wait, evproc::adaptive_wait>;
template <class Wait>
constexpr int rounds = sleeps<Wait> ? 2000 : 300;

constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};

/// Runs `function` in a thread and tells whether it has ended.
class worker {
public:
    template <class Function>
    explicit worker(Function function)
        : thread_([this, function] {
              begun_ = true;
              function();
              ended_ = true;
          }) {
        await([this] { return begun_.load(); }, "a thread begins");
    }
    ~worker() {
        if (thread_.joinable()) thread_.join();
    }
    bool has_ended() const { return ended_; }
    void join() { thread_.join(); }

private:
    std::atomic<bool> begun_{false};
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

/// A small pseudo-random number for the timing of races.
class dice {
public:
    explicit dice(std::uint32_t seed) : state_(seed * 2654435761U + 1) {}
    std::uint32_t operator()(std::uint32_t below) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return state_ % below;
    }

private:
    std::uint32_t state_;
};

void pause(std::uint32_t turns) {
    for (std::uint32_t volatile i = 0; i < turns; i = i + 1) {}
}

/// A strategy as a user would write it.
class condition_wait {
public:
    template <class Ready>
    bool wait(Ready&& ready, evproc::wait_deadline until) {
        std::unique_lock lock(mutex_);
        for (;;) {
            if (ready()) return true;
            if (until != evproc::wait_deadline::max() && steady::now() >= until) return ready();
            // Deliberately short: notify() below may be missed between ready() and here.
            changed_.wait_for(lock, 1ms);
        }
    }
    void notify() noexcept { changed_.notify_all(); }
    std::uint64_t parks() const noexcept { return 0; }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

struct no_strategy {};
struct no_deadline_strategy {
    template <class Ready>
    bool wait(Ready&& ready);
    void notify() noexcept;
    std::uint64_t parks() const noexcept;
};

}  // namespace

#define EVERY_WAIT evproc::spin_wait, evproc::backoff_wait, evproc::blocking_wait, evproc::adaptive_wait

TEST_CASE("wait_strategy: the four strategies and a user's own satisfy the concept and others do not") {
    STATIC_REQUIRE(evproc::wait_strategy<evproc::spin_wait>);
    STATIC_REQUIRE(evproc::wait_strategy<evproc::backoff_wait>);
    STATIC_REQUIRE(evproc::wait_strategy<evproc::blocking_wait>);
    STATIC_REQUIRE(evproc::wait_strategy<evproc::adaptive_wait>);
    STATIC_REQUIRE(evproc::wait_strategy<condition_wait>);
    STATIC_REQUIRE_FALSE(evproc::wait_strategy<no_strategy>);
    STATIC_REQUIRE_FALSE(evproc::wait_strategy<no_deadline_strategy>);
    STATIC_REQUIRE_FALSE(evproc::wait_strategy<int>);
}

TEST_CASE("wait_strategy: a user's own serves both sides") {
    event_processor<int, 2, condition_wait> p;
    std::uint64_t sum = 0;
    worker consumer([&] { p.run([&](int& v) { sum += static_cast<std::uint64_t>(v); }); });
    for (int i = 1; i <= 2000; ++i) CHECK(p.publish(i) == errc::success);
    CHECK(p.flush() == errc::success);
    p.close();
    consumer.join();
    CHECK(sum == 2'001'000);
}

TEMPLATE_TEST_CASE("consumer wait: a commit ends it", "", EVERY_WAIT) {
    ring_buffer<int, 4, TestType> r;
    std::atomic<int> answer{-1};
    worker consumer([&] { answer = r.wait() ? 1 : 0; });
    let_it_park();
    CHECK_FALSE(consumer.has_ended());
    CHECK(put(r, 1) == errc::success);
    consumer.join();
    CHECK(answer == 1);
    CHECK(take(r) == ints{1});
}

TEMPLATE_TEST_CASE("consumer wait: a prefix commit ends it", "", EVERY_WAIT) {
    ring_buffer<int, 4, TestType> r;
    std::atomic<int> answer{-1};
    worker consumer([&] { answer = r.wait_for(1h) ? 1 : 0; });
    let_it_park();
    auto const batch = r.try_reserve(4);
    batch.data()[0] = 7;
    r.commit(batch, 1);
    consumer.join();
    CHECK(answer == 1);
    CHECK(take(r) == ints{7});
}

TEMPLATE_TEST_CASE("consumer wait: close ends it", "", EVERY_WAIT) {
    ring_buffer<int, 4, TestType> r;
    std::atomic<int> answer{-1};
    worker consumer([&] { answer = r.wait_until(steady::time_point::max()) ? 1 : 0; });
    let_it_park();
    r.close();
    consumer.join();
    CHECK(answer == 0);
}

TEMPLATE_TEST_CASE("consumer wait: close does not end it while a reservation is open and its commit or discard does", "",
                   EVERY_WAIT) {
    for (bool const commits : {true, false}) {
        ring_buffer<int, 4, TestType> r;
        std::atomic<int> answer{-1};
        auto const open = r.try_reserve();
        worker consumer([&] { answer = r.wait() ? 1 : 0; });
        let_it_park();
        r.close();
        let_it_park();
        CHECK_FALSE(consumer.has_ended());
        *open.data() = 3;
        if (commits) r.commit(open);
        else r.discard(open);
        consumer.join();
        CHECK(answer == (commits ? 1 : 0));
    }
}

TEMPLATE_TEST_CASE("consumer wait: wake ends it and a wake that nobody waited for ends the next", "", EVERY_WAIT) {
    ring_buffer<int, 4, TestType> r;
    std::atomic<int> answer{-1};
    worker consumer([&] { answer = r.wait() ? 1 : 0; });
    let_it_park();
    r.wake();
    consumer.join();
    CHECK(answer == 0);
    r.wake();
    CHECK_FALSE(r.wait());
    // It is used up by now.
    CHECK_FALSE(r.wait_for(1ms));
    auto const before = steady::now();
    CHECK_FALSE(r.wait_for(5ms));
    CHECK(steady::now() - before >= 5ms);
}

TEMPLATE_TEST_CASE("consumer wait: a stop ends it", "", EVERY_WAIT) {
    ring_buffer<int, 4, TestType> r;
    std::stop_source stop;
    std::atomic<int> answer{-1};
    worker consumer([&] { answer = r.wait(stop.get_token()) ? 1 : 0; });
    let_it_park();
    stop.request_stop();
    consumer.join();
    CHECK(answer == 0);
    CHECK(put(r, 1) == errc::success);
    CHECK(r.wait(std::stop_token{}));
}

TEMPLATE_TEST_CASE("consumer wait: a discard in front of a commit does not hide it", "", EVERY_WAIT) {
    ring_buffer<int, 4, TestType> r;
    auto const first = r.try_reserve();
    auto const second = r.try_reserve();
    *second.data() = 2;
    r.commit(second);
    std::atomic<int> answer{-1};
    worker consumer([&] { answer = r.wait() ? 1 : 0; });
    let_it_park();
    r.discard(first);
    consumer.join();
    CHECK(answer == 1);
    CHECK(take(r) == ints{2});
}

TEMPLATE_TEST_CASE("consumer wait: it steps over discards so that producers find room", "", EVERY_WAIT) {
    // Nothing but the waiting consumer can free what was discarded, and the producers wait for exactly that.
    ring_buffer<int, 2, TestType> r;
    std::atomic<int> answer{-1};
    worker consumer([&] { answer = r.wait() ? 1 : 0; });
    for (int i = 0; i < 200; ++i) r.discard(r.reserve(static_cast<std::size_t>(i % 2 + 1)));
    auto const last = r.reserve();
    REQUIRE(static_cast<bool>(last));
    *last.data() = 5;
    r.commit(last);
    consumer.join();
    CHECK(answer == 1);
    CHECK(take(r) == ints{5});
}

TEMPLATE_TEST_CASE("consumer wait: poll_wait steps over discards so that producers find room", "", EVERY_WAIT) {
    event_processor<int, 1, TestType> p;
    std::atomic<int> seen{0};
    worker consumer([&] {
        while (seen == 0) p.poll_wait([&](int& v) { seen = v; });
    });
    for (int i = 0; i < 200; ++i) { auto const dropped = p.reserve(); }
    CHECK(p.publish(5) == errc::success);
    consumer.join();
    CHECK(seen == 5);
}

TEMPLATE_TEST_CASE("consumer wait: no deadline ends it early", "", EVERY_WAIT) {
    ring_buffer<int, 4, TestType> r;
    for (auto const d : {1ms, 3ms, 20ms}) {
        auto before = steady::now();
        CHECK_FALSE(r.wait_for(d));
        CHECK(steady::now() - before >= d);
        before = steady::now();
        CHECK_FALSE(r.wait_until(before + d));
        CHECK(steady::now() - before >= d);
    }
    CHECK_FALSE(r.wait_until(std::chrono::system_clock::now() + 3ms));
    CHECK_FALSE(r.wait_for(std::chrono::duration<double>(0.002)));
    CHECK_FALSE(r.wait_for(std::chrono::duration<float, std::milli>(0.5F)));
}

TEMPLATE_TEST_CASE("consumer wait: limits too far to be reached are no limit", "", EVERY_WAIT) {
    ring_buffer<int, 4, TestType> r;
    std::vector<std::function<bool()>> const waits = {
        [&] { return r.wait_for(std::chrono::nanoseconds::max()); },
        [&] { return r.wait_for(std::chrono::seconds::max()); },
        [&] { return r.wait_for(std::chrono::hours::max()); },
        [&] { return r.wait_for(std::chrono::duration<double>::max()); },
        [&] { return r.wait_for(std::chrono::duration<double>(1e18)); },
        [&] { return r.wait_for(std::chrono::duration<std::int64_t, std::pico>::max()); },
        [&] { return r.wait_until(steady::time_point::max()); },
        [&] { return r.wait_until(steady::time_point::max() - 1ns); },
        [&] { return r.wait_until(std::chrono::system_clock::time_point::max()); },
        [&] { return r.wait_until(std::chrono::system_clock::time_point::max() - 1ns); },
        [&] { return r.wait_until(std::chrono::time_point<steady, std::chrono::seconds>::max()); },
        [&] { return r.wait_until(std::chrono::time_point<std::chrono::system_clock, std::chrono::hours>::max()); },
    };
    for (auto const& wait : waits) {
        std::atomic<int> answer{-1};
        worker consumer([&] { answer = wait() ? 1 : 0; });
        std::this_thread::sleep_for(2ms);
        CHECK_FALSE(consumer.has_ended());
        CHECK(put(r, 1) == errc::success);
        consumer.join();
        CHECK(answer == 1);
        CHECK(take(r) == ints{1});
    }
}

TEMPLATE_TEST_CASE("poll_wait: each cause that should end it does", "", EVERY_WAIT) {
    event_processor<int, 4, TestType> p;
    std::atomic<int> events{-1};
    std::atomic<poll_state> state{poll_state::more};
    auto const note = [&](evproc::poll_result const& result) {
        state = result.state;
        events = static_cast<int>(result.events);
    };
    auto const handler = [](int&) {};
    {
        worker consumer([&] { note(p.poll_wait(handler)); });
        let_it_park();
        CHECK(p.publish(1) == errc::success);
        consumer.join();
        CHECK(events == 1);
    }
    {
        std::stop_source stop;
        worker consumer([&] { note(p.poll_wait(stop.get_token(), handler)); });
        let_it_park();
        stop.request_stop();
        consumer.join();
        CHECK(events == 0);
        CHECK(state == poll_state::idle);
    }
    {
        worker consumer([&] { note(p.poll_for(1h, handler)); });
        let_it_park();
        p.wake();
        consumer.join();
        CHECK(events == 0);
        CHECK(state == poll_state::idle);
    }
    {
        auto batch = p.try_reserve_batch(3);
        batch.push_back(1);
        batch.push_back(2);
        worker consumer([&] { note(p.poll_until(steady::now() + 1h, handler)); });
        let_it_park();
        CHECK_FALSE(consumer.has_ended());
        CHECK(batch.commit() == errc::success);
        consumer.join();
        CHECK(events == 2);
    }
    {
        worker consumer([&] { note(p.poll_wait(handler)); });
        let_it_park();
        p.close();
        consumer.join();
        CHECK(events == 0);
        CHECK(state == poll_state::closed);
    }
}

TEMPLATE_TEST_CASE("producer wait: what the consumer releases ends it", "", EVERY_WAIT) {
    event_processor<int, 2, TestType> p;
    auto const fill = [&] {
        while (p.try_publish(1) == errc::success) {}
    };
    std::atomic<int> answer{-1};
    auto const waits = [&] { answer = static_cast<int>(p.publish(9)); };
    auto const expect_success = [&](worker& producer) {
        producer.join();
        CHECK(answer == static_cast<int>(errc::success));
        answer = -1;
        while (p.poll([](int&) {}).events != 0) {}
    };
    fill();
    {
        worker producer(waits);
        let_it_park();
        CHECK_FALSE(producer.has_ended());
        CHECK(p.poll([](int&) {}).events >= 2);
        expect_success(producer);
    }
    fill();
    {
        worker producer(waits);
        let_it_park();
        CHECK(p.poll([](int&) { return evproc::event_action::stop; }).events == 1);
        expect_success(producer);
    }
    fill();
    {
        worker producer(waits);
        let_it_park();
        CHECK_THROWS_AS(p.poll([](int&) { throw 1; }), int);
        expect_success(producer);
    }
    fill();
    {
        worker producer(waits);
        let_it_park();
        { auto const batch = p.peek(1); }
        expect_success(producer);
    }
    fill();
    {
        worker producer(waits);
        let_it_park();
        auto batch = p.peek();
        batch.release(1);
        producer.join();
        batch.keep();
        CHECK(answer == static_cast<int>(errc::success));
        answer = -1;
    }
    while (p.poll([](int&) {}).events != 0) {}
    fill();
    {
        worker producer(waits);
        let_it_park();
        p.poll_batches([](std::span<int>) {}, 1);
        expect_success(producer);
    }
    { auto const dropped = p.try_reserve_batch(2); }  // full of discards
    {
        worker producer(waits);
        let_it_park();
        p.poll([](int&) {});
        expect_success(producer);
    }
}

TEMPLATE_TEST_CASE("producer wait: a ring's release ends it", "", EVERY_WAIT) {
    ring_buffer<int, 4, TestType> r;
    for (int i = 0; i < 4; ++i) CHECK(put(r, i) == errc::success);
    std::atomic<int> got{-1};
    worker producer([&] {
        auto const place = r.reserve(3);
        got = static_cast<int>(place.size());
        if (place) r.commit(place, 0);
    });
    let_it_park();
    CHECK(r.peek(1).size() == 1);
    r.release(1);
    let_it_park();
    CHECK_FALSE(producer.has_ended());
    CHECK(r.peek(2).size() == 2);
    r.release(2);
    producer.join();
    CHECK(got == 3);
}

TEMPLATE_TEST_CASE("producer wait: close ends all that wait, with closed", "", EVERY_WAIT) {
    event_processor<int, 1, TestType> p;
    CHECK(p.publish(0) == errc::success);
    std::vector<errc> answers(6, errc::success);
    std::atomic<int> waiting{0};
    std::vector<std::thread> producers;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        producers.emplace_back([&, i] {
            ++waiting;
            switch (i) {
                case 0: answers[i] = p.publish(1); break;
                case 1: answers[i] = p.reserve().error(); break;
                case 2: answers[i] = p.reserve_for(1h).error(); break;
                case 3: answers[i] = p.reserve(std::stop_token{}).error(); break;
                case 4: answers[i] = p.reserve_batch(1).error(); break;
                default: answers[i] = p.reserve_until(std::chrono::system_clock::now() + 1h).error(); break;
            }
        });
    }
    await([&] { return waiting == 6; }, "six producers wait");
    let_it_park();
    p.close();
    for (auto& t : producers) t.join();
    CHECK(answers == std::vector<errc>(6, errc::closed));
    CHECK(values_of(p) == ints{0});
}

TEMPLATE_TEST_CASE("producer wait: a stop ends it and disturbs no other", "", EVERY_WAIT) {
    ring_buffer<int, 1, TestType> r;
    CHECK(put(r, 1) == errc::success);
    std::stop_source stop;
    std::atomic<errc> stopped{errc::success};
    std::atomic<errc> other{errc::empty};
    worker a([&] { stopped = r.reserve(stop.get_token()).error(); });
    worker b([&] {
        auto const place = r.reserve();
        other = place.error();
        if (place) r.discard(place);
    });
    let_it_park();
    stop.request_stop();
    a.join();
    CHECK(stopped == errc::stopped);
    CHECK_FALSE(b.has_ended());
    CHECK(take(r) == ints{1});
    b.join();
    CHECK(other == errc::success);
}

TEMPLATE_TEST_CASE("producer wait: no deadline ends it early and it claims nothing", "", EVERY_WAIT) {
    event_processor<int, 1, TestType> p;
    CHECK(p.publish(1) == errc::success);
    for (auto const d : {1ms, 3ms, 20ms}) {
        auto before = steady::now();
        CHECK(p.reserve_for(d).error() == errc::timed_out);
        CHECK(steady::now() - before >= d);
        before = steady::now();
        CHECK(p.reserve_until(before + d).error() == errc::timed_out);
        CHECK(steady::now() - before >= d);
        CHECK(p.reserve_batch_for(d, 1).error() == errc::timed_out);
        CHECK(p.flush_for(d) == errc::timed_out);
    }
    CHECK(p.reserve_until(std::chrono::system_clock::now() + 3ms).error() == errc::timed_out);
    CHECK(values_of(p) == ints{1});
    auto const next = p.try_reserve();
    CHECK(next.sequence() == 1);
}

TEMPLATE_TEST_CASE("producer wait: limits too far to be reached are no limit", "", EVERY_WAIT) {
    ring_buffer<int, 1, TestType> r;
    std::vector<std::function<errc()>> const waits = {
        [&] { auto s = r.reserve_for(std::chrono::nanoseconds::max()); r.commit(s); return s.error(); },
        [&] { auto s = r.reserve_for(std::chrono::hours::max()); r.commit(s); return s.error(); },
        [&] { auto s = r.reserve_for(std::chrono::duration<double>::max()); r.commit(s); return s.error(); },
        [&] { auto s = r.reserve_until(steady::time_point::max()); r.commit(s); return s.error(); },
        [&] { auto s = r.reserve_until(std::chrono::system_clock::time_point::max()); r.commit(s); return s.error(); },
    };
    CHECK(put(r, 1) == errc::success);
    for (auto const& wait : waits) {
        std::atomic<errc> answer{errc::empty};
        worker producer([&] { answer = wait(); });
        std::this_thread::sleep_for(2ms);
        CHECK_FALSE(producer.has_ended());
        CHECK(take(r).size() == 1);
        producer.join();
        CHECK(answer == errc::success);
    }
}

TEMPLATE_TEST_CASE("producer wait: a thread other than the consumer waits while a handler runs and gets its room", "",
                   EVERY_WAIT) {
    event_processor<int, 1, TestType> p;
    CHECK(p.publish(1) == errc::success);
    std::atomic<bool> in_handler{false};
    std::atomic<bool> go_on{false};
    std::atomic<errc> answer{errc::empty};
    worker consumer([&] {
        p.poll([&](int&) {
            in_handler = true;
            await([&] { return go_on.load(); }, "the test lets the handler go on");
        });
    });
    await([&] { return in_handler.load(); }, "the handler runs");
    worker producer([&] { answer = p.publish(2); });
    let_it_park();
    CHECK_FALSE(producer.has_ended());
    go_on = true;
    producer.join();
    consumer.join();
    CHECK(answer == errc::success);
    CHECK(values_of(p) == ints{2});
}

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
        while (p.poll_wait([&](int& v) { whole = whole && v == expected++; }).state != poll_state::closed) {}
    });
    for (int i = 0; i < rounds<TestType>; ++i) {
        if (i % 5 == 0) { auto const dropped = p.reserve(); }
        if (p.publish(i) != errc::success) whole = false;
    }
    p.close();
    consumer.join();
    CHECK(whole);
    CHECK(expected == rounds<TestType>);
}

TEMPLATE_TEST_CASE("no lost wake-up: the single-producer kind hands over as well", "", EVERY_WAIT) {
    event_processor<int, 1, TestType, single> p;
    int expected = 0;
    bool whole = true;
    worker consumer([&] {
        while (p.poll_wait([&](int& v) { whole = whole && v == expected++; }).state != poll_state::closed) {}
    });
    std::atomic<bool> done{false};
    worker producer([&] {
        for (int i = 0; i < rounds<TestType>; ++i) {
            if (i % 5 == 0) { auto const dropped = p.reserve(); }
            if (p.publish(i) != errc::success) whole = false;
        }
        p.close();
        done = true;
    });
    producer.join();
    consumer.join();
    CHECK(whole);
    CHECK(done);
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
                    default:
                        { auto const dropped = p.reserve(); }
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

TEMPLATE_TEST_CASE("no lost wake-up: a batch that needs the whole ring is not forgotten beside singles", "", EVERY_WAIT) {
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
        if (!batch) ++failed;
        else batch.append_uninitialized(4)[0] = 1, batch.commit();
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
                pause(roll(300));
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
        pause(roll(20'000));
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
        pause(roll(20'000));
        r.close();
        producer.join();
        all = all && answer == errc::closed;
    }
    CHECK(all);
}

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
        pause(roll(20'000));
        stop.request_stop();
        producer.join();
        consumer.join();
        all = all && answer == errc::stopped && !ready;
    }
    CHECK(all);
}

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
        pause(roll(3'000));
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

TEMPLATE_TEST_CASE("sleeping: a consumer that waits uses next to no processor time", "", evproc::blocking_wait,
                   evproc::adaptive_wait) {
    // One verb after the other waits for 300 ms; an idle loop would use all of that.
    ring_buffer<int, 4, TestType> r;
    event_processor<int, 4, TestType> p;
    auto const none = [](int&) {};
    for (auto const& wait : std::vector<std::function<void()>>{[&] { r.wait_for(300ms); },
                                                               [&] { p.poll_for(300ms, none); },
                                                               [&] { p.poll_until(steady::now() + 300ms, none); }}) {
        auto const before = thread_cpu_time();
        auto const start = steady::now();
        wait();
        CHECK(steady::now() - start >= 300ms);
        CHECK(thread_cpu_time() - before < 100ms);
    }
}

TEMPLATE_TEST_CASE("sleeping: a consumer behind a stalled producer sleeps though others commit", "",
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

TEMPLATE_TEST_CASE("sleeping: a blocked run sleeps and goes on when the stall ends", "", evproc::blocking_wait,
                   evproc::adaptive_wait) {
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
    std::this_thread::sleep_for(300ms);
    CHECK(p.oldest_uncommitted().stalled);
    CHECK(p.oldest_uncommitted().sequence == 1);
    stalled.discard();
    p.close();
    consumer.join();
    CHECK(events == 2);
    CHECK(used < std::chrono::nanoseconds(100ms).count());
}

TEMPLATE_TEST_CASE("sleeping: producers that wait for room and for a flush use next to no processor time", "",
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
        int const count = sleeps<TestType> ? 2000 : 100;
        int expected = 0;
        bool whole = true;
        worker consumer([&] { p.run([&](int& v) { whole = whole && v == expected++; }); });
        for (int i = 0; i < count; ++i) whole = whole && p.publish(i) == errc::success;
        p.close();
        consumer.join();
        CHECK(whole);
        CHECK(expected == count);
    }
    REQUIRE(::sched_setaffinity(0, sizeof before, &before) == 0);
}
