// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// What drives the explorer: the list of scenarios, one exploration, its result, and the sites it came by.

#include "model.hpp"

#include <set>
#include <string>
#include <vector>

namespace model {

struct scenario {
    std::string name;
    options allowed;
    std::function<void(world&)> body;
};

/// Every scenario linked into this program, in the order of their registration.
std::vector<scenario>& scenarios();

/// Registers a scenario when the program starts.
struct add_scenario {
    add_scenario(std::string name, options allowed, std::function<void(world&)> body);
};

enum class verdict {
    exhausted,  // every execution was explored
    sampled,    // random executions only: no counterexample among them
    failed,     // a counterexample
    limit,      // a limit was hit: nothing is known about what lies behind it
};

struct result {
    verdict outcome = verdict::exhausted;
    std::string message;  // what failed, or which limit
    std::string seed;     // replays the counterexample
    std::uint64_t states = 0;
    std::uint64_t executions = 0;
    std::uint64_t steps = 0;
    unsigned deepest = 0;  // most steps in one execution
    double seconds = 0;
    std::set<std::string> outcomes;
};

/// Where and how an operation of the library was reached.
struct site {
    std::string file;  // from the include folder on
    std::string path;
    std::string function;
    int line = 0;
    detail::kind how{};
    std::memory_order order{};    // of the operation; of success for a compare-exchange
    std::memory_order failure{};  // of failure for a compare-exchange
    bool mixed = false;           // two operations of one kind and different orders share the line
    std::uint64_t hits = 0;       // since forget_hits()
};

/// One order at one site made weaker. `part`: 0 the order (of success), 1 the order of failure, 2 the whole operation
/// is left out (fences).
struct weakening {
    std::string file;
    int line = 0;
    detail::kind how{};
    int part = 0;
    std::memory_order to{};
};

struct search {
    std::uint64_t random_executions = 0;  // 0: exhaustive
    std::uint64_t random_seed = 1;
    double seconds = 0;  // 0: no limit
};

result explore(scenario const& which, search const& how = {});
/// Runs the one execution a seed stands for, printing every step.
result replay(scenario const& which, std::string const& seed);

std::vector<site> sites_reached();
void forget_hits();
void weaken(weakening const* what);  // nullptr: as written
char const* name_of(detail::kind how);
char const* name_of(std::memory_order order);

}  // namespace model
