// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// Prints a page with all that metrics.hpp can write, for promtool to judge. With an argument: the same page, spoiled.
#include <evproc/metrics.hpp>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>

#include <evproc/event_processor.hpp>

int main(int argc, char**) {
    evproc::event_processor<int, 8> first;
    evproc::event_processor<std::string, 4> second;
    for (int i = 0; i != 9; ++i) static_cast<void>(first.try_publish(i));
    auto const stalled = second.reserve();
    second.poll([](std::string&) {});
    evproc::dwell_histogram dwell;
    for (std::uint64_t i = 1; i < 100'000'000'000; i = i * 3 + 1) dwell.record(i);

    evproc::metrics_page page;
    page.add("first", first);
    page.add("a \\ \"b\"\n\xFF \xE2\x82\xAC", second, {{"odd name-1", "x\ny"}});
    page.add_dwell("first", dwell);
    page.add_dwell("second", dwell, {{"site", "A"}});
    page.add_dwell_summary("first", dwell);
    std::string text = page.text();
    if (argc > 1) {
        std::size_t const at = text.find("\"first\"");
        text.erase(at, 1);
    }
    std::cout << text;
}
