// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT

// How does an urgent message overtake a flood? A level for each urgency, and one consumer.

#include <cstdio>
#include <thread>

#include <evproc/priority_processor.hpp>

namespace {

enum level : std::size_t { control, data };

struct message {
    level urgency;
    int number;
};

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

    // The same with threads: nothing is lost on either level.
    evproc::priority_processor<message, 2, 256> busy;
    std::jthread flood([&] {
        for (int n = 0; n < 100000; ++n) {
            busy.publish(data, data, n);
        }
        busy.level(data).close();
    });
    std::jthread operators([&] {
        for (int n = 0; n < 100; ++n) {
            busy.publish(control, control, n);
        }
        busy.level(control).close();
    });
    int handled[2] = {0, 0};
    busy.run([&](message const& m) { ++handled[m.urgency]; });
    std::printf("handled: %d control, %d data\n", handled[control], handled[data]);
    return handled[control] == 100 && handled[data] == 100000 && before_first == 0 && before_second <= 16 ? 0 : 1;
}
