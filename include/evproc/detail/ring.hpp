// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer.hpp>
#include <evproc/detail/consumer_position.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/pacer.hpp>
#include <evproc/detail/producers.hpp>
#include <evproc/detail/sequence.hpp>
#include <evproc/event_info.hpp>
#include <evproc/observer.hpp>
#include <evproc/ready_range.hpp>
#include <evproc/ring_options.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::detail::inline EVPROC_ABI {

struct test_access;
struct ring_access;

enum class wake_reason { ready, over, woken, stopped, timed_out, elsewhere };

struct poll_outcome {
    poll_result polled;
    event_action last = event_action::next;
};

/// Registers a callback instead of sleeping: `arm(look)` asks to be told of the next step, unless `look()`. True: it was
/// registered, and another thread may be the consumer from that moment on. False: a wait would be over.
template <class Source, class Arm, class Stop> bool arm_unless_ready(Source& source, Arm arm, Stop const& stop) {
    for (;;) {
        if (source.skip_discarded()) return false;
        bool is_finished = false;
        bool const armed = arm([&]() noexcept {
            if (source.is_ready()) return true;
            is_finished = source.is_over() || source.take_wake() || stop.stop_requested();
            return is_finished;
        });
        if (armed) return true;
        if (is_finished) return false;
    }
}

/// Waits by `wait` until the consumer `source` has an event or another reason to go on. `elsewhere`: `moved()`, so it has to
/// wait at another place.
template <class Source, class Wait, class Stop, class Moved>
wake_reason await_at(Source& source, Wait& wait, wait_deadline until, Stop const& stop, Moved moved) {
    using enum wake_reason;
    struct condition {
        Source& source;
        Stop const& stop;
        Moved moved;
        bool was_woken = false;
        unsigned looks = 0;

        bool operator()() noexcept {
            if (source.is_ready() || source.is_over()) return true;
            was_woken = source.take_wake();
            if (++looks == 64) source.note_stall();
            return was_woken || stop.stop_requested() || moved();
        }
        void before_sleep() noexcept { source.note_stall(); }
    };
    stop_notifier<Stop, Wait> const notifier{stop, wait};
    for (;;) {
        condition over_at{source, stop, moved};
        bool const in_time = wait.wait(over_at, until);
        if (source.skip_discarded()) return ready;
        if (over_at.was_woken) return woken;
        if (source.is_over()) return over;
        if (stop.stop_requested()) return stopped;
        if (!in_time) {
            source.note_stall();
            return timed_out;
        }
        if (moved()) return elsewhere;
    }
}

/// A ring with one consumer, behind ring_buffer and event_processor, which document the verbs.
template <class T, std::size_t N, class Wait, ring_options Options, class Observer>
class ring : public producers<T, N, Wait, Options, Observer, consumer_position> {
    using base = producers<T, N, Wait, Options, Observer, consumer_position>;

public:
    using core_type = typename base::core_type;
    using ready_type = ready_range<core_type>;

    template <class Group, class... O>
    ring(position first, std::size_t capacity, Group group, O&&... observer)
        : base{first, capacity, group, std::forward<O>(observer)...}, consumer_{capacity, first} {}

    // ---- consumer: one thread ----

