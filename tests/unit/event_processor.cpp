// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// event_processor: poll and its kin on one thread; handlers, their answers, their exceptions.
#include <evproc/event_processor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_action;
using evproc::event_info;
using evproc::event_processor;
using evproc::poll_state;

using ints = std::vector<int>;

namespace {

struct callable_object {
    int* sum;
    void operator()(int& v) const { *sum += v; }
};

int free_function_sum = 0;
void free_function(int& v) { free_function_sum += v; }

}  // namespace

TEST_CASE("poll: delivers what is ready, in order, once") {
    event_processor<int, 8> p;
    fill(p, 0, 5);
    CHECK(values_of(p) == ints{0, 1, 2, 3, 4});
    CHECK(values_of(p).empty());
}

TEST_CASE("poll: the result counts the events and tells the state") {
    event_processor<int, 8> p;
    auto result = p.poll([](int&) {});
    CHECK(result.events == 0);
    CHECK(result.state == poll_state::idle);
    fill(p, 0, 5);
    result = p.poll([](int&) {}, 2);
    CHECK(result.events == 2);
    CHECK(result.state == poll_state::more);
    result = p.poll([](int&) {}, 3);
    CHECK(result.events == 3);
    CHECK(result.state == poll_state::more);  // it stopped at max, without looking further
    CHECK(p.state() == poll_state::idle);
    fill(p, 0, 2);
    auto stalled = p.try_reserve();
    fill(p, 3, 5);
    result = p.poll([](int&) {});
    CHECK(result.events == 2);
    CHECK(result.state == poll_state::idle);
    CHECK(p.state() == poll_state::blocked);
    result = p.poll([](int&) {});
    CHECK(result.events == 0);
    CHECK(result.state == poll_state::idle);
    p.close();
    CHECK(p.poll([](int&) {}).state == poll_state::idle);
    CHECK(p.state() == poll_state::blocked);
    *stalled = 2;
    stalled.commit();
    result = p.poll([](int&) {}, 1);
    CHECK(result.events == 1);
    CHECK(result.state == poll_state::more);
    result = p.poll([](int&) {});
    CHECK(result.events == 2);
    CHECK(result.state == poll_state::closed);
    result = p.poll([](int&) {});
    CHECK(result.events == 0);
    CHECK(result.state == poll_state::closed);
}

TEST_CASE("poll: max reached says more, and state() tells what stands behind") {
    event_processor<int, 8> p;
    fill(p, 0, 2);
    CHECK(p.state() == poll_state::more);
    CHECK(p.poll([](int&) {}, 2).state == poll_state::more);
    CHECK(p.state() == poll_state::idle);
    fill(p, 0, 2);
    auto stalled = p.try_reserve();
    CHECK(p.poll([](int&) {}, 2).state == poll_state::more);
    CHECK(p.state() == poll_state::blocked);
    stalled.discard();
    CHECK(p.poll([](int&) {}).state == poll_state::idle);
    fill(p, 0, 2);
    p.close();
    CHECK(p.poll([](int&) {}, 2).state == poll_state::more);
    CHECK(p.state() == poll_state::closed);
    CHECK(p.poll([](int&) {}).state == poll_state::closed);
}

TEST_CASE("poll: discards at the end do not hide the state") {
    event_processor<int, 8> p;
    fill(p, 0, 2);
    p.try_reserve().discard();
    CHECK(p.poll([](int&) {}).state == poll_state::idle);
    p.try_reserve().discard();
    CHECK(p.poll([](int&) {}).events == 0);
    fill(p, 0, 1);
    p.try_reserve().discard();
    p.close();
    auto const result = p.poll([](int&) {});
    CHECK(result.events == 1);
    CHECK(result.state == poll_state::closed);
}

TEST_CASE("poll: after only discards a closed processor is closed and an open one idle") {
    event_processor<int, 2> p;
    {
        auto const dropped = p.try_reserve_batch(2);
    }
    auto result = p.poll([](int&) {});
    CHECK(result.events == 0);
    CHECK(result.state == poll_state::idle);
    CHECK(static_cast<bool>(p.try_reserve_batch(2)));  // dropped at once: two more discards
    p.close();
    result = p.poll([](int&) {});
    CHECK(result.events == 0);
    CHECK(result.state == poll_state::closed);
}

