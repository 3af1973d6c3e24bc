// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Rings that start to count at a position of the test's choice; and what is behind a face.
#pragma once

#include <cstddef>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail::inline EVPROC_ABI {

struct test_access {
    template <class P, class... Args>
    [[nodiscard]] static P make(position first, std::size_t capacity, Args&&... args) {
        return P{first, capacity, std::forward<Args>(args)...};
    }
    /// The detail::ring of a ring_buffer or an event_processor.
    template <class P> [[nodiscard]] static auto& ring(P& p) noexcept { return p.ring(); }
};

}  // namespace evproc::detail::inline EVPROC_ABI

/// A ring or a processor of `capacity` slots whose first event gets the sequence `first`.
template <class P, class... Args>
[[nodiscard]] P started_at(evproc::detail::position first, std::size_t capacity, Args&&... args) {
    return evproc::detail::test_access::make<P>(first, capacity, std::forward<Args>(args)...);
}
