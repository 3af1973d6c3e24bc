// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/atomic.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// Calls back the one waiter that registered a callback with an event_count and went away. The waiter calls enter(), then
/// registers. The notifier that takes the callback reads address() (event_count::notify) and posts its ticket; the executor
/// redeems it by run(), which resumes the waiter once. leave() voids the ticket. So a waiter may be destroyed at any time
/// before run() begins, and notifiers never touch its memory. Wait-free. Variables: waiter_, written by the waiter, read by
/// run(), plain: read by the thread that redeemed the ticket; executor_ and post_, waiter -> notifiers; ticket_, waiter and
/// run() -> all, 0: nobody waits; last_ticket_, the waiter's own.
///   X1  a void ticket carries nothing.
///   X2  a ticket came through the executor from the notifier that took the callback, with what the waiter did before it
///       registered (event_count.hpp, E2, and the executor's own queue).
///   X3  an address read with a callback that was then taken is of one piece. Not older than the waiter that registered: E2.
///       Not of a later one: that enters after it, or its predecessor's destroyer, learnt of this notification (E3, or by
///       being resumed), so its stores happen after the reads before the taking.
///   I1  a ticket is redeemed at most once, and not after leave() (tests/model, "callback")
class callback_slot {
public:
    struct waiter {
        void (*resume)(waiter&);
    };
    using post_function = void (*)(void* executor, callback_slot& slot, std::uint64_t ticket);

    struct call_address {
        void* executor;
        post_function post;
        std::uint64_t ticket;
    };

    /// The waiter's, as leave(): one at a time.
    std::uint64_t enter(waiter& w, void* executor, post_function post) noexcept {
        EVPROC_CHECK(!has_waiter(), "two coroutines wait for the events of one processor");
        waiter_ = &w;
        // X3 relaxed: handed over by register_callback().
        executor_.store(executor, std::memory_order_relaxed);
        post_.store(post, std::memory_order_relaxed);
        ticket_.store(++last_ticket_, std::memory_order_relaxed);
        return last_ticket_;
    }

    /// Voids the ticket. False: it was redeemed; the waiter is being resumed.
    bool leave(std::uint64_t ticket) noexcept {
        // X1 relaxed: from here on the ticket is void.
        return ticket_.compare_exchange_strong(ticket, 0, std::memory_order_relaxed, std::memory_order_relaxed);
    }

    [[nodiscard]] bool has_waiter() const noexcept {
        // X1 relaxed: the waiter that would be found here is the mistake.
        return ticket_.load(std::memory_order_relaxed) != 0;
    }

    [[nodiscard]] call_address address() const noexcept {
        // X3 relaxed: valid if the callback is taken after it.
        return {executor_.load(std::memory_order_relaxed), post_.load(std::memory_order_relaxed),
                ticket_.load(std::memory_order_relaxed)};
    }

    /// Resumes the waiter, unless the ticket is void.
    void run(std::uint64_t ticket) {
        // X1 relaxed, X2 relaxed: on failure it is void.
        if (ticket_.compare_exchange_strong(ticket, 0, std::memory_order_relaxed, std::memory_order_relaxed))
            waiter_->resume(*waiter_);
    }

private:
    atomic<std::uint64_t> ticket_{0};
    atomic<void*> executor_{nullptr};
    atomic<post_function> post_{nullptr};
    waiter* waiter_ = nullptr;
    std::uint64_t last_ticket_ = 0;
};

}  // namespace evproc::detail::inline EVPROC_ABI
