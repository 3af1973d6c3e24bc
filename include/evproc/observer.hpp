// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>

namespace evproc::inline EVPROC_ABI {

enum class wait_side {
    producer,  ///< a thread that waits for space, or in flush(): for the consumer
    consumer,  ///< the consumer waits for events
};

/// Observes nothing: the base of every observer, the last template argument, which hides the hooks it wants. All are noexcept.
/// Called after the step, on its thread: on_batch and on_stall on the consumer's, the others on several at a time. Hooks may
/// only use stats(), oldest_uncommitted() and the hints of their processor. An empty hook costs nothing.
struct no_observer {
    /// Fewer than n slots are free: a producer is refused, or is about to wait. Once a verb.
    void on_full(std::size_t) noexcept {}
    /// n slots from `sequence` on were given up.
    void on_discard(std::uint64_t, std::size_t) noexcept {}
    /// n events were consumed in one go, from `sequence` on. Once a poll that consumed something, also if it throws, and a release.
    void on_batch(std::uint64_t, std::size_t) noexcept {}
    /// A waiting consumer stands before this sequence, which is not committed. Once a sequence.
    void on_stall(std::uint64_t) noexcept {}
    /// A thread is about to wait. What this returns, if anything, lives as long as the wait.
    void on_wait(wait_side) noexcept {}
};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <class O>
concept has_noexcept_hooks = requires(O& o, std::size_t n, std::uint64_t at, wait_side side) {
    { o.on_full(n) } noexcept;
    { o.on_discard(at, n) } noexcept;
    { o.on_batch(at, n) } noexcept;
    { o.on_stall(at) } noexcept;
    { o.on_wait(side) } noexcept;
    requires std::is_void_v<decltype(o.on_wait(side))> || std::is_nothrow_destructible_v<decltype(o.on_wait(side))>;
};

/// Calls on_wait; what it returns lives as long as the result.
template <class O> EVPROC_ALWAYS_INLINE auto tell_of_wait(O& observer, wait_side side) noexcept {
    if constexpr (std::is_void_v<decltype(observer.on_wait(side))>) {
        observer.on_wait(side);
        return nullptr;
    } else {
        return observer.on_wait(side);
    }
}

/// Calls on_batch for what is consumed while this lives, however that ends.
template <class Consumer, class Observer> class batch_watch {
public:
    EVPROC_ALWAYS_INLINE batch_watch(Consumer const& consumer, Observer& observer) noexcept
        : consumer_{consumer}, observer_{observer} {}
    EVPROC_ALWAYS_INLINE ~batch_watch() {
        std::uint64_t const events = (consumer_.cursor().at - at_) - (consumer_.cursor().discarded - discarded_);
        if (events != 0) observer_.on_batch(at_, static_cast<std::size_t>(events));
    }
    batch_watch(batch_watch const&) = delete;

private:
    Consumer const& consumer_;
    Observer& observer_;
    std::uint64_t const at_ = consumer_.cursor().at;
    std::uint64_t const discarded_ = consumer_.cursor().discarded;
};

}  // namespace evproc::detail::inline EVPROC_ABI
