// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// How a typed record lies in the slots of a ring: header, event, tail.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <type_traits>

#include <evproc/detail/config.hpp>
#include <evproc/event_info.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

struct record_header {
    std::uint32_t units;   ///< how many slots the record has
    std::uint16_t type;    ///< which of the types
    std::uint16_t unused;  ///< number of bytes behind the tail
};

template <std::size_t Size>
struct alignas(Size) record_unit {
    record_header header;
};

/// The types of a record_processor. A slot has at least `Unit` bytes and the largest alignment of the types.
template <std::size_t Unit, class... Events>
struct record_types {
    static_assert(sizeof...(Events) != 0, "evproc: one_of<> needs at least one type");
    static_assert(sizeof...(Events) <= (std::numeric_limits<std::uint16_t>::max)(),
                  "evproc: one_of<> has too many types");
    static_assert(
        ((std::is_object_v<Events> && !std::is_array_v<Events> && !std::is_const_v<Events>) && ...),
        "evproc: each type of one_of must be an object type, neither const nor an array: wrap an array in a struct");
    static_assert(
        (std::is_nothrow_destructible_v<Events> && ...),
        "evproc: the destructors of all types of one_of must not throw, since they run while slots are released");

    template <class E>
    static constexpr std::size_t count_of = (std::size_t{std::is_same_v<E, Events>} + ...);
    static_assert(((count_of<Events> == 1) && ...), "evproc: the types of one_of must differ from each other");

    static constexpr std::size_t unit_size = (std::max)({Unit == 0 ? std::size_t{32} : Unit, alignof(Events)...});
    static_assert(std::has_single_bit(unit_size) && unit_size >= sizeof(record_header),
                  "evproc: ring_options::unit must be a power of two, at least 8");
    static_assert(unit_size <= 65536, "evproc: a unit or an alignment beyond 65536 is not supported");
    using unit = record_unit<unit_size>;

    template <class E>
    static constexpr bool contains = count_of<E> == 1;
    template <class E>
    static constexpr std::uint16_t index = [] {
        std::uint16_t i = 0;
        static_cast<void>(((!std::is_same_v<E, Events> && (++i, true)) && ...));
        return i;
    }();

    template <class E>
    static constexpr std::size_t event_at = (sizeof(record_header) + alignof(E) - 1) / alignof(E) * alignof(E);
    template <class E>
    static constexpr std::size_t tail_at = event_at<E> + sizeof(E);

    /// Slots of a record; if it is too large to count, more than any ring has.
    template <class E>
    [[nodiscard]] static constexpr std::size_t units(std::size_t tail) noexcept {
        constexpr std::size_t most = (std::numeric_limits<std::size_t>::max)();
        if (tail > most - tail_at<E> - unit_size) return most;
        return (tail_at<E> + tail + unit_size - 1) / unit_size;
    }

    [[nodiscard]] static std::byte* bytes(unit* first) noexcept { return reinterpret_cast<std::byte*>(first); }

    template <class E>
    [[nodiscard]] static E* event(unit* first) noexcept {
        return std::launder(reinterpret_cast<E*>(bytes(first) + event_at<E>));
    }
    template <class E>
    [[nodiscard]] static std::span<std::byte> tail(unit* first) noexcept {
        return {bytes(first) + tail_at<E>, first->header.units * unit_size - tail_at<E> - first->header.unused};
    }

    /// Calls `f(E&, tail)` for a committed record.
    template <class F>
    EVPROC_ALWAYS_INLINE static event_action visit(unit* first, F&& f) {
        std::uint16_t const type = first->header.type;
        event_action result = event_action::next;
        static_cast<void>(
            ((type == index<Events> && (result = f(*event<Events>(first), tail<Events>(first)), true)) || ...));
        return result;
    }
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
