// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <evproc/detail/platform/atomic.hpp>

namespace evproc::detail {

// A small tree that the lint accepts; tests/lint/selftest.sh breaks it, one rule at a time.
//   E1  put -> take: if the acquire in take() reads what the release in put() stored, then take() sees the value.
//   E2  park -> notify: of two threads that store, fence and load, one sees the other's store.
//   X1  the claim orders nothing: E1 carries the value.
class mpsc_ring {
public:
    void put(int value) {
        std::uint64_t expected = 0;
        // X1 relaxed, E1 acquire: on success the claim orders nothing; on failure the other's value is read.
        while (!claim_.compare_exchange_weak(expected, 1, std::memory_order_relaxed, std::memory_order_acquire)) {
        }
        value_ = value;
        // E1 release: publishes the value to take().
        word_.store(1, std::memory_order_release);
    }

    int take() {
        // E1 acquire: sees the value that put() wrote.
        return word_.load(std::memory_order_acquire) == 1 ? value_ : 0;
    }

    template <class Fence>
    void park(Fence const& fence) {
        fence.heavy();  // E2
    }

    template <class Fence>
    void notify(Fence const& fence) {
        fence.light();  // E2
    }

private:
    atomic<std::uint64_t> claim_{0};
    atomic<std::uint64_t> word_{0};
    int value_ = 0;
};

}  // namespace evproc::detail
