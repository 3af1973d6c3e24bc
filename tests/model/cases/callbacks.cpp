// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Waiters that go away and are called back: callbacks of an event count, and coroutines on executors.

#include "support.hpp"

#include <coroutine>
#include <exception>
#include <evproc/detail/callback_slot.hpp>
#include <evproc/detail/event_count.hpp>
#include <evproc/selector.hpp>
#include <evproc/wait/coroutine_wait.hpp>

using namespace cases;
using evproc::errc;

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto acq_rel = std::memory_order_acq_rel;

// As eventfd_wait does it: of all notifiers exactly one takes the callback, and sees what was left with it.
model::add_scenario const registered{"callback: registered against two steps", plain, [](world& w) {
    evproc::detail::event_count count;
    model::atomic<int> steps{0};
    model::atomic<int> called{0};
    model::var<unsigned> left_with_it{0};
    bool saw = false;
    w.thread("waiter", [&] {
        left_with_it.set(7);
        for (;;) {
            auto const prepared = count.prepare_wait();
            if (steps.load(acquire) != 0) {
                saw = true;
                count.cancel_wait();
                return;
            }
            if (count.register_callback(prepared)) return;
        }
    });
    for (unsigned i = 0; i < 2; ++i)
        w.thread(i == 0 ? "notifier 0" : "notifier 1", [&] {
            steps.fetch_add(1, acq_rel);
            count.notify([] { return 0; }, [&](int) {
                called.fetch_add(1, relaxed);
                check_equal(left_with_it.get(), 7, "what was left with the callback");
            });
        });
    w.run();
    int const calls = called.load(relaxed);
    check(saw ? calls == 0 : calls == 1, "a step that neither was seen nor called back, or called back twice");
}};

// Who cancels and finds that a notifier was faster sees that notifier's step.
model::add_scenario const taken_back{"callback: cancelled against a step", plain, [](world& w) {
    evproc::detail::event_count count;
    model::atomic<int> steps{0};
    model::var<unsigned> left_with_step{0};
    w.thread("waiter", [&] {
        auto const prepared = count.prepare_wait();
        if (steps.load(relaxed) != 0) return;
        if (!count.register_callback(prepared)) return;
        if (count.cancel_wait()) return;
        check(steps.load(relaxed) == 1, "a step that called back is not seen");
        check_equal(left_with_step.get(), 7, "what was done before the step");
    });
    w.thread("notifier", [&] {
        left_with_step.set(7);
        steps.store(1, relaxed);
        count.notify([] { return 0; }, [](int) {});
    });
    w.run();
}};

// Two waiters after each other leave their addresses in one place: who takes a callback gets the one that goes with it, in
// one piece.
void post_first(void*, evproc::detail::callback_slot&, std::uint64_t) {}
void post_second(void*, evproc::detail::callback_slot&, std::uint64_t) {}
model::add_scenario const addresses{"callback: addresses of two waiters against two steps", plain, [](world& w) {
    evproc::detail::event_count count;
    evproc::detail::callback_slot slot;
    evproc::detail::callback_slot::waiter waiter{nullptr};
    int first = 0, second = 0;
    w.thread("waiters", [&] {
        std::uint64_t const ticket = slot.enter(waiter, &first, post_first);
        if (count.register_callback(count.prepare_wait())) {
            slot.leave(ticket);
            count.cancel_wait();
        } else {
            slot.leave(ticket);
        }
        slot.enter(waiter, &second, post_second);
        static_cast<void>(count.register_callback(count.prepare_wait()));
    });
    for (unsigned i = 0; i < 2; ++i)
        w.thread(i == 0 ? "notifier 0" : "notifier 1", [&] {
            count.notify([&] { return slot.address(); }, [&](evproc::detail::callback_slot::call_address const& to) {
                check(to.executor == &first || to.executor == &second, "an address that nobody left");
                check(to.post == (to.executor == &first ? post_first : post_second), "an address of two waiters");
                check(to.ticket == 0 || to.ticket == (to.executor == &first ? 1u : 2u), "a ticket of the other waiter");
            });
        });
    w.run();
}};

