// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace bench {

// The value below which `share` (0...1) of the samples lie; NaN of none.
inline double percentile(std::vector<double> samples, double share) {
    if (samples.empty()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    auto const last = static_cast<double>(samples.size() - 1);
    auto const place = static_cast<std::ptrdiff_t>(std::lround(share * last));
    std::nth_element(samples.begin(), samples.begin() + place, samples.end());
    return samples[static_cast<std::size_t>(place)];
}

inline double median(std::vector<double> samples) { return percentile(std::move(samples), 0.5); }

}  // namespace bench
