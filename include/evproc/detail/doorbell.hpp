// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <evproc/detail/platform/asymmetric_fence.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// The flag by which a waiter asks to be told of the next step, at no cost to steps while nobody asks.
///
/// A waiter calls raise(), looks once more at what it waits for, and then either sleeps on word() while it
/// holds what raise() returned (parker), or hangs a bell on it and goes away to be called (eventfd_wait,
/// coroutine_wait). Whoever has taken a step calls is_raised(), and if so lower(): of all callers exactly one
/// gets the answer how the waiter wants to be told, for each time that it asked. Any number of threads may
/// raise, one at a time may hang.
///
/// Memory orders. The variables are `word_` (bit 0: somebody waits or is about to; bit 1: a bell hangs; the
/// bits above: a count that makes every lowering a new value) and, outside this file, what the waiter looks
/// at.
///   E1  raise -> is_raised: heavy fence after the flag, light fence before its read. If is_raised() does not
///       see the flag, then the waiter's look sees the step before is_raised(). So a step is either seen or
///       rings.
///   E2  hang -> lower: who lowers sees what the waiter stored before it hung the bell.
///   E3  lower -> lower: a waiter that takes its bell down and finds that another thread was faster sees that
///       thread's step, whatever told it to look.
///   X1  word_ is relaxed elsewhere: the fences order it against what is looked at, sleeping and hanging
///       compare the whole word atomically, and no other data travels through it.
///   I1  lowering always changes the word, so that a waiter that is about to sleep or to hang on the old one
///       does not (the lost wake-up cases of tests/model hold it).
/// Progress: wait-free; raise() makes the system call of the heavy fence.
class doorbell {
public:
    static constexpr std::uint32_t raised = 1;
    static constexpr std::uint32_t hung = 2;

    // ---- the waiter ----

    /// From now on a step is either seen by the look that follows, or rings. Returns what word() holds until
    /// then.
    std::uint32_t raise() noexcept {
        // X1 relaxed: E1's fence follows.
        std::uint32_t const word = word_.fetch_or(raised, std::memory_order_relaxed) | raised;
        fence_.heavy();  // E1
        return word;
    }

    /// Hangs a bell if the word is still what raise() returned. True: somebody will get `hung` from lower(),
    /// once; the caller may have been called already when this returns. False: a step came in between; look
    /// again.
    [[nodiscard]] bool hang(std::uint32_t word) noexcept {
        // E2 release, X1 relaxed: hands over what lower() needs to call; on failure nothing is handed over.
        return word_.compare_exchange_strong(word, word | hung, std::memory_order_release,
                                             std::memory_order_relaxed);
    }

    [[nodiscard]] atomic<std::uint32_t>& word() noexcept { return word_; }

    // ---- whoever took a step ----

    /// Whether somebody waits for this step. To be called after every step that a waiter may look for.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_raised() const noexcept {
        fence_.light();  // E1
        // X1 relaxed: E1's fence stands before it.
        return (word_.load(std::memory_order_relaxed) & raised) != 0;
    }

    /// Takes the flag down. Returns the bits that were up: `raised`, perhaps with `hung`; 0 if another thread
    /// was faster. `note()` is called before each attempt: what it read belongs to the bell that the attempt
    /// took down.
    template <class Note>
    std::uint32_t lower(Note note) noexcept {
        // E2 acquire, E3 acquire: from hang(), and from whoever was faster.
        std::uint32_t word = word_.load(std::memory_order_acquire);
        std::uint32_t const asked = word | raised | hung;
        // At most two attempts. Once another thread has lowered this flag, one that is raised since is none
        // of the caller's business: its waiter's look sees the caller's step (E1).
        while ((word & raised) != 0 && (word | hung) == asked) {
            note();
            // Adding one to the word with both bits set lowers them and counts on (I1).
            // E3 release: hands the caller's step on. Nothing is left to acquire: this is the word read before, or
            // the same one written again by raise(), which adds nothing.
            // E2 acquire, E3 acquire: on failure, for the next attempt and for the answer 0.
            if (word_.compare_exchange_strong(word, asked + 1, std::memory_order_release,
                                              std::memory_order_acquire))
                return word & (raised | hung);
        }
        return 0;
    }
    std::uint32_t lower() noexcept {
        return lower([]() noexcept {});
    }

private:
    // Written when somebody waits or is told, read after every step: a line of its own, shared by all
    // readers.
    alignas(cache_line_size) atomic<std::uint32_t> word_{0};
    asymmetric_fence const fence_{};
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
