// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What the tests of waiting share.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <type_traits>

#include <evproc/evproc.hpp>

#include "catch.hpp"
#include "scale.hpp"
#include "threads.hpp"

namespace evproc_test {

// The strategies that spin or yield need a whole turn of the scheduler for each hand-over when the machine is busy.
template <class Wait> inline constexpr int rounds = std::is_same_v<Wait, evproc::blocking_wait> ? 2000 : 300;

inline constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};

/// Runs `function` in a thread and tells whether it has ended.
class worker {
public:
    template <class Function>
    explicit worker(Function function)
        : thread_([this, function] {
              begun_ = true;
              function();
              ended_ = true;
          }) {
        await([this] { return begun_.load(); }, "a thread begins");
    }
    ~worker() {
        if (thread_.joinable()) thread_.join();
    }
    bool has_ended() const { return ended_; }
    void join() { thread_.join(); }

private:
    std::atomic<bool> begun_{false};
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

/// What the strategies that never sleep have in common.
template <class Wait> void check_looks_and_never_sleeps() {
    Wait w;
    int looks = 0;
    CHECK(w.wait([&] { return ++looks == 1000; }, (evproc::wait_deadline::max)()));
    CHECK(looks == 1000);
    auto const past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    CHECK(w.wait([] { return true; }, past));
    CHECK_FALSE(w.wait([] { return false; }, past));
    auto const soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
    CHECK_FALSE(w.wait([] { return false; }, soon));
    CHECK(std::chrono::steady_clock::now() >= soon);
    CHECK(w.parks() == 0);
    // The side that it waits for has nothing to write.
    STATIC_REQUIRE(std::is_empty_v<Wait>);
    STATIC_REQUIRE_FALSE(evproc::counting_wait<Wait>);
}

/// A small pseudo-random number for the timing of races.
class dice {
public:
    explicit dice(std::uint32_t seed) : state_(seed * 2654435761U + 1) {}
    std::uint32_t operator()(std::uint32_t below) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return state_ % below;
    }

private:
    std::uint32_t state_;
};

}  // namespace evproc_test
