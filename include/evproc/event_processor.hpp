// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <evproc/committed_batch.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/drain.hpp>
#include <evproc/detail/ring_access.hpp>
#include <evproc/detail/stop.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/observer.hpp>
#include <evproc/reserved_batch.hpp>
#include <evproc/reserved_event.hpp>
#include <evproc/ring_buffer.hpp>

namespace evproc {
inline namespace EVPROC_ABI {

/// Gets events from many threads to one, in one global order, without locks and without copies.
///
/// A producer reserves a place, builds the event in it, and commits; the consumer handles events in place, in the order
/// of reservation. The handles clean up: an event that is never committed is destroyed, its place is stepped over, and
/// so it is when a constructor or anything between reserve and commit throws. An event is destroyed when it has been
/// consumed, and what nobody consumed is destroyed with the processor.
///
/// Producers' verbs may be called from any thread (producer_kind::single: from one) and from the handler, the consumer's
/// from one thread at a time. try_ verbs are lock-free, commit and discard wait-free, poll is wait-free for each event and
/// never waits. But order has its price: behind a place that its producer neither commits nor discards, everything waits;
/// poll says `blocked` then, and oldest_uncommitted() says which place it is and for how long.
///
/// The ring lives on the heap. Neither copyable nor movable. Parameters as for ring_buffer.
template <class Event, std::size_t N = 4096, class Wait = adaptive_wait, ring_options Options = ring_options{},
          class Observer = no_observer>
class event_processor {
    using ring_type = ring_buffer<Event, N, Wait, Options, Observer>;
    using access = detail::ring_access;

public:
    using event_type = Event;
    using reserved_event = evproc::reserved_event<ring_type>;
    using reserved_batch = evproc::reserved_batch<ring_type>;
    using committed_batch = evproc::committed_batch<detail::batch_access<ring_type>>;

    /// Allocates all storage; nothing is allocated later. Throws std::bad_alloc.
    explicit event_processor(detail::start_at start = {})
        requires(N != std::dynamic_extent && std::is_default_constructible_v<Observer>)
        : ring_{std::make_unique<ring_type>(start)} {}

    /// The same with a capacity given at run time. Throws std::invalid_argument if it is not a power of two or is less
    /// than Options.max_batch; std::bad_alloc.
    explicit event_processor(std::size_t capacity, detail::start_at start = {})
        requires(N == std::dynamic_extent && std::is_default_constructible_v<Observer>)
        : ring_{std::make_unique<ring_type>(capacity, start)} {}

    /// The same with an observer (no_observer says what that is); without one, it is default constructed.
    explicit event_processor(Observer observer, detail::start_at start = {})
        requires(N != std::dynamic_extent && !std::is_same_v<Observer, no_observer>)
        : ring_{std::make_unique<ring_type>(std::move(observer), start)} {}
    explicit event_processor(std::size_t capacity, Observer observer, detail::start_at start = {})
        requires(N == std::dynamic_extent && !std::is_same_v<Observer, no_observer>)
        : ring_{std::make_unique<ring_type>(capacity, std::move(observer), start)} {}

    event_processor(event_processor const&) = delete;
    event_processor& operator=(event_processor const&) = delete;

    /// Destroys the events that nobody consumed. Precondition: no other thread uses the processor, and no handle is
    /// live (asserted in checked builds).
    ~event_processor();

    // ---- producers: any thread ----

    /// Reserves a place, or says why not: errc::full, only if at some instant of the call no slot was free;
    /// errc::closed; errc::busy (producer_kind::single). Lock-free.
    EVPROC_ALWAYS_INLINE reserved_event try_reserve() noexcept { return {*ring_, ring_->try_reserve()}; }

    /// Reserves a place, waiting for room as long as it takes. errc::closed (also if closed while it waits);
    /// errc::would_deadlock on the consumer's own thread, in a handler, while the ring is full; errc::busy.
    EVPROC_ALWAYS_INLINE reserved_event reserve() { return {*ring_, ring_->reserve()}; }
#if EVPROC_HAS_STOP_TOKEN
    /// As reserve(), until `stop` requests a stop: errc::stopped.
    reserved_event reserve(std::stop_token stop) { return {*ring_, ring_->reserve(std::move(stop))}; }
#endif
    /// As reserve(), for at most `d`: errc::timed_out.
    template <class Rep, class Period>
    reserved_event reserve_for(std::chrono::duration<Rep, Period> d) {
        return {*ring_, ring_->reserve_for(d)};
    }
    /// As reserve(), until `t` of any clock: errc::timed_out.
    template <class Clock, class Duration>
    reserved_event reserve_until(std::chrono::time_point<Clock, Duration> t) {
        return {*ring_, ring_->reserve_until(t)};
    }

    /// Reserves n places, one unbroken run of the order, side by side in memory; all or none. Errors as try_reserve, and
    /// errc::too_large for n > max_batch(), errc::invalid_size for 0. Lock-free.
    EVPROC_ALWAYS_INLINE reserved_batch try_reserve_batch(std::size_t n) noexcept { return {*ring_, ring_->try_reserve(n)}; }
    /// Reserves as many of n places as are free, at least one: capacity() tells. Lock-free.
    reserved_batch try_reserve_batch_up_to(std::size_t n) noexcept { return {*ring_, ring_->try_reserve_up_to(n)}; }
    /// As try_reserve_batch, waiting as reserve() does.
    EVPROC_ALWAYS_INLINE reserved_batch reserve_batch(std::size_t n) { return {*ring_, ring_->reserve(n)}; }
#if EVPROC_HAS_STOP_TOKEN
    reserved_batch reserve_batch(std::stop_token stop, std::size_t n) {
        return {*ring_, ring_->reserve(std::move(stop), n)};
    }
#endif
    template <class Rep, class Period>
    reserved_batch reserve_batch_for(std::chrono::duration<Rep, Period> d, std::size_t n) {
        return {*ring_, ring_->reserve_for(d, n)};
    }
    template <class Clock, class Duration>
    reserved_batch reserve_batch_until(std::chrono::time_point<Clock, Duration> t, std::size_t n) {
        return {*ring_, ring_->reserve_until(t, n)};
    }

    /// Reserves, builds Event(args...), commits. If the constructor throws, the place is discarded and the exception
    /// goes to the caller. Errors as try_reserve.
    template <class... Args>
    EVPROC_ALWAYS_INLINE errc try_publish(Args&&... args) {
        return build(try_reserve(), std::forward<Args>(args)...);
    }
    /// The same, waiting as reserve() does.
    template <class... Args>
    EVPROC_ALWAYS_INLINE errc publish(Args&&... args) {
        return build(reserve(), std::forward<Args>(args)...);
    }

    /// Ends the order here: every reserve verb returns errc::closed from now on, those already waiting too. What was
    /// reserved before may still be committed, and the consumer gets it; after the last of it poll says `closed`.
    /// Idempotent; from any thread, and from the handler.
    void close() noexcept { ring_->close(); }
    [[nodiscard]] bool is_closed() const noexcept { return ring_->is_closed(); }

    /// Waits until everything that was committed before the call has been consumed, and sees what the handler did with
    /// it. errc::success; errc::would_deadlock if the caller is the consumer's thread in a handler and something is left.
    errc flush() { return flush_until(detail::no_deadline); }
    /// As flush(), for at most `d`: errc::timed_out.
    template <class Rep, class Period>
    errc flush_for(std::chrono::duration<Rep, Period> d) {
        return flush_until(detail::deadline_after(d));
    }

    // ---- consumer: one thread ----

    /// Hands what is ready to `handler`, in order, at most `max` events, and never waits. The handler takes (Event&) or
    /// (Event&, event_info const&) and returns void or event_action. An event is destroyed when the handler is done with
    /// it. If the handler throws, that event counts as consumed, none after it is touched, and the exception leaves poll.
    template <class Handler>
        requires detail::handler_of<Handler, Event&>
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler, std::size_t max = N) {
        return detail::drain(*ring_, handler, max).polled;
    }

    /// As poll, but waits until there is something to hand out, the processor is closed and drained, or wake(). The state
    /// is that of the end of the wait.
    template <class Handler>
        requires detail::handler_of<Handler, Event&>
    poll_result poll_wait(Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As poll_wait, or until `stop` requests a stop.
    template <class Handler>
        requires detail::handler_of<Handler, Event&>
    poll_result poll_wait(std::stop_token stop, Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, stop);
    }
#endif
    /// As poll_wait, for at most `d`.
    template <class Rep, class Period, class Handler>
        requires detail::handler_of<Handler, Event&>
    poll_result poll_for(std::chrono::duration<Rep, Period> d, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_after(d), detail::never_stops{});
    }
    /// As poll_wait, until `t` of any clock.
    template <class Clock, class Duration, class Handler>
        requires detail::handler_of<Handler, Event&>
    poll_result poll_until(std::chrono::time_point<Clock, Duration> t, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_at(t), detail::never_stops{});
    }

    /// As poll, but hands out std::span<Event>: events that lie side by side. The span counts as one: event_info is of its
    /// first event, `keep` keeps all of it, and if the handler throws, all of it is consumed. A batch that was committed as one
    /// is never divided, except by `max`.
    template <class Handler>
        requires detail::handler_of<Handler, std::span<Event>>
    poll_result poll_batches(Handler&& handler, std::size_t max = N) {
        return detail::pass<ring_type>{*ring_}.by_run(handler, max).polled;
    }

    /// The events that are ready, at most `max`, to be read in place. Released when the view is destroyed.
    committed_batch peek(std::size_t max = N) { return committed_batch{*ring_, ring_->peek(max)}; }

    /// Waits until something is ready, for peek, poll or poll_batches to take; nothing is consumed. False: the processor is
    /// closed and drained, or wake().
    bool wait() { return ring_->wait(); }
