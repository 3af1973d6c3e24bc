// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer_position.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/pacer.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/detail/sequence.hpp>
#include <evproc/detail/signals.hpp>
#include <evproc/event_info.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// `strict`: the first ring that has something; earlier rings are looked at again every `burst` events.
template <class Order> class turns {
public:
    explicit turns(Order const& order) noexcept : burst_{max_of<std::size_t>(order.burst, 1)} {}

    void begin() noexcept { at_ = since_first_ = 0; }
    /// Whether all `n` rings came back empty, one right after the other.
    [[nodiscard]] bool all_empty(std::size_t n) noexcept {
        if (at_ < n) return false;
        at_ = 0;
        return std::exchange(since_first_, 0) == 0;
    }
    [[nodiscard]] std::size_t source() const noexcept { return at_; }
    [[nodiscard]] std::size_t quantum() const noexcept { return at_ == 0 ? SIZE_MAX : burst_ - since_first_; }
    void start() noexcept {}
    void end(std::size_t events, bool has_more) noexcept {
        if (at_ != 0) since_first_ += events;
        if (!has_more) ++at_;
        if (since_first_ == burst_) begin();
    }

private:
    std::size_t const burst_;
    std::size_t at_ = 0;
    std::size_t since_first_ = 0;  ///< events of other rings since the first was looked at
};

/// `weighted`: each ring in turn gives its share, or what it has. Turns go on over polls.
template <class Order> requires requires(Order const& order) { order.share; }
class turns<Order> {
public:
    explicit turns(Order const& order) noexcept : order_{order} {}

    void begin() noexcept { misses_ = 0; }
    [[nodiscard]] bool all_empty(std::size_t n) noexcept {
        if (at_ >= n) at_ = 0;
        return misses_ >= n;
    }
    [[nodiscard]] std::size_t source() const noexcept { return at_; }
    [[nodiscard]] std::size_t quantum() const noexcept { return left_ != 0 ? left_ : share(at_); }
    /// The next ring's turn from here on: a ring whose handler throws does not stay in front.
    void start() noexcept {
        turn_of_ = at_++;
        given_ = std::exchange(left_, 0);
        if (given_ == 0) given_ = share(turn_of_);
    }
    void end(std::size_t events, bool has_more) noexcept {
        // A ring that gave all it had counts as looked at: another look would meet the line being written.
        misses_ = has_more ? 0 : events == 0 ? misses_ + 1 : 1;
        if (!has_more || events >= given_) return;
        at_ = turn_of_;
        left_ = given_ - events;
    }

private:
    [[nodiscard]] std::size_t share(std::size_t i) const noexcept {
        if constexpr (requires { order_.share[i]; })
            return max_of<std::size_t>(order_.share[i], 1);
        else
            return order_.share;
    }

    Order const order_;
    std::size_t at_ = 0;
    std::size_t left_ = 0;  ///< of this turn, begun by an earlier poll; 0: not begun
    std::size_t turn_of_ = 0;
    std::size_t given_ = 0;
    std::size_t misses_ = 0;  ///< rings that gave nothing, one after the other
};

struct ring_access {
    template <class Processor> [[nodiscard]] static auto& ring(Processor& processor) noexcept {
        return processor.ring();
    }
};

