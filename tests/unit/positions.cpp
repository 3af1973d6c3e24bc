// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// The same behaviour wherever counting has come to: just below 2^32, and near the top of the range that the flag bits
// leave to positions. An internal hook starts the count there.
#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>
#include <evproc/wait/grouped_wait.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "catch.hpp"
#include "ring_verbs.hpp"
#include "start_at.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_processor;
using evproc::poll_state;
using evproc::ring_buffer;

namespace {

constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};
constexpr evproc::ring_options one_by_one{.max_batch = 1};

std::vector<std::uint64_t> const starts = {
    1,
    3,
    (std::uint64_t{1} << 31) - 3,
    (std::uint64_t{1} << 32) - 3,
    (std::uint64_t{1} << 32) - 4096,
    (std::uint64_t{1} << 33) - 1,
    (std::uint64_t{1} << 61) - 5,
    evproc::detail::max_position - 5000,
};

/// Every verb over some laps, with discards, prefixes and straddling batches; sequences compared with a plain count.
template <class Ring> void course(Ring& r, std::uint64_t start, bool leaves_gaps) {
    std::uint64_t next = start;
    std::vector<std::uint64_t> waiting;
    CHECK(r.size_approx() == 0);
    CHECK(r.empty_approx());
    CHECK(r.peek().empty());
    CHECK_FALSE(r.wait_for(std::chrono::nanoseconds(0)));
    for (int step = 0; step < 300; ++step) {
        auto const n = static_cast<std::size_t>(step % 5 + 1);
        if (n > r.max_batch()) continue;
        auto const place = r.try_reserve(n);
        if (place) {
            CHECK(place.sequence() == next);
            for (std::size_t i = 0; i < n; ++i) place.data()[i] = next + i;
            std::size_t const built = step % 7 == 0 ? 0 : step % 3 == 0 ? (n + 1) / 2 : n;
            if (built == 0)
                r.discard(place);
            else if (built == n)
                r.commit(place);
            else
                r.commit(place, built);
            for (std::size_t i = 0; i < built; ++i) waiting.push_back(next + i);
            next += leaves_gaps ? n : built;
        } else {
            REQUIRE(place.error() == errc::full);
        }
        if (step % 4 == 3 || !place) {
            auto const ready = r.peek(static_cast<std::size_t>(step % 6 + 1));
            std::size_t k = 0;
            for (auto at = ready.begin(); at != ready.end(); ++at, ++k) {
                REQUIRE(k < waiting.size());
                CHECK(*at == waiting[k]);
                CHECK(at.sequence() == waiting[k]);
            }
            r.release(k);
            waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(k));
            CHECK(r.size_approx() <= r.capacity());
        }
    }
    CHECK(take(r) == waiting);
    CHECK(r.size_approx() == 0);
    CHECK(next > start + 100);
    r.close();
    CHECK(r.is_closed());
    CHECK(r.try_reserve().error() == errc::closed);
    CHECK_FALSE(r.wait());
}

}  // namespace

TEST_CASE("positions: a ring behaves the same wherever its count starts") {
    for (std::uint64_t const start : starts) {
        INFO("start " << start);
        auto four = started_at<ring_buffer<std::uint64_t, 4>>(start, 4);
        course(four, start, true);
        auto eight = started_at<ring_buffer<std::uint64_t, 8>>(start, 8);
        course(eight, start, true);
        auto narrow =
            started_at<ring_buffer<std::uint64_t, 16, evproc::adaptive_wait, evproc::ring_options{.max_batch = 3}>>(
                start, 16);
        course(narrow, start, true);
        auto dynamic = started_at<ring_buffer<std::uint64_t, std::dynamic_extent>>(start, 16);
        course(dynamic, start, true);
    }
}

TEST_CASE("positions: the first event has the sequence 0, whichever way its ring was made") {
    struct watcher : evproc::no_observer {
        void on_full(std::size_t) noexcept {}
    };
    using wait = evproc::adaptive_wait;
    using grouped = evproc::grouped_wait<>;
    constexpr std::size_t any = std::dynamic_extent;
    evproc::wait_group<> group;
    auto const first_of = [](auto&& p) {
        auto const place = p.try_reserve();
        CHECK(place.error() == errc::success);
        return place.sequence();
    };
    auto const first_in = [](auto&& r) {
        auto const place = r.try_reserve();
        CHECK(place.error() == errc::success);
        r.discard(place);
        return place.sequence();
    };
    CHECK(first_in(ring_buffer<int, 4>{}) == 0);
    CHECK(first_in(ring_buffer<int, any>{4}) == 0);
    CHECK(first_in(ring_buffer<int, 4, wait, evproc::ring_options{}, watcher>{watcher{}}) == 0);
    CHECK(first_in(ring_buffer<int, any, wait, evproc::ring_options{}, watcher>{4, watcher{}}) == 0);
    CHECK(first_in(ring_buffer<int, 4, grouped>{group}) == 0);
    CHECK(first_in(ring_buffer<int, any, grouped>{group, 4}) == 0);
    CHECK(first_of(event_processor<int, 4>{}) == 0);
    CHECK(first_of(event_processor<int, any>{4}) == 0);
    CHECK(first_of(event_processor<int, 4, wait, evproc::ring_options{}, watcher>{watcher{}}) == 0);
    CHECK(first_of(event_processor<int, any, wait, evproc::ring_options{}, watcher>{4, watcher{}}) == 0);
    CHECK(first_of(event_processor<int, 4, grouped>{group}) == 0);
    CHECK(first_of(event_processor<int, any, grouped>{group, 4}) == 0);
}

