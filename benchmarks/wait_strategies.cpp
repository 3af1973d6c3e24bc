// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// What each way to wait costs: ns per event when both sides are busy, the delay until a waiting consumer has an event
// that came after a millisecond of nothing, and the processor time that an idle consumer burns.

#include <sys/resource.h>

#include <chrono>
#include <string>

#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/backoff_wait.hpp>
#include <evproc/wait/blocking_wait.hpp>
#include <evproc/wait/spin_wait.hpp>

#include "support/evproc_queues.hpp"
#include "support/gbench.hpp"

namespace {

using namespace bench;

template <class Wait> struct waiting_by {
    template <class Event> using type = processor<Event, queue_capacity, Wait>;
};

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    auto const seconds = [](timeval const& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Time: how long the consumer waited. cpu_share: processor seconds burnt in each second of it.
template <class Wait> void idle(benchmark::State& state) {
    evproc::event_processor<payload<8>, queue_capacity, Wait> events;
    for (auto _ : state) {
        double const before = cpu_seconds();
        auto const begin = std::chrono::steady_clock::now();
        auto const polled =
            events.poll_for(std::chrono::nanoseconds{static_cast<std::int64_t>(10 * sample_ns())}, [](payload<8>&) {});
        std::chrono::duration<double> const elapsed = std::chrono::steady_clock::now() - begin;
        state.SetIterationTime(elapsed.count());
        state.counters["cpu_share"] = (cpu_seconds() - before) / elapsed.count();
        if (polled.events != 0) {
            faults() += 1;
            state.SkipWithError("an event came from nowhere");
        }
    }
}

template <class Wait> void add(std::string const& name) {
    using queue = waiting_by<Wait>;
    add_sampled("busy/" + name, [] { return transfer<queue::template type, 8>(plan{sample_ns()}); });
    add_sampled("busy_4_producers/" + name, [] { return transfer<queue::template type, 8>(plan{sample_ns(), 0, 4}); });
    add_sampled("wake_up/" + name, [] {
        return wake_ups<queue::template type>(plan{0, static_cast<std::uint64_t>(sample_ns() / 1e6) + 1});
    });
    benchmark::RegisterBenchmark(("idle/" + name).c_str(), idle<Wait>)
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
}

bool const added = [] {
    add<evproc::adaptive_wait>("adaptive_wait");
    add<evproc::backoff_wait>("backoff_wait");
    add<evproc::blocking_wait>("blocking_wait");
    add<evproc::spin_wait>("spin_wait");
    return true;
}();

}  // namespace
