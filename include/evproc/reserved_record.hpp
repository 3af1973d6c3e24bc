// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/errc.hpp>
#include <evproc/reservation.hpp>

namespace evproc::inline EVPROC_ABI {

/// A reserved record: space for an event of type E and for its tail, the bytes behind it. commit() makes the record visible;
/// destruction before that destroys the event, if built, and gives the space up. What is reserved behind it waits: keep it
/// short. A trivially default constructible E is alive from the start, uninitialised; any other must be emplaced first.
/// Move-only; any thread may commit. Must not outlive the processor. Wait-free.
template <class E, class Ring> class [[nodiscard]] reserved_record {
    using types = typename Ring::types;
    using range_type = typename Ring::range_type;
    static constexpr bool alive_from_the_start = std::is_trivially_default_constructible_v<E>;

public:
    using event_type = E;

    /// Holds nothing; error() is errc::invalid_handle.
    reserved_record() = default;

    reserved_record(Ring& ring, range_type const& slots, std::size_t tail) noexcept
        : ring_{slots ? &ring : nullptr}, slots_{slots}, tail_{tail} {
        if constexpr (alive_from_the_start) {
            if (ring_ != nullptr) ::new (static_cast<void*>(storage())) E;
        }
    }

    reserved_record(reserved_record&& other) noexcept
        : ring_{std::exchange(other.ring_, nullptr)},
          slots_{std::exchange(other.slots_, range_type{})},
          tail_{other.tail_},
          built_{std::exchange(other.built_, alive_from_the_start)} {}

    reserved_record& operator=(reserved_record&& other) noexcept {
        if (this != &other) {
            discard();
            ring_ = std::exchange(other.ring_, nullptr);
            slots_ = std::exchange(other.slots_, range_type{});
            tail_ = other.tail_;
            built_ = std::exchange(other.built_, alive_from_the_start);
        }
        return *this;
    }

    ~reserved_record() { discard(); }

    explicit operator bool() const noexcept { return ring_ != nullptr; }
    /// errc::success, or why nothing was reserved; errc::invalid_handle once it is committed, discarded or moved from.
    [[nodiscard]] errc error() const noexcept { return slots_.error(); }
    /// The record's number in the global order. It grows from record to record by the slots that each takes.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return slots_.sequence(); }

    /// Builds the event, destroying one built before. If the constructor throws, the record is held still and is empty.
    template <class... Args> E& emplace(Args&&... args) {
        EVPROC_CHECK(ring_ != nullptr, "emplace() on a reserved_record that holds nothing");
        destroy();
        E* const event = detail::construct(storage(), std::forward<Args>(args)...);
        built_ = true;
        return *event;
    }

    /// The event. Precondition: it has been built.
    [[nodiscard]] E& operator*() const noexcept { return *get(); }
    [[nodiscard]] E* operator->() const noexcept { return get(); }
    [[nodiscard]] E* get() const noexcept {
        EVPROC_CHECK(ring_ != nullptr,
                     "use of a reserved_record that holds nothing (committed, discarded, moved from, or refused)");
        EVPROC_CHECK(built_, "use of a reserved_record whose event has not been emplaced");
        return types::template event<E>(slots_.data());
    }

    /// The raw bytes behind the event, as many as reserved: uninitialised, not aligned. Empty if this holds nothing.
    [[nodiscard]] std::span<std::byte> tail() const noexcept {
        if (ring_ == nullptr) return {};
        return {types::bytes(slots_.data()) + types::template tail_at<E>, tail_};
    }

    /// Makes the record visible with the first `tail_used` bytes of its tail (default: all); slots behind them are given up.
    /// errc::invalid_handle if this holds nothing (asserted in checked builds), or if the event was never built; the record is
    /// then discarded. Precondition: tail_used <= tail().size() (asserted in checked builds; else the whole tail).
    EVPROC_ALWAYS_INLINE errc commit() noexcept { return commit(tail_); }
    EVPROC_ALWAYS_INLINE errc commit(std::size_t tail_used) noexcept {
        EVPROC_CHECK(
            ring_ != nullptr,
            "commit() of a reserved_record that holds nothing (committed twice, discarded, moved from, or refused)");
        if (ring_ == nullptr || !built_) [[unlikely]] {
            discard();
            return errc::invalid_handle;
        }
        EVPROC_CHECK(tail_used <= tail_, "a reserved_record was committed with a longer tail than was reserved");
        ring_->template commit_record<E>(slots_, detail::min_of(tail_used, tail_));
        forget();
        return errc::success;
    }

    /// Destroys the event, if built, and gives the record up. No effect if this holds nothing.
    EVPROC_ALWAYS_INLINE void discard() noexcept {
        if (ring_ == nullptr) return;
        destroy();
        ring_->discard_record(slots_);
        forget();
    }

private:
    [[nodiscard]] E* storage() const noexcept {
        return reinterpret_cast<E*>(types::bytes(slots_.data()) + types::template event_at<E>);
    }
    void destroy() noexcept {
        if (built_) std::destroy_at(storage());
        built_ = false;
    }
    void forget() noexcept {
        ring_ = nullptr;
        slots_ = range_type{};
        built_ = alive_from_the_start;
    }

    Ring* ring_ = nullptr;
    range_type slots_{};
    std::size_t tail_ = 0;
    bool built_ = alive_from_the_start;
};

}  // namespace evproc::inline EVPROC_ABI
