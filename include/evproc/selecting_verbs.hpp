// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <evproc/consumer_verbs.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/round.hpp>
#include <evproc/event_info.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::inline EVPROC_ABI {

/// The consumer's verbs over several rings, for one thread at a time: of selector, priority_processor and lane_processor.
/// Events come in the order of looking; select_info::source tells the ring; for different types, the handler is an overload set.
/// `closed`: all rings are closed and drained; wake() of any ring is heard. `stop` and exceptions act at once for all rings; `keep` rests its ring until the
/// next poll. `Self` derives from this, has `round()`, and waits by `Wait`.
template <class Self, class Wait> class selecting_verbs : public consumer_verbs<Self, Wait> {
public:
    /// `more` if an event is ready in any ring; else `blocked` if in any the next slot is reserved and not committed; `closed`
    /// if all are closed and drained; else `idle`. Reads the producers' cache lines.
    [[nodiscard]] poll_state state() noexcept { return round().state(); }

    /// Closes all rings. Idempotent; any thread, also in the handler.
    void close() noexcept { round().close(); }

    // ---- in a coroutine, where the wait strategy can (coroutine_wait) ----

    /// co_await it: suspends until poll has something to take: true. False: all closed and drained, wake() or a stop request.
    /// `executor` (see coroutine_wait) must live as long as producers use the rings. One coroutine at a time.
    template <class Executor> requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto when_ready(Executor& executor) {
        return round().consumer_wait().when_ready(round(), executor, detail::never_stops{});
    }
    template <class Executor> requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto when_ready(detail::stop_token stop, Executor& executor) {
        return round().consumer_wait().when_ready(round(), executor, std::move(stop));
    }

    /// The strategy object that the consumer waits with.
    [[nodiscard]] Wait& consumer_wait() noexcept { return round().consumer_wait(); }

protected:
    selecting_verbs() = default;
    ~selecting_verbs() = default;

private:
    friend waiting_verbs<Self, Wait>;
    friend consumer_verbs<Self, Wait>;

    [[nodiscard]] EVPROC_ALWAYS_INLINE auto& round() noexcept { return this->self().round(); }
    [[nodiscard]] auto* source() noexcept { return &round(); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t poll_limit() noexcept { return round().capacity(); }
    template <class Handler> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_some(Handler& handler, std::size_t max) {
        auto const take = [&](std::size_t i, std::size_t most, bool to_front) {
            return round().sources().visit(
                i, [&](auto& ring) { return detail::take_turn(ring, handler, i, most, to_front); });
        };
        return round().poll(take, max);
    }
    template <class Handler, class Event>
    EVPROC_ALWAYS_INLINE static event_action call(Handler& handler, Event& event, select_info const& info) {
        return detail::invoke_selected(handler, event, info);
    }
};

}  // namespace evproc::inline EVPROC_ABI
