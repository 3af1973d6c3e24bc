// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// One consumer of several rings: the order of looking, what a handler says, the ends, and one place to sleep.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <evproc/event_processor.hpp>
#include <evproc/selector.hpp>
#include <evproc/wait/blocking_wait.hpp>
#include <evproc/wait/spin_wait.hpp>

#include "catch.hpp"
#include "overloads.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_action;
using evproc::poll_state;
using evproc::select_info;

namespace {

template <class E, std::size_t N = 64, class W = evproc::adaptive_wait>
using grouped = evproc::event_processor<E, N, evproc::grouped_wait<W>>;

/// Two rings of ints and what a poll delivers, as (source, value).
struct two_rings {
    evproc::wait_group<> group;
    grouped<int> first{group};
    grouped<int> second{group};
    std::vector<std::size_t> sources;
    std::vector<int> values;

    void fill(int in_first, int in_second) {
        for (int i = 0; i < in_first; ++i) first.publish(i);
        for (int i = 0; i < in_second; ++i) second.publish(100 + i);
    }
    auto note() {
        return [this](int v, select_info const& info) {
            sources.push_back(info.source);
            values.push_back(v);
        };
    }
};

}  // namespace

TEST_CASE("a strict selector empties the first ring before it looks at the second") {
    two_rings rings;
    rings.fill(3, 2);
    evproc::selector s{evproc::strict{}, rings.first, rings.second};
    auto const polled = s.poll(rings.note());
    CHECK(polled.events == 5);
    CHECK(polled.state == poll_state::idle);
    CHECK(rings.values == std::vector{0, 1, 2, 100, 101});
    CHECK(rings.sources == std::vector<std::size_t>{0, 0, 0, 1, 1});
}

TEST_CASE("an urgent event overtakes after at most `burst` events of a later ring, 0 counts as 1") {
    for (std::size_t const burst : {0U, 1U, 4U}) {
        two_rings rings;
        rings.fill(0, 20);
        evproc::selector s{evproc::strict{burst}, rings.first, rings.second};
        std::vector<int> values;
        s.poll([&](int v) {
            values.push_back(v);
            if (v == 100) rings.first.publish(7);
        });
        REQUIRE(values.size() == 21);
        CHECK(values[burst == 0 ? 1 : burst] == 7);
    }
}

TEST_CASE("a poll that ends with a later ring has looked at the first again") {
    // Without pauses, after which it would look at all rings in any case.
    using ring = evproc::event_processor<int, 8, evproc::grouped_wait<>, evproc::ring_options{.pacing = false}>;
    evproc::wait_group<> group;
    ring first{group}, second{group};
    CHECK(second.publish(100) == errc::success);
    evproc::selector s{evproc::strict{}, first, second};
    auto const polled = s.poll([&](int v) {
        if (v == 100) first.publish(7);
    });
    CHECK(polled.events == 2);
    CHECK(polled.state == poll_state::idle);
}

TEST_CASE("a burst is counted over all later rings together") {
    evproc::wait_group<> group;
    grouped<int> a{group}, b{group}, c{group};
    for (int i = 0; i < 2; ++i) b.publish(i);
    for (int i = 0; i < 9; ++i) c.publish(10 + i);
    evproc::selector s{evproc::strict{4}, a, b, c};
    std::vector<int> values;
    s.poll([&](int v) {
        values.push_back(v);
        if (v == 0) a.publish(7);
    });
    REQUIRE(values.size() == 12);
    CHECK(values[4] == 7);
}

TEST_CASE("strict serves the last ring whenever the others are empty, with a burst of 0 too") {
    two_rings rings;
    rings.fill(0, 50);
    evproc::selector s{evproc::strict{0}, rings.first, rings.second};
    CHECK(s.poll(rings.note()).events == 50);
}

TEST_CASE("a weighted selector gives each ring its share in turn") {
    two_rings rings;
    rings.fill(6, 3);
    evproc::selector s{evproc::weighted{2, 1}, rings.first, rings.second};
    CHECK(s.poll(rings.note()).events == 9);
    CHECK(rings.sources == std::vector<std::size_t>{0, 0, 1, 0, 0, 1, 0, 0, 1});
}

TEST_CASE("the shares of a weighted selector hold also over polls of one event each") {
    two_rings rings;
    rings.fill(6, 3);
    evproc::selector s{evproc::weighted<2>{{2, 1}}, rings.first, rings.second};
    for (int i = 0; i < 9; ++i) CHECK(s.poll(rings.note(), 1).events == 1);
    CHECK(rings.sources == std::vector<std::size_t>{0, 0, 1, 0, 0, 1, 0, 0, 1});
}

