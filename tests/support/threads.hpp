// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Helpers for tests with threads. Catch2's assertions are not thread-safe: threads only record, the test's own thread
// asserts.
#pragma once

#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace evproc_test {

using namespace std::chrono_literals;

/// Processor time this thread has used.
inline std::chrono::nanoseconds thread_cpu_time() {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

/// Waits for `condition` by sleeping; aborts with a sentence when it has not come true after a minute or so, because a
/// hung test says less than a dead one.
template <class Condition> void await(Condition condition, char const* what) {
    auto const give_up = std::chrono::steady_clock::now() + 120s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > give_up) {
            std::fprintf(stderr, "test: waited two minutes in vain until %s\n", what);
            std::abort();
        }
        std::this_thread::sleep_for(200us);
    }
}

/// Long enough for another thread to have gone to sleep in the library in nearly every run. No verdict may depend on
/// it: a test that uses it must hold also when the other thread got nowhere meanwhile.
inline void let_it_park() { std::this_thread::sleep_for(20ms); }

/// Lets some nanoseconds a turn pass, so that a race starts at ever other moments.
inline void idle_turns(std::uint32_t turns) {
    for (std::uint32_t i = 0; i < turns; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace evproc_test
