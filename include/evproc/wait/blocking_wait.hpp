// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/event_count.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::inline EVPROC_ABI {

/// Sleeps at once: for rare events or dear processor time; a waiting thread uses none. Each sleep and wake-up costs a system
/// call on either side and the scheduler's latency (some 5 to 50 us). Without a sleeper the other side pays one load.
class blocking_wait {
public:
    template <class Ready> bool wait(Ready&& ready, wait_deadline until) { return event_count_.await(ready, until); }
    template <class Ready> bool wait_one(Ready&& ready, wait_deadline until) {
        return event_count_.await(ready, until, detail::sleeper::of_some);
    }
    EVPROC_ALWAYS_INLINE void notify() noexcept { event_count_.notify(); }
    EVPROC_ALWAYS_INLINE void notify(std::size_t n) noexcept { event_count_.notify(n); }
    [[nodiscard]] std::uint64_t parks() const noexcept { return event_count_.parks(); }

private:
    detail::event_count event_count_;
};

}  // namespace evproc::inline EVPROC_ABI
