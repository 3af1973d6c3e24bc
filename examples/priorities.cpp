// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How does an urgent message overtake a flood? A level for each urgency, and one consumer.

#include <chrono>
#include <cstdio>
#include <thread>

#include <evproc/extras/dwell_histogram.hpp>
#include <evproc/priority_processor.hpp>

namespace {

enum level : std::size_t { control, data };

using clock_type = std::chrono::steady_clock;

struct message {
    level urgency;
    int number;
    clock_type::time_point sent = clock_type::now();
};

void print_latency(char const* name, evproc::dwell_histogram const& latency) {
    auto const us = [&](double p) { return static_cast<double>(latency.percentile(p)) / 1000; };
    std::printf("latency of %s: p50 %.1f us, p99 %.1f us, worst %.1f us\n", name, us(50), us(99), us(100));
}

}  // namespace

int main() {
    // A full data level: the control message finds room all the same, and is not the 1025th to be handled.
    evproc::priority_processor<message, 2, 1024> messages;
    for (int n = 0; n < 1024; ++n) {
        messages.publish(data, data, n);
    }
    std::printf("data is full: %s\n", messages.try_publish(data, data, 1024) == evproc::errc::full ? "yes" : "no");
    messages.publish(control, control, 1);

    int before_first = 0;
    int before_second = 0;
    int controls = 0;
    messages.poll([&](message const& m) {
        if (m.urgency == control) {
            ++controls;
        } else if (controls == 0) {
            ++before_first;
        } else if (controls == 1 && m.number >= 100) {
            ++before_second;
        }
        // In the middle of the flood, something urgent comes up.
        if (m.urgency == data && m.number == 100) {
            messages.publish(control, control, 2);
        }
    });
    std::printf("data handled before the first control message: %d\n", before_first);
    std::printf("data that got ahead of the second: at most 16: %s\n", before_second <= 16 ? "yes" : "no");

    // The same with threads: nothing is lost on either level, and what is urgent does not wait behind the flood.
    evproc::priority_processor<message, 2, 256> busy;
    int flooded = 0;
    std::jthread flood([&] {
        while (!busy.level(control).is_closed()) {
            busy.publish(data, data, flooded++);
        }
        busy.level(data).close();
    });
    std::jthread operators([&] {
        for (int n = 0; n < 100; ++n) {
            std::this_thread::sleep_for(std::chrono::microseconds(100));
            busy.publish(control, control, n);
        }
        busy.level(control).close();
    });
    int handled[2] = {0, 0};
    evproc::dwell_histogram latency[2];
    busy.run([&](message const& m) {
        ++handled[m.urgency];
        auto const now = clock_type::now();
        latency[m.urgency].record(now - m.sent);
        while (clock_type::now() - now < std::chrono::microseconds(1)) {
        }  // work, so that the flood comes faster than it is handled
    });
    flood.join();
    std::printf("handled: %d control, all data: %s\n", handled[control], handled[data] == flooded ? "yes" : "no");
    print_latency("control", latency[control]);
    print_latency("data", latency[data]);
    return handled[control] == 100 && handled[data] == flooded && before_first == 0 && before_second <= 16 ? 0 : 1;
}
