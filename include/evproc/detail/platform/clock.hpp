// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

namespace evproc::detail {

using clock_type = std::chrono::steady_clock;

[[nodiscard]] inline clock_type::time_point now() noexcept { return clock_type::now(); }

}  // namespace evproc::detail
