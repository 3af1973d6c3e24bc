// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "harness.hpp"

#include "machine.hpp"

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace bench {

std::vector<queue_entry>& queues() {
    static std::vector<queue_entry> list;
    return list;
}

std::string& running() {
    static std::string name;
    return name;
}

void spin_then_yield::operator()() noexcept {
    if (looks_ < quick_looks_) {
        ++looks_;
        if (pausing_) {
            pause_cpu();
        }
        return;
    }
    yield();
}

void spin_then_yield::yield() noexcept {
    ++looks_;
    std::this_thread::yield();
    if (looks_ % 4096 != 0) {
        return;
    }
    auto const half_minute = static_cast<std::uint64_t>(30e9 / nanoseconds_per_tick());
    if (looks_ < 2 * 4096 || gives_up_at_ == 0) {
        gives_up_at_ = ticks() + half_minute;
    } else if (ticks() > gives_up_at_) {
        std::fprintf(stderr, "%s made no progress for half a minute, giving up\n", running().c_str());
        std::_Exit(3);
    }
}

}  // namespace bench
