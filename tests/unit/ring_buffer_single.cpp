// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// producer_kind::single, ring and processor: one live reservation at a time, and a discard leaves no gap.
#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <stop_token>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "ring_verbs.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_processor;
using evproc::poll_state;
using evproc::ring_buffer;

using ints = std::vector<int>;

namespace {

constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};
template <class T, std::size_t N, class Wait = evproc::adaptive_wait>
using single_ring = ring_buffer<T, N, Wait, single>;
template <class T, std::size_t N, class Wait = evproc::adaptive_wait>
using single_processor = event_processor<T, N, Wait, single>;

}  // namespace

TEST_CASE("single producer ring: order and full and sizes are as with many") {
    single_ring<int, 4> r;
    STATIC_REQUIRE(decltype(r)::capacity() == 4);
    STATIC_REQUIRE(decltype(r)::max_batch() == 4);
    CHECK(r.try_reserve(0).error() == errc::invalid_size);
    CHECK(r.try_reserve_up_to(0).error() == errc::invalid_size);
    CHECK(r.reserve(0).error() == errc::invalid_size);
    CHECK(r.try_reserve(5).error() == errc::too_large);
    CHECK(r.reserve(5).error() == errc::too_large);
    CHECK(r.reserve_for(1h, 5).error() == errc::too_large);
    auto const all = r.try_reserve_up_to(5);
    CHECK(all.size() == 4);
    r.discard(all);
    for (int lap = 0; lap < 10; ++lap) {
        for (int i = 0; i < 4; ++i) REQUIRE(put(r, lap * 4 + i) == errc::success);
        CHECK(r.try_reserve().error() == errc::full);
        CHECK(r.try_reserve_up_to(4).error() == errc::full);
        CHECK(r.reserve_for(1ns).error() == errc::timed_out);
        CHECK(take(r, 3) == ints{lap * 4, lap * 4 + 1, lap * 4 + 2});
        CHECK(r.try_reserve(4).error() == errc::full);
        CHECK(take(r) == ints{lap * 4 + 3});
        CHECK(r.peek().empty());
    }
}

TEST_CASE("single producer ring: a second reservation while one lives is busy in every verb and never waits") {
    single_ring<int, 4> r;
    auto const live = r.try_reserve(2);
    REQUIRE(static_cast<bool>(live));
    CHECK(r.try_reserve().error() == errc::busy);
    CHECK(r.try_reserve_up_to(2).error() == errc::busy);
    CHECK(r.reserve().error() == errc::busy);
    CHECK(r.reserve(std::stop_token{}).error() == errc::busy);
    CHECK(r.reserve_for(1h).error() == errc::busy);
    CHECK(r.reserve_until(std::chrono::steady_clock::now() + 1h).error() == errc::busy);
    live.data()[0] = 1;
    live.data()[1] = 2;
    r.commit(live);
    CHECK(put(r, 3) == errc::success);
    CHECK(take(r) == ints{1, 2, 3});
}

TEST_CASE("single producer ring: a discard takes the claim back and the sequence goes on without a gap") {
    single_ring<int, 4> r;
    for (int i = 0; i < 20; ++i) {
        auto const dropped = r.try_reserve(3);
        REQUIRE(static_cast<bool>(dropped));
        CHECK(dropped.sequence() == static_cast<std::uint64_t>(i));
        r.discard(dropped);
        auto const place = r.try_reserve();
        REQUIRE(static_cast<bool>(place));
        CHECK(place.sequence() == static_cast<std::uint64_t>(i));
        *place.data() = i;
        r.commit(place);
        auto const ready = r.peek();
        REQUIRE(ready.size() == 1);
        CHECK(ready.begin().sequence() == static_cast<std::uint64_t>(i));
        CHECK(ready.front() == i);
        r.release(1);
    }
}

TEST_CASE("single producer ring: a prefix commit gives the rest back") {
    single_ring<int, 8> r;
    std::uint64_t expected = 0;
    int value = 0;
    for (int lap = 0; lap < 30; ++lap) {
        auto const batch = r.try_reserve(6);
        REQUIRE(static_cast<bool>(batch));
        CHECK(batch.sequence() == expected);
        auto const built = static_cast<std::size_t>(lap % 7);
        std::iota(batch.data(), batch.data() + 6, value);
        r.commit(batch, built);
        value += static_cast<int>(built);
        expected += built;
        // All that is left is there at once: no slot went to the discards.
        auto const rest = r.try_reserve(8 - built);
        if (built < 8) {
            REQUIRE(static_cast<bool>(rest));
            CHECK(rest.sequence() == expected);
            r.discard(rest);
        }
        ints wanted(built);
        std::iota(wanted.begin(), wanted.end(), value - static_cast<int>(built));
        CHECK(take(r) == wanted);
    }
}

