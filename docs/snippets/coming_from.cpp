// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <evproc/extras/bounded_queue.hpp>

namespace {

struct job {
    int number;
};

void proposal() {
    int done = 0;
    auto const do_it = [&](job const& j) { done += j.number; };
    evproc::bounded_queue<job> jobs(1024);

    jobs.push(job{17});  // any thread; waits for space; false: closed
    jobs.close();
    while (auto next = jobs.pop()) {  // one thread; waits for a job; nothing: closed and drained
        do_it(*next);
    }

    expect(done == 17);
}

}  // namespace

void coming_from() { proposal(); }
