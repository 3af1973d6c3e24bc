// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include "stress.hpp"

void stress::run_adaptive(std::uint64_t events, totals& t) {
    run_wait<evproc::adaptive_wait>("adaptive_wait", events, t);
}
