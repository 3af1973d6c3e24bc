// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// The scenarios of the model suite over the mutated headers: fails as soon as one of them does. Those that do not come by
// the mutant in some random executions are left out.
#include <evproc_mutants.hpp>

#include "explorer.hpp"

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

bool fails(model::scenario const& which, model::search const& how) {
    model::result const r = model::explore(which, how);
    // As written no execution hits a limit, so one that does is a loop that never ends.
    bool const endless = r.outcome == model::verdict::limit && r.message.find("execution") != std::string::npos;
    if (r.outcome != model::verdict::failed && !endless) return false;
    std::printf("%s: %s\n", which.name.c_str(), r.message.c_str());
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    double const most = argc > 1 ? std::atof(argv[1]) : 1;  // seconds for a scenario
    int const mutant = evproc_mutants::here.chosen;
    if (evproc_mutants::here.reached == nullptr) evproc_mutants::here.note();
    std::vector<model::scenario const*> reaching;
    for (auto const& one : model::scenarios()) {
        if (mutant >= 0) evproc_mutants::here.reached[mutant] = 0;
        model::search how;
        how.random_executions = 200;
        if (fails(one, how)) return 1;
        if (mutant < 0 || evproc_mutants::here.reached[mutant] != 0) reaching.push_back(&one);
    }
    for (double const seconds : {most / 10, most})
        for (auto const* one : reaching) {
            model::search how;
            how.seconds = seconds;
            if (fails(*one, how)) return 1;
        }
    std::printf("%zu scenarios come by it, none fails\n", reaching.size());
}
