// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How do threads that come and go feed one collector without a shared counter? Each takes a lane, and drops it when it is done.

#include <cstdio>
#include <thread>
#include <vector>

#include <evproc/lane_processor.hpp>

namespace {

struct sample {
    int job;
    int number;
};

constexpr int workers = 4;
constexpr int jobs_of_each = 50;
constexpr int samples_of_each = 100;

}  // namespace

int main() {
    evproc::lane_processor<sample, 64> telemetry{workers};
    std::jthread application([&] {
        for (int round = 0; round < jobs_of_each; ++round) {
            std::vector<std::jthread> threads;
            threads.reserve(workers);
            for (int worker = 0; worker < workers; ++worker) {
                threads.emplace_back([&, job = round * workers + worker] {
                    auto lane = telemetry.producer();
                    while (!lane) {  // the collector has not yet handled what the lanes' last owners left
                        std::this_thread::yield();
                        lane = telemetry.producer();
                    }
                    for (int n = 0; n < samples_of_each; ++n) {
                        lane.publish(job, n);
                    }
                });  // the lane is dropped: what is in it still arrives
            }
        }
        telemetry.close();
    });

    std::vector<int> next(workers * jobs_of_each, 0);
    bool in_order = true;
    auto const result =
        telemetry.run([&](sample const& s) { in_order &= s.number == next[static_cast<std::size_t>(s.job)]++; });
    std::printf("%d jobs over %d lanes: %llu samples, each job's in order: %s\n", workers * jobs_of_each, workers,
                static_cast<unsigned long long>(result.events), in_order ? "yes" : "no");
    return in_order && result.events == workers * jobs_of_each * samples_of_each ? 0 : 1;
}
