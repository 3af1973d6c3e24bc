// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/errc.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// An argument for an aggregate's member: converts to its type without a cast, so braces narrow as round brackets do.
template <class Arg> struct as_member {
    Arg&& arg;

    template <class Member> requires std::is_convertible_v<Arg&&, Member>
    EVPROC_ALWAYS_INLINE operator Member() const {
        return static_cast<Member>(std::forward<Arg>(arg));
    }
};

/// Builds T(args...) at `address`, also an aggregate with compilers that lack round brackets for those (clang before 16).
template <class T, class... Args> EVPROC_ALWAYS_INLINE T* construct(T* address, Args&&... args) {
    if constexpr (std::is_constructible_v<T, Args...>) {
        return std::construct_at(address, std::forward<Args>(args)...);
    } else {
        static_assert(std::is_aggregate_v<T>, "evproc: an event cannot be built from these arguments");
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wmissing-field-initializers"  // as in round brackets, the others have their defaults
#endif
        return ::new (static_cast<void*>(address)) T{as_member<Args>{std::forward<Args>(args)}...};
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
    }
}

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// What reserved_event and reserved_batch have in common: slots, the events built in them so far, and who owns both.
/// Destruction before commit() destroys the events and gives the slots up. What is reserved behind them waits: keep it short.
/// Move-only; any thread may commit. Must not outlive the processor. Wait-free, but for the events' constructors.
template <class Ring> class reservation {
public:
    /// True while this holds slots.
    explicit operator bool() const noexcept { return static_cast<bool>(slots_); }
    /// errc::success, or why nothing was reserved; errc::invalid_handle once it is committed, discarded or moved from.
    [[nodiscard]] errc error() const noexcept { return slots_.error(); }
    /// The first event's number in the global order; the others follow.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return slots_.sequence(); }

    /// Destroys what was built and gives the slots up. No effect if this holds nothing.
    EVPROC_ALWAYS_INLINE void discard() noexcept {
        if (!*this) return;
        destroy();
        ring_->discard(slots_);
        forget();
    }

protected:
    using event_type = typename Ring::value_type;
    using range_type = typename Ring::range_type;

    reservation() = default;
    reservation(Ring& ring, range_type const& slots) noexcept : ring_{&ring}, slots_{slots} {}
    reservation(reservation&& other) noexcept { take(other); }
    reservation& operator=(reservation&& other) noexcept {
        if (this != &other) {
            discard();
            take(other);
        }
        return *this;
    }
    ~reservation() { discard(); }

    [[nodiscard]] event_type* data() const noexcept { return slots_.data(); }
    void destroy() noexcept { std::destroy_n(data(), std::exchange(built_, 0)); }
    EVPROC_ALWAYS_INLINE errc commit(std::size_t count) noexcept {
        ring_->commit(slots_, count);
        forget();
        return errc::success;
    }

    Ring* ring_ = nullptr;  ///< of interest while slots_ holds some
    range_type slots_{};
    std::size_t built_ = 0;

private:
    void take(reservation& other) noexcept {
        ring_ = other.ring_;
        slots_ = other.slots_;
        built_ = other.built_;
        other.forget();
    }
    void forget() noexcept {
        slots_ = range_type{};
        built_ = 0;
    }
};

}  // namespace evproc::inline EVPROC_ABI
