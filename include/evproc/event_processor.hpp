// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

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
class event_processor : public ring_owner<detail::ring<Event, N, Wait, Options, Observer>, N, Options.max_batch>,
                        public producer_verbs<event_processor<Event, N, Wait, Options, Observer>,
                                              detail::ring<Event, N, Wait, Options, Observer>>,
                        public consumer_verbs<event_processor<Event, N, Wait, Options, Observer>, Wait> {
    using ring_type = detail::ring<Event, N, Wait, Options, Observer>;
    using owner = ring_owner<ring_type, N, Options.max_batch>;

public:
    using event_type = Event;
    using committed_batch = evproc::committed_batch<ring_type>;
    template <class H> static constexpr bool accepts = detail::handler_of<std::remove_reference_t<H>, Event&>;

    using owner::owner;

    /// Destroys the events left. Precondition: no other thread uses this, no handle is live (asserted in checked builds).
    ~event_processor() {
        EVPROC_CHECK(!ring().thread().is_entered(),
                     "an event_processor was destroyed inside its own handler or while a committed_batch was live");
        ring().destroy_all();
    }

    // ---- consumer: one thread ----

    /// As poll, with std::span<Event>: events side by side in memory. A span is one event for `keep`, an exception and
    /// event_info (its first event's). Only `max` divides a batch that was committed as one.
    template <class Handler> requires detail::handler_of<Handler, std::span<Event>>
    poll_result poll_batches(Handler&& handler, std::size_t max) {
        return ring().template poll<detail::delivery::spans>(handler, max).polled;
    }
    template <class Handler> requires detail::handler_of<Handler, std::span<Event>>
    poll_result poll_batches(Handler&& handler) {
        return poll_batches(handler, this->capacity());
    }

    /// The ready events, at most `max`, read in place. Released when the view is destroyed or by the next peek. Wait-free.
    committed_batch peek() { return peek(this->capacity()); }
    committed_batch peek(std::size_t max) { return {ring(), max}; }

    /// more (an event is ready), idle, blocked (reserved, not committed), closed (and drained): exact. Wait-free; costs producers.
    [[nodiscard]] poll_state state() const noexcept { return ring().state(); }

    // ---- consumer in a coroutine, where the wait strategy can (coroutine_wait) ----

    /// co_await it: suspends until events are ready and gives them as peek() does; none: closed and drained, wake() or a stop
    /// request. `executor` (see coroutine_wait) must live as long as producers use the processor. One coroutine at a time.
    template <class Executor> requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto next_batch(Executor& executor) {
        return this->consumer_wait().next_batch(ring(), executor, detail::never_stops{});
    }
    template <class Executor> requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto next_batch(detail::stop_token stop, Executor& executor) {
        return this->consumer_wait().next_batch(ring(), executor, std::move(stop));
    }

private:
    friend struct detail::test_access;
    friend struct detail::ring_access;
    friend producer_verbs<event_processor, ring_type>;
    friend waiting_verbs<event_processor, Wait>;
    friend consumer_verbs<event_processor, Wait>;

    using owner::ring;
    using owner::source;
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t poll_limit() const noexcept { return this->capacity(); }
    template <class Handler> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_some(Handler& handler, std::size_t max) {
        return ring().template poll<detail::delivery::events>(handler, max);
    }
};

}  // namespace evproc::inline EVPROC_ABI
