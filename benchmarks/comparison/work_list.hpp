// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include "support/harness.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace comparison {

using namespace bench;

enum class kind { transfer, round_trip, uncontended, wake_up };

// One line of the final table: rival's ns / ours must be at least `least`.
struct figure {
    std::string title;
    std::string ours;
    std::string rival;  // empty: the fastest peer; a name; or a name's beginning with '*'
    double least;
};

struct work {
    std::string name;
    std::string title;
    kind what;
    std::size_t bytes = 8;
    std::size_t producers = 1;
    std::size_t batch = 1;
    family peers;                   // which peers take part; family::ours: none
    std::vector<std::string> ours;  // which of ours do
    std::vector<figure> figures;
    unsigned sample_ms = 40;   // how long one queue runs in one round
    std::uint64_t events = 0;  // fixed number of events instead
    unsigned rounds_factor = 1;
};

std::vector<work> const& works();

// How this queue does this work; null where it cannot.
measurement measurement_of(work const& what, queue_entry const& queue);

}  // namespace comparison