#if EVPROC_HAS_STOP_TOKEN
    /// As wait(), or until a stop is requested.
    bool wait(std::stop_token stop) { return ring_->wait(std::move(stop)); }
#endif
    /// As wait(), for at most `d`.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> d) {
        return ring_->wait_for(d);
    }
    /// As wait(), until `t` of any clock.
    template <class Clock, class Duration>
    bool wait_until(std::chrono::time_point<Clock, Duration> t) {
        return ring_->wait_until(t);
    }

    /// Polls until the processor is closed and drained (errc::closed), or the handler returns event_action::stop
    /// (errc::stopped). If the handler throws: closes the processor, wakes the producers, and lets the exception out.
    template <class Handler>
        requires detail::handler_of<Handler, Event&>
    run_result run(Handler&& handler) {
        return run_until_stopped(detail::never_stops{}, handler);
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As run(handler), or until `stop` requests a stop (errc::stopped); events that are ready then are left in the ring.
    template <class Handler>
        requires detail::handler_of<Handler, Event&>
    run_result run(std::stop_token stop, Handler&& handler) {
        return run_until_stopped(stop, handler);
    }
#if EVPROC_EXCEPTIONS
    /// As run(stop, handler); if the handler throws, `on_error(std::exception_ptr, Event&, event_info const&)` decides.
    template <class Handler, class OnError>
        requires detail::handler_of<Handler, Event&> &&
                 std::is_invocable_r_v<error_action, OnError&, std::exception_ptr, Event&, event_info const&>
    run_result run(std::stop_token stop, Handler&& handler, OnError&& on_error) {
        auto guarded = [&](Event& event, event_info const& info) -> event_action {
            for (;;) {
                try {
                    return detail::call_handler(handler, event, info);
                } catch (...) {
                    switch (on_error(std::current_exception(), event, info)) {
                        case error_action::skip: return event_action::next;
                        case error_action::retry:
                            // A stop must be heard here too: a handler may fail for ever.
                            if (stop.stop_requested()) return event_action::keep;
                            break;
                        case error_action::stop: throw;
                    }
                }
            }
        };
        return run_until_stopped(stop, guarded);
    }
#endif
#endif

    /// Makes a waiting consumer return; if none waits, its next wait returns at once. Any thread.
    void wake() noexcept { ring_->wake(); }

    // ---- consumer in an event loop, where the wait strategy can (eventfd_wait) ----

    /// What the event loop watches; it becomes readable when the armed consumer has something to do. Do not read it.
    [[nodiscard]] auto native_handle()
        requires armable_wait<Wait>
    {
        return ring_->native_handle();
    }
    /// To be called before sleeping in the event loop. False: there is something to do already: poll, and do not sleep.
    /// True: native_handle() becomes readable as soon as there is; it may do so without cause.
    [[nodiscard]] bool arm()
        requires armable_wait<Wait>
    {
        return ring_->arm();
    }
    /// To be called after sleeping in the event loop: makes native_handle() unreadable again.
    void disarm() noexcept
        requires armable_wait<Wait>
    {
        ring_->disarm();
    }

    // ---- consumer in a coroutine, where the wait strategy can (coroutine_wait) ----

    /// co_await it: suspends until events are ready, and gives them as peek() does; an empty batch means that the processor
    /// is closed and drained, or wake(). The coroutine is resumed by what `executor` is given to run, which has to live as
    /// long as producers use the processor. One coroutine at a time. See coroutine.hpp.
    template <class Executor>
    [[nodiscard]] auto next_batch(Executor& executor)
        requires requires(Wait& wait, ring_type& ring) { wait.next_batch(ring, executor, detail::never_stops{}); }
    {
        return consumer_wait().next_batch(*ring_, executor, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As next_batch(executor); a request to stop gives an empty batch.
    template <class Executor>
    [[nodiscard]] auto next_batch(std::stop_token stop, Executor& executor)
        requires requires(Wait& wait, ring_type& ring) { wait.next_batch(ring, executor, stop); }
    {
        return consumer_wait().next_batch(*ring_, executor, std::move(stop));
    }
#endif

    // ---- any thread ----

    /// Counts since construction. Looks at every slot in use; costs the hot path nothing.
    [[nodiscard]] processor_stats stats() const noexcept;

    /// Whether the consumer stands before a place that is reserved and not committed; which one, and for how long it has
    /// seen it so.
    [[nodiscard]] stall_info oldest_uncommitted() const noexcept;

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_->size_approx(); }
    [[nodiscard]] bool empty_approx() const noexcept { return ring_->empty_approx(); }
    [[nodiscard]] static constexpr std::size_t capacity() noexcept
        requires(N != std::dynamic_extent)
    {
        return ring_type::capacity();
    }
    [[nodiscard]] std::size_t capacity() const noexcept
        requires(N == std::dynamic_extent)
    {
        return ring_->capacity();
    }
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept
        requires(N != std::dynamic_extent)
    {
        return ring_type::max_batch();
    }
    [[nodiscard]] std::size_t max_batch() const noexcept
        requires(N == std::dynamic_extent)
    {
        return ring_->max_batch();
    }

    /// The object that the consumer waits on. For wait strategies that offer more than waiting.
    [[nodiscard]] Wait& consumer_wait() noexcept { return ring_->consumer_wait(); }

    /// The observer whose hooks are called.
    [[nodiscard]] Observer& observer() noexcept { return ring_->observer(); }
    [[nodiscard]] Observer const& observer() const noexcept { return std::as_const(*ring_).observer(); }

private:
    template <class... Args>
    EVPROC_ALWAYS_INLINE static errc build(reserved_event event, Args&&... args) {
        if (!event) [[unlikely]] return event.error();
        event.emplace(std::forward<Args>(args)...);
        return event.commit();
    }

    errc flush_until(wait_deadline until);

    template <class Handler, class Stop>
    poll_result poll_waiting(Handler& handler, wait_deadline until, Stop const& stop);

    template <class Stop, class Handler>
    run_result run_until_stopped(Stop const& stop, Handler& handler);

    std::unique_ptr<ring_type> ring_;
};

template <class Event, std::size_t N, class Wait, ring_options Options, class Observer>
event_processor<Event, N, Wait, Options, Observer>::~event_processor() {
    EVPROC_CHECK(!access::mark(*ring_).is_entered(),
                 "an event_processor was destroyed inside its own handler or while a committed_batch was live");
    auto& core = access::core(*ring_);
    detail::cursor c = core.here();
    for (;;) {
        auto const run = core.next_run(c);
        if (run.size == 0) break;
        std::destroy_n(run.data, run.size);
        c.at += run.size;
    }
    EVPROC_CHECK(c.at == core.reserved_approx(),
                 "an event_processor was destroyed while a reserved_event or reserved_batch was live");
}

template <class Event, std::size_t N, class Wait, ring_options Options, class Observer>
errc event_processor<Event, N, Wait, Options, Observer>::flush_until(wait_deadline until) {
    auto& core = access::core(*ring_);
    detail::position const target = core.count().last_committed_end;
    auto const done = [&]() noexcept { return detail::distance(core.consumed(), target) >= 0; };
    if (done()) return errc::success;
    if (access::mark(*ring_).is_held_here()) return errc::would_deadlock;
    [[maybe_unused]] auto const zone = detail::tell_of_wait(ring_->observer(), wait_side::producer);
    return access::for_producers(*ring_).wait(done, until) ? errc::success : errc::timed_out;
}

template <class Event, std::size_t N, class Wait, ring_options Options, class Observer>
template <class Handler, class Stop>
poll_result event_processor<Event, N, Wait, Options, Observer>::poll_waiting(Handler& handler, wait_deadline until,
                                                                   Stop const& stop) {
    for (auto reason = detail::wake_reason::ready;;) {
        poll_result const polled = poll(handler);
        if (polled.events != 0 || polled.state == poll_state::more || polled.state == poll_state::closed) return polled;
        // Whatever ended the wait: the state is looked at after it, not before.
        if (reason != detail::wake_reason::ready) return polled;
        reason = access::await(*ring_, until, stop);
    }
}

template <class Event, std::size_t N, class Wait, ring_options Options, class Observer>
template <class Stop, class Handler>
run_result event_processor<Event, N, Wait, Options, Observer>::run_until_stopped(Stop const& stop, Handler& handler) {
    // Closes the processor if the handler throws: a consumer that died must not leave producers waiting for ever.
    struct closer {
        event_processor* processor;
        ~closer() {
            if (processor != nullptr) processor->close();
        }
    } on_exception{this};

    run_result result;
    for (;;) {
        if (stop.stop_requested()) {
            result.reason = errc::stopped;
            break;
        }
        detail::drain_result const drained = detail::drain(*ring_, handler, N);
        result.events += drained.polled.events;
        if (drained.last == event_action::stop) {
            result.reason = errc::stopped;
            break;
        }
        if (drained.polled.state == poll_state::closed) {
            result.reason = errc::closed;
            break;
        }
        // An event that is kept comes again, but not before the others have had a turn.
        if (drained.last == event_action::keep) detail::yield_thread();
        if (drained.polled.state != poll_state::more) access::await(*ring_, detail::no_deadline, stop);
    }
    on_exception.processor = nullptr;
    return result;
}

template <class Event, std::size_t N, class Wait, ring_options Options, class Observer>
processor_stats event_processor<Event, N, Wait, Options, Observer>::stats() const noexcept {
    auto const& core = access::core(*ring_);
    auto const& counts = access::statistics(*ring_);
    processor_stats s;
    // Read first, so that what is consumed meanwhile cannot make the difference negative.
    std::uint64_t const discarded = core.discarded_approx();
    detail::position const consumed = core.consumed_approx() - access::first(*ring_);
    detail::census const waiting = core.count();
    s.consumed = Options.producers == producer_kind::single ? consumed : consumed - std::min(consumed, discarded);
    s.committed = s.consumed + waiting.committed;
    s.discarded = discarded + waiting.discarded;
    s.full_waits = counts.full_waits();
    s.refused = counts.refused();
    s.max_depth = counts.max_depth();
    s.parks = access::for_consumer(*ring_).parks() + access::for_producers(*ring_).parks();
    return s;
}

template <class Event, std::size_t N, class Wait, ring_options Options, class Observer>
stall_info event_processor<Event, N, Wait, Options, Observer>::oldest_uncommitted() const noexcept {
    auto const& core = access::core(*ring_);
    detail::position const at = core.consumed_approx();
    std::chrono::nanoseconds const age = access::stall(*ring_).age(at);
    if (age.count() < 0 || !core.is_uncommitted_approx(at)) return {};
    return {true, at, age};
}

}  // namespace EVPROC_ABI
}  // namespace evproc