TEST_CASE("a share of 0 counts as 1: nothing starves") {
    two_rings rings;
    rings.fill(4, 4);
    evproc::selector s{evproc::weighted{2, 0}, rings.first, rings.second};
    CHECK(s.poll(rings.note(), 3).events == 3);
    CHECK(rings.sources == std::vector<std::size_t>{0, 0, 1});
}

TEST_CASE("in a weighted selector a ring whose events make the handler throw does not starve the other") {
    two_rings rings;
    rings.fill(20, 3);
    evproc::selector s{evproc::weighted{8, 8}, rings.first, rings.second};
    int seen = 0;
    for (int polls = 0; polls < 8; ++polls) {
        try {
            s.poll([&](int v) {
                if (v < 100) throw planned_throw{};
                ++seen;
            });
        } catch (planned_throw const&) {
        }
    }
    CHECK(seen == 3);
}

TEST_CASE("a selector takes rings of different types and an overload set") {
    evproc::wait_group<> group;
    grouped<int> numbers{group};
    grouped<std::string, 16> words{group};
    evproc::selector s{evproc::strict{}, numbers, words};
    numbers.publish(4);
    words.publish("four");
    int number = 0;
    std::string word;
    std::size_t source = 9;
    s.poll(overloads{[&](int& n) { number = n; },
                     [&](std::string& w, select_info const& info) {
                         word = w;
                         source = info.source;
                     }});
    CHECK(number == 4);
    CHECK(word == "four");
    CHECK(source == 1);
}

TEST_CASE("select_info has the sequence in the event's own ring, and a handler may take it as event_info") {
    two_rings rings;
    rings.fill(2, 1);
    evproc::selector s{evproc::strict{}, rings.first, rings.second};
    std::vector<std::uint64_t> sequences;
    std::vector<bool> ends;
    s.poll([&](int, evproc::event_info const& info) {
        sequences.push_back(info.sequence);
        ends.push_back(info.end_of_batch);
    });
    CHECK(sequences == std::vector<std::uint64_t>{0, 1, 0});
    CHECK(ends == std::vector<bool>{false, true, true});
}

TEST_CASE("poll takes at most max events, over all rings") {
    two_rings rings;
    rings.fill(3, 3);
    evproc::selector s{evproc::strict{}, rings.first, rings.second};
    auto const polled = s.poll(rings.note(), 4);
    CHECK(polled.events == 4);
    CHECK(polled.state == poll_state::more);
    CHECK(s.poll(rings.note(), 0).events == 0);
    CHECK(s.poll(rings.note()).events == 2);
}

TEST_CASE("processors of two groups are refused") {
    evproc::wait_group<> one, other;
    grouped<int> a{one}, b{other};
    CHECK_THROWS_AS((evproc::selector{evproc::strict{}, a, b}), std::invalid_argument);
}

TEST_CASE("a full ring and a stalled producer hold up their own ring only") {
    evproc::wait_group<> group;
    grouped<int, 2> low{group};
    grouped<int, 2> high{group};
    evproc::selector s{evproc::strict{}, high, low};
    low.publish(1);
    low.publish(2);
    CHECK(low.try_publish(3) == errc::full);
    CHECK(high.try_publish(4) == errc::success);
    int seen = 0;
    auto const count = [&](int) { ++seen; };
    s.poll(count);
    CHECK(seen == 3);

    auto stalled = high.reserve();
    low.publish(5);
    s.poll(count);
    CHECK(seen == 4);
    CHECK(s.state() == poll_state::blocked);
    CHECK(s.poll_for(1ms, count).state == poll_state::blocked);
    CHECK(high.oldest_uncommitted().stalled);
    stalled.discard();
    CHECK(s.state() == poll_state::idle);
}

TEST_CASE("closed is said once all rings are closed and drained, not before") {
    two_rings rings;
    evproc::selector s{evproc::strict{}, rings.first, rings.second};
    CHECK(s.poll(rings.note()).state == poll_state::idle);
    rings.first.close();
    CHECK(s.poll(rings.note()).state == poll_state::idle);
    CHECK(s.state() == poll_state::idle);
    rings.second.publish(1);
    CHECK(s.state() == poll_state::more);
    s.close();
    CHECK(rings.second.publish(2) == errc::closed);
    CHECK(s.poll(rings.note()).state == poll_state::closed);
    CHECK(s.state() == poll_state::closed);
    CHECK(rings.values == std::vector{1});
    CHECK_FALSE(s.wait());
}

