// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// slot_range: what ring_buffer's reserve verbs return.
#include <evproc/ring_buffer.hpp>

#include <type_traits>

#include "catch.hpp"

using evproc::errc;
using evproc::ring_buffer;

TEST_CASE("slot_range: it tells its size, its sequence, its error and its storage") {
    ring_buffer<int, 8> r;
    auto const first = r.try_reserve(3);
    REQUIRE(static_cast<bool>(first));
    CHECK(first.error() == errc::success);
    CHECK(first.size() == 3);
    CHECK(first.sequence() == 0);
    REQUIRE(first.data() != nullptr);
    auto const second = r.try_reserve();
    REQUIRE(static_cast<bool>(second));
    CHECK(second.size() == 1);
    CHECK(second.sequence() == 3);
    r.discard(first);
    r.discard(second);
    auto const none = r.try_reserve(9);
    CHECK_FALSE(static_cast<bool>(none));
    CHECK(none.size() == 0);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<decltype(r.try_reserve()), bool>);
}
