// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// An argument for an aggregate's member: converts to its type without a cast, so braces narrow as round brackets do.
template <class Arg>
struct as_member {
    Arg&& arg;

    template <class Member>
        requires std::is_convertible_v<Arg&&, Member>
    EVPROC_ALWAYS_INLINE operator Member() const {
        return static_cast<Member>(std::forward<Arg>(arg));
    }
};

/// Builds T(args...) at `place`, also an aggregate with compilers that lack round brackets for those (clang before 16).
template <class T, class... Args>
EVPROC_ALWAYS_INLINE T* construct(T* place, Args&&... args) {
    if constexpr (std::is_constructible_v<T, Args...>) {
        return std::construct_at(place, std::forward<Args>(args)...);
    } else {
        static_assert(std::is_aggregate_v<T>, "evproc: an event cannot be built from these arguments");
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wmissing-field-initializers"  // as in round brackets, the others have their defaults
#endif
        return ::new (static_cast<void*>(place)) T{as_member<Args>{std::forward<Args>(args)}...};
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
    }
}

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
