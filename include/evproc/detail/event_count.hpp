// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/asymmetric_fence.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/platform/clock.hpp>
#include <evproc/detail/platform/futex.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// Lets threads wait for a condition that others make true by lock-free steps. notify() costs one load when nobody waits. A
/// waiter calls await() with its condition. Or it calls prepare_wait(), checks the condition again, and registers a callback
/// or cancels: one at a time, and only where nobody else waits. A notifier calls notify() after each step; where waiters
/// compete for units (of_some), notify(n) wakes as many as there are units. Wait-free, but for await() and system calls: the
/// heavy fence of prepare_wait(), the wake-up of notify(). Source: the event counts of folly and Vyukov; the callback and the
/// asymmetric fence are ours. word_: bit 0: somebody waits or is about to; bit 1: for more than one unit; bit 2: a callback is
/// registered; then an epoch.
///   E1  prepare_wait -> notify: heavy fence after the flag is set, light fence before it is read. If notify() misses the
///       flag, the check after prepare_wait() sees the step before notify().
///   E2  register_callback -> notify: the notifier that takes the callback sees what was stored before it was registered.
///   E3  notify -> cancel_wait, notify: a waiter that finds a notifier faster sees that notifier's step.
///   X1  word_ elsewhere: the fences order it against the condition, sleeping and registering compare the whole word, and no
///       other data travels through it. Statistics carry no data.
///   I1  a full notification changes the word, so nobody waits or registers with an old one (tests/model: lost wake-up).
///   I2  n units make n sleepers check that take a unit if there is one, or all. notify(n) leaves the word if n of them slept
///       and were woken, for whom the units are: others may go on to sleep. Else it notifies all.
class event_count {
public:
    using key = std::uint32_t;

    /// From now on the check that follows sees a step, or the step calls the callback that is registered then.
    [[nodiscard]] key prepare_wait(sleeper kind = sleeper::of_all) noexcept {
        key const bits = kind == sleeper::of_all ? waiting | for_more : waiting;
        // X1 relaxed: E1's fence follows.
        key const word = word_.fetch_or(bits, std::memory_order_relaxed) | bits;
        fence_.heavy();  // E1
        return word;
    }

    /// True: the first notification after prepare_wait() calls back once, perhaps already. False: it came before; check again.
    [[nodiscard]] bool register_callback(key prepared) noexcept {
        // E2 release, X1 relaxed: hands over what the callback needs; on failure nothing is handed over.
        return word_.compare_exchange_strong(prepared, prepared | callback, std::memory_order_release,
                                             std::memory_order_relaxed);
    }

    /// Undoes prepare_wait() and register_callback(). False: a notifier was faster; it has called back, or is about to.
    bool cancel_wait() noexcept {
        return take([]() noexcept {}) != 0;
    }

    /// All three: registers unless `look()`, else cancels. True and false as register_callback().
    template <class Look> [[nodiscard]] bool register_unless(Look&& look) {
        key const prepared = prepare_wait();
        if (look()) {
            cancel_wait();
            return false;
        }
        count_park();
        return register_callback(prepared);
    }

    /// Until `ready()`: true; at the deadline ready() once more. Calls `ready.before_sleep()`, if any, before each sleep.
    /// of_some: for a `ready` that takes one unit if there is one.
    template <class Ready> bool await(Ready&& ready, clock_type::time_point until, sleeper kind = sleeper::of_all) {
        for (;;) {
            if (auto const over = sleep(ready, until, kind)) return *over;
        }
    }

    /// One turn of await(): nothing after a wake-up.
    template <class Ready> std::optional<bool> sleep(Ready& ready, clock_type::time_point until, sleeper kind) {
        if (kind == sleeper::of_all) return sleep_as(kind, ready, until);
        // X1 relaxed: a hint.
        for_one_.fetch_add(1, std::memory_order_relaxed);
        auto const over = sleep_as(kind, ready, until);
        // X1 relaxed: a hint.
        for_one_.fetch_sub(1, std::memory_order_relaxed);
        return over;
    }

