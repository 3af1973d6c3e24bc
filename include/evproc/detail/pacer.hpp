// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/cpu.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Lets a batch come together when the consumer is faster than its producers. Otherwise both fight over the cache line
/// that is being written, and each event is transferred alone.
///
/// A consumer that has caught up pauses before it looks again, and then stops where the producers were when the pause ended.
/// Whether that pays is measured: a pause that brought too few events makes the next ones rarer, down to one in 4096 events.
///
/// Cost in latency: a poll pauses only after it has delivered something, and never when it finds nothing again and again. The
/// longest pause is 256 cpu_relax() (3 to 10 us), at most four of them a poll, and only while pauses pay. Where they do not
/// (a poll a frame, one answer at a time), it is one pause of 32 cpu_relax() (0.4 to 1.2 us) in 4096 events.
/// ring_options{.pacing = false} switches it off.
///
/// The consumer's own. Source: this library's; measured in docs/pages/performance.md.
class pacer {
public:
    pacer(std::size_t capacity, position first) noexcept
        : good_{static_cast<unsigned>(std::clamp<std::size_t>(capacity / 4, 2, 256))},
          pauses_{shortest()},
          caught_up_at_{first},
          quiet_until_{first} {}

    /// Read no further than this position for now.
    [[nodiscard]] EVPROC_ALWAYS_INLINE position limit() const noexcept { return front_; }
    /// Whether look_again(at) would do nothing, since the consumer has found nothing since it last caught up.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_at_rest(position at) const noexcept {
        return at == caught_up_at_ && !measuring_;
    }
    /// Whether the last pause brought a batch.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_paying() const noexcept { return paying_; }

    /// To be called when nothing is ready at `at`, or `at` is the limit. True: look again. `front()` tells where the producers
    /// are; it is asked only while pauses pay. `budget`: the number of pauses left to this poll.
    template <class Front>
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool look_again(position at, unsigned& budget, Front front) noexcept {
        bool again = distance(at, front_) >= 0;
        if (distance(at, quiet_until_) >= 0 && (at != caught_up_at_ || measuring_) && budget != 0) [[unlikely]] {
            --budget;
            again |= pause(at);
        }
        if (!again) return false;
        front_ = paying_ ? front() : no_limit;
        if (distance(front_, at) <= 0) front_ = no_limit;
        return true;
    }

private:
    static constexpr unsigned longest = 256;
    static constexpr position most_skipped = 4095;

    [[nodiscard]] unsigned shortest() const noexcept { return (std::max)(good_ / 8, 1U); }

    /// True if it has paused.
    EVPROC_COLD bool pause(position at) noexcept {
        position const found = at - std::exchange(caught_up_at_, at);
        if (std::exchange(measuring_, false)) {
            // `found` is what the last pause brought, whatever polls that took.
            if (found < (std::max)(2U, pauses_ / 8)) {
                paying_ = false;
                pauses_ = (std::max)(pauses_ / 2, shortest());
                quiet_until_ = at + next_skip_;
                next_skip_ = (std::min)(2 * next_skip_ + 1, most_skipped);
                if (quiet_until_ != at) return false;
            } else {
                paying_ = true;
                next_skip_ = 0;
                if (found < good_)
                    pauses_ = (std::min)(2 * pauses_, (std::min)(good_, longest));
                else if (found > 2 * good_)
                    pauses_ = (std::max)(pauses_ / 2, shortest());
            }
        }
        if (found == 0) return false;
        brief_pause(pauses_);
        measuring_ = true;
        return true;
    }

    unsigned const good_;           ///< number of events worth a look
    unsigned pauses_;               ///< length of the next pause, in cpu_relax()
    position front_ = no_limit;     ///< where the producers were when a pause last paid
    position caught_up_at_;         ///< where the consumer last caught up
    position quiet_until_;          ///< no pause before this position
    position next_skip_ = 0;
    bool measuring_ = false;        ///< the last pause has not been judged yet
    bool paying_ = false;
};

/// Never pauses.
class no_pacer {
public:
    constexpr no_pacer(std::size_t, position) noexcept {}
    [[nodiscard]] static constexpr position limit() noexcept { return no_limit; }
    [[nodiscard]] static constexpr bool is_at_rest(position) noexcept { return true; }
    [[nodiscard]] static constexpr bool is_paying() noexcept { return false; }
    template <class Front>
    [[nodiscard]] static constexpr bool look_again(position, unsigned&, Front) noexcept {
        return false;
    }
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
