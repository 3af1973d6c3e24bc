// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include "stress.hpp"

void stress::run_spin(std::uint64_t events, totals& t) { run_wait<evproc::spin_wait>("spin_wait", events, t); }
