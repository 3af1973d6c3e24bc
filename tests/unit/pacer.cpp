// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// When a consumer that has caught up pauses, and where it then stops. How long a pause is shows in the time only.
#include <evproc/detail/pacer.hpp>
#include <evproc/event_processor.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "catch.hpp"

using evproc::poll_state;
using evproc::detail::no_limit;
using evproc::detail::pacer;
using evproc::detail::position;

namespace {

/// Pauses that `p` makes when nothing is ready at `at`, asked as a poll does.
unsigned pauses_at(pacer& p, position at) {
    unsigned budget = 16;
    bool const again = p.look_again(at, budget, [] { return no_limit; });
    unsigned const pauses = 16 - budget;
    CHECK(pauses <= 1);
    CHECK((again ? 1U : 0U) <= pauses);
    return again ? pauses : 0;
}

}  // namespace

TEST_CASE("pacer: a consumer that finds nothing again and again never pauses") {
    for (position const first : {position{0}, position{1000}}) {
        pacer p{64, first};
        CHECK(p.is_at_rest(first));
        CHECK_FALSE(p.is_at_rest(first + 1));
        for (int i = 0; i != 10; ++i) CHECK(pauses_at(p, first) == 0);
        CHECK(p.is_at_rest(first));
        CHECK(p.limit() == no_limit);
        CHECK_FALSE(p.is_paying());
    }
}

TEST_CASE("pacer: after a pause that brought nothing come more and more events without one, up to 4095") {
    pacer p{64, 0};
    position at = 5;
    position skipped = 0;
    for (int i = 0; i != 16; ++i) {
        INFO("pause " << i << " at " << at);
        CHECK(pauses_at(p, at) == 1);
        CHECK_FALSE(p.is_at_rest(at));
        CHECK(pauses_at(p, at) == 0);  // it brought nothing
        CHECK(p.is_at_rest(at));
        if (skipped != 0) CHECK(pauses_at(p, at + skipped - 1) == 0);
        at += skipped == 0 ? 1 : skipped;
        skipped = skipped < 4095 ? 2 * skipped + 1 : 4095;
    }
    CHECK(skipped == 4095);
}

TEST_CASE("pacer: a pause that brought enough makes the next ones frequent again") {
    pacer p{64, 0};
    position at = 1;
    for (position const skipped : {1U, 1U, 3U, 7U}) {
        CHECK(pauses_at(p, at) == 1);
        CHECK(pauses_at(p, at) == 0);  // it brought nothing
        at += skipped;
    }
    CHECK(pauses_at(p, at) == 1);
    at += 4;
    CHECK(pauses_at(p, at) == 1);
    CHECK(p.is_paying());
    CHECK(pauses_at(p, at) == 0);
    CHECK_FALSE(p.is_paying());
    CHECK(pauses_at(p, at + 1) == 1);
}

TEST_CASE("pacer: while pauses bring enough, the consumer stops where the producers were when the pause ended") {
    pacer p{64, 0};
    unsigned budget = 16;
    position front = 0;
    auto const producers = [&] { return front; };
    CHECK(p.look_again(1, budget, producers));
    CHECK(p.limit() == no_limit);
    CHECK_FALSE(p.is_paying());
    front = 20;
    CHECK(p.look_again(5, budget, producers));  // four are enough for the shortest pause
    CHECK(p.is_paying());
    CHECK(p.limit() == 20);
    front = 30;
    CHECK(p.look_again(20, budget, producers));  // at the limit
    CHECK(p.limit() == 30);
    CHECK(budget == 13);
    front = 40;
    CHECK(p.look_again(40, budget, producers));
    CHECK(p.is_paying());
    CHECK(p.limit() == no_limit);                // the producers are there too
    CHECK(p.look_again(43, budget, producers));  // by now the pause is the longest, for which three are too few
    CHECK_FALSE(p.is_paying());
    CHECK(p.limit() == no_limit);
    CHECK_FALSE(p.look_again(45, budget, producers));
    CHECK(budget == 10);
}

TEST_CASE("pacer: a poll without pauses left goes on to the limit, and then ends") {
    pacer p{64, 0};
    unsigned budget = 2;
    position front = 20;
    auto const producers = [&] { return front; };
    CHECK(p.look_again(1, budget, producers));
    CHECK(p.look_again(10, budget, producers));
    CHECK(p.limit() == 20);
    CHECK(budget == 0);
    front = 25;
    CHECK(p.look_again(20, budget, producers));
    CHECK(p.limit() == 25);
    front = 26;
    CHECK(p.look_again(25, budget, producers));
    CHECK(p.limit() == 26);
    CHECK_FALSE(p.look_again(25, budget, producers));
    CHECK(budget == 0);
}

TEST_CASE("pacer: a processor without pacing delivers the same") {
    evproc::event_processor<int, 8, evproc::adaptive_wait, evproc::ring_options{.pacing = false}> p;
    std::vector<int> seen;
    for (int i = 0; i != 20; ++i) {
        CHECK(p.try_publish(2 * i) == evproc::errc::success);
        CHECK(p.try_publish(2 * i + 1) == evproc::errc::success);
        CHECK(p.poll([&](int v) { seen.push_back(v); }, 1).events == 1);
        for (int const v : p.peek()) seen.push_back(v);
        CHECK(p.poll([](int) {}).state == poll_state::idle);
    }
    REQUIRE(seen.size() == 40);
    for (int i = 0; i != 40; ++i) CHECK(seen[static_cast<std::size_t>(i)] == i);
    p.close();
    CHECK(p.poll([](int) {}).state == poll_state::closed);
}