TEST_CASE("poll: a max of zero touches nothing") {
    event_processor<int, 4> p;
    fill(p, 0, 2);
    auto const result = p.poll([](int&) { FAIL("no event was asked for"); }, 0);
    CHECK(result.events == 0);
    CHECK(result.state == poll_state::more);
    CHECK(values_of(p) == ints{0, 1});
}

TEST_CASE("poll: any callable of either shape is a handler") {
    event_processor<int, 16> p;
    int sum = 0;
    fill(p, 1, 2);
    p.poll([&](int& v) { sum += v; });
    fill(p, 2, 3);
    p.poll([&](int& v, event_info const&) { sum += v; });
    fill(p, 3, 4);
    p.poll([&](int v) { sum += v; });
    fill(p, 4, 5);
    p.poll([&](int const& v, event_info info) { sum += v + static_cast<int>(info.sequence) * 0; });
    fill(p, 5, 6);
    p.poll([&](auto& v) { sum += v; });
    fill(p, 6, 7);
    p.poll(callable_object{&sum});
    fill(p, 7, 8);
    callable_object const named{&sum};
    p.poll(named);
    fill(p, 8, 9);
    std::function<void(int&)> const function = [&](int& v) { sum += v; };
    p.poll(function);
    fill(p, 9, 10);
    int calls = 0;
    p.poll([calls, &sum](int& v) mutable {
        ++calls;
        sum += v;
    });
    fill(p, 10, 11);
    auto by_reference = [&sum](int& v) mutable -> event_action {
        sum += v;
        return event_action::next;
    };
    p.poll(by_reference);
    CHECK(sum == 55);
    CHECK(calls == 0);
    fill(p, 1, 3);
    p.poll(free_function);
    fill(p, 3, 4);
    p.poll(&free_function);
    CHECK(free_function_sum == 6);
}

TEST_CASE("poll: each event is destroyed after its handler and before its slot is reserved again") {
    ledger_scope const books;
    {
        event_processor<tracked, 4> p;
        for (int lap = 0; lap < 10; ++lap) {
            fill(p, 0, 4);
            CHECK(ledger::alive() == 4);
            p.poll([](tracked& t) { CHECK(t.get() >= 0); });
            CHECK(ledger::alive() == 0);
        }
    }
    CHECK(ledger::constructed == 40);
    CHECK(ledger::balanced());
}

TEST_CASE("poll: a handler may move the event away") {
    event_processor<std::vector<int>, 4> p;
    REQUIRE(p.try_publish(1000U, 7) == errc::success);
    std::vector<int> kept;
    p.poll([&](std::vector<int>& v) { kept = std::move(v); });
    CHECK(kept.size() == 1000);
}

TEST_CASE("poll: a throwing handler consumes its event, releases those before and touches none after") {
    for (int n = 1; n <= 8; ++n) {
        for (int at = 0; at < n; ++at) {
            ledger_scope const books;
            event_processor<tracked, 8> p;
            fill(p, 0, n);
            int calls = 0;
            CHECK_THROWS_AS(p.poll([&](tracked& t) {
                ++calls;
                if (t.get() == at) throw std::runtime_error("planned");
            }),
                            std::runtime_error);
            CHECK(calls == at + 1);
            CHECK(ledger::destroyed == at + 1);
            // The slots of those up to and with it are free, and no other.
            auto const free = static_cast<std::size_t>(8 - n + at + 1);
            {
                auto room = p.try_reserve_batch(free);
                CHECK(static_cast<bool>(room));
                CHECK(p.try_reserve().error() == errc::full);
            }
            ints rest;
            for (int i = at + 1; i < n; ++i) rest.push_back(i);
            CHECK(values_of(p) == rest);
            CHECK(p.stats().consumed == static_cast<std::uint64_t>(n));
            CHECK(ledger::balanced());
        }
    }
}

