// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Faults put in on purpose: a throw at every point in turn, producers that stop half-way, more threads than cores, closes
// in the middle of everything, signals, lifecycles by the ten thousand.
#include <evproc/evproc.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include <pthread.h>
#include <signal.h>
#endif

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "ring_verbs.hpp"
#include "scale.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::error_action;
using evproc::event_info;
using evproc::event_processor;
using evproc::poll_state;
using evproc::ring_buffer;

using ints = std::vector<int>;
using steady = std::chrono::steady_clock;

namespace {

constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};
[[maybe_unused]] constexpr evproc::ring_options one_by_one{.max_batch = 1};

/// One pass through everything that constructs, copies or moves an event, on either side. Whatever throws leaves it.
template <class Processor> void everything_once(Processor& p) {
    tracked const lvalue(1);
    tracked moved(2);
    p.try_publish(3);
    p.publish(lvalue);
    p.publish(std::move(moved));
    {
        auto event = p.try_reserve();
        event.emplace(4);
        event.emplace(5);  // replaces
        event.commit();
    }
    {
        auto event = p.reserve();
        event.emplace(lvalue);
        auto other = std::move(event);
        other.commit();
    }
    {
        auto dropped = p.try_reserve();
        dropped.emplace(6);
    }
    if (p.max_batch() >= 4) {
        auto batch = p.try_reserve_batch(4);
        batch.emplace_back(7);
        batch.push_back(lvalue);
        tracked source(8);
        batch.push_back(std::move(source));
        batch.commit();  // three of four
        auto dropped = p.try_reserve_batch(2);
        dropped.emplace_back(9);
    }
    // The consumer's side: handlers that copy, and so may throw at each event.
    p.poll([](tracked& t) { tracked const copy(t); }, 3);
    p.poll_batches(
        [](std::span<tracked> run) {
            for (tracked& t : run) tracked const copy(std::move(t));
        },
        2);
    {
        auto view = p.peek(1);
        for (tracked& t : view) tracked const copy(t);
    }
    p.poll_for(0ns, [](tracked& t) { tracked const copy(t); });
}

}  // namespace

TEMPLATE_TEST_CASE("faults: a throw at every construction, copy and move in turn leaks nothing and blocks nobody", "",
                   (event_processor<tracked, 64>),
                   (event_processor<tracked, 64, evproc::adaptive_wait, single>)
                       ALSO_IN_FULL((event_processor<tracked, 64, evproc::adaptive_wait, one_by_one>),
                                    (event_processor<tracked, 64, evproc::blocking_wait>))) {
    int point = 1;
    for (bool threw = true; threw; ++point) {
        ledger_scope const books;
        threw = false;
        {
            TestType p;
            for (int lap = 0; lap < 3; ++lap) {  // later laps meet the leftovers of earlier ones
                ledger::arm(point);
                try {
                    everything_once(p);
                } catch (planned_throw const&) {
                    threw = true;
                }
                ledger::disarm();
                CHECK(ledger::faults == 0);
            }
            // All of it still works.
            while (p.poll([](tracked&) {}).events != 0) {
            }
            CHECK(ledger::alive() == 0);
            REQUIRE(p.try_publish(77) == errc::success);
            CHECK(values_of(p) == ints{77});
            auto all = p.try_reserve_batch(p.max_batch());
            CHECK(static_cast<bool>(all));
            all.discard();
            CHECK(p.poll([](tracked&) {}).state == poll_state::idle);
            CHECK(p.stats().committed == p.stats().consumed);
        }
        CHECK(ledger::balanced());
        REQUIRE(point < 1000);
    }
    CHECK(point > 12);  // there were that many points at least
}

