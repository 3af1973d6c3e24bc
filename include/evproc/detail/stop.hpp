// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// std::stop_token where the library has it (libc++: from 18), and a stand-in that never stops.
#pragma once

#include <version>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#define EVPROC_HAS_STOP_TOKEN 1
#else
#define EVPROC_HAS_STOP_TOKEN 0
#endif

namespace evproc::detail {

struct never_stops {
    [[nodiscard]] static constexpr bool stop_requested() noexcept { return false; }
};

/// Calls a wait strategy's notify() when a stop is requested.
template <class Stop, class Wait>
class stop_notifier {
public:
    stop_notifier(Stop const&, Wait&) noexcept {}
};

#if EVPROC_HAS_STOP_TOKEN
template <class Wait>
class stop_notifier<std::stop_token, Wait> {
public:
    stop_notifier(std::stop_token const& stop, Wait& wait) : callback_{stop, call{&wait}} {}

private:
    struct call {
        Wait* wait;
        void operator()() const noexcept { wait->notify(); }
    };
    std::stop_callback<call> callback_;
};
#endif

}  // namespace evproc::detail
