// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// record_processor: each row of the contract, with types of several sizes and with bytes behind them.
#include <evproc/record_processor.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "overloads.hpp"
#include "processor_verbs.hpp"
#include "start_at.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::error_action;
using evproc::event_action;
using evproc::event_info;
using evproc::one_of;
using evproc::poll_state;
using evproc::record_processor;

using bytes = std::span<std::byte>;
using ints = std::vector<int>;

namespace {

struct tick {
    int number;
};
struct wide {
    tracked t;
    std::array<char, 100> room{};
    explicit wide(int v) : t(v) {}
};
struct alignas(128) aligned {
    int number = 0;
};

constexpr evproc::ring_options multi{};
constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};

template <std::size_t Bytes = 1024, evproc::ring_options O = multi, class Wait = evproc::adaptive_wait>
using processor = record_processor<one_of<tick, tracked, wide>, Bytes, Wait, O>;

/// The values that one poll delivers.
template <class P> ints taken_from(P& p, std::size_t max = 1000) {
    ints values;
    p.poll(overloads{[&](tick& e) { values.push_back(e.number); }, [&](tracked& e) { values.push_back(e.get()); },
                     [&](wide& e) { values.push_back(e.t.get()); }},
           max);
    return values;
}

constexpr auto ignore = [](auto&) {};

void write(bytes to, int seed) {
    for (std::size_t i = 0; i != to.size(); ++i) to[i] = static_cast<std::byte>(static_cast<std::size_t>(seed) + 7 * i);
}
bool is_written(bytes there, int seed) {
    for (std::size_t i = 0; i != there.size(); ++i)
        if (there[i] != static_cast<std::byte>(static_cast<std::size_t>(seed) + 7 * i)) return false;
    return true;
}

}  // namespace

#define BOTH_KINDS ((evproc::ring_options O), O), multi, single

TEMPLATE_TEST_CASE_SIG("records: each type comes in the order of reservation", "", BOTH_KINDS) {
    processor<1024, O> p;
    CHECK(p.template publish<wide>(1) == errc::success);
    CHECK(p.template try_publish<tick>(2) == errc::success);
    CHECK(p.template publish<tracked>(3) == errc::success);
    CHECK(p.template publish<tick>(4) == errc::success);
    CHECK(taken_from(p) == ints{1, 2, 3, 4});
    CHECK(p.poll(ignore).events == 0);
    CHECK(p.state() == poll_state::idle);
}

TEMPLATE_TEST_CASE_SIG("records: bytes behind the event come whole, or as many as were committed", "", BOTH_KINDS) {
    processor<1024, O> p;
    for (std::size_t used :
         {std::size_t{0}, std::size_t{1}, std::size_t{31}, std::size_t{32}, std::size_t{199}, std::size_t{200}}) {
        auto r = p.template try_reserve<tick>(200);
        REQUIRE(r);
        CHECK(r.tail().size() == 200);
        r->number = 5;
        write(r.tail(), 9);
        CHECK(r.commit(used) == errc::success);
        CHECK(r.error() == errc::invalid_handle);
        CHECK(r.tail().empty());
        CHECK(p.template publish<tick>(6) == errc::success);
        std::size_t calls = 0;
        p.poll([&](auto& event, bytes tail) {
            if constexpr (std::is_same_v<decltype(event), tick&>) {
                if (++calls == 1) {
                    CHECK(event.number == 5);
                    CHECK(tail.size() == used);
                    CHECK(is_written(tail, 9));
                } else {
                    CHECK(event.number == 6);
                    CHECK(tail.empty());
                }
            }
        });
        CHECK(calls == 2);
    }
    auto r = p.template reserve<wide>(10);
    r.emplace(3);
    write(r.tail(), 4);
    CHECK(r.commit() == errc::success);
    p.poll(overloads{[](auto&) {},
                     [](wide& event, bytes tail) {
                         CHECK(event.t.get() == 3);
                         CHECK(tail.size() == 10);
                         CHECK(is_written(tail, 4));
                     }});
}

TEST_CASE("records: a record takes the space of its own type and of its bytes") {
    using p = processor<>;
    STATIC_REQUIRE(p::unit_size == 32);
    STATIC_REQUIRE(p::record_size<tick>() == 32);
    STATIC_REQUIRE(p::record_size<tick>(20) == 32);
    STATIC_REQUIRE(p::record_size<tick>(21) == 64);
    STATIC_REQUIRE(p::record_size<wide>() == (8 + sizeof(wide) + 31) / 32 * 32);
    STATIC_REQUIRE(p::capacity() == 1024);
    p events;
    CHECK(events.publish<tick>(1) == errc::success);
    CHECK(events.size_approx() == 32);
    CHECK(events.publish<wide>(2) == errc::success);
    CHECK(events.size_approx() == 32 + p::record_size<wide>());
    taken_from(events);
    CHECK(events.empty_approx());
}

