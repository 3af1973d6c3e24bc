// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "support/moodycamel_queue.hpp"
#include "support/works.hpp"

#include <blockingconcurrentqueue.h>

namespace {

using namespace bench;

template <class Event>
using singles = moodycamel_queue<Event, moodycamel::ConcurrentQueue<Event, bounded_traits>, false>;
template <class Event> using bulk = moodycamel_queue<Event, moodycamel::ConcurrentQueue<Event, bounded_traits>, true>;
template <class Event>
using blocking = moodycamel_queue<Event, moodycamel::BlockingConcurrentQueue<Event, bounded_traits>, false>;

add_queue<singles> const with_singles{"moodycamel", family::order_per_producer,
                                      "moodycamel::ConcurrentQueue, tokens, try_dequeue"};
add_queue<bulk> const with_bulk{"moodycamel_bulk", family::order_per_producer,
                                "moodycamel::ConcurrentQueue, tokens, try_dequeue_bulk of 64", taken::many};
add_queue<blocking> const with_blocking{"moodycamel_blocking", family::order_per_producer,
                                        "moodycamel::BlockingConcurrentQueue, tokens, try_dequeue or wait_dequeue"};

}  // namespace
