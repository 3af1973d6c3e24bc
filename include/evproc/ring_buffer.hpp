// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/consumer_verbs.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/event_info.hpp>
#include <evproc/observer.hpp>
#include <evproc/ring_options.hpp>
#include <evproc/slot_range.hpp>
#include <evproc/wait/adaptive_wait.hpp>

namespace evproc::inline EVPROC_ABI {

/// What ring_buffer, event_processor and broadcast_processor have in common: a ring on the heap. Neither copyable nor movable.
template <class Ring, std::size_t N, std::size_t MaxBatch> class ring_owner {
    static constexpr bool is_static = N != std::dynamic_extent;

public:
    using wait_type = typename Ring::wait_type;
    using observer_type = typename Ring::observer_type;

private:
    static constexpr bool makes_observer = std::is_default_constructible_v<observer_type>;
    static constexpr bool takes_observer =
        !std::is_same_v<observer_type, no_observer> && std::is_move_constructible_v<observer_type>;
    template <class Group>
    static constexpr bool takes_group =
        std::is_constructible_v<wait_type, Group&> && !std::is_base_of_v<ring_owner, Group>;

public:
    /// Allocates all storage, for good. `group` makes the Wait (grouped_wait) and must outlive this. Throws std::bad_alloc;
    /// std::invalid_argument unless `capacity` (see N) is a power of two >= Options.max_batch.
    ring_owner() requires(is_static && makes_observer && std::is_default_constructible_v<wait_type>)
        : ring_owner{0, N} {}
    explicit ring_owner(std::size_t capacity) requires(!is_static && makes_observer)
        : ring_owner{0, capacity} {}
    explicit ring_owner(observer_type observer) requires(is_static && takes_observer)
        : ring_owner{0, N, std::move(observer)} {}
    ring_owner(std::size_t capacity, observer_type observer) requires(!is_static && takes_observer)
        : ring_owner{0, capacity, std::move(observer)} {}
    template <class Group> requires(is_static && takes_group<Group>)
    explicit ring_owner(Group& group) : ring_{std::make_unique<Ring>(0, N, &group)} {}
    template <class Group> requires(!is_static && takes_group<Group>)
    ring_owner(Group& group, std::size_t capacity) : ring_{std::make_unique<Ring>(0, capacity, &group)} {}

    ring_owner(ring_owner const&) = delete;
    ring_owner& operator=(ring_owner const&) = delete;

    // ---- any thread ----

    /// Counts since construction. Reads every slot in use; costs the hot path nothing.
    [[nodiscard]] processor_stats stats() const noexcept { return ring_->stats(); }

    /// Whether the next slot is reserved, not committed, and since when a waiting consumer or an earlier call has seen it so.
    [[nodiscard]] stall_info oldest_uncommitted() const noexcept { return ring_->oldest_uncommitted(); }

    // ---- hints: any thread, stale at once ----

    /// Slots reserved and not yet released, committed or not; between 0 and capacity().
    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_->size_approx(); }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }

    /// The number of slots: exactly N.
    [[nodiscard]] static constexpr std::size_t capacity() noexcept requires is_static
    {
        return N;
    }
    [[nodiscard]] std::size_t capacity() const noexcept requires(!is_static)
    {
        return ring_->core().view().capacity();
    }
    /// The most slots of one reservation.
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept requires is_static
    {
        return MaxBatch == 0 ? N : MaxBatch;
    }
    [[nodiscard]] std::size_t max_batch() const noexcept requires(!is_static)
    {
        return ring_->core().view().max_batch();
    }

    /// The strategy object that the consumer waits with.
    [[nodiscard]] wait_type& consumer_wait() noexcept { return ring_->consumer_wait(); }

    [[nodiscard]] observer_type& observer() noexcept { return ring_->observer(); }
    [[nodiscard]] observer_type const& observer() const noexcept { return ring_->observer(); }

protected:
    friend struct detail::test_access;

    template <class... O>
    ring_owner(detail::position first, std::size_t capacity, O&&... observer)
        : ring_{std::make_unique<Ring>(first, capacity, nullptr, std::forward<O>(observer)...)} {}
    ~ring_owner() = default;

    [[nodiscard]] EVPROC_ALWAYS_INLINE Ring& ring() const noexcept { return *ring_; }
    [[nodiscard]] Ring* source() const noexcept { return ring_.get(); }

