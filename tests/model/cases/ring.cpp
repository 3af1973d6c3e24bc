// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// The protocol of many producers alone: waiting by spinning.

#include "support.hpp"

using namespace cases;
using evproc::errc;

namespace {

template <std::size_t N> using ring = bare_ring<N>;
template <std::size_t N> using closing_ring = bare_ring<N, true>;
template <std::size_t N> using whole_ring = evproc::ring_buffer<event, N, evproc::spin_wait, quiet>;

// A compare-exchange that fails for no reason goes round with the value it had: the first scenarios try it, and for the
// others it would only be more of the same.
model::options const with_failures{};

model::options holding() {
    model::options o = plain;
    o.check_leaks = false;  // somebody stops for ever with what it holds
    return o;
}

// ---- one slot ----

model::add_scenario const one_slot{"ring: one slot, two producers", with_failures, [](world& w) {
    ring<1> r;
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0); });
    w.thread("producer 1", [&] { put(r, 1, 0); });
    w.thread("consumer", [&] { take(r, got, 2); });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(got.of(1), 1, "events of producer 1");
}};

model::add_scenario const one_slot_two_laps{"ring: one slot, one producer of three events", with_failures,
                                            [](world& w) {
    ring<1> r;
    log got;
    w.thread("producer 0", [&] {
        for (unsigned i = 0; i < 3; ++i) put(r, 0, i);
    });
    w.thread("consumer", [&] { take(r, got, 3); });
    w.run();
    check_equal(got.of(0), 3, "events of producer 0");
}};

// What a discarding producer did in the slot happens before the next one's use of it.
model::add_scenario const one_slot_undone{"ring: one slot, an event built, undone and discarded", with_failures,
                                          [](world& w) {
    ring<1> r;
    log got;
    w.thread("producer 0", [&] {
        auto const range = r.reserve();
        ::new (static_cast<void*>(range.data())) event(99);
        range.data()->~event();
        r.discard(range);
    });
    w.thread("producer 1", [&] { put(r, 1, 0); });
    w.thread("consumer", [&] { take(r, got, 1); });
    w.run();
    check_equal(got.of(1), 1, "events of producer 1");
    check_equal(got.size(), 1, "events");
}};

// ---- two slots ----

model::add_scenario const two_laps{"ring: two slots, two full laps of one producer", plain, [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer 0", [&] {
        for (unsigned i = 0; i < 5; ++i) put(r, 0, i);
    });
    w.thread("consumer", [&] { take(r, got, 5); });
    w.run();
    check_equal(got.of(0), 5, "events of producer 0");
}};

model::add_scenario const two_by_two{"ring: two slots, two producers of two events each", plain, [](world& w) {
    ring<2> r;
    log got;
    for (unsigned p = 0; p < 2; ++p)
        w.thread(p == 0 ? "producer 0" : "producer 1", [&r, p] {
            put(r, p, 0);
            put(r, p, 1);
        });
    w.thread("consumer", [&] { take(r, got, 4); });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
    check_equal(got.of(1), 2, "events of producer 1");
}};

model::add_scenario const three{"ring: two slots, three producers", plain, [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0); });
    w.thread("producer 1", [&] { put(r, 1, 0); });
    w.thread("producer 2", [&] { put(r, 2, 0); });
    w.thread("consumer", [&] { take(r, got, 3); });
    w.run();
    for (unsigned p = 0; p < 3; ++p) check_equal(got.of(p), 1, "events of each producer");
}};

model::add_scenario const undone_batch{"ring: two slots, a batch built, undone and discarded", plain, [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer 0", [&] {
        auto const range = r.reserve(2);
        for (unsigned i = 0; i < 2; ++i) ::new (static_cast<void*>(range.data() + i)) event(99);
        for (unsigned i = 0; i < 2; ++i) range.data()[i].~event();
        r.discard(range);
    });
    w.thread("producer 1", [&] {
        put(r, 1, 0);
        put(r, 1, 1);
    });
    w.thread("consumer", [&] { take(r, got, 2); });
    w.run();
    check_equal(got.of(1), 2, "events of producer 1");
    check_equal(got.size(), 2, "events");
}};

// ---- batches ----

