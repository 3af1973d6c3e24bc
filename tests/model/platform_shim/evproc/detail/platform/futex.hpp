// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// Stands in for the library's header of the same name when the library is under the explorer.

#include "model.hpp"

#include <cstddef>
#include <cstdint>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/platform/clock.hpp>

namespace evproc::detail {

enum class sleeper : std::uint32_t { of_all = 1, of_some = 2 };

class futex {
public:
    bool wait(atomic<std::uint32_t>& word, std::uint32_t expected, clock_type::time_point until, sleeper kind,
              ::model::place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept {
        return ::model::detail::sleep(word.model_id(), expected, until.time_since_epoch().count(),
                                      until == clock_type::time_point::max(), kind == sleeper::of_some, at);
    }
    void wake_all(atomic<std::uint32_t>& word,
                  ::model::place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept {
        ::model::detail::wake_all(word.model_id(), at);
    }
    std::size_t wake_some(atomic<std::uint32_t>& word, std::size_t n,
                          ::model::place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept {
        return ::model::detail::wake_some(word.model_id(), n, at);
    }
};

}  // namespace evproc::detail