    [[nodiscard]] std::uint64_t parks() const noexcept {
        // X1 relaxed: a statistic.
        return parks_.load(std::memory_order_relaxed);
    }

    /// notify(): wakes everybody. notify(std::size_t n), after a step that only made n units: of those that wait for one, only
    /// n. notify(read, call), where a callback may be registered: the notifier that takes it calls `call(read())`. What
    /// `read()` reads is that callback's, and may be overwritten after the taking.
    template <class... How> EVPROC_ALWAYS_INLINE void notify(How... how) noexcept {
        if (has_waiter()) [[unlikely]]
            wake(how...);
    }

private:
    static constexpr std::uint32_t waiting = 1;
    static constexpr std::uint32_t for_more = 2;
    static constexpr std::uint32_t callback = 4;
    static constexpr std::uint32_t flags = waiting | for_more | callback;

    void count_park() noexcept {
        // X1 relaxed: a statistic.
        parks_.fetch_add(1, std::memory_order_relaxed);
    }

    template <class Ready> std::optional<bool> sleep_as(sleeper kind, Ready& ready, clock_type::time_point until) {
        key const prepared = prepare_wait(kind);
        if (ready()) return true;
        if constexpr (requires { ready.before_sleep(); }) ready.before_sleep();
        count_park();
        if (futex_.wait(word_, prepared, until, kind)) return std::nullopt;
        return ready();
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE bool has_waiter() const noexcept {
        fence_.light();  // E1
        // X1 relaxed: E1's fence stands before it.
        return (word_.load(std::memory_order_relaxed) & waiting) != 0;
    }

    EVPROC_COLD void wake() noexcept {
        if (cancel_wait()) futex_.wake_all(word_);
    }

    EVPROC_COLD void wake(std::size_t n) noexcept {
        if (n == 0) return;
        // X1 relaxed: a waiter for more that is not seen here sees the step (E1).
        bool const each_for_one = (word_.load(std::memory_order_relaxed) & for_more) == 0;
        // X1 relaxed: a hint. If n is enough for all, the flag is cleared and the next step wakes nobody.
        if (each_for_one && n < for_one_.load(std::memory_order_relaxed) && futex_.wake_some(word_, n) == n) return;
        wake();
    }

    template <class Read, class Call> EVPROC_COLD void wake(Read read, Call call) noexcept {
        decltype(read()) what{};
        std::uint32_t const taken = take([&]() noexcept { what = read(); });
        if ((taken & callback) != 0)
            call(what);
        else if (taken != 0)
            futex_.wake_all(word_);
    }

    /// Clears the flags and returns those that were set; 0 if another thread was faster. Calls `before()` before each attempt.
    template <class Before> std::uint32_t take(Before before) noexcept {
        // E2 acquire, E3 acquire: from register_callback(), and from the faster thread.
        std::uint32_t word = word_.load(std::memory_order_acquire);
        std::uint32_t const last = word | flags;
        // At most three attempts. A waiter of a new epoch sees the caller's step (E1).
        while ((word & waiting) != 0 && (word | flags) == last) {
            before();
            // The last word of an epoch plus one clears the flags and begins the next (I1).
            // E3 release: passes the step on. Acquires nothing: prepare_wait() may write the word again, to no effect.
            // E2 acquire, E3 acquire: on failure, for the next attempt and for the answer 0.
            if (word_.compare_exchange_strong(word, last + 1, std::memory_order_release, std::memory_order_acquire))
                return word & flags;
        }
        return 0;
    }

    alignas(cache_line_size) atomic<std::uint32_t> word_{0};
    asymmetric_fence const fence_{};
    alignas(cache_line_size) atomic<std::uint64_t> parks_{0};
    atomic<std::uint32_t> for_one_{0};  // threads in sleep() for one unit
    [[no_unique_address]] futex futex_{};
};

}  // namespace evproc::detail::inline EVPROC_ABI
