// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// ring_buffer, producer_kind::multi, one thread: what each verb does and answers.
#include <evproc/ring_buffer.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/backoff_wait.hpp>
#include <evproc/wait/blocking_wait.hpp>
#include <evproc/wait/spin_wait.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <stop_token>
#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "ring_verbs.hpp"
#include "threads.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::ring_buffer;

using ints = std::vector<int>;

TEST_CASE("ring_buffer: it can be neither copied nor moved") {
    using ring = ring_buffer<int, 4>;
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<ring>);
    STATIC_REQUIRE_FALSE(std::is_move_constructible_v<ring>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<ring>);
    STATIC_REQUIRE_FALSE(std::is_move_assignable_v<ring>);
}

TEST_CASE("ring_buffer: the verbs that the contract calls noexcept are") {
    using ring = ring_buffer<int, 4>;
    ring r;
    STATIC_REQUIRE(noexcept(r.try_reserve()));
    STATIC_REQUIRE(noexcept(r.try_reserve(2)));
    STATIC_REQUIRE(noexcept(r.try_reserve_up_to(2)));
    auto const s = r.try_reserve();
    STATIC_REQUIRE(noexcept(r.commit(s)));
    STATIC_REQUIRE(noexcept(r.commit(s, 1)));
    STATIC_REQUIRE(noexcept(r.discard(s)));
    STATIC_REQUIRE(noexcept(r.close()));
    STATIC_REQUIRE(noexcept(r.is_closed()));
    STATIC_REQUIRE(noexcept(r.peek()));
    STATIC_REQUIRE(noexcept(r.release(1)));
    STATIC_REQUIRE(noexcept(r.wake()));
    STATIC_REQUIRE(noexcept(r.size_approx()));
    STATIC_REQUIRE(noexcept(r.empty_approx()));
    r.discard(s);
}

TEST_CASE("ring_buffer: what was committed comes in the order of reservation and not of commit") {
    ring_buffer<int, 8> r;
    auto const a = r.try_reserve();
    auto const b = r.try_reserve();
    auto const c = r.try_reserve();
    *c.data() = 3;
    r.commit(c);
    CHECK(take(r).empty());
    *a.data() = 1;
    r.commit(a);
    CHECK(take(r) == ints{1});
    *b.data() = 2;
    r.commit(b);
    CHECK(take(r) == ints{2, 3});
}

TEST_CASE("ring_buffer: try_reserve fails when every slot is held") {
    ring_buffer<int, 4> r;
    for (int i = 0; i < 4; ++i) REQUIRE(put(r, i) == errc::success);
    CHECK(r.try_reserve().error() == errc::full);
    CHECK(r.try_reserve(4).error() == errc::full);
    CHECK(r.try_reserve_up_to(4).error() == errc::full);
    CHECK(take(r) == ints{0, 1, 2, 3});
    CHECK(put(r, 4) == errc::success);
}

TEST_CASE("ring_buffer: slots that are reserved and not yet committed count as held") {
    ring_buffer<int, 4> r;
    auto const held = r.try_reserve(3);
    REQUIRE(static_cast<bool>(held));
    CHECK(r.try_reserve(2).error() == errc::full);
    auto const last = r.try_reserve();
    REQUIRE(static_cast<bool>(last));
    CHECK(r.try_reserve().error() == errc::full);
    r.discard(held);
    r.discard(last);
}

TEST_CASE("ring_buffer: all n slots or none are reserved") {
    ring_buffer<int, 4> r;
    REQUIRE(put(r, 1) == errc::success);
    CHECK(r.try_reserve(4).error() == errc::full);
    // Nothing was taken by the refusal.
    auto const three = r.try_reserve(3);
    REQUIRE(static_cast<bool>(three));
    CHECK(three.sequence() == 1);
    r.discard(three);
}

TEST_CASE("ring_buffer: try_reserve_up_to takes what is free") {
    ring_buffer<int, 8> r;
    auto const five = r.try_reserve(5);
    REQUIRE(static_cast<bool>(five));
    auto const rest = r.try_reserve_up_to(8);
    REQUIRE(static_cast<bool>(rest));
    CHECK(rest.size() == 3);
    CHECK(rest.sequence() == 5);
    CHECK(r.try_reserve_up_to(1).error() == errc::full);
    r.discard(five);
    r.discard(rest);
    CHECK(take(r).empty());
    auto const two = r.try_reserve_up_to(2);
    REQUIRE(static_cast<bool>(two));
    CHECK(two.size() == 2);
    r.discard(two);
}

