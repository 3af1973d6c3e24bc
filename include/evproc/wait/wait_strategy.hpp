// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>

namespace evproc {

/// What a way to wait has to offer. A ring keeps one object of it for its consumer and one for its producers, both
/// default-constructed (but see grouped_wait).
///
/// - `wait(ready, until)` calls `ready()` until it returns true, and returns true; or gives up at `until` and returns
///   what `ready()` says then. `ready` may have effects once (a waiting producer claims in it), so after it has
///   returned true it must not be called again. `wait_deadline::max()` means no deadline.
/// - `notify()` is called by the other side after each step that may make a `ready()` true, and by close(), wake() and
///   stop requests. If `wait` sleeps, then after a step either `ready()` has seen it or `notify()` ends the sleep.
/// - `parks()`: how often a wait went to sleep, for statistics.
template <class W>
concept wait_strategy =
    std::destructible<W> && requires(W& w, W const& c, bool (*ready)() noexcept, wait_deadline until) {
        { w.wait(ready, until) } -> std::same_as<bool>;
        { w.notify() } noexcept -> std::same_as<void>;
        { c.parks() } noexcept -> std::convertible_to<std::uint64_t>;
    };

/// A strategy that can wake as many waiters as there is room for, instead of all. Not needed of a strategy: where it is
/// missing, the ring uses wait() and notify().
///
/// - `wait_one(ready, until)`: as wait(), for a producer that waits for one slot. Its `ready()` claims a slot if one is
///   free, whatever else would end the wait.
/// - `notify(n)`: as notify(), after a step that freed n slots and did nothing else. It has to end all waits, but only n of
///   those in wait_one(): each of them that it ends takes a slot, or has found that somebody else did.
template <class W>
concept counting_wait = wait_strategy<W> && requires(W& w, bool (*ready)() noexcept, wait_deadline until, std::size_t n) {
    { w.wait_one(ready, until) } -> std::same_as<bool>;
    { w.notify(n) } noexcept -> std::same_as<void>;
};

/// A strategy whose consumer can go away and be told through something that an event loop watches: eventfd_wait. The ring
/// and the processor then offer native_handle(), arm() and disarm(). All three are for the consumer's thread.
///
/// - `native_handle()`: what the loop watches.
/// - `arm(ready)`: asks to be told of the next step. False: `ready()` has returned true, or a step came in between, and
///   nobody will tell. True: the handle becomes readable with the next step, or is already.
/// - `disarm()`: takes that back and makes the handle unreadable again.
template <class W>
concept armable_wait = wait_strategy<W> && requires(W& w, bool (*ready)() noexcept) {
    w.native_handle();
    { w.arm(ready) } -> std::same_as<bool>;
    { w.disarm() } noexcept -> std::same_as<void>;
};

/// A strategy whose consumer may be a coroutine, resumed by an executor of type E: coroutine_wait. For a consumer of several
/// rings (selecting_verbs), which then has when_ready().
template <class W, class E>
concept resuming_wait = wait_strategy<W> && W::template resumes_by<E>;

namespace detail {

/// What a ring with Wait keeps for its producers: Wait itself, but where it names another.
template <class Wait>
struct producers_wait {
    using type = Wait;
};
template <class Wait>
    requires requires { typename Wait::producers_wait; }
struct producers_wait<Wait> {
    using type = typename Wait::producers_wait;
};
template <class Wait>
using producers_wait_t = typename producers_wait<Wait>::type;

/// Waits with a `ready` that claims n slots.
template <class W, class Ready>
bool wait_for_slots(W& w, std::size_t n, Ready&& ready, wait_deadline until) {
    if constexpr (counting_wait<W>) {
        if (n == 1) return w.wait_one(ready, until);
    }
    return w.wait(ready, until);
}

/// Notifies producers of n slots that were freed.
template <class W>
EVPROC_ALWAYS_INLINE void notify_of_slots(W& w, std::size_t n) noexcept {
    if constexpr (counting_wait<W>)
        w.notify(n);
    else
        w.notify();
}

/// Calls `ready()` and then `pause()` in turn. True as soon as ready() is; false when `until` has passed or `rounds`
/// are over. The clock is read in every eighth round only.
template <class Ready, class Pause>
bool spin_until(Ready& ready, Pause pause, wait_deadline until, std::uint64_t rounds = UINT64_MAX) {
    for (std::uint64_t i = 0; i != rounds; ++i) {
        if (ready()) return true;
        if ((i & 7) == 0 && until != no_deadline && now() >= until) return false;
        pause();
    }
    return false;
}

}  // namespace detail
}  // namespace evproc
