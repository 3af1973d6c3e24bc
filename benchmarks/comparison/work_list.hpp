// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include "support/harness.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace comparison {

using namespace bench;

enum class kind { transfer, round_trip, uncontended, wake_up, empty, refused };

// Whose best stands against ours in a line of the final table.
enum class against {
    one_order,           // peers that keep one order, in the way of taking that is their fastest
    one_order_singly,    // the same, events taken one by one
    order_per_producer,  // peers that keep an order for each producer only
    one_producer,        // peers for one producer only
    named,               // the one that is named
    our_ways,            // ours, consumed in the way that is the fastest here
};

// One line of the final table: rival's ns / ours is to be at least `least`; 0: nothing has to be reached.
struct figure {
    std::string title;
    std::string ours;  // empty: the slowest of the ways to consume
    against whom;
    double least;
    std::string name = {};
};

struct work {
    std::string name;
    std::string title;
    kind what;
    std::size_t bytes = 8;
    std::size_t producers = 1;
    std::size_t batch = 1;
    std::size_t capacity = queue_capacity;
    family peers;                   // which peers take part; those of one order bring the others; family::ours: none
    std::vector<std::string> ours;  // which of ours do
    std::vector<std::string> ways;  // which of those differ only in how they are used
    std::vector<figure> figures;
    unsigned sample_ms = 40;   // how long one queue runs in one round
    std::uint64_t events = 0;  // fixed number of events instead
    unsigned rounds_factor = 1;
};

// Works whose name begins so are run only where --work names them.
inline constexpr char const* on_demand = "many_";

std::vector<work> const& works();

// How this queue does this work; null where it cannot.
measurement measurement_of(work const& what, queue_entry const& queue);

}  // namespace comparison