TEST_CASE("ring_buffer: try_reserve_up_to sees the slots released meanwhile") {
    ring_buffer<int, 8> r;
    for (int lap = 0; lap < 5; ++lap) {
        for (int i = 0; i < 7; ++i) REQUIRE(put(r, i) == errc::success);
        CHECK(take(r).size() == 7);
        auto const all = r.try_reserve_up_to(8);
        REQUIRE(static_cast<bool>(all));
        CHECK(all.size() == 8);
        r.discard(all);
        CHECK(take(r).empty());
    }
}

TEST_CASE("ring_buffer: a reservation of nothing is invalid_size in every verb") {
    ring_buffer<int, 4> r;
    auto const soon = std::chrono::steady_clock::now() + 1h;
    CHECK(r.try_reserve(0).error() == errc::invalid_size);
    CHECK(r.try_reserve_up_to(0).error() == errc::invalid_size);
    CHECK(r.reserve(0).error() == errc::invalid_size);
    CHECK(r.reserve(std::stop_token{}, 0).error() == errc::invalid_size);
    CHECK(r.reserve_for(1h, 0).error() == errc::invalid_size);
    CHECK(r.reserve_until(soon, 0).error() == errc::invalid_size);
}

TEST_CASE("ring_buffer: try_reserve_up_to clamps the size to max_batch") {
    ring_buffer<int, 8, evproc::adaptive_wait, evproc::ring_options{.max_batch = 3}> r;
    auto const three = r.try_reserve_up_to(static_cast<std::size_t>(-1));
    CHECK(three.size() == 3);
    r.discard(three);
    CHECK(r.try_reserve_up_to(0).error() == errc::invalid_size);
    r.close();
    CHECK(r.try_reserve_up_to(4).error() == errc::closed);
}

TEST_CASE("ring_buffer: a reservation larger than max_batch is too_large in each verb but up_to and never waits") {
    ring_buffer<int, 8, evproc::adaptive_wait, evproc::ring_options{.max_batch = 3}> r;
    auto const soon = std::chrono::steady_clock::now() + 1h;
    for (int round = 0; round < 2; ++round) {  // once with space, once without
        CHECK(r.try_reserve(4).error() == errc::too_large);
        CHECK(r.reserve(4).error() == errc::too_large);
        CHECK(r.reserve(std::stop_token{}, 4).error() == errc::too_large);
        CHECK(r.reserve_for(1h, 4).error() == errc::too_large);
        CHECK(r.reserve_until(soon, 4).error() == errc::too_large);
        CHECK(r.try_reserve(static_cast<std::size_t>(-1)).error() == errc::too_large);
        CHECK(r.reserve(static_cast<std::size_t>(-1)).error() == errc::too_large);
        while (put(r, 1) == errc::success) {
        }
    }
    CHECK(take(r).size() == 8);
    auto const three = r.try_reserve(3);
    CHECK(three.size() == 3);
    r.discard(three);
}

TEST_CASE("ring_buffer: more than the capacity is too_large also where a batch may be the capacity") {
    ring_buffer<int, 4> r;
    CHECK(r.try_reserve(5).error() == errc::too_large);
    CHECK(r.reserve(5).error() == errc::too_large);
}

TEST_CASE("ring_buffer: a batch may hold the whole ring") {
    ring_buffer<int, 8> r;
    for (int lap = 0; lap < 20; ++lap) {
        REQUIRE(put(r, -1) == errc::success);  // shifts the start of the batch by one every lap
        CHECK(take(r) == ints{-1});
        auto const all = r.try_reserve(8);
        REQUIRE(static_cast<bool>(all));
        std::iota(all.data(), all.data() + 8, lap);
        r.commit(all);
        CHECK(r.try_reserve().error() == errc::full);
        ints expected(8);
        std::iota(expected.begin(), expected.end(), lap);
        CHECK(take(r) == expected);
    }
}

