// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// The consumer's loop: how one poll takes events from the ring, hands them out, and gives their slots back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>

#include <evproc/detail/config.hpp>
#include <evproc/detail/cursor.hpp>
#include <evproc/detail/ring_access.hpp>
#include <evproc/event_info.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

template <class H, class Arg>
inline constexpr bool takes_info = std::is_invocable_v<H&, Arg, event_info const&>;

template <class H, class Arg>
concept handler_of = takes_info<H, Arg> || std::is_invocable_v<H&, Arg>;

/// Calls a handler of any of the allowed shapes.
template <class H, class Arg>
EVPROC_ALWAYS_INLINE event_action call_handler(H& handler, Arg&& arg, event_info const& info) {
    auto const call = [&]() -> decltype(auto) {
        if constexpr (takes_info<H, Arg>)
            return std::invoke(handler, std::forward<Arg>(arg), info);
        else
            return std::invoke(handler, std::forward<Arg>(arg));
    };
    using result = decltype(call());
    static_assert(std::is_void_v<result> || std::is_same_v<std::remove_cvref_t<result>, event_action>,
                  "evproc: a handler must return void or evproc::event_action");
    if constexpr (std::is_void_v<result>) {
        call();
        return event_action::next;
    } else {
        return call();
    }
}

struct drain_result {
    poll_result polled;
    event_action last = event_action::next;
};

/// One pass of the consumer over a ring. Whatever way it ends, by return or by a handler's exception, its destructor
/// gives back what was consumed.
template <class Ring>
class pass {
    using element_type = typename Ring::value_type;

public:
    explicit pass(Ring& ring) noexcept
        : ring_{ring},
          core_{ring_access::core(ring)},
          here_{core_.here()},
          quota_{std::max<std::size_t>(core_.slots().capacity() / 4, 1)} {
        ring_access::mark(ring_).enter();
        ring_access::mark(ring_).hold();
    }
    ~pass() {
        ring_access::publish(ring_, here_);
        ring_access::mark(ring_).let_go();
        ring_access::mark(ring_).leave();
    }
    pass(pass const&) = delete;
    pass& operator=(pass const&) = delete;

    /// Hands out events one by one.
    template <class H>
    drain_result by_event(H& handler, std::size_t max) {
        drain_result result;
        while (result.polled.events < max) {
            auto const run = core_.next_run(here_);
            if (run.size == 0) {
                poll_state const state = probe();
                if (state == poll_state::more) continue;
                return finish(result, state);
            }
            std::size_t const size = std::min({run.size, max - result.polled.events, room_before_quota()});
            for (std::size_t i = 0; i != size; ++i) {
                event_info info{here_.at, false};
                if constexpr (takes_info<H, element_type&>)
                    info.end_of_batch = result.polled.events + 1 == max || (i + 1 == run.size && !more_behind(1));
                {
                    consumed_at_exit done{*this, run.data + i, 1};
                    result.last = call_handler(handler, run.data[i], info);
                    if (result.last == event_action::keep) done.count = 0;
                }
                if (result.last == event_action::keep) return finish(result);
                ++result.polled.events;
                if (result.last == event_action::stop || info.end_of_batch) return finish(result);
            }
            publish_if_due();
        }
        return finish(result);
    }

    /// Hands out runs of events that lie side by side.
    template <class H>
    drain_result by_run(H& handler, std::size_t max) {
        drain_result result;
        while (result.polled.events < max) {
            auto const run = core_.next_run(here_);
            if (run.size == 0) {
                poll_state const state = probe();
                if (state == poll_state::more) continue;
                return finish(result, state);
            }
            std::size_t const size = gather(run, std::min(max - result.polled.events, room_before_quota()));
            std::size_t const events = result.polled.events + size;
            {
                consumed_at_exit done{*this, run.data, size};
                event_info const info{here_.at, events == max || !more_behind(size)};
                result.last = call_handler(handler, std::span<element_type>{run.data, size}, info);
                if (result.last == event_action::keep) done.count = 0;
            }
            if (result.last == event_action::keep) break;
            result.polled.events = events;
            if (result.last == event_action::stop) break;
            publish_if_due();
        }
        return finish(result);
    }

private:
    /// The events of one call count as consumed when the call is over, by return or by exception.
    struct consumed_at_exit {
        pass& owner;
        element_type* events;
        std::size_t count;

        ~consumed_at_exit() {
            std::destroy_n(events, count);
            owner.advance(count);
        }
    };

    /// Moves on by events that may belong to several records.
    EVPROC_ALWAYS_INLINE void advance(std::size_t count) noexcept {
        if (distance(here_.end, here_.at + count) >= 0) {
            here_.at += count;
            return;
        }
        while (count != 0) {
            std::size_t const taken = std::min(core_.next_run(here_).size, count);
            here_.at += taken;
            count -= taken;
        }
    }

    /// How many events, from `run` on, lie side by side in memory: at most `most`, at least one.
    std::size_t gather(run<element_type> run, std::size_t most) const noexcept {
        std::size_t size = std::min(run.size, most);
        cursor ahead = here_;
        while (size < most) {
            std::uint64_t const discarded = ahead.discarded;
            ahead.at = ahead.end;
            auto const next = core_.next_run(ahead);
            if (next.size == 0 || ahead.discarded != discarded || next.data != run.data + run.size) break;
            run.size += next.size;
            size = std::min(run.size, most);
        }
        return size;
    }

    [[nodiscard]] bool more_behind(std::size_t count) const noexcept {
        cursor ahead = here_;
        while (count != 0) {
            std::size_t const taken = std::min(core_.next_run(ahead).size, count);
            ahead.at += taken;
            count -= taken;
        }
        return core_.next_run(ahead).size != 0;
    }

    [[nodiscard]] std::size_t room_before_quota() const noexcept {
        return quota_ - static_cast<std::size_t>(here_.at - core_.published());
    }
    /// Producers must not wait for room that a long pass has long since made.
    EVPROC_ALWAYS_INLINE void publish_if_due() noexcept {
        if (here_.at - core_.published() >= quota_) [[unlikely]] {
            note_depth(core_.frontier().reserved);
            ring_access::publish(ring_, here_);
        }
    }

    /// What stands at the front, for a pass that found nothing there. `more`: something came meanwhile.
    poll_state probe() noexcept {
        auto const claims = core_.frontier();
        note_depth(claims.reserved);
        if (claims.reserved == here_.at) return claims.closed ? poll_state::closed : poll_state::idle;
        // Only now is it known to be reserved; it may have been committed before that.
        return core_.is_ready(here_) ? poll_state::more : poll_state::blocked;
    }

    /// Slots in use, as the producers see it: what this pass has consumed is not free before it is published.
    void note_depth(position reserved) noexcept {
        ring_access::statistics(ring_).note_depth(reserved - core_.published());
    }

    /// For a pass that ended before it had drained the ring.
    drain_result finish(drain_result result) noexcept {
        while (core_.next_run(here_).size == 0) {
            poll_state const state = probe();
            if (state != poll_state::more) return finish(result, state);
        }
        note_depth(core_.frontier().reserved);
        return finish(result, poll_state::more);
    }

    drain_result finish(drain_result result, poll_state state) noexcept {
        result.polled.state = state;
        if (state == poll_state::blocked) [[unlikely]]
            ring_access::stall(ring_).blocked(here_.at);
        else
            ring_access::stall(ring_).cleared();
        return result;
    }

    Ring& ring_;
    typename std::remove_reference_t<decltype(ring_access::core(std::declval<Ring&>()))>& core_;
    cursor here_;
    std::size_t const quota_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