    /// `Then`: what becomes of an event after the handler. Inlined: the captures stay in registers. `InRound`: one turn of a
    /// consumer of several rings, which pauses and finds the end itself. `to_front`: stay off the line being written.
    template <delivery How, bool InRound = false, class H>
    EVPROC_ALWAYS_INLINE poll_outcome poll(H& handler, std::size_t max, [[maybe_unused]] bool to_front = false) {
        if ((InRound || consumer_.pace().is_at_rest(cursor().at)) && !this->core_.is_ready(cursor()) && max != 0)
            return {{0, !InRound && is_over() ? poll_state::closed : poll_state::idle}, event_action::next};
        [[maybe_unused]] std::conditional_t<InRound, no_scope, consumer_scope> const scope{thread()};
        batch_watch const watch{consumer_, this->observer_};
        on_exit const releases{*this};
        std::size_t events = 0;
        position due = cursor().at + quota();  // where to release at the latest
        unsigned pauses_left = pauses_per_poll;
        event_action last = event_action::next;
        [[maybe_unused]] position const front = InRound && to_front ? this->core_.front_approx() : no_limit;
        while (events != max && last == event_action::next) {
            std::size_t const most = max - events;
            position const before = cursor().at;
            auto const run = consumer_.acquire(this->core_, run_limit<How>(most, due - before),
                                               InRound ? front : consumer_.pace().limit());
            position const from = cursor().at;
            if (from != before) [[unlikely]]
                due = release_midway();  // what was discarded is free at once
            if (run.size == 0) {
                if constexpr (InRound) return {{events, poll_state::idle}, last};
                release();  // the producers must not wait for this thread to pause
                if (consumer_.look_again(this->core_, pauses_left)) continue;
                return {{events, is_over() ? poll_state::closed : poll_state::idle}, last};
            }
            [[maybe_unused]] std::uint64_t const skipped = cursor().discarded;
            last = consumer_.template deliver<How, afterwards::destroy>(this->core_, run, handler, most);
            events += static_cast<std::size_t>(cursor().at - from);
            if constexpr (How == delivery::records) events -= static_cast<std::size_t>(cursor().discarded - skipped);
            if (distance(cursor().at, due) >= 0) [[unlikely]]
                due = release_midway();
        }
        return {{events, poll_state::more}, last};
    }

    [[nodiscard]] ready_type peek(std::size_t max) noexcept {
        // After a peek that saw the end: pause, if that pays, so that a batch comes together.
        unsigned one = 1;
        if (drained_) static_cast<void>(consumer_.look_again(this->core_, one));
        std::size_t size = 0;
        if (skip_discarded()) {
            peeked_to_ = consumer_.cursor();
            position const limit = consumer_.pace().is_paying() ? this->core_.front_approx() : no_limit;
            while (size < max) {
                std::size_t const found = this->core_.next_run(peeked_to_, max - size, limit).size;
                if (found == 0) break;
                peeked_to_.at += found;
                size += found;
            }
        }
        left_ = size;
        drained_ = size < max;
        if (size == 0) {
            thread().clear_holder();
            return {};
        }
        thread().set_holder();
        return {this->core_, consumer_.cursor(), size};
    }

    template <afterwards Then> void release(std::size_t k) noexcept {
        EVPROC_CHECK(k <= left_, "more events were released than the last peek showed");
        k = min_of(k, left_);
        left_ -= k;
        batch_watch const watch{consumer_, this->observer_};
        if (left_ == 0 && k != 0 && (Then == afterwards::leave || std::is_trivially_destructible_v<T>)) {
            consumer_.skip_to(peeked_to_);
        } else {
            auto ignore = [](T&) noexcept {};
            while (k != 0) {
                auto const run = consumer_.acquire(this->core_, k);
                consumer_.template deliver<delivery::events, Then>(this->core_, run, ignore, k);
                k -= run.size;
            }
        }
        skip_discarded();  // a discarded record right behind would otherwise keep its space until the next look
        if (left_ == 0) thread().clear_holder();
    }
    void keep() noexcept {
        left_ = 0;
        thread().clear_holder();
    }
    [[nodiscard]] ready_type rest() const noexcept { return {this->core_, cursor(), left_}; }
    [[nodiscard]] std::size_t left() const noexcept { return left_; }

    [[nodiscard]] poll_state state() const noexcept {
        read_cursor ahead = consumer_.cursor();
        for (;;) {
            if (this->core_.next_run(ahead, 1, no_limit).size != 0) return poll_state::more;
            auto const claimed = this->core_.claimed();
            if (claimed.at == ahead.at) return claimed.closed ? poll_state::closed : poll_state::idle;
            // Only now is it known to be reserved; it may have been committed before that.
            if (!this->core_.is_ready(ahead)) return poll_state::blocked;
        }
    }

    template <class Stop> wake_reason await(wait_deadline until, Stop const& stop) {
        if (skip_discarded()) return wake_reason::ready;
        [[maybe_unused]] auto const zone = tell_of_wait(this->observer_, wait_side::consumer);
        return await_at(*this, this->for_consumer_, until, stop, []() noexcept { return false; });
    }