TEST_CASE("ring_buffer: a batch that straddles the end is contiguous and disturbs nobody") {
    ring_buffer<int, 8> r;
    for (int start = 0; start < 8; ++start) {
        for (std::size_t n = 1; n <= 8; ++n) {
            // Bring the next position to index `start`.
            auto place = r.try_reserve();
            while ((place.sequence() & 7U) != static_cast<unsigned>(start)) {
                r.discard(place);
                CHECK(take(r).empty());
                place = r.try_reserve();
            }
            r.discard(place);
            CHECK(take(r).empty());
            auto const batch = r.try_reserve(n);
            REQUIRE(static_cast<bool>(batch));
            for (std::size_t i = 0; i < n; ++i) batch.data()[i] = 100 + static_cast<int>(i);
            // The rest of the ring is filled one by one around it.
            int value = 200;
            while (put(r, value) == errc::success) ++value;
            CHECK(static_cast<std::size_t>(value - 200) == 8 - n);
            r.commit(batch);
            ints const got = take(r);
            REQUIRE(got.size() == 8);
            for (std::size_t i = 0; i < 8; ++i) {
                CHECK(got[i] == (i < n ? 100 + static_cast<int>(i) : 200 + static_cast<int>(i - n)));
            }
        }
    }
}

TEST_CASE("ring_buffer: the storage of live reservations never overlaps") {
    ring_buffer<std::uint64_t, 16> r;
    std::uint64_t next = 0;
    std::uint64_t seen = 0;
    std::size_t n = 1;
    for (int step = 0; step < 2000; ++step) {
        n = (n * 7 + 3) % 11 + 1;
        auto const place = r.try_reserve(n);
        if (place) {
            CHECK(place.sequence() == next);
            for (std::size_t i = 0; i < n; ++i) place.data()[i] = next++;
            r.commit(place);
        } else {
            REQUIRE(place.error() == errc::full);
            auto const ready = r.peek(n + 3);
            for (std::uint64_t const v : ready) CHECK(v == seen++);
            r.release(ready.size());
        }
    }
    CHECK(seen > 1000);
}

TEST_CASE("ring_buffer: a prefix commit shows the prefix and steps over the rest") {
    for (std::size_t built = 0; built <= 4; ++built) {
        ring_buffer<int, 8> r;
        auto const batch = r.try_reserve(4);
        for (std::size_t i = 0; i < 4; ++i) batch.data()[i] = static_cast<int>(i);
        REQUIRE(put(r, 99) == errc::success);
        CHECK(take(r).empty());
        r.commit(batch, built);
        ints expected;
        for (std::size_t i = 0; i < built; ++i) expected.push_back(static_cast<int>(i));
        expected.push_back(99);
        CHECK(take(r) == expected);
        // All eight slots are free again, discards included.
        auto const all = r.try_reserve(8);
        CHECK(static_cast<bool>(all));
        if (all) r.discard(all);
    }
}

TEST_CASE("ring_buffer: sequences are never reused and discards take theirs") {
    ring_buffer<int, 4> r;
    std::uint64_t expected = 0;
    for (int i = 0; i < 40; ++i) {
        auto const place = r.try_reserve();
        REQUIRE(static_cast<bool>(place));
        CHECK(place.sequence() == expected++);
        if (i % 3 == 0) {
            r.discard(place);
        } else {
            *place.data() = i;
            r.commit(place);
        }
        take(r);
    }
}

TEST_CASE("ring_buffer: peek does not release and peeking again shows the same") {
    ring_buffer<int, 4> r;
    for (int i = 0; i < 4; ++i) REQUIRE(put(r, i) == errc::success);
    for (int again = 0; again < 3; ++again) {
        auto const ready = r.peek();
        CHECK(ints(ready.begin(), ready.end()) == ints{0, 1, 2, 3});
        CHECK(r.try_reserve().error() == errc::full);
    }
    CHECK(take(r) == ints{0, 1, 2, 3});
}

TEST_CASE("ring_buffer: peek takes no more than max and leaves the others for the next") {
    ring_buffer<int, 8> r;
    for (int i = 0; i < 8; ++i) REQUIRE(put(r, i) == errc::success);
    CHECK(r.peek(0).empty());
    CHECK(take(r, 3) == ints{0, 1, 2});
    CHECK(take(r, 1) == ints{3});
    CHECK(take(r, 100) == ints{4, 5, 6, 7});
}

