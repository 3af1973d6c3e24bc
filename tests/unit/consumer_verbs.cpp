// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// event_processor::run: until closed or stopped, and what the error policies do.
#include <evproc/event_processor.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::error_action;
using evproc::event_action;
using evproc::event_info;
using evproc::event_processor;
using evproc::poll_state;

using ints = std::vector<int>;

TEST_CASE("run: with nothing to do it waits") {
    event_processor<int, 8, eventful_wait> p;
    bool waited = false;
    p.consumer_wait().meanwhile = [&] {
        waited = true;
        p.close();
    };
    fill(p, 0, 1);
    auto const result = p.run([](int&) {});
    CHECK(waited);
    CHECK(result.reason == errc::closed);
    CHECK(result.events == 1);
}

TEST_CASE("run: drains a closed processor and says closed") {
    event_processor<int, 8> p;
    fill(p, 0, 8);
    p.close();
    ints seen;
    auto result = p.run([&](int& v) { seen.push_back(v); });
    CHECK(result.events == 8);
    CHECK(result.reason == errc::closed);
    CHECK(seen == ints{0, 1, 2, 3, 4, 5, 6, 7});
    result = p.run([](int&, event_info const&) {});
    CHECK(result.events == 0);
    CHECK(result.reason == errc::closed);
}

TEST_CASE("run: ends when the handler closes") {
    event_processor<int, 8> p;
    fill(p, 0, 5);
    auto const result = p.run([&](int& v) {
        if (v == 2) p.close();
    });
    CHECK(result.events == 5);
    CHECK(result.reason == errc::closed);
}

TEST_CASE("run: a stop requested before or by the handler says stopped and loses nothing") {
    event_processor<int, 8> p;
    fill(p, 0, 5);
    std::stop_source stop;
    ints seen;
    auto result = p.run(stop.get_token(), [&](int& v) {
        seen.push_back(v);
        stop.request_stop();
    });
    CHECK(result.reason == errc::stopped);
    CHECK(result.events == seen.size());
    CHECK(seen.size() >= 1);
    result = p.run(stop.get_token(), [&](int& v) { seen.push_back(v); });
    CHECK(result.reason == errc::stopped);
    for (int const v : values_of(p)) seen.push_back(v);
    CHECK(seen == ints{0, 1, 2, 3, 4});
    CHECK_FALSE(p.is_closed());
}

TEST_CASE("run: a stop ends a run that has nothing to do") {
    event_processor<int, 8> p;
    std::stop_source stop;
    std::thread stopper([&] {
        let_it_park();
        stop.request_stop();
    });
    auto const result = p.run(stop.get_token(), [](int&) {});
    stopper.join();
    CHECK(result.events == 0);
    CHECK(result.reason == errc::stopped);
}

TEST_CASE("run: close from another thread ends a run that has nothing to do") {
    event_processor<int, 8> p;
    std::thread closer([&] {
        let_it_park();
        p.close();
    });
    auto const result = p.run([](int&) {});
    closer.join();
    CHECK(result.reason == errc::closed);
}

TEST_CASE("run: wake does not end it") {
    event_processor<int, 8> p;
    std::thread other([&] {
        for (int i = 0; i < 20; ++i) {
            p.wake();
            std::this_thread::sleep_for(1ms);
        }
        p.publish(1);
        p.close();
    });
    auto const result = p.run([](int&) {});
    other.join();
    CHECK(result.events == 1);
    CHECK(result.reason == errc::closed);
}

TEST_CASE("run: a handler that keeps gets its event again") {
    event_processor<int, 8> p;
    fill(p, 0, 3);
    p.close();
    ints seen;
    int kept = 0;
    auto const result = p.run([&](int& v) {
        seen.push_back(v);
        if (v == 1 && kept++ < 2) return event_action::keep;
        return event_action::next;
    });
    CHECK(seen == ints{0, 1, 1, 1, 2});
    CHECK(result.events == 3);
    CHECK(result.reason == errc::closed);
}

