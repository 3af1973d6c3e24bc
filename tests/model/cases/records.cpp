// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// record_processor: a record with a prefix, one as long as the ring, and one that is given up.

#include "support.hpp"

#include <cstddef>
#include <memory>
#include <new>
#include <span>

#include <evproc/record_processor.hpp>

using namespace cases;
using evproc::errc;
using evproc::one_of;
using evproc::poll_state;

namespace {

/// Two slots.
struct wide {
    event first;
    unsigned char room[36] = {};
    event last;

    explicit wide(unsigned value) : first{value}, last{value} {}
};

template <std::size_t Slots>
using ring = evproc::record_processor<one_of<event, wide>, 32 * Slots, evproc::spin_wait, quiet>;

struct collect {
    log& got;
    void operator()(event& e, std::span<std::byte> rest) const {
        check_equal(rest.size(), 4, "the length of the prefix");
        got.add(e.get());
    }
    void operator()(wide& w) const {
        check_equal(w.first.get(), w.last.get(), "a record came torn");
        got.add(w.first.get());
    }
};

template <class Ring> void handle(Ring& r, log& got, unsigned n) {
    while (got.size() < n) {
        auto const polled = r.poll_wait(collect{got});
        check(polled.events != 0 || polled.state != poll_state::closed, "closed while open");
    }
}

template <class Ring> void send_wide(Ring& r, unsigned producer) {
    check(r.template publish<wide>(made(producer, 0)) == errc::success, "publish failed");
    settle_producer(producer, 1);
}

/// Two slots, of which one is kept; the other one was written to before.
template <class Ring> void send_prefix(Ring& r, unsigned producer) {
    auto record = r.template reserve<event>(40);
    check(record.error() == errc::success, "a waiting reserve was refused");
    record.emplace(made(producer, 0));
    auto* const scratch = ::new (static_cast<void*>(record.tail().data() + 36)) event{0};
    std::destroy_at(scratch);
    check(record.commit(4) == errc::success, "commit failed");
    settle_producer(producer, 1);
}

// What is beyond the prefix belongs to the next record when the consumer has passed it, not earlier.
model::add_scenario const prefix{"records: two slots, a prefix, then a record as long as the ring", plain,
                                 [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer 0", [&r] { send_prefix(r, 0); });
    w.thread("producer 1", [&r] { send_wide(r, 1); });
    w.thread("consumer", [&] { handle(r, got, 2); });
    w.run();
    check_equal(got.of(0), 1, "records of producer 0");
    check_equal(got.of(1), 1, "records of producer 1");
    check_equal(r.stats().consumed, 2, "records counted");
    check_equal(r.stats().discarded, 0, "records given up");
}};

// A record that is given up after it was built, before one that is kept.
model::add_scenario const given_up{"records: two slots, one given up, one with a prefix", plain, [](world& w) {
    ring<2> r;
    log got;
    w.thread("producer 0", [&r] {
        auto record = r.reserve<wide>();
        check(record.error() == errc::success, "a waiting reserve was refused");
        record.emplace(made(0, 0));
        record.discard();
        send_prefix(r, 0);
    });
    w.thread("consumer", [&] { handle(r, got, 1); });
    w.run();
    check_equal(got.of(0), 1, "records of producer 0");
    check_equal(r.stats().discarded, 1, "records given up");
}};

}  // namespace
