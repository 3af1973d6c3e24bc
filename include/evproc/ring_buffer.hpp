// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/consumer_verbs.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer.hpp>
#include <evproc/detail/consumer_position.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/observer.hpp>
#include <evproc/ring_options.hpp>
#include <evproc/slot_range.hpp>
#include <evproc/wait/adaptive_wait.hpp>

namespace evproc::inline EVPROC_ABI {

/// A bounded queue of slots from many producer threads to one consumer thread, in one global order. Producers reserve n
/// contiguous slots, construct objects in their raw storage, and commit them in one step or discard them. The consumer peeks
/// at what is committed, in the order of reservation, and releases it. The producer constructs, the consumer destroys;
/// event_processor does both for you. Threads, progress, waiting: as event_processor. Errors: see producer_verbs. `T`: any
/// object type whose destructor does not throw. `N`: number of slots, a power of two, or std::dynamic_extent to give it to the
/// constructor. `Wait`: a wait_strategy for the waiting verbs. `Observer`: a class whose hooks are called (no_observer).
template <class T, std::size_t N = 4096, class Wait = adaptive_wait, ring_options Options = ring_options{},
          class Observer = no_observer>
class ring_buffer : public waiting_verbs<ring_buffer<T, N, Wait, Options, Observer>, Wait> {
    using ring_type = detail::ring<T, N, Wait, Options, Observer>;
    static constexpr bool is_static = N != std::dynamic_extent;
    static constexpr bool takes_observer =
        !std::is_same_v<Observer, no_observer> && std::is_move_constructible_v<Observer>;

public:
    using value_type = T;
    using wait_type = Wait;
    using observer_type = Observer;
    using range_type = slot_range<T>;
    using ready_type = typename ring_type::ready_type;

    /// Allocates all storage, for good. `capacity`, `group` and exceptions: as event_processor.
    ring_buffer()
        requires(is_static && std::is_default_constructible_v<Observer> && std::is_default_constructible_v<Wait>)
        : ring_{0, N, nullptr} {}
    explicit ring_buffer(std::size_t capacity) requires(!is_static && std::is_default_constructible_v<Observer>)
        : ring_{0, capacity, nullptr} {}
    explicit ring_buffer(Observer observer) requires(is_static && takes_observer)
        : ring_{0, N, nullptr, std::move(observer)} {}
    ring_buffer(std::size_t capacity, Observer observer) requires(!is_static && takes_observer)
        : ring_{0, capacity, nullptr, std::move(observer)} {}
    template <class Group>
    requires(is_static && std::is_constructible_v<Wait, Group&> && !std::is_same_v<Group, ring_buffer>)
    explicit ring_buffer(Group& group) : ring_{0, N, &group} {}
    template <class Group> requires(!is_static && std::is_constructible_v<Wait, Group&>)
    ring_buffer(Group& group, std::size_t capacity) : ring_{0, capacity, &group} {}

    ring_buffer(ring_buffer const&) = delete;
    ring_buffer& operator=(ring_buffer const&) = delete;
    ~ring_buffer() = default;

    // ---- producers: any thread ----

    /// Reserves n contiguous slots, if they are free.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n = 1) noexcept {
        return ring_.try_reserve(n);
    }

    /// Reserves as many of n slots as are free, at least one and at most max_batch().
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept { return ring_.try_reserve_up_to(n); }

    /// Reserves n contiguous slots, waiting until they are free. errc::would_deadlock if this thread holds events it has not
    /// released. Claims nothing before there is space, so waiting reservations may overtake each other. Blocking.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n = 1) {
        return ring_.reserve(n, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    [[nodiscard]] range_type reserve(std::stop_token stop, std::size_t n = 1) {
        return ring_.reserve(n, detail::no_deadline, stop);
    }
#endif
    template <class Rep, class Period>
    [[nodiscard]] range_type reserve_for(std::chrono::duration<Rep, Period> d, std::size_t n = 1) {
        return ring_.reserve(n, detail::deadline_after(d), detail::never_stops{});
    }
    template <class Clock, class Duration>
    [[nodiscard]] range_type reserve_until(std::chrono::time_point<Clock, Duration> t, std::size_t n = 1) {
        return ring_.reserve(n, detail::deadline_at(t), detail::never_stops{});
    }

    /// Makes the first `built` slots of `r` (default: all), which must hold constructed objects, visible in one step, and
    /// gives up the rest. Precondition: `r` was neither committed nor discarded. An empty `r` is ignored.
    void commit(range_type const& r) noexcept { commit(r, r.size()); }
    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept { ring_.commit(r, built); }

    /// Gives up the slots of `r`; the consumer skips them. What was constructed there must have been destroyed.
    void discard(range_type const& r) noexcept { ring_.discard(r); }

    /// Makes every reserve verb return errc::closed, waiting ones too; earlier reservations may still be committed. Idempotent.
    void close() noexcept { ring_.close(); }

    /// Whether close() was called: a hint, unless the caller knows that it was.
    [[nodiscard]] bool is_closed() const noexcept { return ring_.is_closed(); }

    // ---- consumer: one thread ----

    /// The committed events, in order, at most `max`. Releases nothing: a second peek begins with the same event.
    [[nodiscard]] ready_type peek() noexcept { return peek(capacity()); }
    [[nodiscard]] ready_type peek(std::size_t max) noexcept { return ring_.peek(max); }

    /// Frees the first k events' slots of the last peek, and discarded ones there. Precondition: k <= events left.
    void release(std::size_t k) noexcept { ring_.template release<detail::afterwards::leave>(k); }

    /// more (an event is ready), idle, blocked (reserved, not committed), closed (and drained): exact. Wait-free; costs producers.
    [[nodiscard]] poll_state state() const noexcept { return ring_.state(); }

    // ---- hints: any thread, stale at once ----

    /// Slots reserved and not yet released, committed or not; between 0 and capacity().
    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_.size_approx(); }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }

    /// The number of slots: exactly N.
    [[nodiscard]] static constexpr std::size_t capacity() noexcept requires(N != std::dynamic_extent)
    {
        return N;
    }
    [[nodiscard]] std::size_t capacity() const noexcept requires(N == std::dynamic_extent)
    {
        return ring_.core().view().capacity();
    }
    /// The most slots of one reservation.
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept requires(N != std::dynamic_extent)
    {
        return Options.max_batch == 0 ? N : Options.max_batch;
    }
    [[nodiscard]] std::size_t max_batch() const noexcept requires(N == std::dynamic_extent)
    {
        return ring_.core().view().max_batch();
    }

    /// The strategy object that the consumer waits with.
    [[nodiscard]] Wait& consumer_wait() noexcept { return ring_.consumer_wait(); }

    [[nodiscard]] Observer& observer() noexcept { return ring_.observer(); }

private:
    friend struct detail::test_access;
    friend waiting_verbs<ring_buffer, Wait>;

    ring_buffer(detail::position first, std::size_t capacity) : ring_{first, capacity, nullptr} {}

    [[nodiscard]] ring_type* source() noexcept { return &ring_; }

    ring_type ring_;
};

}  // namespace evproc::inline EVPROC_ABI
