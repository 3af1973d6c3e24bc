// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/consumer_verbs.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/record_ring.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/reservation.hpp>
#include <evproc/reserved_record.hpp>
#include <evproc/ring_options.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::inline EVPROC_ABI {

template <class... Events> struct one_of {};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <std::size_t Unit, class Events> struct listed {
    static_assert(sizeof(Events) == 0, "evproc: name a record_processor's types as one_of<first, second, ...>");
};
template <std::size_t Unit, class... Events> struct listed<Unit, one_of<Events...>> {
    using types = record_types<Unit, Events...>;
    template <class H> static constexpr bool accepted_by = (accepts<std::remove_reference_t<H>, Events>::value && ...);
};

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// Typed events of different sizes from many threads to one, in one global order. Each takes the space of its own type, not of
/// the largest, and may have a tail: raw bytes of a length known at run time. A record is contiguous: 8 bytes of header, the
/// event, its tail, rounded up to slots of unit_size bytes (32 or Options.unit, at least the largest alignment). Lifetimes,
/// exceptions, order, threads, waiting, close and progress are event_processor's. Sequences grow by a record's slots;
/// poll_result::events, `max` and stats() count records; size_approx(), max_depth and capacity() bytes. Options.max_batch:
/// slots of the longest record (0: the whole ring); storage for one more lies behind the ring, untouched until a record
/// crosses its end. Handlers are overload sets for each type: (E&) or (E&, std::span<std::byte> tail), with or without
/// event_info const&, returning void or event_action; the one with most parameters is called. `Bytes`: space for all records, a
/// power of two, or std::dynamic_extent.
template <class Events, std::size_t Bytes = 1024 * 1024, class Wait = adaptive_wait,
          ring_options Options = ring_options{}>
class record_processor : public consumer_verbs<record_processor<Events, Bytes, Wait, Options>, Wait> {
    using listed = detail::listed<Options.unit, Events>;
    using types = typename listed::types;
    static constexpr bool is_static = Bytes != std::dynamic_extent;
    static_assert(
        !is_static || std::has_single_bit(Bytes),
        "evproc: Bytes, the space of a record_processor, must be a power of two: round it up, std::bit_ceil does so");
    static_assert(Bytes >= types::unit_size, "evproc: Bytes must be at least record_processor::unit_size");
    static constexpr std::size_t slot_count = is_static ? Bytes / types::unit_size : Bytes;
    using ring_type = detail::record_ring<types, slot_count, Wait, Options>;

    template <class E, class... Args>
    static constexpr bool is_nothrow = noexcept(detail::construct(std::declval<E*>(), std::declval<Args>()...));

public:
    template <class E> using reserved_record = evproc::reserved_record<E, ring_type>;
    template <class H> static constexpr bool accepts = listed::template accepted_by<H>;

    /// A record takes a multiple of this many bytes.
    static constexpr std::size_t unit_size = types::unit_size;

    /// Bytes that an E with a tail of `tail` bytes takes in the ring.
    template <class E> [[nodiscard]] static constexpr std::size_t record_size(std::size_t tail = 0) noexcept {
        return units<E>(tail) * unit_size;
    }

    /// Allocates all storage; nothing is allocated later. Throws std::bad_alloc; std::invalid_argument unless `capacity`, in
    /// bytes, is a power of two that holds a slot, and Options.max_batch slots.
    record_processor() requires(is_static)
        : record_processor{0, slot_count} {}
    explicit record_processor(std::size_t capacity) requires(!is_static)
        : record_processor{0, std::has_single_bit(capacity) ? capacity / unit_size : 0} {}

    record_processor(record_processor const&) = delete;
    record_processor& operator=(record_processor const&) = delete;

    /// Destroys the events left. Precondition: no other thread uses this, no handle is live (asserted in checked builds).
    ~record_processor() {
        EVPROC_CHECK(!ring_->thread().is_entered(), "a record_processor was destroyed inside its own handler");
        ring_->destroy_all();
    }

    // ---- producers: any thread ----

