// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/committed_batch.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consume.hpp>
#include <evproc/detail/consumer.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>

namespace evproc {
inline namespace EVPROC_ABI {

struct consumer_stats {
    std::uint64_t consumed = 0;   ///< events consumed by it
    std::uint64_t discarded = 0;  ///< slots it has skipped
    std::uint64_t lag = 0;        ///< as broadcast_consumer::lag()
};

/// One consumer of a broadcast_processor, made by consumer<Stage>(i), with event_processor's consumer verbs. It gets every
/// event in order, once all consumers of the stage before have handled it: alone in its stage as Event&, whose changes later
/// stages see, else as Event const&. Move-only; one thread at a time. Must not outlive the processor. After leave(), and when
/// moved from, it is empty: its verbs find nothing, `closed`. poll and peek are wait-free per event.
template <class Follower> class broadcast_consumer {
    using event_type = typename Follower::value_type;

public:
    using committed_batch = evproc::committed_batch<Follower>;

    explicit broadcast_consumer(Follower& follower) noexcept : follower_{&follower} {}
    broadcast_consumer(broadcast_consumer&& other) noexcept : follower_{std::exchange(other.follower_, nullptr)} {}
    broadcast_consumer& operator=(broadcast_consumer&& other) noexcept {
        if (this != &other) {
            leave();
            follower_ = std::exchange(other.follower_, nullptr);
        }
        return *this;
    }
    ~broadcast_consumer() { leave(); }

    explicit operator bool() const noexcept { return follower_ != nullptr; }

    /// Makes nobody wait for this consumer any more; it gets no further event. The last consumer that leaves, and one that
    /// destroys the events, closes the processor, since nobody else makes room. Precondition: not in its own handler, and no
    /// committed_batch of it is live (asserted in checked builds). Idempotent.
    void leave() noexcept {
        if (follower_ != nullptr) std::exchange(follower_, nullptr)->leave();
    }

    /// As event_processor::poll (`max`: the capacity). An event whose handler throws counts as consumed by this consumer alone.
    template <detail::handler_of<event_type&> Handler>
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler, std::size_t max) {
        return poll_as<detail::delivery::events>(handler, max).polled;
    }
    template <detail::handler_of<event_type&> Handler> EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler) {
        return poll(handler, capacity());
    }

    /// As poll, but waits first: for an event, closed and drained so far, or wake(). Without an event the state is exact.
    template <detail::handler_of<event_type&> Handler> poll_result poll_wait(Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    template <detail::handler_of<event_type&> Handler> poll_result poll_wait(std::stop_token stop, Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, stop);
    }
#endif
    template <class Rep, class Period, detail::handler_of<event_type&> Handler>
    poll_result poll_for(std::chrono::duration<Rep, Period> d, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_after(d), detail::never_stops{});
    }
    template <class Clock, class Duration, detail::handler_of<event_type&> Handler>
    poll_result poll_until(std::chrono::time_point<Clock, Duration> t, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_at(t), detail::never_stops{});
    }

    /// As event_processor::poll_batches. A later stage's batch is divided where the stage before has not handled the rest.
    template <class Handler> requires detail::handler_of<Handler, std::span<event_type>>
    poll_result poll_batches(Handler&& handler, std::size_t max) {
        return poll_as<detail::delivery::spans>(handler, max).polled;
    }
    template <class Handler> requires detail::handler_of<Handler, std::span<event_type>>
    poll_result poll_batches(Handler&& handler) {
        return poll_batches(handler, capacity());
    }

    /// The ready events, at most `max`, to be read in place. Released when the view is destroyed, or by the next peek.
    committed_batch peek() { return peek(capacity()); }
    committed_batch peek(std::size_t max) {
        if (follower_ == nullptr) return {};
        return {*follower_, max};
    }

    /// As event_processor::state(); `blocked` also if the stage before has not handled the event.
    [[nodiscard]] poll_state state() const noexcept {
        return follower_ != nullptr ? follower_->state() : poll_state::closed;
    }

    /// Waits until an event is ready: true. False: closed and drained, wake(), a stop request, the deadline. Consumes nothing.
    bool wait() { return await(detail::no_deadline, detail::never_stops{}); }
