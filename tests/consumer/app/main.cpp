// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// What a user's program does on the first day, built once for each way to get the library: with and without exceptions
// and RTTI, with every compiler and standard library at hand. It prints one line that the test compares.
#ifndef APP_HEADER
#define APP_HEADER <evproc/evproc.hpp>
#endif
#include APP_HEADER
#include APP_HEADER

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <thread>

std::uint64_t sum_by_ring(std::uint64_t count);  // second.cpp
bool every_processor_delivers();                 // second.cpp

namespace {

struct reading {
    std::uint64_t number = 0;
    std::unique_ptr<std::uint64_t> copy;
};

bool version_is_consistent() {
    char text[32];
    std::snprintf(text, sizeof text, "%d.%d.%d", EVPROC_VERSION_MAJOR, EVPROC_VERSION_MINOR, EVPROC_VERSION_PATCH);
    return std::strcmp(text, EVPROC_VERSION_STRING) == 0 &&
           evproc::version == evproc::version_number{EVPROC_VERSION_MAJOR, EVPROC_VERSION_MINOR, EVPROC_VERSION_PATCH};
}

}  // namespace

int main() {
    constexpr std::uint64_t count = 1000;
    evproc::event_processor<reading, 64> readings;

    std::thread producer([&readings] {
        for (std::uint64_t i = 0; i < count; ++i) {
            auto event = readings.reserve();
            if (!event) break;
            event.emplace(i, std::make_unique<std::uint64_t>(i));  // a plain struct, with every compiler
            if (event.commit() != evproc::errc::success) break;
        }
        readings.close();
    });

    std::uint64_t expected = 0;
    bool in_order = true;
    evproc::run_result const result = readings.run([&](reading& event, evproc::event_info const& info) {
        in_order = in_order && event.number == expected && *event.copy == expected && info.sequence == expected;
        ++expected;
    });
    producer.join();

    bool const ok = in_order && expected == count && result.events == count && result.reason == evproc::errc::closed &&
                    sum_by_ring(count) == count * (count - 1) / 2 && every_processor_delivers() &&
                    version_is_consistent();
    std::printf("evproc %s: %s\n", EVPROC_VERSION_STRING, ok ? "ok" : "wrong");
    return ok ? 0 : 1;
}
