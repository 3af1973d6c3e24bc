// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer.hpp>
#include <evproc/detail/consumer_scope.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/detail/stop.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/observer.hpp>
#include <evproc/ring_options.hpp>
#include <evproc/slot_range.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc {
inline namespace EVPROC_ABI {

/// A bounded queue of slots from many producer threads to one consumer thread, in one global order.
///
/// Producers reserve n slots side by side, construct objects in their raw storage and commit them in one step, or
/// discard them. The consumer peeks at what is committed, in the order of reservation, and releases it. The ring knows
/// nothing of the lifetime of T: who reserves constructs, who releases destroys. event_processor does that for you.
///
/// Producers' verbs may be called from any thread (producer_kind::single: from one), the consumer's from one thread at
/// a time. reserve is lock-free (try_), commit and discard are wait-free, peek and release are wait-free for each event;
/// but order has its price: behind a reservation that its producer neither commits nor discards, everything waits.
///
/// \tparam T        any object type whose destructor does not throw
/// \tparam N        number of slots: a power of two, or std::dynamic_extent to give it to the constructor
/// \tparam Wait     how the waiting verbs wait: a wait_strategy
/// \tparam Options  see ring_options
/// \tparam Observer a class whose hooks are told what happens: see no_observer
template <class T, std::size_t N = 4096, class Wait = adaptive_wait, ring_options Options = ring_options{},
          class Observer = no_observer>
class ring_buffer {
    using ring_type = detail::ring<T, N, Wait, Options, Observer>;
    static constexpr bool is_static = N != std::dynamic_extent;
    static constexpr bool takes_observer = !std::is_same_v<Observer, no_observer> && std::is_move_constructible_v<Observer>;

public:
    using value_type = T;
    using wait_type = Wait;
    using observer_type = Observer;
    using range_type = slot_range<T>;
    using ready_type = typename ring_type::ready_type;

    /// Allocates all storage; nothing is allocated later. Throws std::bad_alloc.
    ring_buffer()
        requires(is_static && std::is_default_constructible_v<Observer> && std::is_default_constructible_v<Wait>)
        : ring_{0, N, nullptr} {}

    /// The same with a capacity given at run time. Throws std::invalid_argument if it is not a power of two or is
    /// less than Options.max_batch; std::bad_alloc.
    explicit ring_buffer(std::size_t capacity)
        requires(!is_static && std::is_default_constructible_v<Observer>)
        : ring_{0, capacity, nullptr} {}

    /// The same with an observer.
    explicit ring_buffer(Observer observer)
        requires(is_static && takes_observer)
        : ring_{0, N, nullptr, std::move(observer)} {}
    ring_buffer(std::size_t capacity, Observer observer)
        requires(!is_static && takes_observer)
        : ring_{0, capacity, nullptr, std::move(observer)} {}

    /// The same for a wait strategy that is made from something, as grouped_wait is from its wait_group, which has to live longer.
    template <class Group>
        requires(is_static && std::is_constructible_v<Wait, Group&> && !std::is_same_v<Group, ring_buffer>)
    explicit ring_buffer(Group& group)
        : ring_{0, N, &group} {}
    template <class Group>
        requires(!is_static && std::is_constructible_v<Wait, Group&>)
    ring_buffer(Group& group, std::size_t capacity)
        : ring_{0, capacity, &group} {}

    ring_buffer(ring_buffer const&) = delete;
    ring_buffer& operator=(ring_buffer const&) = delete;
    ~ring_buffer() = default;

    // ---- producers: any thread ----

    /// Reserves n slots side by side, or none. errc::full only if at some instant of the call fewer than n slots were
    /// free; errc::closed, errc::too_large, errc::invalid_size; errc::busy (producer_kind::single). Lock-free.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n = 1) noexcept {
        return ring_.try_reserve(n);
    }

    /// Reserves as many of n slots as are free, at least one and at most max_batch(). Errors as try_reserve, but never
    /// errc::too_large. Lock-free.
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept { return ring_.try_reserve_up_to(n); }

    /// Reserves n slots side by side, waiting for room as long as it takes. errc::closed (also if closed while it waits),
    /// errc::would_deadlock if this thread holds events that it has not released, errc::too_large, errc::invalid_size,
    /// errc::busy. A claim is made only when its room is there, so waiting reservations overtake each other freely.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n = 1) {
        return ring_.reserve(n, detail::no_deadline, detail::never_stops{});
    }

#if EVPROC_HAS_STOP_TOKEN
    /// As reserve(n), until `stop` requests a stop: errc::stopped.
    [[nodiscard]] range_type reserve(std::stop_token stop, std::size_t n = 1) {
        return ring_.reserve(n, detail::no_deadline, stop);
    }
