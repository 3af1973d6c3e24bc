// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer.hpp>

namespace evproc::inline EVPROC_ABI {

/// The events that event_processor::peek() found, in order: a forward range of Event&, read in place. Destruction, also by an
/// exception, destroys the events and frees their slots; release(k) does so with the first k at once; keep() releases nothing,
/// so they come again. The next peek releases what an earlier batch still holds, which is then void: `batch =
/// processor.peek(1)` in a loop is safe. Move-only; for the consumer's thread; must not outlive the processor. No other
/// consumer's verb may be called while it holds events. Wait-free per event.
template <class Ring> class [[nodiscard]] committed_batch {
    using range_type = typename Ring::ready_type;

public:
    using value_type = typename Ring::value_type;
    using iterator = typename range_type::iterator;

    committed_batch() = default;
    committed_batch(Ring& ring, std::size_t max) noexcept : ring_{&ring} {
        if (ring.left() != 0) {
            EVPROC_CHECK(ring.thread().is_this(), "two threads consume from one ring at once");
            ring.template release<detail::afterwards::destroy>(ring.left());
            ring.thread().leave();
        }
        ring.thread().enter();
        events_ = ring.peek(max);
        if (empty()) ring.thread().leave();
    }

    committed_batch(committed_batch&& other) noexcept
        : ring_{other.ring_}, events_{std::exchange(other.events_, range_type{})} {}

    committed_batch& operator=(committed_batch&& other) noexcept {
        if (this != &other) {
            release();
            ring_ = other.ring_;
            events_ = std::exchange(other.events_, range_type{});
        }
        return *this;
    }

    ~committed_batch() { release(); }

    explicit operator bool() const noexcept { return !empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
    [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
    [[nodiscard]] iterator begin() const noexcept { return events_.begin(); }
    [[nodiscard]] iterator end() const noexcept { return events_.end(); }
    /// Precondition: !empty().
    [[nodiscard]] value_type& front() const noexcept { return events_.front(); }
    /// The first event's number in the global order. Precondition: !empty().
    [[nodiscard]] std::uint64_t sequence() const noexcept { return events_.sequence(); }

    /// Destroys the first k events (default: all) and frees their slots; the others stay. Precondition: k <= size().
    void release() noexcept { release(events_.size()); }
    void release(std::size_t k) noexcept {
        if (is_current()) {
            ring_->template release<detail::afterwards::destroy>(k);
            events_ = ring_->rest();
            if (empty()) ring_->thread().leave();
        } else {
            events_ = range_type{};
        }
    }

    /// Empties the range without releasing: its events come again with the next peek.
    void keep() noexcept {
        if (is_current()) {
            ring_->keep();
            ring_->thread().leave();
        }
        events_ = range_type{};
    }

private:
    /// False once a later peek has released what this held.
    [[nodiscard]] bool is_current() const noexcept {
        return !empty() && ring_->left() != 0 && ring_->cursor().at == events_.sequence();
    }

    Ring* ring_ = nullptr;  ///< of interest while there are events
    range_type events_{};
};

}  // namespace evproc::inline EVPROC_ABI
