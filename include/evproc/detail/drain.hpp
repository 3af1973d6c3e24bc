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
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/cursor.hpp>
#include <evproc/detail/ring_access.hpp>
#include <evproc/event_info.hpp>
#include <evproc/observer.hpp>

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

/// How a call of the handler ended.
struct step {
    event_action action = event_action::next;
    bool end_of_batch = false;
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool goes_on() const noexcept {
        return action == event_action::next && !end_of_batch;
    }
};

// The event of a call counts as consumed when the call is over, by return or by exception.
template <class Event>
struct event_consumed {
    position& at;
    Event* event;
    bool kept = false;
    EVPROC_ALWAYS_INLINE ~event_consumed() {
        if (kept) return;
        std::destroy_at(event);
        ++at;
    }
};
template <class H, class Event>
EVPROC_ALWAYS_INLINE event_action hand_out(H& handler, Event* event, event_info const& info, position& at) {
    event_consumed<Event> done{at, event};
    event_action const action = call_handler(handler, *event, info);
    done.kept = action == event_action::keep;
    return action;
}

template <class Ring>
using core_of = std::remove_reference_t<decltype(ring_access::core(std::declval<Ring&>()))>;

/// Producers must not wait for room that a long poll has long since made: after so many events it gives them back.
template <class View>
[[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t publish_quota(View const& view) noexcept {
    return std::max<std::size_t>(view.capacity() / 4, 1);
}

/// One pass of the consumer over a ring. Whatever way it ends, by return or by a handler's exception, its destructor
/// gives back what was consumed.
///
/// The cursor has to live in registers while the handler runs: what is not inlined gets a copy of it.
template <class Ring>
class pass {
    using element_type = typename Ring::value_type;
    using core_type = core_of<Ring>;

public:
    EVPROC_ALWAYS_INLINE explicit pass(Ring& ring) noexcept
        : ring_{ring},
          core_{ring_access::core(ring)},
          watch_{core_, ring.observer()},
          here_{core_.here()},
          due_{core_.at() + quota()} {
        ring_access::mark(ring_).enter();
        ring_access::mark(ring_).hold();
        if (ring_access::pace(ring_).is_paying()) look_ahead();
    }
    EVPROC_ALWAYS_INLINE ~pass() {
        ring_access::publish(ring_, here_);
        ring_access::mark(ring_).let_go();
        ring_access::mark(ring_).leave();
    }
    pass(pass const&) = delete;
    pass& operator=(pass const&) = delete;

    /// Hands out events one by one. `events`, `last`: how far a short_poll has come.
    template <class H>
    EVPROC_ALWAYS_INLINE drain_result by_event(H& handler, std::size_t max, std::size_t events, step last) {
        while (events != max && last.goes_on()) {
            position const first = here_.at;
            bool nothing = false;
            if constexpr (core_type::has_records) {
                if (here_.at == here_.end) [[likely]] last = singles(handler, max - events, nothing);
            }
            if (here_.at == first && !nothing && last.goes_on()) {
                auto const run = core_.next_run(here_);
                nothing = run.size == 0;
                if (!nothing) {
                    publish_if_due();
                    last = from_run(handler, run, max - events, events);
                }
            } else {
                events += static_cast<std::size_t>(here_.at - first);
            }
            if (nothing) {
                if (pause(events)) continue;
                poll_state const state = probe();
                if (state == poll_state::more) continue;
                if (state == poll_state::idle) core_.found(events);
                return {{events, note(state)}, last.action};
            }
            if (!publish_if_due(events)) break;
        }
        return {{events, finish()}, last.action};
    }

    /// Hands out runs of events that lie side by side.
    template <class H>
    drain_result by_run(H& handler, std::size_t max) {
        std::size_t events = 0;
        step last;
        while (events != max && last.goes_on()) {
            auto const run = core_.next_run(here_);
            if (run.size == 0) {
                if (pause(events)) continue;
                poll_state const state = probe();
                if (state == poll_state::more) continue;
                if (state == poll_state::idle) core_.found(events);
                return {{events, note(state)}, last.action};
            }
            publish_if_due();
            // What was committed as one is handed out as one, even where that is more than should be held back.
            std::size_t const size = gather(run, std::min(max - events, std::max(run.size, room_until_due())));
            event_info info{here_.at, false};
            if constexpr (takes_info<H, std::span<element_type>>)
                last.end_of_batch = info.end_of_batch = events + size == max || !more_behind(here_, size);
            {
                run_consumed done{here_, core_, run.data, size};
                last.action = call_handler(handler, std::span<element_type>{run.data, size}, info);
                if (last.action == event_action::keep) done.count = 0;
            }
            if (last.action != event_action::keep) events += size;
            if (!publish_if_due(events)) break;
        }
        return {{events, finish()}, last.action};
    }

private:
    // The events of one call count as consumed when the call is over, by return or by exception.
    struct run_consumed {
        cursor& here;
        core_type const& core;
        element_type* events;
        std::size_t count;
        ~run_consumed() {
            std::destroy_n(events, count);
            advance(core, here, count);
        }
    };
    /// Takes a local position back into the cursor.
    struct position_kept {
        position& into;
        position const& at;
        EVPROC_ALWAYS_INLINE ~position_kept() { into = at; }
    };

    /// The straight path: committed records of one event each. Sets `nothing` if it ends where nothing is ready.
    template <class H>
    EVPROC_ALWAYS_INLINE step singles(H& handler, std::size_t most, bool& nothing) {
        position at = here_.at;
        position const until = at + std::min(most, room_until_due());
        bool const until_is_most = until - at == most;
        auto const view = core_.view();
        position_kept const end{here_.end, at};
        position_kept const border{here_.at, at};
        step last;
        while (at != until) {
            record_word const word = core_type::word_at(view, at);
            if (word.bits != record_word::committed(at + 1)) [[unlikely]] {
                nothing = !word.is_ready(at);
                break;
            }
            event_info info{at, false};
            if constexpr (takes_info<H, element_type&>) {
                last.end_of_batch = info.end_of_batch =
                    (until_is_most && at + 1 == until) || !more_behind(cursor{at + 1, at + 1, at + 1, 0}, 0);
            }
            last.action = hand_out(handler, view.element(at), info, at);
            if (!last.goes_on()) break;
        }
        return last;
    }

    /// Events of one run.
    template <class H>
    EVPROC_ALWAYS_INLINE step from_run(H& handler, run<element_type> const& run, std::size_t most, std::size_t& events) {
        position at = here_.at;
        position const first = at;
        std::size_t const size = std::min(std::min(run.size, most), room_until_due());
        position_kept const place{here_.at, at};
        step last;
        for (std::size_t i = 0; i != size; ++i) {
            event_info info{at, false};
            if constexpr (takes_info<H, element_type&>) {
                last.end_of_batch = info.end_of_batch =
                    i + 1 == most || (i + 1 == run.size && !more_behind(cursor{at + 1, here_.end, here_.start, 0}, 0));
            }
            last.action = hand_out(handler, run.data + i, info, at);
            if (!last.goes_on()) break;
        }
        events += static_cast<std::size_t>(at - first);
        return last;
    }

    /// Moves on by events that may belong to several records.
    static void advance(core_type const& core, cursor& c, std::size_t count) noexcept {
        while (count != 0) {
            std::size_t const taken = std::min(core.next_run(c).size, count);
            c.at += taken;
            count -= taken;
        }
    }

    /// How many events, from `run` on, lie side by side in memory: at most `most`.
    std::size_t gather(run<element_type> run, std::size_t most) const noexcept {
        cursor ahead = here_;
        while (run.size < most) {
            std::uint64_t const discarded = ahead.discarded;
            ahead.at = here_.at + run.size;
            auto const next = core_.next_run(ahead);
            if (next.size == 0 || ahead.discarded != discarded || next.data != run.data + run.size) break;
            run.size += next.size;
        }
        return std::min(run.size, most);
    }

    /// Whether an event is ready behind the next `count`.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool more_behind(cursor ahead, std::size_t count) const noexcept {
        advance(core_, ahead, count);
        return core_.next_run(ahead).size != 0;
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t quota() const noexcept { return publish_quota(core_.view()); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t room_until_due() const noexcept {
        return static_cast<std::size_t>(due_ - here_.at);
    }
    /// Gives back what was consumed, where it is time to. False: the pass should end here.
    EVPROC_ALWAYS_INLINE bool publish_if_due(std::size_t events) noexcept {
        if (distance(here_.at, due_) < 0) [[likely]] return true;
        publish();
        if (!sees_front_ || distance(here_.at, front_) < 0) return true;
        sees_front_ = false;
        // Where so much had come together, there is enough again by now.
        if (events - events_at_last_look_ <= 2 * good_batch()) return pause(events);
        look_ahead();
        return true;
    }
    /// The same where the pass has stepped over something discarded, and will go on.
    EVPROC_ALWAYS_INLINE void publish_if_due() noexcept {
        if (distance(here_.at, due_) >= 0) [[unlikely]] publish();
    }
    EVPROC_ALWAYS_INLINE void publish() noexcept {
        if (!sees_front_) note_depth(core_.frontier().reserved);
        ring_access::publish(ring_, here_);
        set_due();
    }
    EVPROC_ALWAYS_INLINE void set_due() noexcept {
        due_ = core_.at() + quota();  // counted from what has been given back
        if (sees_front_ && distance(front_, due_) < 0 && distance(front_, here_.at) > 0) due_ = front_;
    }

    /// Sets the pass an end where the producers are now.
    EVPROC_ALWAYS_INLINE void look_ahead() noexcept {
        front_ = core_.look_ahead();
        sees_front_ = distance(front_, here_.at) > 0;
        if (sees_front_) note_depth(front_);
        set_due();
    }

    /// Lets several events come together where that pays, a few times a pass.
    EVPROC_ALWAYS_INLINE bool pause(std::size_t events) noexcept {
        std::size_t const found = events - std::exchange(events_at_last_look_, events);
        if (pauses_left_ == 0 || !ring_access::pace(ring_).pause_after(found, here_.at, good_batch())) return false;
        --pauses_left_;
        look_ahead();
        return true;
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t good_batch() const noexcept {
        return std::min(pacer::good_batch, quota());
    }

    /// What stands at the front, for a pass that found nothing there. `more`: something came meanwhile.
    EVPROC_ALWAYS_INLINE poll_state probe() const noexcept {
        if (ring_access::is_idle(ring_, here_.at)) [[likely]] {
            note_depth(here_.at);
            return poll_state::idle;
        }
        auto const claims = core_.frontier();
        note_depth(claims.reserved);
        if (claims.reserved == here_.at) return claims.closed ? poll_state::closed : poll_state::idle;
        // Only now is it known to be reserved; it may have been committed before that.
        return core_.is_ready(here_) ? poll_state::more : poll_state::blocked;
    }

    /// Slots in use, as the producers see it: what this pass has consumed is not free before it is published.
    EVPROC_ALWAYS_INLINE void note_depth(position reserved) const noexcept {
        ring_access::statistics(ring_).note_depth(reserved - core_.at());
    }

    EVPROC_ALWAYS_INLINE poll_state note(poll_state state) const noexcept {
        if (state == poll_state::blocked) [[unlikely]]
            ring_access::blocked(ring_, here_.at);
        else
            ring_access::stall(ring_).cleared();
        return state;
    }

    /// For a pass that ended before it had drained the ring.
    EVPROC_ALWAYS_INLINE poll_state finish() noexcept {
        cursor c = here_;
        while (core_.next_run(c).size == 0) {
            here_ = c;
            poll_state const state = probe();
            if (state != poll_state::more) return note(state);
        }
        here_ = c;
        note_depth(core_.frontier().reserved);
        return note(poll_state::more);
    }

    Ring& ring_;
    core_type& core_;
    [[no_unique_address]] batch_watch<core_type, typename Ring::observer_type> watch_;  ///< tells when all has been given back
    cursor here_;
    std::size_t events_at_last_look_ = 0;
    unsigned pauses_left_ = 4;
    position due_;               ///< where what was consumed has to be published at the latest
    position front_ = 0;         ///< where the producers were when the pass looked ahead, ...
    bool sees_front_ = false;    ///< ... if it did
};

/// The short way through a poll that finds some records of one event each, and then nothing: that of a consumer that keeps up.
/// Whatever it meets that is otherwise it leaves to a pass. It exists for the sake of a few registers: a pass has more to
/// remember than a processor has, and a locked instruction that follows waits for each store to the stack.
template <class Ring>
class short_poll {
    using core_type = core_of<Ring>;

public:
    EVPROC_ALWAYS_INLINE explicit short_poll(Ring& ring) noexcept
        : ring_{ring}, core_{ring_access::core(ring)}, first_{core_.at()}, at_{first_} {
        ring_access::mark(ring_).enter();
        ring_access::mark(ring_).hold();
    }
    EVPROC_ALWAYS_INLINE ~short_poll() {
        if (at_ != first_) ring_access::publish(ring_, at_);
        ring_access::mark(ring_).let_go();
        ring_access::mark(ring_).leave();
    }
    short_poll(short_poll const&) = delete;
    short_poll& operator=(short_poll const&) = delete;

    /// True if it came to where nothing is ready; then `word` is what it found there. False: a pass has to go on from here.
    template <class H>
    EVPROC_ALWAYS_INLINE bool run(H& handler, std::size_t max, record_word& word, step& last) {
        auto const view = core_.view();
        position const until = at_ + std::min(max, publish_quota(view));
        for (;;) {
            word = core_type::word_at(view, at_);
            if (word.bits != record_word::committed(at_ + 1)) return !word.is_ready(at_);
            if (at_ == until) return false;
            last.action = hand_out(handler, view.element(at_), event_info{at_, false}, at_);
            if (!last.goes_on()) return false;
        }
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t events() const noexcept { return static_cast<std::size_t>(at_ - first_); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE position at() const noexcept { return at_; }

private:
    Ring& ring_;
    core_type& core_;
    position const first_;
    position at_;
};

/// A poll. Not to be called out of line: what its handler has captured would live in memory then.
template <class Ring, class H>
EVPROC_ALWAYS_INLINE drain_result drain(Ring& ring, H& handler, std::size_t max) {
    std::size_t events = 0;
    step last;
    // An observer is told of all that one poll gave back at once; who asks for the end of a batch has each event looked behind.
    if constexpr (core_of<Ring>::has_records && !sees_batch<typename Ring::observer_type> &&
                  !takes_info<H, typename Ring::value_type&>) {
        if (ring_access::may_be_short(ring)) [[likely]] {
            record_word word;
            bool nothing_more = false;
            position at = 0;
            {
                short_poll<Ring> poll{ring};
                nothing_more = poll.run(handler, max, word, last);
                events = poll.events();
                at = poll.at();
            }
            // Last of all, because the line that this looks at is the one on which producers have their locked instructions.
            auto& core = ring_access::core(ring);
            if (nothing_more && !ring_access::pace(ring).is_due(events, at) &&
                ring_access::is_idle(ring, at, word)) [[likely]] {
                ring_access::statistics(ring).note_depth(events);
                core.found(events);
                return {{events, poll_state::idle}, event_action::next};
            }
            // The pass counts from what has been given back. (What was claimed since then may be too much.)
            if (events != 0)
                ring_access::statistics(ring).note_depth(
                    std::min<std::uint64_t>(core.frontier().reserved - (at - events), core.view().capacity()));
        }
    }
    return pass<Ring>{ring}.by_event(handler, max, events, last);
}

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
