// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

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

/// A run of reserved slots and the events built in it so far: a vector of fixed capacity.
/// commit() makes the built events visible in one step and gives up the rest; destruction before that destroys them and gives
/// up all slots. Move-only; any thread may commit. Must not outlive the processor. Wait-free, but for the events' constructors.
template <class Ring>
class [[nodiscard]] reserved_batch {
    using event_type = typename Ring::value_type;
    using range_type = typename Ring::range_type;

public:
    using value_type = event_type;
    using iterator = event_type*;

    /// Holds nothing; error() is errc::invalid_handle.
    reserved_batch() = default;

    reserved_batch(Ring& ring, range_type const& places) noexcept : ring_{places ? &ring : nullptr}, places_{places} {}

    reserved_batch(reserved_batch&& other) noexcept
        : ring_{std::exchange(other.ring_, nullptr)},
          places_{std::exchange(other.places_, range_type{})},
          built_{std::exchange(other.built_, 0)} {}

    reserved_batch& operator=(reserved_batch&& other) noexcept {
        if (this != &other) {
            discard();
            ring_ = std::exchange(other.ring_, nullptr);
            places_ = std::exchange(other.places_, range_type{});
            built_ = std::exchange(other.built_, 0);
        }
        return *this;
    }

    ~reserved_batch() { discard(); }

    /// True while this holds slots.
    explicit operator bool() const noexcept { return ring_ != nullptr; }
    /// errc::success, or why nothing was reserved; errc::invalid_handle once it is committed, discarded or moved from.
    [[nodiscard]] errc error() const noexcept { return places_.error(); }
    /// The first event's number in the global order; the others follow.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return places_.sequence(); }

    /// Number of events built so far.
    [[nodiscard]] std::size_t size() const noexcept { return built_; }
    /// Number of slots reserved.
    [[nodiscard]] std::size_t capacity() const noexcept { return places_.size(); }
    [[nodiscard]] bool empty() const noexcept { return built_ == 0; }

    /// Builds the next event. Precondition: size() < capacity(). If the constructor throws, nothing has changed.
    template <class... Args>
    event_type& emplace_back(Args&&... args) {
        EVPROC_CHECK(built_ < places_.size(), "emplace_back() on a reserved_batch that is full or holds nothing");
        event_type* const event = detail::construct(places_.data() + built_, std::forward<Args>(args)...);
        ++built_;
        return *event;
    }
    void push_back(event_type const& event) { emplace_back(event); }
    void push_back(event_type&& event) { emplace_back(std::move(event)); }

    /// Appends k events, uninitialised: write to them before commit(). Precondition: size() + k <= capacity().
    std::span<event_type> append_uninitialized(std::size_t k) noexcept
        requires std::is_trivially_default_constructible_v<event_type>
    {
        EVPROC_CHECK(k <= places_.size() - built_, "append_uninitialized() beyond the capacity of a reserved_batch");
        event_type* const first = places_.data() + built_;
        std::uninitialized_default_construct_n(first, k);
        built_ += k;
        return {first, k};
    }

    /// Precondition: i < size().
    [[nodiscard]] event_type& operator[](std::size_t i) const noexcept {
        EVPROC_CHECK(i < built_, "a reserved_batch was indexed beyond the events built so far");
        return places_.data()[i];
    }
    [[nodiscard]] iterator begin() const noexcept { return places_.data(); }
    [[nodiscard]] iterator end() const noexcept { return places_.data() + built_; }
    /// The events built so far, contiguous.
    [[nodiscard]] std::span<event_type> span() const noexcept { return {places_.data(), built_}; }

    /// Makes the built events visible in one step and gives up the other slots; errc::success also with none built.
    /// errc::invalid_handle if this holds nothing (asserted in checked builds).
    EVPROC_ALWAYS_INLINE errc commit() noexcept {
        EVPROC_CHECK(
            ring_ != nullptr,
            "commit() of a reserved_batch that holds nothing (committed twice, discarded, moved from, or refused)");
        if (ring_ == nullptr) [[unlikely]]
            return errc::invalid_handle;
        ring_->commit(places_, built_);
        forget();
        return errc::success;
    }

    /// Destroys what was built and gives all slots up. No effect if this holds nothing.
    EVPROC_ALWAYS_INLINE void discard() noexcept {
        if (ring_ == nullptr) return;
        std::destroy_n(places_.data(), built_);
        ring_->discard(places_);
        forget();
    }

private:
    void forget() noexcept {
        ring_ = nullptr;
        places_ = range_type{};
        built_ = 0;
    }

    Ring* ring_ = nullptr;
    range_type places_{};
    std::size_t built_ = 0;
};

}  // namespace EVPROC_ABI
}  // namespace evproc
