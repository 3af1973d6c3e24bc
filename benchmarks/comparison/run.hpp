// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include "work_list.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace comparison {

struct settings {
    unsigned rounds = 11;
    double time_factor = 1.0;  // of each sample's length
    std::function<bool(std::string const&)> wants_work;
    std::function<bool(std::string const&)> wants_queue;
};

// What one queue did in one work: one sample a round.
struct row {
    queue_entry const* queue;
    std::vector<double> ns;
    std::vector<double> line_ns;  // the round trip of one cache line before and after each sample
    std::uint64_t faults = 0;
    unsigned disturbed = 0;  // samples taken again because somebody else used the CPU

    [[nodiscard]] double median_ns() const;
    [[nodiscard]] double least_ns() const;
    [[nodiscard]] double most_ns() const;
    [[nodiscard]] double median_line_ns() const;
};

struct work_result {
    work const* what;
    std::vector<row> rows;

    [[nodiscard]] row const* find(std::string const& name) const;
    // The rows that the figure compares; null where one did not run.
    [[nodiscard]] row const* ours_of(figure const& wanted) const;
    [[nodiscard]] row const* rival_of(figure const& wanted) const;
};

// Median over the rounds of other's ns / ours of the same round.
double paired_ratio(row const& other, row const& ours);

// Rounds over all queues: A B C A B C.
work_result run_work(work const& what, settings const& how);

// One-way delays at 10, 50 and 90 % of each queue's own peak rate, in tables and as JSON. An event's delay counts from when it
// was due, so a stall shows in every event that it held up.
struct load_report {
    std::string markdown;
    std::string json;
    bool sound = true;  // none of ours lost the order
};
load_report run_under_load(settings const& how);

bool name_matches(std::string const& pattern, std::string const& name);

}  // namespace comparison