TEST_CASE("records: a type with a large alignment is honoured") {
    record_processor<one_of<tick, aligned, std::max_align_t>, 1024> p;
    STATIC_REQUIRE(decltype(p)::unit_size == 128);
    for (int i = 0; i != 20; ++i) {
        CHECK(p.publish<tick>(1) == errc::success);
        CHECK(p.publish<aligned>() == errc::success);
        CHECK(p.publish<std::max_align_t>() == errc::success);
        std::size_t right = 0;
        p.poll([&](auto& event) {
            right += reinterpret_cast<std::uintptr_t>(&event) % alignof(std::remove_reference_t<decltype(event)>) == 0;
        });
        CHECK(right == 3);
    }
}

TEMPLATE_TEST_CASE_SIG("records: too large, whole ring, full, closed, in every reserving verb", "", BOTH_KINDS) {
    processor<256, O> p;
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    std::size_t const whole = p.template max_tail<tick>();
    CHECK(whole == 256 - 8 - sizeof(tick));
    for (std::size_t tail : {whole + 1, std::size_t{10000}, most - 1000, most - 8, most}) {
        CHECK(p.template try_reserve<tick>(tail).error() == errc::too_large);
        CHECK(p.template reserve<tick>(tail).error() == errc::too_large);
        CHECK(p.template reserve<tick>(std::stop_token{}, tail).error() == errc::too_large);
        CHECK(p.template reserve_for<tick>(1h, tail).error() == errc::too_large);
        CHECK(p.template reserve_until<tick>(std::chrono::steady_clock::now() + 1h, tail).error() == errc::too_large);
    }
    for (int i = 0; i != 20; ++i) {
        auto r = p.template reserve<tick>(whole);
        REQUIRE(r);
        r->number = i;
        write(r.tail(), i);
        CHECK(r.commit() == errc::success);
        CHECK(p.template try_reserve<tick>().error() == errc::full);
        CHECK(p.template try_publish<tick>(1) == errc::full);
        CHECK(p.template reserve_for<tick>(1ms).error() == errc::timed_out);
        CHECK(p.template reserve_until<tick>(std::chrono::system_clock::now()).error() == errc::timed_out);
        std::stop_source stop;
        stop.request_stop();
        CHECK(p.template reserve<tick>(stop.get_token()).error() == errc::stopped);
        int calls = 0;
        p.poll(overloads{[](auto&) { FAIL(); },
                         [&](tick& event, bytes tail) {
                             ++calls;
                             CHECK(event.number == i);
                             CHECK(tail.size() == whole);
                             CHECK(is_written(tail, i));
                         }});
        CHECK(calls == 1);
        CHECK(p.template publish<tick>(1) == errc::success);  // the next one stands elsewhere
        CHECK(taken_from(p) == ints{1});
    }
    CHECK(p.stats().refused == 40);
    p.close();
    CHECK(p.is_closed());
    CHECK(p.template try_reserve<tick>().error() == errc::closed);
    CHECK(p.template reserve<tick>(5).error() == errc::closed);
    CHECK(p.template publish<tracked>(1) == errc::closed);
    CHECK(p.poll(ignore).state == poll_state::closed);
}

TEST_CASE("records: wherever the ring ends, a record of any length lies in one piece") {
    constexpr std::size_t units = 16;
    for (std::size_t offset = 0; offset != units; ++offset) {
        for (std::size_t n = 1; n <= units; ++n) {
            auto p = started_at<processor<32 * units>>(offset, units);
            int calls = 0;
            for (int lap = 0; lap != 3; ++lap) {
                auto r = p.try_reserve<tick>(32 * n - 8 - sizeof(tick));
                REQUIRE(r);
                CHECK(r.sequence() == offset + static_cast<std::size_t>(lap) * n);
                r->number = lap;
                write(r.tail(), lap + static_cast<int>(n));
                REQUIRE(r.commit() == errc::success);
                p.poll(overloads{[](auto&) { FAIL(); },
                                 [&](tick& event, bytes tail) {
                                     ++calls;
                                     CHECK(event.number == lap);
                                     CHECK((tail.size() == 32 * n - 12 && is_written(tail, lap + static_cast<int>(n))));
                                 }});
            }
            CHECK(calls == 3);
        }
    }
}

