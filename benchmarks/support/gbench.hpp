// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "machine.hpp"
#include "summary.hpp"
#include "works.hpp"

// Puts the harness's works into Google Benchmark: one iteration is one sample (of --sample_ms), the time shown is the
// work's own figure (ns per event, median delay), and repetitions make the median.
namespace bench {

// The length of a sample; set by --sample_ms.
double& sample_ns();

// Events that came torn, lost or out of order in any benchmark so far: the program's exit status.
inline std::uint64_t& faults() {
    static std::uint64_t count = 0;
    return count;
}

inline void report(benchmark::State& state, outcome const& seen) {
    state.SetIterationTime(seen.ns * 1e-9);
    state.counters["line_ns"] = line_round_trip_ns();
    state.counters["disturbed"] = seen.disturbed ? 1 : 0;
    faults() += seen.faults;
    if (seen.faults != 0) {
        state.SkipWithError("events were torn, lost or out of order");
    }
}

inline void report(benchmark::State& state, delays const& seen) {
    report(state, seen.result);
    state.counters["p50"] = percentile(seen.ns, 0.5);
    state.counters["p99"] = percentile(seen.ns, 0.99);
    state.counters["p99.9"] = percentile(seen.ns, 0.999);
}

// `measure()` gives an outcome or delays.
template <class Measure> void add_sampled(std::string const& name, Measure measure) {
    benchmark::RegisterBenchmark(name.c_str(),
                                 [measure](benchmark::State& state) {
                                     for (auto _ : state) {
                                         report(state, measure());
                                     }
                                 })
        ->UseManualTime()
        ->Iterations(1);
}

}  // namespace bench
