// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/errc.hpp>
#include <evproc/reservation.hpp>
#include <evproc/reserved_batch.hpp>
#include <evproc/reserved_event.hpp>

namespace evproc::inline EVPROC_ABI {

/// The producers' verbs of a processor `Self`, which derives from this and has `ring()`. Any thread; try_ verbs are
/// lock-free. Errors: errc::closed, also if closed during a wait; errc::full (try_ verbs); errc::stopped,
/// errc::timed_out, errc::would_deadlock (waiting verbs; the last in a handler while full); errc::busy
/// (producer_kind::single, one is live); errc::too_large for n > max_batch(), errc::invalid_size for 0.
template <class Self, class Ring> class producer_verbs {
    using value_type = typename Ring::value_type;

    template <class... Args>
    static constexpr bool is_nothrow =
        noexcept(detail::construct(std::declval<value_type*>(), std::declval<Args>()...));

public:
    using reserved_event = evproc::reserved_event<Ring>;
    using reserved_batch = evproc::reserved_batch<Ring>;

    // ---- producers: any thread ----

    /// Reserves a slot, if one is free.
    EVPROC_ALWAYS_INLINE reserved_event try_reserve() noexcept { return {ring(), ring().try_reserve(1)}; }

    /// Reserves a slot, waiting until one is free.
    EVPROC_ALWAYS_INLINE reserved_event reserve() { return {ring(), ring().reserve(1)}; }
    reserved_event reserve(detail::stop_token stop) { return {ring(), ring().reserve(1, detail::no_deadline, stop)}; }
    reserved_event reserve_for(detail::any_duration d) { return {ring(), ring().reserve(1, d.until)}; }
    reserved_event reserve_until(detail::any_time_point t) { return {ring(), ring().reserve(1, t.until)}; }

    /// Reserves n slots, all or none: consecutive in the order and side by side in memory.
    EVPROC_ALWAYS_INLINE reserved_batch try_reserve_batch(std::size_t n) noexcept {
        return {ring(), ring().try_reserve(n)};
    }
    /// Reserves as many of n slots as are free, at least one and at most max_batch(); the batch's capacity() tells.
    reserved_batch try_reserve_batch_up_to(std::size_t n) noexcept { return {ring(), ring().try_reserve_up_to(n)}; }
    /// As try_reserve_batch, waiting until n slots are free.
    EVPROC_ALWAYS_INLINE reserved_batch reserve_batch(std::size_t n) { return {ring(), ring().reserve(n)}; }
    reserved_batch reserve_batch(detail::stop_token stop, std::size_t n) {
        return {ring(), ring().reserve(n, detail::no_deadline, stop)};
    }
    reserved_batch reserve_batch_for(detail::any_duration d, std::size_t n) {
        return {ring(), ring().reserve(n, d.until)};
    }
    reserved_batch reserve_batch_until(detail::any_time_point t, std::size_t n) {
        return {ring(), ring().reserve(n, t.until)};
    }

    /// Reserves, builds Event(args...) and commits; publish() waits. If the constructor throws, the slot is discarded.
    template <class... Args> EVPROC_ALWAYS_INLINE errc try_publish(Args&&... args) noexcept(is_nothrow<Args...>) {
        return build(try_reserve(), std::forward<Args>(args)...);
    }
    template <class... Args> EVPROC_ALWAYS_INLINE errc publish(Args&&... args) {
        return build(reserve(), std::forward<Args>(args)...);
    }

    /// Makes every reserve verb return errc::closed, waiting ones too. What was reserved before may still be committed and is
    /// still consumed; after it poll says `closed`. Idempotent; also from the handler.
    void close() noexcept { ring().close(); }
    [[nodiscard]] bool is_closed() const noexcept { return ring().is_closed(); }

    /// Waits until what was committed before is consumed; sees the handlers' writes. In a handler errc::would_deadlock, if not so.
    errc flush() { return ring().flush(); }
    errc flush_for(detail::any_duration d) { return ring().flush(d.until); }

protected:
    producer_verbs() = default;
    ~producer_verbs() = default;

private:
    [[nodiscard]] EVPROC_ALWAYS_INLINE Ring& ring() const noexcept { return static_cast<Self const&>(*this).ring(); }

    template <class... Args>
    EVPROC_ALWAYS_INLINE static errc build(reserved_event event, Args&&... args) noexcept(is_nothrow<Args...>) {
        if (!event) [[unlikely]]
            return event.error();
        event.emplace(std::forward<Args>(args)...);
        return event.commit();
    }
};

}  // namespace evproc::inline EVPROC_ABI