#if EVPROC_HAS_STOP_TOKEN
    bool wait(std::stop_token stop) { return await(detail::no_deadline, stop); }
#endif
    template <class Rep, class Period> bool wait_for(std::chrono::duration<Rep, Period> d) {
        return await(detail::deadline_after(d), detail::never_stops{});
    }
    template <class Clock, class Duration> bool wait_until(std::chrono::time_point<Clock, Duration> t) {
        return await(detail::deadline_at(t), detail::never_stops{});
    }

    /// As event_processor::run; siblings' `on_error` takes Event const&.
    template <detail::handler_of<event_type&> Handler> run_result run(Handler&& handler) {
        return run_until_stopped(detail::never_stops{}, handler);
    }
#if EVPROC_HAS_STOP_TOKEN
    template <detail::handler_of<event_type&> Handler> run_result run(std::stop_token stop, Handler&& handler) {
        return run_until_stopped(stop, handler);
    }
#if EVPROC_EXCEPTIONS
    template <class Handler, class OnError>
    requires detail::handler_of<Handler, event_type&> &&
             std::is_invocable_r_v<error_action, OnError&, std::exception_ptr, event_type&, event_info const&>
    run_result run(std::stop_token stop, Handler&& handler, OnError&& on_error) {
        auto guarded = [&](event_type& event, event_info const& info) {
            return detail::call_guarded([&] { return detail::invoke_handler(handler, event, info); },
                                        [&](std::exception_ptr error) { return on_error(error, event, info); }, stop);
        };
        return run_until_stopped(stop, guarded);
    }
#endif
#endif

    /// Ends this consumer's wait; if it does not wait, its next one. Any thread.
    void wake() noexcept {
        if (follower_ != nullptr) follower_->wake();
    }

    // ---- hints: any thread, stale at once ----

    /// Slots reserved that this consumer has not consumed, committed or not; between 0 and the capacity.
    [[nodiscard]] std::size_t lag() const noexcept {
        if (follower_ == nullptr) return 0;
        // Loaded in this order, the difference may be too large but not negative.
        detail::position const at = follower_->published().consumed_approx();
        std::int64_t const behind = detail::distance(follower_->ring().core().claimed_approx(), at);
        return (std::min)(static_cast<std::size_t>(std::max<std::int64_t>(behind, 0)), capacity());
    }
    [[nodiscard]] consumer_stats stats() const noexcept {
        if (follower_ == nullptr) return {};
        std::uint64_t const skipped = follower_->published().discarded_approx();
        detail::position const at = follower_->published().consumed();
        std::uint64_t const passed = at - follower_->ring().first();
        return {passed - (std::min)(passed, skipped), skipped, lag()};
    }

private:
    [[nodiscard]] std::size_t capacity() const noexcept {
        return follower_ != nullptr ? follower_->ring().core().view().capacity() : 0;
    }

    template <detail::delivery How, class Handler>
    EVPROC_ALWAYS_INLINE detail::poll_outcome poll_as(Handler& handler, std::size_t max) {
        if (follower_ == nullptr) [[unlikely]]
            return {{0, poll_state::closed}};
        return follower_->template poll<How>(handler, max);
    }

    template <class Stop> bool await(wait_deadline until, Stop const& stop) {
        return follower_ != nullptr && follower_->await(until, stop) == detail::wake_reason::ready;
    }

    template <class Handler, class Stop>
    poll_result poll_waiting(Handler& handler, wait_deadline until, Stop const& stop) {
        if (follower_ == nullptr) return {0, poll_state::closed};
        return detail::poll_waiting(*follower_, poll_once(handler), until, stop);
    }
    template <class Stop, class Handler> run_result run_until_stopped(Stop const& stop, Handler& handler) {
        if (follower_ == nullptr) return {0, errc::closed};
        return detail::run_until_stopped(*follower_, poll_once(handler), stop);
    }
    template <class Handler> auto poll_once(Handler& handler) {
        return [this, &handler] { return poll_as<detail::delivery::events>(handler, capacity()); };
    }

    Follower* follower_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc
