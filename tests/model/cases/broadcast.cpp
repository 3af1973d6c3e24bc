// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Several consumers in stages: siblings, a stage behind a stage, sleep across stages, consumers that leave, the end.

#include "support.hpp"

#include <evproc/broadcast_processor.hpp>

#include <optional>

using namespace cases;
using evproc::errc;
using evproc::poll_state;
using evproc::stages;

namespace {

/// Trivial, so that siblings may be the last stage.
using word = model::plain<unsigned>;

template <class Event, class Stages, std::size_t N>
using spinning = evproc::broadcast_processor<Event, Stages, N, evproc::spin_wait, quiet>;
template <class Event, class Stages, std::size_t N>
using sleeping = evproc::broadcast_processor<Event, Stages, N, evproc::blocking_wait, quiet>;

/// A producer that knows nothing but how far it has come.
template <class Processor> void send(Processor& p, unsigned number) {
    auto place = p.reserve();
    check(place.error() == errc::success, "a waiting reserve was refused");
    if constexpr (std::is_same_v<typename Processor::event_type, word>)
        place->set(made(0, number));
    else
        place.emplace(made(0, number));
    check(place.commit() == errc::success, "commit failed");
    settle_producer(0, number + 1);
}

/// Takes n events, and no other. After a poll that found the end of what there is, a consumer knows nothing but what it got.
template <class Consumer> void follow(Consumer& consumer, log& got, unsigned n, std::size_t max = 16) {
    while (got.size() < n) {
        auto const polled = consumer.poll([&](auto& e) { got.add(e.get()); }, max);
        if (polled.state == poll_state::idle) model::settled({got.hash()});
        if (polled.events == 0) check(consumer.wait(), "a wait ended with nothing there");
    }
}

// ---- siblings: a slot is free again when both have read it ----

template <std::size_t N> void siblings(world& w) {
    spinning<word, stages<2>, N> p;
    auto a = p.template consumer<0>(0);
    auto b = p.template consumer<0>(1);
    log got[2];
    for (unsigned i = 0; i != N; ++i) send(p, i);
    w.thread("producer 0", [&] { send(p, N); });
    w.thread("sibling 0", [&] { follow(a, got[0], N + 1); });
    w.thread("sibling 1", [&] { follow(b, got[1], N + 1); });
    w.run();
    for (log const& g : got) check_equal(g.of(0), N + 1, "events");
}
model::add_scenario const siblings_1{"broadcast: one slot, two siblings", plain, siblings<1>};

// The last stage destroys what both siblings have read.
model::add_scenario const destroyer{"broadcast: one slot, two siblings and one that destroys", plain, [](world& w) {
    spinning<event, stages<2, 1>, 1> p;
    auto a = p.consumer<0>(0);
    auto b = p.consumer<0>(1);
    auto last = p.consumer<1>();
    log got[3];
    send(p, 0);
    w.thread("sibling 0", [&] { follow(a, got[0], 1); });
    w.thread("sibling 1", [&] { follow(b, got[1], 1); });
    w.thread("last stage", [&] { follow(last, got[2], 1); });
    w.run();
    for (log const& g : got) check_equal(g.of(0), 1, "events");
}};

// ---- stage after stage ----

template <std::size_t N> void mutation(world& w) {
    spinning<event, stages<1, 1>, N> p;
    auto first = p.template consumer<0>();
    auto last = p.template consumer<1>();
    log got[2];
    w.thread("producer 0", [&] {
        for (unsigned i = 0; i != 2; ++i) send(p, i);
    });
    w.thread("stage 0", [&] {
        while (got[0].size() != 2) {
            first.poll([&](event& e) {
                got[0].add(e.get());
                e.set(e.get() + 100);
            });
            model::settled({got[0].hash()});
            if (got[0].size() != 2) check(first.wait(), "a wait ended with nothing there");
        }
    });
    w.thread("stage 1", [&] { follow(last, got[1], 2); });
    w.run();
    check_equal(got[0].of(0), 2, "events");
    for (unsigned i = 0; i != 2; ++i) check_equal(got[1][i], 100 + made(0, i), "what the stage before wrote");
}
model::add_scenario const mutation_1{"broadcast: one slot, a stage changes what the next reads", plain, mutation<1>};
model::add_scenario const mutation_2{"broadcast: two slots, a stage changes what the next reads", plain, mutation<2>};

// The stage before stands inside a record.
model::add_scenario const inside{"broadcast: four slots, a stage follows into a batch, and over a discard", plain,
                                 [](world& w) {
    spinning<event, stages<1, 1>, 4> p;
    auto first = p.consumer<0>();
    auto last = p.consumer<1>();
    log got[2];
    w.thread("producer 0", [&] {
        auto batch = p.reserve_batch(3);
        batch.emplace_back(made(0, 0));
        batch.emplace_back(made(0, 1));
        check(batch.commit() == errc::success, "commit failed");
    });
    w.thread("stage 0", [&] {
        while (got[0].size() != 2) {
            if (first.poll([&](event& e) { got[0].add(e.get()); }, 1).events == 0) model::pause();
        }
        static_cast<void>(first.poll([](event&) {}));
    });
    w.thread("stage 1", [&] { follow(last, got[1], 2); });
    w.run();
    for (log const& g : got) check_equal(g.of(0), 2, "events");
    static_cast<void>(last.poll([](event&) {}));
    check_equal(p.stats().discarded, 1, "discarded");
}};

model::add_scenario const flushes{"broadcast: flush sees what the last stage did", plain, [](world& w) {
    spinning<event, stages<1, 1>, 2> p;
    auto first = p.consumer<0>();
    auto last = p.consumer<1>();
    model::var<unsigned> handled{0};
    send(p, 0);
    static_cast<void>(first.poll([](event&) {}));
    w.thread("producer 0", [&] {
        check(p.flush() == errc::success, "flush failed");
        check_equal(handled.get(), 1, "what the last stage did");
    });
    w.thread("stage 1", [&] { last.poll_wait([&](event&) { handled.set(1); }); });
    w.run();
}};

// ---- sleep ----

model::add_scenario const sleepers{"broadcast: two stages sleep", calm, [](world& w) {
    sleeping<event, stages<1, 1>, 1> p;
    auto first = p.consumer<0>();
    auto last = p.consumer<1>();
    log got[2];
    w.thread("producer 0", [&] { send(p, 0); });
    w.thread("stage 0", [&] { follow(first, got[0], 1); });
    w.thread("stage 1", [&] { follow(last, got[1], 1); });
    w.run();
    for (log const& g : got) check_equal(g.of(0), 1, "events");
}};

model::add_scenario const sleeper{"broadcast: a stage sleeps for the one before, which sees two events", plain,
                                  [](world& w) {
    sleeping<event, stages<1, 1>, 2> p;
    auto first = p.consumer<0>();
    auto last = p.consumer<1>();
    log got[2];
    send(p, 0);
    send(p, 1);
    w.thread("stage 0", [&] {
        follow(first, got[0], 1, 1);
        follow(first, got[0], 2);
    });
    w.thread("stage 1", [&] { follow(last, got[1], 2); });
    w.run();
    for (log const& g : got) check_equal(g.of(0), 2, "events");
}};

model::add_scenario const producer_sleeps{"broadcast: one slot, a producer sleeps for the last stage", plain,
                                          [](world& w) {
    sleeping<event, stages<1, 1>, 1> p;
    auto first = p.consumer<0>();
    auto last = p.consumer<1>();
    log got[2];
    send(p, 0);
    follow(first, got[0], 1);
    w.thread("producer 0", [&] { send(p, 1); });
    w.thread("stage 1", [&] { follow(last, got[1], 1); });
    w.run();
    follow(first, got[0], 2);
    follow(last, got[1], 2);
}};

// ---- leaving ----

model::add_scenario const leave_full{"broadcast: a sibling leaves a full ring, for which a producer sleeps", plain,
                                     [](world& w) {
    sleeping<word, stages<2>, 1> p;
    auto stays = p.consumer<0>(0);
    std::optional leaves{p.consumer<0>(1)};
    log got;
    send(p, 0);
    follow(stays, got, 1);
    w.thread("producer 0", [&] { send(p, 1); });
    w.thread("leaver", [&] {
        check_equal(leaves->poll([](word const& e) { check_equal(e.get(), made(0, 0), "the event"); }, 1).events, 1,
                    "events");
        leaves.reset();
    });
    w.run();
    follow(stays, got, 2);
}};

// It has read; what frees space is that it is gone.
model::add_scenario const leave_reading{"broadcast: one slot, a sibling leaves while it reads in place", plain,
                                        [](world& w) {
    spinning<word, stages<2>, 1> p;
    auto stays = p.consumer<0>(0);
    std::optional leaves{p.consumer<0>(1)};
    log got;
    send(p, 0);
    follow(stays, got, 1);
    w.thread("producer 0", [&] { send(p, 1); });
    w.thread("leaver", [&] {
        {
            auto view = leaves->peek();
            check_equal(view.front().get(), made(0, 0), "the event");
            view.keep();
        }
        leaves.reset();
    });
    w.run();
    follow(stays, got, 2);
}};

// The next stage sleeps for it, and then for the producers.
model::add_scenario const leave_first{"broadcast: the first stage leaves, and the second sleeps for the producer", calm,
                                      [](world& w) {
    sleeping<word, stages<1, 1>, 2> p;
    std::optional first{p.consumer<0>()};
    auto second = p.consumer<1>();
    log got;
    w.thread("producer 0", [&] { send(p, 0); });
    w.thread("leaver", [&] { first.reset(); });
    w.thread("stage 1", [&] { follow(second, got, 1); });
    w.run();
    check_equal(got.of(0), 1, "events");
}};

// Then the stage before it frees space.
model::add_scenario const leave_last{"broadcast: the last stage leaves, and a producer sleeps for the first", calm,
                                     [](world& w) {
    sleeping<word, stages<1, 1>, 1> p;
    auto first = p.consumer<0>();
    std::optional last{p.consumer<1>()};
    log got;
    send(p, 0);
    w.thread("producer 0", [&] { send(p, 1); });
    w.thread("leaver", [&] { last.reset(); });
    w.thread("stage 0", [&] { follow(first, got, 1); });
    w.run();
    follow(first, got, 2);
}};

model::add_scenario const leave_both{"broadcast: two siblings leave at once", plain, [](world& w) {
    spinning<word, stages<2>, 1> p;
    std::optional a{p.consumer<0>(0)};
    std::optional b{p.consumer<0>(1)};
    send(p, 0);
    w.thread("leaver 0", [&] { a.reset(); });
    w.thread("leaver 1", [&] { b.reset(); });
    w.run();
    check(p.try_reserve().error() == errc::closed, "open where nobody is left");
    check(p.flush() == errc::closed, "flushed where nobody is left");
}};

model::add_scenario const leave_last_of_all{"broadcast: the last consumer leaves, and a producer sleeps", plain,
                                            [](world& w) {
    sleeping<word, stages<1>, 1> p;
    std::optional a{p.consumer<0>()};
    send(p, 0);
    w.thread("producer 0", [&] { check(p.reserve().error() == errc::closed, "space where there is none"); });
    w.thread("leaver", [&] { a.reset(); });
    w.run();
}};

// ---- the end ----

template <class Consumer> void to_the_end(Consumer& consumer, log& got) {
    check(consumer.run([&](event& e) { got.add(e.get()); }).reason == errc::closed, "not closed");
    check(consumer.state() == poll_state::closed, "not closed");
}

model::add_scenario const close_first{"broadcast: close against the first stage, and the second drains", plain,
                                      [](world& w) {
    sleeping<event, stages<1, 1>, 2> p;
    auto first = p.consumer<0>();
    auto last = p.consumer<1>();
    log got[2];
    send(p, 0);
    w.thread("closer", [&] { p.close(); });
    w.thread("stage 0", [&] { to_the_end(first, got[0]); });
    w.run();
    to_the_end(last, got[1]);
    for (log const& g : got) check_equal(g.of(0), 1, "events");
}};

model::add_scenario const close_second{"broadcast: close against the second stage", plain, [](world& w) {
    sleeping<event, stages<1, 1>, 2> p;
    auto first = p.consumer<0>();
    auto last = p.consumer<1>();
    log got[2];
    send(p, 0);
    follow(first, got[0], 1);
    w.thread("closer", [&] { p.close(); });
    w.thread("stage 1", [&] { to_the_end(last, got[1]); });
    w.run();
    to_the_end(first, got[0]);
    for (log const& g : got) check_equal(g.of(0), 1, "events");
}};

model::add_scenario const closed_before{
    "broadcast: closed, and the second stage waits for the first to come to a discard", plain, [](world& w) {
    sleeping<event, stages<1, 1>, 2> p;
    auto first = p.consumer<0>();
    auto last = p.consumer<1>();
    log got[2];
    send(p, 0);
    p.reserve().discard();
    p.close();
    w.thread("stage 0", [&] { to_the_end(first, got[0]); });
    w.thread("stage 1", [&] { to_the_end(last, got[1]); });
    w.run();
    for (log const& g : got) check_equal(g.of(0), 1, "events");
}};

// The largest comes last: what is wrong with a seeded bug is most often seen in a smaller one.
model::add_scenario const siblings_2{"broadcast: two slots, two siblings", plain, siblings<2>};

}  // namespace
