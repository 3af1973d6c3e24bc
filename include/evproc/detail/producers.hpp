// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/mpsc_ring.hpp>
#include <evproc/detail/platform/cpu.hpp>
#include <evproc/detail/sequence.hpp>
#include <evproc/detail/signals.hpp>
#include <evproc/detail/spsc_ring.hpp>
#include <evproc/detail/statistics.hpp>
#include <evproc/detail/storage.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/observer.hpp>
#include <evproc/ring_options.hpp>
#include <evproc/slot_range.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::detail::inline EVPROC_ABI {

template <class T, std::size_t N, ring_options Options>
using view_for =
    std::conditional_t<Options.producers == producer_kind::single, separate_view<T, N, Options.max_batch, false>,
                       std::conditional_t<(Options.max_batch == 1 || N == 1) && fits_inline<T>, inline_view<T, N>,
                                          separate_view<T, N, Options.max_batch, true>>>;

template <class T, std::size_t N, ring_options Options, class Gate>
using core_for = std::conditional_t<Options.producers == producer_kind::single, spsc_ring<view_for<T, N, Options>>,
                                    mpsc_ring<view_for<T, N, Options>, Gate>>;

/// In cpu_relax(): 0.8 to 2.5 us, in which a consumer that takes one event at a time frees hundreds of slots.
inline constexpr std::size_t longest_full_pause = 64;

/// The producers' side of every ring and processor: claim, commit and discard with waiting, statistics and hooks. The public
/// classes document the verbs; derived classes consume.
template <class T, std::size_t N, class Wait, ring_options Options, class Observer, class Gate> class producers {
    static_assert(std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T>,
                  "evproc: T must be an object type, neither const nor an array: wrap an array in a struct");
    static_assert(std::is_nothrow_destructible_v<T>,
                  "evproc: the destructor of T must not throw, since it runs as slots are released: make it noexcept");
    static_assert(wait_strategy<Wait>,
                  "evproc: Wait must satisfy evproc::wait_strategy (evproc/wait/wait_strategy.hpp)");
    static_assert(std::is_base_of_v<no_observer, Observer> && std::is_nothrow_destructible_v<Observer>,
                  "evproc: an observer must derive from evproc::no_observer, and its destructor must not throw");
    static_assert(
        has_noexcept_hooks<Observer>,
        "evproc: an observer's hooks must have the parameters of no_observer's and be noexcept, and so must be "
        "the destructor of what on_wait returns");

public:
    using value_type = T;
    using wait_type = Wait;
    using observer_type = Observer;
    using range_type = slot_range<T>;
    using core_type = core_for<T, N, Options, Gate>;

    template <class Group, class... O>
    producers(position first, std::size_t capacity, Group group, O&&... observer)
        : core_{capacity, first},
          for_consumer_(make_wait(group)),
          first_{first},
          observer_(std::forward<O>(observer)...) {}
    producers(producers const&) = delete;
    producers& operator=(producers const&) = delete;

    [[nodiscard]] errc check_size(std::size_t n) const noexcept {
        if (n - 1 < core_.view().max_batch()) [[likely]]
            return errc::success;
        return n == 0 ? errc::invalid_size : errc::too_large;
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n) noexcept {
        if (errc const e = check_size(n); e != errc::success) [[unlikely]]
            return refuse(e);
        return to_range(try_claim(n, n));
    }
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept {
        if (n == 0) return refuse(errc::invalid_size);
        return to_range(try_claim(1, min_of(n, core_.view().max_batch())));
    }
    template <class Stop = never_stops>
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n, wait_deadline until = no_deadline,
                                                          Stop const& stop = {}) {
        if (errc const e = check_size(n); e != errc::success) [[unlikely]]
            return refuse(e);
        claim c = claim_slots(n, n);
        if (c.error == errc::full) [[unlikely]] {
            c = wait_for_space(n, until, stop);
            // The compiler knows the size of a success on the other path; now on this one too.
            if (c.error == errc::success) c.size = static_cast<std::uint32_t>(n);
        }
        return to_range(c);
    }

    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept {
        if (!r) [[unlikely]]
            return;
        check_live(r, built);
        core_.commit({r.sequence(), r.size()}, built);
        for_consumer_.notify();
        if (built != r.size()) observer_.on_discard(r.sequence() + built, r.size() - built);
    }
    void discard(range_type const& r) noexcept { commit(r, 0); }

    void close() noexcept {
        // In this order each poll reports an end that state() has shown.
        signals_.raise_closed();
        core_.close();
        for_consumer_.notify();
        for_producers_.notify();
    }
    [[nodiscard]] bool is_closed() const noexcept { return core_.is_closed(); }

    void wake() noexcept {
        signals_.raise_wake();
        for_consumer_.notify();
    }

    errc flush(wait_deadline until = no_deadline) {
        auto& gate = core_.gate();
        position const at = gate.consumed();
        position const target = core_.count(at, gate.partial_end()).last_committed_end;
        auto const done = [&]() noexcept { return distance(gate.consumed(), target) >= 0; };
        if (done()) return errc::success;
        if (is_consuming_here()) return errc::would_deadlock;
        [[maybe_unused]] auto const zone = tell_of_wait(observer_, wait_side::producer);
        auto const over = [&]() noexcept { return gate.is_abandoned() || done(); };
        if (!for_producers_.wait(over, until)) return errc::timed_out;
        return gate.is_abandoned() && !done() ? errc::closed : errc::success;
    }

    template <std::uint64_t occupancy::* Counted = &occupancy::committed>
    [[nodiscard]] processor_stats stats() const noexcept {
        auto const& gate = core_.gate();
        processor_stats s;
        // Read first, so that consumption meanwhile cannot make the difference negative.
        std::uint64_t const skipped = gate.discarded_approx();
        position const at = gate.consumed();
        occupancy const waiting = core_.count(at, gate.partial_end());
        s.consumed = at - first_ - min_of(at - first_, skipped);
        s.committed = s.consumed + waiting.*Counted;
        s.discarded = skipped + waiting.discarded;
        s.full_waits = statistics_.full_waits();
        s.refused = statistics_.refused();
        s.max_depth = Options.statistics ? max_of<std::uint64_t>(statistics_.max_depth(), size_approx()) : 0;
        s.parks = for_consumer_.parks() + for_producers_.parks();
        return s;
    }

    [[nodiscard]] stall_info oldest_uncommitted() const noexcept {
        auto const& gate = core_.gate();
        position const at = gate.consumed();
        if (!core_.is_uncommitted_approx(at, gate.partial_end())) return {};
        stall_.note(at);
        return {true, at, stall_.age()};
    }

    [[nodiscard]] std::size_t size_approx() const noexcept {
        // In this order the difference can be too large, but not negative.
        position const consumed = core_.gate().consumed_approx();
        std::int64_t const held = distance(core_.claimed_approx(), consumed);
        return min_of(static_cast<std::size_t>(max_of<std::int64_t>(held, 0)), core_.view().capacity());
    }

    [[nodiscard]] core_type& core() noexcept { return core_; }
    [[nodiscard]] core_type const& core() const noexcept { return core_; }
    [[nodiscard]] position first() const noexcept { return first_; }
    [[nodiscard]] Wait& consumer_wait() noexcept { return for_consumer_; }
    [[nodiscard]] Observer& observer() noexcept { return observer_; }

