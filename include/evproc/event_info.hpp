// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include <evproc/detail/config.hpp>
#include <evproc/errc.hpp>

namespace evproc::inline EVPROC_ABI {

/// What a handler may ask to know about its event.
struct event_info {
    std::uint64_t sequence = 0;  ///< its position in the global order, from 0
    bool end_of_batch = false;   ///< the last event that is ready now, or that this poll delivers: the moment to flush
};

/// The same from a consumer of several rings, for the event's own ring; the last event of a ring's turn also ends a batch.
struct select_info : event_info {
    std::size_t source = 0;  ///< which ring: the selector's n-th processor, the level, the lane
};

/// What a handler wants next; void means `next`.
enum class event_action {
    next,  ///< the event is consumed; go on
    stop,  ///< the event is consumed; poll returns
    keep,  ///< poll returns; the event stays at the front and comes again
};

/// What is at the front: exact from state() and waiting verbs; poll: `idle` also where blocked, `more` if it stopped early.
enum class poll_state {
    idle,     ///< nothing is ready, and nothing is reserved
    more,     ///< an event is ready, or poll stopped before it had looked: call again
    blocked,  ///< the next slot is reserved and its producer has not committed it yet
    closed,   ///< closed and drained: nothing will ever come
};

struct poll_result {
    std::size_t events = 0;  ///< how many events were consumed
    poll_state state = poll_state::idle;
};

struct run_result {
    std::uint64_t events = 0;     ///< how many events were consumed
    errc reason = errc::success;  ///< errc::closed (everything was consumed) or errc::stopped
};

enum class error_action {
    skip,   ///< the event counts as consumed; go on with the next
    retry,  ///< call the handler again with the same event
    stop,   ///< close the processor, wake the producers, let the exception leave run()
};

/// Counts since construction: exact when nobody acts meanwhile, else each a recent value.
struct processor_stats {
    std::uint64_t committed = 0;   ///< events made visible
    std::uint64_t consumed = 0;    ///< events consumed
    std::uint64_t discarded = 0;   ///< slots given up
    std::uint64_t full_waits = 0;  ///< waiting verbs that found no space at first
    std::uint64_t refused = 0;     ///< try_ verbs that returned errc::full
    std::uint64_t max_depth = 0;   ///< the most slots in use that the consumer has seen
    std::uint64_t parks = 0;       ///< how often a waiting thread, of either side, went to sleep
};

/// The slot that everything behind it waits for.
struct stall_info {
    bool stalled = false;             ///< whether the consumer stands before a slot that is reserved and not committed
    std::uint64_t sequence = 0;       ///< that slot
    std::chrono::nanoseconds age{0};  ///< how long the consumer has found it so (resolution 1 us)

    explicit operator bool() const noexcept { return stalled; }
};

}  // namespace evproc::inline EVPROC_ABI
