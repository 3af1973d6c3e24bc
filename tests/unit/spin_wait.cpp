// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// spin_wait alone; with every verb, beside the others: wait_strategy.cpp.
#include <evproc/wait/spin_wait.hpp>

#include "catch.hpp"
#include "waits.hpp"

TEST_CASE("spin_wait: it looks until the condition holds or the deadline has passed, and never sleeps") {
    evproc_test::check_looks_and_never_sleeps<evproc::spin_wait>();
}
