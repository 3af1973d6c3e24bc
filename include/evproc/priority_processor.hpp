// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/round.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/event_processor.hpp>
#include <evproc/selecting_verbs.hpp>
#include <evproc/selector.hpp>
#include <evproc/wait/grouped_wait.hpp>

namespace evproc::detail::inline EVPROC_ABI {

template <class Group, class Processor> class processor_row {
public:
    using group_type = Group;

    processor_row(Group& group, Processor* first, std::size_t size) noexcept
        : group_{&group}, first_{first}, size_{size} {}

    [[nodiscard]] Group& group() const noexcept { return *group_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t all() const noexcept { return size_; }
    template <class F> EVPROC_ALWAYS_INLINE auto visit(std::size_t i, F f) const {
        return f(ring_access::ring(first_[i]));
    }

private:
    Group* group_;
    Processor* first_;
    std::size_t size_;
};

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// Passes events from many threads to one, urgent ones first: an event_processor for each level; level 0 is the most urgent.
/// The handler gets the most urgent ready event; in a running poll one overtakes after at most 16 less urgent ones (strict).
/// Order, capacity and end are per level: a full or stalled level holds up no other. Urgent levels may starve the rest.
/// Producers' verbs are event_processor's with the level in front: publish(1, args...). Precondition: level < Levels (asserted
/// in checked builds). Consumer's verbs: selecting_verbs; select_info::source is the level. Neither copyable nor movable. `N`:
/// capacity of each level, or std::dynamic_extent. `Wait`: for the consumer, and for producers in a level.
template <class Event, std::size_t Levels, std::size_t N = 4096, class Wait = adaptive_wait>
class priority_processor : public selecting_verbs<priority_processor<Event, Levels, N, Wait>, Wait> {
    static_assert(Levels != 0, "evproc: a priority_processor needs a level");
    static constexpr bool is_static = N != std::dynamic_extent;

public:
    using event_type = Event;
    using wait_type = Wait;
    using level_type = event_processor<Event, N, grouped_wait<Wait>>;
    template <class H> static constexpr bool accepts = detail::takes_selected<Event, std::remove_reference_t<H>>;

    /// Allocates all storage, for good. Throws std::bad_alloc; std::invalid_argument unless `capacity` is a power of two.
    priority_processor() requires(is_static)
        : priority_processor{std::make_index_sequence<Levels>{}} {}
    explicit priority_processor(std::size_t capacity) requires(!is_static)
        : priority_processor{std::make_index_sequence<Levels>{}, capacity} {}
    priority_processor(priority_processor const&) = delete;
    priority_processor& operator=(priority_processor const&) = delete;

    /// The ring of a level, with all producers' verbs and hints. Only the priority_processor consumes from it.
    [[nodiscard]] EVPROC_ALWAYS_INLINE level_type& level(std::size_t i) noexcept {
        EVPROC_CHECK(i < Levels, "a priority_processor has fewer levels");
        return levels_[i];
    }
    [[nodiscard]] level_type const& level(std::size_t i) const noexcept {
        EVPROC_CHECK(i < Levels, "a priority_processor has fewer levels");
        return levels_[i];
    }
    [[nodiscard]] static constexpr std::size_t level_count() noexcept { return Levels; }

    // ---- producers: any thread; see producer_verbs for each ----

    [[nodiscard]] EVPROC_ALWAYS_INLINE auto try_reserve(std::size_t i) noexcept { return level(i).try_reserve(); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto reserve(std::size_t i) { return level(i).reserve(); }
    [[nodiscard]] auto reserve(std::size_t i, detail::stop_token stop) { return level(i).reserve(std::move(stop)); }
    [[nodiscard]] auto reserve_for(std::size_t i, detail::any_duration d) { return level(i).reserve_for(d); }
    [[nodiscard]] auto reserve_until(std::size_t i, detail::any_time_point t) { return level(i).reserve_until(t); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto try_reserve_batch(std::size_t i, std::size_t n) noexcept {
        return level(i).try_reserve_batch(n);
    }
    [[nodiscard]] auto try_reserve_batch_up_to(std::size_t i, std::size_t n) noexcept {
        return level(i).try_reserve_batch_up_to(n);
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto reserve_batch(std::size_t i, std::size_t n) {
        return level(i).reserve_batch(n);
    }
    [[nodiscard]] auto reserve_batch(std::size_t i, detail::stop_token stop, std::size_t n) {
        return level(i).reserve_batch(std::move(stop), n);
    }
    [[nodiscard]] auto reserve_batch_for(std::size_t i, detail::any_duration d, std::size_t n) {
        return level(i).reserve_batch_for(d, n);
    }
    [[nodiscard]] auto reserve_batch_until(std::size_t i, detail::any_time_point t, std::size_t n) {
        return level(i).reserve_batch_until(t, n);
    }
    template <class... Args>
    EVPROC_ALWAYS_INLINE errc try_publish(std::size_t i, Args&&... args) noexcept(
        noexcept(std::declval<level_type&>().try_publish(std::forward<Args>(args)...))) {
        return level(i).try_publish(std::forward<Args>(args)...);
    }
    template <class... Args> EVPROC_ALWAYS_INLINE errc publish(std::size_t i, Args&&... args) {
        return level(i).publish(std::forward<Args>(args)...);
    }
    errc flush(std::size_t i) { return level(i).flush(); }
    errc flush_for(std::size_t i, detail::any_duration d) { return level(i).flush_for(d); }

    // ---- any thread ----

    /// Whether close() was called for all levels. A hint.
    [[nodiscard]] bool is_closed() const noexcept {
        for (level_type const& l : levels_) {
            if (!l.is_closed()) return false;
        }
        return true;
    }
    /// Sums over all levels since construction; `max_depth` is the deepest level's.
    [[nodiscard]] processor_stats stats() const noexcept {
        processor_stats sum;
        for (level_type const& l : levels_) detail::add(sum, l.stats());
        sum.parks += group_.parks();
        return sum;
    }

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] std::size_t size_approx() const noexcept {
        std::size_t sum = 0;
        for (level_type const& l : levels_) sum += l.size_approx();
        return sum;
    }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }

private:
    friend selecting_verbs<priority_processor, Wait>;
    using row_type = detail::processor_row<wait_group<Wait>, level_type>;
    using round_type = detail::round<row_type, strict, true>;

    template <std::size_t... I, class... Capacity>
    explicit priority_processor(std::index_sequence<I...>, Capacity... capacity)
        : levels_{{(static_cast<void>(I), level_type(group_, capacity...))...}},
          round_{row_type{group_, levels_.data(), Levels}, strict{}} {}

    [[nodiscard]] EVPROC_ALWAYS_INLINE round_type& round() noexcept { return round_; }

    wait_group<Wait> group_;
    std::array<level_type, Levels> levels_;
    round_type round_;
};

}  // namespace evproc::inline EVPROC_ABI