TEMPLATE_TEST_CASE_SIG("records: max counts records, whatever their length", "", BOTH_KINDS) {
    processor<1024, O> p;
    for (int i = 0; i != 4; ++i) {
        CHECK(p.template publish<tick>(2 * i) == errc::success);
        CHECK(p.template publish<wide>(2 * i + 1) == errc::success);
    }
    CHECK(taken_from(p, 0).empty());
    CHECK(taken_from(p, 1) == ints{0});
    CHECK(taken_from(p, 2) == ints{1, 2});
    auto const polled = p.poll(ignore, 3);
    CHECK(polled.events == 3);
    CHECK(polled.state == poll_state::more);
    CHECK(taken_from(p, std::numeric_limits<std::size_t>::max()) == ints{6, 7});
}

TEMPLATE_TEST_CASE_SIG("records: event_info has the sequence, and says where what is ready ends", "", BOTH_KINDS) {
    processor<1024, O> p;
    std::vector<std::uint64_t> reserved;
    for (int i = 0; i != 3; ++i) {
        auto r = p.template reserve<tick>(static_cast<std::size_t>(i) * 40);
        r->number = i;
        reserved.push_back(r.sequence());
        CHECK(r.commit() == errc::success);
    }
    CHECK(p.template publish<wide>(3) == errc::success);
    std::vector<std::uint64_t> seen;
    std::vector<bool> ends;
    auto const see = [&](auto&, bytes, event_info const& info) {
        seen.push_back(info.sequence);
        ends.push_back(info.end_of_batch);
    };
    p.poll(see, 2);
    p.poll(see);
    REQUIRE(seen.size() == 4);
    CHECK(std::vector(seen.begin(), seen.begin() + 3) == reserved);
    CHECK(ends == std::vector{false, true, false, true});
}

TEST_CASE("records: of several overloads that fit, the one that takes most is called") {
    record_processor<one_of<tick>, 1024> p;
    struct {
        int called = 0;
        void operator()(tick&) { called = 1; }
        void operator()(tick&, event_info const&) { called = 2; }
        void operator()(tick&, bytes) { called = 3; }
    } handler;
    CHECK(p.publish<tick>(1) == errc::success);
    p.poll(handler);
    CHECK(handler.called == 3);
    CHECK(p.publish<tick>(1) == errc::success);
    p.poll([&](tick&, event_info const& info) {
        CHECK(info.end_of_batch);
        handler.called = 4;
    });
    CHECK(handler.called == 4);
}

TEMPLATE_TEST_CASE_SIG("records: what is given up is destroyed once and skipped", "", BOTH_KINDS) {
    ledger_scope books;
    processor<1024, O> p;
    {
        auto const never_built = p.template reserve<wide>(100);
    }
    {
        auto dropped = p.template reserve<tracked>(3);
        dropped.emplace(1);
    }
    auto r = p.template reserve<wide>(1);
    r.emplace(2);
    r.emplace(3);
    r.discard();
    r.discard();
    CHECK(r.error() == errc::invalid_handle);
    r = p.template reserve<wide>();
    CHECK(r.commit() == errc::invalid_handle);  // never built
    CHECK_THROWS_AS(
        [&] {
            auto thrown = p.template reserve<tracked>(50);
            thrown.emplace(1);
            throw std::runtime_error("between reserve and commit");
        }(),
        std::runtime_error);
    ledger::arm(1);
    CHECK_THROWS_AS(p.template publish<wide>(7), planned_throw);
    ledger::arm(1);
    CHECK_THROWS_AS(p.template try_publish<tracked>(7), planned_throw);
    CHECK(ledger::balanced());
    CHECK(p.template publish<tracked>(8) == errc::success);
    CHECK(p.stats().discarded == 7);
    CHECK(p.stats().committed == 1);
    CHECK(taken_from(p) == ints{8});
    CHECK(p.stats().consumed == 1);
    CHECK(ledger::balanced());
    CHECK(p.state() == poll_state::idle);
}

