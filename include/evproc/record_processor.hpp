// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
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

#include <evproc/detail/check.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/construct.hpp>
#include <evproc/detail/consume.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/record_ring.hpp>
#include <evproc/detail/record_types.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/detail/stop.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/reserved_record.hpp>
#include <evproc/ring_options.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc {
inline namespace EVPROC_ABI {

/// The types of a record_processor's events.
template <class... Events>
struct one_of {};

/// Typed events of different sizes from many threads to one, in one global order: each takes the room of its own type, not
/// of the largest, and may have a tail, raw bytes of a length that is known at run time only.
///
/// A record lies in one piece: 8 bytes of header, the event, its tail, rounded up to slots of unit_size bytes (32 or
/// Options.unit, and at least the largest alignment of the types: over-aligned ones are honoured). Types may have constructors
/// and destructors; abandoned records, exceptions, order, waiting, close and progress are as in event_processor.
///
/// Bytes: the room for all records, a power of two, or std::dynamic_extent for a capacity given to the constructor.
/// Options.max_batch: the longest record in slots, 0 for the whole ring; storage for one record more lies behind the ring,
/// untouched until a record goes past its end. What counts records: poll_result::events, `max`, stats(). Sequences grow by
/// the slots that a record takes; size_approx(), stats().max_depth and capacity() are in bytes.
///
/// Handlers are overload sets that accept each type: (E&) or (E&, std::span<std::byte> tail), with event_info const& behind
/// it or not, returning void or event_action. Where several overloads fit, the one that takes most is called.
///
/// Producers' verbs may be called from any thread (producer_kind::single: from one) and from the handler, the consumer's from
/// one thread at a time. The ring lives on the heap. Neither copyable nor movable.
template <class Events, std::size_t Bytes = std::size_t{1} << 20, class Wait = adaptive_wait, ring_options Options = ring_options{}>
class record_processor;

template <class... Events, std::size_t Bytes, class Wait, ring_options Options>
class record_processor<one_of<Events...>, Bytes, Wait, Options> {
    using types = detail::record_types<Options.unit, Events...>;
    static constexpr bool is_static = Bytes != std::dynamic_extent;
    static_assert(!is_static || std::has_single_bit(Bytes),
                  "evproc: Bytes, the room of a record_processor, must be a power of two: round it up, std::bit_ceil does so");
    static_assert(Bytes >= types::unit_size, "evproc: Bytes must be at least record_processor::unit_size");
    static constexpr std::size_t slot_count = is_static ? Bytes / types::unit_size : Bytes;
    using ring_type = detail::record_ring<types, slot_count, Wait, Options>;

    template <class E, class... Args>
    static constexpr bool is_nothrow = noexcept(detail::construct(std::declval<E*>(), std::declval<Args>()...));

public:
    template <class E>
    using reserved_record = evproc::reserved_record<E, ring_type>;

    /// A record takes a multiple of this many bytes.
    static constexpr std::size_t unit_size = types::unit_size;

    /// Number of bytes that an E with a tail of `tail` bytes takes in the ring.
    template <class E>
    [[nodiscard]] static constexpr std::size_t record_size(std::size_t tail = 0) noexcept {
        return units<E>(tail) * unit_size;
    }

    /// Allocates all storage; nothing is allocated later. Throws std::bad_alloc.
    record_processor()
        requires(is_static)
        : record_processor{0, slot_count} {}

    /// The same with a capacity in bytes. Throws std::invalid_argument if it is not a power of two, is less than unit_size or
    /// has less than Options.max_batch slots; std::bad_alloc.
    explicit record_processor(std::size_t capacity)
        requires(!is_static)
        : record_processor{0, std::has_single_bit(capacity) ? capacity / unit_size : 0} {}

    record_processor(record_processor const&) = delete;
    record_processor& operator=(record_processor const&) = delete;

    /// Destroys the events that nobody consumed. Precondition: no other thread uses the processor, and no handle is
    /// live (asserted in checked builds).
    ~record_processor() {
        EVPROC_CHECK(!ring_->thread().is_entered(), "a record_processor was destroyed inside its own handler");
        ring_->destroy_all();
    }

    // ---- producers: any thread ----

    /// Reserves the room for an E and `tail` bytes behind it, or says why not: errc::full, only if at some instant of the call
    /// there was no room; errc::too_large, a record that no ring of this size could hold; errc::closed; errc::busy
    /// (producer_kind::single). Lock-free.
    template <class E>
    EVPROC_ALWAYS_INLINE reserved_record<E> try_reserve(std::size_t tail = 0) noexcept {
        return {*ring_, ring_->try_reserve(units<E>(tail)), tail};
    }
    /// As try_reserve, waiting for room as long as it takes. errc::closed also if closed while it waits;
    /// errc::would_deadlock on the consumer's own thread, in a handler, while there is no room.
    template <class E>
    EVPROC_ALWAYS_INLINE reserved_record<E> reserve(std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As reserve(tail), until `stop` requests a stop: errc::stopped.
    template <class E>
    reserved_record<E> reserve(std::stop_token stop, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::no_deadline, stop);
    }
#endif
    /// As reserve(tail), for at most `d`: errc::timed_out.
    template <class E, class Rep, class Period>
    reserved_record<E> reserve_for(std::chrono::duration<Rep, Period> d, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::deadline_after(d), detail::never_stops{});
    }
    /// As reserve(tail), until `t` of any clock: errc::timed_out.
    template <class E, class Clock, class Duration>
    reserved_record<E> reserve_until(std::chrono::time_point<Clock, Duration> t, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::deadline_at(t), detail::never_stops{});
    }

    /// Reserves, builds E(args...), commits; without a tail. If the constructor throws, the place is discarded and the
    /// exception goes to the caller. Errors as try_reserve.
    template <class E, class... Args>
    EVPROC_ALWAYS_INLINE errc try_publish(Args&&... args) noexcept(is_nothrow<E, Args...>) {
        return build(try_reserve<E>(), std::forward<Args>(args)...);
    }
    /// The same, waiting as reserve() does.
    template <class E, class... Args>
    EVPROC_ALWAYS_INLINE errc publish(Args&&... args) {
        return build(reserve<E>(), std::forward<Args>(args)...);
    }

    /// Ends the order here: every reserve verb returns errc::closed from now on, those already waiting too. What was
    /// reserved before may still be committed, and the consumer gets it; after the last of it poll says `closed`.
    /// Idempotent; from any thread, and from the handler.
    void close() noexcept { ring_->close(); }
    [[nodiscard]] bool is_closed() const noexcept { return ring_->is_closed(); }

    /// Waits until everything that was committed before the call has been consumed, and sees what the handler did with
    /// it. errc::success; errc::would_deadlock if the caller is the consumer's thread in a handler and something is left.
    errc flush() { return ring_->flush(detail::no_deadline); }
    /// As flush(), for at most `d`: errc::timed_out.
    template <class Rep, class Period>
    errc flush_for(std::chrono::duration<Rep, Period> d) {
        return ring_->flush(detail::deadline_after(d));
    }

    // ---- consumer: one thread ----

    /// Hands what is ready to `handlers`, in order, at most `max` records (capacity() if not given, which no poll exceeds), and
    /// never waits. An event is destroyed when its handler is done with it. If the handler throws, that event counts as
    /// consumed, none after it is touched, and the exception leaves poll. States as event_processor::poll. Wait-free for each
    /// record.
    template <class Handlers>
    EVPROC_ALWAYS_INLINE poll_result poll(Handlers&& handlers, std::size_t max) {
        return ring_->poll_records(handlers, max).polled;
    }
    template <class Handlers>
    EVPROC_ALWAYS_INLINE poll_result poll(Handlers&& handlers) {
        return poll(handlers, ring_->capacity());
    }

    /// As poll, but waits until there is something to hand out, the processor is closed and drained, or wake(). Without
    /// an event the state is exact: idle, blocked or closed.
    template <class Handlers>
    poll_result poll_wait(Handlers&& handlers) {
        return poll_waiting(handlers, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As poll_wait, or until `stop` requests a stop.
    template <class Handlers>
    poll_result poll_wait(std::stop_token stop, Handlers&& handlers) {
        return poll_waiting(handlers, detail::no_deadline, stop);
    }
#endif
    /// As poll_wait, for at most `d`.
    template <class Rep, class Period, class Handlers>
    poll_result poll_for(std::chrono::duration<Rep, Period> d, Handlers&& handlers) {
        return poll_waiting(handlers, detail::deadline_after(d), detail::never_stops{});
    }
    /// As poll_wait, until `t` of any clock.
    template <class Clock, class Duration, class Handlers>
    poll_result poll_until(std::chrono::time_point<Clock, Duration> t, Handlers&& handlers) {
        return poll_waiting(handlers, detail::deadline_at(t), detail::never_stops{});
    }

    /// What stands at the front: more (a record is ready), idle, blocked (reserved and not committed), closed (and drained).
    /// Exact at that moment. It reads the producers' cache line.
    [[nodiscard]] poll_state state() const noexcept { return ring_->state(); }

    /// Waits until something is ready for poll to take; nothing is consumed. False: the processor is closed and drained, or
    /// wake().
    bool wait() { return await(detail::no_deadline, detail::never_stops{}); }
#if EVPROC_HAS_STOP_TOKEN
    /// As wait(), or until a stop is requested.
    bool wait(std::stop_token stop) { return await(detail::no_deadline, stop); }
#endif
    /// As wait(), for at most `d`.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> d) {
        return await(detail::deadline_after(d), detail::never_stops{});
    }
    /// As wait(), until `t` of any clock.
    template <class Clock, class Duration>
    bool wait_until(std::chrono::time_point<Clock, Duration> t) {
        return await(detail::deadline_at(t), detail::never_stops{});
    }

    /// Polls until the processor is closed and drained (errc::closed), or a handler returns event_action::stop
    /// (errc::stopped). If a handler throws: closes the processor, wakes the producers, and lets the exception out.
    template <class Handlers>
    run_result run(Handlers&& handlers) {
        return run_until_stopped(detail::never_stops{}, handlers);
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As run(handlers), or until `stop` requests a stop (errc::stopped); records that are ready then are left in the ring.
    template <class Handlers>
    run_result run(std::stop_token stop, Handlers&& handlers) {
        return run_until_stopped(stop, handlers);
    }
#if EVPROC_EXCEPTIONS
    /// As run(stop, handlers); if a handler throws, `on_error(std::exception_ptr, E&, event_info const&)` decides, an
    /// overload set too.
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

    /// Makes a waiting consumer return; if none waits, its next wait returns at once. Any thread.
    void wake() noexcept { ring_->wake(); }

    // ---- consumer in an event loop, where the wait strategy can (eventfd_wait): as in event_processor ----

    [[nodiscard]] auto native_handle()
        requires armable_wait<Wait>
    {
        return consumer_wait().native_handle();
    }
    [[nodiscard]] bool arm()
        requires armable_wait<Wait>
    {
        return ring_->arm();
    }
    void disarm() noexcept
        requires armable_wait<Wait>
    {
        ring_->disarm();
    }

    // ---- any thread ----

    /// Counts of records since construction (max_depth: bytes). Looks at every slot in use; costs the hot path nothing.
    [[nodiscard]] processor_stats stats() const noexcept { return ring_->stats(); }

    /// Whether the consumer's next record is reserved and not committed; its sequence, and for how long somebody has found it
    /// so: a waiting consumer, or an earlier call.
    [[nodiscard]] stall_info oldest_uncommitted() const noexcept { return ring_->oldest_uncommitted(); }

    // ---- hints: any thread, stale at once ----

    /// Number of bytes in use.
    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_->size_approx() * unit_size; }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }
    /// Number of bytes for records; headers and what rounding up takes are part of it.
    [[nodiscard]] static constexpr std::size_t capacity() noexcept
        requires(Bytes != std::dynamic_extent)
    {
        return Bytes;
    }
    [[nodiscard]] std::size_t capacity() const noexcept
        requires(Bytes == std::dynamic_extent)
    {
        return ring_->capacity() * unit_size;
    }
    /// The longest tail that a record of type E may have; a longer one is errc::too_large.
    template <class E>
    [[nodiscard]] std::size_t max_tail() const noexcept {
        std::size_t const room = ring_->core().view().max_batch() * unit_size;
        return room < record_size<E>() ? 0 : room - types::template tail_at<E>;
    }

    /// The object that the consumer waits on. For wait strategies that offer more than waiting.
    [[nodiscard]] Wait& consumer_wait() noexcept { return ring_->consumer_wait(); }