TEST_CASE("faults: handler and policy throw at every event in turn, whatever the policy decides") {
    enum class plan { skip, retry_once, stop, policy_throws };
    for (plan const chosen : {plan::skip, plan::retry_once, plan::stop, plan::policy_throws}) {
        for (int at = 0; at < 10; ++at) {
            ledger_scope const books;
            {
                event_processor<tracked, 8> p;
                std::thread producer([&] {
                    for (int i = 0; i < 10; ++i) {
                        if (p.publish(i) != errc::success) break;
                    }
                    p.close();
                });
                ints seen;
                bool failed_once = false;
                bool left_by_exception = false;
                auto const handler = [&](tracked& t) {
                    if (t.get() == at && !failed_once) {
                        failed_once = true;
                        throw std::runtime_error("planned");
                    }
                    seen.push_back(t.get());
                };
                auto const policy = [&](std::exception_ptr, tracked& t, event_info const&) {
                    if (t.get() != at) seen.push_back(-1000);
                    switch (chosen) {
                        case plan::skip: return error_action::skip;
                        case plan::retry_once: return error_action::retry;
                        case plan::stop: return error_action::stop;
                        default: throw std::logic_error("the policy's own");
                    }
                };
                try {
                    p.run(std::stop_token{}, handler, policy);
                } catch (std::runtime_error const&) {
                    left_by_exception = chosen == plan::stop;
                } catch (std::logic_error const&) {
                    left_by_exception = chosen == plan::policy_throws;
                }
                CHECK(left_by_exception == (chosen == plan::stop || chosen == plan::policy_throws));
                CHECK(p.is_closed());
                p.run([&](tracked& t) { seen.push_back(t.get()); });
                producer.join();
                p.run([&](tracked& t) { seen.push_back(t.get()); });
                ints expected;
                for (int i = 0; i < 10; ++i) {
                    if (i != at || chosen == plan::retry_once) expected.push_back(i);
                }
                if (left_by_exception) {
                    // The close may have come before the last were published; no one in between is missing.
                    expected.resize(std::min(expected.size(), seen.size()));
                    CHECK(seen.size() >= static_cast<std::size_t>(at));
                }
                CHECK(seen == expected);
            }
            CHECK(ledger::balanced());
        }
    }
}

TEST_CASE("faults: a producer that stops between reserve and commit for a second delays and loses nothing") {
    event_processor<int, 64, evproc::adaptive_wait> p;
    std::atomic<bool> reserved{false};
    std::atomic<bool> committed{false};
    std::atomic<bool> release{false};
    std::thread staller([&] {
        auto event = p.reserve();
        reserved = true;
        await([&] { return release.load(); }, "the stalled producer may go on");
        *event = -1;
        committed = true;
        event.commit();
    });
    await([&] { return reserved.load(); }, "the producer has reserved");
    std::atomic<int> published{0};
    std::vector<std::thread> producers;
    for (int t = 0; t < 4; ++t) {
        producers.emplace_back([&] {
            for (int i = 0; i < 200; ++i) {
                if (p.publish(i) == errc::success) ++published;
            }
        });
    }
    std::atomic<int> handled{0};
    std::atomic<bool> early{false};
    std::atomic<std::int64_t> used{0};
    std::thread consumer([&] {
        auto const before = thread_cpu_time();
        p.run([&](int& v) {
            if (handled++ == 0) {
                early = v != -1 || !committed;
                used = (thread_cpu_time() - before).count();
            }
        });
    });
    std::this_thread::sleep_for(1s);
    // All the others wait by now, each verb according to its own limit.
    await([&] { return p.try_publish(5) == errc::full; }, "the ring is full");
    CHECK(p.reserve_for(1ms).error() == errc::timed_out);
    CHECK(p.flush_for(1ms) == errc::timed_out);
    auto const stall = p.oldest_uncommitted();
    CHECK(stall.stalled);
    CHECK(stall.sequence == 0);
    CHECK(stall.age > 100ms);
    CHECK(handled == 0);
    release = true;
    staller.join();
    for (auto& t : producers) t.join();
    CHECK(p.flush() == errc::success);
    CHECK_FALSE(p.oldest_uncommitted().stalled);
    p.close();
    consumer.join();
    CHECK_FALSE(early);
    CHECK(published == 800);
    CHECK(handled >= 801);
    CHECK(used < std::chrono::nanoseconds(500ms).count());
}

TEST_CASE("faults: poll itself returns at once behind a stalled producer") {
    event_processor<int, 8> p;
    auto stalled = p.try_reserve();
    for (int i = 0; i < 7; ++i) CHECK(p.try_publish(i) == errc::success);
    for (int i = 0; i < 100'000; ++i) {
        auto const result = p.poll([](int&) {});
        if (result.events != 0 || result.state != poll_state::idle || p.state() != poll_state::blocked)
            FAIL("the stall was overlooked");
    }
    stalled.discard();
    CHECK(values_of(p) == ints{0, 1, 2, 3, 4, 5, 6});
}

TEMPLATE_TEST_CASE("faults: sixteen threads on however few cores lose nothing", "", EVERY_WAIT) {
    bool const spins = std::is_same_v<TestType, evproc::spin_wait>;
    int const each = spins ? 40 : scaled(4000) + 100;
    event_processor<std::uint64_t, 64, TestType> p;
    std::vector<std::thread> producers;
    std::atomic<int> failed{0};
    for (std::uint64_t t = 0; t < 15; ++t) {
        producers.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                errc const e = i % 3 == 0 ? [&] {
                    auto batch = p.reserve_batch(2);
                    if (!batch) return batch.error();
                    batch.push_back(t << 32 | static_cast<std::uint64_t>(i));
                    return batch.commit();
                }()
                                          : p.publish(t << 32 | static_cast<std::uint64_t>(i));
                if (e != errc::success) ++failed;
            }
        });
    }
    std::vector<std::uint64_t> next(15, 0);
    bool ordered = true;
    std::thread consumer([&] {
        p.run([&](std::uint64_t& v) {
            ordered = ordered && (v & 0xffffffffU) == next[static_cast<std::size_t>(v >> 32)]++;
        });
    });
    for (auto& t : producers) t.join();
    p.close();
    consumer.join();
    CHECK(failed == 0);
    CHECK(ordered);
    CHECK(next == std::vector<std::uint64_t>(15, static_cast<std::uint64_t>(each)));
}

TEST_CASE("faults: a handle may be committed, and dropped, by another thread than the one that reserved") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        int sum = 0;
        for (int i = 0; i < scaled(2000) + 20; ++i) {
            auto event = p.try_reserve();
            auto batch = p.try_reserve_batch(3);
            batch.emplace_back(1);
            std::thread([&p, event = std::move(event), batch = std::move(batch), i]() mutable {
                event.emplace(10);
                if (i % 3 != 0) event.commit();
                batch.emplace_back(100);
                if (i % 5 != 0) batch.commit();
                (void)p;
            }).join();
            sum = 0;
            p.poll([&](tracked& t) { sum += t.get(); });
            CHECK(sum == (i % 3 != 0 ? 10 : 0) + (i % 5 != 0 ? 101 : 0));
        }
    }
    CHECK(ledger::balanced());
}

