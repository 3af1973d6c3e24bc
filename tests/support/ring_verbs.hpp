// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// The two things that most ring tests do: put a value in, take values out.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <evproc/ring_buffer.hpp>

namespace evproc_test {

/// try_reserve, write, commit.
template <class Ring, class Value> evproc::errc put(Ring& ring, Value value) {
    auto const place = ring.try_reserve();
    if (!place) return place.error();
    *place.data() = value;
    ring.commit(place);
    return evproc::errc::success;
}

/// What is ready now, at most `max` of it, released.
template <class Ring> auto take(Ring& ring, std::size_t max = static_cast<std::size_t>(-1)) {
    auto const ready = ring.peek(max);
    using value = std::remove_cvref_t<decltype(*ready.begin())>;
    std::vector<value> values;
    for (auto& v : ready) values.push_back(v);
    ring.release(ready.size());
    return values;
}

}  // namespace evproc_test
