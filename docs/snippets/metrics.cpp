// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include <evproc/event_processor.hpp>
#include <evproc/extras/dwell_histogram.hpp>

namespace {

struct order {
    std::int64_t reserved_at;  // nanoseconds
    int amount;
};

/// Called by the processor itself, when it happens.
struct watcher : evproc::no_observer {
    std::atomic<std::uint64_t> refusals{0};  // on_full is called by any producer's thread
    std::size_t longest_batch = 0;           // on_batch by the consumer's only

    void on_full(std::size_t) noexcept { refusals.fetch_add(1, std::memory_order_relaxed); }
    void on_batch(std::uint64_t, std::size_t n) noexcept { longest_batch = std::max(longest_batch, n); }
};

std::int64_t now() { return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

void metrics() {
    evproc::event_processor<order> orders;
    orders.publish(order{now(), 1});
    orders.publish(order{now(), 2});
    orders.close();
    int sum = 0;

    evproc::dwell_histogram dwell;
    orders.run([&](order& o) {
        dwell.record(std::chrono::nanoseconds(now() - o.reserved_at));
        sum += o.amount;
    });

    evproc::event_processor<order, 2, evproc::adaptive_wait, evproc::ring_options{}, watcher> watched;
    for (int i = 0; i != 3; ++i) watched.try_publish(now(), i);  // one more than there is space for
    watched.poll([](order&) {});
    std::printf("%llu refused, at most %zu at once\n",
                static_cast<unsigned long long>(watched.observer().refusals.load()), watched.observer().longest_batch);
    expect(watched.observer().refusals == 1 && watched.observer().longest_batch == 2);

    expect(sum == 3);
}
