// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <evproc/detail/check.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/construct.hpp>
#include <evproc/errc.hpp>

namespace evproc {
inline namespace EVPROC_ABI {

/// A reserved slot and the event that is being built in it.
/// commit() makes the event visible; destruction before that destroys the event, if built, and gives the slot up. What is reserved behind it waits: keep it short. A trivially default constructible Event is alive from the start,
/// uninitialised; any other must be emplaced first. Move-only; any thread may commit. Must not outlive the processor.
/// Wait-free.
template <class Ring>
class [[nodiscard]] reserved_event {
    using event_type = typename Ring::value_type;
    using range_type = typename Ring::range_type;
    static constexpr bool alive_from_the_start = std::is_trivially_default_constructible_v<event_type>;

public:
    /// Holds nothing; error() is errc::invalid_handle.
    reserved_event() = default;

    reserved_event(Ring& ring, range_type const& place) noexcept : ring_{place ? &ring : nullptr}, place_{place} {
        if constexpr (alive_from_the_start) {
            if (ring_ != nullptr) ::new (static_cast<void*>(place_.data())) event_type;
        }
    }

    reserved_event(reserved_event&& other) noexcept
        : ring_{std::exchange(other.ring_, nullptr)},
          place_{std::exchange(other.place_, range_type{})},
          built_{std::exchange(other.built_, alive_from_the_start)} {}

    reserved_event& operator=(reserved_event&& other) noexcept {
        if (this != &other) {
            discard();
            ring_ = std::exchange(other.ring_, nullptr);
            place_ = std::exchange(other.place_, range_type{});
            built_ = std::exchange(other.built_, alive_from_the_start);
        }
        return *this;
    }

    ~reserved_event() { discard(); }

    /// True while this holds a slot.
    explicit operator bool() const noexcept { return ring_ != nullptr; }
    /// errc::success, or why nothing was reserved; errc::invalid_handle once it is committed, discarded or moved from.
    [[nodiscard]] errc error() const noexcept { return place_.error(); }
    /// The event's number in the global order.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return place_.sequence(); }

    /// Builds the event, destroying one built before. If the constructor throws, the slot is held still and is empty.
    template <class... Args>
    event_type& emplace(Args&&... args) {
        EVPROC_CHECK(ring_ != nullptr, "emplace() on a reserved_event that holds nothing");
        destroy();
        event_type* const event = detail::construct(place_.data(), std::forward<Args>(args)...);
        built_ = true;
        return *event;
    }

    /// The event. Precondition: it has been built.
    [[nodiscard]] event_type& operator*() const noexcept { return *get(); }
    [[nodiscard]] event_type* operator->() const noexcept { return get(); }
    [[nodiscard]] event_type* get() const noexcept {
        EVPROC_CHECK(ring_ != nullptr,
                     "use of a reserved_event that holds nothing (committed, discarded, moved from, or refused)");
        EVPROC_CHECK(built_, "use of a reserved_event whose event has not been emplaced");
        return place_.data();
    }

    /// Makes the event visible to the consumer. errc::invalid_handle if this holds nothing (asserted in checked builds), or if
    /// the event was never built; the slot is then discarded.
    EVPROC_ALWAYS_INLINE errc commit() noexcept {
        EVPROC_CHECK(
            ring_ != nullptr,
            "commit() of a reserved_event that holds nothing (committed twice, discarded, moved from, or refused)");
        if (ring_ == nullptr || !built_) [[unlikely]] {
            discard();
            return errc::invalid_handle;
        }
        ring_->commit(place_, 1);
        forget();
        return errc::success;
    }

    /// Destroys the event, if built, and gives its slot up. No effect if this holds nothing.
    EVPROC_ALWAYS_INLINE void discard() noexcept {
        if (ring_ == nullptr) return;
        destroy();
        ring_->discard(place_);
        forget();
    }

private:
    void destroy() noexcept {
        if (built_) std::destroy_at(place_.data());
        built_ = false;
    }
    void forget() noexcept {
        ring_ = nullptr;
        place_ = range_type{};
        built_ = alive_from_the_start;
    }

    Ring* ring_ = nullptr;
    range_type place_{};
    bool built_ = alive_from_the_start;
};

}  // namespace EVPROC_ABI
}  // namespace evproc