TEST_CASE("single producer ring: batches that straddle the end are contiguous") {
    single_ring<int, 8> r;
    int next = 0;
    int seen = 0;
    for (int step = 0; step < 200; ++step) {
        auto const n = static_cast<std::size_t>(step % 8 + 1);
        auto const batch = r.try_reserve(n);
        REQUIRE(static_cast<bool>(batch));
        CHECK(batch.size() == n);
        for (std::size_t i = 0; i < n; ++i) batch.data()[i] = next++;
        r.commit(batch);
        auto const ready = r.peek();
        CHECK(ready.size() == n);
        for (int const v : ready) CHECK(v == seen++);
        r.release(n);
    }
}

TEST_CASE("single producer ring: singles and straddling batches mixed with partial reads keep every value") {
    single_ring<std::uint64_t, 16> r;
    std::uint64_t next = 0;
    std::uint64_t seen = 0;
    std::size_t n = 1;
    for (int step = 0; step < 3000; ++step) {
        n = (n * 5 + 3) % 13 + 1;
        auto const place = r.try_reserve(n);
        if (place) {
            CHECK(place.sequence() == next);
            for (std::size_t i = 0; i < n; ++i) place.data()[i] = next + i;
            std::size_t const built = step % 3 == 0 ? n / 2 : n;
            r.commit(place, built);
            next += built;
        } else {
            REQUIRE(place.error() == errc::full);
            auto const ready = r.peek(n + 2);
            for (auto at = ready.begin(); at != ready.end(); ++at) {
                CHECK(*at == seen);
                CHECK(at.sequence() == seen);
                ++seen;
            }
            r.release(ready.size());
        }
    }
    CHECK(seen > 1000);
}

TEST_CASE("single producer ring: release of fewer keeps the others") {
    single_ring<int, 8> r;
    auto const batch = r.try_reserve(8);
    std::iota(batch.data(), batch.data() + 8, 0);
    r.commit(batch);
    CHECK(r.peek().size() == 8);
    r.release(5);
    auto const five = r.try_reserve(5);
    REQUIRE(static_cast<bool>(five));
    std::iota(five.data(), five.data() + 5, 8);
    r.commit(five);
    CHECK(r.try_reserve().error() == errc::full);
    CHECK(take(r) == ints{5, 6, 7, 8, 9, 10, 11, 12});
}

TEST_CASE("single producer ring: a reservation made before close may still be committed") {
    single_ring<int, 4> r;
    REQUIRE(put(r, 1) == errc::success);
    auto const live = r.try_reserve(3);
    r.close();
    CHECK(r.is_closed());
    live.data()[0] = 2;
    live.data()[1] = 3;
    r.commit(live, 2);
    CHECK(r.try_reserve().error() == errc::closed);
    CHECK(r.reserve().error() == errc::closed);
    CHECK(r.wait());
    CHECK(take(r) == ints{1, 2, 3});
    CHECK_FALSE(r.wait());
}

TEST_CASE("single producer ring: a reservation made before close may still be discarded") {
    single_ring<int, 4> r;
    auto const live = r.try_reserve(3);
    r.close();
    CHECK_FALSE(r.wait_for(1ms));
    r.discard(live);
    CHECK_FALSE(r.wait());
    CHECK(r.peek().empty());
    CHECK(r.try_reserve().error() == errc::closed);
}

TEST_CASE("single producer ring: N of 1 and a capacity from the constructor") {
    single_ring<int, 1> one;
    for (int i = 0; i < 20; ++i) {
        one.discard(one.try_reserve());
        REQUIRE(put(one, i) == errc::success);
        CHECK(put(one, i) == errc::full);
        CHECK(take(one) == ints{i});
    }
    ring_buffer<int, std::dynamic_extent, evproc::adaptive_wait, single> dynamic(8);
    CHECK(dynamic.capacity() == 8);
    for (int i = 0; i < 8; ++i) REQUIRE(put(dynamic, i) == errc::success);
    CHECK(put(dynamic, 8) == errc::full);
    CHECK(take(dynamic).size() == 8);
}

