// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/detail/check.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/construct.hpp>
#include <evproc/errc.hpp>

namespace evproc {
inline namespace EVPROC_ABI {

/// One reserved place in the order with the room for an event of type E and for the bytes behind it, its tail.
///
/// Owns the place until commit() makes the record visible; dropped before that, it destroys the event if it was built and
/// gives the place up, so that the consumer steps over it. Whatever is reserved behind it waits until then: keep it short.
/// An E that is trivially default constructible is alive from the start, uninitialised; any other has to be emplaced first.
/// Move-only; may be committed from another thread than the one that reserved. Must not outlive the processor. Every verb
/// is wait-free.
template <class E, class Ring>
class [[nodiscard]] reserved_record {
    using types = typename Ring::types;
    using range_type = typename Ring::range_type;
    static constexpr bool alive_from_the_start = std::is_trivially_default_constructible_v<E>;

public:
    using event_type = E;

    /// Holds nothing; error() is errc::invalid_handle.
    reserved_record() = default;

    reserved_record(Ring& ring, range_type const& place, std::size_t tail) noexcept
        : ring_{place ? &ring : nullptr}, place_{place}, tail_{tail} {
        if constexpr (alive_from_the_start) {
            if (ring_ != nullptr) ::new (static_cast<void*>(storage())) E;
        }
    }

    reserved_record(reserved_record&& other) noexcept
        : ring_{std::exchange(other.ring_, nullptr)},
          place_{std::exchange(other.place_, range_type{})},
          tail_{other.tail_},
          built_{std::exchange(other.built_, alive_from_the_start)} {}

    /// Discards what this holds, then takes over.
    reserved_record& operator=(reserved_record&& other) noexcept {
        if (this != &other) {
            discard();
            ring_ = std::exchange(other.ring_, nullptr);
            place_ = std::exchange(other.place_, range_type{});
            tail_ = other.tail_;
            built_ = std::exchange(other.built_, alive_from_the_start);
        }
        return *this;
    }

    ~reserved_record() { discard(); }

    /// True while this holds a place.
    explicit operator bool() const noexcept { return ring_ != nullptr; }
    /// errc::success, or why nothing was reserved; errc::invalid_handle once it is committed, discarded or moved from.
    [[nodiscard]] errc error() const noexcept { return place_.error(); }
    /// The record's place in the global order. Sequences grow from record to record, by the slots that each takes.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return place_.sequence(); }

    /// Builds the event in its place; an event that was built before is destroyed first. If the constructor throws, the
    /// place is held still and holds no event.
    template <class... Args>
    E& emplace(Args&&... args) {
        EVPROC_CHECK(ring_ != nullptr, "emplace() on a reserved_record that holds nothing");
        destroy();
        E* const event = detail::construct(storage(), std::forward<Args>(args)...);
        built_ = true;
        return *event;
    }

    /// The event. Precondition: this holds a place, and the event has been built.
    [[nodiscard]] E& operator*() const noexcept { return *get(); }
    [[nodiscard]] E* operator->() const noexcept { return get(); }
    [[nodiscard]] E* get() const noexcept {
        EVPROC_CHECK(ring_ != nullptr, "use of a reserved_record that holds nothing (committed, discarded, moved from, or refused)");
        EVPROC_CHECK(built_, "use of a reserved_record whose event has not been emplaced");
        return types::template event<E>(place_.data());
    }

    /// The raw bytes behind the event, as many as were asked for: uninitialised, and not aligned. Empty if this holds nothing.
    [[nodiscard]] std::span<std::byte> tail() const noexcept {
        if (ring_ == nullptr) return {};
        return {types::bytes(place_.data()) + types::template tail_at<E>, tail_};
    }

    /// Makes the record visible to the consumer, with its whole tail. errc::success; errc::invalid_handle if this holds
    /// nothing (asserted in checked builds) or if the event was never built: the place is then discarded.
    EVPROC_ALWAYS_INLINE errc commit() noexcept { return commit(tail_); }

    /// The same with the first `tail_used` bytes of the tail only; the slots behind them are given up. Precondition:
    /// tail_used <= tail().size() (asserted in checked builds; the whole tail otherwise).
    EVPROC_ALWAYS_INLINE errc commit(std::size_t tail_used) noexcept {
        EVPROC_CHECK(ring_ != nullptr, "commit() of a reserved_record that holds nothing (committed twice, discarded, moved from, or refused)");
        if (ring_ == nullptr || !built_) [[unlikely]] {
            discard();
            return errc::invalid_handle;
        }
        EVPROC_CHECK(tail_used <= tail_, "a reserved_record was committed with a longer tail than was reserved");
        ring_->template commit_record<E>(place_, (std::min)(tail_used, tail_));
        forget();
        return errc::success;
    }

    /// Destroys the event if it was built and gives its place up. No effect if this holds nothing.
    EVPROC_ALWAYS_INLINE void discard() noexcept {
        if (ring_ == nullptr) return;
        destroy();
        ring_->discard_record(place_);
        forget();
    }

private:
    [[nodiscard]] E* storage() const noexcept {
        return reinterpret_cast<E*>(types::bytes(place_.data()) + types::template event_at<E>);
    }
    void destroy() noexcept {
        if (built_) std::destroy_at(storage());
        built_ = false;
    }
    void forget() noexcept {
        ring_ = nullptr;
        place_ = range_type{};
        built_ = alive_from_the_start;
    }

    Ring* ring_ = nullptr;
    range_type place_{};
    std::size_t tail_ = 0;
    bool built_ = alive_from_the_start;
};

}  // namespace EVPROC_ABI
}  // namespace evproc