TEST_CASE("keep rests that ring until the next poll, and the others go on") {
    two_rings rings;
    rings.fill(2, 3);
    evproc::selector s{evproc::strict{}, rings.first, rings.second};
    int asked = 0;
    auto const polled = s.poll([&](int v, select_info const& info) {
        if (v == 0) {
            ++asked;
            return event_action::keep;
        }
        return rings.note()(v, info), event_action::next;
    });
    CHECK(asked == 1);
    CHECK(polled.events == 3);
    CHECK(polled.state == poll_state::more);
    CHECK(rings.values == std::vector{100, 101, 102});
    rings.values.clear();
    CHECK(s.poll(rings.note()).events == 2);
    CHECK(rings.values == std::vector{0, 1});
}

TEST_CASE("keep rests a ring in a weighted selector too") {
    two_rings rings;
    rings.fill(2, 9);
    evproc::selector s{evproc::weighted{1, 2}, rings.first, rings.second};
    int asked = 0;
    auto const polled = s.poll([&](int v) {
        if (v >= 100) return event_action::next;
        ++asked;
        return event_action::keep;
    });
    CHECK(asked == 1);
    CHECK(polled.events == 9);
    CHECK(s.poll(rings.note()).events == 2);
}

TEST_CASE("stop returns at once, with what other rings have left where it is") {
    two_rings rings;
    rings.fill(2, 2);
    evproc::selector s{evproc::strict{}, rings.first, rings.second};
    auto const polled = s.poll([](int v) { return v == 100 ? event_action::stop : event_action::next; });
    CHECK(polled.events == 3);
    CHECK(polled.state == poll_state::more);
    CHECK(s.poll(rings.note()).events == 1);
}

TEST_CASE("a throwing handler consumes that event alone, and the exception leaves poll") {
    ledger_scope const books;
    {
        evproc::wait_group<> group;
        grouped<tracked, 8> a{group}, b{group};
        evproc::selector s{evproc::strict{}, a, b};
        for (int i = 0; i < 3; ++i) {
            a.publish(i);
            b.publish(10 + i);
        }
        std::vector<int> values;
        auto const handler = [&](tracked& t) {
            values.push_back(t.get());
            if (t.get() == 1 || t.get() == 11) throw planned_throw{};
        };
        CHECK_THROWS_AS(s.poll(handler), planned_throw);
        CHECK(ledger::alive() == 4);
        CHECK_THROWS_AS(s.poll(handler), planned_throw);
        CHECK(ledger::alive() == 1);
        CHECK(s.poll(handler).events == 1);
        CHECK(values == std::vector{0, 1, 2, 10, 11, 12});
        b.publish(4);  // destroyed with its processor
    }
    CHECK(ledger::balanced());
}

TEST_CASE("waiting for space in a full sibling says would_deadlock in the handler") {
    evproc::wait_group<> group;
    grouped<int, 2> a{group}, b{group};
    b.publish(1);
    b.publish(2);
    a.publish(0);
    evproc::selector s{evproc::strict{}, a, b};
    std::vector<errc> said;
    s.poll(
        [&](int v) {
            if (v != 0) return;
            said.push_back(b.publish(3));
            said.push_back(b.flush());
        },
        1);
    CHECK(said == std::vector{errc::would_deadlock, errc::would_deadlock});
}

TEMPLATE_TEST_CASE("a sleeping consumer is woken by a commit, a close and a wake of any ring", "",
                   evproc::adaptive_wait, evproc::blocking_wait, evproc::spin_wait) {
    evproc::wait_group<TestType> group;
    grouped<int, 8, TestType> a{group}, b{group}, c{group};
    evproc::selector s{evproc::weighted{1, 1, 1}, a, b, c};
    auto const while_waiting = [&](auto step) {
        std::jthread other{[&] {
            let_it_park();
            step();
        }};
        return s.wait();
    };
    CHECK(while_waiting([&] { c.publish(1); }));
    CHECK(s.poll([](int) {}).events == 1);
    CHECK(while_waiting([&] { a.publish(1); }));
    CHECK(s.poll([](int) {}).events == 1);
    CHECK_FALSE(while_waiting([&] { s.wake(); }));
    CHECK_FALSE(while_waiting([&] { a.wake(); }));
    CHECK_FALSE(while_waiting([&] { b.wake(); }));
    CHECK_FALSE(while_waiting([&] {
        auto dropped = b.reserve();
        dropped.discard();
        s.close();
    }));
}

TEST_CASE("a wake that finds nobody waiting ends the next wait, and only that") {
    two_rings rings;
    evproc::selector s{evproc::strict{}, rings.first, rings.second};
    s.wake();
    CHECK_FALSE(s.wait());
    CHECK_FALSE(s.wait_for(1ms));
    rings.second.publish(1);
    CHECK(s.wait_until(std::chrono::system_clock::now() + 1h));
}

