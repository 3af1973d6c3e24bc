// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/lane_ring.hpp>
#include <evproc/detail/round.hpp>
#include <evproc/event_info.hpp>
#include <evproc/producer_verbs.hpp>
#include <evproc/selecting_verbs.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/grouped_wait.hpp>

namespace evproc::inline EVPROC_ABI {

/// A producer's own ring in a lane_processor, with producer_verbs. Move-only; one thread and one reservation at a time (else
/// errc::busy). Destruction returns it; what was committed still arrives. Precondition then: no live reservation (asserted in
/// checked builds). Must not outlive its processor. An empty lane is false and says errc::busy. close() ends this lane only.
template <class Event, std::size_t N, class Wait>
class [[nodiscard]] lane : public producer_verbs<lane<Event, N, Wait>, detail::lane_ring<Event, N, Wait>> {
    using ring_type = detail::lane_ring<Event, N, Wait>;

public:
    lane(lane&& other) noexcept : ring_{std::exchange(other.ring_, &other.ring_->none())} {}
    lane& operator=(lane&& other) noexcept {
        if (this != &other) {
            ring_->release();
            ring_ = std::exchange(other.ring_, &other.ring_->none());
        }
        return *this;
    }
    ~lane() { ring_->release(); }

    explicit operator bool() const noexcept { return ring_->has_ring(); }

private:
    template <class E, std::size_t M, class W> friend class lane_processor;
    friend producer_verbs<lane, ring_type>;

    explicit lane(ring_type& ring) noexcept : ring_{&ring} {}
    [[nodiscard]] EVPROC_ALWAYS_INLINE ring_type& ring() const noexcept { return *ring_; }

    ring_type* ring_;
};

/// Passes events from many threads to one, each over a ring of its own: producers share no claim and do not slow each other
/// down. The price: order is kept within a lane only. A thread takes a lane by producer() and drops it when done; its ring is
/// given out again once all its events are consumed. Each lane is full, or stalled, by itself. The consumer (selecting_verbs;
/// select_info::source is the lane) takes at most 64 events from each lane in turn, so none starves; poll says `closed` after
/// close(), once all are drained. An empty poll looks at each lane ever taken. Neither copyable nor movable. `N`: capacity of
/// each lane, or std::dynamic_extent. `Wait`: for the consumer, and for producers in a lane.
template <class Event, std::size_t N = 4096, class Wait = adaptive_wait>
class lane_processor : public selecting_verbs<lane_processor<Event, N, Wait>, Wait> {
    static constexpr bool is_static = N != std::dynamic_extent;

public:
    using event_type = Event;
    using wait_type = Wait;
    using lane = evproc::lane<Event, N, Wait>;
    template <class H> static constexpr bool accepts = detail::takes_selected<Event, std::remove_reference_t<H>>;

    /// Allocates all rings, for good. std::bad_alloc; std::invalid_argument if max_lanes is 0, `capacity` no power of two.
    explicit lane_processor(std::size_t max_lanes) requires(is_static)
        : lanes_{checked(max_lanes), N}, round_{row{&lanes_}, turn{}} {}
    lane_processor(std::size_t max_lanes, std::size_t capacity) requires(!is_static)
        : lanes_{checked(max_lanes), capacity}, round_{row{&lanes_}, turn{}} {}
    lane_processor(lane_processor const&) = delete;
    lane_processor& operator=(lane_processor const&) = delete;
    /// Destroys the events left. Precondition: no other thread uses this, no lane is live (asserted in checked builds).
    ~lane_processor() = default;

    /// A lane for one thread: false if none is free and drained; after close(), one whose verbs say errc::closed, if any is
    /// free. Any thread; lock-free; looks at each lane.
    lane producer() noexcept { return lane{lanes_.take()}; }
    [[nodiscard]] std::size_t max_lanes() const noexcept { return lanes_.all(); }

    /// Sums over all lanes since construction; `max_depth` is the deepest lane's. Any thread.
    [[nodiscard]] processor_stats stats() const noexcept {
        processor_stats sum;
        for (std::size_t i = 0; i != lanes_.all(); ++i) detail::add(sum, lanes_.ring(i).stats());
        sum.parks += lanes_.group().parks();
        return sum;
    }

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] std::size_t size_approx() const noexcept {
        std::size_t sum = 0;
        for (std::size_t i = 0; i != lanes_.size(); ++i) sum += lanes_.ring(i).size_approx();
        return sum;
    }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }

private:
    friend selecting_verbs<lane_processor, Wait>;
    using table = detail::lane_table<Event, N, Wait>;
    struct turn {
        std::size_t share = 64;
    };
    struct row {
        using group_type = typename table::group_type;
        table* lanes;

        [[nodiscard]] group_type& group() const noexcept { return lanes->group(); }
        [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t size() const noexcept { return lanes->size(); }
        [[nodiscard]] std::size_t all() const noexcept { return lanes->all(); }
        template <class F> EVPROC_ALWAYS_INLINE auto visit(std::size_t i, F f) const { return f(lanes->ring(i)); }
    };

    [[nodiscard]] static std::size_t checked(std::size_t max_lanes) {
        if (max_lanes != 0) return max_lanes;
        detail::fail<std::invalid_argument>("evproc: a lane_processor needs a lane");
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE auto& round() noexcept { return round_; }

    table lanes_;
    detail::round<row, turn, true> round_;
};

}  // namespace evproc::inline EVPROC_ABI
