// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/cpu.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// A poll of thousands of events that runs out of pauses goes on without: 4 of them cost 12 %.
inline constexpr unsigned pauses_per_poll = 16;

/// Lets a batch come together when the consumer is faster than its producers: otherwise both fight over the line that is being
/// written, and each event is transferred alone. A consumer that has caught up pauses before it looks again, and then stops
/// where the producers were when the pause ended. Whether that pays is measured: a pause that brought too few events makes the
/// next ones rarer, down to one in 4096 events.
///
/// Latency: a poll pauses only after it delivered something, never when it finds nothing again and again; at most 16 pauses
/// of 256 cpu_relax() (3 to 10 us), while they pay; else one of 32 (0.4 to 1.2 us) in 4096 events. ring_options{.pacing =
/// false} switches it off. Source: this library's; measured in benchmarks/README.md.
class pacer {
public:
    pacer(std::size_t capacity, position first) noexcept
        : good_{static_cast<unsigned>(
              min_of<std::size_t>(max_of(capacity / 4, min_of<std::size_t>(capacity / 2, 32)), 256))},
          caught_up_at_{first},
          quiet_until_{first} {}

    [[nodiscard]] EVPROC_ALWAYS_INLINE position limit() const noexcept { return front_; }
    /// Whether look_again(at) would do nothing, since the consumer has found nothing since it last caught up.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_at_rest(position at) const noexcept {
        return at == caught_up_at_ && !measuring_;
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_paying() const noexcept { return paying_; }

    /// Call when nothing is ready at `at`, or `at` is the limit. True: look again. `front()`: where the producers are, asked
    /// only while pauses pay. `budget`: pauses left to this poll.
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
    // In cpu_relax(). A shorter pause is over before a cache line has come from another core: it never pays.
    static constexpr unsigned shortest = 32;
    static constexpr unsigned longest = 256;
    static constexpr position most_skipped = 4095;

    EVPROC_COLD bool pause(position at) noexcept {
        position const found = at - std::exchange(caught_up_at_, at);
        if (std::exchange(measuring_, false)) {
            // `found` is what the last pause brought, whatever polls that took.
            if (found < max_of(2U, pauses_ / 8)) {
                paying_ = false;
                pauses_ = max_of(pauses_ / 2, shortest);
                quiet_until_ = at + next_skip_;
                next_skip_ = min_of(2 * next_skip_ + 1, most_skipped);
                if (quiet_until_ != at) return false;
            } else {
                paying_ = true;
                next_skip_ = 0;
                if (found < good_)
                    pauses_ = min_of(2 * pauses_, longest);
                else if (found >= 2 * good_)
                    pauses_ = max_of(pauses_ / 2, shortest);
            }
        }
        if (found == 0) return false;
        brief_pause(pauses_);
        measuring_ = true;
        return true;
    }

    unsigned const good_;         ///< number of events worth a look; twice as many fill a small ring
    unsigned pauses_ = shortest;  ///< length of the next pause, in cpu_relax()
    position front_ = no_limit;   ///< where the producers were when a pause last paid
    position caught_up_at_;       ///< where the consumer last caught up
    position quiet_until_;        ///< no pause before this position
    position next_skip_ = 0;
    bool measuring_ = false;  ///< the last pause has not been judged yet
    bool paying_ = false;
};

class no_pacer {
public:
    constexpr no_pacer(std::size_t, position) noexcept {}
    [[nodiscard]] static constexpr position limit() noexcept { return no_limit; }
    [[nodiscard]] static constexpr bool is_at_rest(position) noexcept { return true; }
    [[nodiscard]] static constexpr bool is_paying() noexcept { return false; }
    template <class Front> [[nodiscard]] static constexpr bool look_again(position, unsigned&, Front) noexcept {
        return false;
    }
};

}  // namespace evproc::detail::inline EVPROC_ABI
