// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

// What the scenarios on the library's own headers share.

#include "explorer.hpp"

#include <cstdint>
#include <evproc/detail/event_count.hpp>
#include <evproc/detail/platform/cpu.hpp>
#include <evproc/evproc.hpp>
#include <evproc/wait/blocking_wait.hpp>
#include <evproc/wait/spin_wait.hpp>
#include <new>
#include <type_traits>
#include <utility>

namespace cases {

using model::check;
using model::check_equal;
using model::world;

/// An event under watch: which producer made it, and the how-manieth of that producer it is.
using event = model::var<unsigned>;
constexpr unsigned made(unsigned producer, unsigned number) { return producer * 16 + number; }

/// Counts nothing, so that there are fewer steps to interleave.
inline constexpr evproc::ring_options quiet{.statistics = false};
inline constexpr evproc::ring_options one_producer{.producers = evproc::producer_kind::single, .statistics = false};

/// adaptive_wait with one round of spinning before it sleeps instead of 48.
class short_wait {
public:
    template <class Ready>
    bool wait(Ready&& ready, evproc::wait_deadline until) {
        if (evproc::detail::spin_until(ready, [] { evproc::detail::cpu_relax(); }, until, 1)) return true;
        return event_count_.await(ready, until);
    }
    void notify() noexcept { event_count_.notify(); }
    std::uint64_t parks() const noexcept { return event_count_.parks(); }

private:
    evproc::detail::event_count event_count_;
};

/// What a consumer got, in order. Filled by one thread, looked at when all have ended.
class log {
public:
    void add(unsigned value) {
        check(size_ < 16, "more events arrived than were committed");
        values_[size_++] = value;
    }
    unsigned size() const { return size_; }
    unsigned operator[](unsigned i) const { return values_[i]; }
    std::uint64_t hash() const {
        std::uint64_t h = size_;
        for (unsigned i = 0; i < size_; ++i) h = h * 1'000'003 + values_[i];
        return h;
    }
    /// How many of this producer's events there are; they must be `first`, `first`+1, ... in this order.
    unsigned of(unsigned producer, unsigned first = 0) const {
        unsigned n = 0;
        for (unsigned i = 0; i < size_; ++i)
            if (values_[i] / 16 == producer) check_equal(values_[i], made(producer, first + n++), "out of order or twice");
        return n;
    }
    /// Where this event is; it must be there.
    unsigned where(unsigned value) const {
        for (unsigned i = 0; i < size_; ++i)
            if (values_[i] == value) return i;
        model::fail("event %u never arrived", value);
    }
    /// A batch is one unbroken run.
    void check_unbroken(unsigned producer, unsigned first, unsigned n) const {
        unsigned const at = where(made(producer, first));
        for (unsigned i = 0; i < n; ++i)
            check(at + i < size_ && values_[at + i] == made(producer, first + i), "a batch was torn");
    }

private:
    unsigned values_[16];
    unsigned size_ = 0;
};

/// The protocol without what ring_buffer builds around it (waiting strategies, statistics, marks), so that larger
/// scenarios can be explored to their end: the same verbs, waiting by looking again and again. Closing: whether a waiting
/// consumer looks for the end.
template <std::size_t N, bool Closing = false, evproc::ring_options Options = quiet>
class bare_ring {
    using core_type = evproc::detail::core_for<event, N, Options>;

public:
    using range_type = evproc::slot_range<event>;

    explicit bare_ring(evproc::detail::start_at start = {}) : core_(N, start) {}

    range_type try_reserve(std::size_t n = 1) { return to_range(core_.claim_slots(n, n)); }
    range_type try_reserve_up_to(std::size_t n) { return to_range(core_.claim_slots(1, n)); }
    range_type reserve(std::size_t n = 1) {
        for (;;) {
            auto const claim = core_.claim_slots(n, n);
            if (claim.error != evproc::errc::full) return to_range(claim);
            model::pause();
        }
    }
    void commit(range_type const& r, std::size_t built) { core_.commit({r.sequence(), r.size()}, built); }
    void discard(range_type const& r) { core_.discard({r.sequence(), r.size()}); }
    void close() { core_.close(); }
    bool is_closed() const { return core_.is_closed(); }

