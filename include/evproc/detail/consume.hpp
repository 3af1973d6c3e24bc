// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// The loops around poll(): poll_wait and its like, run, and a handler's exception in run.
#pragma once

#include <exception>

#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/platform/cpu.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

template <class Ring, class Poll, class Stop>
poll_result poll_waiting(Ring& ring, Poll poll, wait_deadline until, Stop const& stop) {
    for (auto reason = wake_reason::ready;;) {
        poll_result const polled = poll().polled;
        if (polled.events != 0 || polled.state != poll_state::idle) return polled;
        // Whatever ended the wait, the state is read after it.
        if (reason != wake_reason::ready) return {0, ring.state()};
        reason = ring.await(until, stop);
    }
}

/// run(). Closes the ring if the handler throws, or producers would wait for ever.
template <class Ring, class Poll, class Stop> run_result run_until_stopped(Ring& ring, Poll poll, Stop const& stop) {
    struct closer {
        Ring* ring;
        ~closer() {
            if (ring != nullptr) ring->close();
        }
    } on_exception{&ring};

    run_result result;
    for (;;) {
        if (stop.stop_requested()) {
            result.reason = errc::stopped;
            break;
        }
        poll_outcome const outcome = poll();
        result.events += outcome.polled.events;
        if (outcome.last == event_action::stop) {
            result.reason = errc::stopped;
            break;
        }
        if (outcome.polled.state == poll_state::closed) {
            result.reason = errc::closed;
            break;
        }
        // An event that is kept comes again, after other threads had a turn.
        if (outcome.last == event_action::keep) yield_thread();
        if (outcome.polled.state == poll_state::idle) ring.await(no_deadline, stop);
    }
    on_exception.ring = nullptr;
    return result;
}

#if EVPROC_EXCEPTIONS
/// Calls the handler by `call()`; if it throws, `on_error(std::exception_ptr)` decides.
template <class Call, class OnError, class Stop>
event_action call_guarded(Call call, OnError on_error, Stop const& stop) {
    for (;;) {
        try {
            return call();
        } catch (...) {
            switch (on_error(std::current_exception())) {
                case error_action::skip: return event_action::next;
                case error_action::retry:
                    if (stop.stop_requested()) return event_action::keep;
                    break;
                case error_action::stop: throw;
            }
        }
    }
}
#endif

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