TEST_CASE("ring_buffer: peek with a max stops inside a batch too") {
    ring_buffer<int, 8> r;
    auto const batch = r.try_reserve(6);
    std::iota(batch.data(), batch.data() + 6, 0);
    r.commit(batch);
    CHECK(take(r, 4) == ints{0, 1, 2, 3});
    // Four of the batch's six slots are free again, and two that never were taken.
    auto const more = r.try_reserve(6);
    REQUIRE(static_cast<bool>(more));
    std::iota(more.data(), more.data() + 6, 10);
    r.commit(more);
    CHECK(r.try_reserve().error() == errc::full);
    CHECK(take(r, 4) == ints{4, 5, 10, 11});
    CHECK(take(r) == ints{12, 13, 14, 15});
}

TEST_CASE("ring_buffer: release of fewer than were peeked keeps the others") {
    ring_buffer<int, 8> r;
    for (int i = 0; i < 8; ++i) REQUIRE(put(r, i) == errc::success);
    CHECK(r.peek().size() == 8);
    r.release(3);
    auto const three = r.try_reserve(3);
    REQUIRE(static_cast<bool>(three));
    CHECK(r.try_reserve().error() == errc::full);
    r.discard(three);
    CHECK(take(r) == ints{3, 4, 5, 6, 7});
    CHECK(r.peek().empty());
}

TEST_CASE("ring_buffer: release of none keeps all") {
    ring_buffer<int, 2> r;
    REQUIRE(put(r, 1) == errc::success);
    REQUIRE(put(r, 2) == errc::success);
    CHECK(r.peek().size() == 2);
    r.release(0);
    CHECK(r.try_reserve().error() == errc::full);
    CHECK(take(r) == ints{1, 2});
}

TEST_CASE("ring_buffer: releases may come in steps from one peek") {
    ring_buffer<int, 8> r;
    for (int i = 0; i < 6; ++i) REQUIRE(put(r, i) == errc::success);
    auto const ready = r.peek();
    REQUIRE(ready.size() == 6);
    r.release(2);
    r.release(0);
    r.release(1);
    CHECK(r.size_approx() == 3);
    r.release(3);
    CHECK(r.size_approx() == 0);
    CHECK(r.peek().empty());
}

TEST_CASE("ring_buffer: release counts events and steps over the discards among them") {
    ring_buffer<int, 8> r;
    // event discard discard event discard event event discard
    bool const discarded[8] = {false, true, true, false, true, false, false, true};
    for (int i = 0; i < 8; ++i) {
        auto const place = r.try_reserve();
        REQUIRE(static_cast<bool>(place));
        *place.data() = i;
        if (discarded[i])
            r.discard(place);
        else
            r.commit(place);
    }
    CHECK(r.try_reserve().error() == errc::full);
    auto ready = r.peek();
    CHECK(ints(ready.begin(), ready.end()) == ints{0, 3, 5, 6});
    r.release(2);  // positions 0 to 3 at least
    auto const four = r.try_reserve(4);
    REQUIRE(static_cast<bool>(four));
    r.discard(four);
    ready = r.peek();
    CHECK(ints(ready.begin(), ready.end()) == ints{5, 6});
    r.release(2);
    CHECK(r.peek().empty());
    auto const all = r.try_reserve(8);
    CHECK(static_cast<bool>(all));
    if (all) r.discard(all);
}

TEST_CASE("ring_buffer: a ring full of nothing but discards is free after the consumer has looked") {
    ring_buffer<int, 4> r;
    for (int lap = 0; lap < 5; ++lap) {
        for (int i = 0; i < 4; ++i) r.discard(r.try_reserve());
        CHECK(r.peek().empty());
        auto const all = r.try_reserve(4);
        REQUIRE(static_cast<bool>(all));
        r.discard(all);
        CHECK(r.peek().empty());
    }
}

TEST_CASE("ring_buffer: releasing never leaves a residue that a fitting batch would wait for") {
    ring_buffer<int, 64> r;
    for (std::size_t k = 1; k <= 64; ++k) {
        for (int i = 0; i < 64; ++i) REQUIRE(put(r, i) == errc::success);
        CHECK(r.peek(k).size() == k);
        r.release(k);
        auto const fits = r.try_reserve(k);
        REQUIRE(static_cast<bool>(fits));
        CHECK(r.try_reserve().error() == errc::full);
        r.discard(fits);
        take(r);
        CHECK(r.peek().empty());
    }
}

