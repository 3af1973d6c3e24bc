// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/consume.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/round.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc {
namespace detail {
inline namespace EVPROC_ABI {

/// Evaluated only when a verb is called: clang 14 would look into the incomplete Self.
template <class Self, class Handler> inline constexpr bool is_accepted = Self::template accepts<Handler>;

}  // namespace EVPROC_ABI
}  // namespace detail

inline namespace EVPROC_ABI {

/// The consumer's verbs over several rings, for one thread at a time: of selector, priority_processor and lane_processor.
/// Handlers take (Event&) or (Event&, select_info const&) and return void or event_action; for different types, an overload
/// set. `stop` and exceptions act as in event_processor, at once for all rings; `keep` rests its ring until the next poll.
/// Waiting verbs end early at a stop request, after `d`, or at `t` of any clock. `Self` derives from this and waits by `Wait`.
template <class Self, class Wait> class selecting_verbs {
public:
    /// Calls `handler` for ready events in the order of looking, at most `max` (default: all slots); never waits. Exceptions
    /// and states as event_processor::poll; `closed` if all rings are closed and drained. Wait-free per event.
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler, std::size_t max) {
        return self().poll_round(handler, max).polled;
    }
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler) {
        return poll_all(handler).polled;
    }

    /// As poll, but waits first: for an event, all closed and drained, or wake(). Without an event the state is exact.
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_wait(Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_wait(std::stop_token stop, Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, stop);
    }
#endif
    template <class Rep, class Period, class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_for(std::chrono::duration<Rep, Period> d, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_after(d), detail::never_stops{});
    }
    template <class Clock, class Duration, class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_until(std::chrono::time_point<Clock, Duration> t, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_at(t), detail::never_stops{});
    }

    /// `more` if an event is ready in any ring; else `blocked` if in any the next slot is reserved and not committed; `closed`
    /// if all are closed and drained; else `idle`. Reads the producers' cache lines.
    [[nodiscard]] poll_state state() noexcept { return round().state(); }

    /// Waits until an event is ready in any ring: true. False: all closed and drained, wake(), a stop request or the deadline.
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

    /// As event_processor::run, for all rings; `on_error(std::exception_ptr, Event&, select_info const&)`.
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    run_result run(Handler&& handler) {
        return run_until_stopped(detail::never_stops{}, handler);
    }
#if EVPROC_HAS_STOP_TOKEN
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    run_result run(std::stop_token stop, Handler&& handler) {
        return run_until_stopped(stop, handler);
    }
#if EVPROC_EXCEPTIONS
    template <class Handler, class OnError> requires(detail::is_accepted<Self, Handler>)
    run_result run(std::stop_token stop, Handler&& handler, OnError&& on_error) {
        auto guarded = [&](auto& event, select_info const& info) -> event_action {
            return detail::call_guarded([&] { return detail::invoke_selected(handler, event, info); },
                                        [&](std::exception_ptr error) { return on_error(error, event, info); }, stop);
        };
        return run_until_stopped(stop, guarded);
    }
#endif
#endif

    /// Ends the consumer's wait; if it does not wait, its next one. Any thread. So does wake() of any of the rings.
    void wake() noexcept { round().wake(); }

    /// Closes all rings. Idempotent; any thread, also in the handler.
    void close() noexcept { round().close(); }

    // ---- in an event loop, where the wait strategy can (eventfd_wait): as event_processor's, for all rings ----

    [[nodiscard]] auto native_handle() requires armable_wait<Wait>
    {
        return round().consumer_wait().native_handle();
    }
    [[nodiscard]] bool arm() requires armable_wait<Wait>
    {
        return round().arm();
    }
    void disarm() noexcept requires armable_wait<Wait>
    {
        round().disarm();
    }

    // ---- in a coroutine, where the wait strategy can (coroutine_wait) ----

    /// co_await it: suspends until poll has something to take: true. False: all closed and drained, wake() or a stop request.
    /// `executor` (see coroutine_wait) must live as long as producers use the rings. One coroutine at a time.
    template <class Executor> requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto when_ready(Executor& executor) {
        return round().consumer_wait().when_ready(round(), executor, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    template <class Executor> requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto when_ready(std::stop_token stop, Executor& executor) {
        return round().consumer_wait().when_ready(round(), executor, std::move(stop));
    }
#endif

protected:
    selecting_verbs() = default;
    ~selecting_verbs() = default;

private:
    [[nodiscard]] EVPROC_ALWAYS_INLINE Self& self() noexcept { return static_cast<Self&>(*this); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto& round() noexcept { return self().round(); }

    template <class Handler> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_all(Handler& handler) {
        return self().poll_round(handler, self().total_capacity());
    }
    template <class Stop> bool await(wait_deadline until, Stop const& stop) {
        return round().await(until, stop) == detail::wake_reason::ready;
    }
    template <class Handler, class Stop>
    poll_result poll_waiting(Handler& handler, wait_deadline until, Stop const& stop) {
        return detail::poll_waiting(round(), [&] { return poll_all(handler); }, until, stop);
    }
    template <class Stop, class Handler> run_result run_until_stopped(Stop const& stop, Handler& handler) {
        return detail::run_until_stopped(round(), [&] { return poll_all(handler); }, stop);
    }
};

}  // namespace EVPROC_ABI
}  // namespace evproc
