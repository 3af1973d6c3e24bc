// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

#include <evproc/detail/config.hpp>
#include <evproc/ring_buffer.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// The parts of a ring that event_processor builds on and that are not for users.
struct ring_access {
    template <class Ring>
    static auto& core(Ring& ring) noexcept { return ring.core_; }
    template <class Ring>
    static consumer_mark& mark(Ring& ring) noexcept { return ring.mark_; }
    template <class Ring>
    static auto& stall(Ring& ring) noexcept { return ring.stall_; }
    template <class Ring>
    EVPROC_ALWAYS_INLINE static void blocked(Ring& ring, position at) noexcept {
        if constexpr (sees_stall<typename Ring::observer_type>) {
            bool const is_new = !ring.stall_.is_noted(at);
            ring.stall_.blocked(at);
            if (is_new) ring.observer_.on_stall(at);
        } else {
            ring.stall_.blocked(at);
        }
    }
    template <class Ring>
    static auto& statistics(Ring& ring) noexcept { return ring.statistics_; }
    template <class Ring>
    static auto& for_consumer(Ring& ring) noexcept { return ring.for_consumer_; }
    template <class Ring>
    static auto& for_producers(Ring& ring) noexcept { return ring.for_producers_; }
    template <class Ring>
    static pacer& pace(Ring& ring) noexcept { return ring.pace_; }
    template <class Ring>
    static position first(Ring const& ring) noexcept { return ring.first_; }

    template <class Ring>
    EVPROC_ALWAYS_INLINE static void publish(Ring& ring, cursor const& c) noexcept { ring.publish(c); }
    template <class Ring>
    EVPROC_ALWAYS_INLINE static void publish(Ring& ring, position to) noexcept { ring.publish(to); }
    template <class Ring>
    EVPROC_ALWAYS_INLINE static bool may_be_short(Ring const& ring) noexcept { return ring.may_be_short_; }
    /// Whether surely nothing is claimed at `at`, where `word` or nothing ready was found, and the ring is not closed.
    template <class Ring, class... Word>
    EVPROC_ALWAYS_INLINE static bool is_idle(Ring& ring, position at, Word... word) noexcept {
        if constexpr (std::remove_reference_t<decltype(core(ring))>::has_records) {
            if (ring.core_.is_watching()) [[unlikely]]
                return ring.core_.is_idle_watched(at, word...) && !ring.signals_.closed();
        }
        return ring.core_.is_idle(at);
    }
    template <class Ring>
    static auto look(Ring& ring, std::size_t max) noexcept { return ring.look(max); }
    template <class Ring, class Destroy>
    static void give_back(Ring& ring, std::size_t k, Destroy destroy) noexcept { ring.give_back(k, destroy); }
    template <class Ring, class Stop>
    static wake_reason await(Ring& ring, wait_deadline until, Stop const& stop) { return ring.await(until, stop); }
    template <class Ring>
    static bool settle(Ring& ring) noexcept { return ring.settle(); }
    template <class Ring, class Arm, class Stop>
    static bool go_away(Ring& ring, Arm arm, Stop const& stop) { return ring.go_away(arm, stop); }
    template <class Ring, class Stop>
    EVPROC_ALWAYS_INLINE static auto reserve(Ring& ring, std::size_t n, wait_deadline until, Stop const& stop) {
        return ring.reserve_wait(n, until, stop);
    }
};

/// What committed_batch asks of the ring it looks at.
template <class Ring>
struct batch_access {
    using ring_type = Ring;

    static void enter(Ring& ring) noexcept { ring_access::mark(ring).enter(); }
    static void leave(Ring& ring) noexcept {
        ring_access::mark(ring).let_go();
        ring_access::mark(ring).leave();
    }
    /// Destroys and frees the first k events of `events`; returns those that are left.
    static typename Ring::ready_type release(Ring& ring, typename Ring::ready_type const& events, std::size_t k) noexcept {
        std::size_t const left = k < events.size() ? events.size() - k : 0;
        ring_access::give_back(ring, k, [](auto& event) noexcept { std::destroy_at(&event); });
        return {ring_access::core(ring), ring_access::core(ring).here(), left};
    }
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
