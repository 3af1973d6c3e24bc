// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How does a loop that may not wait, a game's or a user interface's, take events? At most so many in a frame,
// so that a burst costs several frames a little and not one frame its deadline; what is left comes in the
// next frame, in order.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <thread>

#include <evproc/event_processor.hpp>

namespace {

struct input {
    std::uint32_t number;
    std::int32_t dx;
};

constexpr std::size_t most_per_frame = 16;
constexpr std::uint32_t inputs = 500;

}  // namespace

int main() {
    evproc::event_processor<input, 1024> queue;

    // Input comes in bursts, from a thread that may not wait either: with the ring full it would drop the
    // event.
    std::uint32_t dropped = 0;
    std::jthread device([&] {
        for (std::uint32_t n = 0; n != inputs; ++n) {
            if (queue.try_publish(input{n, n % 2 == 0 ? 3 : -1}) != evproc::errc::success) {
                ++dropped;
            }
            if (n % 100 == 99) {
                std::this_thread::sleep_for(std::chrono::milliseconds(3));
            }
        }
        queue.close();
    });

    std::int64_t x = 0;
    std::uint32_t next = 0;
    bool in_order = true;
    std::size_t busiest = 0;
    std::uint64_t frames = 0;
    std::uint64_t frames_with_more = 0;
    auto frame_time = std::chrono::steady_clock::now();
    for (;;) {
        ++frames;
        auto const polled = queue.poll(
            [&](input const& event) {
                in_order &= event.number == next++;
                x += event.dx;
            },
            most_per_frame);  // never waits, whatever the producers do
        busiest = std::max(busiest, polled.events);
        frames_with_more += polled.state == evproc::poll_state::more ? 1 : 0;
        if (polled.state == evproc::poll_state::closed) {
            break;
        }
        // ... simulate and draw ...
        frame_time += std::chrono::milliseconds(1);
        std::this_thread::sleep_until(frame_time);
    }
    device.join();

    std::printf("%u inputs of %u handled in order: %s, x = %lld, dropped: %u\n", next, inputs, in_order ? "yes" : "NO",
                static_cast<long long>(x), dropped);
    std::printf("no frame took more than %zu: %s\n", most_per_frame, busiest <= most_per_frame ? "yes" : "NO");
    std::fprintf(stderr, "%llu frames, %llu of them left something for the next\n",
                 static_cast<unsigned long long>(frames), static_cast<unsigned long long>(frames_with_more));
    return in_order && next == inputs && busiest <= most_per_frame && dropped == 0 ? 0 : 1;
}
