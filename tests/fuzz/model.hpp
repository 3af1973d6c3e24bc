// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What a ring is, in the plainest words: a std::deque of slots. No positions are masked, nothing is atomic, nothing is
// cached, so that nothing of the library's cleverness is in it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>

#include "report.hpp"

namespace evproc_fuzz {

enum class place_state { live, committed, discarded };

struct place {
    place_state state = place_state::live;
    int value = 0;
};

/// One thread's view. Where the contract leaves a moment open (a discarded slot is free again when the consumer has
/// stepped over it; a running poll publishes every quarter of the ring) the model knows bounds and accepts both.
class ring_model {
public:
    ring_model(std::size_t capacity, std::size_t max_batch, bool single, std::uint64_t start)
        : capacity_{capacity}, max_batch_{max_batch}, single_{single}, front_{start}, freed_{start} {}

    [[nodiscard]] std::size_t capacity() const { return capacity_; }
    [[nodiscard]] std::size_t max_batch() const { return max_batch_; }
    [[nodiscard]] bool single() const { return single_; }
    [[nodiscard]] bool closed() const { return closed_; }
    [[nodiscard]] std::uint64_t front() const { return front_; }
    [[nodiscard]] std::uint64_t next() const { return front_ + places_.size(); }

    // ---- producers ----

    [[nodiscard]] std::size_t free_at_least() const { return capacity_ - static_cast<std::size_t>(next() - freed_); }
    [[nodiscard]] std::size_t free_at_most() const { return capacity_ - places_.size() + leading_discards(); }

    /// Why a reservation of n would be refused whatever the space.
    [[nodiscard]] evproc::errc refusal(std::size_t n) const {
        using evproc::errc;
        if (n == 0) return errc::invalid_size;
        if (n > max_batch_) return errc::too_large;
        if (closed_) return errc::closed;
        if (single_ && live_ != 0) return errc::busy;
        return errc::success;
    }

    /// A reservation of `least` to `most` slots was answered by `error`, `size` slots from `sequence`.
    void reserved(std::size_t least, std::size_t most, evproc::errc error, std::size_t size, std::uint64_t sequence) {
        if (error == evproc::errc::success) {
            FUZZ_CHECK(free_at_most() >= least);
            FUZZ_CHECK(size >= std::min(most, std::max(least, free_at_least())));
            FUZZ_CHECK(size <= std::min(most, free_at_most()));
            FUZZ_CHECK(sequence == next());
            places_.insert(places_.end(), size, place{});
            ++live_;
            // A poll may have released more than it has to: what was reserved was free.
            if (next() - freed_ > capacity_) freed_ = next() - capacity_;
            deepest_ = std::max<std::uint64_t>(deepest_, next() - freed_);
        } else {
            FUZZ_CHECK(free_at_least() < least);
            FUZZ_CHECK(size == 0);
        }
    }

    void value(std::uint64_t at, int v) { at_position(at).value = v; }

    void commit(std::uint64_t at, std::size_t size, std::size_t built) {
        if (built == 0) return discard(at, size);
        for (std::size_t i = 0; i != built; ++i) change(at + i, place_state::committed);
        give_up(at + built, size - built);
        committed_ += built;
        --live_;
    }
    void discard(std::uint64_t at, std::size_t size) {
        give_up(at, size);
        --live_;
    }
    void close() { closed_ = true; }

    // ---- consumer ----

