// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/cursor.hpp>
#include <evproc/detail/sequence.hpp>
#include <evproc/detail/storage.hpp>
#include <evproc/detail/platform/thread.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// THE PROTOCOL: a bounded queue of records from many producers to one consumer, in the order of reservation.
///
/// A producer claims positions [p, p+n) by CAS once their room is known, writes its elements, and commits by one store
/// into the word of p: the position where the record ends. The consumer at c reads the word of c: the record is ready
/// if and only if its end is beyond c; a word of an earlier lap ends at or before c, so nothing is ever reset. Discard
/// is the same store with a flag. The consumer publishes how far it has come; that is what makes room.
/// The two positions, the words, the elements and the cached limit are all there is. Waiting is not part of it.
///
/// Variables (written by -> read by)
///   next_to_reserve_  producers, close(), watch() -> all    bit 63: closed; bit 62: watched
///   limit_            producers -> producers                a copy of next_to_consume_ + capacity, never ahead of it
///   words             the producer that owns the record -> consumer
///   elements          the producer that owns the record -> consumer -> the next lap's producer
///   next_to_consume_  consumer -> producers                 everything before it is free
///   partial_end_      consumer -> census()                  where a record ends that is consumed in part
///   discarded_        consumer -> census()                  a statistic
///   watched_from_     the consumer's own
///
/// Edges: if the acquire reads what the release stored, then ...
///   E1  commit, discard -> next_run, is_single: the consumer sees the elements, and the rest-word of a prefix; and,
///       through E2, the next lap's producer sees that a discarding one has let go of its elements.
///   E2  publish -> room, consumed, count: a producer that claims the slots again (through E3 any producer) sees the
///       consumer's last reads and destructions; who flushes sees what the consumer did; count() sees partial_end_.
///   E3  room -> claim_slots: likewise for a producer that learns of the room from another one's refresh of limit_.
///   E4  close -> frontier: who is told "closed" sees what the closing thread did before.
///   E5  claim_slots -> claim_slots: who finds no room behind a claim looks at least as far as whoever made it, so that
///       "full" is not said because of a claim that is newer than the room it was made in.
///
/// Relaxed, because
///   X1  next_to_reserve_ hands out numbers: E1 and E2 carry the memory. A stale value costs a failed CAS, or a look at
///       room(): positions are compared by signed difference, and "full" is said only after both were read again (E5). A
///       claim_hint is such a value, one that this thread wrote itself (or wrote into a ring that stood at this address
///       before).
///   X2  the word of a prefix's rest is carried by the E1 release that follows it in the same thread.
///   X3  is_closed() and the hints promise no more than a value of some recent moment.
///   X4  statistics and census() carry no data; each producer sees its own commits in census() by coherence.
///   X5  is_ready() only ends a wait: next_run() reads the word again, and by coherence not an older one.
///   X6  a mark says that a claim was made, and nothing follows from it but the answer to a poll: whoever may expect to be
///       seen has claimed before that poll, and then coherence shows the mark.
///   X7  the consumer reads what it alone writes.
///
/// Invariants
///   I1  at + n <= next_to_consume_ + capacity for every claim [at, at + n)     (tests/model, "full ring")
///   I2  words change only between a claim and its commit or discard, by its owner     (tests/model, "two laps")
///   I3  no position is claimed after close() has set the flag                 (tests/model, "close")
///
/// Watching. A consumer that keeps finding nothing would, by looking where the claims stand, take the line of
/// next_to_reserve_ from the producers, which is one more transfer for each event. It sets the watched flag instead. The claim
/// that finds it marks the word of its record, by an end that is no end: its own beginning. From the position at which the flag
/// was set on, an old word means that nothing is claimed there, or that the claim is still being made: between its CAS and its
/// mark. One that stops just there hides those behind it, too; so the consumer looks at the claims again every thousand polls.
///
/// Progress: claim_slots lock-free; commit, discard, close and publish wait-free; next_run wait-free for each record.
/// Sources: the claim and the cached limit are those of DPDK's rte_ring and Aeron's many-to-one ring; sequence words
/// of D. Vyukov's bounded queue and the LMAX Disruptor. Records that name their end are this library's.
template <class View>
class mpsc_ring {
public:
    using element_type = typename View::element_type;
    using run_type = run<element_type>;
    static constexpr bool has_records = true;

    mpsc_ring(std::size_t capacity, start_at start)
        : slots_{capacity},
          next_to_reserve_{start.first},
          limit_{start.first + view().capacity()},
          next_to_consume_{start.first},
          record_end_{start.first} {}

    [[nodiscard]] View const& view() const noexcept { return slots_.view(); }

    // ---- producers: any thread ----

