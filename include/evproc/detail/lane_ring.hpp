// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/errc.hpp>
#include <evproc/observer.hpp>
#include <evproc/ring_options.hpp>
#include <evproc/wait/grouped_wait.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// One lane's ring, of a single producer, and whether somebody owns it. Without a ring: the lane of those who got none.
/// Wait-free, but for the waiting verbs.
///   E1  release -> take: the next owner sees the producer's words as the last owner left them. (The end of the consumer's
///       work on the last owner's events is E2 of consumer_position.hpp.)
///   X1  the exchange carries no data: the load before it acquired, and the number tells that nothing happened since.
///   X2  (lane_table) used_ is raised before lane i is used, so before the events and notifications that a sleeping consumer
///       has to see: their fences order it too.
///   X3  a check: the thread that destroys the lanes has waited for their owners to end.
template <class T, std::size_t N, class Wait> class lane_ring {
public:
    using ring_type =
        detail::ring<T, N, grouped_wait<Wait>, ring_options{.producers = producer_kind::single}, no_observer>;
    using value_type = T;
    using range_type = typename ring_type::range_type;

    void open(lane_ring& none, std::size_t capacity, wait_group<Wait>& group) {
        none_ = &none;
        ring_ = std::make_unique<ring_type>(0, capacity, &group);
    }
    [[nodiscard]] lane_ring& none() noexcept { return none_ != nullptr ? *none_ : *this; }
    [[nodiscard]] bool has_ring() const noexcept { return ring_ != nullptr; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE ring_type& ring() const noexcept { return *ring_; }

    /// Takes the lane if nobody owns it and all its events are consumed.
    [[nodiscard]] bool take() noexcept {
        // E1 acquire: what the last owner reserved, and the producer's words.
        std::uint32_t turn = turn_.load(std::memory_order_acquire);
        if (is_taken(turn) || !is_drained()) return false;
        // X1 relaxed: if it succeeds, nobody has had the lane since the load above.
        return turn_.compare_exchange_strong(turn, turn + 1, std::memory_order_relaxed, std::memory_order_relaxed);
    }
    void release() noexcept {
        if (!has_ring()) return;
        EVPROC_CHECK(ring_->core().front_approx() == ring_->core().claimed_approx(),
                     "a lane was dropped while a reservation of it was live");
        // E1 release: to take().
        turn_.fetch_add(1, std::memory_order_release);
    }
    [[nodiscard]] bool has_owner() const noexcept {
        // X3 relaxed: for a check.
        return is_taken(turn_.load(std::memory_order_relaxed));
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n) noexcept {
        if (!has_ring()) [[unlikely]]
            return refused();
        return ring_->try_reserve(n);
    }
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept {
        if (!has_ring()) return refused();
        return ring_->try_reserve_up_to(n);
    }
    template <class Stop = never_stops>
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n, wait_deadline until = no_deadline,
                                                          Stop const& stop = {}) {
        if (!has_ring()) [[unlikely]]
            return refused();
        return ring_->reserve(n, until, stop);
    }
    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept { ring_->commit(r, built); }
    void discard(range_type const& r) noexcept { ring_->discard(r); }
    void close() noexcept {
        if (has_ring()) ring_->close();
    }
    [[nodiscard]] bool is_closed() const noexcept { return has_ring() && ring_->is_closed(); }
    errc flush(wait_deadline until = no_deadline) { return has_ring() ? ring_->flush(until) : errc::busy; }

private:
    [[nodiscard]] static range_type refused() noexcept { return {claim{errc::busy}, nullptr}; }

    [[nodiscard]] static constexpr bool is_taken(std::uint32_t turn) noexcept { return turn % 2 != 0; }
    [[nodiscard]] bool is_drained() const noexcept {
        auto const& core = ring_->core();
        return core.gate().consumed() == core.claimed_approx();
    }

    std::unique_ptr<ring_type> ring_;
    lane_ring* none_ = nullptr;
    atomic<std::uint32_t> turn_{0};  ///< goes up by one when taken or given back; odd: taken
};

/// All lanes of a processor, as the sources of a round. Those never taken are not looked at.
template <class T, std::size_t N, class Wait> class lane_table {
public:
    using lane_type = lane_ring<T, N, Wait>;
    using group_type = wait_group<Wait>;

    lane_table(std::size_t max_lanes, std::size_t capacity)
        : lanes_{std::make_unique<lane_type[]>(max_lanes)}, all_{max_lanes} {
        for (std::size_t i = 0; i != all_; ++i) lanes_[i].open(none_, capacity, group_);
    }
    ~lane_table() {
        EVPROC_CHECK(!group_.thread().is_entered(), "a lane_processor was destroyed inside its own handler");
        for (std::size_t i = 0; i != all_; ++i) {
            EVPROC_CHECK(!lanes_[i].has_owner(), "a lane_processor was destroyed before one of its lanes");
            lanes_[i].ring().destroy_all();
        }
    }
    lane_table(lane_table const&) = delete;
    lane_table& operator=(lane_table const&) = delete;

    /// A free lane, preferably one that is not closed; else the one without a ring.
    [[nodiscard]] lane_type& take() noexcept {
        for (bool const closed : {false, true}) {
            for (std::size_t i = 0; i != all_; ++i) {
                if (lanes_[i].is_closed() != closed || !lanes_[i].take()) continue;
                // X2 relaxed: raised before the lane is used.
                std::size_t used = used_.load(std::memory_order_relaxed);
                while (used <= i && !used_.compare_exchange_weak(used, i + 1, std::memory_order_relaxed,
                                                                 std::memory_order_relaxed)) {
                }
                return lanes_[i];
            }
        }
        return none_;
    }

    [[nodiscard]] group_type& group() const noexcept { return group_; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t size() const noexcept {
        // X2 relaxed: a sleep is ordered by its own fences.
        return used_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t all() const noexcept { return all_; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto& ring(std::size_t i) const noexcept { return lanes_[i].ring(); }

private:
    mutable group_type group_;
    lane_type none_;
    std::unique_ptr<lane_type[]> const lanes_;
    std::size_t const all_;
    atomic<std::size_t> used_{0};
};

}  // namespace evproc::detail::inline EVPROC_ABI
