// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <evproc/detail/config.hpp>

namespace evproc {
inline namespace EVPROC_ABI {

/// The events that event_processor::peek() found, in order: a forward range of Event&, read in place.
///
/// Its destructor releases them: they are destroyed, and their slots are free again. release(k) does so with the first k
/// at once and leaves the others in the range; keep() lets go of the rest without releasing, so that they come again
/// with the next look. Move-only, for the consumer's thread; must not outlive the processor, and no other consumer's
/// verb may be called while it holds events.
template <class Access>
class [[nodiscard]] committed_batch {
    using ring_type = typename Access::ring_type;
    using range_type = typename ring_type::ready_type;

public:
    using value_type = typename ring_type::value_type;
    using iterator = typename range_type::iterator;

    committed_batch() = default;
    explicit committed_batch(ring_type& ring, range_type const& events) noexcept
        : ring_{events.empty() ? nullptr : &ring}, events_{events} {
        if (ring_ != nullptr) Access::enter(*ring_);
    }

    committed_batch(committed_batch&& other) noexcept
        : ring_{std::exchange(other.ring_, nullptr)}, events_{std::exchange(other.events_, range_type{})} {}

    /// Releases what this holds, then takes over.
    committed_batch& operator=(committed_batch&& other) noexcept {
        if (this != &other) {
            release();
            ring_ = std::exchange(other.ring_, nullptr);
            events_ = std::exchange(other.events_, range_type{});
        }
        return *this;
    }

    ~committed_batch() { release(); }

    /// True while this holds events.
    explicit operator bool() const noexcept { return ring_ != nullptr; }
    [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
    [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
    [[nodiscard]] iterator begin() const noexcept { return events_.begin(); }
    [[nodiscard]] iterator end() const noexcept { return events_.end(); }
    /// Precondition: !empty().
    [[nodiscard]] value_type& front() const noexcept { return events_.front(); }
    /// The place of the first event in the global order. Precondition: !empty().
    [[nodiscard]] std::uint64_t sequence() const noexcept { return events_.sequence(); }

    /// Destroys all events of the range and frees their slots. Wait-free for each event.
    void release() noexcept { release(events_.size()); }

    /// Destroys the first k events and frees their slots; the others stay. Precondition: k <= size().
    void release(std::size_t k) noexcept {
        if (ring_ == nullptr) return;
        events_ = Access::release(*ring_, events_, k);
        if (events_.empty()) let_go();
    }

    /// Releases nothing: the events that are still in the range come again with the next look.
    void keep() noexcept {
        if (ring_ == nullptr) return;
        events_ = range_type{};
        let_go();
    }

private:
    void let_go() noexcept {
        Access::leave(*ring_);
        ring_ = nullptr;
    }

    ring_type* ring_ = nullptr;
    range_type events_{};
};

}  // namespace EVPROC_ABI
}  // namespace evproc
