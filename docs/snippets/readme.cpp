// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

#include <evproc/event_processor.hpp>

namespace {

using evproc::errc;

bool parse(std::string_view line, int& to) {
    return std::from_chars(line.data(), line.data() + line.size(), to).ec == std::errc{};
}

errc take(evproc::event_processor<int, 8>& events, std::string_view line) {
    auto event = events.reserve();                          // waits for space; try_reserve() does not
    if (!event) return event.error();                       // closed, timed out, stopped, ...
    if (!parse(line, *event)) return errc::invalid_handle;  // dropped: its slot is given up
    return event.commit();                                  // visible, in one step
}

}  // namespace

void readme() {
    evproc::event_processor<int, 8> events;
    expect(take(events, "12") == errc::success);
    expect(take(events, "twelve") != errc::success);
    events.close();
    expect(take(events, "13") == errc::closed);
    int sum = 0;
    events.run([&](int n) { sum += n; });
    expect(sum == 12 && events.stats().discarded == 1);
}
