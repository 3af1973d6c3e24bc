// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// event_processor: reserving several events at once; what a reserved_batch builds, commits and discards.
#include <evproc/event_processor.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_processor;
using evproc::poll_state;

using ints = std::vector<int>;

TEST_CASE("reserved_batch: it is move-only and its bool is explicit") {
    event_processor<int, 4> p;
    using handle = decltype(p.try_reserve_batch(1));
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<handle>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<handle>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<handle>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<handle>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<handle, bool>);
    STATIC_REQUIRE(noexcept(p.try_reserve_batch(1)));
    STATIC_REQUIRE(noexcept(p.try_reserve_batch_up_to(1)));
}

TEST_CASE("reserved_batch: every verb answers a wrong size at once") {
    event_processor<int, 8, evproc::adaptive_wait, evproc::ring_options{.max_batch = 4}> p;
    auto const later = std::chrono::steady_clock::now() + 1h;
    for (std::size_t const n : {std::size_t{0}, std::size_t{5}, static_cast<std::size_t>(-1)}) {
        errc const wrong = n == 0 ? errc::invalid_size : errc::too_large;
        CHECK(p.try_reserve_batch(n).error() == wrong);
        auto const up_to = p.try_reserve_batch_up_to(n);
        CHECK(up_to.error() == (n == 0 ? errc::invalid_size : errc::success));
        CHECK(up_to.capacity() == (n == 0 ? 0 : p.max_batch()));
        CHECK(p.reserve_batch(n).error() == wrong);
        CHECK(p.reserve_batch(std::stop_token{}, n).error() == wrong);
        CHECK(p.reserve_batch_for(1h, n).error() == wrong);
        CHECK(p.reserve_batch_until(later, n).error() == wrong);
        auto const refused = p.try_reserve_batch(n);
        CHECK_FALSE(static_cast<bool>(refused));
        CHECK(refused.size() == 0);
    }
    CHECK(p.max_batch() == 4);
}

TEST_CASE("reserved_batch: every verb reserves where there is space and says what it waited for where not") {
    event_processor<int, 8> p;
    auto const later = std::chrono::steady_clock::now() + 1h;
    {
        std::stop_source live;
        auto a = p.try_reserve_batch(1);
        auto b = p.reserve_batch(1);
        auto c = p.reserve_batch(live.get_token(), 1);
        auto d = p.reserve_batch_for(0ns, 1);
        auto e = p.reserve_batch_until(later, 1);
        auto f = p.try_reserve_batch_up_to(8);
        std::uint64_t sequence = 0;
        for (auto* batch : {&a, &b, &c, &d, &e, &f}) {
            REQUIRE(static_cast<bool>(*batch));
            CHECK(batch->error() == errc::success);
            CHECK(batch->sequence() == sequence);
            sequence += batch->capacity();
        }
        CHECK(f.capacity() == 3);
        CHECK(p.try_reserve_batch(1).error() == errc::full);
        CHECK(p.try_reserve_batch_up_to(1).error() == errc::full);
        CHECK(p.reserve_batch_for(1ns, 1).error() == errc::timed_out);
        CHECK(p.reserve_batch_until(std::chrono::steady_clock::now(), 1).error() == errc::timed_out);
        live.request_stop();
        CHECK(p.reserve_batch(live.get_token(), 1).error() == errc::stopped);
    }
    CHECK(values_of(p).empty());
    CHECK(p.stats().discarded == 8);
    p.close();
    CHECK(p.try_reserve_batch(2).error() == errc::closed);
    CHECK(p.try_reserve_batch_up_to(2).error() == errc::closed);
    CHECK(p.reserve_batch(2).error() == errc::closed);
    CHECK(p.reserve_batch(std::stop_token{}, 2).error() == errc::closed);
    CHECK(p.reserve_batch_for(1h, 2).error() == errc::closed);
    CHECK(p.reserve_batch_until(later, 2).error() == errc::closed);
}

