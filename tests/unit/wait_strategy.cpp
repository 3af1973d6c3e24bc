// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Waiting on both sides with every strategy: each cause that has to end a wait ends it, and nothing ends it early. This
// file and wait_strategy_races.cpp are built three times: as shipped, with EVPROC_NO_FUTEX, with EVPROC_NO_MEMBARRIER. A lost
// wake-up shows as a test that hangs until its time is over.
#include <evproc/evproc.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

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

namespace {

/// A strategy as a user would write it.
class condition_wait {
public:
    template <class Ready> bool wait(Ready&& ready, evproc::wait_deadline until) {
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

/// Does not wait, and shows until when it should.
struct noted_deadline {
    static inline evproc::wait_deadline until{};
    template <class Ready> bool wait(Ready&& ready, evproc::wait_deadline u) {
        until = u;
        return ready();
    }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }
};

struct no_strategy {};
struct no_deadline_strategy {
    template <class Ready> bool wait(Ready&& ready);
    void notify() noexcept;
    std::uint64_t parks() const noexcept;
};

}  // namespace

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

TEST_CASE("wait_strategy: it is told that there is no deadline, whichever clock's last time point said so") {
    using std::chrono::time_point, std::chrono::system_clock;
    ring_buffer<int, 4, noted_deadline> r;
    auto const told = [&](auto t) {
        noted_deadline::until = {};
        CHECK_FALSE(r.wait_until(t));
        return noted_deadline::until;
    };
    auto const none = evproc::wait_deadline::max();
    CHECK(told(steady::time_point::max()) == none);
    CHECK(told(time_point<steady, std::chrono::seconds>::max()) == none);
    CHECK(told(system_clock::time_point::max()) == none);
    CHECK(told(time_point<system_clock, std::chrono::hours>::max()) == none);
    CHECK(told(system_clock::now() + std::chrono::hours{1}) < none);
    CHECK(told(steady::now()) < none);
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

TEMPLATE_TEST_CASE("consumer wait: close does not end it while a reservation is open and its commit or discard does",
                   "", EVERY_WAIT) {
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
        if (commits)
            r.commit(open);
        else
            r.discard(open);
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

TEMPLATE_TEST_CASE("consumer wait: it steps over discards so that producers find space", "", EVERY_WAIT) {
    // Nothing but the waiting consumer can free what was discarded, and the producers wait for exactly that.
    ring_buffer<int, 2, TestType> r;
    std::atomic<int> answer{-1};
    worker consumer([&] { answer = r.wait() ? 1 : 0; });
    for (int i = 0; i < 80; ++i) r.discard(r.reserve(static_cast<std::size_t>(i % 2 + 1)));
    auto const last = r.reserve();
    REQUIRE(static_cast<bool>(last));
    *last.data() = 5;
    r.commit(last);
    consumer.join();
    CHECK(answer == 1);
    CHECK(take(r) == ints{5});
}

TEMPLATE_TEST_CASE("consumer wait: poll_wait steps over discards so that producers find space", "", EVERY_WAIT) {
    event_processor<int, 1, TestType> p;
    std::atomic<int> seen{0};
    worker consumer([&] {
        while (seen == 0) p.poll_wait([&](int& v) { seen = v; });
    });
    for (int i = 0; i < 80; ++i) {
        auto const dropped = p.reserve();
    }
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
        while (p.try_publish(1) == errc::success) {
        }
    };
    std::atomic<int> answer{-1};
    auto const waits = [&] { answer = static_cast<int>(p.publish(9)); };
    auto const expect_success = [&](worker& producer) {
        producer.join();
        CHECK(answer == static_cast<int>(errc::success));
        answer = -1;
        while (p.poll([](int&) {}).events != 0) {
        }
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
        {
            auto const batch = p.peek(1);
        }
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
    while (p.poll([](int&) {}).events != 0) {
    }
    fill();
    {
        worker producer(waits);
        let_it_park();
        p.poll_batches([](std::span<int>) {}, 1);
        expect_success(producer);
    }
    {
        auto const dropped = p.try_reserve_batch(2);
    }  // full of discards
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
        [&] {
            auto s = r.reserve_for(std::chrono::nanoseconds::max());
            r.commit(s);
            return s.error();
        },
        [&] {
            auto s = r.reserve_for(std::chrono::hours::max());
            r.commit(s);
            return s.error();
        },
        [&] {
            auto s = r.reserve_for(std::chrono::duration<double>::max());
            r.commit(s);
            return s.error();
        },
        [&] {
            auto s = r.reserve_until(steady::time_point::max());
            r.commit(s);
            return s.error();
        },
        [&] {
            auto s = r.reserve_until(std::chrono::system_clock::time_point::max());
            r.commit(s);
            return s.error();
        },
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

TEMPLATE_TEST_CASE("producer wait: a thread other than the consumer waits while a handler runs and gets its space", "",
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
