// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <chrono>
#include <cstdint>
#include <thread>

#include <evproc/evproc.hpp>

namespace {

struct tick {
    std::uint64_t price;
};

using feed = evproc::event_processor<tick, 65536, evproc::spin_wait>;

/// Sleeps a fixed time between looks: never woken, so nobody ever pays for waking it.
class napping_wait {
public:
    template <class Ready> bool wait(Ready&& ready, evproc::wait_deadline until) {
        while (!ready()) {
            if (std::chrono::steady_clock::now() >= until) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }
};

static_assert(evproc::wait_strategy<napping_wait>);

template <class Processor> void pass_a_hundred() {
    Processor ticks;
    std::jthread const producer([&] {
        for (std::uint64_t n = 1; n <= 100; ++n) {
            ticks.publish(tick{n});
        }
        ticks.close();
    });
    std::uint64_t sum = 0;
    ticks.run([&](tick const& t) { sum += t.price; });
    expect(sum == 5050);
}

}  // namespace

void waiting() {
    if (std::thread::hardware_concurrency() > 1) {
        pass_a_hundred<feed>();
    }
    pass_a_hundred<evproc::event_processor<tick, 64, napping_wait>>();
}