TEST_CASE("reserved_batch: it is built from front to back and seen as a contiguous run") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        auto batch = p.try_reserve_batch(5);
        REQUIRE(static_cast<bool>(batch));
        CHECK(batch.size() == 0);
        CHECK(batch.capacity() == 5);
        CHECK(batch.begin() == batch.end());
        CHECK(batch.span().empty());
        tracked& first = batch.emplace_back(1, 1);
        batch.push_back(tracked(2));
        tracked const third(3);
        batch.push_back(third);
        CHECK(batch.size() == 3);
        CHECK(&first == &batch[0]);
        CHECK(batch[1].get() == 2);
        CHECK(batch[2].get() == 3);
        CHECK(&batch[2] == &batch[0] + 2);
        CHECK(batch.span().data() == &batch[0]);
        CHECK(batch.span().size() == 3);
        int sum = 0;
        for (tracked& t : batch) sum += t.get();
        CHECK(sum == 1001 + 2 + 3);
        CHECK(batch.end() - batch.begin() == 3);
        CHECK(batch.commit() == errc::success);
        CHECK_FALSE(static_cast<bool>(batch));
        CHECK(values_of(p) == ints{1001, 2, 3});
        CHECK(p.stats().discarded == 2);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_batch: append_uninitialized returns trivial events to be written") {
    event_processor<int, 8> p;
    auto batch = p.try_reserve_batch(6);
    std::span<int> const some = batch.append_uninitialized(2);
    REQUIRE(some.size() == 2);
    some[0] = 1;
    some[1] = 2;
    batch.push_back(3);
    std::span<int> const rest = batch.append_uninitialized(3);
    REQUIRE(rest.size() == 3);
    CHECK(rest.data() == some.data() + 3);
    std::iota(rest.begin(), rest.end(), 4);
    CHECK(batch.size() == 6);
    CHECK(batch.append_uninitialized(0).empty());
    CHECK(batch.commit() == errc::success);
    CHECK(values_of(p) == ints{1, 2, 3, 4, 5, 6});
}

TEST_CASE("reserved_batch: nothing is seen until commit and then all at once") {
    event_processor<int, 8> p;
    auto batch = p.try_reserve_batch(4);
    for (int i = 0; i < 4; ++i) {
        batch.push_back(i);
        CHECK(values_of(p).empty());
    }
    REQUIRE(p.try_publish(9) == errc::success);
    CHECK(values_of(p).empty());
    CHECK(batch.commit() == errc::success);
    CHECK(values_of(p) == ints{0, 1, 2, 3, 9});
}

