// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <tuple>
#include <type_traits>

#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/platform/cpu.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// Evaluated only when a verb is called: clang 14 would look into the incomplete Self.
template <class Self, class Handler> inline constexpr bool is_accepted = Self::template accepts<Handler>;

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// A consumer's waits, for one thread at a time. They end early at a stop request, after `d`, or at `t` of any clock, and
/// consume nothing. `Self` derives from this; its `source()` points to what it consumes from, or is null where nothing is left.
template <class Self, class Wait> class waiting_verbs {
public:
    /// Waits until an event is ready: true. False: closed and drained, wake(), a stop request or the deadline. Blocking.
    bool wait() { return await(detail::no_deadline); }
    bool wait(detail::stop_token stop) { return await(detail::no_deadline, stop); }
    bool wait_for(detail::any_duration d) { return await(d.until); }
    bool wait_until(detail::any_time_point t) { return await(t.until); }

    /// Ends the consumer's wait; if it does not wait, its next one; the consumer then sees what was done before. Any thread.
    void wake() noexcept {
        if (auto* const source = self().source(); source != nullptr) source->wake();
    }

    // ---- in an event loop, where the wait strategy can (eventfd_wait) ----

    /// Readable when the armed consumer has something to do. For the event loop to watch, not to read.
    [[nodiscard]] auto native_handle() requires armable_wait<Wait>
    {
        return self().source()->consumer_wait().native_handle();
    }
    /// Call before sleeping in the event loop. False: poll instead. True: native_handle() will be readable, perhaps without cause.
    [[nodiscard]] bool arm() requires armable_wait<Wait>
    {
        return self().source()->arm();
    }
    /// Call after sleeping in the event loop: makes native_handle() unreadable again.
    void disarm() noexcept requires armable_wait<Wait>
    {
        self().source()->disarm();
    }

protected:
    waiting_verbs() = default;
    ~waiting_verbs() = default;
    [[nodiscard]] EVPROC_ALWAYS_INLINE Self& self() noexcept { return static_cast<Self&>(*this); }

private:
    template <class Stop = detail::never_stops> bool await(wait_deadline until, Stop const& stop = {}) {
        auto* const source = self().source();
        return source != nullptr && source->await(until, stop) == detail::wake_reason::ready;
    }
};

/// A consumer's polls, for one thread at a time: of each processor and of broadcast_consumer. Handlers take (Event&) or (Event&,
/// event_info const&); with several rings (Event&, select_info const&); records: see record_processor. They return void or
/// event_action. `Self` also has `accepts<Handler>`, `poll_limit()`, `poll_some(handler, max)`, which finds nothing and says
/// `closed` where nothing is left, and `call(handler, event, ..., info)`.
template <class Self, class Wait> class consumer_verbs : public waiting_verbs<Self, Wait> {
public:
    /// Calls `handler` for each ready event in order, at most `max` (default: the capacity); never waits. If it throws, its
    /// event counts as consumed, and the exception leaves poll. The state is `closed` if closed and drained, `more` if poll
    /// stopped at `max` or on the handler's request, else `idle`, also where state() is blocked. Wait-free per event.
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler, std::size_t max) {
        return this->self().poll_some(handler, max).polled;
    }
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler) {
        return poll_all(handler).polled;
    }

    /// As poll, but waits first: for an event, closed and drained, or wake(). Without an event the state is exact. Blocking.
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_wait(Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline);
    }
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_wait(detail::stop_token stop, Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, stop);
    }
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_for(detail::any_duration d, Handler&& handler) {
        return poll_waiting(handler, d.until);
    }
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_until(detail::any_time_point t, Handler&& handler) {
        return poll_waiting(handler, t.until);
    }

    /// Polls until closed and drained (errc::closed), or the handler returns `stop` or a stop is requested (errc::stopped; the
    /// rest stays in the ring). If the handler throws, `on_error(std::exception_ptr, Event&, info)` returns an error_action;
    /// without it, run closes the processor, so that no producer waits for ever, and rethrows. Blocking.
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    run_result run(Handler&& handler) {
        return run_until_stopped(handler, detail::never_stops{});
    }
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    run_result run(detail::stop_token stop, Handler&& handler) {
        return run_until_stopped(handler, stop);
    }
#if EVPROC_EXCEPTIONS
    template <class Handler, class OnError> requires(detail::is_accepted<Self, Handler>)
    run_result run(detail::stop_token stop, Handler&& handler, OnError&& on_error) {
        auto guarded = [&](auto& event, auto const&... rest) -> event_action {
            auto const& info = std::get<sizeof...(rest) - 1>(std::tie(rest...));
            static_assert(
                std::is_invocable_r_v<error_action, OnError&, std::exception_ptr, decltype(event), decltype(info)>,
                "evproc: on_error takes (std::exception_ptr, Event&, info) and returns an error_action");
            for (;;) {
                try {
                    return Self::call(handler, event, rest...);
                } catch (...) {
                    switch (on_error(std::current_exception(), event, info)) {
                        case error_action::skip: return event_action::next;
                        case error_action::retry:
                            if (stop.stop_requested()) return event_action::keep;
                            break;
                        case error_action::stop: throw;
                    }
                }
            }
        };
        return run_until_stopped(guarded, stop);
    }
#endif

protected:
    template <class Handler, class Event>
    EVPROC_ALWAYS_INLINE static event_action call(Handler& handler, Event& event, event_info const& info) {
        return detail::invoke_handler(handler, event, info);
    }

private:
    template <class Handler> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_all(Handler& handler) {
        return this->self().poll_some(handler, this->self().poll_limit());
    }

    template <class Handler, class Stop = detail::never_stops>
    poll_result poll_waiting(Handler& handler, wait_deadline until, Stop const& stop = {}) {
        for (auto reason = detail::wake_reason::ready;;) {
            poll_result const polled = poll_all(handler).polled;
            if (polled.events != 0 || polled.state != poll_state::idle) return polled;
            // Whatever ended the wait, the state is read after it.
            if (reason != detail::wake_reason::ready) return {0, this->self().source()->state()};
            reason = this->self().source()->await(until, stop);
        }
    }

    template <class Handler, class Stop> run_result run_until_stopped(Handler& handler, Stop const& stop) {
        struct closer {
            Self* self;
            ~closer() {
                if (self != nullptr) self->source()->close();
            }
        } on_exception{&this->self()};

        run_result result{0, errc::stopped};
        while (!stop.stop_requested()) {
            detail::poll_outcome const outcome = poll_all(handler);
            result.events += outcome.polled.events;
            if (outcome.last == event_action::stop) break;
            if (outcome.polled.state == poll_state::closed) {
                result.reason = errc::closed;
                break;
            }
            // An event that is kept comes again, after other threads had a turn.
            if (outcome.last == event_action::keep) detail::yield_thread();
            if (outcome.polled.state == poll_state::idle) this->self().source()->await(detail::no_deadline, stop);
        }
        on_exception.self = nullptr;
        return result;
    }
};

}  // namespace evproc::inline EVPROC_ABI
