// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// Stands in for the library's header of the same name when the library is under the explorer.

#include "model.hpp"

#include <cstdint>

namespace evproc::detail {

using thread_token = std::uintptr_t;

inline thread_token this_thread_token() noexcept { return ::model::detail::thread_token(); }

/// Says nothing but where the scenario wants it: what this thread's own claim left is what the relaxed load that stands in for
/// it may read too, and all of that is explored. What a claim in an earlier ring at the same address left is another matter.
struct claim_hint {
    template <class Otherwise> static std::uint64_t get(void const* ring, Otherwise otherwise) noexcept {
        std::uint64_t end = 0;
        return ::model::detail::claim_hint(ring, end) ? end : otherwise();
    }
    static void set(void const* ring, std::uint64_t end) noexcept { ::model::detail::keep_claim_hint(ring, end); }
};

}  // namespace evproc::detail