TEST_CASE("poll: a handler that throws in every poll gets every event once") {
    event_processor<int, 4> p;
    fill(p, 0, 4);
    ints seen;
    for (int i = 0; i < 4; ++i) {
        CHECK_THROWS_AS(p.poll([&](int& v) {
            seen.push_back(v);
            throw v;
        }),
                        int);
    }
    CHECK(seen == ints{0, 1, 2, 3});
    CHECK(p.poll([](int&) {}).events == 0);
}

TEST_CASE("poll: a handler that throws does not leave the processor in a handler") {
    event_processor<int, 1> p;
    fill(p, 0, 1);
    CHECK_THROWS_AS(p.poll([](int&) { throw 1; }), int);
    // Were this thread still held to be in a handler, a full ring would be would_deadlock and not timed_out.
    fill(p, 0, 1);
    CHECK(p.reserve_for(1ms).error() == errc::timed_out);
    CHECK(values_of(p) == ints{0});
}

TEST_CASE("poll: a handler that publishes feeds the next round and not for ever the same poll") {
    event_processor<int, 4> p;
    fill(p, 0, 1);
    int calls = 0;
    auto const result = p.poll(
        [&](int& v) {
            ++calls;
            CHECK(p.try_publish(v + 1) == errc::success);
        },
        3);
    CHECK(calls <= 3);
    CHECK(result.events == static_cast<std::size_t>(calls));
    CHECK(result.state == poll_state::more);
    CHECK(values_of(p) == ints{calls});
}

TEST_CASE("poll: a handler may reserve and commit later") {
    event_processor<int, 4> p;
    fill(p, 0, 2);
    auto held = p.try_reserve();
    held.discard();
    p.poll([&](int& v) {
        if (v == 0) {
            held = p.reserve();  // there is space: the waiting verb does not have to wait
            CHECK(static_cast<bool>(held));
        }
    });
    *held = 7;
    CHECK(held.commit() == errc::success);
    CHECK(values_of(p) == ints{7});
}

TEST_CASE("poll: the waiting verbs say would_deadlock in a handler while the ring is full") {
    event_processor<int, 1> p;
    fill(p, 0, 1);
    std::vector<errc> answers;
    std::stop_source stop;
    auto const later = std::chrono::steady_clock::now() + 1h;
    p.poll([&](int&) {
        answers.push_back(p.reserve().error());
        answers.push_back(p.reserve(stop.get_token()).error());
        answers.push_back(p.reserve_for(1h).error());
        answers.push_back(p.reserve_until(later).error());
        answers.push_back(p.publish(1));
        answers.push_back(p.reserve_batch(1).error());
        answers.push_back(p.reserve_batch(stop.get_token(), 1).error());
        answers.push_back(p.reserve_batch_for(1h, 1).error());
        answers.push_back(p.reserve_batch_until(later, 1).error());
        answers.push_back(p.flush());
        answers.push_back(p.flush_for(1h));
    });
    CHECK(answers == std::vector<errc>(11, errc::would_deadlock));
    fill(p, 0, 1);
    p.poll([&](int&) {
        CHECK(p.try_reserve().error() == errc::full);
        CHECK(p.try_publish(1) == errc::full);
        CHECK(p.try_reserve_batch(1).error() == errc::full);
        CHECK(p.try_reserve_batch_up_to(1).error() == errc::full);
        CHECK(p.reserve_batch(2).error() == errc::too_large);
        CHECK(p.reserve_batch(0).error() == errc::invalid_size);
    });
}

TEST_CASE("poll: would_deadlock is returned in a batch handler too") {
    event_processor<int, 2> p;
    fill(p, 0, 2);
    std::vector<errc> answers;
    p.poll_batches([&](std::span<int>) {
        answers.push_back(p.publish(1));
        answers.push_back(p.reserve_batch(2).error());
        answers.push_back(p.flush());
    });
    REQUIRE(answers.size() >= 3);
    CHECK(answers[0] == errc::would_deadlock);
    CHECK(answers[1] == errc::would_deadlock);
    CHECK(answers[2] == errc::would_deadlock);
}

