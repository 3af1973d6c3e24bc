// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT

#include <evproc/wait/spin_wait.hpp>

#include "support/evproc_queues.hpp"
#include "support/works.hpp"

namespace {

using namespace bench;

template <class Event>
using by_default = processor<Event, queue_capacity, evproc::adaptive_wait, evproc::ring_options{}>;
template <class Event>
using inline_words = processor<Event, queue_capacity, evproc::adaptive_wait, evproc::ring_options{.max_batch = 1}>;
template <class Event>
using single_producer = processor<Event, queue_capacity, evproc::adaptive_wait,
                                  evproc::ring_options{.producers = evproc::producer_kind::single}>;
template <class Event>
using spinning = processor<Event, queue_capacity, evproc::spin_wait, evproc::ring_options{}>;
template <class Event>
using uncounted = processor<Event, queue_capacity, evproc::adaptive_wait, evproc::ring_options{.statistics = false}>;

template <class Event>
using ring_only = bare_ring<Event>;

add_queue<by_default> const plain{"evproc", family::ours, "event_processor, reserve, commit, poll"};
add_queue<inline_words> const one_each{"evproc_max1", family::ours, "event_processor, max_batch = 1"};
add_queue<single_producer> const single{"evproc_single", family::ours, "event_processor, producer_kind::single"};
add_queue<spinning> const spin{"evproc_spin", family::ours, "event_processor, spin_wait"};
add_queue<uncounted> const without{"evproc_nostats", family::ours, "event_processor, statistics = false"};
add_queue<ring_only> const ring{"evproc_ring", family::ours, "ring_buffer, reserve, commit, peek, release"};

}  // namespace
