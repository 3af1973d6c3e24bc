// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/round.hpp>
#include <evproc/event_info.hpp>
#include <evproc/selecting_verbs.hpp>
#include <evproc/wait/grouped_wait.hpp>

namespace evproc::inline EVPROC_ABI {

/// The first ring that has something; earlier rings are looked at again every `burst` events. May starve later rings.
struct strict {
    std::size_t burst = 16;  ///< 0 counts as 1
};

/// Round robin; ring i gives at most share[i] events (0: 1) a turn. Nothing starves. `weighted{3, 1}` is weighted<2>.
template <std::size_t N> struct weighted {
    std::array<std::size_t, N> share;
};
template <class... Shares> requires(std::is_convertible_v<Shares, std::size_t> && ...)
weighted(Shares...) -> weighted<sizeof...(Shares)>;
template <std::size_t N> weighted(std::array<std::size_t, N>) -> weighted<N>;

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <class Group, class... Rings> class ring_tuple {
public:
    using group_type = Group;

    ring_tuple(Group& group, Rings&... rings) noexcept : group_{&group}, rings_{&rings...} {}

    [[nodiscard]] Group& group() const noexcept { return *group_; }
    [[nodiscard]] static constexpr std::size_t size() noexcept { return sizeof...(Rings); }
    [[nodiscard]] static constexpr std::size_t all() noexcept { return sizeof...(Rings); }
    template <class F> EVPROC_ALWAYS_INLINE auto visit(std::size_t i, F f) const {
        return visit(i, f, std::index_sequence_for<Rings...>{});
    }

private:
    template <class F, std::size_t... I>
    EVPROC_ALWAYS_INLINE auto visit(std::size_t i, F& f, std::index_sequence<I...>) const {
        decltype(f(*std::get<0>(rings_))) result{};
        static_cast<void>(((i == I && (static_cast<void>(result = f(*std::get<I>(rings_))), true)) || ...));
        return result;
    }

    Group* group_;
    std::tuple<Rings*...> rings_;
};

template <class Processor>
using ring_of = std::remove_reference_t<decltype(ring_access::ring(std::declval<Processor&>()))>;
template <class Processor>
using wait_of = std::remove_reference_t<decltype(std::declval<Processor&>().consumer_wait())>;
template <class Processor>
concept in_group = requires(Processor& p) { typename wait_of<Processor>::group_type; };

template <class Processor, class... Others> struct selectable {
    static_assert((in_group<Processor> && ... && in_group<Others>),
                  "evproc: a selector takes event_processors that wait in a group: event_processor<E, N, "
                  "evproc::grouped_wait<>> p{group}");
    using group = typename wait_of<Processor>::group_type;
    static_assert((std::is_same_v<group, typename wait_of<Others>::group_type> && ...),
                  "evproc: all processors of a selector have to be in one wait_group");
    using sources = ring_tuple<group, ring_of<Processor>, ring_of<Others>...>;
};

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// The one consumer of several event_processors, also of different types, which it borrows: `Order` is strict or weighted. Example: docs/pages/selecting.md.
/// Each ring keeps its own order, capacity and end; a full or stalled one holds up no other. A waiting reserve in the handler
/// says errc::would_deadlock if its ring is full. Nothing else may consume from the processors. An empty poll looks at each.
template <class Order, class... Processors>
class selector : public selecting_verbs<selector<Order, Processors...>,
                                        typename detail::selectable<Processors...>::group::wait_type> {
    static_assert(sizeof...(Processors) != 0, "evproc: a selector needs a processor");
    using sources_type = typename detail::selectable<Processors...>::sources;
    using group_type = typename sources_type::group_type;
    static constexpr bool paces = (detail::ring_of<Processors>::paces && ...);
    using round_type = detail::round<sources_type, Order, paces>;

public:
    using wait_type = typename group_type::wait_type;
    template <class H>
    static constexpr bool accepts =
        (detail::takes_selected<typename Processors::event_type, std::remove_reference_t<H>> && ...);

    /// Throws std::invalid_argument if the processors are not all in one wait_group; std::bad_alloc.
    selector(Order order, Processors&... processors)
        : round_{sources_type{common_group(processors...), detail::ring_access::ring(processors)...}, order} {
        if constexpr (requires { order.share.size(); })
            static_assert(order.share.size() == sizeof...(Processors),
                          "evproc: weighted needs one share for each processor");
    }
    selector(selector const&) = delete;
    selector& operator=(selector const&) = delete;
    /// Leaves the processors as they are. Precondition: not in the handler (asserted in checked builds).
    ~selector() {
        EVPROC_CHECK(!round_.sources().group().thread().is_entered(),
                     "a selector was destroyed inside its own handler");
    }

private:
    friend selecting_verbs<selector, wait_type>;

    template <class First, class... Others> static group_type& common_group(First& first, Others&... others) {
        group_type& group = first.consumer_wait().group();
        if ((... && (&others.consumer_wait().group() == &group))) return group;
        detail::fail<std::invalid_argument>("evproc: the processors of a selector have to be in one wait_group");
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE round_type& round() noexcept { return round_; }

    round_type round_;
};

}  // namespace evproc::inline EVPROC_ABI