TEST_CASE("poll: in a handler of a closed full processor the verbs say closed") {
    event_processor<int, 1> p;
    fill(p, 0, 1);
    p.poll([&](int&) {
        p.close();
        CHECK(p.is_closed());
        CHECK(p.publish(1) == errc::closed);
        CHECK(p.reserve().error() == errc::closed);
        CHECK(p.try_publish(1) == errc::closed);
    });
    CHECK(p.poll([](int&) {}).state == poll_state::closed);
}

TEST_CASE("poll: close in a handler lets what was reserved before come through") {
    event_processor<int, 4> p;
    fill(p, 0, 3);
    auto late = p.try_reserve();
    ints seen;
    auto result = p.poll([&](int& v) {
        seen.push_back(v);
        p.close();
    });
    CHECK(result.events == 3);
    CHECK(result.state == poll_state::idle);
    CHECK(p.state() == poll_state::blocked);
    *late = 3;
    CHECK(late.commit() == errc::success);
    result = p.poll([&](int& v) { seen.push_back(v); });
    CHECK(result.state == poll_state::closed);
    CHECK(seen == ints{0, 1, 2, 3});
}

TEST_CASE("poll_wait: returns what is there at once") {
    event_processor<int, 8> p;
    fill(p, 0, 3);
    CHECK(p.poll_wait([](int&) {}).events == 3);
    fill(p, 0, 3);
    CHECK(p.poll_wait(std::stop_token{}, [](int&) {}).events == 3);
    fill(p, 0, 3);
    CHECK(p.poll_for(0ns, [](int&) {}).events == 3);
    fill(p, 0, 3);
    CHECK(p.poll_for(-1h, [](int&) {}).events == 3);
    fill(p, 0, 3);
    CHECK(p.poll_until(std::chrono::steady_clock::time_point::min(), [](int&) {}).events == 3);
    fill(p, 0, 3);
    CHECK(p.poll_until(std::chrono::system_clock::now() - 1h, [](int&) {}).events == 3);
}

TEST_CASE("poll_wait: returns without events when its time is over, it was stopped, woken or closed") {
    event_processor<int, 8> p;
    auto const none = [](int&) { FAIL("there is no event"); };
    for (auto const d : {std::chrono::nanoseconds(0), std::chrono::nanoseconds(1), std::chrono::nanoseconds(-1),
                         std::chrono::nanoseconds::min(), std::chrono::nanoseconds(1'000'000)}) {
        auto const result = p.poll_for(d, none);
        CHECK(result.events == 0);
        CHECK(result.state == poll_state::idle);
    }
    CHECK(p.poll_until(std::chrono::steady_clock::now() - 1s, none).events == 0);
    CHECK(p.poll_until(std::chrono::system_clock::now() + 1ms, none).events == 0);
    std::stop_source stop;
    stop.request_stop();
    CHECK(p.poll_wait(stop.get_token(), none).events == 0);
    p.wake();
    CHECK(p.poll_wait(none).events == 0);
    auto stalled = p.try_reserve();
    CHECK(p.poll_for(1ms, none).state == poll_state::blocked);
    p.wake();
    CHECK(p.poll_wait(none).state == poll_state::blocked);
    stalled.discard();
    p.close();
    CHECK(p.poll_wait(none).state == poll_state::closed);
    CHECK(p.poll_wait(std::stop_token{}, none).state == poll_state::closed);
    CHECK(p.poll_for(1h, none).state == poll_state::closed);
    CHECK(p.poll_until(std::chrono::steady_clock::time_point::max(), none).state == poll_state::closed);
}

