// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include "stress.hpp"

void stress::run_backoff(std::uint64_t events, totals& t) { run_wait<evproc::backoff_wait>("backoff_wait", events, t); }
