// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/consume.hpp>
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

namespace evproc {
inline namespace EVPROC_ABI {

template <class... Events> struct one_of {};

/// Typed events of different sizes from many threads to one, in one global order. Each takes the room of its own type, not of
/// the largest, and may have a tail: raw bytes of a length known at run time. A record is contiguous: 8 bytes of header, the
/// event, its tail, rounded up to slots of unit_size bytes (32 or Options.unit, at least the largest alignment). Lifetimes,
/// exceptions, order, threads, waiting, close and progress are event_processor's. Sequences grow by a record's slots;
/// poll_result::events, `max` and stats() count records; size_approx(), max_depth and capacity() bytes. Options.max_batch:
/// slots of the longest record (0: the whole ring); storage for one more lies behind the ring, untouched until a record
/// crosses its end. Handlers are overload sets for each type: (E&) or (E&, std::span<std::byte> tail), with or without
/// event_info const&, returning void or event_action; the one with most parameters is called. `Bytes`: room for all records, a
/// power of two, or std::dynamic_extent.
template <class Events, std::size_t Bytes = std::size_t{1} << 20, class Wait = adaptive_wait,
          ring_options Options = ring_options{}>
class record_processor;

template <class... Events, std::size_t Bytes, class Wait, ring_options Options>
class record_processor<one_of<Events...>, Bytes, Wait, Options> {
    using types = detail::record_types<Options.unit, Events...>;
    static constexpr bool is_static = Bytes != std::dynamic_extent;
    static_assert(
        !is_static || std::has_single_bit(Bytes),
        "evproc: Bytes, the room of a record_processor, must be a power of two: round it up, std::bit_ceil does so");
    static_assert(Bytes >= types::unit_size, "evproc: Bytes must be at least record_processor::unit_size");
    static constexpr std::size_t slot_count = is_static ? Bytes / types::unit_size : Bytes;
    using ring_type = detail::record_ring<types, slot_count, Wait, Options>;

    template <class E, class... Args>
    static constexpr bool is_nothrow = noexcept(detail::construct(std::declval<E*>(), std::declval<Args>()...));

public:
    template <class E> using reserved_record = evproc::reserved_record<E, ring_type>;

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

    /// Reserves room for an E and `tail` bytes. Errors as producer_verbs; errc::too_large: no ring of this size holds it.
    template <class E> EVPROC_ALWAYS_INLINE reserved_record<E> try_reserve(std::size_t tail = 0) noexcept {
        return {*ring_, ring_->try_reserve(units<E>(tail)), tail};
    }
    /// As try_reserve, waiting for room.
    template <class E> EVPROC_ALWAYS_INLINE reserved_record<E> reserve(std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    template <class E> reserved_record<E> reserve(std::stop_token stop, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::no_deadline, stop);
    }
#endif
    template <class E, class Rep, class Period>
    reserved_record<E> reserve_for(std::chrono::duration<Rep, Period> d, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::deadline_after(d), detail::never_stops{});
    }
    template <class E, class Clock, class Duration>
    reserved_record<E> reserve_until(std::chrono::time_point<Clock, Duration> t, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::deadline_at(t), detail::never_stops{});
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
    errc flush() { return ring_->flush(detail::no_deadline); }
    template <class Rep, class Period> errc flush_for(std::chrono::duration<Rep, Period> d) {
        return ring_->flush(detail::deadline_after(d));
    }

    // ---- consumer: one thread ----

    /// Calls `handlers` for each ready record in order, at most `max` (default: capacity()), as event_processor::poll.
    template <class Handlers> EVPROC_ALWAYS_INLINE poll_result poll(Handlers&& handlers, std::size_t max) {
        return ring_->poll_records(handlers, max).polled;
    }
    template <class Handlers> EVPROC_ALWAYS_INLINE poll_result poll(Handlers&& handlers) {
        return poll(handlers, ring_->capacity());
    }

    /// As poll, but waits first: for a record, closed and drained, or wake(). Without an event the state is exact.
    template <class Handlers> poll_result poll_wait(Handlers&& handlers) {
        return poll_waiting(handlers, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    template <class Handlers> poll_result poll_wait(std::stop_token stop, Handlers&& handlers) {
        return poll_waiting(handlers, detail::no_deadline, stop);
    }
#endif
    template <class Rep, class Period, class Handlers>
    poll_result poll_for(std::chrono::duration<Rep, Period> d, Handlers&& handlers) {
        return poll_waiting(handlers, detail::deadline_after(d), detail::never_stops{});
    }
    template <class Clock, class Duration, class Handlers>
    poll_result poll_until(std::chrono::time_point<Clock, Duration> t, Handlers&& handlers) {
        return poll_waiting(handlers, detail::deadline_at(t), detail::never_stops{});
    }

    /// more (a record is ready), idle, blocked (reserved, not committed) or closed (and drained), as event_processor::state().
    [[nodiscard]] poll_state state() const noexcept { return ring_->state(); }

    /// Waits until a record is ready: true. False: closed and drained, wake(), a stop request, the deadline. Consumes nothing.
    bool wait() { return await(detail::no_deadline, detail::never_stops{}); }
#if EVPROC_HAS_STOP_TOKEN
    bool wait(std::stop_token stop) { return await(detail::no_deadline, stop); }
#endif
    template <class Rep, class Period> bool wait_for(std::chrono::duration<Rep, Period> d) {
        return await(detail::deadline_after(d), detail::never_stops{});
    }
    template <class Clock, class Duration> bool wait_until(std::chrono::time_point<Clock, Duration> t) {
        return await(detail::deadline_at(t), detail::never_stops{});
    }

    /// As event_processor::run; `on_error(std::exception_ptr, E&, event_info const&)` is an overload set too.
    template <class Handlers> run_result run(Handlers&& handlers) {
        return run_until_stopped(detail::never_stops{}, handlers);
    }
#if EVPROC_HAS_STOP_TOKEN
    template <class Handlers> run_result run(std::stop_token stop, Handlers&& handlers) {
        return run_until_stopped(stop, handlers);
    }
#if EVPROC_EXCEPTIONS
    template <class Handlers, class OnError>
    requires(std::is_invocable_r_v<error_action, OnError&, std::exception_ptr, Events&, event_info const&> && ...)
    run_result run(std::stop_token stop, Handlers&& handlers, OnError&& on_error) {
        static_assert((detail::accepts<std::remove_reference_t<Handlers>, Events>::value && ...));
        auto guarded = [&]<class E>(E& event, std::span<std::byte> tail, event_info const& info) -> event_action {
            return detail::call_guarded([&] { return detail::invoke_with_tail(handlers, event, tail, info); },
                                        [&](std::exception_ptr error) { return on_error(error, event, info); }, stop);
        };
        return run_until_stopped(stop, guarded);
    }
#endif
#endif

    /// Ends the consumer's wait; if it does not wait, its next one. Any thread.
    void wake() noexcept { ring_->wake(); }

    // ---- consumer in an event loop, where the wait strategy can (eventfd_wait): as in event_processor ----

    [[nodiscard]] auto native_handle() requires armable_wait<Wait>
    {
        return consumer_wait().native_handle();
    }
    [[nodiscard]] bool arm() requires armable_wait<Wait>
    {
        return ring_->arm();
    }
    void disarm() noexcept requires armable_wait<Wait>
    {
        ring_->disarm();
    }

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
        std::size_t const room = ring_->core().view().max_batch() * unit_size;
        return room < record_size<E>() ? 0 : room - types::template tail_at<E>;
    }

    /// The strategy object that the consumer waits with.
    [[nodiscard]] Wait& consumer_wait() noexcept { return ring_->consumer_wait(); }

private:
    /// \cond Doxygen finds no class for the friend
    friend struct detail::test_access;
    record_processor(detail::position first, std::size_t slots) : ring_{std::make_unique<ring_type>(first, slots)} {}
    /// \endcond
    template <class E> [[nodiscard]] static constexpr std::size_t units(std::size_t tail) noexcept {
        static_assert(types::template contains<E>,
                      "evproc: this type is not among the one_of<...> of the record_processor");
        return types::template units<E>(tail);
    }

    template <class E, class Stop>
    EVPROC_ALWAYS_INLINE reserved_record<E> reserve_waiting(std::size_t tail, wait_deadline until, Stop const& stop) {
        return {*ring_, ring_->reserve(units<E>(tail), until, stop), tail};
    }
    template <class E, class... Args>
    EVPROC_ALWAYS_INLINE static errc build(reserved_record<E> record, Args&&... args) noexcept(is_nothrow<E, Args...>) {
        if (!record) [[unlikely]]
            return record.error();
        record.emplace(std::forward<Args>(args)...);
        return record.commit();
    }

    template <class Stop> bool await(wait_deadline until, Stop const& stop) {
        return ring_->await(until, stop) == detail::wake_reason::ready;
    }
    template <class Handlers, class Stop>
    poll_result poll_waiting(Handlers& handlers, wait_deadline until, Stop const& stop) {
        return detail::poll_waiting(
            *ring_, [&] { return ring_->poll_records(handlers, ring_->capacity()); }, until, stop);
    }
    template <class Stop, class Handlers> run_result run_until_stopped(Stop const& stop, Handlers& handlers) {
        return detail::run_until_stopped(
            *ring_, [&] { return ring_->poll_records(handlers, ring_->capacity()); }, stop);
    }

    std::unique_ptr<ring_type> ring_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc
