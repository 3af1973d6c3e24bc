// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

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

void disruptor_dsl() {
    // disruptor.handleEventsWith(decode).then(journal, risk).then(publish);
    evproc::broadcast_processor<entry, evproc::stages<1, 2, 1>, 1024> stages;
    auto decode = stages.consumer<0>();
    auto journal = stages.consumer<1>(0);
    auto risk = stages.consumer<1>(1);
    auto publish = stages.consumer<2>();  // each runs on its own thread: publish.run(handler)

    stages.publish(20);
    decode.poll([](entry& e) { e.value += 1; });
    long sum = 0;
    journal.poll([&](entry const& e) { sum += e.value; });
    risk.poll([&](entry const& e) { sum += e.value; });
    publish.poll([&](entry& e) { sum -= e.value; });
    expect(sum == 21);
}

void moodycamel() {
    evproc::event_processor<entry, 1024> queue;
    entry const items[3] = {{1}, {2}, {3}};

    // enqueue_bulk(items, 3)
    if (auto batch = queue.reserve_batch(3)) {
        for (entry const& item : items) {
            batch.push_back(item);
        }
        batch.commit();
    }

    // try_dequeue_bulk(out, 64): here nothing is moved out
    long sum = 0;
    queue.poll_batches(
        [&](std::span<entry> run) {
            for (entry const& item : run) {
                sum += item.value;
            }
        },
        64);

    expect(sum == 6);
}

void lockfree() {
    evproc::event_processor<entry, 1024> queue;
    long sum = 0;

    bool const pushed = queue.try_publish(entry{7}) == evproc::errc::success;               // push, bounded_push
    std::size_t const popped = queue.poll([&](entry const& e) { sum += e.value; }).events;  // consume_all

    expect(pushed && popped == 1 && sum == 7);
}

void aeron() {
    evproc::record_processor<evproc::one_of<entry>> log;
    std::string_view const payload = "bytes";

    // index = tryClaim(type, length); commit(index) or abort(index)
    auto claim = log.try_reserve<entry>(payload.size());
    if (claim) {
        claim->value = 1;
        std::memcpy(claim.tail().data(), payload.data(), payload.size());
        claim.commit();  // or claim.discard()
    }

    // controlledRead: ABORT is keep, BREAK is stop, CONTINUE is next
    auto const fragments = log.poll([&](entry& e, std::span<std::byte> bytes) {
        return e.value == 1 && bytes.size() == 5 ? evproc::event_action::next : evproc::event_action::keep;
    });

    expect(fragments.events == 1);
}

void tokio() {
    evproc::event_processor<entry, 1024> channel;

    // let permit = tx.reserve().await?; permit.send(value);
    if (auto permit = channel.reserve()) {
        permit->value = 5;
        permit.commit();  // dropped instead: the place is given back, as a Permit is
    }
    channel.close();

    // while let Some(value) = rx.recv().await { ... }
    long sum = 0;
    channel.run([&](entry const& e) { sum += e.value; });

    expect(sum == 5);
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
    disruptor_dsl();
    moodycamel();
    lockfree();
    aeron();
    tokio();
    proposal();
}