TEST_CASE("a waiting selector notes which ring's producer holds it up: where it times out, and where it spins") {
    struct stalls : evproc::no_observer {
        std::atomic<int> count{0};
        void on_stall(std::uint64_t) noexcept { ++count; }
    };
    using wait = evproc::spin_wait;
    using ring = evproc::event_processor<int, 8, evproc::grouped_wait<wait>, evproc::ring_options{}, stalls>;
    evproc::wait_group<wait> group;
    ring a{group}, b{group};
    evproc::selector s{evproc::strict{}, a, b};
    auto open = b.try_reserve();
    CHECK_FALSE(s.wait_for(0ms));
    CHECK(a.observer().count == 0);
    CHECK(b.observer().count == 1);

    open.emplace(1);
    CHECK(open.commit() == errc::success);
    CHECK(s.poll([](int) {}).events == 1);
    open = a.try_reserve();
    std::jthread consumer{[&] { CHECK_FALSE(s.wait()); }};
    while (a.observer().count == 0) std::this_thread::yield();
    s.wake();
}

TEST_CASE("a stop request ends every kind of waiting") {
    two_rings rings;
    evproc::selector s{evproc::strict{}, rings.first, rings.second};
    std::stop_source source;
    std::jthread other{[&] {
        let_it_park();
        source.request_stop();
    }};
    CHECK_FALSE(s.wait(source.get_token()));
    CHECK(s.poll_wait(source.get_token(), rings.note()).state == poll_state::idle);
    CHECK(s.run(source.get_token(), rings.note()).reason == errc::stopped);
}

TEST_CASE("poll_wait and poll_until give the event that came meanwhile") {
    two_rings rings;
    evproc::selector s{evproc::strict{}, rings.first, rings.second};
    std::jthread other{[&] {
        let_it_park();
        rings.second.publish(5);
    }};
    CHECK(s.poll_wait(rings.note()).events == 1);
    CHECK(s.poll_until(std::chrono::steady_clock::now(), rings.note()).events == 0);
}

TEST_CASE("run closes all rings when the handler throws") {
    two_rings rings;
    rings.fill(1, 1);
    evproc::selector s{evproc::strict{}, rings.first, rings.second};
    CHECK_THROWS_AS(s.run([](int) { throw planned_throw{}; }), planned_throw);
    CHECK(rings.first.is_closed());
    CHECK(rings.second.is_closed());
}

TEST_CASE("run with a policy skips, tries again, and tells the source") {
    two_rings rings;
    rings.fill(2, 1);
    rings.first.close();
    rings.second.close();
    evproc::selector s{evproc::strict{}, rings.first, rings.second};
    int tries = 0;
    std::vector<std::size_t> failed;
    auto const result = s.run(
        std::stop_token{},
        [&](int v) {
            if (v == 0) throw planned_throw{};
            if (v == 100 && ++tries < 3) throw planned_throw{};
        },
        [&](std::exception_ptr, int& v, select_info const& info) {
            failed.push_back(info.source);
            return v == 0 ? evproc::error_action::skip : evproc::error_action::retry;
        });
    CHECK(result.reason == errc::closed);
    CHECK(result.events == 3);
    CHECK(failed == std::vector<std::size_t>{0, 1, 1});
}

TEST_CASE("many producers over several small rings: nothing is lost, doubled or out of order within its ring") {
    evproc::wait_group<> group;
    grouped<tracked, 4> a{group};
    grouped<tracked, 16> b{group};
    grouped<tracked, 64> c{group};
    evproc::selector s{evproc::weighted{3, 2, 1}, a, b, c};
    constexpr int each = 2000;
    std::array<std::vector<int>, 3> got;
    {
        std::vector<std::jthread> threads;
        std::atomic<int> left{3};
        auto const produce = [&](auto& ring) {
            for (int i = 0; i < each; ++i) {
                if (i % 7 == 0) static_cast<void>(ring.reserve());  // dropped
                ring.publish(i);
            }
            if (--left == 0) s.close();
        };
        threads.emplace_back([&] { produce(a); });
        threads.emplace_back([&] { produce(b); });
        threads.emplace_back([&] { produce(c); });
        auto const result = s.run([&](tracked& t, select_info const& info) { got[info.source].push_back(t.get()); });
        CHECK(result.events == 3 * each);
    }
    for (auto const& values : got) {
        REQUIRE(values.size() == each);
        bool in_order = true;
        for (int i = 0; i < each; ++i) in_order &= values[static_cast<std::size_t>(i)] == i;
        CHECK(in_order);
    }
}
