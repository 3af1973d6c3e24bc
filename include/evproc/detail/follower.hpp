// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer.hpp>
#include <evproc/detail/consumer_position.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/pacer.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/detail/sequence.hpp>
#include <evproc/detail/signals.hpp>
#include <evproc/event_info.hpp>
#include <evproc/ready_range.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// One consumer of a broadcast_ring, behind broadcast_consumer. One thread, but for wake() and the hints. A later stage stops
/// at `limit_`, a copy of the slowest position of the stage before, refreshed when reached; it may lie inside a record.
template <class Ring, class Core, bool Paces, std::size_t Stage> class follower {
    using element_type = typename Core::element_type;
    using gate_type = typename Core::gate_type;
    static constexpr bool is_first = Stage == 0;
    static constexpr bool destroys = gate_type::is_last(Stage) && !std::is_trivially_destructible_v<element_type>;
    static constexpr afterwards then = destroys ? afterwards::destroy : afterwards::leave;

public:
    using value_type = std::conditional_t<gate_type::size(Stage) == 1, element_type, element_type const>;
    using ready_type = ready_range<Core, value_type>;

    follower(Ring& ring, std::size_t i, std::size_t capacity, position first) noexcept
        : consumer_{capacity, first}, ring_{ring}, index_{i}, limit_{is_first ? no_limit : first} {}

    template <delivery How, class H> EVPROC_ALWAYS_INLINE poll_outcome poll(H& handler, std::size_t max) {
        consumer_scope const scope{thread()};
        on_exit const releases{*this};
        std::size_t events = 0;
        unsigned pauses_left = pauses_per_poll;
        event_action last = event_action::next;
        while (events != max && last == event_action::next) {
            std::size_t const most = max - events;
            if (unreleased() >= quota()) release_midway();
            position const before = cursor().at;
            auto const run = consumer_.acquire(core(), run_limit<How>(most), limit());
            if (run.size == 0) {
                release();  // followers must not wait for a pause
                if (look_again(pauses_left)) continue;
                return {{events, is_over() ? poll_state::closed : poll_state::idle}, last};
            }
            position const from = cursor().at;
            if (from != before) [[unlikely]]
                release_midway();
            if (from + run.size == limit_) static_cast<void>(refresh());  // before end_of_batch is said
            last = consumer_.template deliver<How, then, value_type&>(core(), run, handler, most, limit_);
            events += static_cast<std::size_t>(cursor().at - from);
        }
        return {{events, poll_state::more}, last};
    }

    [[nodiscard]] ready_type peek(std::size_t max) noexcept {
        std::size_t size = 0;
        if (skip_discarded()) {
            peeked_to_ = cursor();
            while (size < max) {
                std::size_t const found = core().next_run(peeked_to_, max - size, limit_).size;
                if (found == 0 && peeked_to_.at == limit_ && refresh()) continue;
                if (found == 0) break;
                peeked_to_.at += found;
                size += found;
            }
        }
        left_ = size;
        if (size == 0) {
            thread().clear_holder();
            return {};
        }
        thread().set_holder();
        return rest();
    }
    /// What becomes of the first k events is up to the stage.
    template <afterwards> void release(std::size_t k) noexcept {
        EVPROC_CHECK(k <= left_, "more events were released than the last peek showed");
        k = min_of(k, left_);
        left_ -= k;
        if (left_ == 0 && k != 0 && !destroys) {
            consumer_.skip_to(peeked_to_);
        } else {
            auto ignore = [](element_type&) noexcept {};
            while (k != 0) {
                auto const run = consumer_.acquire(core(), k, limit_);
                consumer_.template deliver<delivery::events, then>(core(), run, ignore, k);
                k -= run.size;
            }
        }
        skip_discarded();
        if (left_ == 0) thread().clear_holder();
    }
    void keep() noexcept {
        left_ = 0;
        thread().clear_holder();
    }
    [[nodiscard]] ready_type rest() const noexcept { return {core(), cursor(), left_}; }
    [[nodiscard]] std::size_t left() const noexcept { return left_; }

    [[nodiscard]] poll_state state() const noexcept {
        read_cursor ahead = cursor();
        for (;;) {
            if (core().next_run(ahead, 1, gate().handled_before(Stage)).size != 0) return poll_state::more;
            auto const claimed = core().claimed();
            if (claimed.at == ahead.at) return claimed.closed ? poll_state::closed : poll_state::idle;
            if (!is_ready(ahead)) return poll_state::blocked;
        }
    }

    template <class Stop> wake_reason await(wait_deadline until, Stop const& stop) {
        auto reason = skip_discarded() ? wake_reason::ready : wake_reason::elsewhere;
        while (reason == wake_reason::elsewhere) {
            // Changes when the stage before leaves.
            std::size_t const followed = gate().followed_by(Stage);
            reason = await_at(*this, ring_.wait_for(followed), until, stop,
                              [&]() noexcept { return gate().followed_by(Stage) != followed; });
        }
        return reason;
    }
    [[nodiscard]] bool is_ready() const noexcept { return is_ready(cursor()); }
    [[nodiscard]] bool is_over() const noexcept {
        if (!ring_.is_closing()) [[likely]]
            return false;
        auto const claimed = core().claimed();
        return claimed.closed && claimed.at == cursor().at;
    }
    [[nodiscard]] bool take_wake() noexcept { return wake_.take_wake(); }
    void note_stall() noexcept {
        if constexpr (is_first) ring_.note_stall(cursor());
    }
    bool skip_discarded() noexcept {
        if (!is_first && distance(limit_, cursor().at) <= 0) static_cast<void>(refresh());
        bool const ready = consumer_.acquire(core(), 1, limit_).size != 0;
        release();
        return ready;
    }

    void wake() noexcept {
        wake_.raise_wake();
        for (std::size_t stage = 0; stage <= Stage; ++stage) ring_.wait_for(stage).notify();
    }

    void close() noexcept { ring_.close(); }

    void leave() noexcept {
        EVPROC_CHECK(!thread().is_entered(),
                     "a broadcast_consumer left inside its own handler, or while a committed_batch was live");
        keep();
        if (gate().leave(Stage, index_, destroys))
            ring_.close();
        else
            ring_.template notify_behind<Stage>();
    }

    void destroy_all() noexcept {
        if constexpr (destroys) {
            auto ignore = [](element_type&) noexcept {};
            for (;;) {
                auto const run = consumer_.acquire(core(), core().view().capacity());
                if (run.size == 0) return;
                consumer_.template deliver<delivery::events, afterwards::destroy>(core(), run, ignore, run.size);
            }
        }
    }

    [[nodiscard]] consumer_position& published() const noexcept { return gate().of(Stage, index_); }
    [[nodiscard]] consuming_thread& thread() noexcept { return published().thread(); }
    [[nodiscard]] read_cursor const& cursor() const noexcept { return consumer_.cursor(); }
    [[nodiscard]] Ring& ring() const noexcept { return ring_; }

private:
    struct on_exit {
        follower& self;
        EVPROC_ALWAYS_INLINE ~on_exit() { self.release(); }
    };

    [[nodiscard]] Core& core() const noexcept { return ring_.core(); }
    [[nodiscard]] gate_type& gate() const noexcept { return core().gate(); }

    [[nodiscard]] EVPROC_ALWAYS_INLINE position limit() const noexcept {
        if constexpr (is_first)
            return consumer_.pace().limit();
        else
            return limit_;
    }
    /// Asks the stage before. True if it has advanced.
    bool refresh() noexcept {
        if constexpr (is_first) return false;
        position const before = limit_;
        limit_ = gate().handled_before(Stage);
        return limit_ != before;
    }
    EVPROC_ALWAYS_INLINE bool look_again(unsigned& pauses_left) noexcept {
        if constexpr (is_first)
            return consumer_.look_again(core(), pauses_left);
        else
            return refresh();
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t quota() const noexcept {
        std::size_t const quarter = max_of<std::size_t>(core().view().capacity() / 4, 1);
        return gate_type::is_last(Stage) ? quarter : min_of<std::size_t>(quarter, 64);
    }
    template <delivery How> [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t run_limit(std::size_t most) const noexcept {
        if constexpr (How == delivery::events) return min_of(most, quota() - unreleased());
        // A batch that was committed as one is handed out as one, up to the limit.
        return Core::view_type::is_contiguous ? most : 1;
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t unreleased() const noexcept {
        return static_cast<std::size_t>(cursor().at - published().consumed_approx());
    }
    EVPROC_ALWAYS_INLINE void release() noexcept {
        if (unreleased() == 0) return;
        if constexpr (gate_type::is_last(Stage)) ring_.note_depth(unreleased());
        published().publish(cursor());
        ring_.template notify_behind<Stage>();
    }
    EVPROC_COLD void release_midway() noexcept {
        if constexpr (gate_type::is_last(Stage)) ring_.note_depth();
        release();
    }

    [[nodiscard]] bool is_ready(read_cursor const& at) const noexcept {
        if (!is_first && distance(gate().handled_before(Stage), at.at) <= 0) return false;
        return core().is_ready(at);
    }

    alignas(false_sharing_range) consumer<Core, std::conditional_t<is_first && Paces, pacer, no_pacer>> consumer_;
    Ring& ring_;
    std::size_t const index_;  ///< in its stage
    position limit_;           ///< how far the stage before had come when asked last
    read_cursor peeked_to_{};  ///< end of the last peek
    std::size_t left_ = 0;     ///< its events not released
    signals wake_;             ///< its wake(); the closed flag is the ring's
};

}  // namespace evproc::detail::inline EVPROC_ABI
