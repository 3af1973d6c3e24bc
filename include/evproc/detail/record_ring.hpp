// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/detail/sequence.hpp>
#include <evproc/event_info.hpp>
#include <evproc/observer.hpp>
#include <evproc/ring_options.hpp>

namespace evproc::detail::inline EVPROC_ABI {

struct record_header {
    std::uint32_t units;   ///< how many slots the record has
    std::uint16_t type;    ///< which of the types
    std::uint16_t unused;  ///< number of bytes behind the tail
};

template <std::size_t Size> struct alignas(Size) record_unit {
    record_header header;
};

/// The types of a record_processor. A slot has at least `Unit` bytes and the largest alignment of the types.
template <std::size_t Unit, class... Events> struct record_types {
    static_assert(sizeof...(Events) != 0, "evproc: one_of<> needs at least one type");
    static_assert(sizeof...(Events) <= (std::numeric_limits<std::uint16_t>::max)(),
                  "evproc: one_of<> has too many types");
    static_assert(
        ((std::is_object_v<Events> && !std::is_array_v<Events> && !std::is_const_v<Events>) && ...),
        "evproc: each type of one_of must be an object type, neither const nor an array: wrap an array in a struct");
    static_assert(
        (std::is_nothrow_destructible_v<Events> && ...),
        "evproc: the destructors of all types of one_of must not throw, since they run while slots are released");

    template <class E> static constexpr std::size_t count_of = (std::size_t{std::is_same_v<E, Events>} + ...);
    static_assert(((count_of<Events> == 1) && ...), "evproc: the types of one_of must differ from each other");

    static constexpr std::size_t unit_size = [] {
        std::size_t size = Unit == 0 ? 32 : Unit;
        ((size = max_of(size, alignof(Events))), ...);
        return size;
    }();
    static_assert(std::has_single_bit(unit_size) && unit_size >= sizeof(record_header),
                  "evproc: ring_options::unit must be a power of two, at least 8");
    static_assert(unit_size <= 65536, "evproc: a unit or an alignment beyond 65536 is not supported");
    using unit = record_unit<unit_size>;

    template <class E> static constexpr bool contains = count_of<E> == 1;
    template <class E>
    static constexpr std::uint16_t index = [] {
        std::uint16_t i = 0;
        static_cast<void>(((!std::is_same_v<E, Events> && (++i, true)) && ...));
        return i;
    }();

    template <class E>
    static constexpr std::size_t event_at = (sizeof(record_header) + alignof(E) - 1) / alignof(E) * alignof(E);
    template <class E> static constexpr std::size_t tail_at = event_at<E> + sizeof(E);

    /// Slots of a record; if it is too large to count, more than any ring has.
    template <class E> [[nodiscard]] static constexpr std::size_t units(std::size_t tail) noexcept {
        constexpr std::size_t most = (std::numeric_limits<std::size_t>::max)();
        if (tail > most - tail_at<E> - unit_size) return most;
        return (tail_at<E> + tail + unit_size - 1) / unit_size;
    }

    [[nodiscard]] static std::byte* bytes(unit* first) noexcept { return reinterpret_cast<std::byte*>(first); }

    template <class E> [[nodiscard]] static E* event(unit* first) noexcept {
        return std::launder(reinterpret_cast<E*>(bytes(first) + event_at<E>));
    }
    template <class E> [[nodiscard]] static std::span<std::byte> tail(unit* first) noexcept {
        return {bytes(first) + tail_at<E>, first->header.units * unit_size - tail_at<E> - first->header.unused};
    }

    /// Calls `f(E&, tail)` for a committed record.
    template <class F> EVPROC_ALWAYS_INLINE static event_action visit(unit* first, F&& f) {
        std::uint16_t const type = first->header.type;
        event_action result = event_action::next;
        static_cast<void>(
            ((type == index<Events> && (result = f(*event<Events>(first), tail<Events>(first)), true)) || ...));
        return result;
    }
};

using record_tail = std::span<std::byte>;

template <class H, class E>
inline constexpr bool takes_tail_and_info = std::is_invocable_v<H&, E&, record_tail, event_info const&>;
template <class H, class E>
inline constexpr bool takes_tail = takes_tail_and_info<H, E> || std::is_invocable_v<H&, E&, record_tail>;
template <class H, class E>
inline constexpr bool wants_info = takes_tail<H, E> ? takes_tail_and_info<H, E> : takes_info<H, E&>;

/// One sentence for each type that a handler does not accept: the compiler names E.
template <class H, class E> struct accepts {
    static_assert(takes_tail<H, E> || handler_of<H, E&>,
                  "evproc: the handler of a record_processor does not accept this one of its types: add an overload "
                  "(E&) or (E&, std::span<std::byte> tail), with or without event_info const& behind it");
    static constexpr bool value = true;
};

template <class H, class E>
EVPROC_ALWAYS_INLINE event_action invoke_with_tail(H& handler, E& event, record_tail tail, event_info const& info) {
    if constexpr (takes_tail_and_info<H, E>) {
        auto with_tail = [&](E& e, event_info const& i) -> decltype(auto) { return detail::call(handler, e, tail, i); };
        return invoke_handler(with_tail, event, info);
    } else if constexpr (takes_tail<H, E>) {
        auto with_tail = [&](E& e) -> decltype(auto) { return detail::call(handler, e, tail); };
        return invoke_handler(with_tail, event, info);
    } else {
        return invoke_handler(handler, event, info);
    }
}

/// A handler of records: calls the user's overload for each, then destroys the event.
template <class Types, class H> class record_handler;
template <std::size_t Unit, class... Events, class H> class record_handler<record_types<Unit, Events...>, H> {
    using types = record_types<Unit, Events...>;
    using unit = typename types::unit;
    static_assert((accepts<H, Events>::value && ...));
    static constexpr bool needs_info = (wants_info<H, Events> || ...);

public:
    explicit record_handler(H& handler) noexcept : handler_{handler} {}

    EVPROC_ALWAYS_INLINE event_action operator()(unit& first, event_info const& info) requires needs_info
    {
        return call(first, info);
    }
    EVPROC_ALWAYS_INLINE event_action operator()(unit& first) requires(!needs_info)
    {
        return call(first, {});
    }

private:
    // Not within the lambda: clang 19 would leave its destructor out.
    template <class E> struct destroyer {
        E* event;
        EVPROC_ALWAYS_INLINE ~destroyer() {
            if (event != nullptr) std::destroy_at(event);
        }
    };

    EVPROC_ALWAYS_INLINE event_action call(unit& first, event_info const& info) {
        return types::visit(&first, [&]<class E>(E& event, record_tail tail) {
            destroyer<E> done{&event};
            event_action const action = invoke_with_tail(handler_, event, tail, info);
            if (action == event_action::keep) done.event = nullptr;
            return action;
        });
    }

    H& handler_;
};

/// The ring of a record_processor: a record of n slots is a batch of n. Counts records, not slots.
///   X1  everywhere below: the counts carry no data and order nothing.
template <class Types, std::size_t N, class Wait, ring_options Options>
class record_ring : public ring<typename Types::unit, N, Wait, Options, no_observer> {
    using base = ring<typename Types::unit, N, Wait, Options, no_observer>;
    static constexpr bool is_single = Options.producers == producer_kind::single;

public:
    using types = Types;
    using range_type = typename base::range_type;

