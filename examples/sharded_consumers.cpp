// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How do I share work among several consumers? Let each see every event and take its share: those whose sequence leaves its
// number when divided by their count, or, so that events of one account stay in order, those of its accounts. Skipping an
// event costs a nanosecond or so; there is no queue for each worker and no thread that deals the work out.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <thread>
#include <vector>

#include <evproc/broadcast_processor.hpp>

namespace {

constexpr std::size_t workers = 3;

struct job {
    std::uint32_t account;
    std::uint32_t amount;
};

struct share {
    int jobs = 0;
    long long sum = 0;
    bool in_order = true;
};

/// Runs a thread for each worker; `is_mine(worker, job, sequence)` says whose a job is.
template <class IsMine> void run(char const* title, IsMine is_mine) {
    evproc::broadcast_processor<job, evproc::stages<workers>, 1024> jobs;
    share shares[workers];
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i != workers; ++i) {
            threads.emplace_back([&, i, consumer = jobs.consumer<0>(i)]() mutable {
                std::uint32_t last[10] = {};
                consumer.run([&](job const& j, evproc::event_info const& info) {
                    if (!is_mine(i, j, info.sequence)) return;
                    ++shares[i].jobs;
                    shares[i].sum += j.amount;
                    shares[i].in_order &= last[j.account] < j.amount;
                    last[j.account] = j.amount;
                });
            });
        }
        for (std::uint32_t n = 0; n != 30000; ++n) jobs.publish(n % 10, n + 1);
        jobs.close();
    }
    std::puts(title);
    long long sum = 0;
    for (std::size_t i = 0; i != workers; ++i) {
        std::printf("  worker %zu: %d jobs, %s\n", i, shares[i].jobs, shares[i].in_order ? "in order" : "OUT OF ORDER");
        sum += shares[i].sum;
    }
    std::printf("  together over %lld\n", sum);
}

}  // namespace

int main() {
    run("by sequence",
        [](std::size_t worker, job const&, std::uint64_t sequence) { return sequence % workers == worker; });
    run("by account", [](std::size_t worker, job const& j, std::uint64_t) { return j.account % workers == worker; });
}