TEMPLATE_TEST_CASE_SIG("records: what nobody consumed is destroyed with the processor", "", BOTH_KINDS) {
    ledger_scope books;
    {
        processor<4096, O> p;
        for (int i = 0; i != 10; ++i) {
            CHECK(p.template publish<wide>(i) == errc::success);
            CHECK(p.template publish<tick>(i) == errc::success);
            {
                auto const given_up = p.template reserve<tracked>(static_cast<std::size_t>(i));
            }
            auto r = p.template reserve<tracked>(64);
            r.emplace(i);
            CHECK(r.commit(1) == errc::success);
        }
        CHECK(ledger::alive() == 20);
        taken_from(p, 5);
    }
    CHECK(ledger::balanced());
}

TEMPLATE_TEST_CASE_SIG("records: stop consumes, keep keeps, an exception consumes that record only", "", BOTH_KINDS) {
    ledger_scope books;
    processor<2048, O> p;
    for (int i = 0; i != 5; ++i) {
        auto r = p.template reserve<wide>(static_cast<std::size_t>(i));
        r.emplace(i);
        CHECK(r.commit() == errc::success);
    }
    ints seen;
    auto const polling = [&](event_action then) {
        return p.poll(overloads{[](auto&) {},
                                [&](wide& e) {
                                    seen.push_back(e.t.get());
                                    return then;
                                }});
    };
    CHECK(polling(event_action::keep).events == 0);
    CHECK(polling(event_action::keep).state == poll_state::more);
    CHECK(p.stats().committed == 5);
    CHECK(p.stats().consumed == 0);
    CHECK(ledger::alive() == 5);
    CHECK(polling(event_action::stop).events == 1);
    CHECK(ledger::alive() == 4);
    CHECK_THROWS_AS(p.poll(overloads{[](auto&) {},
                                     [](wide& e) {
                                         if (e.t.get() == 2) throw 1;
                                     }}),
                    int);
    CHECK(ledger::alive() == 2);
    CHECK(p.stats().consumed == 3);
    CHECK(seen == ints{0, 0, 0});
    CHECK(taken_from(p) == ints{3, 4});
    CHECK(ledger::balanced());
}

TEST_CASE("records: a handler that throws at a single unit among others") {
    processor<> p;
    for (int i = 0; i != 5; ++i) CHECK(p.publish<tick>(i) == errc::success);
    CHECK_THROWS_AS(p.poll(overloads{[](auto&) {},
                                     [](tick& e) {
                                         if (e.number == 2) throw 1;
                                     }}),
                    int);
    CHECK(taken_from(p) == ints{3, 4});
}

TEST_CASE("records: a poll frees space as it goes, and never cuts a record") {
    processor<256> p;  // 8 units: space is freed every 2 of them
    for (int i = 0; i != 8; ++i) CHECK(p.publish<tick>(i) == errc::success);
    int handled = 0;
    p.poll(overloads{[](auto&) {},
                     [&](tick&) {
                         if (++handled == 5) CHECK(p.try_publish<tick>(8) == errc::success);
                     }});
    CHECK(handled >= 8);
    taken_from(p);
    auto r = p.reserve<wide>(p.max_tail<wide>());
    r.emplace(1);
    write(r.tail(), 3);
    CHECK(r.commit() == errc::success);
    std::size_t calls = 0;
    auto const polled = p.poll(overloads{[](auto&) {},
                                         [&](wide&, bytes tail) {
                                             ++calls;
                                             CHECK(is_written(tail, 3));
                                         }});
    CHECK(calls == 1);
    CHECK(polled.events == 1);
}

TEST_CASE("records: a single producer's poll of a full ring frees space as it goes") {
    processor<256, single> p;
    for (int i = 0; i != 8; ++i) CHECK(p.publish<tick>(i) == errc::success);
    int handled = 0;
    p.poll(overloads{[](auto&) {},
                     [&](tick&) {
                         if (++handled == 5) CHECK(p.try_publish<tick>(8) == errc::success);
                     }});
    CHECK(handled >= 8);
}

TEST_CASE("records: a single producer holds one reservation at a time") {
    processor<1024, single> p;
    auto r = p.reserve<tick>(100);
    CHECK(p.try_reserve<tick>().error() == errc::busy);
    r->number = 1;
    CHECK(r.commit(3) == errc::success);
    CHECK(p.size_approx() == 32);  // what was not needed is released
    CHECK(taken_from(p) == ints{1});
}

