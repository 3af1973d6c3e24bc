// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// Stands in for the library's header of the same name when the library is under the explorer.

#include "model.hpp"

namespace evproc::detail {

class asymmetric_fence {
public:
    asymmetric_fence() noexcept = default;
    void light(::model::place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) const noexcept {
        ::model::detail::light_fence(at);
    }
    void heavy(::model::place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) const noexcept {
        ::model::detail::heavy_fence(at);
    }
};

}  // namespace evproc::detail
