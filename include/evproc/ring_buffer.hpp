// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/detail/check.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer_mark.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/pacer.hpp>
#include <evproc/detail/mpsc_ring.hpp>
#include <evproc/detail/signals.hpp>
#include <evproc/detail/spsc_ring.hpp>
#include <evproc/detail/storage.hpp>
#include <evproc/detail/statistics.hpp>
#include <evproc/detail/stop.hpp>
#include <evproc/errc.hpp>
#include <evproc/observer.hpp>
#include <evproc/ready_range.hpp>
#include <evproc/ring_options.hpp>
#include <evproc/slot_range.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

template <class T, std::size_t N, ring_options Options>
using view_for =
    std::conditional_t<Options.producers == producer_kind::single, separate_view<T, N, Options.max_batch, false>,
                       std::conditional_t<Options.max_batch == 1 || N == 1, inline_view<T, N>,
                                          separate_view<T, N, Options.max_batch, true>>>;

template <class T, std::size_t N, ring_options Options>
using core_for = std::conditional_t<Options.producers == producer_kind::single, spsc_ring<view_for<T, N, Options>>,
                                    mpsc_ring<view_for<T, N, Options>>>;

/// Why a consumer's wait ended.
enum class wake_reason { ready, over, woken, stopped, timed_out };

/// Lets event_processor reach the parts of a ring that are not for users.
struct ring_access;

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc {
inline namespace EVPROC_ABI {

/// A bounded queue of slots from many producer threads to one consumer thread, in one global order.
///
/// Producers reserve n slots side by side, construct objects in their raw storage and commit them in one step, or
/// discard them. The consumer peeks at what is committed, in the order of reservation, and releases it. The ring knows
/// nothing of the lifetime of T: who reserves constructs, who releases destroys. event_processor does that for you.
///
/// Producers' verbs may be called from any thread (producer_kind::single: from one), the consumer's from one thread at
/// a time. reserve is lock-free (try_), commit and discard are wait-free, peek and release are wait-free for each event;
/// but order has its price: behind a reservation that its producer neither commits nor discards, everything waits.
///
/// \tparam T        any object type whose destructor does not throw
/// \tparam N        how many slots: a power of two, or std::dynamic_extent to give it to the constructor
/// \tparam Wait     how the waiting verbs wait: a wait_strategy
/// \tparam Options  see ring_options
/// \tparam Observer a class whose hooks are told what happens: see no_observer
template <class T, std::size_t N = 4096, class Wait = adaptive_wait, ring_options Options = ring_options{},
          class Observer = no_observer>
class ring_buffer {
    static_assert(std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T>,
                  "evproc: T must be an object type, neither const nor an array: wrap an array in a struct");
    static_assert(std::is_nothrow_destructible_v<T>,
                  "evproc: the destructor of T must not throw, since it runs while slots are handed back: make it noexcept");
    static_assert(wait_strategy<Wait>, "evproc: Wait must satisfy evproc::wait_strategy (evproc/wait/wait_strategy.hpp)");
    static_assert(detail::checked_observer<Observer>::value);

    using core_type = detail::core_for<T, N, Options>;
    static constexpr bool takes_observer = !std::is_same_v<Observer, no_observer> && std::is_move_constructible_v<Observer>;

public:
    using value_type = T;
    using wait_type = Wait;
    using observer_type = Observer;
    using range_type = slot_range<T>;
    using ready_type = ready_range<core_type>;

    /// Allocates all storage; nothing is allocated later. Throws std::bad_alloc.
    explicit ring_buffer(detail::start_at start = {})
        requires(N != std::dynamic_extent && std::is_default_constructible_v<Observer>)
        : core_{N, start}, first_{start.first} {}

    /// The same with a capacity given at run time. Throws std::invalid_argument if it is not a power of two or is
    /// less than Options.max_batch; std::bad_alloc.
    explicit ring_buffer(std::size_t capacity, detail::start_at start = {})
        requires(N == std::dynamic_extent && std::is_default_constructible_v<Observer>)
        : core_{capacity, start}, first_{start.first} {}

    /// The same with an observer.
    explicit ring_buffer(Observer observer, detail::start_at start = {})
        requires(N != std::dynamic_extent && takes_observer)
        : core_{N, start}, first_{start.first}, observer_{std::move(observer)} {}
    explicit ring_buffer(std::size_t capacity, Observer observer, detail::start_at start = {})
        requires(N == std::dynamic_extent && takes_observer)
        : core_{capacity, start}, first_{start.first}, observer_{std::move(observer)} {}

    ring_buffer(ring_buffer const&) = delete;
    ring_buffer& operator=(ring_buffer const&) = delete;
    ~ring_buffer() = default;

    // ---- producers: any thread ----

    /// Reserves n slots side by side, or none. errc::full only if at some instant of the call fewer than n slots were
    /// free; errc::closed, errc::too_large, errc::invalid_size; errc::busy (producer_kind::single). Lock-free.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n = 1) noexcept {
        if (errc const e = check_size(n); e != errc::success) [[unlikely]] return refuse(e);
        return to_range(try_claim(n, n));
    }

    /// Reserves as many of n slots as are free, at least one. Errors as try_reserve.
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept {
        if (errc const e = check_size(n); e != errc::success) [[unlikely]] return refuse(e);
        return to_range(try_claim(1, n));
    }

    /// Reserves n slots side by side, waiting for room as long as it takes. errc::closed (also if closed while it waits),
    /// errc::would_deadlock if this thread holds events that it has not released, errc::too_large, errc::invalid_size,
    /// errc::busy. A claim is made only when its room is there, so waiting reservations overtake each other freely.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n = 1) {
        return reserve_wait(n, detail::no_deadline, detail::never_stops{});
    }

#if EVPROC_HAS_STOP_TOKEN
    /// As reserve(n), until `stop` requests a stop: errc::stopped.
    [[nodiscard]] range_type reserve(std::stop_token stop, std::size_t n = 1) {
        return reserve_wait(n, detail::no_deadline, stop);
    }
#endif

    /// As reserve(n), for at most `d`: errc::timed_out.
    template <class Rep, class Period>
    [[nodiscard]] range_type reserve_for(std::chrono::duration<Rep, Period> d, std::size_t n = 1) {
        return reserve_wait(n, detail::deadline_after(d), detail::never_stops{});
    }

    /// As reserve(n), until `t` of any clock: errc::timed_out.
    template <class Clock, class Duration>
    [[nodiscard]] range_type reserve_until(std::chrono::time_point<Clock, Duration> t, std::size_t n = 1) {
        return reserve_wait(n, detail::deadline_at(t), detail::never_stops{});
    }

    /// Makes all slots of `r` visible to the consumer in one step. Every element must have been constructed.
    /// Precondition: `r` has been neither committed nor discarded; an empty `r` is ignored. Wait-free.
    void commit(range_type const& r) noexcept { commit(r, r.size()); }

    /// Makes the first `built` slots of `r` visible in one step, all or none, and gives up the rest. Wait-free.
    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept {
        if (!r) [[unlikely]] return;
        check_live(r, built);
        core_.commit({r.sequence(), r.size()}, built);
        for_consumer_.notify();
        if constexpr (detail::sees_discard<Observer>) {
            if (built != r.size()) observer_.on_discard(r.sequence() + built, r.size() - built);
        }
    }

    /// Gives the slots of `r` up; the consumer steps over them. What was constructed there must have been destroyed.
    /// Wait-free.
    void discard(range_type const& r) noexcept {
        if (!r) return;
        check_live(r, 0);
        core_.discard({r.sequence(), r.size()});
        for_consumer_.notify();
        if constexpr (detail::sees_discard<Observer>) observer_.on_discard(r.sequence(), r.size());
    }

    /// Ends the order here: every reserve verb returns errc::closed from now on, those already waiting too. What was reserved
    /// before may still be committed, and the consumer gets it. Idempotent; from any thread.
    void close() noexcept {
        core_.close();
        signals_.raise_closed();
        for_consumer_.notify();
        for_producers_.notify();
    }

    [[nodiscard]] bool is_closed() const noexcept { return core_.is_closed(); }

    // ---- consumer: one thread ----

    /// The events that are committed now, in order, at most `max`. Nothing is released; a second peek begins with the
    /// same event.
    [[nodiscard]] ready_type peek(std::size_t max = N) noexcept {
        detail::consumer_section const section{mark_};
        return look(max);
    }

    /// Gives the slots of the first k events of the last peek back to the producers, and those discarded among and
    /// right behind them. Precondition: k is at most the size of the last peek, less what has been released since.
    void release(std::size_t k) noexcept {
        detail::consumer_section const section{mark_};
        give_back(k, [](T&) noexcept {});
    }

    /// Waits until something is ready, the ring is closed and drained, or wake(). True if something is ready.
    bool wait() { return await(detail::no_deadline, detail::never_stops{}) == detail::wake_reason::ready; }

#if EVPROC_HAS_STOP_TOKEN
    /// As wait(), or until a stop is requested.
    bool wait(std::stop_token stop) { return await(detail::no_deadline, stop) == detail::wake_reason::ready; }
#endif

    /// As wait(), for at most `d`.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> d) {
        return await(detail::deadline_after(d), detail::never_stops{}) == detail::wake_reason::ready;
    }

    /// As wait(), until `t` of any clock.
    template <class Clock, class Duration>
    bool wait_until(std::chrono::time_point<Clock, Duration> t) {
        return await(detail::deadline_at(t), detail::never_stops{}) == detail::wake_reason::ready;
    }

    /// Makes a waiting consumer return; if none waits, the next wait returns at once. Any thread. What was done before
    /// wake() is seen by the consumer that it wakes.
    void wake() noexcept {
        signals_.raise_wake();
        for_consumer_.notify();
    }

    // ---- consumer in an event loop, where the wait strategy can (eventfd_wait) ----

    /// What the event loop watches; it becomes readable when the armed consumer has something to do. Do not read it.
    [[nodiscard]] auto native_handle()
        requires armable_wait<Wait>
    {
        return for_consumer_.native_handle();
    }

    /// To be called before sleeping in the event loop. False: there is something to do already, an event, the end of a
    /// closed ring, or a wake(): look, and do not sleep. True: native_handle() becomes readable as soon as there is. It
    /// may do so without cause, for one: when something behind an uncommitted reservation is committed.
    [[nodiscard]] bool arm()
        requires armable_wait<Wait>
    {
        detail::consumer_section const section{mark_};
        return go_away([this](auto look) { return for_consumer_.arm(look); }, detail::never_stops{});
    }

    /// To be called after sleeping in the event loop: makes native_handle() unreadable again.
    void disarm() noexcept
        requires armable_wait<Wait>
    {
        detail::consumer_section const section{mark_};
        for_consumer_.disarm();
        // A wake() has done its work: the consumer is awake.
        static_cast<void>(signals_.take_wake());
    }

    // ---- hints: any thread, stale at once ----

    /// How many slots are reserved and not yet released, committed or not; between 0 and capacity().
    [[nodiscard]] std::size_t size_approx() const noexcept {
        // In this order the difference can be too large, but not negative.
        detail::position const consumed = core_.consumed_approx();
        std::int64_t const held = detail::distance(core_.reserved_approx(), consumed);
        return std::min(static_cast<std::size_t>(std::max<std::int64_t>(held, 0)), core_.view().capacity());
    }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }

    /// How many slots there are: exactly N.
    [[nodiscard]] static constexpr std::size_t capacity() noexcept
        requires(N != std::dynamic_extent)
    {
        return N;
    }
    [[nodiscard]] std::size_t capacity() const noexcept
        requires(N == std::dynamic_extent)
    {
        return core_.view().capacity();
    }
    /// The most slots that one reservation may hold.
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept
        requires(N != std::dynamic_extent)
    {
        return Options.max_batch == 0 ? N : Options.max_batch;
    }
    [[nodiscard]] std::size_t max_batch() const noexcept
        requires(N == std::dynamic_extent)
    {
        return core_.view().max_batch();
    }

    /// The object that the consumer waits on. For wait strategies that offer more than waiting.
    [[nodiscard]] Wait& consumer_wait() noexcept { return for_consumer_; }

    /// The observer whose hooks are called.
    [[nodiscard]] Observer& observer() noexcept { return observer_; }
    [[nodiscard]] Observer const& observer() const noexcept { return observer_; }

