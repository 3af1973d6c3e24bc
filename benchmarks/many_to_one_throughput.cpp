// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// ns per event from many producers to one consumer, every event's payload written and checked. One thing at a time is
// varied, from the base of one producer, 8 bytes, capacity 4096, single events.

#include <cstddef>
#include <string>
#include <utility>

#include "support/evproc_queues.hpp"
#include "support/gbench.hpp"

namespace {

using namespace bench;
using evproc::producer_kind;
using evproc::ring_options;

template <class Event> using handles = processor<Event>;
template <class Event> using ring = bare_ring<Event>;
template <class Event>
using one_each = processor<Event, queue_capacity, evproc::adaptive_wait, ring_options{.max_batch = 1}>;
template <class Event>
using single =
    processor<Event, queue_capacity, evproc::adaptive_wait, ring_options{.producers = producer_kind::single}>;
template <class Event>
using single_ring = bare_ring<Event, queue_capacity, ring_options{.producers = producer_kind::single}>;

template <std::size_t N> struct of_capacity {
    template <class Event> using type = processor<Event, N>;
};

template <template <class> class Queue, std::size_t Bytes>
void add(std::string const& name, std::size_t producers, std::size_t batch) {
    add_sampled(name, [producers, batch] { return transfer<Queue, Bytes>(plan{sample_ns(), 0, producers, batch}); });
}

template <std::size_t... Bytes> void add_payloads(std::index_sequence<Bytes...>) {
    (add<handles, Bytes>("payload/bytes:" + std::to_string(Bytes) + "/handles", 1, 1), ...);
    (add<ring, Bytes>("payload/bytes:" + std::to_string(Bytes) + "/ring", 1, 1), ...);
    (add<one_each, Bytes>("payload/bytes:" + std::to_string(Bytes) + "/max_batch_1", 1, 1), ...);
    (add<single, Bytes>("payload/bytes:" + std::to_string(Bytes) + "/single_producer", 1, 1), ...);
    (add<single_ring, Bytes>("payload/bytes:" + std::to_string(Bytes) + "/single_producer_ring", 1, 1), ...);
}

template <std::size_t... N> void add_capacities(std::index_sequence<N...>) {
    (add<of_capacity<N>::template type, 8>("capacity/slots:" + std::to_string(N), 1, 1), ...);
}

bool const added = [] {
    for (std::size_t const producers : {1u, 2u, 3u, 4u, 6u, 8u}) {
        std::string const tail = "/count:" + std::to_string(producers);
        add<handles, 8>("producers" + tail, producers, 1);
        add<handles, 8>("producers_batch_8" + tail, producers, 8);
        add<handles, 64>("producers_64B" + tail, producers, 1);
    }
    for (std::size_t const batch : {1u, 8u, 64u, 256u}) {
        std::string const tail = "/size:" + std::to_string(batch);
        add<handles, 8>("batch" + tail + "/handles", 1, batch);
        add<ring, 8>("batch" + tail + "/ring", 1, batch);
        add<single, 8>("batch" + tail + "/single_producer", 1, batch);
        add<handles, 64>("batch_64B" + tail + "/handles", 1, batch);
    }
    add_payloads(std::index_sequence<8, 64, 256>{});
    add_capacities(std::index_sequence<256, 1024, 4096, 16384, 65536>{});
    return true;
}();

}  // namespace
