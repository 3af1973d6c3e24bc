// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <type_traits>
#include <utility>

#include <evproc/committed_batch.hpp>
#include <evproc/consumer_verbs.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer.hpp>
#include <evproc/detail/ring.hpp>
#include <evproc/event_info.hpp>

namespace evproc::inline EVPROC_ABI {

struct consumer_stats {
    std::uint64_t consumed = 0;   ///< events consumed by it
    std::uint64_t discarded = 0;  ///< slots it has skipped
    std::uint64_t lag = 0;        ///< as broadcast_consumer::lag()
};

/// One consumer of a broadcast_processor, made by consumer<Stage>(i), with event_processor's consumer verbs. It gets every
/// event in order, once all consumers of the stage before have handled it: alone in its stage as Event&, whose changes later
/// stages see, else as Event const&. Move-only; one thread at a time. Must not outlive the processor. After leave(), and when
/// moved from, it is empty: its verbs find nothing, `closed`. poll and peek are wait-free per event.
template <class Follower> class broadcast_consumer : public consumer_verbs<broadcast_consumer<Follower>, void> {
    using event_type = typename Follower::value_type;

public:
    using committed_batch = evproc::committed_batch<Follower>;
    template <class H> static constexpr bool accepts = detail::handler_of<std::remove_reference_t<H>, event_type&>;

    explicit broadcast_consumer(Follower& follower) noexcept : follower_{&follower} {}
    broadcast_consumer(broadcast_consumer&& other) noexcept : follower_{std::exchange(other.follower_, nullptr)} {}
    broadcast_consumer& operator=(broadcast_consumer&& other) noexcept {
        if (this != &other) {
            leave();
            follower_ = std::exchange(other.follower_, nullptr);
        }
        return *this;
    }
    ~broadcast_consumer() { leave(); }

    explicit operator bool() const noexcept { return follower_ != nullptr; }

    /// Makes nobody wait for this consumer any more; it gets no further event. The last consumer that leaves, and one that
    /// destroys the events, closes the processor, since nobody else makes space. Precondition: not in its own handler, and no
    /// committed_batch of it is live (asserted in checked builds). Idempotent.
    void leave() noexcept {
        if (follower_ != nullptr) std::exchange(follower_, nullptr)->leave();
    }

    /// As event_processor::poll_batches. A later stage's batch is divided where the stage before has not handled the rest.
    template <class Handler> requires detail::handler_of<Handler, std::span<event_type>>
    poll_result poll_batches(Handler&& handler, std::size_t max) {
        return poll_as<detail::delivery::spans>(handler, max).polled;
    }
    template <class Handler> requires detail::handler_of<Handler, std::span<event_type>>
    poll_result poll_batches(Handler&& handler) {
        return poll_batches(handler, capacity());
    }

    /// The ready events, at most `max`, to be read in place. Released when the view is destroyed, or by the next peek.
    committed_batch peek() { return peek(capacity()); }
    committed_batch peek(std::size_t max) {
        if (follower_ == nullptr) return {};
        return {*follower_, max};
    }

    /// As event_processor::state(); `blocked` also if the stage before has not handled the event.
    [[nodiscard]] poll_state state() const noexcept {
        return follower_ != nullptr ? follower_->state() : poll_state::closed;
    }

    // ---- hints: any thread, stale at once ----

    /// Slots reserved that this consumer has not consumed, committed or not; between 0 and the capacity.
    [[nodiscard]] std::size_t lag() const noexcept {
        if (follower_ == nullptr) return 0;
        // Loaded in this order, the difference may be too large but not negative.
        detail::position const at = follower_->published().consumed_approx();
        std::int64_t const behind = detail::distance(follower_->ring().core().claimed_approx(), at);
        return detail::min_of(static_cast<std::size_t>(detail::max_of<std::int64_t>(behind, 0)), capacity());
    }
    [[nodiscard]] consumer_stats stats() const noexcept {
        if (follower_ == nullptr) return {};
        std::uint64_t const skipped = follower_->published().discarded_approx();
        detail::position const at = follower_->published().consumed();
        std::uint64_t const passed = at - follower_->ring().first();
        return {passed - detail::min_of(passed, skipped), skipped, lag()};
    }

private:
    [[nodiscard]] std::size_t capacity() const noexcept {
        return follower_ != nullptr ? follower_->ring().core().view().capacity() : 0;
    }

    template <detail::delivery How, class Handler>
    EVPROC_ALWAYS_INLINE detail::poll_outcome poll_as(Handler& handler, std::size_t max) {
        if (follower_ == nullptr) [[unlikely]]
            return {{0, poll_state::closed}};
        return follower_->template poll<How>(handler, max);
    }

    friend waiting_verbs<broadcast_consumer, void>;
    friend consumer_verbs<broadcast_consumer, void>;
    [[nodiscard]] Follower* source() noexcept { return follower_; }
    [[nodiscard]] std::size_t poll_limit() const noexcept { return capacity(); }
    template <class Handler> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_some(Handler& handler, std::size_t max) {
        return poll_as<detail::delivery::events>(handler, max);
    }

    Follower* follower_;
};

}  // namespace evproc::inline EVPROC_ABI
