// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <utility>

#include <evproc/detail/config.hpp>
#include <evproc/detail/follower.hpp>
#include <evproc/detail/producers.hpp>
#include <evproc/detail/sequence.hpp>
#include <evproc/detail/stage_gate.hpp>
#include <evproc/event_info.hpp>
#include <evproc/observer.hpp>
#include <evproc/ring_options.hpp>

namespace evproc::detail::inline EVPROC_ABI {

template <class Follower, std::size_t Size> struct stage {
    template <class Ring>
    stage(Ring& ring, std::size_t capacity, position first)
        : stage{ring, capacity, first, std::make_index_sequence<Size>{}} {}

    template <class Ring, std::size_t... I>
    stage(Ring& ring, std::size_t capacity, position first, std::index_sequence<I...>)
        : followers{{Follower{ring, I, capacity, first}...}} {}

    std::array<Follower, Size> followers;
};

template <class T, std::size_t N, class Wait, ring_options Options, class Indices, std::size_t... Consumers>
class broadcast_ring;

/// A ring that several consumers follow in stages, `Consumers...` in each; behind broadcast_processor. Waits: for_consumer_:
/// consumers of the first stage, or behind left stages; stage_waits_: those of later stages; for_producers_: producers and
/// flush(), for the last stage.
template <class T, std::size_t N, class Wait, ring_options Options, std::size_t... Stage, std::size_t... Consumers>
class broadcast_ring<T, N, Wait, Options, std::index_sequence<Stage...>, Consumers...>
    : public producers<T, N, Wait, Options, no_observer, stage_gate<Consumers...>> {
    using base = producers<T, N, Wait, Options, no_observer, stage_gate<Consumers...>>;

public:
    using core_type = typename base::core_type;
    using gate_type = stage_gate<Consumers...>;
    template <std::size_t S> using follower_type = follower<broadcast_ring, core_type, Options.pacing, S>;

    broadcast_ring(position first, std::size_t capacity, std::nullptr_t)
        : base{first, capacity, nullptr}, stages_{*this, capacity, first} {}

    template <std::size_t S> [[nodiscard]] follower_type<S>& consumer(std::size_t i) noexcept {
        return static_cast<stage<follower_type<S>, gate_type::size(S)>&>(stages_).followers[i];
    }

    void close() noexcept {
        base::close();
        for (Wait& wait : stage_waits_) wait.notify();
    }

    [[nodiscard]] processor_stats stats() const noexcept {
        processor_stats s = base::stats();
        for (Wait const& wait : stage_waits_) s.parks += wait.parks();
        return s;
    }

    void destroy_all() noexcept {
        auto& gate = this->core_.gate();
        [[maybe_unused]] position const at = gate.consumed();
        [[maybe_unused]] auto const left = this->core_.count(at, gate.partial_end());
        EVPROC_CHECK(left.committed + left.discarded == this->core_.claimed_approx() - at,
                     "a broadcast_processor was destroyed while a reserved_event or reserved_batch was live");
        consumer<gate_type::stage_count - 1>(0).destroy_all();
    }

    /// Where the steps of stage `followed - 1` are waited for; 0: those of the producers.
    [[nodiscard]] Wait& wait_for(std::size_t followed) noexcept {
        return followed == 0 ? this->for_consumer_ : stage_waits_[followed - 1];
    }
    template <std::size_t S> EVPROC_ALWAYS_INLINE void notify_behind() noexcept {
        if constexpr (!gate_type::is_last(S)) {
            stage_waits_[S].notify();
            if (!this->core_.gate().frees_space(S)) [[likely]]
                return;
        }
        this->for_producers_.notify();
    }
    [[nodiscard]] bool is_closing() const noexcept { return this->signals_.closed(); }

    EVPROC_COLD void note_stall(read_cursor const& c) noexcept {
        if (this->core_.claimed_approx() != c.at && !this->core_.is_ready(c))
            static_cast<void>(this->stall_.note(c.at));
    }
    void note_depth(std::size_t depth) noexcept { this->statistics_.note_depth(depth); }
    void note_depth() noexcept {
        if (Options.statistics && this->statistics_.max_depth() < this->core_.view().capacity())
            note_depth(this->size_approx());
    }

private:
    struct all_stages : stage<follower_type<Stage>, Consumers>... {
        all_stages(broadcast_ring& ring, std::size_t capacity, position first)
            : stage<follower_type<Stage>, Consumers>{ring, capacity, first}... {}
    };

    std::array<Wait, sizeof...(Consumers) - 1> stage_waits_;  ///< [s]: for stage s
    all_stages stages_;
};

}  // namespace evproc::detail::inline EVPROC_ABI