TEST_CASE("run: a handler that stops ends it after its event") {
    event_processor<int, 8> p;
    fill(p, 0, 3);
    auto const result = p.run([](int& v) { return v == 1 ? event_action::stop : event_action::next; });
    CHECK(result.events == 2);
    CHECK(result.reason == errc::stopped);
    CHECK_FALSE(p.is_closed());
    CHECK(values_of(p) == ints{2});
}

TEST_CASE("run: by default an exception closes the processor and leaves run") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        fill(p, 0, 5);
        auto late = p.try_reserve();
        late.emplace(5);
        CHECK_THROWS_AS(p.run([](tracked& t) {
            if (t.get() == 2) throw std::runtime_error("planned");
        }),
                        std::runtime_error);
        CHECK(p.is_closed());
        CHECK(p.try_publish(9) == errc::closed);
        CHECK(late.commit() == errc::success);  // reserved before: still valid
        CHECK(values_of(p) == ints{3, 4, 5});   // the throwing one counts as consumed
        CHECK(p.poll([](tracked&) {}).state == poll_state::closed);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("run: by default an exception under a stop_token closes too") {
    event_processor<int, 8> p;
    fill(p, 0, 2);
    std::stop_source stop;
    CHECK_THROWS_AS(p.run(stop.get_token(), [](int&) { throw 1; }), int);
    CHECK(p.is_closed());
    CHECK(values_of(p) == ints{1});
}

TEST_CASE("run: skip goes on with the next event") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        fill(p, 0, 6);
        p.close();
        ints seen;
        std::vector<std::uint64_t> failed;
        auto const result = p.run(
            std::stop_token{},
            [&](tracked& t) {
                if (t.get() % 2 == 1) throw std::runtime_error(std::to_string(t.get()));
                seen.push_back(t.get());
            },
            [&](std::exception_ptr e, tracked& t, event_info const& info) {
                CHECK(t.get() == static_cast<int>(info.sequence));
                failed.push_back(info.sequence);
                std::string what;
                try {
                    std::rethrow_exception(e);
                } catch (std::runtime_error const& error) {
                    what = error.what();
                }
                CHECK(what == std::to_string(t.get()));
                return error_action::skip;
            });
        CHECK(result.events == 6);
        CHECK(result.reason == errc::closed);
        CHECK(seen == ints{0, 2, 4});
        CHECK(failed == std::vector<std::uint64_t>{1, 3, 5});
    }
    CHECK(ledger::balanced());
}

TEST_CASE("run: retry hands the same event out again until it succeeds") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        fill(p, 0, 4);
        p.close();
        int attempts = 0;
        ints seen;
        auto const result = p.run(
            std::stop_token{},
            [&](tracked& t) {
                if (t.get() == 2 && ++attempts < 4) throw 1;
                seen.push_back(t.get());
            },
            [](std::exception_ptr, tracked&, event_info const&) { return error_action::retry; });
        CHECK(attempts == 4);
        CHECK(result.events == 4);
        CHECK(result.reason == errc::closed);
        CHECK(seen == ints{0, 1, 2, 3});
    }
    CHECK(ledger::constructed == 4);
    CHECK(ledger::balanced());
}

TEST_CASE("run: retry sees what the failed attempt has written") {
    event_processor<int, 2> p;
    fill(p, 0, 1);
    p.close();
    int last = 0;
    p.run(
        std::stop_token{},
        [&](int& v) {
            last = ++v;
            if (v < 5) throw v;
        },
        [](std::exception_ptr, int&, event_info const&) { return error_action::retry; });
    CHECK(last == 5);
}

TEST_CASE("run: stop closes the processor, rethrows and counts the event as consumed") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        fill(p, 0, 4);
        CHECK_THROWS_AS(p.run(
                            std::stop_token{},
                            [](tracked& t) {
                                if (t.get() == 1) throw std::logic_error("planned");
                            },
                            [](std::exception_ptr, tracked&, event_info const&) { return error_action::stop; }),
                        std::logic_error);
        CHECK(p.is_closed());
        CHECK(values_of(p) == ints{2, 3});
    }
    CHECK(ledger::balanced());
}

