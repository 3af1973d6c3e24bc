// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include <evproc/wait/spin_wait.hpp>

#include "support/evproc_queues.hpp"
#include "support/works.hpp"

namespace {

using namespace bench;

constexpr evproc::ring_options usual{};
constexpr evproc::ring_options one_a_batch{.max_batch = 1};
constexpr evproc::ring_options one_producer{.producers = evproc::producer_kind::single};

template <class Event, evproc::ring_options Options, take Take>
using ours = processor<Event, queue_capacity, evproc::adaptive_wait, Options, Take>;

template <class Event> using polled = ours<Event, usual, take::poll>;
template <class Event> using polled_256 = ours<Event, usual, take::poll_256>;
template <class Event> using polled_1 = ours<Event, usual, take::poll_1>;
template <class Event> using by_spans = ours<Event, usual, take::spans>;
template <class Event> using peeked = ours<Event, usual, take::peek>;
template <class Event> using max1 = ours<Event, one_a_batch, take::poll>;
template <class Event> using max1_polled_1 = ours<Event, one_a_batch, take::poll_1>;
template <class Event> using single = ours<Event, one_producer, take::poll>;
template <class Event> using single_polled_1 = ours<Event, one_producer, take::poll_1>;
template <class Event> using run_time = processor<Event, std::dynamic_extent>;
template <class Event>
using run_time_1 = processor<Event, std::dynamic_extent, evproc::adaptive_wait, usual, take::poll_1>;
template <class Event> using spinning = processor<Event, queue_capacity, evproc::spin_wait>;
template <class Event> using unpaced = ours<Event, evproc::ring_options{.pacing = false}, take::poll>;
template <class Event> using uncounted = ours<Event, evproc::ring_options{.statistics = false}, take::poll>;
template <class Event> using ring_only = bare_ring<Event>;

constexpr auto mine = family::ours;

add_queue<polled> const q1{"evproc", mine, "event_processor, reserve, commit, poll(handler)"};
add_queue<polled_256> const q2{"evproc_256", mine, "event_processor, poll(handler, 256)"};
add_queue<polled_1> const q3{"evproc_one", mine, "event_processor, poll(handler, 1)"};
add_queue<by_spans> const q4{"evproc_spans", mine, "event_processor, poll_batches(handler)"};
add_queue<peeked> const q5{"evproc_peek", mine, "event_processor, peek()"};
add_queue<trying_processor> const q6{"evproc_try", mine, "event_processor, try_reserve, commit, poll(handler)"};
add_queue<ring_only> const q7{"evproc_ring", mine, "ring_buffer, reserve, commit, peek, release"};
add_queue<value_queue> const q8{"evproc_queue", mine, "bounded_queue, try_push, try_pop"};
add_queue<max1> const q9{"evproc_max1", mine, "event_processor, max_batch = 1, poll(handler)"};
add_queue<max1_polled_1> const q10{"evproc_max1_one", mine, "event_processor, max_batch = 1, poll(handler, 1)"};
add_queue<single> const q11{"evproc_single", mine, "event_processor, producer_kind::single, poll(handler)"};
add_queue<single_polled_1> const q12{"evproc_single_one", mine,
                                     "event_processor, producer_kind::single, poll(handler, 1)"};
add_queue<run_time> const q13{"evproc_small", mine, "event_processor, capacity given at run time, poll(handler)"};
add_queue<run_time_1> const q14{"evproc_small_one", mine,
                                "event_processor, capacity given at run time, poll(handler, 1)"};
add_queue<spinning> const q15{"evproc_spin", mine, "event_processor, spin_wait, poll(handler)"};
add_queue<uncounted> const q16{"evproc_nostats", mine, "event_processor, statistics = false, poll(handler)"};
add_queue<unpaced> const q17{"evproc_unpaced", mine, "event_processor, pacing = false, poll(handler)"};

}  // namespace
