// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// A processor with every probe in it. usdt.cmake looks for them in the executable, and lets gdb stop at them.
#include <evproc/extras/usdt.hpp>

#include <chrono>
#include <cstdio>

#include <evproc/event_processor.hpp>

int main() {
    using namespace std::chrono_literals;
    evproc::event_processor<int, 2, evproc::adaptive_wait, evproc::ring_options{}, evproc::usdt_observer> orders{
        evproc::usdt_observer{"orders"}};
    int consumed = 0;
    auto const count = [&](int) { ++consumed; };
    orders.publish(1);                                                            // 0
    orders.try_reserve().discard();                                               // 1: discard
    bool ok = orders.try_publish(2) == evproc::errc::full;                        // full
    ok = ok && orders.reserve_for(1us).error() == evproc::errc::timed_out;        // full, a producer's wait
    ok = ok && orders.poll(count).events == 1;                                    // batch from 0
    auto stalled = orders.reserve();                                              // 2
    ok = ok && orders.poll_for(1us, count).state == evproc::poll_state::blocked;  // stall at 2, the consumer's wait
    *stalled = 3;
    ok = ok && stalled.commit() == evproc::errc::success && orders.poll(count).events == 1;
    std::printf("%d consumed\n", consumed);
    return ok && consumed == 2 ? 0 : 1;
}
