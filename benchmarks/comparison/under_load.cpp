// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "report.hpp"
#include "run.hpp"
#include "support/summary.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

namespace comparison {

namespace {

// Ours in each way that changes latency, two peers, and what most programs have.
constexpr std::array<char const*, 6> by_default{"evproc",        "evproc_spin", "evproc_unpaced",
                                                "xenium_vyukov", "moodycamel",  "mutex_deque"};
constexpr std::array<int, 3> loads{10, 50, 90};  // percent of the peak rate
constexpr std::array<double, 4> shares{0.5, 0.99, 0.999, 1.0};

// One queue at one load: for each round the percentiles, and the interval between two events.
struct load_row {
    queue_entry const* queue;
    int percent;
    std::array<std::vector<double>, shares.size()> ns;
    std::vector<double> interval;
    std::uint64_t faults = 0;
};

constexpr double sample_ns = 20e6;

// ns an event where the producer is always late: what the queue and the loop around it can do at most.
double peak_interval(queue_entry const& queue) {
    constexpr double events = 200'000;
    std::vector<double> rounds;
    for (int round = 0; round != 3; ++round) {
        // All are due at once, so the longest delay is that of the last one.
        delays const seen = queue.one_way(plan{events * 1e-6}, 1e-6);
        rounds.push_back(percentile(seen.ns, 1.0) / events);
    }
    return median(rounds);
}

bool is_wanted(queue_entry const& queue, settings const& how) {
    // Without --queues every name is wanted; then it is those above.
    if (how.wants_queue("")) return std::find(by_default.begin(), by_default.end(), queue.name) != by_default.end();
    return how.wants_queue(queue.name);
}

}  // namespace

load_report run_under_load(settings const& how) {
    std::vector<load_row> rows;
    for (int const percent : loads) {
        for (queue_entry const& queue : queues()) {
            if (queue.one_way != nullptr && is_wanted(queue, how)) rows.push_back({&queue, percent, {}, {}, 0});
        }
    }
    if (rows.empty()) throw std::invalid_argument("no such queue; see --list");
    for (unsigned round = 0; round != how.rounds; ++round) {
        for (load_row& row : rows) {
            running() = row.queue->name;
            double const interval = peak_interval(*row.queue) * 100 / row.percent;
            delays const seen = row.queue->one_way(plan{sample_ns * how.time_factor}, interval);
            row.interval.push_back(interval);
            row.faults += seen.result.faults;
            for (std::size_t i = 0; i != shares.size(); ++i) row.ns[i].push_back(percentile(seen.ns, shares[i]));
        }
    }

    load_report made;
    made.json = "{\"machine\": " + machine_json() + ",\n\"under_load\": [\n";
    std::array<char, 256> line;
    int percent = 0;
    for (load_row const& row : rows) {
        if (row.percent != percent) {
            percent = row.percent;
            made.markdown +=
                "\none way at " + std::to_string(percent) +
                " % of each queue's own peak rate, ns\n\n"
                "| queue | an event every | p50 | p99 | p99.9 | longest | note |\n|---|---|---|---|---|---|---|\n";
        }
        made.sound = made.sound && (row.queue->kind != family::ours || row.faults == 0);
        double const interval = median(row.interval);
        std::array<double, shares.size()> at{};
        std::transform(row.ns.begin(), row.ns.end(), at.begin(), median);
        std::snprintf(line.data(), line.size(), "| %s | %.1f | %.0f | %.0f | %.0f | %.0f | %s |\n",
                      row.queue->name.c_str(), interval, at[0], at[1], at[2], at[3],
                      row.faults == 0 ? "" : "WRONG: out of order");
        made.markdown += line.data();
        std::snprintf(line.data(), line.size(),
                      "%s{\"queue\": \"%s\", \"percent\": %d, \"interval_ns\": %.2f, \"p50\": %.0f, \"p99\": %.0f, "
                      "\"p99.9\": %.0f, \"max\": %.0f, \"faults\": %llu}",
                      &row == rows.data() ? "" : ",\n", row.queue->name.c_str(), row.percent, interval, at[0], at[1],
                      at[2], at[3], static_cast<unsigned long long>(row.faults));
        made.json += line.data();
    }
    made.json += "\n]}\n";
    return made;
}

}  // namespace comparison