    /// Claims `most` slots, or at least `least` if there is no room for more; 1 <= least <= most <= max_batch.
    /// errc::full only if at some instant of the call fewer than `least` were free; errc::closed after close().
    EVPROC_ALWAYS_INLINE claim claim_slots(std::size_t least, std::size_t most) noexcept {
        return claim_from<false>(claim_hint::get(this,
                                                 [this]() noexcept {
                                                     // X1 relaxed: the CAS decides.
                                                     return next_to_reserve_.load(std::memory_order_relaxed);
                                                 }),
                                 least, most);
    }

    /// Makes the first `built` of the claimed slots visible in one step and gives up the rest.
    EVPROC_ALWAYS_INLINE void commit(claim const& c, std::size_t built) noexcept {
        if (built != c.size) {
            if (built == 0) return discard(c);
            // X2 relaxed: the store below carries it.
            view().word(c.at + built).store(record_word::discarded(c.at + c.size), std::memory_order_relaxed);
        }
        // E1 release: publishes the elements, and the rest-word, to next_run().
        view().word(c.at).store(record_word::committed(c.at + built), std::memory_order_release);
    }

    /// Gives the claimed slots up. The consumer steps over them.
    void discard(claim const& c) noexcept {
        // E1 release: whatever was built and destroyed here happens before the slots' next use.
        view().word(c.at).store(record_word::discarded(c.at + c.size), std::memory_order_release);
    }

    /// Ends the order at the position of this instant. Idempotent.
    void close() noexcept {
        // E4 release: what the closing thread did before is seen by whoever is told that this is the end.
        next_to_reserve_.fetch_or(closed_bit, std::memory_order_release);
    }

    [[nodiscard]] bool is_closed() const noexcept {
        // X3 relaxed: a hint.
        return (next_to_reserve_.load(std::memory_order_relaxed) & closed_bit) != 0;
    }

    // ---- consumer: one thread ----

    /// Everything before this has been given back.
    [[nodiscard]] EVPROC_ALWAYS_INLINE position at() const noexcept {
        // X7 relaxed: the consumer's own.
        return next_to_consume_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE cursor here() const noexcept {
        position const now = at();
        bool const in_a_record = distance(record_end_, now) > 0;
        return {now, in_a_record ? record_end_ : now, record_start_, stepped_over_};
    }

    /// What stands at the border `at`.
    [[nodiscard]] EVPROC_ALWAYS_INLINE static record_word word_at(View const& view, position at) noexcept {
        // E1 acquire: the event, and what its producer did before.
        return {view.word(at).load(std::memory_order_acquire)};
    }

    /// The events that are ready at `c` and lie side by side, after stepping over what was discarded; none if the next
    /// record is not committed. Moves `c` over discarded records only. Each record is found once: whoever consumes k
    /// events adds k to `c.at`.
    EVPROC_ALWAYS_INLINE run_type next_run(cursor& c) const noexcept {
        if (c.at == c.end) [[likely]] {
            // E1 acquire: the elements of this record, and what its producer did before.
            record_word word{view().word(c.at).load(std::memory_order_acquire)};
            while (word.is_ready(c.at) && word.is_discarded()) [[unlikely]] {
                c.discarded += word.end() - c.at;
                c.at = c.end = word.end();
                // E1 acquire: as above, for the record after the discarded one.
                word.bits = view().word(c.at).load(std::memory_order_acquire);
            }
            if (!word.is_ready(c.at)) return {};
            c.start = c.at;
            c.end = word.end();
        }
        return {view().element(c.start, static_cast<std::size_t>(c.at - c.start)), static_cast<std::size_t>(c.end - c.at)};
    }

    /// Whether the record at `c` is committed or discarded.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_ready(cursor const& c) const noexcept {
        if (c.at != c.end) return true;
        // X5 relaxed: next_run() acquires.
        return record_word{view().word(c.at).load(std::memory_order_relaxed)}.is_ready(c.at);
    }

    /// Stands at `c` from now on and gives everything before it back to the producers.
    EVPROC_ALWAYS_INLINE void publish(cursor const& c) noexcept {
        // No more stores than needed: a locked instruction that follows waits for every one of them.
        if (c.discarded != stepped_over_) [[unlikely]] {
            stepped_over_ = c.discarded;
            // X4 relaxed: a statistic.
            discarded_.store(c.discarded, std::memory_order_relaxed);
        }
        if (c.at != c.end) [[unlikely]] {
            record_end_ = c.end;
            record_start_ = c.start;
            // X4 relaxed: a statistic.
            partial_end_.store(c.end, std::memory_order_relaxed);
        }
        if (c.at != at()) [[likely]] publish(c.at);
    }
    /// The same at a border, with nothing discarded before it.
    EVPROC_ALWAYS_INLINE void publish(position to) noexcept {
        // E2 release: the last reads and the destructions of everything before happen before its next use.
        next_to_consume_.store(to, std::memory_order_release);
    }

