// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// ring_options::max_batch beside the capacity, and capacities that are refused at run time, each with a sentence that says why.
#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>

#include <cstddef>
#include <limits>
#include <new>
#include <span>
#include <stdexcept>
#include <string>

#include "catch.hpp"

using evproc::adaptive_wait;
using evproc::ring_buffer;
using evproc::ring_options;

namespace {

template <class Ring> std::string refusal(std::size_t capacity) {
    try {
        Ring const ring(capacity);
    } catch (std::invalid_argument const& e) {
        return e.what();
    }
    return "accepted";
}

using any = ring_buffer<int, std::dynamic_extent>;
/// A byte a slot, which nobody touches before there is an event in it.
using bytes = ring_buffer<char, std::dynamic_extent, adaptive_wait,
                          ring_options{.max_batch = 1, .producers = evproc::producer_kind::single}>;
using batches_of_eight = ring_buffer<int, std::dynamic_extent, adaptive_wait, ring_options{.max_batch = 8}>;

}  // namespace

TEST_CASE("capacity at run time: what is no power of two is refused") {
    CHECK(refusal<any>(0) == "evproc: the capacity must be a power of two");
    CHECK(refusal<any>(3) == "evproc: the capacity must be a power of two");
    CHECK(refusal<any>(std::numeric_limits<std::size_t>::max()) == "evproc: the capacity must be a power of two");
    CHECK(refusal<any>(1) == "accepted");
}

TEST_CASE("capacity at run time: what no memory could hold is refused before any is asked for") {
    std::size_t const largest_power = std::numeric_limits<std::size_t>::max() / 2 + 1;
    CHECK(refusal<any>(largest_power).find("the capacity must be at most") != std::string::npos);
    CHECK(refusal<any>(2 * evproc::detail::max_capacity).find("the capacity must be at most") != std::string::npos);
}

TEST_CASE("capacity at run time: the largest is not refused") {
    try {
        CHECK(refusal<bytes>(evproc::detail::max_capacity) == "accepted");
    } catch (std::bad_alloc const&) {
        CHECK(sizeof(void*) == 4);  // more than there can be
    }
}

TEST_CASE("capacity at run time: less than the batches that were promised is refused") {
    CHECK(refusal<batches_of_eight>(4) == "evproc: ring_options::max_batch must not exceed the capacity");
    CHECK(refusal<batches_of_eight>(8) == "accepted");
}

TEST_CASE("ring_options: capacity is exactly N and max_batch is N unless told otherwise") {
    STATIC_REQUIRE(ring_buffer<int>::capacity() == 4096);
    STATIC_REQUIRE(ring_buffer<int, 1>::capacity() == 1);
    STATIC_REQUIRE(ring_buffer<int, 2>::capacity() == 2);
    STATIC_REQUIRE(ring_buffer<int, 64>::capacity() == 64);
    STATIC_REQUIRE(ring_buffer<int, 64>::max_batch() == 64);
    using limited = ring_buffer<int, 64, adaptive_wait, ring_options{.max_batch = 5}>;
    STATIC_REQUIRE(limited::max_batch() == 5);
    STATIC_REQUIRE(limited::capacity() == 64);
}

TEST_CASE("ring_options: a max_batch narrower than a constructor's capacity holds") {
    using ring = ring_buffer<int, std::dynamic_extent, adaptive_wait, ring_options{.max_batch = 4}>;
    ring r(32);
    CHECK(r.max_batch() == 4);
    CHECK(r.try_reserve(5).error() == evproc::errc::too_large);
    auto const four = r.try_reserve(4);
    CHECK(four.size() == 4);
    r.discard(four);
}
