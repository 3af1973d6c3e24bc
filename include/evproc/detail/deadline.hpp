// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What ends a wait: deadlines, of durations and of any clock's time points; std::stop_token (libc++: from 18) or a stand-in.
#pragma once

#include <chrono>
#include <type_traits>
#include <version>

#include <evproc/detail/platform/clock.hpp>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

namespace evproc {

using wait_deadline = std::chrono::steady_clock::time_point;

namespace detail {

inline constexpr wait_deadline no_deadline = (wait_deadline::max)();

/// Now plus `d`, rounded up to the clock's tick; no_deadline where that does not fit.
template <class Rep, class Period>
[[nodiscard]] wait_deadline deadline_after(std::chrono::duration<Rep, Period> d) noexcept {
    using ticks = wait_deadline::duration;
    if (!(d > d.zero())) return now();
    wait_deadline const start = now();
    // As long double, because the conversion itself could overflow.
    using wide = std::chrono::duration<long double, ticks::period>;
    if (wide(d) >= wide(no_deadline - start)) return no_deadline;
    return start + std::chrono::ceil<ticks>(d);
}

/// The deadline of any clock's time point; time_point::max(): none.
template <class Clock, class Duration>
[[nodiscard]] wait_deadline deadline_at(std::chrono::time_point<Clock, Duration> t) noexcept {
    if constexpr (std::is_same_v<Clock, wait_deadline::clock> && std::is_same_v<Duration, wait_deadline::duration>) {
        return t;
    } else {
        if (t == (std::chrono::time_point<Clock, Duration>::max)()) return no_deadline;
        using wide = std::chrono::duration<long double, std::nano>;
        wide const left = wide(t.time_since_epoch()) - wide(Clock::now().time_since_epoch());
        return deadline_after(left);
    }
}

/// What the _for verbs take: a duration of any type, from now.
struct any_duration {
    template <class Rep, class Period>
    any_duration(std::chrono::duration<Rep, Period> d) noexcept : until{deadline_after(d)} {}
    wait_deadline until;
};

/// What the _until verbs take: a time point of any clock.
struct any_time_point {
    template <class Clock, class Duration>
    any_time_point(std::chrono::time_point<Clock, Duration> t) noexcept : until{deadline_at(t)} {}
    wait_deadline until;
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