TEST_CASE("ring_buffer: waiting verbs reserve at once where there is space") {
    ring_buffer<int, 8> r;
    auto const a = r.reserve();
    auto const b = r.reserve(2);
    auto const c = r.reserve(std::stop_token{});
    auto const d = r.reserve_for(0ns);
    auto const e = r.reserve_for(1h, 2);
    auto const f = r.reserve_until(std::chrono::steady_clock::time_point::min());
    std::uint64_t expected = 0;
    for (auto const& place : {a, b, c, d, e, f}) {
        REQUIRE(static_cast<bool>(place));
        CHECK(place.sequence() == expected);
        expected += place.size();
        r.discard(place);
    }
    CHECK(expected == 8);
}

TEST_CASE("ring_buffer: a stop that was requested before ends a wait for space at once") {
    ring_buffer<int, 1> r;
    REQUIRE(put(r, 1) == errc::success);
    std::stop_source stop;
    stop.request_stop();
    CHECK(r.reserve(stop.get_token()).error() == errc::stopped);
    CHECK(r.reserve(stop.get_token(), 1).error() == errc::stopped);
}

TEST_CASE("ring_buffer: a deadline that has passed ends a wait for space at once") {
    ring_buffer<int, 1> r;
    REQUIRE(put(r, 1) == errc::success);
    CHECK(r.reserve_for(0ns).error() == errc::timed_out);
    CHECK(r.reserve_for(1ns).error() == errc::timed_out);
    CHECK(r.reserve_for(-1h).error() == errc::timed_out);
    CHECK(r.reserve_for(std::chrono::nanoseconds::min()).error() == errc::timed_out);
    CHECK(r.reserve_for(std::chrono::duration<double>(std::nan(""))).error() == errc::timed_out);
    CHECK(r.reserve_for(std::chrono::duration<double>(-1e300)).error() == errc::timed_out);
    CHECK(r.reserve_until(std::chrono::steady_clock::now()).error() == errc::timed_out);
    CHECK(r.reserve_until(std::chrono::steady_clock::time_point::min()).error() == errc::timed_out);
    CHECK(r.reserve_until(std::chrono::steady_clock::time_point{}).error() == errc::timed_out);
    CHECK(r.reserve_until(std::chrono::system_clock::now() - 1h).error() == errc::timed_out);
    CHECK(r.reserve_until(std::chrono::system_clock::time_point::min()).error() == errc::timed_out);
    CHECK(r.reserve_until(std::chrono::system_clock::now() + 1ms).error() == errc::timed_out);
}

TEST_CASE("ring_buffer: after close every reserve verb says closed") {
    ring_buffer<int, 4> r;
    CHECK_FALSE(r.is_closed());
    r.close();
    CHECK(r.is_closed());
    r.close();
    CHECK(r.is_closed());
    CHECK(r.try_reserve().error() == errc::closed);
    CHECK(r.try_reserve(3).error() == errc::closed);
    CHECK(r.try_reserve_up_to(3).error() == errc::closed);
    CHECK(r.reserve().error() == errc::closed);
    CHECK(r.reserve(std::stop_token{}).error() == errc::closed);
    CHECK(r.reserve_for(1h).error() == errc::closed);
    CHECK(r.reserve_for(0ns).error() == errc::closed);
    CHECK(r.reserve_until(std::chrono::steady_clock::now() + 1h).error() == errc::closed);
}

TEST_CASE("ring_buffer: a full closed ring says closed and not full") {
    ring_buffer<int, 2> r;
    REQUIRE(put(r, 1) == errc::success);
    REQUIRE(put(r, 2) == errc::success);
    r.close();
    CHECK(r.try_reserve().error() == errc::closed);
    CHECK(r.reserve().error() == errc::closed);
    CHECK(r.reserve_for(0ns).error() == errc::closed);
    CHECK(take(r) == ints{1, 2});
    CHECK(r.try_reserve().error() == errc::closed);
}

TEST_CASE("ring_buffer: reservations made before close may still be committed and are consumed") {
    ring_buffer<int, 8> r;
    auto const a = r.try_reserve();
    auto const b = r.try_reserve(3);
    auto const c = r.try_reserve();
    r.close();
    *a.data() = 1;
    r.commit(a);
    CHECK(take(r) == ints{1});
    for (int i = 0; i < 3; ++i) b.data()[i] = 2 + i;
    r.commit(b, 2);
    CHECK(take(r) == ints{2, 3});
    r.discard(c);
    CHECK(take(r).empty());
    CHECK_FALSE(r.wait());  // closed and drained: there is nothing to wait for
}