TEST_CASE("records: reserving in the handler while there is no space is refused at once") {
    processor<128> p;
    for (int i = 0; i != 4; ++i) CHECK(p.publish<tick>(i) == errc::success);
    p.poll(overloads{[](auto&) {},
                     [&](tick&) {
                         CHECK(p.reserve<tick>().error() == errc::would_deadlock);
                         CHECK(p.publish<tick>(1) == errc::would_deadlock);
                         CHECK(p.reserve_for<tick>(1h, 10).error() == errc::would_deadlock);
                         CHECK(p.flush() == errc::would_deadlock);
                         return event_action::stop;
                     }});
    CHECK(taken_from(p) == ints{1, 2, 3});
}

TEST_CASE("records: a producer that waits for space gets it, for a long record all of it") {
    processor<256> p;
    for (int i = 0; i != 8; ++i) CHECK(p.publish<tick>(i) == errc::success);
    std::thread producer([&] {
        auto r = p.reserve<tick>(p.max_tail<tick>());
        r->number = 8;
        static_cast<void>(r.commit());
    });
    ints seen;
    while (seen.size() != 9) p.poll_wait(overloads{[](auto&) {}, [&](tick& e) { seen.push_back(e.number); }});
    producer.join();
    CHECK(seen == ints{0, 1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("records: waiting verbs report the exact state") {
    processor<1024, multi, eventful_wait> p;
    CHECK(p.poll_wait(ignore).state == poll_state::idle);
    CHECK(p.poll_wait(std::stop_token{}, ignore).state == poll_state::idle);
    auto r = p.reserve<tick>();
    CHECK(p.poll_for(1ms, ignore).state == poll_state::blocked);
    CHECK(p.poll_until(std::chrono::steady_clock::now(), ignore).state == poll_state::blocked);
    CHECK(p.state() == poll_state::blocked);
    CHECK(p.oldest_uncommitted().stalled);
    CHECK(p.oldest_uncommitted().sequence == r.sequence());
    CHECK(!p.wait_for(1ms));
    CHECK(!p.wait_until(std::chrono::steady_clock::now()));
    p.consumer_wait().meanwhile = [&] {
        r->number = 1;
        CHECK(r.commit() == errc::success);
    };
    CHECK(p.wait());
    CHECK(p.state() == poll_state::more);
    CHECK(p.wait(std::stop_token{}));
    CHECK(p.poll_wait(ignore).events == 1);
    p.wake();
    CHECK(!p.wait());
    p.close();
    CHECK(p.poll_wait(ignore).state == poll_state::closed);
}

TEST_CASE("records: flush waits for what was committed before") {
    processor<> p;
    CHECK(p.flush() == errc::success);
    CHECK(p.publish<wide>(1) == errc::success);
    CHECK(p.flush_for(1ms) == errc::timed_out);
    std::thread consumer([&] { p.run(ignore); });
    CHECK(p.flush() == errc::success);
    CHECK(p.stats().consumed == 1);
    p.close();
    consumer.join();
}

TEST_CASE("records: run ends when closed, when told to stop, and closes when a handler throws") {
    processor<> p;
    CHECK(p.publish<tick>(1) == errc::success);
    CHECK(p.publish<wide>(2) == errc::success);
    auto result = p.run(overloads{[](auto&) {}, [](wide&) { return event_action::stop; }});
    CHECK(result.events == 2);
    CHECK(result.reason == errc::stopped);
    std::stop_source stop;
    stop.request_stop();
    CHECK(p.run(stop.get_token(), ignore).reason == errc::stopped);
    CHECK(p.publish<tracked>(3) == errc::success);
    CHECK_THROWS_AS(p.run([](auto&) { throw 1; }), int);
    CHECK(p.is_closed());
    CHECK(p.run(ignore).reason == errc::closed);
}

TEST_CASE("records: run's error handler skips, tries again or stops") {
    ledger_scope books;
    processor<> p;
    auto r = p.reserve<wide>(3);
    r.emplace(1);
    write(r.tail(), 8);
    CHECK(r.commit() == errc::success);
    CHECK(p.publish<tick>(2) == errc::success);
    CHECK(p.publish<tracked>(3) == errc::success);
    p.close();
    int tries = 0;
    int errors = 0;
    ints handled;
    auto const result =
        p.run(std::stop_token{},
              overloads{[&](wide& e, bytes tail) {
                            CHECK(is_written(tail, 8));
                            if (++tries != 3) throw 1;
                            handled.push_back(e.t.get());
                        },
                        [&](tick&, event_info const&) { throw 2; }, [&](tracked& e) { handled.push_back(e.get()); }},
              [&](std::exception_ptr, auto& event, event_info const&) {
                  ++errors;
                  return std::is_same_v<decltype(event), wide&> ? error_action::retry : error_action::skip;
              });
    CHECK(result.events == 3);
    CHECK(result.reason == errc::closed);
    CHECK(errors == 3);
    CHECK(handled == ints{1, 3});
    CHECK(ledger::balanced());
}

TEST_CASE("records: a capacity of the program's choice") {
    using dynamic = record_processor<one_of<tick, wide>, std::dynamic_extent>;
    dynamic p(512);
    CHECK(p.capacity() == 512);
    CHECK(p.max_tail<tick>() == 512 - 12);
    CHECK(p.publish<wide>(1) == errc::success);
    CHECK(p.poll(ignore).events == 1);
    for (std::size_t refused : {std::size_t{0}, std::size_t{16}, std::size_t{500}, std::size_t{513}})
        CHECK_THROWS_AS(dynamic(refused), std::invalid_argument);
}

TEST_CASE("records: one slot, and slots with their words, hold records of one slot") {
    record_processor<one_of<tick>, 32> one;
    record_processor<one_of<tick>, 256, evproc::adaptive_wait, evproc::ring_options{.max_batch = 1}> inl;
    auto const use = [](auto& p) {
        for (int i = 0; i != 20; ++i) {
            auto r = p.template reserve<tick>(20);
            r->number = i;
            write(r.tail(), i);
            CHECK(r.commit() == errc::success);
            CHECK(p.template try_reserve<tick>(21).error() == errc::too_large);
            int calls = 0;
            p.poll([&](tick& e, bytes tail) { calls += e.number == i && tail.size() == 20 && is_written(tail, i); });
            CHECK(calls == 1);
        }
    };
    use(one);
    use(inl);
    for (int i = 0; i != 8; ++i) CHECK(inl.publish<tick>(i) == errc::success);
    ints seen;
    inl.poll([&](tick& e) { seen.push_back(e.number); });
    CHECK(seen == ints{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("records: max_batch bounds a record") {
    record_processor<one_of<tick>, 1024, evproc::adaptive_wait, evproc::ring_options{.max_batch = 4}> p;
    CHECK(p.max_tail<tick>() == 4 * 32 - 12);
    CHECK(p.try_reserve<tick>(4 * 32 - 11).error() == errc::too_large);
    CHECK(p.try_reserve<tick>(4 * 32 - 12));
    record_processor<one_of<tick, wide>, 1024, evproc::adaptive_wait, evproc::ring_options{.max_batch = 1}> narrow;
    CHECK(narrow.max_tail<wide>() == 0);
    // One slot of 32 bytes: a header of 8, a tick of 4.
    CHECK(narrow.max_tail<tick>() == 20);
    CHECK(narrow.try_reserve<tick>(20));
    CHECK(narrow.try_reserve<tick>(21).error() == errc::too_large);
    CHECK(narrow.try_reserve<wide>().error() == errc::too_large);
}

TEST_CASE("records: counts are of records, depth is in bytes") {
    processor<4096> p;
    for (int i = 0; i != 3; ++i) CHECK(p.publish<wide>(i) == errc::success);
    {
        auto const given_up = p.reserve<wide>(200);
    }
    auto r = p.reserve<tick>(300);
    CHECK(r.commit(0) == errc::success);
    auto s = p.stats();
    CHECK(s.committed == 4);
    CHECK(s.consumed == 0);
    CHECK(s.discarded == 1);
    taken_from(p, 2);
    s = p.stats();
    CHECK(s.committed == 4);
    CHECK(s.consumed == 2);
    taken_from(p);
    s = p.stats();
    CHECK(s.committed == 4);
    CHECK(s.consumed == 4);
    CHECK(s.discarded == 1);
    CHECK(s.max_depth >= 3 * decltype(p)::record_size<wide>());
    CHECK(s.max_depth <= 4096);
}

TEST_CASE("records: the first has the sequence 0, and no tail unless one is asked for") {
    processor<1024> fixed;
    record_processor<one_of<tick, wide>, std::dynamic_extent> dynamic{1024};
    CHECK(fixed.try_reserve<tick>().sequence() == 0);
    CHECK(dynamic.try_reserve<tick>().sequence() == 0);
    CHECK(fixed.reserve_for<tick>(std::chrono::hours{1}).tail().empty());
    CHECK(fixed.reserve_until<tick>(std::chrono::steady_clock::now() + std::chrono::hours{1}).tail().empty());
}