TEST_CASE("poll_wait: the state is that of the end of the wait and not of its begin") {
    event_processor<int, 8, eventful_wait> p;
    auto const none = [](int&) { FAIL("there is no event"); };
    auto held = p.try_reserve();
    held.discard();
    auto const reserve = [&] { held = p.try_reserve(); };
    auto const discard = [&] { held.discard(); };

    p.consumer_wait().meanwhile = reserve;
    CHECK(p.poll_for(1h, none).state == poll_state::blocked);
    // Stepped over as well: nothing is left in the way of producers.
    p.consumer_wait().meanwhile = discard;
    CHECK(p.poll_until(std::chrono::steady_clock::now() + 1h, none).state == poll_state::idle);
    CHECK(p.empty_approx());

    p.consumer_wait().meanwhile = [&] {
        reserve();
        p.wake();
    };
    CHECK(p.poll_wait(none).state == poll_state::blocked);

    std::stop_source stop;
    p.consumer_wait().meanwhile = [&] {
        discard();
        stop.request_stop();
    };
    CHECK(p.poll_wait(stop.get_token(), none).state == poll_state::idle);

    p.consumer_wait().meanwhile = [&] { p.close(); };
    CHECK(p.poll_for(1h, none).state == poll_state::closed);
}

TEST_CASE("wait: is true when something is ready and consumes none of it") {
    event_processor<int, 8> p;
    fill(p, 0, 3);
    CHECK(p.wait());
    CHECK(p.wait(std::stop_token{}));
    CHECK(p.wait_for(1h));
    CHECK(p.wait_until(std::chrono::steady_clock::now() + 1h));
    CHECK(p.stats().consumed == 0);
    CHECK(p.peek(1).size() == 1);
    CHECK(p.wait_for(0s));
    std::size_t runs = 0;
    while (p.wait_for(0s)) {
        CHECK(p.poll_batches([&](std::span<int> run) { CHECK(run.size() == 2); }).events == 2);
        ++runs;
    }
    CHECK(runs == 1);
}

TEST_CASE("wait: is false when its time is over, it was stopped or woken, or all is closed and drained") {
    event_processor<int, 8> p;
    CHECK_FALSE(p.wait_for(0s));
    CHECK_FALSE(p.wait_for(1ms));
    CHECK_FALSE(p.wait_until(std::chrono::system_clock::now() - 1h));
    std::stop_source stop;
    stop.request_stop();
    CHECK_FALSE(p.wait(stop.get_token()));
    p.wake();
    CHECK_FALSE(p.wait());
    auto stalled = p.try_reserve();
    CHECK_FALSE(p.wait_for(0s));
    p.close();
    CHECK_FALSE(p.wait_for(0s));
    *stalled = 1;
    CHECK(stalled.commit() == errc::success);
    CHECK(p.wait());
    CHECK(p.poll([](int&) {}).events == 1);
    CHECK_FALSE(p.wait());
}

TEST_CASE("wait: a commit on another thread ends it") {
    event_processor<int, 8> p;
    std::jthread const producer([&] { static_cast<void>(p.publish(1)); });
    CHECK(p.wait());
    CHECK(values_of(p) == ints{1});
}

TEST_CASE("poll_wait: handlers that throw, stop and keep behave as in poll") {
    event_processor<int, 8> p;
    fill(p, 0, 6);
    CHECK_THROWS_AS(p.poll_wait([](int&) { throw 1; }), int);
    CHECK(p.poll_wait([](int&) { return event_action::stop; }).events == 1);
    CHECK(p.poll_for(1h, [](int&) { return event_action::keep; }).events == 0);
    CHECK(p.poll_until(std::chrono::steady_clock::now() + 1h, [](int& v) {
               CHECK(v == 2);
               return event_action::stop;
           }).events == 1);
    CHECK(values_of(p) == ints{3, 4, 5});
}

TEST_CASE("poll_batches: gives contiguous runs that together are everything in order") {
    event_processor<int, 8> p;
    int next = 0;
    int seen = 0;
    for (int lap = 0; lap < 40; ++lap) {
        int const n = lap % 8 + 1;
        fill(p, next, next + n);
        next += n;
        std::size_t runs = 0;
        auto const result = p.poll_batches([&](std::span<int> run) {
            ++runs;
            CHECK_FALSE(run.empty());
            for (int const v : run) CHECK(v == seen++);
        });
        CHECK(result.events == static_cast<std::size_t>(n));
        CHECK(result.state == (result.events == p.capacity() ? poll_state::more : poll_state::idle));
        CHECK(runs <= static_cast<std::size_t>(n));
        CHECK(seen == next);
    }
}

