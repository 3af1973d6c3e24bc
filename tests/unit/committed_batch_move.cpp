// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// committed_batch: moved into another, and into itself.
#include <evproc/event_processor.hpp>

#include <utility>

#include "catch.hpp"

TEST_CASE("committed_batch: moving it over another releases that one's events and leaves nothing behind") {
    evproc::event_processor<int, 4> p;
    evproc::event_processor<int, 4> q;
    REQUIRE(p.try_publish(7) == evproc::errc::success);
    REQUIRE(q.try_publish(8) == evproc::errc::success);
    REQUIRE(q.try_publish(9) == evproc::errc::success);
    {
        auto to = p.peek();
        auto from = q.peek();
        to = std::move(from);
        CHECK(p.stats().consumed == 1);
        CHECK(q.stats().consumed == 0);
        CHECK_FALSE(from);
        CHECK(from.empty());
        CHECK(to);
        REQUIRE(to.size() == 2);
        CHECK(to.front() == 8);
    }
    CHECK(q.stats().consumed == 2);
}

TEST_CASE("committed_batch: moving it into itself changes nothing") {
    evproc::event_processor<int, 4> p;
    REQUIRE(p.try_publish(7) == evproc::errc::success);
    {
        auto batch = p.peek();
        auto& same = batch;
        batch = std::move(same);
        REQUIRE(batch.size() == 1);
        CHECK(batch.front() == 7);
        CHECK(p.stats().consumed == 0);
    }
    CHECK(p.stats().consumed == 1);
}
