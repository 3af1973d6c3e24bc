// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#else
#include <chrono>
#endif

namespace bench {

// ---- threads on CPUs ----

// The CPUs that this process may use, or the ones named in set_cpus().
std::vector<int> const& cpus();
void set_cpus(std::vector<int> chosen);

// Binds the calling thread to the CPU of this place (0: consumer, 1...: producers), but only where every one of
// `threads` gets a CPU of its own; more threads than CPUs are the scheduler's business.
void take_place(std::size_t place, std::size_t threads);

// Tells whether other programs took a noticeable part of the calling thread's time since it was made. (What the
// thread slept by itself does not count.)
class disturbance {
public:
    disturbance() noexcept;
    [[nodiscard]] bool noticeable() const noexcept;

private:
    std::uint64_t begin_;
    double cpu_ns_;
    long preempted_;
};

inline void pause_cpu() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
}

// ---- time in the cheapest unit there is ----

inline std::uint64_t ticks() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    return __rdtsc();
#else
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

// Measured once against the steady clock (takes 20 ms the first time).
double nanoseconds_per_tick();

// ---- the machine's state of the moment ----

// Median nanoseconds that one cache line takes from the consumer's CPU to the first producer's and back.
double line_round_trip_ns();

// ---- what the figures were taken on ----

std::string cpu_model();
std::string compiler();

}  // namespace bench