    /// Where the claims stand, and whether they have ended there: for a consumer that found nothing at `c`.
    struct claims {
        position reserved;
        bool closed;
    };
    [[nodiscard]] EVPROC_ALWAYS_INLINE claims frontier() const noexcept {
        // E4 acquire: pairs with close().
        std::uint64_t const r = next_to_reserve_.load(std::memory_order_acquire);
        return {r & ~flags, (r & closed_bit) != 0};
    }

    /// Whether nothing is claimed at `at` or behind it, and the ring is not closed: for a consumer that does not watch.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_idle(position at) const noexcept {
        // X1 relaxed: nothing follows from it but the answer.
        return next_to_reserve_.load(std::memory_order_relaxed) == at;
    }
    /// The same for one that watches, as far as `word`, the word of `at`, tells: not whether the ring is closed. It may say no
    /// without cause.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_idle_watched(position at, record_word word) const noexcept {
        return distance(at, watched_from_) >= 0 && word.is_old(at);
    }
    [[nodiscard]] bool is_idle_watched(position at) const noexcept {
        // X6 relaxed: a mark, or what an earlier lap has left.
        return is_idle_watched(at, {view().word(at).load(std::memory_order_relaxed)});
    }

    /// Whether claims are marked in the words, see above.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_watching() const noexcept { return watching_; }

    /// To be told what each poll found that came to the end: decides whether to watch.
    EVPROC_ALWAYS_INLINE void found(std::size_t events) noexcept {
        if (events == 0) {
            if (++empty_polls_ % look_again == enough_empty_polls) [[unlikely]] watch();
        } else if (events >= busy_poll && empty_polls_ != 0) [[unlikely]] {
            empty_polls_ = 0;
            if (watching_) unwatch();
        }
    }

    // ---- any thread ----

    /// Everything before this position has been consumed, and what the consumer did with it is seen.
    [[nodiscard]] position consumed() const noexcept {
        // E2 acquire: the consumer's work on everything before this position.
        return next_to_consume_.load(std::memory_order_acquire);
    }

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] position consumed_approx() const noexcept {
        // X3 relaxed: a hint.
        return next_to_consume_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] position reserved_approx() const noexcept {
        // X3 relaxed: a hint.
        return next_to_reserve_.load(std::memory_order_relaxed) & ~flags;
    }
    /// Up to where a consumer may hope to find events.
    [[nodiscard]] EVPROC_ALWAYS_INLINE position look_ahead() const noexcept { return reserved_approx(); }
    [[nodiscard]] std::uint64_t discarded_approx() const noexcept {
        // X4 relaxed: a statistic.
        return discarded_.load(std::memory_order_relaxed);
    }
    /// Whether the record at `at` waits for its commit.
    [[nodiscard]] bool is_uncommitted_approx(position at) const noexcept {
        // X4 relaxed: a statistic.
        if (distance(partial_end_.load(std::memory_order_relaxed), at) > 0 || distance(reserved_approx(), at) <= 0)
            return false;
        // X4 relaxed: a statistic.
        return !record_word{view().word(at).load(std::memory_order_relaxed)}.is_ready(at);
    }

    /// Looks at every slot that is claimed and not consumed. Exact when nobody moves meanwhile; the calling thread's own
    /// commits are always in it. Takes time in proportion to what the ring holds.
    [[nodiscard]] census count() const noexcept {
        // With E2, so that partial_end_ is not older: it says where the record ends that this stands in.
        position at = consumed();
        position const reserved = reserved_approx();
        census result{at, 0, 0};
        // X4 relaxed: a statistic.
        position const partial = partial_end_.load(std::memory_order_relaxed);
        if (distance(partial, at) > 0) {
            result.committed = partial - at;
            result.last_committed_end = at = partial;
        }
        while (distance(reserved, at) > 0) {
            // X4 relaxed: a statistic.
            record_word const word{view().word(at).load(std::memory_order_relaxed)};
            if (!word.is_ready(at) || distance(word.end(), reserved) > 0) {
                ++at;  // not a committed record's first slot
                continue;
            }
            (word.is_discarded() ? result.discarded : result.committed) += word.end() - at;
            at = word.end();
            if (!word.is_discarded()) result.last_committed_end = at;
        }
        return result;
    }