protected:
    ~producers() = default;

    static Wait make_wait(std::nullptr_t) { return Wait(); }
    template <class Group> static Wait make_wait(Group* group) { return Wait(*group); }

    [[nodiscard]] bool is_consuming_here() const noexcept {
        if constexpr (requires { for_consumer_.group(); })
            return for_consumer_.group().thread().is_this();
        else
            return core_.gate().is_consuming_here();
    }

    [[nodiscard]] static range_type refuse(errc e) noexcept { return {claim{e}, nullptr}; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type to_range(claim const& c) noexcept {
        return {c, c.error == errc::success ? core_.view().element(c.at) : nullptr};
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE claim claim_slots(std::size_t least, std::size_t most) noexcept {
        claim const c = core_.claim_slots(least, most);
        if constexpr (Options.producers == producer_kind::single) {
            // The claim taken back may have hidden the end from a consumer that went back to sleep.
            if (c.error == errc::closed) [[unlikely]]
                for_consumer_.notify();
        }
        return c;
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE claim try_claim(std::size_t least, std::size_t most) noexcept {
        claim const c = claim_slots(least, most);
        if (c.error == errc::full) [[unlikely]] {
            // One slot refused: none was free. A batch has to ask.
            statistics_.count_refusal(least == 1 ? core_.view().capacity() : size_approx());
            observer_.on_full(least);
        }
        return c;
    }
    template <class Stop> EVPROC_COLD claim wait_for_space(std::size_t n, wait_deadline until, Stop const& stop) {
        observer_.on_full(n);
        if (is_consuming_here()) return claim{errc::would_deadlock};
        statistics_.count_full_wait(size_approx());
        // Each look takes the line that the consumer writes with each poll: one look for many slots, not for each.
        brief_pause(static_cast<unsigned>(min_of(core_.view().capacity() / 32, longest_full_pause)));
        [[maybe_unused]] auto const zone = tell_of_wait(observer_, wait_side::producer);
        stop_notifier<Stop, producers_wait_t<Wait>> const notifier{stop, for_producers_};
        claim c{errc::full};
        bool stopped = false;
        wait_for_slots(
            for_producers_, n,
            [&]() noexcept {
                c = claim_slots(n, n);
                return c.error != errc::full || (stopped = stop.stop_requested());
            },
            until);
        if (c.error == errc::full) c.error = stopped ? errc::stopped : errc::timed_out;
        return c;
    }

    void check_live([[maybe_unused]] range_type const& r, [[maybe_unused]] std::size_t built) const noexcept {
        EVPROC_CHECK(core_.is_uncommitted_approx(r.sequence(), core_.gate().partial_end()),
                     "a reservation was committed or discarded twice, or through another ring");
        EVPROC_CHECK(built <= r.size(), "more slots were committed than were reserved");
    }

    core_type core_;
    Wait for_consumer_;
    producers_wait_t<Wait> for_producers_;
    signals signals_;
    statistics<Options.statistics> statistics_;
    mutable stall_clock stall_;
    position const first_;
    [[no_unique_address]] Observer observer_;
};

}  // namespace evproc::detail::inline EVPROC_ABI
