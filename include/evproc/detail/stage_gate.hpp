// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <utility>

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer_position.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail::inline EVPROC_ABI {

/// The positions of several consumers in stages, `Consumers...` in each: the gate of a ring that all of them follow. A
/// consumer follows the slowest of the nearest earlier stage that still has consumers; the producers the slowest of the last
/// such stage. A consumer not taken yet stands at position 0; one that left is ignored. When nobody is left to make space, the
/// gate is abandoned and stays where it is. Wait-free, but for leave(), which is lock-free. Variables: positions_, each
/// written by its consumer, read by the next stage or the producers (consumer_position.hpp, E2); present_, a bit for each
/// consumer that counts; taken_, and handles_, the number of those who have not left.
///   E1  leave -> present: a thread that ignores a consumer sees its last reads; later read-modify-writes carry it on.
///   X1  frees_space() only decides whom to notify. A thread that waits because later consumers left was notified by them, or
///       checks after a fence that pairs with the notification before frees_space() (event_count.hpp, E1).
///   X2  taken_ hands out consumers, whose contents precede the processor's publication; handles_ is best effort.
///   X3  the exchange in leave() decides; a leaving consumer reads nothing of the others.
///   X4  is_abandoned() ends a wait, and says nothing of what was consumed.
///   I1  no stage passes the slowest of the stage before, no claim that of the last + capacity (tests/model, "broadcast")
template <std::size_t... Consumers> class stage_gate {
public:
    static constexpr std::size_t stage_count = sizeof...(Consumers);
    static constexpr std::size_t total = (std::size_t{0} + ... + Consumers);
    static_assert(stage_count != 0 && ((Consumers != 0) && ...),
                  "evproc: stages<...> needs at least one stage, and at least one consumer in each");
    static_assert(total < 64, "evproc: a broadcast_processor has at most 63 consumers in all of its stages");

    [[nodiscard]] static constexpr std::size_t size(std::size_t stage) noexcept {
        return std::array<std::size_t, stage_count>{Consumers...}[stage];
    }
    [[nodiscard]] static constexpr std::size_t first_of(std::size_t stage) noexcept {
        std::size_t sum = 0;
        for (std::size_t s = 0; s != stage; ++s) sum += size(s);
        return sum;
    }
    [[nodiscard]] static constexpr bool is_last(std::size_t stage) noexcept { return stage + 1 == stage_count; }

    explicit stage_gate(position first) noexcept : stage_gate{first, std::make_index_sequence<total>{}} {}

    [[nodiscard]] consumer_position& of(std::size_t stage, std::size_t i) noexcept {
        return positions_[first_of(stage) + i];
    }

    [[nodiscard]] bool take(std::size_t stage, std::size_t i) noexcept {
        std::uint64_t const bit = std::uint64_t{1} << (first_of(stage) + i);
        // X2 relaxed: one caller gets it; handles_ is for has_consumers().
        if ((taken_.fetch_or(bit, std::memory_order_relaxed) & bit) != 0) return false;
        handles_.fetch_add(1, std::memory_order_relaxed);
        return true;
    }
    [[nodiscard]] bool has_consumers() const noexcept {
        // X2 relaxed: best effort.
        return handles_.load(std::memory_order_relaxed) != 0;
    }

    /// Ignores this consumer from now on. The last one, or `for_all`, still counts and abandons the gate: true.
    bool leave(std::size_t stage, std::size_t i, bool for_all) noexcept {
        std::uint64_t const bit = std::uint64_t{1} << (first_of(stage) + i);
        // X2 relaxed, X3 relaxed: for has_consumers(); a guess, for the exchange.
        handles_.fetch_sub(1, std::memory_order_relaxed);
        std::uint64_t before = present_.load(std::memory_order_relaxed);
        for (;;) {
            bool const abandoned = for_all || (before & ~bit) == 0;
            std::uint64_t const after = abandoned ? before | abandoned_bit : before & ~bit;
            // E1 release, X3 relaxed: the last reads of this consumer; on failure, a newer guess.
            if (present_.compare_exchange_weak(before, after, std::memory_order_release, std::memory_order_relaxed))
                return abandoned;
        }
    }

    [[nodiscard]] position handled_before(std::size_t stage) const noexcept {
        std::uint64_t const before = present_before(stage);
        return before == 0 ? no_limit : slowest(before).at;
    }
    /// Number of the stage whose steps a consumer has to wait for, plus one; 0: the producers.
    [[nodiscard]] std::size_t followed_by(std::size_t stage) const noexcept {
        std::uint64_t const before = present_before(stage);
        return before == 0 ? 0 : stage_of_last(before) + 1;
    }
    /// Whether the producers may wait for this stage: no later one is left.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool frees_space(std::size_t stage) const noexcept {
        // X1 relaxed: whom to notify.
        return ((present_.load(std::memory_order_relaxed) & all_of_them) >> first_of(stage + 1)) == 0;
    }

    [[nodiscard]] position consumed() const noexcept { return slowest(present()).at; }
    [[nodiscard]] position consumed_approx() const noexcept { return consumed(); }
    [[nodiscard]] std::uint64_t discarded_approx() const noexcept { return slowest(present()).who->discarded_approx(); }
    [[nodiscard]] position partial_end() const noexcept { return slowest(present()).who->partial_end(); }
    [[nodiscard]] bool is_consuming_here() const noexcept {
        for (auto const& p : positions_) {
            if (p.is_consuming_here()) return true;
        }
        return false;
    }
    [[nodiscard]] bool is_abandoned() const noexcept {
        // X4 relaxed: nothing is read on the strength of it.
        return (present_.load(std::memory_order_relaxed) & abandoned_bit) != 0;
    }

private:
    static constexpr std::uint64_t abandoned_bit = std::uint64_t{1} << 63;
    static constexpr std::uint64_t all_of_them = (std::uint64_t{1} << total) - 1;

    template <std::size_t... I>
    stage_gate(position first, std::index_sequence<I...>) noexcept : positions_{{at(first, I)...}} {}
    static consumer_position at(position first, std::size_t) noexcept { return consumer_position{first}; }

    [[nodiscard]] std::uint64_t present() const noexcept {
        // E1 acquire: the last reads of consumers that are ignored.
        return present_.load(std::memory_order_acquire) & all_of_them;
    }
    [[nodiscard]] std::uint64_t present_before(std::size_t stage) const noexcept {
        return present() & ((std::uint64_t{1} << first_of(stage)) - 1);
    }
    [[nodiscard]] static constexpr std::size_t stage_of_last(std::uint64_t consumers) noexcept {
        std::size_t const last = static_cast<std::size_t>(std::bit_width(consumers)) - 1;
        std::size_t stage = 0;
        while (first_of(stage + 1) <= last) ++stage;
        return stage;
    }

    struct candidate {
        position at;
        consumer_position const* who;
    };
    [[nodiscard]] candidate slowest(std::uint64_t consumers) const noexcept {
        candidate result{no_limit, nullptr};
        for (std::size_t i = first_of(stage_of_last(consumers)); (consumers >> i) != 0; ++i) {
            if ((consumers >> i & 1) == 0) continue;
            position const at = positions_[i].consumed();
            if (at < result.at) result = {at, &positions_[i]};
        }
        return result;
    }

    std::array<consumer_position, total> positions_;
    alignas(cache_line_size) atomic<std::uint64_t> present_{all_of_them};
    atomic<std::uint64_t> taken_{0};
    atomic<std::uint32_t> handles_{0};
};

}  // namespace evproc::detail::inline EVPROC_ABI
