// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// A machine of one CPU, made by answering in the C library's place: nobody spins there, since whoever is waited for
// could not run meanwhile.
#include <evproc/event_processor.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/backoff_wait.hpp>

#include <chrono>
#include <thread>

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
