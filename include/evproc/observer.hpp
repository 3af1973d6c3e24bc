// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <evproc/detail/config.hpp>

namespace evproc {
inline namespace EVPROC_ABI {

enum class wait_side {
    producer,  ///< a thread that waits for room, or in flush(): for the consumer
    consumer,  ///< the consumer waits for events
};

/// Observes nothing. An observer, the last template argument, has any of these noexcept members; a missing one costs nothing:
///
///     void on_full(std::size_t n)                             // fewer than n slots are free: a producer is refused, or waits
///     void on_discard(std::uint64_t sequence, std::size_t n)  // n slots from `sequence` on were given up
///     void on_batch(std::uint64_t sequence, std::size_t n)    // n events were consumed in one go, from `sequence` on
///     void on_stall(std::uint64_t sequence)                   // the consumer stands before this slot, which is not committed
///     auto on_wait(wait_side side)                            // a thread is about to wait; the result lives as long
/// Called after the step, on its thread: on_batch and on_stall on the consumer's, the others on several at a time. on_full:
/// once a verb; on_batch: once a poll that consumed something (also if it throws) and a release; on_stall: once a sequence,
/// when waiting. Hooks may only use stats(), oldest_uncommitted() and the hints of their processor.
struct no_observer {};

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc::detail {
inline namespace EVPROC_ABI {

template <class O>
concept sees_full = requires(O& o, std::size_t n) { o.on_full(n); };
template <class O>
concept sees_discard = requires(O& o, std::uint64_t at, std::size_t n) { o.on_discard(at, n); };
template <class O>
concept sees_batch = requires(O& o, std::uint64_t at, std::size_t n) { o.on_batch(at, n); };
template <class O>
concept sees_stall = requires(O& o, std::uint64_t at) { o.on_stall(at); };
template <class O>
concept sees_wait = requires(O& o, wait_side side) { o.on_wait(side); };

/// A hook with other parameters would never be called; a name shared with another base is found in neither.
struct hook_names {
    int on_full, on_discard, on_batch, on_stall, on_wait;
};
template <class O> struct with_hook_names : O, hook_names {};

template <class O> struct checked_observer {
    static_assert(std::is_class_v<O> && std::is_nothrow_destructible_v<O>,
                  "evproc: an observer must be a class, whose destructor does not throw");

    static constexpr bool full() {
        if constexpr (sees_full<O>) return noexcept(std::declval<O&>().on_full(std::size_t{}));
        return true;
    }
    static constexpr bool discard() {
        if constexpr (sees_discard<O>) return noexcept(std::declval<O&>().on_discard(std::uint64_t{}, std::size_t{}));
        return true;
    }
    static constexpr bool batch() {
        if constexpr (sees_batch<O>) return noexcept(std::declval<O&>().on_batch(std::uint64_t{}, std::size_t{}));
        return true;
    }
    static constexpr bool stall() {
        if constexpr (sees_stall<O>) return noexcept(std::declval<O&>().on_stall(std::uint64_t{}));
        return true;
    }
    static constexpr bool wait() {
        if constexpr (sees_wait<O>) {
            using zone = decltype(std::declval<O&>().on_wait(wait_side{}));
            return noexcept(std::declval<O&>().on_wait(wait_side{})) &&
                   (std::is_void_v<zone> || std::is_nothrow_destructible_v<zone>);
        }
        return true;
    }
    static constexpr bool understood() {
        if constexpr (std::is_class_v<O> && !std::is_final_v<O>) {
            using both = with_hook_names<O>;
            return (sees_full<O> || requires { &both::on_full; }) &&
                   (sees_discard<O> || requires { &both::on_discard; }) &&
                   (sees_batch<O> || requires { &both::on_batch; }) &&
                   (sees_stall<O> || requires { &both::on_stall; }) && (sees_wait<O> || requires { &both::on_wait; });
        }
        return true;
    }

    static_assert(
        full() && discard() && batch() && stall() && wait(),
        "evproc: an observer's hooks must be noexcept, and so must be the destructor of what on_wait returns");
    static_assert(understood(),
                  "evproc: an observer's hook is there, but cannot be called as evproc/observer.hpp says");
    static constexpr bool value = true;
};

struct nothing {};

template <class O>
EVPROC_ALWAYS_INLINE auto tell_of_wait([[maybe_unused]] O& observer, [[maybe_unused]] wait_side side) noexcept {
    if constexpr (!sees_wait<O>) {
        return nothing{};
    } else if constexpr (std::is_void_v<decltype(observer.on_wait(side))>) {
        observer.on_wait(side);
        return nothing{};
    } else {
        return observer.on_wait(side);
    }
}

/// Calls on_batch, if any, for what is consumed while this lives, however that ends.
template <class Consumer, class Observer, bool = sees_batch<Observer>> class batch_watch {
public:
    EVPROC_ALWAYS_INLINE batch_watch(Consumer const&, Observer&) noexcept {}
};
template <class Consumer, class Observer> class batch_watch<Consumer, Observer, true> {
public:
    batch_watch(Consumer const& consumer, Observer& observer) noexcept
        : consumer_{consumer}, observer_{observer}, at_{consumer.place().at}, discarded_{consumer.place().discarded} {}
    ~batch_watch() {
        std::uint64_t const events = (consumer_.place().at - at_) - (consumer_.place().discarded - discarded_);
        if (events != 0) observer_.on_batch(at_, static_cast<std::size_t>(events));
    }
    batch_watch(batch_watch const&) = delete;
    batch_watch& operator=(batch_watch const&) = delete;

private:
    Consumer const& consumer_;
    Observer& observer_;
    std::uint64_t at_;
    std::uint64_t discarded_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