// From position 3 of four slots: the first batch lies across the end, the second behind it.
model::add_scenario const straddling{"ring: four slots, batches across the end", plain, [](world& w) {
    ring<4> r{3};
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0, 3); });
    w.thread("producer 1", [&] { put(r, 1, 0, 3); });
    w.thread("consumer", [&] { take(r, got, 6); });
    w.run();
    check_equal(got.of(0), 3, "events of producer 0");
    check_equal(got.of(1), 3, "events of producer 1");
    got.check_unbroken(0, 0, 3);
    got.check_unbroken(1, 0, 3);
}};

model::add_scenario const straddling_far{"ring: two slots, batches across the end and across 2^32", plain,
                                         [](world& w) {
    ring<2> r{(std::uint64_t{1} << 32) - 1};
    log got;
    w.thread("producer 0", [&] {
        put(r, 0, 0, 2);
        put(r, 0, 2);
    });
    w.thread("producer 1", [&] { put(r, 1, 0, 2); });
    w.thread("consumer", [&] { take(r, got, 5); });
    w.run();
    check_equal(got.of(0), 3, "events of producer 0");
    check_equal(got.of(1), 2, "events of producer 1");
    got.check_unbroken(0, 0, 2);
    got.check_unbroken(1, 0, 2);
}};

model::add_scenario const highest{"ring: two slots, at the highest positions", plain, [](world& w) {
    ring<2> r{evproc::detail::max_position - 4};
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0, 2); });
    w.thread("producer 1", [&] { put(r, 1, 0); });
    w.thread("consumer", [&] { take(r, got, 3); });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
    check_equal(got.of(1), 1, "events of producer 1");
}};

// The first of two is committed, the rest given up: the rest's word must be there as soon as the first one's is.
model::add_scenario const partial{"ring: two slots, half of a batch committed", plain, [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer 0", [&] {
        auto const range = r.reserve(2);
        fill(r, range, 0, 0, 2, 1);
    });
    w.thread("producer 1", [&] {
        put(r, 1, 0);
        put(r, 1, 1);
    });
    w.thread("consumer", [&] { take(r, got, 3); });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(got.of(1), 2, "events of producer 1");
}};

model::add_scenario const partial_straddling{"ring: four slots, part of a batch across the end committed", plain,
                                             [](world& w) {
    ring<4> r{3};
    log got;
    w.thread("producer 0", [&] {
        auto const range = r.reserve(3);
        unsigned const built = model::choose(4);
        fill(r, range, 0, 0, built, built);
        put(r, 0, built);
    });
    w.thread("producer 1", [&] { put(r, 1, 0, 2); });
    w.thread("consumer", [&] {
        while (got.size() < 16 && (got.of(1) < 2 || got.size() < 3)) {
            check(r.wait(), "a wait ended with nothing there");
            take_some(r, got);
        }
    });
    w.run();
    got.check_unbroken(1, 0, 2);
    check(got.of(0) >= 1, "an event of producer 0 is missing");
    // The consumer stops when it has what every course of events has; the rest is still in the ring.
    while (take_some(r, got)) {
    }
}};

model::add_scenario const up_to{"ring: four slots, as many as there is space for", plain, [](world& w) {
    ring<4> r;
    log got;
    unsigned taken[2] = {0, 0};
    for (unsigned p = 0; p < 2; ++p)
        w.thread(p == 0 ? "producer 0" : "producer 1", [&r, &taken, p] {
            for (unsigned round = 0; round < 2; ++round) {
                auto const range = r.try_reserve_up_to(3);
                if (!range) {
                    check(range.error() == errc::full, "refused, but not because the ring is full");
                    continue;
                }
                check(range.size() >= 1 && range.size() <= 3, "neither one nor three");
                fill(r, range, p, taken[p]);
                taken[p] += static_cast<unsigned>(range.size());
            }
        });
    w.run();
    while (take_some(r, got)) {
    }
    check_equal(taken[0] + taken[1], 4, "two threads that take what there is fill the ring");
    check_equal(got.of(0), taken[0], "events of producer 0");
    check_equal(got.of(1), taken[1], "events of producer 1");
}};

// ---- discards ----

model::add_scenario const discards{"ring: two slots, one producer discards each other reservation", plain,
                                   [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer 0", [&] {
        r.discard(r.reserve());
        put(r, 0, 0);
    });
    w.thread("producer 1", [&] {
        put(r, 1, 0);
        put(r, 1, 1);
    });
    w.thread("consumer", [&] { take(r, got, 3); });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(got.of(1), 2, "events of producer 1");
}};

