// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/pacer.hpp>
#include <evproc/detail/sequence.hpp>
#include <evproc/event_info.hpp>

namespace evproc::detail::inline EVPROC_ABI {

template <class H, class Arg> inline constexpr bool takes_info = std::is_invocable_v<H&, Arg, event_info const&>;

template <class H, class Arg>
concept handler_of = takes_info<H, Arg> || std::is_invocable_v<H&, Arg>;

/// std::invoke, without <functional>.
template <class H, class... Args> EVPROC_ALWAYS_INLINE decltype(auto) call(H& handler, Args&&... args) {
    if constexpr (std::is_member_pointer_v<H>)
        return std::apply(handler, std::forward_as_tuple(std::forward<Args>(args)...));
    else
        return handler(std::forward<Args>(args)...);
}

template <class H, class Arg>
EVPROC_ALWAYS_INLINE event_action invoke_handler(H& handler, Arg&& arg, event_info const& info) {
    auto const call = [&]() -> decltype(auto) {
        if constexpr (takes_info<H, Arg>)
            return detail::call(handler, std::forward<Arg>(arg), info);
        else
            return detail::call(handler, std::forward<Arg>(arg));
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

/// What a handler gets: each event, each run as one std::span, or the first slot of each record, whose header tells its length.
enum class delivery { events, spans, records };

/// What becomes of a delivered event.
enum class afterwards { destroy, leave };

/// One consumer of a ring: acquire a run of ready events, deliver it, release it; every consumer's verb is made of these. Its
/// cursor and what it has learnt live over polls. It touches no atomic but the words that next_run() reads: its owner publishes
/// the cursor and notifies. One thread at a time. Wait-free for each event.
template <class Ring, class Pacer> class consumer {
    using element_type = typename Ring::element_type;
    using run_type = run<element_type>;

public:
    consumer(std::size_t capacity, position first) noexcept : cursor_{first}, pacer_{capacity, first} {}

    [[nodiscard]] EVPROC_ALWAYS_INLINE read_cursor const& cursor() const noexcept { return cursor_; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE Pacer const& pace() const noexcept { return pacer_; }

    /// The next ready events, side by side, at most `max`, none at or beyond `limit`. Skips what was discarded.
    EVPROC_ALWAYS_INLINE run_type acquire(Ring const& ring, std::size_t max, position limit = no_limit) noexcept {
        return ring.next_run(cursor_, max, limit);
    }

    /// After an acquire() came back empty. Pauses where that pays; true: acquire again.
    EVPROC_ALWAYS_INLINE bool look_again(Ring const& ring, unsigned& budget) noexcept {
        return pacer_.look_again(cursor_.at, budget, [&]() noexcept { return ring.front_approx(); });
    }

    /// Calls `handler` for what acquire() gave, and moves on by what was consumed however it ends: `keep` excludes its event,
    /// an exception does not. `most`: events that the poll may still deliver; the last ends a batch. Records are never cut: the
    /// run may hold more than `most`, and up to a quarter of the ring is delivered at a time.
    template <delivery How, afterwards Then, class Arg = element_type&, class H>
    EVPROC_ALWAYS_INLINE event_action deliver(Ring const& ring, run_type const& run, H& handler, std::size_t most,
                                              position limit = no_limit) {
        using argument = std::conditional_t<How == delivery::spans, std::span<std::remove_reference_t<Arg>>, Arg>;
        constexpr bool with_info = takes_info<H, argument>;
        constexpr bool by_record = How == delivery::records;
        std::size_t step = How == delivery::spans ? run.size : 1;
        std::size_t taken = 0;  // the slots of the current call included
        std::size_t inner = 0;  // those of them that are not the first of their record
        advance<by_record> const moves_on{cursor_, taken, inner};
        event_action action = event_action::next;
        element_type* event = run.data;
        while (taken != run.size) {
            event_info info{cursor_.at + taken, false};
            if constexpr (by_record) {
                step = event->header.units;
                inner += step - 1;
            }
            taken += step;
            bool const is_the_last = by_record && taken - inner == most;
            if constexpr (with_info) {
                if (taken == run.size || is_the_last)
                    info.end_of_batch = taken - inner == most || is_last(ring, taken, limit);
            }
            consumed<Then> done{event, step};
            if constexpr (How == delivery::spans)
                action = invoke_handler(handler, argument{event, step}, info);
            else
                action = invoke_handler(handler, static_cast<argument>(*event), info);
            if (action == event_action::keep) {
                done.count = 0;
                taken -= step;
                if constexpr (by_record) inner -= step - 1;
            }
            if (action != event_action::next) break;
            if constexpr (by_record) {
                if (is_the_last || taken >= ring.view().capacity() / 4) break;
            }
            event = Ring::view_type::next(event, step);
        }
        return action;
    }

    void skip_to(read_cursor const& cursor) noexcept { cursor_ = cursor; }

private:
    template <bool ByRecord> struct advance {
        read_cursor& cursor;
        std::size_t const& taken;
        std::size_t const& inner;
        EVPROC_ALWAYS_INLINE ~advance() {
            cursor.at += taken;
            if constexpr (ByRecord) cursor.discarded += inner;
        }
    };
    template <afterwards Then> struct consumed {
        element_type* event;
        std::size_t count;
        EVPROC_ALWAYS_INLINE ~consumed() {
            if constexpr (Then == afterwards::destroy) std::destroy_n(event, count);
        }
    };

    [[nodiscard]] bool is_last(Ring const& ring, std::size_t count, position limit) const noexcept {
        read_cursor ahead = cursor_;
        ahead.at += count;
        return ring.next_run(ahead, 1, limit).size == 0;
    }

    read_cursor cursor_;
    [[no_unique_address]] Pacer pacer_;
};

}  // namespace evproc::detail::inline EVPROC_ABI