TEST_CASE("reserved_batch: commit of k of n shows k and discards the others, for each k") {
    ledger_scope const books;
    for (int k = 0; k <= 5; ++k) {
        event_processor<tracked, 8> p;
        auto batch = p.try_reserve_batch(5);
        ints expected;
        for (int i = 0; i < k; ++i) {
            batch.emplace_back(i);
            expected.push_back(i);
        }
        REQUIRE(p.try_publish(50) == errc::success);
        expected.push_back(50);
        batch.commit();
        CHECK_FALSE(static_cast<bool>(batch));
        std::vector<std::uint64_t> sequences;
        ints values;
        p.poll([&](tracked& t, evproc::event_info const& info) {
            values.push_back(t.get());
            sequences.push_back(info.sequence);
        });
        CHECK(values == expected);
        CHECK(sequences.back() == 5);
        CHECK(p.stats().discarded == static_cast<std::uint64_t>(5 - k));
        CHECK(p.stats().committed == static_cast<std::uint64_t>(k + 1));
        CHECK(static_cast<bool>(p.try_reserve_batch(8)));
    }
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_batch: a dropped batch destroys what was built") {
    ledger_scope const books;
    event_processor<tracked, 8> p;
    {
        auto batch = p.try_reserve_batch(4);
        batch.emplace_back(1);
        batch.emplace_back(2);
        CHECK(ledger::alive() == 2);
    }
    CHECK(ledger::alive() == 0);
    REQUIRE(p.try_publish(3) == errc::success);
    CHECK(values_of(p) == ints{3});
    CHECK(p.stats().discarded == 4);
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_batch: discard destroys what was built and empties the handle") {
    ledger_scope const books;
    event_processor<tracked, 8> p;
    auto batch = p.try_reserve_batch(8);
    for (int i = 0; i < 8; ++i) batch.emplace_back(i);
    batch.discard();
    CHECK_FALSE(static_cast<bool>(batch));
    CHECK(ledger::alive() == 0);
    CHECK(values_of(p).empty());
    CHECK(static_cast<bool>(p.try_reserve_batch(8)));
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_batch: a throwing constructor keeps what was built before it") {
    ledger_scope const books;
    {
        event_processor<tracked, 8> p;
        for (bool const by_push : {false, true}) {
            auto batch = p.try_reserve_batch(4);
            batch.emplace_back(1);
            batch.emplace_back(2);
            tracked const source(3);
            ledger::arm(1);
            if (by_push)
                CHECK_THROWS_AS(batch.push_back(source), planned_throw);
            else
                CHECK_THROWS_AS(batch.emplace_back(3), planned_throw);
            REQUIRE(static_cast<bool>(batch));
            CHECK(batch.size() == 2);
            batch.emplace_back(4);
            CHECK(batch.size() == 3);
            CHECK(batch.commit() == errc::success);
            CHECK(values_of(p) == ints{1, 2, 4});
        }
        CHECK(p.stats().discarded == 2);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_batch: a throwing move in push_back builds nothing") {
    ledger_scope const books;
    {
        event_processor<tracked, 4> p;
        auto batch = p.try_reserve_batch(2);
        tracked source(3);
        ledger::arm(1);
        CHECK_THROWS_AS(batch.push_back(std::move(source)), planned_throw);
        CHECK(batch.size() == 0);
        CHECK(source.get() == 3);  // NOLINT(bugprone-use-after-move): the move did not happen
    }
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_batch: moving hands over what was built") {
    ledger_scope const books;
    event_processor<tracked, 8> p;
    auto a = p.try_reserve_batch(3);
    a.emplace_back(1);
    auto b = std::move(a);
    CHECK_FALSE(static_cast<bool>(a));  // NOLINT(bugprone-use-after-move): this is what is tested
    CHECK(a.size() == 0);
    CHECK(a.empty());
    CHECK(b.size() == 1);
    CHECK(b.capacity() == 3);
    b.emplace_back(2);
    CHECK(ledger::constructed == 2);
    CHECK(b.commit() == errc::success);
    CHECK(values_of(p) == ints{1, 2});
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_batch: assigning over a live batch discards the old") {
    ledger_scope const books;
    event_processor<tracked, 8> p;
    auto a = p.try_reserve_batch(3);
    a.emplace_back(1);
    auto b = p.try_reserve_batch(2);
    b.emplace_back(2);
    a = std::move(b);
    CHECK(ledger::alive() == 1);
    CHECK_FALSE(static_cast<bool>(b));  // NOLINT(bugprone-use-after-move): this is what is tested
    CHECK(b.size() == 0);
    CHECK(a.sequence() == 3);
    CHECK(a.capacity() == 2);
    CHECK(a.commit() == errc::success);
    CHECK(values_of(p) == ints{2});
    CHECK(p.stats().discarded == 4);
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_batch: self-move-assignment keeps what was built") {
    ledger_scope const books;
    event_processor<tracked, 8> p;
    auto batch = p.try_reserve_batch(3);
    batch.emplace_back(1);
    auto& same = batch;
    batch = std::move(same);
    REQUIRE(static_cast<bool>(batch));
    REQUIRE(batch.size() == 1);
    CHECK(batch[0].get() == 1);
    CHECK(batch.commit() == errc::success);
    CHECK(values_of(p) == ints{1});
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_batch: batches that straddle the end stay one span on both sides") {
    event_processor<int, 8> p;
    for (int start = 0; start < 8; ++start) {
        for (int n = 1; n <= 8; ++n) {
            auto place = p.try_reserve();
            while ((place.sequence() & 7U) != static_cast<unsigned>(start)) {
                place.discard();
                CHECK(values_of(p).empty());
                place = p.try_reserve();
            }
            place.discard();
            CHECK(values_of(p).empty());
            auto batch = p.try_reserve_batch(static_cast<std::size_t>(n));
            std::span<int> const all = batch.append_uninitialized(static_cast<std::size_t>(n));
            std::iota(all.begin(), all.end(), start * 100);
            int const* const data = all.data();
            CHECK(batch.commit() == errc::success);
            // A poll may cut it where it publishes its progress, but never moves a part of it.
            int const* expected = data;
            int value = start * 100;
            p.poll_batches([&](std::span<int> run) {
                CHECK(run.data() == expected);
                expected += run.size();
                for (int const v : run) CHECK(v == value++);
            });
            CHECK(expected == data + n);
        }
    }
}

TEST_CASE("reserved_batch: a batch of a quarter of the ring comes as one span, straddling or not") {
    event_processor<int, 16> p;
    for (int lap = 0; lap < 40; ++lap) {
        p.try_reserve().discard();
        CHECK(values_of(p).empty());
        auto batch = p.try_reserve_batch(4);
        std::span<int> const all = batch.append_uninitialized(4);
        std::iota(all.begin(), all.end(), lap);
        CHECK(batch.commit() == errc::success);
        int runs = 0;
        p.poll_batches([&](std::span<int> run) {
            ++runs;
            CHECK(run.data() == all.data());
            CHECK(run.size() == 4);
        });
        CHECK(runs == 1);
    }
}

TEST_CASE("reserved_batch: a batch larger than what is free waits for nothing in try and takes nothing") {
    event_processor<int, 8> p;
    for (int i = 0; i < 5; ++i) REQUIRE(p.try_publish(i) == errc::success);
    CHECK(p.try_reserve_batch(4).error() == errc::full);
    auto up_to = p.try_reserve_batch_up_to(4);
    REQUIRE(static_cast<bool>(up_to));
    CHECK(up_to.capacity() == 3);
    CHECK(up_to.sequence() == 5);
    up_to.push_back(5);
    up_to.commit();
    CHECK(values_of(p) == ints{0, 1, 2, 3, 4, 5});
}

TEST_CASE("reserved_batch: move-only events are pushed and emplaced") {
    event_processor<std::unique_ptr<std::string>, 4> p;
    auto batch = p.try_reserve_batch(4);
    batch.push_back(std::make_unique<std::string>("a long string that does not fit into the small buffer"));
    batch.emplace_back(new std::string("another long string that does not fit into the small buffer"));
    CHECK(batch.commit() == errc::success);
    std::size_t length = 0;
    CHECK(p.poll([&](std::unique_ptr<std::string>& s) { length += s->size(); }).events == 2);
    CHECK(length > 90);
}

TEST_CASE("reserved_batch: a batch of one slot behaves as any other") {
    ledger_scope const books;
    {
        event_processor<tracked, 1> p;
        for (int i = 0; i < 20; ++i) {
            auto batch = p.try_reserve_batch(1);
            REQUIRE(static_cast<bool>(batch));
            CHECK(p.try_reserve_batch(1).error() == errc::full);
            if (i % 2 == 0) batch.emplace_back(i);
            batch.commit();
            CHECK(values_of(p) == (i % 2 == 0 ? ints{i} : ints{}));
        }
    }
    CHECK(ledger::balanced());
}