// ---- full ----

// "Full" is never said for no reason: who has seen that a slot was released gets it.
model::add_scenario const not_full{"ring: one slot, released and seen so, is not full", plain, [](world& w) {
    ring<1> r;
    log got;
    model::atomic<int> released{0};
    w.thread("producer 0", [&] {
        put(r, 0, 0);
        while (released.load(std::memory_order_acquire) == 0) model::pause();
        auto const range = r.try_reserve();
        check(static_cast<bool>(range), "refused where there is space");
        fill(r, range, 0, 1);
    });
    w.thread("consumer", [&] {
        take(r, got, 1);
        released.store(1, std::memory_order_release);
        take(r, got, 2);
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
}};

// Nor because of a claim that is newer than the space that is seen: one producer never has more than one of two slots.
model::add_scenario const newer_claim{"ring: two slots, one of them always free, are not full", plain, [](world& w) {
    ring<2> r;
    log got;
    model::atomic<unsigned> consumed{0};
    w.thread("producer 0", [&] {
        auto const range = r.try_reserve();
        check(static_cast<bool>(range), "refused where there is space");
        fill(r, range, 0, 0);
    });
    w.thread("producer 1", [&] {
        for (unsigned i = 0; i < 3; ++i) {
            while (consumed.load(std::memory_order_acquire) != i) model::pause();
            put(r, 1, i);
        }
    });
    w.thread("consumer", [&] {
        while (got.size() != 4) {
            if (take_some(r, got))
                consumed.store(got.of(1), std::memory_order_release);
            else
                model::pause();
        }
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(got.of(1), 3, "events of producer 1");
}};

// Whatever was refused was refused because of what others hold: one of two always gets through.
model::add_scenario const full{"ring: two slots, three try for one each", with_failures, [](world& w) {
    ring<2> r;
    log got;
    unsigned done[3] = {0, 0, 0};
    for (unsigned p = 0; p < 3; ++p)
        w.thread(p == 0   ? "producer 0"
                 : p == 1 ? "producer 1"
                          : "producer 2",
                 [&r, &done, p] {
            auto const range = r.try_reserve();
            check(range || range.error() == errc::full, "refused, but not because the ring is full");
            if (!range) return;
            fill(r, range, p, 0);
            done[p] = 1;
        });
    w.run();
    check_equal(done[0] + done[1] + done[2], 2, "three threads fill two slots");
    while (take_some(r, got)) {
    }
    for (unsigned p = 0; p < 3; ++p) check_equal(got.of(p), done[p], "events of each producer");
}};

// A discard behind what was released must not keep its space from a fitting reservation.
model::add_scenario const residue{"ring: two slots, what lies behind a released event is freed too", plain,
                                  [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer 0", [&] {
        auto const range = r.reserve(2);
        fill(r, range, 0, 0, 1, 1);
        put(r, 0, 1, 2);
    });
    w.thread("consumer", [&] { take(r, got, 3); });
    w.run();
    check_equal(got.of(0), 3, "events of producer 0");
}};

// The same on the whole ring, for a producer that does not wait and a consumer that has not looked further.
model::add_scenario const residue_seen{"ring: two slots, released and seen so, two are free", plain, [](world& w) {
    whole_ring<2> r;
    log got;
    model::atomic<int> released{0};
    w.thread("producer 0", [&] {
        auto const range = r.reserve(2);
        fill(r, range, 0, 0, 1, 1);
        while (released.load(std::memory_order_acquire) == 0) model::pause();
        auto const again = r.try_reserve(2);
        check(static_cast<bool>(again), "refused where there is space");
        fill(r, again, 0, 1);
    });
    w.thread("consumer", [&] {
        check(r.wait() && take_some(r, got, 1), "nothing there");
        released.store(1, std::memory_order_release);
        take(r, got, 3);
    });
    w.run();
    check_equal(got.of(0), 3, "events of producer 0");
}};

// So is what the consumer has found to be discarded and nothing else.
model::add_scenario const looked_past{"ring: one slot, discarded and looked past, is free", plain, [](world& w) {
    whole_ring<1> r;
    log got;
    model::atomic<int> discarded{0}, passed{0};
    w.thread("producer 0", [&] {
        r.discard(r.reserve());
        discarded.store(1, std::memory_order_release);
        while (passed.load(std::memory_order_acquire) == 0) model::pause();
        auto const range = r.try_reserve();
        check(static_cast<bool>(range), "refused where there is space");
        fill(r, range, 0, 0);
    });
    w.thread("consumer", [&] {
        while (discarded.load(std::memory_order_acquire) == 0) model::pause();
        check(!take_some(r, got), "something is there where nothing was");
        passed.store(1, std::memory_order_release);
        take(r, got, 1);
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
}};

// ---- what a thread remembers of its last claim ----

model::options const hints = [] {
    model::options o = plain;
    o.claim_hints = true;
    return o;
}();

model::add_scenario const own_hint{"ring: two slots, producers that remember their own claims", hints, [](world& w) {
    ring<2> r;
    log got;
    for (unsigned p = 0; p < 2; ++p)
        w.thread(p == 0 ? "producer 0" : "producer 1", [&r, p] {
            put(r, p, 0);
            put(r, p, 1);
        });
    w.thread("consumer", [&] { take(r, got, 4); });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
    check_equal(got.of(1), 2, "events of producer 1");
}};

// The ring is made anew where one stood whose claims this thread remembers: they may be those of any position, behind or
// beyond the new ones. Nothing is refused for that, and nothing claimed twice.
model::add_scenario const stale_hint{"ring: two slots, a producer that remembers an earlier ring at this address",
                                     hints, [](world& w) {
    union place {
        place() {}
        ~place() {}
        ring<2> r;
    } where;
    log got;
    model::atomic<int> made_anew{0};
    w.thread("producer 0", [&] {
        {
            ring<2>* const earlier = ::new (static_cast<void*>(&where.r)) ring<2>;
            log old;
            unsigned const claims = 1 + model::choose(5);
            for (unsigned i = 0; i < claims; ++i) {
                fill(*earlier, earlier->try_reserve(), 0, i);
                take(*earlier, old, i + 1);
            }
            earlier->~ring<2>();
        }
        ring<2>& r = *::new (static_cast<void*>(&where.r)) ring<2>(2);
        auto const first = r.try_reserve();
        check(static_cast<bool>(first), "refused where there is space");
        made_anew.store(1, std::memory_order_release);
        fill(r, first, 0, 0);
        put(r, 0, 1);
    });
    w.thread("producer 1", [&] {
        while (made_anew.load(std::memory_order_acquire) == 0) model::pause();
        put(where.r, 1, 0);
    });
    w.thread("consumer", [&] {
        while (made_anew.load(std::memory_order_acquire) == 0) model::pause();
        take(where.r, got, 3);
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
    check_equal(got.of(1), 1, "events of producer 1");
    where.r.~ring<2>();
}};

// Two rings in turn: what is remembered of the one says nothing about the other.
model::add_scenario const alternating{"ring: two rings in turn, producers that remember their own claims", hints,
                                      [](world& w) {
    ring<1> first;
    ring<1> second{3};
    log got_first, got_second;
    for (unsigned p = 0; p < 2; ++p)
        w.thread(p == 0 ? "producer 0" : "producer 1", [&first, &second, p] {
            put(p == 0 ? first : second, p, 0);
            put(p == 0 ? second : first, p, 0);
        });
    w.thread("consumer", [&] {
        while (got_first.size() + got_second.size() < 4) {
            unsigned const some = first.take(1, [&](event& e, std::uint64_t) { got_first.add(e.get()); }) +
                                  second.take(1, [&](event& e, std::uint64_t) { got_second.add(e.get()); });
            if (some == 0) model::pause();
        }
    });
    w.run();
    for (unsigned p = 0; p < 2; ++p) {
        check_equal(got_first.of(p), 1, "events of each producer in the first ring");
        check_equal(got_second.of(p), 1, "events of each producer in the second ring");
    }
}};

// ---- looking and releasing ----

model::add_scenario const piecewise{"ring: four slots, a batch released one by one", plain, [](world& w) {
    ring<4> r;
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0, 3); });
    w.thread("producer 1", [&] {
        put(r, 1, 0, 2);
        put(r, 1, 2);
    });
    w.thread("consumer", [&] {
        while (got.size() < 6) {
            check(r.wait(), "a wait ended with nothing there");
            check(take_some(r, got, 1), "nothing there after a wait");
        }
    });
    w.run();
    check_equal(got.of(0), 3, "events of producer 0");
    check_equal(got.of(1), 3, "events of producer 1");
    got.check_unbroken(0, 0, 3);
}};

// ---- the end ----

model::add_scenario const closing{"ring: two slots, close against reserve and commit", plain, [](world& w) {
    closing_ring<2> r;
    log got;
    unsigned done[2] = {0, 0};
    for (unsigned p = 0; p < 2; ++p)
        w.thread(p == 0 ? "producer 0" : "producer 1", [&r, &done, p] {
            for (unsigned i = 0; i < 2 - p; ++i) {
                auto const range = r.reserve();
                if (!range) {
                    check(range.error() == errc::closed, "refused, but not because the ring is closed");
                    return;
                }
                fill(r, range, p, i);
                ++done[p];
            }
        });
    w.thread("consumer", [&] { take_all(r, got); });
    w.thread("closer", [&] { r.close(); });
    w.run();
    check_equal(got.of(0), done[0], "events of producer 0");
    check_equal(got.of(1), done[1], "events of producer 1");
    check(!r.try_reserve() && r.try_reserve().error() == errc::closed, "reserved after the end");
}};

model::add_scenario const closing_discard{"ring: one slot, close against discard", plain, [](world& w) {
    closing_ring<1> r;
    log got;
    bool discarded = false;
    w.thread("producer 0", [&] {
        auto const range = r.reserve();
        if (range) {
            discarded = true;
            r.discard(range);
        }
    });
    w.thread("consumer", [&] { take_all(r, got); });
    w.thread("closer", [&] {
        r.close();
        r.close();
    });
    w.run();
    check_equal(got.size(), 0, "events");
}};

// Who gets "closed" sees what was done before close().
model::add_scenario const close_tells{"ring: close carries what was done before it", plain, [](world& w) {
    closing_ring<1> r;
    model::var<unsigned> last_words{0};
    unsigned heard = 0;
    w.thread("closer", [&] {
        last_words.set(7);
        r.close();
    });
    w.thread("consumer", [&] {
        check(!r.wait(), "something is there where nothing was");
        heard = last_words.get();
    });
    w.run();
    check_equal(heard, 7, "what the closer said");
}};

// Who returns from a wait because of wake() sees what was done before it.
model::add_scenario const wake_tells{"ring: wake carries what was done before it", plain, [](world& w) {
    whole_ring<1> r;
    model::var<unsigned> message{0};
    unsigned heard = 0;
    w.thread("waker", [&] {
        message.set(7);
        r.wake();
    });
    w.thread("consumer", [&] {
        check(!r.wait(), "something is there where nothing was");
        heard = message.get();
    });
    w.run();
    check_equal(heard, 7, "what the waker said");
}};

// ---- a producer that dies ----

model::add_scenario const dies{"ring: two slots, a producer dies between reserve and commit", holding(), [](world& w) {
    ring<2> r;
    log got;
    bool died_with = false;
    std::uint64_t died_at = 0;
    w.thread("producer 0", [&] {
        put(r, 0, 0);
        auto const range = r.try_reserve();
        if (!range) return;
        ::new (static_cast<void*>(range.data())) event(made(0, 1));
        died_with = true;
        died_at = range.sequence();
        model::die();
    });
    w.thread("producer 1", [&] {
        auto const range = r.try_reserve();
        if (range) fill(r, range, 1, 0);
    });
    w.thread("consumer", [&] {
        r.wait();
        for (unsigned i = 0; i < 3; ++i) take_some(r, got);
    });
    w.run();
    // Nothing behind the dead one's slot is seen, nothing before it is lost.
    while (take_some(r, got)) {
    }
    check_equal(got.of(0), 1, "events of producer 0");
    if (died_with) check_equal(got.size(), died_at, "events before the dead producer's slot");
    if (!died_with) check_equal(got.of(1), 1, "events of producer 1");
}};

// ---- batches of one have their words beside them ----

model::add_scenario const singles{"ring: two slots, batches of one only", plain, [](world& w) {
    bare_ring<2, false, evproc::ring_options{.max_batch = 1, .statistics = false}> r;
    log got;
    for (unsigned p = 0; p < 2; ++p)
        w.thread(p == 0 ? "producer 0" : "producer 1", [&r, p] {
            put(r, p, 0);
            if (p == 0) put(r, p, 1);
        });
    w.thread("consumer", [&] { take(r, got, 3); });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
    check_equal(got.of(1), 1, "events of producer 1");
}};

}  // namespace