TEST_CASE("poll_batches: neighbouring singles come as one run") {
    event_processor<int, 64> p;
    fill(p, 0, 40);
    std::size_t largest = 0;
    p.poll_batches([&](std::span<int> run) { largest = std::max(largest, run.size()); });
    CHECK(largest > 1);
}

TEST_CASE("poll_batches: no run spans a discard and none is lost around one") {
    ledger_scope const books;
    {
        event_processor<tracked, 16> p;
        fill(p, 0, 3);
        p.try_reserve().discard();
        fill(p, 3, 5);
        {
            auto batch = p.try_reserve_batch(4);
            batch.emplace_back(5);
            batch.emplace_back(6);
            batch.commit();
        }
        fill(p, 7, 9);
        ints seen;
        auto const result = p.poll_batches([&](std::span<tracked> run) {
            for (tracked& t : run) seen.push_back(t.get());
        });
        CHECK(result.events == 9);
        CHECK(seen == ints{0, 1, 2, 3, 4, 5, 6, 7, 8});
        CHECK(ledger::alive() == 0);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("poll_batches: max bounds the events of all runs together") {
    event_processor<int, 16> p;
    {
        auto batch = p.try_reserve_batch(10);
        for (int i = 0; i < 10; ++i) batch.push_back(i);
        batch.commit();
    }
    ints seen;
    auto const note = [&](std::span<int> run) { seen.insert(seen.end(), run.begin(), run.end()); };
    auto result = p.poll_batches(note, 4);
    CHECK(result.events == 4);
    CHECK(result.state == poll_state::more);
    CHECK(seen == ints{0, 1, 2, 3});
    result = p.poll_batches(note, 0);
    CHECK(result.events == 0);
    result = p.poll_batches(note, 100);
    CHECK(result.events == 6);
    CHECK(result.state == poll_state::idle);
    CHECK(seen == ints{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("poll_batches: max bounds the events behind a discard too") {
    event_processor<int, 16> p;
    fill(p, 0, 2);
    p.try_reserve().discard();
    {
        auto batch = p.try_reserve_batch(4);
        for (int i = 2; i < 6; ++i) batch.push_back(i);
        batch.commit();
    }
    ints seen;
    auto const result = p.poll_batches([&](std::span<int> run) { seen.insert(seen.end(), run.begin(), run.end()); }, 3);
    CHECK(result.events == 3);
    CHECK(result.state == poll_state::more);
    CHECK(seen == ints{0, 1, 2});
    CHECK(values_of(p) == ints{3, 4, 5});
}

TEST_CASE("poll_batches: tells blocked and closed as poll does") {
    event_processor<int, 8> p;
    auto const ignore = [](std::span<int>) {};
    CHECK(p.poll_batches(ignore).state == poll_state::idle);
    fill(p, 0, 1);
    auto stalled = p.try_reserve();
    CHECK(p.poll_batches(ignore).state == poll_state::idle);
    CHECK(p.state() == poll_state::blocked);
    stalled.discard();
    p.close();
    CHECK(p.poll_batches(ignore).state == poll_state::closed);
}

TEST_CASE("poll_batches: a throwing handler consumes its run and leaves the next") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        fill(p, 0, 2);
        p.try_reserve().discard();  // a run ends here
        fill(p, 2, 4);
        CHECK_THROWS_AS(p.poll_batches([](std::span<tracked> run) {
            CHECK(run.front().get() == 0);
            throw 1;
        }),
                        int);
        CHECK(ledger::alive() == 2);
        CHECK(values_of(p) == ints{2, 3});
        CHECK(ledger::alive() == 0);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("poll: the first event of a long poll frees its slot before the last is handled") {
    // Publication is bounded: a consumer with a long batch before it does not hold all of its slots to the end.
    event_processor<int, 64> p;
    fill(p, 0, 64);
    bool room_seen = false;
    p.poll(
        [&](int& v) {
            if (v == 60) room_seen = static_cast<bool>(p.try_reserve());
        },
        64);
    CHECK(room_seen);
}