TEST_CASE(
    "positions: who counts from a position that the consumer has left behind goes on from where the consumer is") {
    for (std::uint64_t const start : starts) {
        INFO("start " << start);
        auto r = started_at<ring_buffer<std::uint64_t, 4>>(start, 4);
        for (std::uint64_t i = 0; i != 4; ++i) put(r, i);
        CHECK(take(r).size() == 4);
        for (std::uint64_t i = 0; i != 3; ++i) put(r, i);
        auto const& core = evproc::detail::test_access::ring(r).core();
        auto const counted = core.count(start, core.gate().partial_end());
        CHECK(counted.committed == 3);
        CHECK(counted.discarded == 0);
        CHECK(counted.last_committed_end == start + 7);
        r.release(r.peek(1).size());
        CHECK(core.count(start, core.gate().partial_end()).committed == 2);
    }
    auto one = started_at<ring_buffer<std::uint64_t, 1>>(0, 1);
    put(one, std::uint64_t{1});
    CHECK(take(one).size() == 1);
    put(one, std::uint64_t{2});
    CHECK(evproc::detail::test_access::ring(one).core().count(0, 0).committed == 1);
    // The consumer stands in the middle of a record.
    auto r = started_at<ring_buffer<std::uint64_t, 4>>(0, 4);
    for (int i = 0; i != 2; ++i) {
        auto const two = r.try_reserve(2);
        r.commit(two);
    }
    CHECK(take(r).size() == 4);
    r.commit(r.try_reserve(3));
    r.release(r.peek(1).size());
    auto const& core = evproc::detail::test_access::ring(r).core();
    CHECK(core.count(0, 0).committed == 2);
}

TEST_CASE("positions: a single-producer ring behaves the same wherever its count starts") {
    for (std::uint64_t const start : starts) {
        INFO("start " << start);
        auto four = started_at<ring_buffer<std::uint64_t, 4, evproc::adaptive_wait, single>>(start, 4);
        course(four, start, false);
        auto eight = started_at<ring_buffer<std::uint64_t, 8, evproc::adaptive_wait, single>>(start, 8);
        course(eight, start, false);
        auto dynamic =
            started_at<ring_buffer<std::uint64_t, std::dynamic_extent, evproc::adaptive_wait, single>>(start, 16);
        course(dynamic, start, false);
    }
}

TEMPLATE_TEST_CASE("positions: rings of one and two slots and rings without batches cross every start", "",
                   (ring_buffer<std::uint64_t, 1>), (ring_buffer<std::uint64_t, 2>),
                   (ring_buffer<std::uint64_t, 4, evproc::adaptive_wait, one_by_one>),
                   (ring_buffer<std::uint64_t, 1, evproc::adaptive_wait, single>)) {
    for (std::uint64_t const start : starts) {
        INFO("start " << start);
        auto r = started_at<TestType>(start, TestType::capacity());
        for (std::uint64_t i = 0; i < 20; ++i) {
            for (std::uint64_t k = 0; k < r.capacity(); ++k) {
                auto const place = r.try_reserve();
                REQUIRE(static_cast<bool>(place));
                CHECK(place.sequence() == start + i * r.capacity() + k);
                *place.data() = place.sequence();
                r.commit(place);
            }
            CHECK(r.try_reserve().error() == errc::full);
            auto const values = take(r);
            REQUIRE(values.size() == r.capacity());
            CHECK(values.front() == start + i * r.capacity());
        }
    }
}

TEST_CASE("positions: a processor behaves the same wherever its count starts") {
    for (std::uint64_t const start : starts) {
        INFO("start " << start);
        ledger_scope const books;
        {
            auto p = started_at<event_processor<tracked, 8>>(start, 8);
            CHECK(p.size_approx() == 0);
            CHECK_FALSE(p.oldest_uncommitted().stalled);
            std::uint64_t committed = 0;
            std::uint64_t consumed = 0;
            std::uint64_t discarded = 0;
            for (int step = 0; step < 60; ++step) {
                if (auto batch = p.try_reserve_batch(static_cast<std::size_t>(step % 4 + 1))) {
                    while (batch.size() < static_cast<std::size_t>(step % 3) && batch.size() < batch.capacity())
                        batch.emplace_back(step);
                    committed += batch.size();
                    discarded += batch.capacity() - batch.size();
                    batch.commit();
                }
                if (p.try_publish(step) == errc::success) ++committed;
                std::uint64_t last = 0;
                auto const result = p.poll(
                    [&](tracked&, evproc::event_info const& info) {
                        CHECK(info.sequence >= start);
                        CHECK(info.sequence > last);
                        last = info.sequence;
                    },
                    4);
                consumed += result.events;
                auto const s = p.stats();
                CHECK(s.committed == committed);
                CHECK(s.consumed == consumed);
                CHECK(s.discarded == discarded);
                CHECK(s.max_depth <= 8);
            }
            while (p.poll([&](tracked&) { ++consumed; }).events != 0) {
            }
            CHECK(consumed == committed);
            CHECK(p.flush() == errc::success);
            auto stalled = p.try_reserve();
            CHECK(p.poll([](tracked&) {}).state == poll_state::idle);
            CHECK(p.state() == poll_state::blocked);
            CHECK(p.oldest_uncommitted().stalled);
            CHECK(p.oldest_uncommitted().sequence == stalled.sequence());
            stalled.emplace(1);
            CHECK(stalled.commit() == errc::success);
            p.close();
        }
        CHECK(ledger::balanced());
    }
}