    bool wait() {
        for (;;) {
            evproc::detail::cursor c = core_.here();
            bool const ready = core_.next_run(c).size != 0;
            if (c.at != core_.here().at) core_.publish(c);
            if (ready) return true;
            if constexpr (Closing) {
                auto const claims = core_.frontier();
                if (claims.closed && claims.reserved == core_.here().at) return false;
            }
            model::pause();
        }
    }
    /// Takes at most `max` events; returns how many.
    template <class Handler>
    unsigned take(std::size_t max, Handler handler) {
        evproc::detail::cursor c = core_.here();
        unsigned taken = 0;
        while (taken < max) {
            auto const run = core_.next_run(c);
            if (run.size == 0) break;
            for (std::size_t i = 0; i < run.size && taken < max; ++i, ++taken) handler(run.data[i], c.at++);
        }
        core_.publish(c);
        return taken;
    }
    core_type& core() { return core_; }

private:
    range_type to_range(evproc::detail::claim const& c) {
        return {c, c.error == evproc::errc::success ? core_.view().element(c.at) : nullptr};
    }

    core_type core_;
};

template <class Ring>
auto& core_of(Ring& ring) {
    if constexpr (requires { ring.core(); })
        return ring.core();
    else
        return evproc::detail::ring_access::core(ring);
}
template <class Ring>
constexpr bool has_records = std::remove_cvref_t<decltype(core_of(std::declval<Ring&>()))>::has_records;

// ---- the lifetime of a ring's events is the scenario's business ----

/// Builds n events in a reservation that succeeded and commits the first `built`; the others are destroyed before.
template <class Ring, class Range>
void fill(Ring& ring, Range const& range, unsigned producer, unsigned first, unsigned n, unsigned built) {
    for (unsigned i = 0; i < n; ++i) ::new (static_cast<void*>(range.data() + i)) event(made(producer, first + i));
    for (unsigned i = built; i < n; ++i) range.data()[i].~event();
    ring.commit(range, built);
}
template <class Ring, class Range>
void fill(Ring& ring, Range const& range, unsigned producer, unsigned first) {
    auto const n = static_cast<unsigned>(range.size());
    fill(ring, range, producer, first, n, n);
}

/// All that a producer of producer_kind::multi knows between reservations: the ring keeps nothing for it.
inline void settle_producer(unsigned producer, unsigned next) { model::settled({producer, next}); }

/// Waits for room, if need be, and commits a batch of n.
template <class Ring>
void put(Ring& ring, unsigned producer, unsigned first, unsigned n = 1) {
    auto const range = ring.reserve(n);
    check(range.error() == evproc::errc::success, "a waiting reserve was refused");
    fill(ring, range, producer, first);
    if constexpr (has_records<Ring>) settle_producer(producer, first + n);
}

/// All that a consumer knows when it has released everything: what it got, and the ring's cursor.
template <class Ring>
void settle(Ring& ring, log const& got) {
    auto const& here = core_of(ring).here();
    model::settled({got.hash(), here.at, here.end, here.start, here.discarded});
}

/// Takes what is ready, checks the order of sequences, and destroys and releases it. True if there was anything.
template <class Ring>
bool take_some(Ring& ring, log& to, std::size_t max = 16) {
    std::uint64_t last = 0;
    bool first = true;
    auto const take = [&](event& e, std::uint64_t sequence) {
        check(first || sequence > last, "sequences do not rise");
        last = sequence;
        first = false;
        to.add(e.get());
        e.~event();
    };
    if constexpr (requires { ring.core(); }) {
        if (ring.take(max, take) == 0) return false;
    } else {
        auto const ready = ring.peek(max);
        if (ready.empty()) return false;
        for (auto at = ready.begin(); at != ready.end(); ++at) take(*at, at.sequence());
        ring.release(ready.size());
    }
    settle(ring, to);
    return true;
}

/// Waits and takes until the log holds n events.
template <class Ring>
void take(Ring& ring, log& to, unsigned n) {
    while (to.size() < n) {
        check(ring.wait(), "a wait ended with nothing there");
        check(take_some(ring, to), "nothing there after a wait");
    }
    check_equal(to.size(), n, "events taken");
}

/// Waits and takes until the ring is closed and drained.
template <class Ring>
void take_all(Ring& ring, log& to) {
    while (ring.wait()) check(take_some(ring, to), "nothing there after a wait");
    check(ring.is_closed(), "a wait ended while the ring is open");
    check(!take_some(ring, to), "something there after the end");
}

}  // namespace cases
