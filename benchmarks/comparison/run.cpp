// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "run.hpp"

#include "support/machine.hpp"
#include "support/summary.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace comparison {

namespace {

// Another program on one of the CPUs spoils a sample. Such a sample is taken again, but not too often: on a machine
// that is never quiet the run has to end, too.
outcome take_sample(work const& what, row& into, plan const& sample) {
    constexpr int tries = 4;
    constexpr unsigned most_disturbed = 6;
    outcome seen{};
    for (int attempt = 0; attempt != tries; ++attempt) {
        seen = measurement_of(what, *into.queue)(sample);
        into.faults += seen.faults;
        if (!seen.disturbed) {
            break;
        }
        ++into.disturbed;
        if (into.disturbed > most_disturbed) {
            break;
        }
    }
    return seen;
}

bool is_among(std::vector<std::string> const& names, std::string const& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool takes_part(work const& what, queue_entry const& queue, settings const& how) {
    if (measurement_of(what, queue) == nullptr || !how.wants_queue(queue.name)) {
        return false;
    }
    if (queue.kind == family::ours) {
        return is_among(what.ours, queue.name);
    }
    return queue.kind == what.peers || (what.peers == family::one_order && queue.kind == family::order_per_producer);
}

bool stands_for(queue_entry const& queue, figure const& wanted, work const& what) {
    switch (wanted.whom) {
        case against::one_order: return queue.kind == family::one_order;
        case against::one_order_singly: return queue.kind == family::one_order && queue.at_once == taken::one;
        case against::order_per_producer: return queue.kind == family::order_per_producer;
        case against::one_producer: return queue.kind == family::single_producer;
        case against::named: return queue.name == wanted.name;
        case against::our_ways: return is_among(what.ways, queue.name);
    }
    return false;
}

void show_progress(work const& what, unsigned round, unsigned rounds) {
    if (isatty(STDERR_FILENO) != 0) {
        std::fprintf(stderr, "\r%-20s round %u of %u ", what.name.c_str(), round, rounds);
    }
}

}  // namespace

double row::median_ns() const { return bench::median(ns); }
double row::least_ns() const { return bench::percentile(ns, 0); }
double row::most_ns() const { return bench::percentile(ns, 1); }
double row::median_line_ns() const { return bench::median(line_ns); }

row const* work_result::find(std::string const& name) const {
    for (row const& one : rows) {
        if (one.queue->name == name) {
            return &one;
        }
    }
    return nullptr;
}

row const* work_result::ours_of(figure const& wanted) const {
    if (!wanted.ours.empty()) {
        return find(wanted.ours);
    }
    row const* slowest = nullptr;
    for (row const& one : rows) {
        if (is_among(what->ways, one.queue->name) && (slowest == nullptr || one.median_ns() > slowest->median_ns())) {
            slowest = &one;
        }
    }
    return slowest;
}

row const* work_result::rival_of(figure const& wanted) const {
    row const* best = nullptr;
    for (row const& one : rows) {
        // Who loses or reorders events has not done the work.
        if (stands_for(*one.queue, wanted, *what) && one.faults == 0 &&
            (best == nullptr || one.median_ns() < best->median_ns())) {
            best = &one;
        }
    }
    return best;
}

double paired_ratio(row const& other, row const& ours) {
    std::vector<double> ratios;
    for (std::size_t round = 0; round != std::min(other.ns.size(), ours.ns.size()); ++round) {
        ratios.push_back(other.ns[round] / ours.ns[round]);
    }
    return bench::median(std::move(ratios));
}

work_result run_work(work const& what, settings const& how) {
    work_result result{&what, {}};
    for (queue_entry const& queue : queues()) {
        if (takes_part(what, queue, how)) {
            row one{};
            one.queue = &queue;
            result.rows.push_back(one);
        }
    }
    plan const sample{what.sample_ms * 1e6 * how.time_factor, what.events, what.producers, what.batch, what.capacity};
    unsigned const rounds = how.rounds * what.rounds_factor;
    for (unsigned round = 0; round != rounds; ++round) {
        show_progress(what, round + 1, rounds);
        for (row& one : result.rows) {
            running() = one.queue->name + " (" + what.name + ")";
            one.line_ns.push_back(bench::line_round_trip_ns());
            one.ns.push_back(take_sample(what, one, sample).ns);
            one.line_ns.push_back(bench::line_round_trip_ns());
        }
    }
    std::sort(result.rows.begin(), result.rows.end(),
              [](row const& a, row const& b) { return a.median_ns() < b.median_ns(); });
    return result;
}

bool name_matches(std::string const& pattern, std::string const& name) {
    if (!pattern.empty() && pattern.back() == '*') {
        return name.compare(0, pattern.size() - 1, pattern, 0, pattern.size() - 1) == 0;
    }
    return name == pattern;
}

}  // namespace comparison
