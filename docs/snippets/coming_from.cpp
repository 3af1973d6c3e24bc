// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <evproc/evproc.hpp>
#include <evproc/extras/bounded_queue.hpp>

namespace {

struct entry {
    long value;
};

void disruptor() {
    evproc::event_processor<entry, 1024> ring;

    // Disruptor: long at = ring.next(); ring.get(at).value = 42; ring.publish(at);
    auto slot = ring.reserve();
    slot->value = 42;
    slot.commit();

    // EventHandler.onEvent(event, sequence, endOfBatch)
    long sum = 0;
    ring.poll([&](entry& event, evproc::event_info const& info) {
        sum += event.value;
        if (info.end_of_batch) {
            // the moment to flush
        }
    });

    expect(sum == 42);
}

struct job {
    int number;
};

void proposal() {
    int done = 0;
    auto const do_it = [&](job const& j) { done += j.number; };
    evproc::bounded_queue<job> jobs(1024);

    jobs.push(job{17});  // any thread; waits for room; false: closed
    jobs.close();
    while (auto next = jobs.pop()) {  // one thread; waits for a job; nothing: closed and drained
        do_it(*next);
    }

    expect(done == 17);
}

}  // namespace

void coming_from() {
    disruptor();
    proposal();
}
