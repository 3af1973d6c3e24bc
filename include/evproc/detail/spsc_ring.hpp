// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer_position.hpp>
#include <evproc/detail/platform/asymmetric_fence.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/platform/thread.hpp>
#include <evproc/detail/sequence.hpp>
#include <evproc/detail/storage.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// The protocol for one producer with one live reservation: no words, no read-modify-writes. The producer publishes what it has
/// committed, the consumer what it has consumed; a discard returns slots and leaves no gap. Interface of mpsc_ring. Batches are
/// contiguous by storage beyond the capacity: for each lap the producer notes how many of its first elements lie beyond the
/// end; two notes suffice, as unconsumed records meet at most two ends.
/// Variables (written by -> read by)
///   committed_, gate_ producer -> consumer, and back        gate_'s E2 hands slots back (consumer_position.hpp)
///   reserved_         producer -> consumer                  beyond committed_ while a reservation is live
///   spilled_          producer -> consumer                  plain: travels with E1, back with E2
///   closing_, closed_ any thread -> producer; consumer
///   discarded_, owner_ producer -> all                      statistic; checked builds
/// Edges: if the acquire reads what the release stored, then ...; relaxations; invariants (tests/model)
///   E1  commit -> next_run: the consumer sees the elements, spilled_ and the reserved_ that goes with them.
///   E4  close -> claimed: the reader of "closed" sees what the closing thread did before, and (E5) the last reservation.
///   E5  claim_slots -> close: light fence between reserved_ and closing_, heavy fence between closing_ and closed_.
///       Either the claim sees closing_ and is taken back, or the reader of closed_ sees reserved_.
///   X1  reserved_ and closing_ are ordered by E5's fences, and by E1 where both travel.
///   X3  is_closed() and the hints promise a recent value only.
///   X4  statistics carry no data.
///   X5  is_ready() only ends a wait; next_run() reads committed_ again, by coherence no older value.
///   I1  at + n <= gate + capacity for every claim [at, at + n)                  "single producer"
///   I3  no claim succeeds that a consumer told "closed" could miss              "single close"
/// Wait-free. Source: Lamport's one-reader-one-writer ring with the cached positions of rigtorp's SPSCQueue.
template <class View> class spsc_ring {
public:
    using view_type = View;
    using element_type = typename View::element_type;
    using run_type = run<element_type>;
    using gate_type = consumer_position;

    spsc_ring(std::size_t capacity, position first)
        : slots_{capacity},
          next_{first},
          limit_{first + view().capacity()},
          reserved_{first},
          committed_{first},
          gate_{first} {}

    [[nodiscard]] View const& view() const noexcept { return slots_.view(); }
    [[nodiscard]] gate_type& gate() noexcept { return gate_; }
    [[nodiscard]] gate_type const& gate() const noexcept { return gate_; }

    EVPROC_ALWAYS_INLINE claim claim_slots(std::size_t least, std::size_t most) noexcept {
        [[maybe_unused]] producer_check const check{*this};
        if (live_) [[unlikely]]
            return claim{is_closed() ? errc::closed : errc::busy};
        std::int64_t free = distance(limit_, next_);
        if (free < static_cast<std::int64_t>(most)) [[unlikely]] {
            // The gate's E2: the consumer has left everything before this position.
            limit_ = gate_.consumed() + view().capacity();
            free = distance(limit_, next_);
            if (free < static_cast<std::int64_t>(least)) return claim{is_closed() ? errc::closed : errc::full};
        }
        std::size_t size = most;
        if (least != most && free < static_cast<std::int64_t>(most)) size = static_cast<std::size_t>(free);
        // X1 relaxed: E5's light fence follows.
        reserved_.store(next_ + size, std::memory_order_relaxed);
        fence_.light();  // E5
        if (is_closed()) [[unlikely]] {
            // X1 relaxed: the consumer only waits for it to be equal to committed_.
            reserved_.store(next_, std::memory_order_relaxed);
            return claim{errc::closed};
        }
        live_ = true;
        slots_.prefetch_ahead(next_, limit_);
        return {next_, size};
    }

    EVPROC_ALWAYS_INLINE void commit(claim const& c, std::size_t built) noexcept {
        if (built != c.size) {
            if (built == 0) return discard(c);
            shrink_claim(c.at + built, c.size - built);
        }
        next_ = c.at + built;
        live_ = false;
        clear_owner();
        position const lap_end = next_ & ~static_cast<position>(view().capacity() - 1);
        if (lap_end > c.at) [[unlikely]]
            spilled_[note(lap_end)] = static_cast<std::size_t>(next_ - lap_end);
        // E1 release: publishes the elements, the note and reserved_ to next_run().
        committed_.store(next_, std::memory_order_release);
    }

    void discard(claim const& c) noexcept {
        live_ = false;
        clear_owner();
        shrink_claim(c.at, c.size);
    }

    void close() noexcept {
        // X1 relaxed: E5's heavy fence follows.
        closing_.store(true, std::memory_order_relaxed);
        fence_.heavy();  // E5
        // E4 release: no claim can succeed from here on that claimed() would not see.
        closed_.store(true, std::memory_order_release);
    }

    [[nodiscard]] bool is_closed() const noexcept {
        // X1 relaxed: E5's light fence stands before it where it decides. X3 elsewhere.
        return closing_.load(std::memory_order_relaxed);
    }

    /// All that is committed counts as one record.
    EVPROC_ALWAYS_INLINE run_type next_run(read_cursor& c, std::size_t most, position limit) const noexcept {
        if (!c.is_in_record()) {
            // E1 acquire: the elements and notes before this position.
            c.end = committed_.load(std::memory_order_acquire);
        }
        position until = min_of(c.end, limit);
        if (distance(until, c.at) <= 0) return {};
        if (until - c.at > most) until = c.at + most;
        position const capacity = view().capacity();
        position const lap = c.at & ~(capacity - 1);
        position const lap_end = lap + capacity;
        auto const run_to = [&](position end, std::size_t offset = 0) noexcept -> run_type {
            return {view().element(c.at, offset), static_cast<std::size_t>(min_of(until, end) - c.at)};
        };
        if (view().max_batch() == 1) return run_to(lap_end);  // nothing is spilled
        position const spilled_end = lap + spilled_[note(lap)];
        if (c.at < spilled_end) [[unlikely]]
            return run_to(spilled_end, view().capacity());
        return run_to(until > lap_end ? lap_end + spilled_[note(lap_end)] : until);
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_ready(read_cursor const& c) const noexcept {
        // X5 relaxed: next_run() acquires.
        return c.is_in_record() || committed_.load(std::memory_order_relaxed) != c.at;
    }

    [[nodiscard]] claims claimed() const noexcept {
        // E4 acquire: pairs with close(); read first, so that reserved_ is final if this is set.
        bool const closed = closed_.load(std::memory_order_acquire);
        // X1 relaxed: E4 and E5 make it the last one where that matters.
        return {reserved_.load(std::memory_order_relaxed), closed};
    }

    [[nodiscard]] position claimed_approx() const noexcept {
        // X3 relaxed: a hint.
        return reserved_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE position front_approx() const noexcept {
        // X3 relaxed: a hint; next_run() acquires.
        return committed_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_uncommitted_approx(position at, position) const noexcept {
        // X4 relaxed: a statistic.
        return committed_.load(std::memory_order_relaxed) == at && claimed_approx() != at;
    }
    /// Returned slots were never claimed; discarded_ counts them.
    [[nodiscard]] occupancy count(position at, position) const noexcept {
        // X4 relaxed: a statistic; each thread sees its own commits by coherence.
        position const committed = committed_.load(std::memory_order_relaxed);
        return {committed, distance(committed, at) > 0 ? committed - at : 0,
                discarded_.load(std::memory_order_relaxed)};
    }

private:
    /// Which note is of the storage's end at position `lap_end`.
    [[nodiscard]] std::size_t note(position lap_end) const noexcept {
        return (lap_end & static_cast<position>(view().capacity())) != 0 ? 1 : 0;
    }

    void shrink_claim(position from, std::size_t size) noexcept {
        // X4 relaxed: a statistic with one writer.
        discarded_.store(discarded_.load(std::memory_order_relaxed) + size, std::memory_order_relaxed);
        // X1 relaxed: where something is committed as well, E1 carries it.
        reserved_.store(from, std::memory_order_relaxed);
    }

    /// Finds a second thread that reserves while one does or holds a reservation. Handing the ring over is allowed.
    struct producer_check {
        spsc_ring& ring;

        explicit producer_check(spsc_ring& r) noexcept : ring{r} {
            if constexpr (EVPROC_CHECKED == 0) return;
            thread_token const self = this_thread_token();
            thread_token owner = 0;
            // X4 relaxed: no data goes with it.
            [[maybe_unused]] bool const free =
                ring.owner_.compare_exchange_strong(owner, self, std::memory_order_relaxed, std::memory_order_relaxed);
            EVPROC_CHECK(free || owner == self, "two threads reserve from a ring of producer_kind::single");
        }
        ~producer_check() {
            if (!ring.live_) ring.clear_owner();
        }
    };
    EVPROC_ALWAYS_INLINE void clear_owner() noexcept {
        // X4 relaxed: no data goes with it.
        if constexpr (EVPROC_CHECKED != 0) owner_.store(0, std::memory_order_relaxed);
    }

    alignas(cache_line_size) slots<View> slots_;
    asymmetric_fence const fence_{};
    atomic<bool> closing_{false};
    atomic<bool> closed_{false};
    alignas(cache_line_size) position next_;
    position limit_;
    bool live_ = false;
    atomic<position> reserved_;
    atomic<std::uint64_t> discarded_{0};
    atomic<thread_token> owner_{0};
    // Written by the producer, read by the consumer that has run out of events.
    alignas(false_sharing_range) atomic<position> committed_;
    // Read with each run, written once a lap.
    alignas(cache_line_size) std::size_t spilled_[2] = {0, 0};
    gate_type gate_;
};

}  // namespace evproc::detail::inline EVPROC_ABI