#endif

    /// As reserve(n), for at most `d`: errc::timed_out.
    template <class Rep, class Period>
    [[nodiscard]] range_type reserve_for(std::chrono::duration<Rep, Period> d, std::size_t n = 1) {
        return ring_.reserve(n, detail::deadline_after(d), detail::never_stops{});
    }

    /// As reserve(n), until `t` of any clock: errc::timed_out.
    template <class Clock, class Duration>
    [[nodiscard]] range_type reserve_until(std::chrono::time_point<Clock, Duration> t, std::size_t n = 1) {
        return ring_.reserve(n, detail::deadline_at(t), detail::never_stops{});
    }

    /// Makes all slots of `r` visible to the consumer in one step. Every element must have been constructed.
    /// Precondition: `r` has been neither committed nor discarded; an empty `r` is ignored. Wait-free.
    void commit(range_type const& r) noexcept { commit(r, r.size()); }

    /// Makes the first `built` slots of `r` visible in one step, all or none, and gives up the rest. Wait-free.
    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept {
        ring_.commit(r, built);
    }

    /// Gives the slots of `r` up; the consumer steps over them. What was constructed there must have been destroyed.
    /// Wait-free.
    void discard(range_type const& r) noexcept { ring_.discard(r); }

    /// Ends the order here: every reserve verb returns errc::closed from now on, those already waiting too. What was reserved
    /// before may still be committed, and the consumer gets it. Idempotent; from any thread.
    void close() noexcept { ring_.close(); }

    /// Whether close() was called. A hint, unless the caller knows otherwise that it was.
    [[nodiscard]] bool is_closed() const noexcept { return ring_.is_closed(); }

    // ---- consumer: one thread ----

    /// The events that are committed now, in order, at most `max`. Nothing is released; a second peek begins with the
    /// same event.
    [[nodiscard]] ready_type peek() noexcept { return peek(capacity()); }
    [[nodiscard]] ready_type peek(std::size_t max) noexcept { return ring_.peek(max); }

    /// Gives the slots of the first k events of the last peek back to the producers, and those discarded among and
    /// right behind them. Precondition: k is at most the size of the last peek, less what has been released since.
    void release(std::size_t k) noexcept { ring_.template release<detail::afterwards::leave>(k); }

    /// What stands at the front: more (an event is ready), idle, blocked (reserved and not committed), closed (and drained).
    /// Exact at that moment. It reads the producers' cache line.
    [[nodiscard]] poll_state state() const noexcept { return ring_.state(); }

    /// Waits until something is ready, the ring is closed and drained, or wake(). True if something is ready.
    bool wait() { return ring_.await(detail::no_deadline, detail::never_stops{}) == detail::wake_reason::ready; }

#if EVPROC_HAS_STOP_TOKEN
    /// As wait(), or until a stop is requested.
    bool wait(std::stop_token stop) { return ring_.await(detail::no_deadline, stop) == detail::wake_reason::ready; }
#endif

    /// As wait(), for at most `d`.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> d) {
        return ring_.await(detail::deadline_after(d), detail::never_stops{}) == detail::wake_reason::ready;
    }

    /// As wait(), until `t` of any clock.
    template <class Clock, class Duration>
    bool wait_until(std::chrono::time_point<Clock, Duration> t) {
        return ring_.await(detail::deadline_at(t), detail::never_stops{}) == detail::wake_reason::ready;
    }

    /// Makes a waiting consumer return; if none waits, the next wait returns at once. Any thread. What was done before
    /// wake() is seen by the consumer that it wakes.
    void wake() noexcept { ring_.wake(); }

    // ---- consumer in an event loop, where the wait strategy can (eventfd_wait) ----

    /// What the event loop watches; it becomes readable when the armed consumer has something to do. Do not read it.
    [[nodiscard]] auto native_handle()
        requires armable_wait<Wait>
    {
        return ring_.consumer_wait().native_handle();
    }

    /// To be called before sleeping in the event loop. False: there is something to do already, an event, the end of a
    /// closed ring, or a wake(): look, and do not sleep. True: native_handle() becomes readable as soon as there is. It
    /// may do so without cause, for one: when something behind an uncommitted reservation is committed.
    [[nodiscard]] bool arm()
        requires armable_wait<Wait>
    {
        return ring_.arm();
    }

    /// To be called after sleeping in the event loop: makes native_handle() unreadable again.
    void disarm() noexcept
        requires armable_wait<Wait>
    {
        ring_.disarm();
    }

    // ---- hints: any thread, stale at once ----

    /// How many slots are reserved and not yet released, committed or not; between 0 and capacity().
    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_.size_approx(); }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }

    /// How many slots there are: exactly N.
    [[nodiscard]] static constexpr std::size_t capacity() noexcept
        requires(N != std::dynamic_extent)
    {
        return N;
    }
    [[nodiscard]] std::size_t capacity() const noexcept
        requires(N == std::dynamic_extent)
    {
        return ring_.core().view().capacity();
    }
    /// The most slots that one reservation may hold.
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept
        requires(N != std::dynamic_extent)
    {
        return Options.max_batch == 0 ? N : Options.max_batch;
    }
    [[nodiscard]] std::size_t max_batch() const noexcept
        requires(N == std::dynamic_extent)
    {
        return ring_.core().view().max_batch();
    }

    /// The object that the consumer waits on. For wait strategies that offer more than waiting.
    [[nodiscard]] Wait& consumer_wait() noexcept { return ring_.consumer_wait(); }

    /// The observer whose hooks are called.
    [[nodiscard]] Observer& observer() noexcept { return ring_.observer(); }

private:
    friend struct detail::test_access;
    ring_buffer(detail::position first, std::size_t capacity) : ring_{first, capacity, nullptr} {}

    ring_type ring_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc
