// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

// Stands in for the library's header of the same name when the library is under the explorer.

#include "model.hpp"

#include <cstdint>

namespace evproc::detail {

using thread_token = std::uintptr_t;

inline thread_token this_thread_token() noexcept { return ::model::detail::thread_token(); }

/// Says nothing: what it would say is what the relaxed load that stands in for it may read too, and all of that is explored.
struct claim_hint {
    template <class Otherwise>
    static std::uint64_t get(void const*, Otherwise otherwise) noexcept {
        return otherwise();
    }
    static void set(void const*, std::uint64_t) noexcept {}
};

}  // namespace evproc::detail
