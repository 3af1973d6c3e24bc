// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#include <cstdio>
#include <sstream>
#include <string>
#include <thread>

import evproc;

int main() {
    evproc::event_processor<std::string, 8> lines;
    std::thread producer([&] {
        for (int i = 0; i < 100; ++i) lines.publish(std::to_string(i));
        lines.close();
    });
    unsigned long sum = 0;
    auto const ended =
        lines.run([&](std::string& line, evproc::event_info const& info) { sum += line.size() + info.sequence; });
    producer.join();
    evproc::lane_processor<int, 8> lanes{2};
    bool const published = lanes.producer().publish(7) == evproc::errc::success;
    int got = 0;
    lanes.poll([&](int value) { got = value; });
    std::ostringstream text;
    text << ended.reason;
    bool const ok = sum == 190 + 4950 && published && got == 7 && text.str() == "closed";
    auto const v = evproc::version;
    std::printf("evproc %d.%d.%d: %s\n", v.major_number, v.minor_number, v.patch_number, ok ? "ok" : "wrong");
    return ok ? 0 : 1;
}