private:
    std::unique_ptr<Ring> ring_;
};

/// A bounded queue of slots from many producer threads to one consumer thread, in one global order. Producers reserve n
/// contiguous slots, construct objects in their raw storage, and commit them in one step or discard them. The consumer peeks
/// at what is committed, in the order of reservation, and releases it. The producer constructs, the consumer destroys;
/// event_processor does both for you. Threads, progress, waiting: as event_processor. Errors: see producer_verbs. `T`: any
/// object type whose destructor does not throw. `N`: number of slots, a power of two, or std::dynamic_extent to give it to the
/// constructor. `Wait`: a wait_strategy for the waiting verbs. `Observer`: a class whose hooks are called (no_observer).
template <class T, std::size_t N = 4096, class Wait = adaptive_wait, ring_options Options = ring_options{},
          class Observer = no_observer>
class ring_buffer : public ring_owner<detail::ring<T, N, Wait, Options, Observer>, N, Options.max_batch>,
                    public waiting_verbs<ring_buffer<T, N, Wait, Options, Observer>, Wait> {
    using ring_type = detail::ring<T, N, Wait, Options, Observer>;
    using owner = ring_owner<ring_type, N, Options.max_batch>;

public:
    using value_type = T;
    using range_type = slot_range<T>;
    using ready_type = typename ring_type::ready_type;

    using owner::owner;

    // ---- producers: any thread ----

    /// Reserves n contiguous slots, if they are free.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n = 1) noexcept {
        return ring().try_reserve(n);
    }

    /// Reserves as many of n slots as are free, at least one and at most max_batch().
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept { return ring().try_reserve_up_to(n); }

    /// Reserves n contiguous slots, waiting until they are free. errc::would_deadlock if this thread holds events it has not
    /// released. Claims nothing before there is space, so waiting reservations may overtake each other. Blocking.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n = 1) { return ring().reserve(n); }
    [[nodiscard]] range_type reserve(detail::stop_token stop, std::size_t n = 1) {
        return ring().reserve(n, detail::no_deadline, stop);
    }
    [[nodiscard]] range_type reserve_for(detail::any_duration d, std::size_t n = 1) {
        return ring().reserve(n, d.until);
    }
    [[nodiscard]] range_type reserve_until(detail::any_time_point t, std::size_t n = 1) {
        return ring().reserve(n, t.until);
    }

    /// Makes the first `built` slots of `r` (default: all), which must hold constructed objects, visible in one step, and
    /// gives up the rest. Precondition: `r` was neither committed nor discarded. An empty `r` is ignored.
    void commit(range_type const& r) noexcept { commit(r, r.size()); }
    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept { ring().commit(r, built); }

    /// Gives up the slots of `r`; the consumer skips them. What was constructed there must have been destroyed.
    void discard(range_type const& r) noexcept { ring().discard(r); }

    /// Makes every reserve verb return errc::closed, waiting ones too; earlier reservations may still be committed. Idempotent.
    void close() noexcept { ring().close(); }

    /// Whether close() was called: a hint, unless the caller knows that it was.
    [[nodiscard]] bool is_closed() const noexcept { return ring().is_closed(); }

    // ---- consumer: one thread ----

    /// The committed events, in order, at most `max`. Releases nothing: a second peek begins with the same event.
    [[nodiscard]] ready_type peek() noexcept { return peek(this->capacity()); }
    [[nodiscard]] ready_type peek(std::size_t max) noexcept { return ring().peek(max); }

    /// Frees the first k events' slots of the last peek, and discarded ones there. Precondition: k <= events left.
    void release(std::size_t k) noexcept { ring().template release<detail::afterwards::leave>(k); }

    /// more (an event is ready), idle, blocked (reserved, not committed), closed (and drained): exact. Wait-free; costs producers.
    [[nodiscard]] poll_state state() const noexcept { return ring().state(); }

private:
    friend struct detail::test_access;
    friend waiting_verbs<ring_buffer, Wait>;
    using owner::ring;
    using owner::source;
};

}  // namespace evproc::inline EVPROC_ABI
