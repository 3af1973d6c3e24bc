// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// stress [WAIT...]: every configuration of the named wait strategies (spin, backoff, blocking, adaptive), of several
// consumers (broadcast), or of several rings (several); default all.
// EVPROC_STRESS_SCALE=x in the environment: x times as many events as in a Release build (10: 10^9; 100: 10^10).
#include <cinttypes>
#include <cstring>

#include "scale.hpp"
#include "stress.hpp"

double stress::scale() {
    static double const value = [] {
        char const* const given = std::getenv("EVPROC_STRESS_SCALE");
        double const asked = given != nullptr ? std::strtod(given, nullptr) : 0;
        if (asked > 0) return asked;
#if defined(EVPROC_STRESS_SCALE)
        return static_cast<double>(EVPROC_STRESS_SCALE);
#elif defined(NDEBUG)
        return evproc_test::is_sanitized || evproc_test::is_small ? 0.05 : 1.0;
#else
        return 0.05;
#endif
    }();
    return value;
}

int main(int argc, char** argv) {
    struct group {
        char const* name;
        void (*run)(std::uint64_t, stress::totals&);
        double share;  // of the 10^8 events; the sleeping strategies are slower on the fast path
    };
    constexpr group groups[] = {
        {"spin", stress::run_spin, 0.25},
#if !defined(EVPROC_TEST_QUICK)
        {"backoff", stress::run_backoff, 0.25},  {"blocking", stress::run_blocking, 0.2},
#endif
        {"adaptive", stress::run_adaptive, 0.3}, {"broadcast", stress::run_broadcast, 0},
        {"several", stress::run_several, 0},
    };
    stress::totals all;
    double wanted = 0;
    for (group const& g : groups) {
        bool chosen = argc < 2;
        for (int i = 1; i < argc; ++i) chosen = chosen || std::strcmp(argv[i], g.name) == 0;
        if (!chosen) continue;
        double const events = g.share * 1e8 * stress::scale();
        wanted += events;
        auto const start = std::chrono::steady_clock::now();
        stress::totals t;
        g.run(static_cast<std::uint64_t>(events), t);
        double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        std::printf("%-9s %11" PRIu64 " events %10" PRIu64 " discarded %4d configurations %6.1f s\n", g.name, t.events,
                    t.discarded, t.configurations, seconds);
        std::fflush(stdout);
        all.events += t.events;
        all.discarded += t.discarded;
        all.configurations += t.configurations;
        all.failures += t.failures;
    }
    bool const enough = all.events > 0 && static_cast<double>(all.events) >= wanted * 0.999;
    if (!enough) std::fprintf(stderr, "stress: fewer events than were wanted (%.0f)\n", wanted);
    std::printf("stress: %" PRIu64 " events in total, %d configurations, %d failures\n", all.events, all.configurations,
                all.failures);
    return all.failures == 0 && enough ? 0 : 1;
}