private:
    /// \cond Doxygen finds no class for the friend
    friend struct detail::test_access;
    record_processor(detail::position first, std::size_t slots) : ring_{std::make_unique<ring_type>(first, slots)} {}
    /// \endcond
    template <class E>
    [[nodiscard]] static constexpr std::size_t units(std::size_t tail) noexcept {
        static_assert(types::template contains<E>, "evproc: this type is not among the one_of<...> of the record_processor");
        return types::template units<E>(tail);
    }

    template <class E, class Stop>
    EVPROC_ALWAYS_INLINE reserved_record<E> reserve_waiting(std::size_t tail, wait_deadline until, Stop const& stop) {
        return {*ring_, ring_->reserve(units<E>(tail), until, stop), tail};
    }
    template <class E, class... Args>
    EVPROC_ALWAYS_INLINE static errc build(reserved_record<E> record, Args&&... args) noexcept(is_nothrow<E, Args...>) {
        if (!record) [[unlikely]] return record.error();
        record.emplace(std::forward<Args>(args)...);
        return record.commit();
    }

    template <class Stop>
    bool await(wait_deadline until, Stop const& stop) {
        return ring_->await(until, stop) == detail::wake_reason::ready;
    }
    template <class Handlers, class Stop>
    poll_result poll_waiting(Handlers& handlers, wait_deadline until, Stop const& stop) {
        return detail::poll_waiting(*ring_, [&] { return ring_->poll_records(handlers, ring_->capacity()); }, until, stop);
    }
    template <class Stop, class Handlers>
    run_result run_until_stopped(Stop const& stop, Handlers& handlers) {
        return detail::run_until_stopped(*ring_, [&] { return ring_->poll_records(handlers, ring_->capacity()); }, stop);
    }

    std::unique_ptr<ring_type> ring_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc
