// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/errc.hpp>

namespace evproc {
inline namespace EVPROC_ABI {

/// What reserved_event and reserved_batch have in common: slots, the events built in them so far, and who owns both.
/// Destruction before commit() destroys the events and gives the slots up. What is reserved behind them waits: keep it short.
/// Move-only; any thread may commit. Must not outlive the processor. Wait-free, but for the events' constructors.
template <class Ring>
class reservation {
public:
    /// True while this holds slots.
    explicit operator bool() const noexcept { return ring_ != nullptr; }
    /// errc::success, or why nothing was reserved; errc::invalid_handle once it is committed, discarded or moved from.
    [[nodiscard]] errc error() const noexcept { return slots_.error(); }
    /// The first event's number in the global order; the others follow.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return slots_.sequence(); }

    /// Destroys what was built and gives the slots up. No effect if this holds nothing.
    EVPROC_ALWAYS_INLINE void discard() noexcept {
        if (ring_ == nullptr) return;
        destroy();
        ring_->discard(slots_);
        forget();
    }

protected:
    using event_type = typename Ring::value_type;
    using range_type = typename Ring::range_type;

    reservation() = default;
    reservation(Ring& ring, range_type const& slots) noexcept : ring_{slots ? &ring : nullptr}, slots_{slots} {}
    reservation(reservation&& other) noexcept
        : ring_{std::exchange(other.ring_, nullptr)},
          slots_{std::exchange(other.slots_, range_type{})},
          built_{std::exchange(other.built_, 0)} {}
    reservation& operator=(reservation&& other) noexcept {
        if (this != &other) {
            discard();
            ring_ = std::exchange(other.ring_, nullptr);
            slots_ = std::exchange(other.slots_, range_type{});
            built_ = std::exchange(other.built_, 0);
        }
        return *this;
    }
    ~reservation() { discard(); }

    [[nodiscard]] event_type* data() const noexcept { return slots_.data(); }
    void destroy() noexcept { std::destroy_n(data(), std::exchange(built_, 0)); }
    EVPROC_ALWAYS_INLINE void commit(std::size_t count) noexcept {
        ring_->commit(slots_, count);
        forget();
    }

    Ring* ring_ = nullptr;
    range_type slots_{};
    std::size_t built_ = 0;

private:
    void forget() noexcept {
        ring_ = nullptr;
        slots_ = range_type{};
        built_ = 0;
    }
};

}  // namespace EVPROC_ABI
}  // namespace evproc
