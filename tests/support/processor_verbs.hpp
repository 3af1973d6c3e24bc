// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// What most processor tests do: take what is ready and look at its values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <evproc/event_processor.hpp>

namespace evproc_test {

inline int value_of(int v) { return v; }
template <class Event>
    requires requires(Event const& e) { e.get(); }
int value_of(Event const& e) {
    return e.get();
}

/// The values that one poll hands out.
template <class Processor>
std::vector<int> values_of(Processor& processor) {
    std::vector<int> values;
    processor.poll([&](auto& event) { values.push_back(value_of(event)); });
    return values;
}

}  // namespace evproc_test
