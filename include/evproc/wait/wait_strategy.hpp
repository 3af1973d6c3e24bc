// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>

namespace evproc {

/// A way to wait; a ring keeps one for its consumer and one for its producers, default-constructed (but see grouped_wait).
/// - `wait(ready, until)` calls `ready()` until it is true, returns true and calls it no more: a waiting producer claims in
///   it. At `until` (`wait_deadline::max()`: never) it returns ready() once more.
/// - `notify()` follows each step that may make a `ready()` true, and close(), wake(), stop requests: either `ready()` has
///   seen the step, or `notify()` ends the sleep. `parks()`: number of sleeps, for statistics.
template <class W>
concept wait_strategy =
    std::destructible<W> && requires(W& w, W const& c, bool (*ready)() noexcept, wait_deadline until) {
        { w.wait(ready, until) } -> std::same_as<bool>;
        { w.notify() } noexcept -> std::same_as<void>;
        { c.parks() } noexcept -> std::convertible_to<std::uint64_t>;
    };

/// Optional: wakes as many waiters as there is space for.
/// - `wait_one(ready, until)`: as wait(), for a `ready()` that claims one slot, if one is free.
/// - `notify(n)`: as notify(), after a step that only freed n slots: ends all waits, but only n of those in wait_one(), each
///   of which takes a slot or finds that another did.
template <class W>
concept counting_wait =
    wait_strategy<W> && requires(W& w, bool (*ready)() noexcept, wait_deadline until, std::size_t n) {
        { w.wait_one(ready, until) } -> std::same_as<bool>;
        { w.notify(n) } noexcept -> std::same_as<void>;
    };

/// A strategy whose consumer can sleep in an event loop, which watches `native_handle()`: eventfd_wait. Consumer's thread.
/// - `arm(ready)`: true: the handle becomes readable with the next step, or is already. False: `ready()` is true, or a step
///   came in between. `disarm()` undoes that and makes the handle unreadable again.
template <class W>
concept armable_wait = wait_strategy<W> && requires(W& w, bool (*ready)() noexcept) {
    w.native_handle();
    { w.arm(ready) } -> std::same_as<bool>;
    { w.disarm() } noexcept -> std::same_as<void>;
};

/// A strategy whose consumer may be a coroutine, resumed by an executor E: coroutine_wait.
template <class W, class E>
concept resuming_wait = wait_strategy<W> && W::template resumes_by<E>;

namespace detail {

/// What a ring with Wait keeps for its producers: Wait, or what it names.
template <class Wait> struct producers_wait {
    using type = Wait;
};
template <class Wait> requires requires { typename Wait::producers_wait; }
struct producers_wait<Wait> {
    using type = typename Wait::producers_wait;
};
template <class Wait> using producers_wait_t = typename producers_wait<Wait>::type;

template <class W, class Ready> bool wait_for_slots(W& w, std::size_t n, Ready&& ready, wait_deadline until) {
    if constexpr (counting_wait<W>) {
        if (n == 1) return w.wait_one(ready, until);
    }
    return w.wait(ready, until);
}

template <class W> EVPROC_ALWAYS_INLINE void notify_of_slots(W& w, std::size_t n) noexcept {
    if constexpr (counting_wait<W>)
        w.notify(n);
    else
        w.notify();
}

/// Alternates ready() and pause(): true once ready() is; false after `until` or `rounds`. Reads the clock every eighth time.
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
