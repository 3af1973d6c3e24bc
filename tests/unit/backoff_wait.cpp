// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// backoff_wait: it yields until the condition holds or the deadline has passed, and never sleeps.
#include <evproc/wait/backoff_wait.hpp>

#include <chrono>
#include <type_traits>

#include "catch.hpp"

using evproc::backoff_wait;
using evproc::wait_deadline;
using namespace std::chrono_literals;

TEST_CASE("backoff_wait: it looks until the condition holds") {
    backoff_wait w;
    int looks = 0;
    CHECK(w.wait([&] { return ++looks == 1000; }, (wait_deadline::max)()));
    CHECK(looks == 1000);
    CHECK(w.parks() == 0);
}

TEST_CASE("backoff_wait: it looks first and gives up after the deadline, not before") {
    backoff_wait w;
    wait_deadline const past = std::chrono::steady_clock::now() - 1s;
    CHECK(w.wait([] { return true; }, past));
    CHECK_FALSE(w.wait([] { return false; }, past));
    wait_deadline const soon = std::chrono::steady_clock::now() + 2ms;
    CHECK_FALSE(w.wait([] { return false; }, soon));
    CHECK(std::chrono::steady_clock::now() >= soon);
}

TEST_CASE("backoff_wait: the side that it waits for has nothing to write") {
    STATIC_REQUIRE(std::is_empty_v<backoff_wait>);
    STATIC_REQUIRE_FALSE(evproc::counting_wait<backoff_wait>);
}
