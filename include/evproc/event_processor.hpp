// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/committed_batch.hpp>
#include <evproc/consumer_verbs.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/observer.hpp>
#include <evproc/producer_verbs.hpp>
#include <evproc/ring_buffer.hpp>

namespace evproc::inline EVPROC_ABI {

/// Passes events from many threads to one, in one global order, without locks and without copies. A producer reserves a
/// slot, builds the event in it and commits; the consumer handles events in place, in the order of reservation. An event
/// that is not committed, or whose constructor throws, is destroyed and its slot skipped; a consumed one is destroyed.
/// Threads: producers' verbs (producer_verbs) from any thread (producer_kind::single: from one) and from the handler; the
/// consumer's (also consumer_verbs) from one thread at a time. Progress: try_ verbs are lock-free; commit, discard, and poll
/// per event are wait-free. A producer that stalls between reserve and commit holds up all events behind it: see state(),
/// oldest_uncommitted(). Waiting verbs end early at a stop request, after `d`, or at `t` of any clock. Neither copyable nor
/// movable. Parameters: see ring_buffer.
template <class Event, std::size_t N = 4096, class Wait = adaptive_wait, ring_options Options = ring_options{},
          class Observer = no_observer>
class event_processor : public producer_verbs<event_processor<Event, N, Wait, Options, Observer>,
                                              detail::ring<Event, N, Wait, Options, Observer>>,
                        public consumer_verbs<event_processor<Event, N, Wait, Options, Observer>, Wait> {
    using ring_type = detail::ring<Event, N, Wait, Options, Observer>;
    static constexpr bool is_static = N != std::dynamic_extent;
    static constexpr bool takes_observer =
        !std::is_same_v<Observer, no_observer> && std::is_move_constructible_v<Observer>;

public:
    using event_type = Event;
    using committed_batch = evproc::committed_batch<ring_type>;
    template <class H> static constexpr bool accepts = detail::handler_of<std::remove_reference_t<H>, Event&>;

    /// Allocates all storage, for good. `group` makes the Wait (grouped_wait) and must outlive this. Throws std::bad_alloc;
    /// std::invalid_argument unless `capacity` (see N) is a power of two >= Options.max_batch.
    event_processor()
        requires(is_static && std::is_default_constructible_v<Observer> && std::is_default_constructible_v<Wait>)
        : event_processor{0, N} {}
    explicit event_processor(std::size_t capacity) requires(!is_static && std::is_default_constructible_v<Observer>)
        : event_processor{0, capacity} {}
    explicit event_processor(Observer observer) requires(is_static && takes_observer)
        : event_processor{0, N, std::move(observer)} {}
    event_processor(std::size_t capacity, Observer observer) requires(!is_static && takes_observer)
        : event_processor{0, capacity, std::move(observer)} {}
    template <class Group>
    requires(is_static && std::is_constructible_v<Wait, Group&> && !std::is_same_v<Group, event_processor>)
    explicit event_processor(Group& group) : ring_{std::make_unique<ring_type>(0, N, &group)} {}
    template <class Group> requires(!is_static && std::is_constructible_v<Wait, Group&>)
    event_processor(Group& group, std::size_t capacity) : ring_{std::make_unique<ring_type>(0, capacity, &group)} {}

    event_processor(event_processor const&) = delete;
    event_processor& operator=(event_processor const&) = delete;

    /// Destroys the events left. Precondition: no other thread uses this, no handle is live (asserted in checked builds).
    ~event_processor() {
        EVPROC_CHECK(!ring_->thread().is_entered(),
                     "an event_processor was destroyed inside its own handler or while a committed_batch was live");
        ring_->destroy_all();
    }

    // ---- consumer: one thread ----

    /// As poll, with std::span<Event>: events side by side in memory. A span is one event for `keep`, an exception and
    /// event_info (its first event's). Only `max` divides a batch that was committed as one.
    template <class Handler> requires detail::handler_of<Handler, std::span<Event>>
    poll_result poll_batches(Handler&& handler, std::size_t max) {
        return ring_->template poll<detail::delivery::spans>(handler, max).polled;
    }
    template <class Handler> requires detail::handler_of<Handler, std::span<Event>>
    poll_result poll_batches(Handler&& handler) {
        return poll_batches(handler, capacity());
    }

    /// The ready events, at most `max`, read in place. Released when the view is destroyed or by the next peek. Wait-free.
    committed_batch peek() { return peek(capacity()); }
    committed_batch peek(std::size_t max) { return {*ring_, max}; }

    /// more (an event is ready), idle, blocked (reserved, not committed), closed (and drained): exact. Wait-free; costs producers.
    [[nodiscard]] poll_state state() const noexcept { return ring_->state(); }

    // ---- consumer in a coroutine, where the wait strategy can (coroutine_wait) ----

    /// co_await it: suspends until events are ready and gives them as peek() does; none: closed and drained, wake() or a stop
    /// request. `executor` (see coroutine_wait) must live as long as producers use the processor. One coroutine at a time.
    template <class Executor>
    [[nodiscard]] auto next_batch(Executor& executor)
        requires requires(Wait& wait, ring_type& ring) { wait.next_batch(ring, executor, detail::never_stops{}); }
    {
        return consumer_wait().next_batch(*ring_, executor, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    template <class Executor>
    [[nodiscard]] auto next_batch(std::stop_token stop, Executor& executor)
        requires requires(Wait& wait, ring_type& ring) { wait.next_batch(ring, executor, stop); }
    {
        return consumer_wait().next_batch(*ring_, executor, std::move(stop));
    }
#endif

    // ---- any thread ----

    /// Counts since construction. Reads every slot in use; costs the hot path nothing.
    [[nodiscard]] processor_stats stats() const noexcept { return ring_->stats(); }

    /// Whether the next slot is reserved, not committed, and since when a waiting consumer or an earlier call has seen it so.
    [[nodiscard]] stall_info oldest_uncommitted() const noexcept { return ring_->oldest_uncommitted(); }

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_->size_approx(); }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }
    [[nodiscard]] static constexpr std::size_t capacity() noexcept requires(N != std::dynamic_extent)
    {
        return N;
    }
    [[nodiscard]] std::size_t capacity() const noexcept requires(N == std::dynamic_extent)
    {
        return ring_->capacity();
    }
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept requires(N != std::dynamic_extent)
    {
        return Options.max_batch == 0 ? N : Options.max_batch;
    }
    [[nodiscard]] std::size_t max_batch() const noexcept requires(N == std::dynamic_extent)
    {
        return ring_->core().view().max_batch();
    }

    /// The strategy object that the consumer waits with.
    [[nodiscard]] Wait& consumer_wait() noexcept { return ring_->consumer_wait(); }

    [[nodiscard]] Observer& observer() noexcept { return ring_->observer(); }
    [[nodiscard]] Observer const& observer() const noexcept { return ring_->observer(); }

private:
    friend struct detail::test_access;
    friend struct detail::ring_access;
    friend producer_verbs<event_processor, ring_type>;
    friend waiting_verbs<event_processor, Wait>;
    friend consumer_verbs<event_processor, Wait>;

    template <class... O>
    event_processor(detail::position first, std::size_t capacity, O&&... observer)
        : ring_{std::make_unique<ring_type>(first, capacity, nullptr, std::forward<O>(observer)...)} {}

    [[nodiscard]] EVPROC_ALWAYS_INLINE ring_type& ring() const noexcept { return *ring_; }

    [[nodiscard]] ring_type* source() noexcept { return ring_.get(); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t poll_limit() const noexcept { return capacity(); }
    template <class Handler> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_some(Handler& handler, std::size_t max) {
        return ring_->template poll<detail::delivery::events>(handler, max);
    }

    std::unique_ptr<ring_type> ring_;
};

}  // namespace evproc::inline EVPROC_ABI