// ---- coroutines ----

struct task {
    struct promise_type {
        task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
    std::coroutine_handle<promise_type> handle;
};

template <std::size_t N> using processor = evproc::event_processor<event, N, evproc::coroutine_wait, quiet>;

/// Resumes where it is told to: on the thread of whoever took the step.
struct at_once {
    void post(evproc::resumption r) { r(); }
};

/// Hands resumptions to a thread of its own; as any executor must, so that what was done before post() is seen there.
struct elsewhere {
    static constexpr unsigned room = 4;
    evproc::resumption box[room];
    model::atomic<unsigned> posted{0};

    void post(evproc::resumption r) {
        unsigned const at = posted.load(relaxed);
        check(at < room, "more resumptions than waits");
        box[at] = r;
        posted.store(at + 1, std::memory_order_release);
    }
};

/// Takes n events; where it runs changes, and each time it must find what it left.
template <class Processor, class Executor>
task consume(Processor& p, Executor& executor, log& got, unsigned n, model::var<unsigned>& rounds,
             model::atomic<int>& ended) {
    while (got.size() < n) {
        auto batch = co_await p.next_batch(executor);
        check(static_cast<bool>(batch), "an empty batch from an open processor");
        rounds.set(rounds.get() + 1);
        for (event& e : batch) got.add(e.get());
    }
    ended.store(1, std::memory_order_release);
}

model::add_scenario const resumed{"callback: a coroutine resumed by its producers", plain, [](world& w) {
    processor<2> p;
    at_once executor;
    log got;
    model::var<unsigned> rounds{0};
    model::atomic<int> ended{0};
    task const consumer = consume(p, executor, got, 2, rounds, ended);
    w.thread("starter", [&] { consumer.handle.resume(); });
    w.thread("producer 0", [&] {
        for (unsigned i = 0; i < 2; ++i) check(p.try_publish(made(0, i)) == errc::success, "publish failed");
    });
    w.run();
    check(ended.load(acquire) == 1, "lost wake-up: the coroutine never ended");
    check_equal(got.of(0), 2, "events of producer 0");
    consumer.handle.destroy();
}};

template <class Selector, class Executor>
task take_all(Selector& select, Executor& executor, log& got, unsigned n, model::atomic<int>& ended) {
    while (got.size() < n) {
        check(co_await select.when_ready(executor), "nothing ready, and the rings are open");
        select.poll([&](event& e, evproc::select_info const& info) {
            check_equal(info.source, e.get() / 16, "the ring that an event came from");
            got.add(e.get());
        });
    }
    ended.store(1, std::memory_order_release);
}

// One suspension for two rings.
model::add_scenario const either_ring{"callback: a coroutine resumed by the producer of two rings", plain,
                                      [](world& w) {
    using grouped = evproc::event_processor<event, 1, evproc::grouped_wait<evproc::coroutine_wait>, quiet>;
    evproc::wait_group<evproc::coroutine_wait> group;
    grouped rings[2] = {grouped{group}, grouped{group}};
    evproc::selector select{evproc::strict{1}, rings[0], rings[1]};
    at_once executor;
    log got;
    model::atomic<int> ended{0};
    task const consumer = take_all(select, executor, got, 2, ended);
    w.thread("starter", [&] { consumer.handle.resume(); });
    w.thread("producer 0", [&] {
        for (unsigned i : {1U, 0U}) check(rings[i].try_publish(made(i, 0)) == errc::success, "publish failed");
    });
    w.run();
    check(ended.load(acquire) == 1, "lost wake-up: the coroutine never ended");
    for (unsigned i = 0; i < 2; ++i) check_equal(got.of(i), 1, "events of a ring");
    consumer.handle.destroy();
}};

model::add_scenario const posted_on{"callback: a coroutine resumed on an executor's thread", plain, [](world& w) {
    processor<2> p;
    elsewhere executor;
    log got;
    model::var<unsigned> rounds{0};
    model::atomic<int> ended{0};
    task const consumer = consume(p, executor, got, 2, rounds, ended);
    w.thread("executor", [&] {
        consumer.handle.resume();
        for (unsigned next = 0; ended.load(acquire) == 0;) {
            if (next < executor.posted.load(acquire)) {
                executor.box[next++]();
            } else {
                model::pause();
            }
        }
    });
    w.thread("producer 0", [&] {
        for (unsigned i = 0; i < 2; ++i) check(p.try_publish(made(0, i)) == errc::success, "publish failed");
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
    consumer.handle.destroy();
}};

// The coroutine begins on one thread and is resumed on another.
model::add_scenario const migrates{"callback: a coroutine that begins on another thread", plain, [](world& w) {
    processor<1> p;
    elsewhere executor;
    log got;
    model::var<unsigned> rounds{0};
    model::atomic<int> ended{0};
    task const consumer = consume(p, executor, got, 1, rounds, ended);
    w.thread("starter", [&] {
        rounds.set(3);
        consumer.handle.resume();
    });
    w.thread("executor", [&] {
        for (unsigned next = 0; ended.load(acquire) == 0;) {
            if (next < executor.posted.load(acquire)) {
                executor.box[next++]();
            } else {
                model::pause();
            }
        }
    });
    w.thread("producer 0", [&] { check(p.try_publish(made(0, 0)) == errc::success, "publish failed"); });
    w.run();
    check(ended.load(acquire) == 1, "lost wake-up: the coroutine never ended");
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(rounds.get(), 4, "rounds");
    consumer.handle.destroy();
}};

/// Never gets round to what it is given.
struct never {
    void const* self = this;
    void post(evproc::resumption) { check(self == this, "posted to another executor"); }
};
/// Resumes where it is told to, and knows itself: an address of two halves would call it for another one.
struct at_once_here : at_once {
    unsigned kind = 77;
    void post(evproc::resumption r) {
        check_equal(kind, 77, "posted to an executor of another kind");
        at_once::post(r);
    }
};

// A coroutine is destroyed where it waits, and another one waits in its place on another executor: what was on its way
// to the first one does nothing, and the second one gets the event.
model::add_scenario const cancelled{"callback: a coroutine destroyed where it waits, and its successor", plain,
                                    [](world& w) {
    processor<1> p;
    never first;
    at_once_here second;
    log early, got;
    model::var<unsigned> early_rounds{0}, rounds{0};
    model::atomic<int> early_ended{0}, ended{0};
    task const doomed = consume(p, first, early, 1, early_rounds, early_ended);
    task const successor = consume(p, second, got, 1, rounds, ended);
    w.thread("starter", [&] {
        doomed.handle.resume();
        doomed.handle.destroy();
        successor.handle.resume();
    });
    w.thread("producer 0", [&] { check(p.try_publish(made(0, 0)) == errc::success, "publish failed"); });
    w.run();
    check_equal(early.size() + got.size(), 1, "events");
    check(early.size() == 1 || ended.load(acquire) == 1, "lost wake-up: the coroutine never ended");
    successor.handle.destroy();
}};

// What an executor still has in its queue when the coroutine is destroyed does nothing.
model::add_scenario const too_late{"callback: a resumption that comes after the coroutine's end", plain, [](world& w) {
    processor<1> p;
    elsewhere executor;
    log got;
    model::var<unsigned> rounds{0};
    model::atomic<int> ended{0};
    task const doomed = consume(p, executor, got, 1, rounds, ended);
    w.thread("executor", [&] {
        doomed.handle.resume();
        doomed.handle.destroy();
        unsigned const taken = got.size();
        if (executor.posted.load(acquire) != 0) executor.box[0]();
        check_equal(got.size(), taken, "events taken before the coroutine was destroyed");
    });
    w.thread("producer 0", [&] { check(p.try_publish(made(0, 0)) == errc::success, "publish failed"); });
    w.run();
}};

}  // namespace
