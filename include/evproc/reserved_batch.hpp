// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/errc.hpp>
#include <evproc/reservation.hpp>

namespace evproc::inline EVPROC_ABI {

/// A run of reserved slots and the events built in it so far: a vector of fixed capacity.
template <class Ring> class [[nodiscard]] reserved_batch : public reservation<Ring> {
    using base = reservation<Ring>;
    using event_type = typename Ring::value_type;

public:
    using value_type = event_type;
    using iterator = event_type*;

    /// Holds nothing; error() is errc::invalid_handle.
    reserved_batch() = default;

    reserved_batch(Ring& ring, typename Ring::range_type const& slots) noexcept : base{ring, slots} {}

    /// Number of events built so far.
    [[nodiscard]] std::size_t size() const noexcept { return this->built_; }
    /// Number of slots reserved.
    [[nodiscard]] std::size_t capacity() const noexcept { return this->slots_.size(); }
    [[nodiscard]] bool empty() const noexcept { return this->built_ == 0; }

    /// Builds the next event. Precondition: size() < capacity(). If the constructor throws, nothing has changed.
    template <class... Args> event_type& emplace_back(Args&&... args) {
        EVPROC_CHECK(size() < capacity(), "emplace_back() on a reserved_batch that is full or holds nothing");
        event_type* const event = detail::construct(this->data() + this->built_, std::forward<Args>(args)...);
        ++this->built_;
        return *event;
    }
    void push_back(event_type const& event) { emplace_back(event); }
    void push_back(event_type&& event) { emplace_back(std::move(event)); }

    /// Appends k events, uninitialised: write to them before commit(). Precondition: size() + k <= capacity().
    std::span<event_type> append_uninitialized(std::size_t k) noexcept
        requires std::is_trivially_default_constructible_v<event_type>
    {
        EVPROC_CHECK(k <= capacity() - size(), "append_uninitialized() beyond the capacity of a reserved_batch");
        event_type* const first = this->data() + this->built_;
        std::uninitialized_default_construct_n(first, k);
        this->built_ += k;
        return {first, k};
    }

    /// Precondition: i < size().
    [[nodiscard]] event_type& operator[](std::size_t i) const noexcept {
        EVPROC_CHECK(i < this->built_, "a reserved_batch was indexed beyond the events built so far");
        return this->data()[i];
    }
    [[nodiscard]] iterator begin() const noexcept { return this->data(); }
    [[nodiscard]] iterator end() const noexcept { return this->data() + this->built_; }
    /// The events built so far, contiguous.
    [[nodiscard]] std::span<event_type> span() const noexcept { return {this->data(), this->built_}; }

    /// Makes the built events visible in one step and gives up the other slots; errc::success also with none built.
    /// errc::invalid_handle if this holds nothing (asserted in checked builds).
    EVPROC_ALWAYS_INLINE errc commit() noexcept {
        EVPROC_CHECK(*this,
                     "commit() of a reserved_batch that holds nothing (committed, discarded, moved from or refused)");
        if (!*this) [[unlikely]]
            return errc::invalid_handle;
        return base::commit(this->built_);
    }
};

}  // namespace evproc::inline EVPROC_ABI