TEST_CASE("faults: timeouts of zero and of nanoseconds on both sides lose and double nothing") {
    event_processor<int, 2> p;
    int const count = scaled(100'000);
    std::thread producer([&] {
        int timeouts = 0;
        for (int i = 0; i < count;) {
            auto event = i % 2 == 0 ? p.reserve_for(std::chrono::nanoseconds(i % 3)) : p.reserve_until(steady::now());
            if (!event) {
                if (++timeouts % 64 == 0) std::this_thread::yield();
                continue;
            }
            *event = i++;
            event.commit();
            if (i % 1000 == 0) (void)p.flush_for(std::chrono::nanoseconds(i % 2));
        }
        p.close();
    });
    int expected = 0;
    bool whole = true;
    int empty = 0;
    for (;;) {
        auto const handler = [&](int& v) { whole = whole && v == expected++; };
        auto const result = expected % 2 == 0 ? p.poll_for(std::chrono::nanoseconds(expected % 3), handler)
                                              : p.poll_until(steady::now(), handler);
        if (result.state == poll_state::closed) break;
        if (result.events == 0 && ++empty % 64 == 0) std::this_thread::yield();
    }
    producer.join();
    CHECK(whole);
    CHECK(expected == count);
}

TEMPLATE_TEST_CASE("faults: close in the middle of every verb ends all and loses nothing that was committed", "",
                   evproc::adaptive_wait ALSO_IN_FULL(evproc::backoff_wait, evproc::blocking_wait)) {
    for (int round = 0; round < scaled(600) + 10; ++round) {
        ledger_scope const books;
        {
            event_processor<tracked, 4, TestType> p;
            std::atomic<int> committed{0};
            std::atomic<int> wrong{0};
            auto const note = [&](errc e, int n = 1) {
                if (e == errc::success)
                    committed += n;
                else if (e != errc::closed && e != errc::full && e != errc::timed_out && e != errc::stopped)
                    ++wrong;
                return e != errc::closed;
            };
            std::vector<std::thread> threads;
            threads.emplace_back([&] {
                while (note(p.publish(1))) {
                }
            });
            threads.emplace_back([&] {
                while (note(p.try_publish(2))) {
                }
            });
            threads.emplace_back([&] {
                for (;;) {
                    auto batch = p.reserve_batch(3);
                    if (!batch) {
                        note(batch.error());
                        break;
                    }
                    batch.emplace_back(1);
                    batch.emplace_back(2);
                    note(batch.commit(), 2);
                    {
                        auto const dropped = p.reserve_for(1us);
                    }
                }
            });
            threads.emplace_back([&] {
                for (;;) {
                    auto event = p.reserve_for(std::chrono::microseconds(10));
                    if (event) {
                        event.emplace(3);
                        note(event.commit());
                    } else if (!note(event.error())) {
                        break;
                    }
                }
            });
            std::atomic<bool> over{false};
            threads.emplace_back([&] {
                while (!over) {
                    p.wake();
                    (void)p.stats();
                    (void)p.oldest_uncommitted();
                    (void)p.size_approx();
                    (void)p.flush_for(50us);
                }
            });
            std::uint64_t consumed = 0;
            std::thread consumer([&] {
                consumed = p.run([](tracked& t) { (void)t.get(); }).events;
                over = true;
            });
            idle_turns(static_cast<std::uint32_t>(round) * 997U % 60'000U);
            p.close();
            p.close();
            for (auto& t : threads) t.join();
            consumer.join();
            CHECK(wrong == 0);
            CHECK(consumed == static_cast<std::uint64_t>(committed));
            CHECK(p.stats().committed == consumed);
            CHECK(p.poll([](tracked&) {}).state == poll_state::closed);
        }
        CHECK(ledger::balanced());
    }
}

TEST_CASE("faults: destruction right after everybody has left, with whatever was left behind") {
    for (int round = 0; round < scaled(2000) + 20; ++round) {
        ledger_scope const books;
        {
            event_processor<tracked, 8> p;
            std::thread a([&] {
                for (int i = 0; i < round % 12; ++i) (void)p.try_publish(i);
            });
            std::thread b([&] {
                if (auto batch = p.try_reserve_batch(3)) {
                    batch.emplace_back(1);
                    if (round % 2 == 0) batch.commit();
                }
            });
            std::thread c([&] {
                if (round % 3 == 0) p.poll([](tracked&) {}, 2);
                if (round % 5 == 0) p.close();
            });
            a.join();
            b.join();
            c.join();
        }
        CHECK(ledger::balanced());
    }
}

TEST_CASE("faults: a hundred thousand lives from construction to destruction") {
    int const lives = scaled(100'000);
    std::uint64_t events = 0;
    std::uint64_t expected = 0;
    ledger_scope const books;
    for (int life = 0; life < lives; ++life) {
        event_processor<tracked, 4> p;
        if (life % 4 == 0) {
            // With a consumer thread of its own.
            std::thread consumer([&] { events += p.run([](tracked&) {}).events; });
            for (int i = 0; i < life % 3; ++i) {
                if (p.publish(i) == errc::success) ++expected;
            }
            p.close();
            consumer.join();
        } else {
            for (int i = 0; i < life % 3; ++i) {
                if (p.publish(i) == errc::success) ++expected;
            }
            {
                auto const dropped = p.try_reserve();
            }
            if (life % 4 == 1) p.close();
            events += p.poll([](tracked&) {}).events;
            if (life % 4 == 2) (void)p.try_publish(9);  // left to the destructor
        }
    }
    CHECK(events == expected);
    CHECK(ledger::balanced());
}

#if !defined(_WIN32)  // which interrupts no wait
namespace {

std::atomic<int> signals_seen{0};

/// SIGUSR1 interrupts system calls of this program while this lives.
class interruptions {
public:
    interruptions() {
        signals_seen = 0;
        struct sigaction action{};
        action.sa_handler = [](int) { ++signals_seen; };
        action.sa_flags = 0;  // no SA_RESTART: the wait itself has to go on
        ::sigemptyset(&action.sa_mask);
        ::sigaction(SIGUSR1, &action, &before_);
    }
    ~interruptions() { ::sigaction(SIGUSR1, &before_, nullptr); }
    interruptions(interruptions const&) = delete;
    interruptions& operator=(interruptions const&) = delete;

private:
    struct sigaction before_{};
};

}  // namespace

TEMPLATE_TEST_CASE("faults: signals neither end a wait nor lose its wake-up", "",
                   evproc::adaptive_wait ALSO_IN_FULL(evproc::blocking_wait)) {
    interruptions const armed;
    event_processor<int, 1, TestType> p;
    std::atomic<int> got{-1};
    std::atomic<poll_state> state{poll_state::more};
    std::thread consumer([&] {
        int value = -2;
        auto const result = p.poll_wait([&](int& v) { value = v; });
        state = result.state;
        got = value;
    });
    for (int i = 0; i < 200; ++i) {
        ::pthread_kill(consumer.native_handle(), SIGUSR1);
        std::this_thread::sleep_for(100us);
    }
    CHECK(got == -1);
    CHECK(p.publish(3) == errc::success);
    consumer.join();
    CHECK(got == 3);
    REQUIRE(p.publish(4) == errc::success);
    std::atomic<int> answer{-1};
    std::thread producer([&] { answer = static_cast<int>(p.publish(5)); });
    for (int i = 0; i < 200; ++i) {
        ::pthread_kill(producer.native_handle(), SIGUSR1);
        std::this_thread::sleep_for(100us);
    }
    CHECK(answer == -1);
    CHECK(values_of(p) == ints{4});
    producer.join();
    CHECK(answer == static_cast<int>(errc::success));
    CHECK(signals_seen > 0);
}

TEMPLATE_TEST_CASE("faults: signals do not bring a deadline forward", "",
                   evproc::adaptive_wait ALSO_IN_FULL(evproc::blocking_wait)) {
    interruptions const armed;
    event_processor<int, 1, TestType> p;
    REQUIRE(p.publish(4) == errc::success);
    std::atomic<bool> done{false};
    std::atomic<bool> early{false};
    std::atomic<int> wrong{0};
    std::thread waiter([&] {
        for (int i = 0; i < 5; ++i) {
            auto const before = steady::now();
            if (p.reserve_for(20ms).error() != errc::timed_out) ++wrong;
            if (steady::now() - before < 20ms) early = true;
            if (p.flush_for(5ms) != errc::timed_out) ++wrong;
        }
        ring_buffer<int, 1, TestType> empty;
        for (int i = 0; i < 5; ++i) {
            auto const before = steady::now();
            if (empty.wait_for(20ms)) ++wrong;
            if (steady::now() - before < 20ms) early = true;
        }
        done = true;
    });
    while (!done) {
        ::pthread_kill(waiter.native_handle(), SIGUSR1);
        std::this_thread::sleep_for(200us);
    }
    waiter.join();
    CHECK_FALSE(early);
    CHECK(wrong == 0);
    CHECK(signals_seen > 0);
}
#endif
