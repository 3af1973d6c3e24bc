// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/cpu.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Keeps a consumer that is faster than its producers from sitting on the line they are writing, where each look costs
/// both sides a transfer of that line and each event is then transferred alone. Having drained the ring, it lets a little
/// time go by before it looks again, as much as lets a good batch come together.
///
/// Whether that pays is found out by trying. Where a pause brought too little (one answer at a time is awaited; a burst
/// is over; the producer is this very thread), ever fewer follow, down to one in four thousand events, until one pays again.
///
/// The consumer's own.
class pacer {
public:
    /// How many events are worth a look.
    static constexpr std::size_t good_batch = 256;

    /// Whether the last pause brought enough. Then it is better to stop at what there was when it ended than to run after the
    /// producers, up to the line that they are writing: there each event costs a transfer again, and the consumer, slowed down
    /// as much as they are, may not find an end for a long time.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_paying() const noexcept { return paying_; }

    /// To be called when nothing is ready any more, by a consumer that stands at `at` and has found `found` events since it
    /// last called this or began to poll; `good` are worth a look. True if it has paused, so that another look is due.
    EVPROC_ALWAYS_INLINE bool pause_after(std::size_t found, position at, std::size_t good) noexcept {
        return is_due(found, at) && pause(found, at, good);
    }
    /// Whether pause_after() would do anything.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_due(std::size_t found, position at) const noexcept {
        return distance(at, quiet_until_) >= 0 && (found != 0 || measuring_);
    }

private:
    static constexpr unsigned shortest = 32;
    static constexpr unsigned longest = 256;
    static constexpr position most_skipped = 4095;

    EVPROC_COLD bool pause(std::size_t found, position at, std::size_t good) noexcept {
        if (std::exchange(measuring_, false)) {
            // Whatever polls it took.
            position const brought = at - paused_at_;
            if (brought < std::max(2U, rounds_ / 8)) {
                paying_ = false;
                rounds_ = std::max(rounds_ / 2, shortest);
                quiet_until_ = at + next_skip_;
                next_skip_ = std::min(2 * next_skip_ + 1, most_skipped);
                if (quiet_until_ != at) return false;
            } else {
                paying_ = true;
                next_skip_ = 0;
                if (brought < good)
                    rounds_ = std::min(2 * rounds_, longest);
                else if (brought > 2 * good)
                    rounds_ = std::max(rounds_ / 2, shortest);
            }
        }
        if (found == 0) return false;
        brief_pause(rounds_);
        paused_at_ = at;
        measuring_ = true;
        return true;
    }

    position paused_at_ = 0;
    unsigned rounds_ = shortest;
    position quiet_until_ = 0;
    position next_skip_ = 0;
    bool measuring_ = false;
    bool paying_ = false;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