TEST_CASE("single producer processor: dropped handles and throwing constructors leave no gap and no leak") {
    ledger_scope const books;
    {
        single_processor<tracked, 4> p;
        for (int i = 0; i < 20; ++i) {
            {
                auto const dropped = p.try_reserve();
                CHECK(static_cast<bool>(dropped));
            }
            {
                auto built = p.try_reserve();
                built.emplace(i);
            }
            ledger::arm(1);
            CHECK_THROWS_AS(p.try_publish(i), planned_throw);
            auto event = p.try_reserve();
            REQUIRE(static_cast<bool>(event));
            CHECK(event.sequence() == static_cast<std::uint64_t>(i));
            event.emplace(i);
            CHECK(event.commit() == errc::success);
            int seen = -1;
            CHECK(p.poll([&](tracked& t) { seen = t.get(); }).events == 1);
            CHECK(seen == i);
        }
    }
    CHECK(ledger::balanced());
}

TEST_CASE("single producer processor: a batch commits what was built and gives the rest back") {
    ledger_scope const books;
    {
        single_processor<tracked, 8> p;
        int next = 0;
        int seen = 0;
        for (int lap = 0; lap < 30; ++lap) {
            auto batch = p.try_reserve_batch(7);
            REQUIRE(static_cast<bool>(batch));
            CHECK(batch.sequence() == static_cast<std::uint64_t>(next));
            CHECK(p.try_reserve().error() == errc::busy);
            CHECK(p.try_publish(1) == errc::busy);
            CHECK(p.publish(1) == errc::busy);
            for (int i = 0; i < lap % 8; ++i) batch.emplace_back(next++);
            CHECK(batch.size() == static_cast<std::size_t>(lap % 8));
            batch.commit();
            auto const result = p.poll([&](tracked& t, evproc::event_info const& info) {
                CHECK(info.sequence == static_cast<std::uint64_t>(seen));
                CHECK(t.get() == seen++);
            });
            CHECK(result.events == static_cast<std::size_t>(lap % 8));
            CHECK(result.state == poll_state::idle);
        }
        CHECK(seen == next);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("single producer processor: a live reservation blocks nothing that is before it") {
    single_processor<int, 4> p;
    REQUIRE(p.try_publish(1) == errc::success);
    auto live = p.try_reserve();
    int sum = 0;
    CHECK(p.poll([&](int v) { sum += v; }).events == 1);
    *live = 5;
    CHECK(live.commit() == errc::success);
    CHECK(p.poll([&](int v) { sum += v; }).events == 1);
    CHECK(sum == 6);
    CHECK(p.flush() == errc::success);
    p.close();
    CHECK(p.poll([](int) {}).state == poll_state::closed);
}

TEST_CASE("single producer processor: events left over are destroyed once") {
    ledger_scope const books;
    {
        single_processor<tracked, 8> p;
        REQUIRE(p.try_publish(1) == errc::success);
        CHECK(p.poll([](tracked&) {}).events == 1);
        for (int i = 0; i < 8; ++i) REQUIRE(p.try_publish(i) == errc::success);
        CHECK(p.try_publish(8) == errc::full);
        CHECK(p.poll([](tracked&) {}, 2).events == 2);
    }
    CHECK(ledger::constructed == 9);
    CHECK(ledger::balanced());
}

TEST_CASE("single producer processor: the waiting verbs in a handler say would_deadlock while full") {
    single_processor<int, 1> p;
    REQUIRE(p.try_publish(1) == errc::success);
    errc in_handler[4] = {};
    CHECK(p.poll([&](int) {
               in_handler[0] = p.reserve().error();
               in_handler[1] = p.publish(2);
               in_handler[2] = p.flush();
               in_handler[3] = p.try_publish(2);
           }).events == 1);
    CHECK(in_handler[0] == errc::would_deadlock);
    CHECK(in_handler[1] == errc::would_deadlock);
    CHECK(in_handler[2] == errc::would_deadlock);
    CHECK(in_handler[3] == errc::full);
    CHECK(p.try_publish(3) == errc::success);
    CHECK(p.poll([](int v) { CHECK(v == 3); }).events == 1);
}
