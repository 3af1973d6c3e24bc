// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gbench.hpp"
#include "machine.hpp"

namespace bench {

double& sample_ns() {
    static double length = 30e6;
    return length;
}

}  // namespace bench

// The main of every Google Benchmark program here. The installed library may be a debug build and say so; what counts
// is how our own code was built, so that stands in the context, and an unoptimised build has to be asked for.
int main(int count, char** words) {
    bool allow_unoptimised = false;
    // Medians of five, unless asked otherwise (the last mention of an option counts).
    std::vector<std::string> defaults{"--benchmark_repetitions=5", "--benchmark_report_aggregates_only=true",
                                      "--benchmark_min_time=0.1"};
    std::vector<char*> rest{words[0]};
    for (std::string& word : defaults) {
        rest.push_back(word.data());
    }
    for (int place = 1; place != count; ++place) {
        std::string_view const word = words[place];
        if (word == "--allow-unoptimised") {
            allow_unoptimised = true;
        } else if (word.substr(0, 12) == "--sample_ms=") {
            bench::sample_ns() = std::atof(words[place] + 12) * 1e6;
        } else {
            rest.push_back(words[place]);
        }
    }
#if defined(NDEBUG) && defined(__OPTIMIZE__)
    constexpr bool optimised = true;
#else
    constexpr bool optimised = false;
#endif
    if (!optimised && !allow_unoptimised) {
        std::fputs("This build is not optimised (" EVPROC_BENCH_BUILD
                   "), its figures mean nothing. Configure with -DCMAKE_BUILD_TYPE=Release.\n",
                   stderr);
        return 2;
    }
    int rest_count = static_cast<int>(rest.size());
    benchmark::Initialize(&rest_count, rest.data());
    if (benchmark::ReportUnrecognizedArguments(rest_count, rest.data())) {
        return 2;
    }
    benchmark::AddCustomContext("evproc_build", optimised ? EVPROC_BENCH_BUILD : "NOT OPTIMISED " EVPROC_BENCH_BUILD);
    benchmark::AddCustomContext("compiler", bench::compiler());
    benchmark::AddCustomContext("cpu", bench::cpu_model());
    benchmark::AddCustomContext("line_round_trip_ns", std::to_string(bench::line_round_trip_ns()));
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return bench::faults() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