private:
    static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63;
    static constexpr std::uint64_t watched_bit = std::uint64_t{1} << 62;
    static constexpr std::uint64_t flags = closed_bit | watched_bit;
    /// So many polls that found nothing, and none between them that found much, make a consumer watch.
    static constexpr unsigned enough_empty_polls = 16;
    static constexpr unsigned look_again = 1024;
    static constexpr std::size_t busy_poll = 64;

    EVPROC_COLD void watch() noexcept {
        watching_ = true;
        // X1 relaxed: claims behind the position that this reads come after it, and see the flag.
        watched_from_ = next_to_reserve_.fetch_or(watched_bit, std::memory_order_relaxed) & ~flags;
    }
    EVPROC_COLD void unwatch() noexcept {
        watching_ = false;
        // X1 relaxed: marks that are still made do no harm.
        next_to_reserve_.fetch_and(~watched_bit, std::memory_order_relaxed);
    }

    /// `seen`: what next_to_reserve_ may be. `Flagged`: it may have flags, which the straight path leaves to this one.
    template <bool Flagged>
    EVPROC_ALWAYS_INLINE claim claim_from(std::uint64_t seen, std::size_t least, std::size_t most) noexcept {
        for (;;) {
            if constexpr (Flagged) {
                if ((seen & closed_bit) != 0) return claim{errc::closed};
            } else if (seen > max_position) [[unlikely]] {
                return claim_flagged(seen, least, most);
            }
            position at = Flagged ? seen & ~watched_bit : seen;
            // E3 acquire: what room() knew when it stored the limit.
            position limit = limit_.load(std::memory_order_acquire);
            std::int64_t free = distance(limit, at);
            if (free < static_cast<std::int64_t>(most)) [[unlikely]] {
                // E5 acquire: who made this claim had seen the room for it, and so does room() now.
                seen = next_to_reserve_.load(std::memory_order_acquire);
                if ((seen & closed_bit) != 0) return claim{errc::closed};
                limit = room();
                if constexpr (!Flagged) {
                    if (seen > max_position) return claim_flagged(seen, least, most);
                }
                at = seen & ~watched_bit;
                free = distance(limit, at);
                if (free < static_cast<std::int64_t>(least)) return claim{errc::full};
            }
            std::size_t size = most;
            if (least != most && free < static_cast<std::int64_t>(most)) size = static_cast<std::size_t>(free);
            if constexpr (Flagged) view().prefetch_beside_word(at);
            // E5 release, X1 relaxed: hands on what was known of the room; failure goes round with the value it saw.
            if (next_to_reserve_.compare_exchange_weak(seen, seen + size, std::memory_order_release,
                                                       std::memory_order_relaxed)) [[likely]] {
                claim_hint::set(this, seen + size);
                // X6 relaxed: a mark.
                if (at != seen) view().word(at).store(record_word::claimed(at), std::memory_order_relaxed);
                prefetch_ahead(at, limit);
                return {at, size};
            }
        }
    }
    /// Apart, so that the straight path has neither flags to mask nor marks to make.
    EVPROC_NOINLINE claim claim_flagged(std::uint64_t seen, std::size_t least, std::size_t most) noexcept {
        return claim_from<true>(seen, least, most);
    }

    /// Asks the consumer how far it has come, and tells the other producers.
    EVPROC_COLD position room() noexcept {
        // E2 acquire: the consumer has let go of everything before this position.
        position const limit = next_to_consume_.load(std::memory_order_acquire) + view().capacity();
        // E3 release: hands on what the acquire above saw. Going back behind a newer limit only costs another look.
        limit_.store(limit, std::memory_order_release);
        return limit;
    }

    /// A locked instruction waits until the stores before it have left the store buffer, so the cache misses of one
    /// commit would be paid by the next claim. Fetching the lines some way ahead starts them early; only where that place is
    /// known to be free, else it would be taken from the consumer that is about to read it.
    EVPROC_ALWAYS_INLINE void prefetch_ahead(position at, position limit) const noexcept {
        constexpr position ahead = 16;
        if (at % View::prefetch_every == 0 && distance(limit, at) > static_cast<std::int64_t>(ahead)) [[unlikely]]
            view().prefetch(at + ahead);
    }

    // Read by all, written by nobody.
    alignas(cache_line_size) slots<View> slots_;
    // Written and read by producers; the consumer looks when it has run out of events.
    alignas(cache_line_size) atomic<std::uint64_t> next_to_reserve_;
    atomic<position> limit_;
    // Written by the consumer; read by producers that run out of room.
    alignas(cache_line_size) atomic<position> next_to_consume_;
    atomic<position> partial_end_{0};
    atomic<std::uint64_t> discarded_{0};
    // The consumer's own. Of a record that is consumed in part: where it ends and starts.
    alignas(cache_line_size) position record_end_;
    position record_start_ = 0;
    std::uint64_t stepped_over_ = 0;
    unsigned empty_polls_ = 0;
    bool watching_ = false;
    position watched_from_ = 0;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