/// One consumer of several rings of one wait_group: n rings, one place to sleep, an order of looking. `Sources`: `size()`
/// rings in use of `all()`; `visit(i, f)` calls f(ring); `group()`. It pauses (pacer.hpp) only after all rings came back
/// empty, so none waits for another's batch.
template <class Sources, class Order, bool Paces> class round {
    using group_type = typename Sources::group_type;
    using wait_type = typename group_type::wait_type;

public:
    round(Sources sources, Order const& order)
        : sources_{sources},
          turns_{order},
          kept_in_{std::make_unique<std::uint64_t[]>(sources_.all())},
          capacity_{sum_of_capacities()},
          pacer_{capacity_, 0} {}

    /// `take(i, most, to_front)` polls ring i and returns a poll_outcome.
    template <class Take> EVPROC_ALWAYS_INLINE poll_outcome poll(Take take, std::size_t max) {
        consumer_scope const scope{sources_.group().thread()};
        ++polls_;
        std::size_t events = 0;
        unsigned pauses_left = pauses_per_poll;
        event_action last = event_action::next;
        bool to_front = pacer_.is_paying();
        position before = delivered_;  // when the first ring was looked at
        turns_.begin();
        while (events != max) {
            if (turns_.all_empty(sources_.size())) {
                if (last == event_action::keep) break;
                bool const has_paused = pacer_.look_again(delivered_, pauses_left, [] { return no_limit; });
                if (has_paused || to_front) {
                    // Without a pause, and with nothing left before the fronts: once more, as far as there is something.
                    to_front = pacer_.is_paying() && (has_paused || delivered_ != before);
                    before = delivered_;
                    turns_.begin();
                    continue;
                }
                return {{events, is_over() ? poll_state::closed : poll_state::idle}, last};
            }
            std::size_t const i = turns_.source();
            std::size_t const most = min_of(turns_.quantum(), max - events);
            turns_.start();
            if (last == event_action::keep && kept_in_[i] == polls_) [[unlikely]] {
                turns_.end(0, false);
                continue;
            }
            poll_outcome const turn = take(i, most, to_front);
            events += turn.polled.events;
            delivered_ += turn.polled.events;
            bool const kept = turn.last == event_action::keep;
            turns_.end(turn.polled.events, turn.polled.state == poll_state::more && !kept);
            if (turn.last == event_action::stop) return {{events, poll_state::more}, turn.last};
            if (kept) {
                kept_in_[i] = polls_;
                last = event_action::keep;
            }
        }
        return {{events, poll_state::more}, last};
    }

    [[nodiscard]] poll_state state() const noexcept {
        poll_state all = poll_state::closed;
        for (std::size_t i = 0; i != sources_.all(); ++i) {
            poll_state const one = sources_.visit(i, [](auto& ring) { return ring.state(); });
            if (one == poll_state::more) return one;
            if (one == poll_state::blocked || all == poll_state::closed) all = one;
        }
        return all;
    }

    [[nodiscard]] bool skip_discarded() noexcept {
        bool ready = false;
        for (std::size_t i = 0; i != sources_.size(); ++i)
            ready |= sources_.visit(i, [](auto& ring) { return ring.skip_discarded(); });
        return ready;
    }

    [[nodiscard]] bool is_ready() const noexcept {
        for (std::size_t i = 0; i != sources_.size(); ++i) {
            if (sources_.visit(i, [](auto& ring) { return ring.is_ready(); })) return true;
        }
        return false;
    }
    [[nodiscard]] bool is_over() const noexcept {
        for (std::size_t i = 0; i != sources_.all(); ++i) {
            if (!sources_.visit(i, [](auto& ring) { return ring.is_over(); })) return false;
        }
        return true;
    }
    [[nodiscard]] bool take_wake() noexcept {
        bool woken = signals_.take_wake();
        for (std::size_t i = 0; i != sources_.all(); ++i)
            woken |= sources_.visit(i, [](auto& ring) { return ring.take_wake(); });
        return woken;
    }

    EVPROC_COLD void note_stall() noexcept {
        for (std::size_t i = 0; i != sources_.size(); ++i)
            sources_.visit(i, [](auto& ring) {
                ring.note_stall();
                return true;
            });
    }

    template <class Stop> wake_reason await(wait_deadline until, Stop const& stop) {
        if (skip_discarded()) return wake_reason::ready;
        return await_at(*this, consumer_wait(), until, stop, []() noexcept { return false; });
    }

    void wake() noexcept {
        signals_.raise_wake();
        consumer_wait().notify();
    }
    void close() noexcept {
        for (std::size_t i = 0; i != sources_.all(); ++i) {
            sources_.visit(i, [](auto& ring) {
                ring.close();
                return true;
            });
        }
    }

    [[nodiscard]] bool arm() {
        return arm_unless_ready(*this, [this](auto look) { return consumer_wait().arm(look); }, never_stops{});
    }
    void disarm() noexcept {
        consumer_wait().disarm();
        static_cast<void>(take_wake());
    }

    [[nodiscard]] wait_type& consumer_wait() noexcept { return sources_.group().consumer_wait(); }
    [[nodiscard]] Sources const& sources() const noexcept { return sources_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    [[nodiscard]] std::size_t sum_of_capacities() const noexcept {
        std::size_t sum = 0;
        for (std::size_t i = 0; i != sources_.all(); ++i)
            sum += sources_.visit(i, [](auto& ring) { return ring.capacity(); });
        return sum;
    }

    // The consumer's own, but for signals_: producers read what stands before it (a ring's address) for each event.
    alignas(false_sharing_range) Sources const sources_;
    turns<Order> turns_;
    std::uint64_t polls_ = 0;
    std::unique_ptr<std::uint64_t[]> const kept_in_;  ///< for each ring: the last poll that kept its event
    std::size_t const capacity_;
    position delivered_ = 0;  ///< number of events, for the pacer
    [[no_unique_address]] std::conditional_t<Paces, pacer, no_pacer> pacer_;
    signals signals_;
};

inline void add(processor_stats& sum, processor_stats const& s) noexcept {
    sum.committed += s.committed;
    sum.consumed += s.consumed;
    sum.discarded += s.discarded;
    sum.full_waits += s.full_waits;
    sum.refused += s.refused;
    sum.max_depth = max_of(sum.max_depth, s.max_depth);
    sum.parks += s.parks;
}

template <class Event, class H>
inline constexpr bool takes_selected =
    std::is_invocable_v<H&, Event&, select_info const&> || std::is_invocable_v<H&, Event&>;

template <class Event, class H>
EVPROC_ALWAYS_INLINE event_action invoke_selected(H& handler, Event& event, select_info const& info) {
    if constexpr (std::is_invocable_v<H&, Event&, select_info const&>) {
        auto bound = [&](Event& e) -> decltype(auto) { return detail::call(handler, e, info); };
        return invoke_handler(bound, event, info);
    } else {
        return invoke_handler(handler, event, info);
    }
}

template <class Ring, class H>
EVPROC_ALWAYS_INLINE poll_outcome take_turn(Ring& ring, H& handler, std::size_t source, std::size_t most,
                                            bool to_front = false) {
    using event = typename Ring::value_type;
    if constexpr (std::is_invocable_v<H&, event&, select_info const&>) {
        auto with_source = [&](event& e, event_info const& info) {
            return invoke_selected(handler, e, select_info{info, source});
        };
        return ring.template poll<delivery::events, true>(with_source, most, to_front);
    } else {
        return ring.template poll<delivery::events, true>(handler, most, to_front);
    }
}

}  // namespace evproc::detail::inline EVPROC_ABI