TEST_CASE("run: the three policies may follow one another") {
    event_processor<int, 16> p;
    fill(p, 0, 10);
    ints seen;
    int calls = 0;
    CHECK_THROWS_AS(p.run(
                        std::stop_token{},
                        [&](int& v) {
                            if (v % 3 == 0) throw v;
                            seen.push_back(v);
                        },
                        [&](std::exception_ptr, int& v, event_info const&) {
                            ++calls;
                            if (v == 0) return error_action::skip;
                            if (v == 3) return v = 100, error_action::retry;
                            return error_action::stop;
                        }),
                    int);
    CHECK(seen == ints{1, 2, 100, 4, 5});
    CHECK(calls == 3);
    CHECK(values_of(p) == ints{7, 8, 9});
}

TEST_CASE("run: an error policy that throws leaves run with its own exception and loses no other event") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        fill(p, 0, 4);
        CHECK_THROWS_AS(p.run(
                            std::stop_token{},
                            [](tracked& t) {
                                if (t.get() == 1) throw 1;
                            },
                            [](std::exception_ptr, tracked&, event_info const&) -> error_action {
                                throw std::domain_error("the policy's own");
                            }),
                        std::domain_error);
        CHECK(values_of(p) == ints{2, 3});
    }
    CHECK(ledger::balanced());
}

TEST_CASE("run: an error policy on a full ring gets would_deadlock and not left waiting") {
    event_processor<int, 1> p;
    fill(p, 0, 1);
    errc told = errc::success;
    errc flushed = errc::success;
    auto const result = p.run(
        std::stop_token{}, [](int&) { throw 1; },
        [&](std::exception_ptr, int&, event_info const&) {
            told = p.publish(2);
            flushed = p.flush();
            p.close();
            return error_action::skip;
        });
    CHECK(told == errc::would_deadlock);
    CHECK(flushed == errc::would_deadlock);
    CHECK(result.events == 1);
}

TEST_CASE("run: a stop during endless retries is heard") {
    event_processor<int, 2> p;
    fill(p, 0, 1);
    std::stop_source stop;
    int attempts = 0;
    auto const result = p.run(
        stop.get_token(), [](int&) { throw 1; },
        [&](std::exception_ptr, int&, event_info const&) {
            if (++attempts == 1000) stop.request_stop();
            return attempts < 1'000'000 ? error_action::retry : error_action::skip;
        });
    CHECK(result.reason == errc::stopped);
    CHECK(attempts < 1'000'000);
}

TEST_CASE("run: the producers that wait for space are notified when an exception closes it") {
    event_processor<int, 1> p;
    fill(p, 0, 1);
    errc told = errc::success;
    std::atomic<bool> begun{false};
    std::thread producer([&] {
        begun = true;
        do told = p.publish(1);
        while (told == errc::success);
    });
    await([&] { return begun.load(); }, "the producer runs");
    let_it_park();
    CHECK_THROWS_AS(p.run([](int&) { throw 1; }), int);
    producer.join();
    CHECK(told == errc::closed);
}

TEST_CASE("consumer_verbs: a handler may be a pointer to a member of the event") {
    struct event {
        event_action* next;
        void count() noexcept { *next = event_action::stop; }
        event_action until_told(event_info const& info) const noexcept {
            return info.end_of_batch ? event_action::keep : event_action::next;
        }
    };
    event_processor<event, 4> p;
    auto seen = event_action::next;
    REQUIRE(p.try_publish(&seen) == errc::success);
    CHECK(p.poll(&event::count).events == 1);
    CHECK(seen == event_action::stop);
    for (int i = 0; i < 3; ++i) REQUIRE(p.try_publish(&seen) == errc::success);
    CHECK(p.poll(&event::until_told).events == 2);
}
