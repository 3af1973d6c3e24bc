// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <new>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/errc.hpp>
#include <evproc/reservation.hpp>

namespace evproc::inline EVPROC_ABI {

/// A reserved slot and the event that is being built in it; commit() makes it visible. A trivially default constructible
/// Event is alive from the start, uninitialised; any other must be emplaced first.
template <class Ring> class [[nodiscard]] reserved_event : public reservation<Ring> {
    using base = reservation<Ring>;
    using event_type = typename Ring::value_type;

public:
    /// Holds nothing; error() is errc::invalid_handle.
    reserved_event() = default;

    reserved_event(Ring& ring, typename Ring::range_type const& slot) noexcept : base{ring, slot} {
        if constexpr (std::is_trivially_default_constructible_v<event_type>) {
            if (!*this) return;
            ::new (static_cast<void*>(this->data())) event_type;
            this->built_ = 1;
        }
    }

    /// Builds the event, destroying one built before. If the constructor throws, the slot is held still and is empty.
    template <class... Args> event_type& emplace(Args&&... args) {
        EVPROC_CHECK(*this, "emplace() on a reserved_event that holds nothing");
        this->destroy();
        event_type* const event = detail::construct(this->data(), std::forward<Args>(args)...);
        this->built_ = 1;
        return *event;
    }

    /// The event. Precondition: it has been built.
    [[nodiscard]] event_type& operator*() const noexcept { return *get(); }
    [[nodiscard]] event_type* operator->() const noexcept { return get(); }
    [[nodiscard]] event_type* get() const noexcept {
        EVPROC_CHECK(*this, "use of a reserved_event that holds nothing (committed, discarded, moved from or refused)");
        EVPROC_CHECK(this->built_ != 0, "use of a reserved_event whose event has not been emplaced");
        return this->data();
    }

    /// Makes the event visible to the consumer. errc::invalid_handle if this holds nothing (asserted in checked builds), or if
    /// the event was never built; the slot is then discarded.
    EVPROC_ALWAYS_INLINE errc commit() noexcept {
        EVPROC_CHECK(*this,
                     "commit() of a reserved_event that holds nothing (committed, discarded, moved from or refused)");
        if (this->built_ == 0) [[unlikely]] {
            this->discard();
            return errc::invalid_handle;
        }
        return base::commit(1);
    }
};

}  // namespace evproc::inline EVPROC_ABI
