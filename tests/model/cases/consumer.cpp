// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// The consumer's side of event_processor: runs that a handler does not finish, polls with a limit, what state() says, and
// flush() against those who write over the words that it counts.

#include "support.hpp"

#include <chrono>
#include <span>

using namespace cases;
using evproc::errc;
using evproc::event_action;
using evproc::event_info;
using evproc::poll_state;

namespace {

template <std::size_t N> using spinning = evproc::event_processor<event, N, evproc::spin_wait, quiet>;
template <std::size_t N> using sleeping = evproc::event_processor<event, N, evproc::blocking_wait, quiet>;
template <std::size_t N> using single = evproc::event_processor<event, N, evproc::spin_wait, one_producer>;

template <class Processor> void send(Processor& p, unsigned producer, unsigned number) {
    check(p.publish(made(producer, number)) == errc::success, "publish failed");
}
template <class Processor>
void send_batch(Processor& p, unsigned producer, unsigned first, unsigned built, unsigned reserved) {
    auto batch = p.reserve_batch(reserved);
    for (unsigned i = 0; i < built; ++i) batch.emplace_back(made(producer, first + i));
    check(batch.commit() == errc::success, "commit failed");
}

/// Until a record is there, an event or not. Polls that find nothing write who consumes, and those who wait for space may read
/// any of that, so that there would be no end of states.
template <class Processor> void await_record(Processor& p) {
    auto const& ring = ring_of(p);
    while (!ring.core().is_ready(ring.cursor())) model::pause();
}

/// Polls until the log holds n events, never more than `max` at a time; does not wait.
template <class Processor> void poll(Processor& p, log& got, unsigned n, std::size_t max) {
    while (got.size() < n) {
        auto const result = p.poll([&](event& e) { got.add(e.get()); }, max);
        check(result.events <= max, "more than was asked for");
        if (result.events != 0)
            settle(p, got);
        else
            await_record(p);
    }
}

// ---- a handler that does not finish a run ----

// Of a run of ready events the handler takes one; the others come later, in order, and their slots stay theirs.
enum class ending { stops, keeps, throws };
template <ending How, class Processor> void unfinished(world& w) {
    Processor p;
    log got;
    w.thread("producer 0", [&] {
        send_batch(p, 0, 0, 2, 2);
        send_batch(p, 0, 2, 2, 2);
    });
    w.thread("consumer", [&] {
        bool once = true;
        while (got.size() < 4) {
            unsigned const before = got.size();
            try {
                auto const result = p.poll([&](event& e) {
                    if (How == ending::keeps && got.size() == 1 && once) {
                        once = false;
                        return event_action::keep;
                    }
                    got.add(e.get());
                    if (How == ending::throws && got.size() == 1) throw 7;
                    return How == ending::stops ? event_action::stop : event_action::next;
                });
                check_equal(result.events, got.size() - before, "events counted");
                if (How == ending::stops) check(result.events <= 1, "delivered after a stop");
            } catch (int) {
                check_equal(got.size(), 1, "events before the exception");
            }
            if (got.size() == before) await_record(p);
        }
    });
    w.run();
    check_equal(got.of(0), 4, "events of producer 0");
}
model::add_scenario const stops{"consumer: two slots, a handler stops in a run", plain,
                                unfinished<ending::stops, spinning<2>>};
model::add_scenario const keeps{"consumer: two slots, a handler keeps an event in a run", plain,
                                unfinished<ending::keeps, spinning<2>>};
model::add_scenario const throws{"consumer: two slots, a handler throws in a run", plain,
                                 unfinished<ending::throws, spinning<2>>};
model::add_scenario const single_throws{"consumer: two slots, a handler throws in a run, one producer", plain,
                                        unfinished<ending::throws, single<2>>};

// ---- a limit ----

// The rest of a prefix lies behind what the poll took; a consumer that only ever polls for one must still give it back.
model::add_scenario const prefix{"consumer: two slots, polled one by one, half of a batch is given up", plain,
                                 [](world& w) {
    spinning<2> p;
    log got;
    w.thread("producer 0", [&] {
        send_batch(p, 0, 0, 1, 2);
        send_batch(p, 0, 1, 2, 2);
    });
    w.thread("consumer", [&] { poll(p, got, 3, 1); });
    w.run();
    check_equal(got.of(0), 3, "events of producer 0");
}};

// So must what was discarded and nothing else.
model::add_scenario const only_discards{"consumer: one slot, polled, a discard frees a slot", plain, [](world& w) {
    spinning<1> p;
    log got;
    w.thread("producer 0", [&] {
        p.reserve().discard();
        send(p, 0, 0);
    });
    w.thread("consumer", [&] { poll(p, got, 1, 4); });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}};

model::add_scenario const limited{"consumer: four slots, two producers, never more than asked for", plain,
                                  [](world& w) {
    spinning<4> p;
    log got;
    w.thread("producer 0", [&] { send_batch(p, 0, 0, 3, 3); });
    w.thread("producer 1", [&] {
        send(p, 1, 0);
        send(p, 1, 1);
    });
    w.thread("consumer", [&] { poll(p, got, 5, 2); });
    w.run();
    check_equal(got.of(0), 3, "events of producer 0");
    check_equal(got.of(1), 2, "events of producer 1");
    got.check_unbroken(0, 0, 3);
}};

// ---- batches of events ----

// What lies on both sides of a gap is not one batch: in the gap there is no event.
model::add_scenario const gap{"consumer: four slots, batches on both sides of a discard", plain, [](world& w) {
    spinning<4> p;
    log got;
    w.thread("producer 0", [&] {
        send(p, 0, 0);
        p.reserve().discard();
        send(p, 0, 1);
    });
    w.thread("producer 1", [&] { p.reserve().discard(); });
    w.thread("consumer", [&] {
        while (got.size() < 2) {
            auto const result = p.poll_batches([&](std::span<event> events) {
                for (event& e : events) got.add(e.get());
            });
            if (result.events == 0) await_record(p);
        }
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
}};

// `end_of_batch` is set for the last event of a poll, whatever the runs are, and for none behind which one is known to be.
template <class Processor> void ends(world& w) {
    Processor p;
    log got;
    model::atomic<int> told{0};
    w.thread("producer 0", [&] {
        send(p, 0, 0);
        send_batch(p, 0, 1, 2, 3);
        told.store(1, std::memory_order_release);
        send(p, 0, 3);
    });
    w.thread("consumer", [&] {
        while (got.size() < 4) {
            bool const three = told.load(std::memory_order_acquire) != 0;
            bool ended = false;
            auto const result = p.poll([&](event& e, event_info const& info) {
                got.add(e.get());
                ended = info.end_of_batch;
                check(!three || !ended || got.size() >= 3, "an event behind the end of the batch");
            });
            check(ended == (result.events != 0), "a poll whose last event was not reported as the last");
            if (result.events == 0) await_record(p);
        }
    });
    w.run();
    check_equal(got.of(0), 4, "events of producer 0");
}
model::add_scenario const end_of_batch{"consumer: four slots, the end of each batch is reported", plain,
                                       ends<spinning<4>>};
model::add_scenario const single_end_of_batch{"consumer: four slots, the end of each batch is reported, one producer",
                                              plain, ends<single<4>>};
// A consumer that pauses, and then goes no further than where the producers were.
constexpr evproc::ring_options paced_options{.statistics = false};
model::add_scenario const paced{"consumer: four slots, the end of each batch is reported by one that pauses", plain,
                                ends<evproc::event_processor<event, 4, evproc::spin_wait, paced_options>>};

// All that is known to be committed comes in one poll, however it was committed.
model::add_scenario const all_at_once{"consumer: four slots, one poll takes all that is known to be there", plain,
                                      [](world& w) {
    spinning<4> p;
    log got;
    model::atomic<int> told{0};
    w.thread("producer 0", [&] {
        send(p, 0, 0);
        send_batch(p, 0, 1, 1, 2);
        send(p, 0, 2);
        told.store(1, std::memory_order_release);
    });
    w.thread("consumer", [&] {
        while (told.load(std::memory_order_acquire) == 0) model::pause();
        auto const result = p.poll([&](event& e, event_info const&) { got.add(e.get()); });
        check_equal(result.events, 3, "events in one poll");
        check(p.state() == poll_state::idle, "not idle");
    });
    w.run();
    check_equal(got.of(0), 3, "events of producer 0");
}};

// Slots are freed while a poll goes on: by what was discarded before its run, and by what it has handled. A handler may wait for who
// waits for them.
model::add_scenario const free_at_once{"consumer: two slots, a handler waits for who waits for the slot of a discard",
                                       plain, [](world& w) {
    spinning<2> p;
    log got;
    model::atomic<int> has_room{0};
    p.reserve().discard();
    send(p, 0, 0);
    w.thread("producer 1", [&] {
        auto place = p.reserve();
        has_room.store(1, std::memory_order_relaxed);
        place.emplace(made(1, 0));
        check(place.commit() == errc::success, "commit failed");
    });
    w.thread("consumer", [&] {
        while (got.size() < 2)
            p.poll_wait([&](event& e) {
                while (has_room.load(std::memory_order_relaxed) == 0) model::pause();
                got.add(e.get());
            });
    });
    w.run();
    check_equal(got.of(1), 1, "events of producer 1");
}};
model::add_scenario const free_midway{
    "consumer: four slots, a handler waits for who waits for the slot of the event before", plain, [](world& w) {
    spinning<4> p;
    log got;
    model::atomic<int> has_room{0};
    for (unsigned i = 0; i < 4; ++i) send(p, 0, i);
    w.thread("producer 1", [&] {
        auto place = p.reserve();
        has_room.store(1, std::memory_order_relaxed);
        place.emplace(made(1, 0));
        check(place.commit() == errc::success, "commit failed");
    });
    w.thread("consumer", [&] {
        while (got.size() < 5)
            p.poll_wait([&](event& e) {
                while (got.size() == 1 && has_room.load(std::memory_order_relaxed) == 0) model::pause();
                got.add(e.get());
            });
    });
    w.run();
    check_equal(got.of(0), 4, "events of producer 0");
    check_equal(got.of(1), 1, "events of producer 1");
}};

// ---- looking and releasing ----

model::add_scenario const in_parts{"consumer: two slots, peeked at and released in parts, two laps", plain,
                                   [](world& w) {
    spinning<2> p;
    log got;
    w.thread("producer 0", [&] {
        send_batch(p, 0, 0, 2, 2);
        send(p, 0, 2);
        send_batch(p, 0, 3, 1, 2);
    });
    w.thread("consumer", [&] {
        while (got.size() < 4) {
            auto batch = p.peek();
            if (!batch) {
                model::pause();
                continue;
            }
            if (model::choose(2) == 1) {
                batch.keep();
                batch = p.peek();
            }
            got.add(batch.front().get());
            batch.release(1);
            for (event& e : batch) got.add(e.get());
        }
    });
    w.run();
    check_equal(got.of(0), 4, "events of producer 0");
}};

model::add_scenario const single_in_parts{"consumer: two slots, peeked at and released in parts, one producer", plain,
                                          [](world& w) {
    single<2> p;
    log got;
    w.thread("producer 0", [&] {
        send_batch(p, 0, 0, 2, 2);
        send(p, 0, 2);
        send_batch(p, 0, 3, 1, 2);
    });
    w.thread("consumer", [&] {
        while (got.size() < 4) {
            auto batch = p.peek();
            if (!batch) {
                model::pause();
                continue;
            }
            got.add(batch.front().get());
            batch.release(1);
            for (event& e : batch) got.add(e.get());
        }
    });
    w.run();
    check_equal(got.of(0), 4, "events of producer 0");
}};

// ---- what state() says ----

// "closed" is said by nobody before the last commit; `more` means that there is one. With one producer a claim that comes too
// late is there for a moment, so that after the end it may seem open again; with many the end stays the end.
template <class Processor, bool Stays, unsigned Events> void until_closed(world& w) {
    Processor p;
    log got;
    unsigned done = 0;
    w.thread("producer 0", [&] {
        for (unsigned i = 0; i < Events; ++i) {
            auto place = p.try_reserve();
            if (!place) return;
            if (i == 0 && model::choose(2) == 1) {
                place.discard();
                continue;
            }
            place.emplace(made(0, done));
            check(place.commit() == errc::success, "commit failed");
            ++done;
        }
    });
    w.thread("closer", [&] { p.close(); });
    w.thread("consumer", [&] {
        auto const take = [&](event& e) { got.add(e.get()); };
        for (;;) {
            poll_state const state = p.state();
            if (state == poll_state::more) {
                check_equal(p.poll(take, 1).events, 1, "events where there was one");
                continue;
            }
            auto const result = p.poll(take);
            if (state == poll_state::closed) {
                check_equal(result.events, 0, "events after the end");
                check(!Stays || result.state == poll_state::closed, "open again");
                return;
            }
            if (result.state == poll_state::closed) {
                check(!Stays || p.state() == poll_state::closed, "open again");
                return;
            }
            if (result.events == 0) model::pause();
        }
    });
    w.run();
    check_equal(got.of(0), done, "events of producer 0");
}
model::add_scenario const closing{"consumer: two slots, poll and state() against close", plain,
                                  until_closed<spinning<2>, true, 2>};
model::add_scenario const single_closing{"consumer: two slots, poll and state() against close, one producer", plain,
                                         until_closed<single<2>, false, 1>};

// What is known of the front is what state() says of it.
template <class Processor> void known_front(world& w) {
    Processor p;
    log got;
    model::atomic<int> told{0}, heard{0};
    w.thread("producer 0", [&] {
        auto const say = [&](int what) {
            told.store(what, std::memory_order_release);
            while (heard.load(std::memory_order_acquire) != what) model::pause();
        };
        {
            auto place = p.reserve();
            say(1);
            place.emplace(made(0, 0));
            check(place.commit() == errc::success, "commit failed");
        }
        say(2);
        p.reserve().discard();
        say(3);
        p.close();
        say(4);
    });
    w.thread("consumer", [&] {
        check(p.state() != poll_state::closed, "closed while open");
        auto const expect = [&](int what, poll_state state) {
            while (told.load(std::memory_order_acquire) != what) model::pause();
            check(p.state() == state, "state() is not what is known of the front");
            if (state == poll_state::more) p.poll([&](event& e) { got.add(e.get()); });
            heard.store(what, std::memory_order_release);
        };
        expect(1, poll_state::blocked);
        expect(2, poll_state::more);
        expect(3, poll_state::idle);
        expect(4, poll_state::closed);
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}
model::add_scenario const fronts{"consumer: one slot, state() tells each front that is known", plain,
                                 known_front<spinning<1>>};
model::add_scenario const single_fronts{"consumer: one slot, state() tells each front that is known, one producer",
                                        plain, known_front<single<1>>};

// Who has got the first part of a batch of a single producer knows that the rest was released.
model::add_scenario const given_back{"consumer: two slots, half of a batch, and nothing is left, one producer", plain,
                                     [](world& w) {
    single<2> p;
    log got;
    w.thread("producer 0", [&] { send_batch(p, 0, 0, 1, 2); });
    w.thread("consumer", [&] {
        poll(p, got, 1, 2);
        check(p.state() == poll_state::idle, "not idle behind the last commit");
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}};

// A wait that ends without an event says what stands there.
model::add_scenario const exact_after_wait{"consumer: one slot, a wait that times out tells the state", plain,
                                           [](world& w) {
    sleeping<1> p;
    log got;
    model::atomic<int> told{0}, heard{0};
    w.thread("producer 0", [&] {
        auto place = p.reserve();
        told.store(1, std::memory_order_release);
        while (heard.load(std::memory_order_acquire) == 0) model::pause();
        place.emplace(made(0, 0));
        check(place.commit() == errc::success, "commit failed");
    });
    w.thread("consumer", [&] {
        auto const take = [&](event& e) { got.add(e.get()); };
        while (told.load(std::memory_order_acquire) == 0) model::pause();
        check(p.poll(take).state == poll_state::idle, "not idle");
        check(p.poll_for(std::chrono::seconds{1}, take).state == poll_state::blocked, "not blocked");
        heard.store(1, std::memory_order_release);
        while (got.size() == 0) p.poll_wait(take);
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}};

// ---- flush against those who write over the words that it counts ----

// Of two events one has been published before. The consumer handles it while flush() looks, and somebody claims its slot one
// lap later: that word is not of this lap. flush() waits for both events all the same.
template <std::size_t N, class Processor = spinning<N>, class Interloper>
void flushed_over(world& w, Interloper interloper) {
    Processor p;
    log got;
    model::var<unsigned> handled{0};
    model::atomic<unsigned> theirs{0};  // one more than producer 1 has committed
    for (unsigned i = 0; i < N - 1; ++i) send(p, 0, i);
    w.thread("producer 0", [&] {
        send(p, 0, N - 1);
        check(p.flush() == errc::success, "flush failed");
        check_equal(handled.get(), N, "own events handled before flush returned");
    });
    w.thread("producer 1", [&] { theirs.store(1 + interloper(p), std::memory_order_relaxed); });
    w.thread("consumer", [&] {
        auto const& ring = ring_of(p);
        // flush() may wait for what came between, so that is taken too.
        for (unsigned known = 0; got.of(0) != N || known != got.of(1) + 1;) {
            // As await_record().
            while (!ring.core().is_ready(ring.cursor()) && theirs.load(std::memory_order_relaxed) == known)
                model::pause();
            known = theirs.load(std::memory_order_relaxed);
            if (!ring.core().is_ready(ring.cursor())) continue;
            p.poll([&](event& e) {
                got.add(e.get());
                if (e.get() / 16 == 0) handled.set(got.of(0));
            }, 1);
            auto const& place = ring.cursor();
            model::settled({got.hash(), known, place.at, place.end, place.start, place.discarded});
        }
    });
    w.run();
    check_equal(got.of(0), N, "events of producer 0");
    check_equal(got.of(1) + 1, theirs.load(std::memory_order_relaxed), "events of producer 1");
}
unsigned discards_one(auto& p) {
    if (auto place = p.try_reserve()) place.discard();
    return 0;
}
model::add_scenario const over_discard{"consumer: two slots, flush against a discard one lap later", plain,
                                       [](world& w) { flushed_over<2>(w, [](auto& p) { return discards_one(p); }); }};
model::add_scenario const over_one_slot{"consumer: one slot, flush against a discard one lap later", plain,
                                        [](world& w) { flushed_over<1>(w, [](auto& p) { return discards_one(p); }); }};
model::add_scenario const over_two_laps{"consumer: one slot, flush against discards two laps on", plain, [](world& w) {
    flushed_over<1>(w, [](auto& p) { return discards_one(p) + discards_one(p); });
}};
model::add_scenario const over_commit{"consumer: two slots, flush against a commit one lap later", plain, [](world& w) {
    flushed_over<2>(w, [](auto& p) { return p.try_publish(made(1, 0)) == errc::success ? 1u : 0u; });
}};
model::add_scenario const over_batch{"consumer: two slots, flush against a batch one lap later", plain, [](world& w) {
    flushed_over<2>(w, [](auto& p) {
        auto batch = p.try_reserve_batch(2);
        if (!batch) return 0u;
        if (model::choose(2) == 1) {
            batch.discard();
            return 0u;
        }
        batch.emplace_back(made(1, 0));
        batch.commit();
        return 1u;
    });
}};
// The caller's own batch is handled one by one, and claimed over from its first slot on.
model::add_scenario const over_own_batch{"consumer: two slots, flush of a batch against a discard one lap later", plain,
                                         [](world& w) {
    spinning<2> p;
    log got;
    model::var<unsigned> handled{0};
    w.thread("producer 0", [&] {
        send_batch(p, 0, 0, 2, 2);
        check(p.flush() == errc::success, "flush failed");
        check_equal(handled.get(), 2, "own events handled before flush returned");
    });
    w.thread("producer 1", [&] { discards_one(p); });
    w.thread("consumer", [&] {
        while (got.size() < 2) {
            auto const result = p.poll([&](event& e) {
                got.add(e.get());
                handled.set(got.size());
            }, 1);
            if (result.events == 0) await_record(p);
        }
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
}};

// ---- a consumer that waits reports a stall ----

struct hears_stalls : evproc::no_observer {
    model::atomic<unsigned>* calls;
    void on_stall(std::uint64_t sequence) noexcept {
        check_equal(sequence, 1, "the slot that is stalled");
        calls->fetch_add(1, std::memory_order_relaxed);
    }
};
// Once for the slot, before it sleeps.
model::add_scenario const stall{"consumer: two slots, a stall is reported once by who waits", plain, [](world& w) {
    model::atomic<unsigned> calls{0};
    model::atomic<int> told{0};
    evproc::event_processor<event, 2, evproc::blocking_wait, quiet, hears_stalls> p{hears_stalls{{}, &calls}};
    log got;
    w.thread("producer 0", [&] {
        send(p, 0, 0);
        auto place = p.reserve();
        told.store(1, std::memory_order_release);
        while (calls.load(std::memory_order_relaxed) == 0) model::pause();
        place.emplace(made(0, 1));
        check(place.commit() == errc::success, "commit failed");
    });
    w.thread("consumer", [&] {
        while (told.load(std::memory_order_acquire) == 0) model::pause();
        while (got.size() < 2) p.poll_wait([&](event& e) { got.add(e.get()); });
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
    check_equal(calls.load(std::memory_order_relaxed), 1, "how often it was reported");
}};

}  // namespace
