// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <chrono>
#include <cstdint>
#include <string>

#include <evproc/dwell_histogram.hpp>
#include <evproc/event_processor.hpp>
#include <evproc/metrics.hpp>

namespace {

struct order {
    std::int64_t reserved_at;  // nanoseconds
    int amount;
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

    evproc::metrics_page page;                    // one for each scrape, by any thread
    page.add("orders", orders, {{"site", "A"}});  // an event_processor or a bounded_queue
    page.add_dwell("orders", dwell);              // a dwell_histogram
    std::string const body = page.text();         // or page.write_to(std::cout)

    expect(sum == 3 && body.find("evproc_committed_total") != std::string::npos);
}
