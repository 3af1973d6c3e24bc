// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// ready_range: what ring_buffer's peek shows.
#include <evproc/ring_buffer.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <ranges>
#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "ring_verbs.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::ring_buffer;

using ints = std::vector<int>;

TEST_CASE("ready_range: an iterator tells the event's sequence") {
    ring_buffer<int, 8> r;
    auto const a = r.try_reserve();
    auto const b = r.try_reserve(2);
    auto const c = r.try_reserve(3);
    *a.data() = 0;
    c.data()[0] = 3;
    c.data()[1] = 4;
    c.data()[2] = 5;
    r.commit(a);
    r.discard(b);
    r.commit(c, 2);
    REQUIRE(put(r, 6) == errc::success);
    auto const ready = r.peek();
    REQUIRE(ready.size() == 4);
    std::vector<std::uint64_t> sequences;
    ints values;
    for (auto at = ready.begin(); at != ready.end(); ++at) {
        sequences.push_back(at.sequence());
        values.push_back(*at);
    }
    CHECK(sequences == std::vector<std::uint64_t>{0, 3, 4, 6});
    CHECK(values == ints{0, 3, 4, 6});
    r.release(4);
}

TEST_CASE("ready_range: it is a forward range of references") {
    ring_buffer<int, 8> r;
    for (int i = 0; i < 5; ++i) REQUIRE(put(r, i) == errc::success);
    auto const ready = r.peek();
    using range = std::remove_const_t<decltype(ready)>;
    STATIC_REQUIRE(std::ranges::forward_range<range>);
    STATIC_REQUIRE(std::ranges::forward_range<range const>);
    STATIC_REQUIRE(std::is_same_v<std::ranges::range_reference_t<range>, int&>);
    CHECK(ready.size() == 5);
    CHECK_FALSE(ready.empty());
    CHECK(ready.front() == 0);
    CHECK(std::accumulate(ready.begin(), ready.end(), 0) == 10);
    CHECK(std::distance(ready.begin(), ready.end()) == 5);
    auto const found = std::find(ready.begin(), ready.end(), 3);
    REQUIRE(found != ready.end());
    CHECK(found.sequence() == 3);
    auto after = found;
    CHECK(after++ == found);
    CHECK(*after == 4);
    *ready.begin() = 77;
    r.release(5);
}

TEST_CASE("ready_range: an empty peek is an empty range") {
    ring_buffer<int, 4> r;
    auto const ready = r.peek();
    CHECK(ready.empty());
    CHECK(ready.size() == 0);
    CHECK(ready.begin() == ready.end());
    r.release(0);
    CHECK(r.peek(0).empty());
}
