// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Built and run where prometheus-cpp is found.

#include "snippets.hpp"

#include <memory>

#include <prometheus/exposer.h>
#include <evproc/event_processor.hpp>
#include <evproc/extras/dwell_histogram.hpp>
#include <evproc/extras/prometheus.hpp>

int main() {
    evproc::event_processor<int> orders;
    evproc::dwell_histogram dwell;

    auto const metrics = std::make_shared<evproc::prometheus_collectable>();
    metrics->add("orders", orders, {{"site", "A"}});  // an event_processor or a bounded_queue
    metrics->add_dwell("orders", dwell);              // a dwell_histogram
    prometheus::Exposer exposer("127.0.0.1:0");       // port 0: any that is free
    exposer.RegisterCollectable(metrics);

    expect(metrics->Collect().size() == 10 && exposer.GetListeningPorts().size() == 1);
}
