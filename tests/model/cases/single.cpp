// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// producer_kind::single: one producer, one consumer, and whoever closes.

#include "support.hpp"

#include <chrono>

using namespace cases;
using evproc::errc;

namespace {

template <std::size_t N> using ring = bare_ring<N, false, one_producer>;
template <std::size_t N> using whole_ring = evproc::ring_buffer<event, N, evproc::spin_wait, one_producer>;
template <std::size_t N> using sleeping_ring = evproc::ring_buffer<event, N, evproc::blocking_wait, one_producer>;

model::add_scenario const one_slot{"single: one slot, three events", plain, [](world& w) {
    ring<1> r;
    log got;
    w.thread("producer", [&] {
        for (unsigned i = 0; i < 3; ++i) put(r, 0, i);
    });
    w.thread("consumer", [&] { take(r, got, 3); });
    w.run();
    check_equal(got.of(0), 3, "events");
}};

model::add_scenario const two_laps{"single: two slots, two full laps", plain, [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer", [&] {
        for (unsigned i = 0; i < 5; ++i) put(r, 0, i);
    });
    w.thread("consumer", [&] { take(r, got, 5); });
    w.run();
    check_equal(got.of(0), 5, "events");
}};

model::add_scenario const straddling{"single: four slots, batches across the end, three laps", plain, [](world& w) {
    ring<4> r{3};
    log got;
    w.thread("producer", [&] {
        put(r, 0, 0, 3);
        put(r, 0, 3, 3);
        put(r, 0, 6);
        put(r, 0, 7, 3);
    });
    w.thread("consumer", [&] { take(r, got, 10); });
    w.run();
    check_equal(got.of(0), 10, "events");
}};

model::add_scenario const far{"single: two slots, across 2^32 and one by one", plain, [](world& w) {
    ring<2> r{(std::uint64_t{1} << 32) - 1};
    log got;
    w.thread("producer", [&] {
        put(r, 0, 0, 2);
        put(r, 0, 2, 2);
    });
    w.thread("consumer", [&] {
        while (got.size() < 4) {
            r.wait();
            take_some(r, got, 1);
        }
    });
    w.run();
    check_equal(got.of(0), 4, "events");
}};

// What is not committed is given up: the next reservation gets the same slot.
model::add_scenario const given_back{"single: two slots, discards and half a batch", plain, [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer", [&] {
        auto const first = r.reserve(2);
        ::new (static_cast<void*>(first.data())) event(99);
        first.data()->~event();
        r.discard(first);
        auto const second = r.reserve(2);
        check_equal(second.sequence(), first.sequence(), "a slot given up");
        fill(r, second, 0, 0, 2, 1);
        put(r, 0, 1, 2);
    });
    w.thread("consumer", [&] { take(r, got, 3); });
    w.run();
    check_equal(got.of(0), 3, "events");
}};

model::add_scenario const one_at_a_time{"single: a second reservation is refused while one is live", plain,
                                        [](world& w) {
    whole_ring<2> r;
    log got;
    w.thread("producer", [&] {
        auto const range = r.try_reserve();
        check(r.try_reserve().error() == errc::busy, "two live reservations");
        fill(r, range, 0, 0);
        put(r, 0, 1);
    });
    w.thread("consumer", [&] { take(r, got, 2); });
    w.run();
    check_equal(got.of(0), 2, "events");
}};

// Whatever was reserved before the end is delivered; whoever gets "closed" has got all of it.
model::add_scenario const closing{"single: close against reserve, commit and discard", plain, [](world& w) {
    whole_ring<2> r;
    log got;
    unsigned done = 0;
    w.thread("producer", [&] {
        for (unsigned i = 0; i < 3; ++i) {
            auto const range = r.reserve();
            if (!range) {
                check(range.error() == errc::closed, "refused, but not because the ring is closed");
                return;
            }
            if (i == 1) {
                r.discard(range);
                continue;
            }
            fill(r, range, 0, done);
            ++done;
        }
    });
    w.thread("consumer", [&] { take_all(r, got); });
    w.thread("closer", [&] { r.close(); });
    w.run();
    check_equal(got.of(0), done, "events");
}};

model::add_scenario const close_tells{"single: close carries what was done before it", plain, [](world& w) {
    whole_ring<1> r;
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

model::add_scenario const sleeping{"single: one slot, both sides sleep", plain, [](world& w) {
    sleeping_ring<1> r;
    log got;
    w.thread("producer", [&] {
        put(r, 0, 0);
        put(r, 0, 1);
    });
    w.thread("consumer", [&] { take(r, got, 2); });
    w.run();
    check_equal(got.of(0), 2, "events");
}};

model::add_scenario const sleeping_close{"single: close against a sleeping consumer and a commit", calm, [](world& w) {
    sleeping_ring<1> r;
    log got;
    unsigned done = 0;
    w.thread("producer", [&] {
        auto const range = r.try_reserve();
        if (!range) return;
        if (model::choose(2) == 0) {
            r.discard(range);
        } else {
            fill(r, range, 0, 0);
            done = 1;
        }
    });
    w.thread("consumer", [&] { take_all(r, got); });
    w.thread("closer", [&] { r.close(); });
    w.run();
    check_equal(got.of(0), done, "events");
}};

model::add_scenario const close_wakes_producer{"single: close wakes the producer", plain, [](world& w) {
    sleeping_ring<1> r;
    log got;
    w.thread("producer", [&] {
        auto const first = r.reserve();
        if (first) fill(r, first, 0, 0);
        auto const range = r.reserve();
        check(!range && range.error() == errc::closed, "space where there is none");
    });
    w.thread("closer", [&] { r.close(); });
    w.run();
    while (take_some(r, got)) {
    }
}};

model::add_scenario const timeout{"single: a producer's timeout against release", plain, [](world& w) {
    sleeping_ring<1> r;
    log got;
    unsigned done = 1;
    w.thread("producer", [&] {
        put(r, 0, 0);
        auto const range = r.reserve_for(std::chrono::seconds{1});
        check(range || range.error() == errc::timed_out, "refused, but not because time is up");
        if (!range) return;
        fill(r, range, 0, 1);
        ++done;
    });
    w.thread("consumer", [&] { take(r, got, 1); });
    w.run();
    while (take_some(r, got)) {
    }
    check_equal(got.of(0), done, "events");
}};

}  // namespace
