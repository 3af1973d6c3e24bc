// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer_scope.hpp>
#include <evproc/detail/cursor.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// How far one consumer has come, and on which thread. One writer, any number of readers. Wait-free.
///   E2  publish -> consumed: the reader sees the consumer's last reads and destructions, and the partial_end_ with it.
///   X3  everywhere below: hints promise a recent value, statistics carry no data; E2 carries partial_end_ where it matters.
class consumer_position {
public:
    explicit consumer_position(position first) noexcept : consumed_{first} {}

    [[nodiscard]] consuming_thread& thread() noexcept { return thread_; }

    EVPROC_ALWAYS_INLINE void publish(cursor const& c) noexcept {
        if (c.is_in_record()) [[unlikely]] {
            partial_end_.store(c.end, std::memory_order_relaxed);
        }
        if (c.discarded != discarded_.load(std::memory_order_relaxed)) [[unlikely]] {
            discarded_.store(c.discarded, std::memory_order_relaxed);
        }
        // E2 release: reads and destructions of everything before it happen before its next use.
        consumed_.store(c.at, std::memory_order_release);
    }

    [[nodiscard]] bool is_consuming_here() const noexcept { return thread_.is_this(); }

    /// Everything before this is consumed, and the consumer's work on it is visible.
    [[nodiscard]] position consumed() const noexcept {
        // E2 acquire: the consumer's work on everything before this position.
        return consumed_.load(std::memory_order_acquire);
    }

    [[nodiscard]] static constexpr bool is_abandoned() noexcept { return false; }

    [[nodiscard]] EVPROC_ALWAYS_INLINE position consumed_approx() const noexcept {
        return consumed_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t discarded_approx() const noexcept { return discarded_.load(std::memory_order_relaxed); }
    /// Where the record ends that was last consumed in part.
    [[nodiscard]] position partial_end() const noexcept { return partial_end_.load(std::memory_order_relaxed); }

private:
    alignas(false_sharing_range) atomic<position> consumed_;
    atomic<position> partial_end_{0};
    atomic<std::uint64_t> discarded_{0};
    consuming_thread thread_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