    /// The consumer looks at the front: it steps over what was discarded and releases it.
    void settle() {
        std::size_t const gone = leading_discards();
        places_.erase(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(gone));
        front_ += gone;
        freed_ = front_;
    }
    /// The same inside a running poll, which releases a quarter of the ring at the latest.
    void step_in_pass() {
        std::uint64_t const freed_before = freed_;
        settle();
        std::uint64_t const quota = std::max<std::size_t>(capacity_ / 4, 1);
        freed_ = std::max(freed_before, front_ >= quota - 1 ? front_ - (quota - 1) : 0);
    }
    /// The front event is consumed, not yet released.
    void consume_in_pass() {
        std::uint64_t const freed = freed_;
        consume();
        freed_ = freed;
    }
    /// The front event is consumed and released.
    void consume() {
        FUZZ_CHECK(!places_.empty() && places_.front().state == place_state::committed);
        places_.pop_front();
        ++front_;
        ++consumed_;
        freed_ = front_;
    }
    /// A poll was left by an exception: what it consumed is free, the discarded slots behind it may be.
    void leave_pass() { freed_ = front_; }

    /// How many events are ready: committed, with nothing live before them.
    [[nodiscard]] std::size_t ready() const {
        std::size_t count = 0;
        for (place const& p : places_) {
            if (p.state == place_state::live) break;
            if (p.state == place_state::committed) ++count;
        }
        return count;
    }
    /// The slot of the i-th ready event.
    [[nodiscard]] std::uint64_t ready_position(std::size_t i) const {
        for (std::size_t p = 0;; ++p)
            if (places_[p].state == place_state::committed && i-- == 0) return front_ + p;
    }
    [[nodiscard]] int ready_value(std::size_t i) const {
        return places_[static_cast<std::size_t>(ready_position(i) - front_)].value;
    }
    /// What a poll that stops here has to say.
    [[nodiscard]] evproc::poll_state state() const {
        using evproc::poll_state;
        if (ready() != 0) return poll_state::more;
        if (leading_discards() != places_.size()) return poll_state::blocked;
        return closed_ ? poll_state::closed : poll_state::idle;
    }

    // ---- counts ----

    [[nodiscard]] bool has_live() const { return live_ != 0; }
    [[nodiscard]] bool front_is_live() const { return !places_.empty() && places_.front().state == place_state::live; }
    [[nodiscard]] std::uint64_t committed() const { return committed_; }
    [[nodiscard]] std::uint64_t consumed() const { return consumed_; }
    [[nodiscard]] std::uint64_t discarded() const { return discarded_; }
    [[nodiscard]] std::uint64_t unconsumed() const { return committed_ - consumed_; }
    [[nodiscard]] std::uint64_t deepest() const { return deepest_; }
    [[nodiscard]] std::size_t held_at_least() const { return places_.size() - leading_discards(); }
    [[nodiscard]] std::size_t held_at_most() const { return static_cast<std::size_t>(next() - freed_); }

private:
    [[nodiscard]] std::size_t leading_discards() const {
        std::size_t count = 0;
        while (count != places_.size() && places_[count].state == place_state::discarded) ++count;
        return count;
    }
    place& at_position(std::uint64_t at) {
        FUZZ_CHECK(at >= front_ && at < next());
        return places_[static_cast<std::size_t>(at - front_)];
    }
    void change(std::uint64_t at, place_state to) {
        place& p = at_position(at);
        FUZZ_CHECK(p.state == place_state::live);
        p.state = to;
    }
    /// A single producer's slots go back to the end of the order; another's stay as a gap.
    void give_up(std::uint64_t at, std::size_t size) {
        for (std::size_t i = 0; i != size; ++i) change(at + i, place_state::discarded);
        if (single_) {
            FUZZ_CHECK(at + size == next());
            places_.resize(places_.size() - size);
        }
        discarded_ += size;
    }

    std::size_t capacity_;
    std::size_t max_batch_;
    bool single_;
    bool closed_ = false;
    std::deque<place> places_;
    std::uint64_t front_;   // the place at the front of places_
    std::uint64_t freed_;   // everything before it is free for certain
    std::size_t live_ = 0;  // reservations
    std::uint64_t committed_ = 0;
    std::uint64_t consumed_ = 0;
    std::uint64_t discarded_ = 0;
    std::uint64_t deepest_ = 0;
};

}  // namespace evproc_fuzz