TEST_CASE("ring_buffer: wait returns true at once where something is ready") {
    ring_buffer<int, 4> r;
    REQUIRE(put(r, 1) == errc::success);
    CHECK(r.wait());
    CHECK(r.wait(std::stop_token{}));
    CHECK(r.wait_for(0ns));
    CHECK(r.wait_for(-1s));
    CHECK(r.wait_until(std::chrono::steady_clock::time_point::min()));
    CHECK(r.wait_until(std::chrono::system_clock::now() - 1h));
    std::stop_source stop;
    stop.request_stop();
    r.close();
    CHECK(r.wait());
    CHECK(take(r) == ints{1});
}

TEST_CASE("ring_buffer: wait returns false when its time is over or its stop came or wake was called") {
    ring_buffer<int, 4> r;
    CHECK_FALSE(r.wait_for(0ns));
    CHECK_FALSE(r.wait_for(1ns));
    CHECK_FALSE(r.wait_for(-1h));
    CHECK_FALSE(r.wait_until(std::chrono::steady_clock::now() - 1h));
    CHECK_FALSE(r.wait_until(std::chrono::system_clock::now() + 1ms));
    std::stop_source stop;
    stop.request_stop();
    CHECK_FALSE(r.wait(stop.get_token()));
    r.wake();  // nobody waits, so the next wait returns
    CHECK_FALSE(r.wait());
    r.close();
    CHECK_FALSE(r.wait());
    CHECK_FALSE(r.wait_for(1h));
    CHECK_FALSE(r.wait_until(std::chrono::steady_clock::time_point::max()));
}

TEST_CASE("ring_buffer: an uncommitted reservation is not ready and does not make wait return") {
    ring_buffer<int, 4> r;
    auto const stalled = r.try_reserve();
    REQUIRE(put(r, 2) == errc::success);
    CHECK_FALSE(r.wait_for(1ms));
    CHECK(r.peek().empty());
    r.discard(stalled);
    CHECK(r.wait());
    CHECK(take(r) == ints{2});
}

TEST_CASE("ring_buffer: size_approx tells what is held and is zero when nothing is") {
    ring_buffer<int, 8> r;
    CHECK(r.size_approx() == 0);
    CHECK(r.empty_approx());
    for (int i = 0; i < 5; ++i) REQUIRE(put(r, i) == errc::success);
    CHECK(r.size_approx() == 5);
    CHECK_FALSE(r.empty_approx());
    CHECK(take(r).size() == 5);
    CHECK(r.size_approx() == 0);
    CHECK(r.empty_approx());
    r.close();
    CHECK(r.size_approx() == 0);
    CHECK(r.empty_approx());
}

TEST_CASE("ring_buffer: the thread that holds what it peeked gets would_deadlock while the ring is full") {
    ring_buffer<int, 2> r;
    REQUIRE(put(r, 1) == errc::success);
    REQUIRE(put(r, 2) == errc::success);
    CHECK(r.reserve_for(1ms).error() == errc::timed_out);
    CHECK(r.peek().size() == 2);
    // First the one that would come back by itself.
    REQUIRE(r.reserve_for(5s).error() == errc::would_deadlock);
    CHECK(r.reserve().error() == errc::would_deadlock);
    CHECK(r.try_reserve().error() == errc::full);
    r.release(1);
    auto const place = r.reserve_for(5s);
    REQUIRE(static_cast<bool>(place));
    r.discard(place);
    r.release(1);
    CHECK(take(r).empty());
}

TEST_CASE("ring_buffer: N of 1 takes one event after the other") {
    ring_buffer<int, 1> r;
    for (int i = 0; i < 100; ++i) {
        auto const place = r.try_reserve();
        REQUIRE(static_cast<bool>(place));
        CHECK(place.sequence() == static_cast<std::uint64_t>(i));
        CHECK(r.try_reserve().error() == errc::full);
        CHECK(r.peek().empty());
        *place.data() = i;
        r.commit(place);
        CHECK(r.try_reserve().error() == errc::full);
        CHECK(take(r) == ints{i});
        CHECK(r.peek().empty());
    }
}

