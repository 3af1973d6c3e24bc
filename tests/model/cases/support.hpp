// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// What the scenarios on the library's own headers share.

#include "explorer.hpp"

#include "../../support/start_at.hpp"

#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>
#include <evproc/detail/consumer.hpp>
#include <evproc/detail/event_count.hpp>
#include <evproc/detail/pacer.hpp>
#include <evproc/detail/platform/cpu.hpp>
#include <evproc/evproc.hpp>
#include <evproc/wait/blocking_wait.hpp>
#include <evproc/wait/spin_wait.hpp>

namespace cases {

using model::check;
using model::check_equal;
using model::world;

/// For most scenarios: weak exchanges that fail for no reason are tried by "ring: ...".
inline constexpr model::options plain{.spurious_failures = false};
/// The same for three threads that sleep: without wake-ups for no reason, which the scenarios of two threads try.
inline constexpr model::options calm{.spurious_wakes = 0, .spurious_failures = false};

/// An event under watch: which producer made it, and the how-manieth of that producer it is.
using event = model::var<unsigned>;
constexpr unsigned made(unsigned producer, unsigned number) { return producer * 16 + number; }

/// Counts nothing and never pauses, so that there are fewer steps to interleave.
inline constexpr evproc::ring_options quiet{.statistics = false, .pacing = false};
inline constexpr evproc::ring_options one_producer{
    .producers = evproc::producer_kind::single, .statistics = false, .pacing = false};

/// adaptive_wait with one round of spinning before it sleeps instead of 48.
class short_wait {
public:
    template <class Ready> bool wait(Ready&& ready, evproc::wait_deadline until) {
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
            if (values_[i] / 16 == producer)
                check_equal(values_[i], made(producer, first + n++), "out of order or twice");
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

/// The protocol and its consumer without what detail::ring builds around them (waiting strategies, statistics, hooks), so that
/// larger scenarios can be explored to their end: the same verbs, waiting by looking again and again. Closing: whether a waiting
/// consumer looks for the end.
template <std::size_t N, bool Closing = false, evproc::ring_options Options = quiet> class bare_ring {
    using core_type = evproc::detail::core_for<event, N, Options, evproc::detail::consumer_position>;
    using delivery = evproc::detail::delivery;
    using afterwards = evproc::detail::afterwards;

public:
    using range_type = evproc::slot_range<event>;

    explicit bare_ring(evproc::detail::position first = 0) : core_(N, first), consumer_(N, first) {}

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
            bool const ready = consumer_.acquire(core_, 1).size != 0;
            publish();
            if (ready) return true;
            if constexpr (Closing) {
                auto const claims = core_.claimed();
                if (claims.closed && claims.at == consumer_.cursor().at) return false;
            }
            model::pause();
        }
    }
    /// Takes at most `max` events and destroys them; returns how many.
    template <class Handler> unsigned take(std::size_t max, Handler handler) {
        unsigned taken = 0;
        std::uint64_t sequence = 0;
        auto const numbered = [&](event& e) {
            ++taken;
            handler(e, sequence++);
        };
        while (taken < max) {
            auto const run = consumer_.acquire(core_, max - taken);
            if (run.size == 0) break;
            sequence = consumer_.cursor().at;
            consumer_.template deliver<delivery::events, afterwards::destroy>(core_, run, numbered, max - taken);
        }
        publish();
        return taken;
    }
    core_type& core() { return core_; }
    evproc::detail::read_cursor const& cursor() const { return consumer_.cursor(); }

private:
    range_type to_range(evproc::detail::claim const& c) {
        return {c, c.error == evproc::errc::success ? core_.view().element(c.at) : nullptr};
    }
    void publish() {
        if (consumer_.cursor().at != core_.gate().consumed_approx()) core_.gate().publish(consumer_.cursor());
    }

    core_type core_;
    evproc::detail::consumer<core_type, evproc::detail::no_pacer> consumer_;
};

/// bare_ring, or what is behind a face.
template <class Ring> auto& ring_of(Ring& ring) {
    if constexpr (requires { ring.core(); })
        return ring;
    else
        return evproc::detail::test_access::ring(ring);
}

template <class Core> inline constexpr bool is_single = false;
template <class View> inline constexpr bool is_single<evproc::detail::spsc_ring<View>> = true;
/// Whether the ring keeps nothing for a producer between two reservations.
template <class Ring>
constexpr bool has_records = !is_single<std::remove_cvref_t<decltype(ring_of(std::declval<Ring&>()).core())>>;

// ---- the lifetime of a ring's events is the scenario's business ----

/// Builds n events in a reservation that succeeded and commits the first `built`; the others are destroyed before.
template <class Ring, class Range>
void fill(Ring& ring, Range const& range, unsigned producer, unsigned first, unsigned n, unsigned built) {
    for (unsigned i = 0; i < n; ++i) ::new (static_cast<void*>(range.data() + i)) event(made(producer, first + i));
    for (unsigned i = built; i < n; ++i) range.data()[i].~event();
    ring.commit(range, built);
}
template <class Ring, class Range> void fill(Ring& ring, Range const& range, unsigned producer, unsigned first) {
    auto const n = static_cast<unsigned>(range.size());
    fill(ring, range, producer, first, n, n);
}

/// All that a producer of producer_kind::multi knows between reservations: the ring keeps nothing for it.
inline void settle_producer(unsigned producer, unsigned next) { model::settled({producer, next}); }

/// Waits for space, if need be, and commits a batch of n.
template <class Ring> void put(Ring& ring, unsigned producer, unsigned first, unsigned n = 1) {
    auto const range = ring.reserve(n);
    check(range.error() == evproc::errc::success, "a waiting reserve was refused");
    fill(ring, range, producer, first);
    if constexpr (has_records<Ring>) settle_producer(producer, first + n);
}

/// All that a consumer knows when it has released everything: what it got, and its position in the ring.
template <class Ring> void settle(Ring& ring, log const& got) {
    auto const& cursor = ring_of(ring).cursor();
    model::settled({got.hash(), cursor.at, cursor.end, cursor.start, cursor.discarded});
}

/// Takes what is ready, checks the order of sequences, and destroys and releases it. True if there was anything.
template <class Ring> bool take_some(Ring& ring, log& to, std::size_t max = 16) {
    std::uint64_t last = 0;
    bool first = true;
    auto const take = [&](event& e, std::uint64_t sequence) {
        check(first || sequence > last, "sequences do not rise");
        last = sequence;
        first = false;
        to.add(e.get());
    };
    if constexpr (requires { ring.core(); }) {
        if (ring.take(max, take) == 0) return false;
    } else {
        auto const ready = ring.peek(max);
        if (ready.empty()) return false;
        for (auto at = ready.begin(); at != ready.end(); ++at) {
            take(*at, at.sequence());
            at->~event();
        }
        ring.release(ready.size());
    }
    settle(ring, to);
    return true;
}

/// Waits and takes until the log holds n events.
template <class Ring> void take(Ring& ring, log& to, unsigned n) {
    while (to.size() < n) {
        check(ring.wait(), "a wait ended with nothing there");
        check(take_some(ring, to), "nothing there after a wait");
    }
    check_equal(to.size(), n, "events taken");
}

/// Waits and takes until the ring is closed and drained.
template <class Ring> void take_all(Ring& ring, log& to) {
    while (ring.wait()) check(take_some(ring, to), "nothing there after a wait");
    check(ring.is_closed(), "a wait ended while the ring is open");
    check(!take_some(ring, to), "something there after the end");
}

}  // namespace cases
