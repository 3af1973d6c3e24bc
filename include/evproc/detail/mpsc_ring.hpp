// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer_position.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/platform/cpu.hpp>
#include <evproc/detail/platform/thread.hpp>
#include <evproc/detail/sequence.hpp>
#include <evproc/detail/storage.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// THE PROTOCOL: a bounded queue of records from many producers, read in the order of reservation.
///
/// A producer claims positions [p, p+n) by CAS when there is space, writes its elements, and commits by one store into the word
/// of p: the position where the record ends. A consumer at c reads the word of c: the record is ready if and only if its end is
/// beyond c. A word of an earlier lap ends at or before c, so nothing is ever reset and a consumer writes no slot. Discard is
/// the same store with a flag. The consumer publishes how far it has come; that makes space.
///
/// Variables (written by -> read by)
///   next_to_reserve_  producers, close() -> all             bit 63: closed
///   limit_            producers -> producers                a copy of the gate's position + capacity, never ahead of it
///   words             the producer that owns the record -> consumers
///   elements          the producer that owns the record -> consumers -> the next lap's producer
///   gate_             consumers -> producers                everything before it is free (E2 of consumer_position.hpp)
/// Edges: if the acquire reads what the release stored, then ...
///   E1  commit, discard -> next_run: the consumer sees the elements, and the rest-word of a prefix; and, through E2, the next
///       lap's producer sees that a discarding one is done with its elements.
///   E3  refresh_limit -> claim_slots: the gate's E2, for a producer that learns of the space from another one's refresh of limit_.
///   E4  close -> claimed: a thread that is told "closed" sees what the closing thread did before.
///   E5  claim_slots -> claim_slots: a producer that sees a claim also sees the consumer position that allowed it. Prevents a
///       spurious "full".
/// Relaxed, because
///   X1  next_to_reserve_ hands out numbers: E1 and E2 carry the memory. A stale value, as a claim_hint may be, costs a failed
///       CAS or a refresh in refresh_limit(): positions are compared by signed difference, and "full" is said after both were read (E5).
///   X2  is_closed() and the hints promise a recent value only.
///   X3  statistics carry no data; each producer sees its own claims in count() by coherence.
///   X4  is_ready() only ends a wait or starts a prefetch: next_run() reads the word again, by coherence no older value.
///   X5  the rest-word of a prefix: the commit that follows carries it to next_run().
///   X6  count() reads no elements. A word of a later lap only says that the consumer has passed the slot (E2).
/// Invariants (tests/model)
///   I1  at + n <= gate + capacity for every claim [at, at + n)                      "full ring"
///   I2  words change only between a claim and its commit or discard, by its owner   "two laps"
///   I3  no position is claimed after close() has set the flag                       "close"
///
/// Progress: claim_slots lock-free; commit, discard and close wait-free; next_run wait-free for each record.
/// Sources: claim and cached limit: DPDK's rte_ring, Aeron's many-to-one ring; sequence words: D. Vyukov's bounded queue, the
/// LMAX Disruptor. Records that name their end are this library's.
template <class View, class Gate = consumer_position> class mpsc_ring {
public:
    using view_type = View;
    using element_type = typename View::element_type;
    using run_type = run<element_type>;
    using gate_type = Gate;

    mpsc_ring(std::size_t capacity, position first)
        : slots_{capacity}, next_to_reserve_{first}, limit_{first + view().capacity()}, gate_{first} {}

    [[nodiscard]] View const& view() const noexcept { return slots_.view(); }
    [[nodiscard]] Gate& gate() noexcept { return gate_; }
    [[nodiscard]] Gate const& gate() const noexcept { return gate_; }

    // ---- producers: any thread ----

    /// Claims `most` slots, or at least `least` if there is no space for more; 1 <= least <= most <= max_batch. errc::full: at
    /// some instant of the call fewer than `least` were free; errc::closed.
    EVPROC_ALWAYS_INLINE claim claim_slots(std::size_t least, std::size_t most) noexcept {
        // X1 relaxed: the CAS decides.
        std::uint64_t at =
            claim_hint::get(this, [&]() noexcept { return next_to_reserve_.load(std::memory_order_relaxed); });
        for (;;) {
            if (at > max_position) [[unlikely]]
                return claim{errc::closed};
            // E3 acquire: what refresh_limit() knew when it stored the limit.
            position limit = limit_.load(std::memory_order_acquire);
            std::int64_t free = distance(limit, at);
            if (free < static_cast<std::int64_t>(most)) [[unlikely]] {
                // E5 acquire: whoever made this claim had seen the space for it, and so does refresh_limit() now.
                at = next_to_reserve_.load(std::memory_order_acquire);
                if (at > max_position) return claim{errc::closed};
                limit = refresh_limit(limit);
                free = distance(limit, at);
                if (free < static_cast<std::int64_t>(least)) return claim{errc::full};
            }
            std::size_t size = most;
            if (least != most && free < static_cast<std::int64_t>(most)) size = static_cast<std::size_t>(free);
            // E5 release, X1 relaxed: hands on what was known of the space; failure goes round with the value it saw.
            if (next_to_reserve_.compare_exchange_weak(at, at + size, std::memory_order_release,
                                                       std::memory_order_relaxed)) [[likely]] {
                claim_hint::set(this, at + size);
                slots_.prefetch_ahead(at, limit);
                return {at, size};
            }
        }
    }

    EVPROC_ALWAYS_INLINE void commit(claim const& c, std::size_t built) noexcept {
        if (built != c.size) {
            if (built == 0) return discard(c);
            // X5 relaxed: the commit below carries it.
            view().word(c.at + built).store(record_word::discarded(c.at + c.size), std::memory_order_relaxed);
        }
        // E1 release: publishes the elements, and the rest-word, to next_run().
        view().word(c.at).store(record_word::committed(c.at + built), std::memory_order_release);
    }

    void discard(claim const& c) noexcept {
        // E1 release: whatever was built and destroyed here happens before the slots' next use.
        view().word(c.at).store(record_word::discarded(c.at + c.size), std::memory_order_release);
    }

    void close() noexcept {
        // E4 release: what the closing thread did before is seen by whoever is told that this is the end.
        next_to_reserve_.fetch_or(closed_bit, std::memory_order_release);
    }

    [[nodiscard]] bool is_closed() const noexcept {
        // X2 relaxed: a hint.
        return next_to_reserve_.load(std::memory_order_relaxed) > max_position;
    }

    // ---- consumers ----

    /// The next ready events at `c` that lie side by side: the rest of one record, or records of one event each; at most `most`
    /// (not 0), none at or beyond `limit`. Empty if the record at `c.at` is not committed. Moves `c` over discarded records
    /// only; a consumer of k events adds k to `c.at`.
    EVPROC_ALWAYS_INLINE run_type next_run(read_cursor& c, std::size_t most, position limit) const noexcept {
        auto const v = view();
        position const at = c.at;
        if (c.is_in_record() || distance(limit, at) <= 0) [[unlikely]]
            return next_record(c, most, limit);
        // E1 acquire: the elements of this record, and what its producer did before.
        record_word word{v.word(at).load(std::memory_order_acquire)};
        if (word.bits != record_word::committed(at + 1)) {
            if (!word.is_ready(at)) [[likely]]
                return {};
            return next_record(c, most, limit);
        }
        std::size_t bound = v.capacity() - v.index(at);
        if (bound > run_length) bound = run_length;
        if (bound > most) bound = most;
        if (bound > limit - at) bound = static_cast<std::size_t>(limit - at);
        if constexpr (View::fetch_ahead != 0) {
            // Only if it is committed; otherwise its line would be taken from the producer.
            if (read_cursor const later{at + View::fetch_ahead}; most == 1 && is_ready(later)) v.fetch(later.at);
        }
        std::size_t size = 1;
        for (; size != bound; ++size) {
            // E1 acquire: as above, for the next record.
            word.bits = v.word(at + size).load(std::memory_order_acquire);
            if (word.bits != record_word::committed(at + size + 1)) break;
        }
        return {v.element(at), size};
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_ready(read_cursor const& c) const noexcept {
        if (c.is_in_record()) return true;
        // X4 relaxed: next_run() acquires.
        return record_word{view().word(c.at).load(std::memory_order_relaxed)}.is_ready(c.at);
    }

    [[nodiscard]] claims claimed() const noexcept {
        // E4 acquire: pairs with close().
        std::uint64_t const r = next_to_reserve_.load(std::memory_order_acquire);
        return {r & ~closed_bit, (r & closed_bit) != 0};
    }

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] EVPROC_ALWAYS_INLINE position claimed_approx() const noexcept {
        // X2 relaxed: a hint.
        return next_to_reserve_.load(std::memory_order_relaxed) & ~closed_bit;
    }
    /// Where a consumer stops rather than run into the line that is being written.
    [[nodiscard]] EVPROC_ALWAYS_INLINE position front_approx() const noexcept { return claimed_approx(); }

    [[nodiscard]] bool is_uncommitted_approx(position at, position partial_end) const noexcept {
        if (distance(partial_end, at) > 0 || distance(claimed_approx(), at) <= 0) return false;
        // X3 relaxed: a statistic.
        return !record_word{view().word(at).load(std::memory_order_relaxed)}.is_ready(at);
    }

    /// Counts what is claimed and not consumed, from `at`, the consumer's position. Exact when nobody acts meanwhile; includes
    /// the calling thread's commits. Lock-free; takes time in proportion to what the ring holds.
    [[nodiscard]] occupancy count(position at, position partial_end) const noexcept {
        position const claimed = claimed_approx();
        occupancy result{at, 0, 0};
        for (;;) {
            if (distance(partial_end, at) > 0) {
                result.committed += partial_end - at;
                ++result.records;
                result.last_committed_end = at = partial_end;
            }
            for (;;) {
                if (distance(claimed, at) <= 0) return result;
                // X6 relaxed: a word of a later lap is not trusted.
                record_word const word{view().word(at).load(std::memory_order_relaxed)};
                std::int64_t const size = distance(word.end(), at);
                if (size > static_cast<std::int64_t>(view().capacity())) break;
                if (size <= 0) {
                    ++at;  // not a committed record's first slot
                    continue;
                }
                at = word.end();
                (word.is_discarded() ? result.discarded : result.committed) += static_cast<std::uint64_t>(size);
                if (!word.is_discarded()) {
                    ++result.records;
                    result.last_committed_end = at;
                }
            }
            // The slot belongs to a later lap: the consumer has passed it, perhaps within a record. Go on from where it is.
            while (distance(gate_.consumed(), at) <= 0) cpu_relax();
            at = gate_.consumed();
            partial_end = gate_.partial_end();
        }
    }

private:
    /// next_run() where a record of several events, or a discarded one, stands at `c` or holds it.
    EVPROC_NOINLINE run_type next_record(read_cursor& c, std::size_t most, position limit) const noexcept {
        while (!c.is_in_record()) {
            if (distance(limit, c.at) <= 0) return {};
            // E1 acquire: as in next_run().
            record_word const word{view().word(c.at).load(std::memory_order_acquire)};
            if (!word.is_ready(c.at)) return {};
            c.start = c.at;
            c.end = word.end();
            if (!word.is_discarded()) break;
            c.discarded += c.end - c.at;
            c.at = c.end;
        }
        if (distance(limit, c.at) <= 0) return {};
        std::size_t const size = static_cast<std::size_t>(min_of(c.end, limit) - c.at);
        return {view().element(c.start, static_cast<std::size_t>(c.at - c.start)), min_of(size, most)};
    }

    static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63;
    /// Longest run of single events: their words and elements are still in the nearest cache when they are delivered.
    static constexpr std::size_t run_length = 64;

    /// Asks the consumers how far they have come, and tells the other producers.
    EVPROC_COLD position refresh_limit(position known) noexcept {
        // The gate's E2: the consumers have let go of everything before this position.
        position const limit = gate_.consumed() + view().capacity();
        // E3 release: hands on what the acquire above saw. Going back behind a newer limit only costs another refresh.
        if (limit != known) limit_.store(limit, std::memory_order_release);
        return limit;
    }

    alignas(cache_line_size) slots<View> slots_;
    // Written and read by producers; a consumer looks only when a pause has paid, or to tell its state.
    alignas(cache_line_size) atomic<std::uint64_t> next_to_reserve_;
    atomic<position> limit_;
    Gate gate_;
};

}  // namespace evproc::detail::inline EVPROC_ABI