private:
    friend struct detail::ring_access;

    [[nodiscard]] errc check_size(std::size_t n) const noexcept {
        if (n - 1 < core_.view().max_batch()) [[likely]] return errc::success;
        return n == 0 ? errc::invalid_size : errc::too_large;
    }

    [[nodiscard]] static range_type refuse(errc e) noexcept { return {detail::claim{e}, nullptr}; }

    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type to_range(detail::claim const& c) noexcept {
        return {c, c.error == errc::success ? core_.view().element(c.at) : nullptr};
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE detail::claim claim_slots(std::size_t least, std::size_t most) noexcept {
        detail::claim const c = core_.claim_slots(least, most);
        if constexpr (Options.producers == producer_kind::single) {
            // The claim that was taken back may have hidden the end from a consumer that went back to sleep.
            if (c.error == errc::closed) [[unlikely]] for_consumer_.notify();
        }
        return c;
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE detail::claim try_claim(std::size_t least, std::size_t most) noexcept {
        detail::claim const c = claim_slots(least, most);
        if (c.error == errc::full) [[unlikely]] {
            statistics_.count_refusal();
            if constexpr (detail::sees_full<Observer>) observer_.on_full(least);
        }
        return c;
    }

    template <class Stop>
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve_wait(std::size_t n, wait_deadline until, Stop const& stop) {
        if (errc const e = check_size(n); e != errc::success) [[unlikely]] return refuse(e);
        detail::claim c = claim_slots(n, n);
        if (c.error == errc::full) [[unlikely]] {
            c = wait_for_room(n, until, stop);
            // The compiler knows the size of a success on the other path; now on this one too.
            if (c.error == errc::success) c.size = static_cast<std::uint32_t>(n);
        }
        return to_range(c);
    }
    template <class Stop>
    EVPROC_COLD detail::claim wait_for_room(std::size_t n, wait_deadline until, Stop const& stop);

    void check_live([[maybe_unused]] range_type const& r, [[maybe_unused]] std::size_t built) const noexcept {
        EVPROC_CHECK(core_.is_uncommitted_approx(r.sequence()),
                     "a reservation was committed or discarded twice, or through another ring");
        EVPROC_CHECK(built <= r.size(), "more slots were committed than were reserved");
    }

    [[nodiscard]] ready_type look(std::size_t max) noexcept;

    template <class Destroy>
    void give_back(std::size_t k, Destroy destroy) noexcept;

    EVPROC_ALWAYS_INLINE void publish(detail::cursor const& c) noexcept {
        core_.publish(c);
        for_producers_.notify();
        may_be_short_ = c.at == c.end && !pace_.is_paying() && !stall_.is_noted();
    }
    /// The same for a short_poll.
    EVPROC_ALWAYS_INLINE void publish(detail::position to) noexcept {
        core_.publish(to);
        for_producers_.notify();
    }

    /// Steps over what was discarded, and gives it back. True if an event is ready.
    bool settle() noexcept {
        detail::cursor c = core_.here();
        bool const ready = core_.next_run(c).size != 0;
        if (c.at != core_.at()) publish(c);
        return ready;
    }

    /// Whether the ring is closed and everything before the end has been released.
    [[nodiscard]] bool is_over() const noexcept {
        auto const claims = core_.frontier();
        return claims.closed && claims.reserved == core_.at();
    }

    template <class Stop>
    detail::wake_reason await(wait_deadline until, Stop const& stop);

    /// For a consumer that goes away instead of sleeping: `arm(look)` asks to be told of the next step, unless `look()` is
    /// true. Returns true if it did so; from that moment on another thread may be the consumer. False: a wait would be over.
    template <class Arm, class Stop>
    bool go_away(Arm arm, Stop const& stop);

    core_type core_;
    Wait for_consumer_;
    Wait for_producers_;
    detail::signals signals_;
    detail::statistics<Options.statistics> statistics_;
    // The consumer's own (the mark is looked at by producers that find the ring full).
    alignas(detail::cache_line_size) detail::consumer_mark mark_;
    detail::stall_clock stall_;
    detail::pacer pace_;
    std::size_t peeked_ = 0;  ///< what the last look saw
    std::size_t left_ = 0;    ///< what of it has not been released
    bool drained_ = false;    ///< whether the last look saw all there was
    bool may_be_short_ = true;  ///< whether a short_poll may do for the next poll
    detail::position first_;
    [[no_unique_address]] Observer observer_{};
};

template <class T, std::size_t N, class Wait, ring_options Options, class Observer>
template <class Stop>
detail::claim ring_buffer<T, N, Wait, Options, Observer>::wait_for_room(std::size_t n, wait_deadline until, Stop const& stop) {
    if constexpr (detail::sees_full<Observer>) observer_.on_full(n);
    if (mark_.is_held_here()) return detail::claim{errc::would_deadlock};
    statistics_.count_full_wait();
    [[maybe_unused]] auto const zone = detail::tell_of_wait(observer_, wait_side::producer);
    detail::stop_notifier<Stop, Wait> const notifier{stop, for_producers_};
    detail::claim c{errc::full};
    bool stopped = false;
    for_producers_.wait(
        [&]() noexcept {
            c = claim_slots(n, n);
            return c.error != errc::full || (stopped = stop.stop_requested());
        },
        until);
    if (c.error == errc::full) c.error = stopped ? errc::stopped : errc::timed_out;
    return c;
}

template <class T, std::size_t N, class Wait, ring_options Options, class Observer>
auto ring_buffer<T, N, Wait, Options, Observer>::look(std::size_t max) noexcept -> ready_type {
    // The last look saw the end of what there was: let a batch come together where that pays.
    if (drained_) {
        static_cast<void>(pace_.pause_after(peeked_, core_.at(),
                                            std::min(detail::pacer::good_batch, capacity() / 4 + 1)));
    }
    peeked_ = 0;
    left_ = 0;
    drained_ = true;
    if (!settle()) {
        mark_.let_go();
        return {};
    }
    detail::cursor walk = core_.here();
    std::size_t most = max;
    if (pace_.is_paying()) {
        std::int64_t const ahead = detail::distance(core_.look_ahead(), walk.at);
        if (ahead > 0) most = std::min(most, static_cast<std::size_t>(ahead));
    }
    while (peeked_ < most) {
        std::size_t const size = core_.next_run(walk).size;
        if (size == 0) break;
        std::size_t const taken = std::min(size, most - peeked_);
        walk.at += taken;
        peeked_ += taken;
    }
    left_ = peeked_;
    drained_ = peeked_ < max;
    if (peeked_ != 0)
        mark_.hold();
    else
        mark_.let_go();
    return {core_, core_.here(), peeked_};
}

template <class T, std::size_t N, class Wait, ring_options Options, class Observer>
template <class Destroy>
void ring_buffer<T, N, Wait, Options, Observer>::give_back(std::size_t k, Destroy destroy) noexcept {
    EVPROC_CHECK(k <= left_, "more events were released than the last peek showed");
    k = std::min(k, left_);
    left_ -= k;
    [[maybe_unused]] detail::batch_watch const watch{core_, observer_};
    detail::cursor c = core_.here();
    while (k != 0) {
        auto const run = core_.next_run(c);
        std::size_t const taken = std::min(run.size, k);
        for (std::size_t i = 0; i != taken; ++i) destroy(run.data[i]);
        c.at += taken;
        k -= taken;
    }
    // A discarded record right behind would otherwise keep its room until the next look.
    static_cast<void>(core_.next_run(c));
    publish(c);
    stall_.cleared();
    if (left_ == 0) mark_.let_go();
}

template <class T, std::size_t N, class Wait, ring_options Options, class Observer>
template <class Stop>
detail::wake_reason ring_buffer<T, N, Wait, Options, Observer>::await(wait_deadline until, Stop const& stop) {
    using enum detail::wake_reason;
    if (settle()) return ready;
    [[maybe_unused]] auto const zone = detail::tell_of_wait(observer_, wait_side::consumer);
    detail::stop_notifier<Stop, Wait> const notifier{stop, for_consumer_};
    for (;;) {
        bool was_woken = false;
        bool const in_time = for_consumer_.wait(
            [&]() noexcept {
                if (core_.is_ready(core_.here())) return true;
                if (signals_.closed() && is_over()) return true;
                was_woken = signals_.take_wake();
                return was_woken || stop.stop_requested();
            },
            until);
        if (settle()) return ready;
        if (was_woken) return woken;
        if (is_over()) return over;
        if (stop.stop_requested()) return stopped;
        if (!in_time) return timed_out;
        // Only something discarded was there.
    }
}

template <class T, std::size_t N, class Wait, ring_options Options, class Observer>
template <class Arm, class Stop>
bool ring_buffer<T, N, Wait, Options, Observer>::go_away(Arm arm, Stop const& stop) {
    for (;;) {
        if (settle()) return false;
        bool is_finished = false;
        bool const armed = arm([&]() noexcept {
            if (core_.is_ready(core_.here())) return true;
            is_finished = (signals_.closed() && is_over()) || signals_.take_wake() || stop.stop_requested();
            return is_finished;
        });
        if (armed) return true;
        if (is_finished) return false;
        // Only something discarded was there, or a step that is not the one to wait for came in between.
    }
}

}  // namespace EVPROC_ABI
}  // namespace evproc
