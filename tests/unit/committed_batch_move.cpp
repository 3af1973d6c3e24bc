// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// committed_batch: moved into itself.
#include <evproc/event_processor.hpp>

#include <utility>

#include "catch.hpp"

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