TEST_CASE("ring_buffer: N of 2 goes through full laps of singles and pairs") {
    ring_buffer<int, 2> r;
    int next = 0;
    int seen = 0;
    for (int lap = 0; lap < 50; ++lap) {
        auto const pair = r.try_reserve(2);
        REQUIRE(static_cast<bool>(pair));
        pair.data()[0] = next++;
        pair.data()[1] = next++;
        r.commit(pair);
        CHECK(r.try_reserve().error() == errc::full);
        CHECK(take(r, 1) == ints{seen++});
        REQUIRE(put(r, next++) == errc::success);
        CHECK(r.try_reserve().error() == errc::full);
        CHECK(take(r) == ints{seen, seen + 1});
        seen += 2;
    }
}

TEST_CASE("ring_buffer: it never touches the values in its slots") {
    // The ring is slots and protocol: what a discarded slot holds is the user's, and nothing is constructed or moved.
    struct guarded {
        std::array<unsigned char, 24> bytes;
    };
    ring_buffer<guarded, 4> r;
    auto const place = r.try_reserve(3);
    REQUIRE(static_cast<bool>(place));
    for (std::size_t i = 0; i < 3; ++i) place.data()[i].bytes.fill(static_cast<unsigned char>(0xA0 + i));
    guarded const* const first = place.data();
    r.commit(place);
    std::size_t i = 0;
    for (guarded& g : r.peek()) {
        CHECK(&g == first + i);
        CHECK(std::all_of(g.bytes.begin(), g.bytes.end(), [&](unsigned char b) { return b == 0xA0 + i; }));
        ++i;
    }
    CHECK(i == 3);
    r.release(3);
}

TEST_CASE("ring_buffer: a capacity given to the constructor is exactly that") {
    ring_buffer<int, std::dynamic_extent> r(16);
    CHECK(r.capacity() == 16);
    CHECK(r.max_batch() == 16);
    for (int lap = 0; lap < 5; ++lap) {
        int n = 0;
        while (put(r, n) == errc::success) ++n;
        CHECK(n == 16);
        CHECK(r.try_reserve().error() == errc::full);
        CHECK(take(r).size() == 16);
    }
    CHECK(r.try_reserve(17).error() == errc::too_large);
    ring_buffer<int, std::dynamic_extent> one(1);
    REQUIRE(put(one, 5) == errc::success);
    CHECK(put(one, 6) == errc::full);
    CHECK(take(one) == ints{5});
    auto const ready = r.peek();  // the default max of a ring whose capacity comes from its constructor
    CHECK(ready.empty());
}

TEST_CASE("ring_buffer: a capacity that is not a power of two is an invalid_argument") {
    using ring = ring_buffer<int, std::dynamic_extent>;
    for (std::size_t bad : {std::size_t{0}, std::size_t{3}, std::size_t{6}, std::size_t{1000}, std::size_t{4097},
                            static_cast<std::size_t>(-1)}) {
        CHECK_THROWS_AS(ring(bad), std::invalid_argument);
    }
}

TEST_CASE("ring_buffer: every wait strategy serves the same verbs") {
    auto const drive = [](auto& r) {
        REQUIRE(put(r, 1) == errc::success);
        REQUIRE(put(r, 2) == errc::success);
        CHECK(r.reserve_for(1us).error() == errc::timed_out);
        CHECK(r.wait());
        CHECK(take(r) == ints{1, 2});
        CHECK_FALSE(r.wait_for(1us));
        r.close();
        CHECK_FALSE(r.wait());
    };
    ring_buffer<int, 2, evproc::spin_wait> a;
    ring_buffer<int, 2, evproc::backoff_wait> b;
    ring_buffer<int, 2, evproc::blocking_wait> c;
    ring_buffer<int, 2, evproc::adaptive_wait> d;
    drive(a);
    drive(b);
    drive(c);
    drive(d);
}

TEST_CASE("ring_buffer: stats and oldest_uncommitted tell what a processor's do") {
    ring_buffer<int, 4> r;
    REQUIRE(put(r, 1) == errc::success);
    auto const given_up = r.try_reserve(2);
    auto const stalled = r.try_reserve();
    CHECK(r.try_reserve().error() == errc::full);
    r.discard(given_up);
    CHECK(take(r) == ints{1});
    auto const stats = r.stats();
    CHECK(stats.committed == 1);
    CHECK(stats.consumed == 1);
    CHECK(stats.discarded == 2);
    CHECK(stats.refused == 1);
    CHECK(stats.max_depth == 4);
    auto const stall = r.oldest_uncommitted();
    CHECK(stall.stalled);
    CHECK(stall.sequence == stalled.sequence());
    r.discard(stalled);
    CHECK_FALSE(r.oldest_uncommitted());
}