    /// Reserves space for an E and `tail` bytes. Errors as producer_verbs; errc::too_large: no ring of this size holds it.
    template <class E> EVPROC_ALWAYS_INLINE reserved_record<E> try_reserve(std::size_t tail = 0) noexcept {
        return {*ring_, ring_->try_reserve(units<E>(tail)), tail};
    }
    /// As try_reserve, waiting for space.
    template <class E> EVPROC_ALWAYS_INLINE reserved_record<E> reserve(std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::no_deadline);
    }
    template <class E> reserved_record<E> reserve(detail::stop_token stop, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::no_deadline, stop);
    }
    template <class E> reserved_record<E> reserve_for(detail::any_duration d, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, d.until);
    }
    template <class E> reserved_record<E> reserve_until(detail::any_time_point t, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, t.until);
    }

    /// Reserves, builds E(args...), commits, without a tail; publish() waits. If the constructor throws, discards.
    template <class E, class... Args>
    EVPROC_ALWAYS_INLINE errc try_publish(Args&&... args) noexcept(is_nothrow<E, Args...>) {
        return build(try_reserve<E>(), std::forward<Args>(args)...);
    }
    template <class E, class... Args> EVPROC_ALWAYS_INLINE errc publish(Args&&... args) {
        return build(reserve<E>(), std::forward<Args>(args)...);
    }

    /// As producer_verbs::close().
    void close() noexcept { ring_->close(); }
    [[nodiscard]] bool is_closed() const noexcept { return ring_->is_closed(); }

    /// As producer_verbs::flush().
    errc flush() { return ring_->flush(); }
    errc flush_for(detail::any_duration d) { return ring_->flush(d.until); }

    // ---- consumer: one thread ----

    /// more (a record is ready), idle, blocked (reserved, not committed) or closed (and drained), as event_processor::state().
    [[nodiscard]] poll_state state() const noexcept { return ring_->state(); }

    // ---- any thread ----

    /// Counts of records since construction (max_depth: bytes). Reads every slot in use; costs the hot path nothing.
    [[nodiscard]] processor_stats stats() const noexcept { return ring_->stats(); }

    /// As event_processor::oldest_uncommitted.
    [[nodiscard]] stall_info oldest_uncommitted() const noexcept { return ring_->oldest_uncommitted(); }

    // ---- hints: any thread, stale at once ----

    /// Bytes in use.
    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_->size_approx() * unit_size; }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }
    /// Bytes for records, with headers and padding.
    [[nodiscard]] static constexpr std::size_t capacity() noexcept requires(Bytes != std::dynamic_extent)
    {
        return Bytes;
    }
    [[nodiscard]] std::size_t capacity() const noexcept requires(Bytes == std::dynamic_extent)
    {
        return ring_->capacity() * unit_size;
    }
    /// Bytes of the longest tail of an E; a longer one is errc::too_large.
    template <class E> [[nodiscard]] std::size_t max_tail() const noexcept {
        std::size_t const space = ring_->core().view().max_batch() * unit_size;
        return space < record_size<E>() ? 0 : space - types::template tail_at<E>;
    }

    /// The strategy object that the consumer waits with.
    [[nodiscard]] Wait& consumer_wait() noexcept { return ring_->consumer_wait(); }

private:
    friend struct detail::test_access;
    record_processor(detail::position first, std::size_t slots) : ring_{std::make_unique<ring_type>(first, slots)} {}
    template <class E> [[nodiscard]] static constexpr std::size_t units(std::size_t tail) noexcept {
        static_assert(types::template contains<E>,
                      "evproc: this type is not among the one_of<...> of the record_processor");
        return types::template units<E>(tail);
    }

    template <class E, class Stop = detail::never_stops>
    EVPROC_ALWAYS_INLINE reserved_record<E> reserve_waiting(std::size_t tail, wait_deadline until,
                                                            Stop const& stop = {}) {
        return {*ring_, ring_->reserve(units<E>(tail), until, stop), tail};
    }
    template <class E, class... Args>
    EVPROC_ALWAYS_INLINE static errc build(reserved_record<E> record, Args&&... args) noexcept(is_nothrow<E, Args...>) {
        if (!record) [[unlikely]]
            return record.error();
        record.emplace(std::forward<Args>(args)...);
        return record.commit();
    }

    friend waiting_verbs<record_processor, Wait>;
    friend consumer_verbs<record_processor, Wait>;
    [[nodiscard]] ring_type* source() noexcept { return ring_.get(); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t poll_limit() const noexcept { return ring_->capacity(); }
    template <class Handlers> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_some(Handlers& handlers, std::size_t max) {
        return ring_->poll_records(handlers, max);
    }
    template <class Handlers, class E>
    static event_action call(Handlers& handlers, E& event, std::span<std::byte> tail, event_info const& info) {
        return detail::invoke_with_tail(handlers, event, tail, info);
    }

    std::unique_ptr<ring_type> ring_;
};

}  // namespace evproc::inline EVPROC_ABI
