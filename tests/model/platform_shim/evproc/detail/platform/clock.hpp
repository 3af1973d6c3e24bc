// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// Stands in for the library's header of the same name when the library is under the explorer.

#include "model.hpp"

#include <chrono>

namespace evproc::detail {

using clock_type = std::chrono::steady_clock;

inline clock_type::time_point now(::model::place at = {__builtin_FILE(), __builtin_LINE(),
                                                       __builtin_FUNCTION()}) noexcept {
    return clock_type::time_point(clock_type::duration(::model::detail::now(at)));
}

}  // namespace evproc::detail
