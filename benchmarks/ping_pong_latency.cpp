// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Delays, both sides awake: the round trip of one event through two rings, and one way while events keep coming.
// Counters p50, p99 and p99.9, in ns.

#include <string>

#include <evproc/wait/spin_wait.hpp>

#include "support/evproc_queues.hpp"
#include "support/gbench.hpp"

namespace {

using namespace bench;
using evproc::producer_kind;
using evproc::ring_options;

template <class Event> using by_default = processor<Event>;
template <class Event>
using one_each = processor<Event, queue_capacity, evproc::adaptive_wait, ring_options{.max_batch = 1}>;
template <class Event>
using single =
    processor<Event, queue_capacity, evproc::adaptive_wait, ring_options{.producers = producer_kind::single}>;
template <class Event> using spinning = processor<Event, queue_capacity, evproc::spin_wait>;

template <template <class> class Queue> void add(std::string const& kind) {
    add_sampled("round_trip/" + kind, [] { return round_trips<Queue>(plan{sample_ns()}); });
    for (int const interval : {10'000, 1'000, 200}) {
        add_sampled("one_way/" + kind + "/every_ns:" + std::to_string(interval),
                    [interval] { return one_way_delays<Queue>(plan{sample_ns()}, interval); });
    }
}

bool const added = [] {
    add<by_default>("default");
    add<one_each>("max_batch_1");
    add<single>("single_producer");
    add<spinning>("spin_wait");
    return true;
}();

}  // namespace
