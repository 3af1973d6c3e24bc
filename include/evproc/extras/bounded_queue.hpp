// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <system_error>
#include <type_traits>
#include <utility>
#include <version>

#include <evproc/detail/config.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_processor.hpp>

#if defined(__cpp_lib_expected)
#include <expected>
#endif

/// \file
/// Not in the umbrella: these are other names for what event_processor offers.

namespace evproc::inline EVPROC_ABI {

/// The proposal's name; its values success, empty, full, closed and busy are errc's.
using conqueue_status = errc;

/// What try_pop() returns: a value, or why there is none. Converts to std::expected, whose names it has, where there is one.
template <class T> class pop_result : std::optional<T> {
public:
    using value_type = T;
    using error_type = conqueue_status;

    explicit pop_result(conqueue_status why) noexcept : status_{why} {}

    using std::optional<T>::has_value;
    using std::optional<T>::operator bool;
    /// `*` and `->` have the precondition has_value(); value() throws std::bad_optional_access if there is none.
    using std::optional<T>::operator*;
    using std::optional<T>::operator->;
    using std::optional<T>::value;
    using std::optional<T>::value_or;
    /// empty, busy or closed; success if there is a value.
    [[nodiscard]] conqueue_status error() const noexcept { return status_; }

#if defined(__cpp_lib_expected)
    operator std::expected<T, conqueue_status>() && {
        if (has_value()) return *std::move(*this);
        return std::unexpected(status_);
    }
#endif

private:
    template <class, class> friend class bounded_queue;

    conqueue_status status_;
};

/// A queue with the names of the C++ concurrent-queue proposal (P0260), on event_processor's ring: any number of threads push,
/// one at a time pops, in one global order. Unlike the proposal: one popping thread; max_elems is a power of two; no allocator,
/// no asynchronous operations. Values are moved in and out. Both sides wait as `Wait` says; push also on the popping thread,
/// where it deadlocks while full. try_push is lock-free; try_pop is wait-free and does not wait for a push in progress (busy).
template <class T, class Wait = adaptive_wait> class bounded_queue {
    static_assert(std::is_move_constructible_v<T>,
                  "evproc: what is popped from a bounded_queue is moved out, so T must be "
                  "move constructible; event_processor handles other types in place");
    // One value a record: the lowest latency, and no spare elements.
    using processor = event_processor<T, std::dynamic_extent, Wait, ring_options{.max_batch = 1}>;

public:
    using value_type = T;

    /// Room for max_elems values, allocated here. Throws std::invalid_argument if it is not a power of two; std::bad_alloc.
    explicit bounded_queue(std::size_t max_elems) : processor_{max_elems} {}

    [[nodiscard]] std::size_t capacity() const noexcept { return processor_.capacity(); }

    /// Ends pushing, and all waits. What is in the queue can still be popped.
    void close() noexcept { processor_.close(); }
    [[nodiscard]] bool is_closed() const noexcept { return processor_.is_closed(); }

    // ---- pushing: any thread. If the value's constructor throws, nothing has been pushed. ----

    /// Pushes, waiting for space. False, with the value untouched, if the queue is closed, also during the wait.
    bool push(T const& value) { return emplace(value); }
    bool push(T&& value) { return emplace(std::move(value)); }
    template <class... Args> bool emplace(Args&&... args) {
        return processor_.publish(std::forward<Args>(args)...) == errc::success;
    }

    /// Pushes if there is space: success, full (never spuriously) or closed. Unless it succeeds the value is untouched.
    conqueue_status try_push(T const& value) { return try_emplace(value); }
    conqueue_status try_push(T&& value) { return try_emplace(std::move(value)); }
    template <class... Args> conqueue_status try_emplace(Args&&... args) {
        return processor_.try_publish(std::forward<Args>(args)...);
    }

    /// The same with the reason in an error_code (the proposal up to its revision 12).
    bool push(T const& value, std::error_code& ec) { return report(processor_.publish(value), ec); }
    bool push(T&& value, std::error_code& ec) { return report(processor_.publish(std::move(value)), ec); }
    bool try_push(T const& value, std::error_code& ec) { return report(processor_.try_publish(value), ec); }
    bool try_push(T&& value, std::error_code& ec) { return report(processor_.try_publish(std::move(value)), ec); }

    // ---- popping: one thread. If the value's move constructor throws, the value is out of the queue and lost. ----

    /// Pops, waiting for a value. Nothing if the queue is closed and everything has been popped.
    std::optional<T> pop() {
        std::optional<T> value;
        while (!value && processor_.poll_wait(taker{&value}).state != poll_state::closed) continue;
        return value;
    }

    /// Pops what is there, or says why not: empty; busy, while another thread pushes the next value; closed, and all is popped.
    [[nodiscard]] pop_result<T> try_pop() {
        pop_result<T> popped{conqueue_status::success};
        processor_.poll(taker{&popped}, 1);
        if (!popped) popped.status_ = why_not();
        return popped;
    }

    /// The same with the reason in an error_code (the proposal up to its revision 12).
    std::optional<T> pop(std::error_code& ec) {
        std::optional<T> value = pop();
        report(value ? errc::success : errc::closed, ec);
        return value;
    }
    std::optional<T> try_pop(std::error_code& ec) {
        pop_result<T> popped = try_pop();
        report(popped.error(), ec);
        if (!popped) return std::nullopt;
        return *std::move(popped);
    }

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] std::size_t size_approx() const noexcept { return processor_.size_approx(); }
    [[nodiscard]] processor_stats stats() const noexcept { return processor_.stats(); }
    [[nodiscard]] stall_info oldest_uncommitted() const noexcept { return processor_.oldest_uncommitted(); }

private:
    struct taker {
        std::optional<T>* to;
        event_action operator()(T& value) const {
            to->emplace(std::move(value));
            return event_action::stop;
        }
    };

    static bool report(errc what, std::error_code& ec) noexcept {
        ec = what == errc::success ? std::error_code{} : make_error_code(what);
        return what == errc::success;
    }

    [[nodiscard]] conqueue_status why_not() const noexcept {
        poll_state const state = processor_.state();
        if (state == poll_state::closed) return conqueue_status::closed;
        return state == poll_state::blocked ? conqueue_status::busy : conqueue_status::empty;
    }

    processor processor_;
};

}  // namespace evproc::inline EVPROC_ABI