    /// Skips and releases discarded slots. True if an event is ready.
    bool skip_discarded() noexcept {
        bool const ready = consumer_.acquire(this->core_, 1).size != 0;
        release();
        return ready;
    }

    void destroy_all() noexcept {
        auto ignore = [](T&) noexcept {};
        destroy_all<delivery::events>(ignore);
    }
    template <delivery How, class H> void destroy_all(H& last) noexcept {
        for (;;) {
            auto const run = consumer_.acquire(this->core_, capacity());
            if (run.size == 0) break;
            consumer_.template deliver<How, afterwards::destroy>(this->core_, run, last, run.size);
        }
        EVPROC_CHECK(consumer_.cursor().at == this->core_.claimed_approx(),
                     "a processor was destroyed while a reservation was live");
    }

    // ---- consumer of several rings ----

    static constexpr bool paces = Options.pacing;
    [[nodiscard]] bool is_ready() const noexcept { return this->core_.is_ready(cursor()); }
    [[nodiscard]] bool is_over() const noexcept {
        if (!this->signals_.closed()) [[likely]]
            return false;
        auto const claimed = this->core_.claimed();
        return claimed.closed && claimed.at == consumer_.cursor().at;
    }
    [[nodiscard]] bool take_wake() noexcept { return this->signals_.take_wake(); }
    /// Starts the stall clock if the consumer waits for a commit.
    EVPROC_COLD void note_stall() noexcept {
        read_cursor const& at = cursor();
        if (this->core_.claimed_approx() == at.at || this->core_.is_ready(at) || !this->stall_.note(at.at)) return;
        this->observer_.on_stall(at.at);
    }

    [[nodiscard]] bool arm() {
        return arm_unless_ready(*this, [this](auto look) { return this->for_consumer_.arm(look); }, never_stops{});
    }
    void disarm() noexcept {
        this->for_consumer_.disarm();
        static_cast<void>(this->signals_.take_wake());  // it has done its work: the consumer is awake
    }

    [[nodiscard]] consuming_thread& thread() noexcept {
        if constexpr (requires { this->for_consumer_.group(); })
            return this->for_consumer_.group().thread();
        else
            return this->core_.gate().thread();
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return this->core_.view().capacity(); }
    [[nodiscard]] read_cursor const& cursor() const noexcept { return consumer_.cursor(); }

private:
    struct no_scope {
        explicit no_scope(consuming_thread&) noexcept {}
    };
    struct on_exit {
        ring& self;
        EVPROC_ALWAYS_INLINE ~on_exit() { self.release(); }
    };

    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t quota() const noexcept {
        return max_of<std::size_t>(capacity() / 4, 1);
    }

    template <delivery How>
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t run_limit(std::size_t most, std::uint64_t until_due) const noexcept {
        if constexpr (How == delivery::events) return most < until_due ? most : static_cast<std::size_t>(until_due);
        // A record is never cut, and `most` counts records.
        if constexpr (How == delivery::records) return capacity();
        // A batch that was committed as one is handed out as one.
        return core_type::view_type::is_contiguous ? most : 1;
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t unreleased() const noexcept {
        return static_cast<std::size_t>(cursor().at - this->core_.gate().consumed_approx());
    }
    EVPROC_ALWAYS_INLINE void release() noexcept {
        std::size_t const freed = unreleased();
        if (freed == 0) return;
        this->statistics_.note_depth(freed);
        this->core_.gate().publish(consumer_.cursor());
        notify_of_slots(this->for_producers_, freed);
    }
    /// release() within a poll: there was more than it has consumed. Returns where to release next at the latest.
    EVPROC_COLD position release_midway() noexcept {
        if constexpr (Options.statistics) {
            if (this->statistics_.max_depth() < capacity()) this->statistics_.note_depth(this->size_approx());
        }
        release();
        return cursor().at + quota();
    }

    alignas(false_sharing_range) consumer<core_type, std::conditional_t<Options.pacing, pacer, no_pacer>> consumer_;
    read_cursor peeked_to_{};  ///< end of the last peek
    std::size_t left_ = 0;     ///< its events not released
    bool drained_ = false;     ///< it saw all there was
};

}  // namespace evproc::detail::inline EVPROC_ABI
