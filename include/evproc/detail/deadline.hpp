// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What ends a wait: deadlines, of durations and of any clock's time points; std::stop_token (libc++: from 18) or a stand-in.
#pragma once

#include <chrono>
#include <version>

#include <evproc/detail/platform/clock.hpp>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

namespace evproc {

using wait_deadline = std::chrono::steady_clock::time_point;

namespace detail {

inline constexpr wait_deadline no_deadline = (wait_deadline::max)();

/// What the _for verbs take: a duration of any type.
struct any_duration {
    wait_deadline until;  ///< now plus it, rounded up to the clock's tick; no_deadline where that does not fit

    template <class Rep, class Period> any_duration(std::chrono::duration<Rep, Period> d) noexcept : until{now()} {
        using ticks = wait_deadline::duration;
        if (!(d > d.zero())) return;
        // As long double, because the conversion itself could overflow.
        using wide = std::chrono::duration<long double, ticks::period>;
        until = wide(d) < wide(no_deadline - until) ? until + std::chrono::ceil<ticks>(d) : no_deadline;
    }
};

/// What the _until verbs take: a time point of any clock; time_point::max(): no deadline.
struct any_time_point {
    wait_deadline until;

    any_time_point(wait_deadline t) noexcept : until{t} {}
    template <class Clock, class Duration>
    any_time_point(std::chrono::time_point<Clock, Duration> t) noexcept : until{no_deadline} {
        if (t == (std::chrono::time_point<Clock, Duration>::max)()) return;
        using wide = std::chrono::duration<long double, std::nano>;
        until = any_duration{wide(t.time_since_epoch()) - wide(Clock::now().time_since_epoch())}.until;
    }
};

struct never_stops {
    [[nodiscard]] static constexpr bool stop_requested() noexcept { return false; }
};

/// Calls a wait strategy's notify() when a stop is requested.
template <class Stop, class Wait> class stop_notifier {
public:
    stop_notifier(Stop const&, Wait&) noexcept {}
};

#if defined(__cpp_lib_jthread)
using stop_token = std::stop_token;

template <class Wait> class stop_notifier<std::stop_token, Wait> {
public:
    stop_notifier(std::stop_token const& stop, Wait& wait) : callback_{stop, call{&wait}} {}

private:
    struct call {
        Wait* wait;
        void operator()() const noexcept { wait->notify(); }
    };
    std::stop_callback<call> callback_;
};
#else
struct stop_token : never_stops {
    stop_token() = delete;
};
#endif

}  // namespace detail
}  // namespace evproc
