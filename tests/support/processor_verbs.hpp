// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What several processor tests share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <evproc/event_processor.hpp>

#include "catch.hpp"

namespace evproc_test {

inline int value_of(int v) { return v; }
template <class Event> requires requires(Event const& e) { e.get(); }
int value_of(Event const& e) {
    return e.get();
}

/// Publishes from, from + 1, ... up to and without `to`.
template <class Processor> void fill(Processor& p, int from, int to) {
    for (int i = from; i < to; ++i) REQUIRE(p.try_publish(i) == evproc::errc::success);
}

/// The values that one poll delivers.
template <class Processor> std::vector<int> values_of(Processor& processor) {
    std::vector<int> values;
    processor.poll([&](auto& event) { values.push_back(value_of(event)); });
    return values;
}

/// A wait during which something happens, once, and that does not wait for more.
struct eventful_wait {
    std::function<void()> meanwhile;
    template <class Ready> bool wait(Ready&& ready, evproc::wait_deadline) {
        if (ready()) return true;
        if (meanwhile) std::exchange(meanwhile, nullptr)();
        return ready();
    }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }
};

}  // namespace evproc_test
