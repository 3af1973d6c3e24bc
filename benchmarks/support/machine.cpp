// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "machine.hpp"

#include "summary.hpp"

#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <thread>
#include <utility>

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>
#endif

namespace bench {

namespace {

std::vector<int> allowed_cpus() {
    std::vector<int> found;
#if defined(__linux__)
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        for (int cpu = 0; cpu != CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) {
                found.push_back(cpu);
            }
        }
    }
#endif
    return found;
}

std::vector<int>& chosen_cpus() {
    static std::vector<int> list = allowed_cpus();
    return list;
}

}  // namespace

std::vector<int> const& cpus() { return chosen_cpus(); }

void set_cpus(std::vector<int> chosen) { chosen_cpus() = std::move(chosen); }

void take_place(std::size_t place, std::size_t threads) {
    if (threads > cpus().size()) {
        return;
    }
#if defined(__linux__)
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(cpus()[place]), &set);
    static_cast<void>(pthread_setaffinity_np(pthread_self(), sizeof set, &set));
#else
    static_cast<void>(place);
#endif
}

namespace {

long times_preempted() noexcept {
#if defined(__linux__)
    rusage used{};
    getrusage(RUSAGE_THREAD, &used);
    return used.ru_nivcsw;
#else
    return 0;
#endif
}

double thread_cpu_ns() noexcept {
#if defined(__linux__)
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
#else
    return 0;
#endif
}

}  // namespace

disturbance::disturbance() noexcept : begin_{ticks()}, cpu_ns_{thread_cpu_ns()}, preempted_{times_preempted()} {}

bool disturbance::noticeable() const noexcept {
    constexpr long harmless = 3;
    constexpr double noticeable_share = 0.03;
    double const elapsed = static_cast<double>(ticks() - begin_) * nanoseconds_per_tick();
    double const lost = elapsed - (thread_cpu_ns() - cpu_ns_);
    return times_preempted() - preempted_ > harmless && lost > noticeable_share * elapsed;
}

double nanoseconds_per_tick() {
    static double const scale = [] {
        using clock = std::chrono::steady_clock;
        auto const start = clock::now();
        std::uint64_t const first = ticks();
        while (clock::now() - start < std::chrono::milliseconds{20}) {
        }
        std::uint64_t const last = ticks();
        std::chrono::duration<double, std::nano> const elapsed = clock::now() - start;
        return elapsed.count() / static_cast<double>(last - first);
    }();
    return scale;
}

double line_round_trip_ns() {
    constexpr std::uint32_t trips = 200;
    constexpr std::uint32_t most_blocks = 11;
    constexpr std::uint32_t over = ~std::uint32_t{0};
    constexpr double most_ns = 20e6;  // on a machine where others hold the CPUs
    double const scale = nanoseconds_per_tick();
    struct alignas(128) line {
        std::atomic<std::uint32_t> word{0};
    };
    line ball;
    std::vector<double> block_ns;
    auto const await_other_than = [&ball](std::uint32_t old) {
        for (unsigned looks = 1;; ++looks) {
            std::uint32_t const seen = ball.word.load(std::memory_order_acquire);
            if (seen != old) {
                return seen;
            }
            if (looks % 1024 == 0) {
                std::this_thread::yield();
            }
        }
    };
    // Odd numbers fly one way, even ones back.
    std::thread other{[&] {
        take_place(1, 2);
        std::uint32_t seen = 0;
        while ((seen = await_other_than(seen)) != over) {
            ball.word.store(++seen, std::memory_order_release);
        }
    }};
    std::thread one{[&] {
        take_place(0, 2);
        std::uint32_t sent = 1;
        std::uint64_t const begin = ticks();
        auto const elapsed_ns = [scale](std::uint64_t since) { return static_cast<double>(ticks() - since) * scale; };
        while (block_ns.size() != most_blocks && (block_ns.empty() || elapsed_ns(begin) < most_ns)) {
            std::uint64_t const block_begin = ticks();
            std::uint32_t made = 0;
            do {
                ball.word.store(sent, std::memory_order_release);
                sent = await_other_than(sent) + 1;
            } while (++made != trips && (made % 16 != 0 || elapsed_ns(begin) < most_ns));
            block_ns.push_back(elapsed_ns(block_begin) / made);
        }
        ball.word.store(over, std::memory_order_release);
    }};
    one.join();
    other.join();
    return median(std::move(block_ns));
}

// The name alone may hide the kind: virtual machines have names such as "Intel(R) Xeon(R) Processor".
std::string cpu_model() {
    std::ifstream info{"/proc/cpuinfo"};
    std::map<std::string, std::string> values;
    for (std::string line; std::getline(info, line) && !line.empty();) {
        auto const colon = line.find(": ");
        auto const tab = line.find('\t');
        if (colon != std::string::npos && tab != std::string::npos) {
            values[line.substr(0, tab)] = line.substr(colon + 2);
        }
    }
    if (values["model name"].empty()) {
        return "unknown CPU";
    }
    return values["model name"] + " (family " + values["cpu family"] + ", model " + values["model"] + ")";
}

std::string compiler() {
#if defined(__clang__)
    return "clang++ " __clang_version__;
#elif defined(__GNUC__)
    return "g++ " __VERSION__;
#else
    return "unknown compiler";
#endif
}

}  // namespace bench
