// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// A consumer that keeps finding nothing watches the words instead of the claims (detail/mpsc_ring.hpp). Nobody may notice: what
// a poll answers of reservations that have been made is as exact as before.
#include <evproc/event_processor.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "catch.hpp"

using evproc::event_processor;
using evproc::poll_state;
using evproc::detail::start_at;

namespace {

constexpr evproc::ring_options one_by_one{.max_batch = 1};
constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};

using numbers = std::vector<std::uint64_t>;

template <class Processor>
poll_state poll(Processor& p, numbers& got) {
    return p.poll([&](std::uint64_t const& n) { got.push_back(n); }).state;
}

/// Polls that find nothing, more than it takes.
template <class Processor>
void starve(Processor& p) {
    numbers got;
    for (int i = 0; i != 40; ++i) {
        if (poll(p, got) != poll_state::idle) FAIL("not idle");
    }
    REQUIRE(got.empty());
}

template <class Processor>
void is_exact(Processor& p) {
    numbers got;
    numbers expected;
    std::uint64_t next = 0;
    std::size_t const laps = 3 * p.capacity() + 5;
    for (std::size_t round = 0; round != laps; ++round) {
        starve(p);
        auto reserved = p.try_reserve();
        REQUIRE(reserved);
        CHECK(poll(p, got) == poll_state::blocked);
        CHECK(p.oldest_uncommitted().stalled);
        if (round % 3 == 2) {
            reserved.discard();
        } else {
            expected.push_back(next);
            reserved.emplace(next++);
            reserved.commit();
        }
        CHECK(poll(p, got) == poll_state::idle);
        CHECK_FALSE(p.oldest_uncommitted().stalled);
        CHECK(got == expected);
    }
    p.close();
    CHECK(poll(p, got) == poll_state::closed);
    CHECK_FALSE(p.try_reserve());
    CHECK(p.stats().consumed == expected.size());
}

}  // namespace

TEST_CASE("watching: idle, blocked and closed are told as exactly as ever") {
    SECTION("many slots") {
        event_processor<std::uint64_t, 8> p;
        is_exact(p);
    }
    SECTION("two slots") {
        event_processor<std::uint64_t, 2> p;
        is_exact(p);
    }
    SECTION("one slot") {
        event_processor<std::uint64_t, 1> p;
        is_exact(p);
    }
    SECTION("words beside their events") {
        event_processor<std::uint64_t, 4, evproc::adaptive_wait, one_by_one> p;
        is_exact(p);
    }
    SECTION("one producer") {
        event_processor<std::uint64_t, 4, evproc::adaptive_wait, single> p;
        is_exact(p);
    }
    SECTION("at the top of the range of positions") {
        event_processor<std::uint64_t, 4> p{start_at{evproc::detail::max_position - 100}};
        is_exact(p);
    }
}

TEST_CASE("watching: a reservation that was there before is seen") {
    event_processor<std::uint64_t, 8> p;
    numbers got;
    starve(p);
    auto first = p.try_reserve();
    auto second = p.try_reserve();
    first.emplace(1u);
    first.commit();
    CHECK(poll(p, got) == poll_state::blocked);
    second.discard();
    CHECK(poll(p, got) == poll_state::idle);
    CHECK(got == numbers{1});
}

TEST_CASE("watching: batches and their given-up rests arrive as ever") {
    event_processor<std::uint64_t, 8> p;
    numbers got;
    numbers expected;
    std::uint64_t next = 0;
    for (std::size_t round = 0; round != 30; ++round) {
        starve(p);
        auto batch = p.try_reserve_batch(1 + round % 8);
        REQUIRE(batch);
        CHECK(poll(p, got) == poll_state::blocked);
        // All of them, all but one, none.
        std::size_t const built = round % 3 == 2 ? 0 : batch.capacity() - round % 3;
        for (std::size_t i = 0; i != built; ++i) {
            expected.push_back(next);
            batch.emplace_back(next++);
        }
        batch.commit();
        CHECK(poll(p, got) == poll_state::idle);
        CHECK(got == expected);
    }
}

TEST_CASE("watching: whoever reserves in between knows neither a full ring nor an end too early") {
    event_processor<std::uint64_t, 4> p;
    numbers got;
    starve(p);
    for (std::uint64_t n = 0; n != 4; ++n) REQUIRE(p.try_publish(n) == evproc::errc::success);
    CHECK(p.try_publish(9u) == evproc::errc::full);
    CHECK(p.size_approx() == 4);
    CHECK(poll(p, got) == poll_state::idle);
    CHECK(got == numbers{0, 1, 2, 3});
    CHECK(p.try_reserve_batch_up_to(9).error() == evproc::errc::too_large);
    auto rest = p.try_reserve_batch_up_to(3);
    CHECK(rest.capacity() == 3);
    auto last = p.try_reserve_batch_up_to(3);
    CHECK(last.capacity() == 1);
    p.close();
    CHECK(p.try_publish(9u) == evproc::errc::closed);
    CHECK(poll(p, got) == poll_state::blocked);
    rest.discard();
    last.discard();
    CHECK(poll(p, got) == poll_state::closed);
}

