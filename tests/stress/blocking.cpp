// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include "stress.hpp"

void stress::run_blocking(std::uint64_t events, totals& t) {
    run_wait<evproc::blocking_wait>("blocking_wait", events, t);
}