    record_ring(position first, std::size_t capacity) : base{first, capacity, nullptr} {}

    /// Commits with a tail of that many bytes; gives up the slots not needed.
    template <class E> EVPROC_ALWAYS_INLINE void commit_record(range_type const& slots, std::size_t tail) noexcept {
        std::size_t const units = Types::template units<E>(tail);
        slots.data()->header = {
            static_cast<std::uint32_t>(units), Types::template index<E>,
            static_cast<std::uint16_t>(units * Types::unit_size - Types::template tail_at<E> - tail)};
        if constexpr (is_single)
            committed_.store(committed_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        base::commit(slots, units);
    }
    void discard_record(range_type const& slots) noexcept {
        discarded_.fetch_add(1, std::memory_order_relaxed);
        base::discard(slots);
    }

    template <class H> EVPROC_ALWAYS_INLINE poll_outcome poll_records(H& handler, std::size_t max) {
        record_handler<Types, H> by_type{handler};
        return base::template poll<delivery::records>(by_type, max);
    }

    void destroy_all() noexcept {
        auto ignore = [](auto&) noexcept {};
        record_handler<Types, decltype(ignore)> by_type{ignore};
        base::template destroy_all<delivery::records>(by_type);
    }

    [[nodiscard]] processor_stats stats() const noexcept {
        processor_stats s = base::template stats<&occupancy::records>();
        if constexpr (is_single) s.committed = committed_.load(std::memory_order_relaxed);
        s.discarded = discarded_.load(std::memory_order_relaxed);
        s.max_depth *= Types::unit_size;
        return s;
    }

private:
    alignas(cache_line_size) atomic<std::uint64_t> committed_{0};
    atomic<std::uint64_t> discarded_{0};
};

}  // namespace evproc::detail::inline EVPROC_ABI
