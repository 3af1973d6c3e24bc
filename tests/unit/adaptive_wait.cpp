// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// A machine of one CPU, made by answering in the C library's place: nobody spins there, since whoever is waited for
// could not run meanwhile.
#include <evproc/event_processor.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/backoff_wait.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sys/sysinfo.h>
#endif

#include "catch.hpp"

using namespace std::chrono_literals;
using evproc::errc;

#if defined(__GLIBC__)
// What libstdc++ asks: an executable's own function goes before a shared library's.
int get_nprocs() noexcept { return 1; }
#endif

TEMPLATE_TEST_CASE("one CPU: the waits do not spin and work all the same", "", evproc::adaptive_wait,
                   evproc::backoff_wait) {
    if (std::thread::hardware_concurrency() != 1) {
        WARN("this C++ library counts the processors in another way: nothing was tried");
        return;
    }
    CHECK(evproc::detail::one_cpu());
    evproc::event_processor<int, 2, TestType> p;
    int sum = 0;
    errc reason = errc::success;
    std::thread consumer([&] { reason = p.run([&](int& v) { sum += v; }).reason; });
    int refused = 0;
    for (int i = 1; i <= 100; ++i) refused += p.publish(i) != errc::success;
    p.close();
    consumer.join();
    CHECK(refused == 0);
    CHECK(reason == errc::closed);
    CHECK(sum == 5050);
    CHECK(p.poll_for(1ms, [](int&) {}).state == evproc::poll_state::closed);
}

namespace {

struct condition {
    std::atomic<bool> over{false};
    int looks = 0;
    std::vector<int> looks_before_sleep;

    bool operator()() noexcept {
        ++looks;
        return over.load();
    }
    void before_sleep() { looks_before_sleep.push_back(looks); }
};

}  // namespace

TEST_CASE("adaptive_wait: after a sleep that brought nothing it stays awake before the next") {
    for (bool const for_one : {false, true}) {
        evproc::adaptive_wait w;
        condition c;
        std::thread waiter(
            [&] { for_one ? w.wait_one(c, evproc::wait_deadline::max()) : w.wait(c, evproc::wait_deadline::max()); });
        for (std::uint64_t sleeps = 1; sleeps != 3; ++sleeps) {
            while (w.parks() != sleeps) std::this_thread::yield();
            c.over = sleeps == 2;
            w.notify();
        }
        waiter.join();
        REQUIRE(c.looks_before_sleep.size() == 2);
        // One look right before the sleep, and at least one while awake.
        CHECK(c.looks_before_sleep[1] - c.looks_before_sleep[0] >= 2);
    }
}