TEST_CASE("watching: ends with a lot of events and begins again") {
    event_processor<std::uint64_t, 256> p;
    numbers got;
    std::uint64_t next = 0;
    for (int round = 0; round != 5; ++round) {
        starve(p);
        for (int i = 0; i != 200; ++i) REQUIRE(p.try_publish(next++) == evproc::errc::success);
        CHECK(poll(p, got) == poll_state::idle);
        CHECK(got.size() == next);
        auto reserved = p.try_reserve();
        CHECK(poll(p, got) == poll_state::blocked);
        reserved.discard();
        CHECK(poll(p, got) == poll_state::idle);
    }
    CHECK(p.stats().max_depth == 200);
}

// What decides only how much a look costs, and so shows in no answer of a poll.
TEST_CASE("watching: begins and ends, and tells exactly what stands in the words") {
    using evproc::detail::ring_access;
    evproc::ring_buffer<std::uint64_t, 2> ring{start_at{100}};
    auto& core = ring_access::core(ring);
    auto const watch = [&core] {
        for (int i = 0; i != 5000 && !core.is_watching(); ++i) core.found(0);
        REQUIRE(core.is_watching());
    };
    auto const commit_and_consume = [&core](auto const& claim) {
        core.commit(claim, 1);
        core.publish(core.at() + 1);
    };
    // A claim made before the flag was set has no mark: its word tells nothing.
    auto const watch_from_behind_a_claim = [&](evproc::detail::position at) {
        auto const before = core.claim_slots(1, 1);
        watch();
        CHECK_FALSE(core.is_idle_watched(at));
        CHECK(core.is_idle_watched(at + 1));
        commit_and_consume(before);
    };
    REQUIRE_FALSE(core.is_watching());
    watch_from_behind_a_claim(100);

    // The words of a ring of two: what an earlier lap has left ends right before the place.
    auto const marked = core.claim_slots(1, 1);
    CHECK_FALSE(core.is_idle_watched(101));
    CHECK(core.is_idle_watched(102));
    commit_and_consume(marked);
    CHECK(core.is_idle_watched(102));

    // Without the flag the claims alone tell.
    core.found(1000);
    CHECK_FALSE(core.is_watching());
    CHECK(core.is_idle(102));
    auto const unmarked = core.claim_slots(1, 1);
    CHECK_FALSE(core.is_idle(102));
    CHECK(core.is_idle_watched(102));
    commit_and_consume(unmarked);
    CHECK(core.is_idle(103));

    // From here on, and not from where the flag was set the first time.
    watch_from_behind_a_claim(103);
}

TEST_CASE("watching: the rest of a batch that was consumed in part is found") {
    event_processor<std::uint64_t, 8> p;
    numbers got;
    for (std::uint64_t round = 0; round != 5; ++round) {
        starve(p);
        auto batch = p.try_reserve_batch(4);
        for (std::uint64_t i = 0; i != 4; ++i) batch.emplace_back(4 * round + i);
        batch.commit();
        got.clear();
        CHECK(p.poll([&](std::uint64_t const& n) { got.push_back(n); }, 1).events == 1);
        CHECK(poll(p, got) == poll_state::idle);
        CHECK(got == numbers{4 * round, 4 * round + 1, 4 * round + 2, 4 * round + 3});
    }
}

TEST_CASE("watching: a producer that last claimed before it began, and finds its old limit used up, gets its room") {
    event_processor<std::uint64_t, 4> p;
    numbers got;
    for (std::uint64_t n = 0; n != 4; ++n) REQUIRE(p.try_publish(n) == evproc::errc::success);
    CHECK(poll(p, got) == poll_state::idle);
    starve(p);
    CHECK(p.try_publish(4u) == evproc::errc::success);
    CHECK(poll(p, got) == poll_state::idle);
    CHECK(got == numbers{0, 1, 2, 3, 4});
}

TEST_CASE("watching: a few empty polls and then a lot of events are forgotten") {
    event_processor<std::uint64_t, 256> p;
    numbers got;
    for (int i = 0; i != 3; ++i) CHECK(poll(p, got) == poll_state::idle);
    for (std::uint64_t n = 0; n != 200; ++n) REQUIRE(p.try_publish(n) == evproc::errc::success);
    CHECK(poll(p, got) == poll_state::idle);
    CHECK(got.size() == 200);
    auto reserved = p.try_reserve();
    CHECK(poll(p, got) == poll_state::blocked);
}
