// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "support/works.hpp"

// DPDK's headers are C and full of narrowing.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <rte_ring.h>
#include <rte_ring_elem.h>
#include <rte_ring_peek_zc.h>
#pragma GCC diagnostic pop

#include <array>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

using namespace bench;

constexpr unsigned dequeue_at_once = 64;

// A ring on our own memory: nothing else of DPDK is started. It holds capacity - 1.
template <class Event, unsigned Flags> class ring_on_heap {
public:
    explicit ring_on_heap(std::size_t capacity) {
        auto const size =
            static_cast<std::size_t>(rte_ring_get_memsize_elem(sizeof(Event), static_cast<unsigned>(capacity)));
        ring_ = static_cast<rte_ring*>(::operator new(size, std::align_val_t{128}));
        if (rte_ring_init(ring_, "comparison", static_cast<unsigned>(capacity), Flags) != 0) {
            std::fputs("comparison: rte_ring_init failed\n", stderr);
            std::abort();
        }
    }
    ring_on_heap(ring_on_heap const&) = delete;
    ring_on_heap& operator=(ring_on_heap const&) = delete;
    ~ring_on_heap() { ::operator delete(ring_, std::align_val_t{128}); }

    operator rte_ring*() const { return ring_; }

private:
    rte_ring* ring_;
};

template <class Event, unsigned Flags, unsigned AtOnce = dequeue_at_once> class copying_ring {
public:
    static constexpr bool any_capacity = true;

    copying_ring(std::size_t capacity, std::size_t /*producers*/) : ring_{capacity} {}

    copying_ring& producer() { return *this; }
    copying_ring& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& wait) {
        Event event;
        write(event);
        while (rte_ring_enqueue_elem(ring_, &event, sizeof event) != 0) {
            wait();
        }
    }

    bool try_send(Event event) { return rte_ring_enqueue_elem(ring_, &event, sizeof event) == 0; }

    template <class Write> void send_batch(std::size_t n, Write& write, spin_then_yield& wait) {
        std::array<Event, 64> events;
        for (std::size_t place = 0; place != n; ++place) {
            write(events[place]);
        }
        while (rte_ring_enqueue_bulk_elem(ring_, events.data(), sizeof(Event), static_cast<unsigned>(n), nullptr) ==
               0) {
            wait();
        }
    }

    template <class Read> std::size_t receive(Read& read) {
        std::array<Event, AtOnce> events;
        std::size_t const some = rte_ring_dequeue_burst_elem(ring_, events.data(), sizeof(Event), AtOnce, nullptr);
        for (std::size_t place = 0; place != some; ++place) {
            read(events[place]);
        }
        return some;
    }

private:
    ring_on_heap<Event, Flags> ring_;
};

// Events are written and read where they lie; the peek modes (HTS, or one thread a side) allow it.
template <class Event, unsigned Flags> class zero_copy_ring {
public:
    static constexpr bool any_capacity = true;

    zero_copy_ring(std::size_t capacity, std::size_t /*producers*/) : ring_{capacity} {}

    zero_copy_ring& producer() { return *this; }
    zero_copy_ring& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& wait) {
        rte_ring_zc_data room;
        while (rte_ring_enqueue_zc_bulk_elem_start(ring_, sizeof(Event), 1, &room, nullptr) == 0) {
            wait();
        }
        write(*static_cast<Event*>(room.ptr1));
        rte_ring_enqueue_zc_elem_finish(ring_, 1);
    }

    template <class Write> void send_batch(std::size_t n, Write& write, spin_then_yield& wait) {
        rte_ring_zc_data room;
        while (rte_ring_enqueue_zc_bulk_elem_start(ring_, sizeof(Event), static_cast<unsigned>(n), &room, nullptr) ==
               0) {
            wait();
        }
        visit(room, n, write);
        rte_ring_enqueue_zc_elem_finish(ring_, static_cast<unsigned>(n));
    }

    template <class Read> std::size_t receive(Read& read) {
        rte_ring_zc_data events;
        unsigned const some =
            rte_ring_dequeue_zc_burst_elem_start(ring_, sizeof(Event), dequeue_at_once, &events, nullptr);
        if (some != 0) {
            visit(events, some, read);
            rte_ring_dequeue_zc_elem_finish(ring_, some);
        }
        return some;
    }

private:
    template <class Visitor> static void visit(rte_ring_zc_data const& where, std::size_t n, Visitor& visitor) {
        std::size_t const first = where.n1 < n ? where.n1 : n;
        auto* const events = static_cast<Event*>(where.ptr1);
        for (std::size_t place = 0; place != first; ++place) {
            visitor(events[place]);
        }
        auto* const wrapped = static_cast<Event*>(where.ptr2);
        for (std::size_t place = first; place != n; ++place) {
            visitor(wrapped[place - first]);
        }
    }

    ring_on_heap<Event, Flags> ring_;
};

template <class Event> using multi_single = copying_ring<Event, RING_F_SC_DEQ>;
template <class Event> using multi_single_one = copying_ring<Event, RING_F_SC_DEQ, 1>;
template <class Event> using relaxed_tail = copying_ring<Event, RING_F_MP_RTS_ENQ | RING_F_SC_DEQ>;
template <class Event> using head_tail_zero_copy = zero_copy_ring<Event, RING_F_MP_HTS_ENQ | RING_F_SC_DEQ>;
template <class Event> using single_single = copying_ring<Event, RING_F_SP_ENQ | RING_F_SC_DEQ>;
template <class Event> using single_zero_copy = zero_copy_ring<Event, RING_F_SP_ENQ | RING_F_SC_DEQ>;

constexpr auto multi = family::one_order;
constexpr auto single = family::single_producer;

add_queue<multi_single_one> const mp1{"rte_ring_one", multi, "DPDK rte_ring MP/SC, enqueue, dequeue"};
add_queue<multi_single> const mp{"rte_ring", multi, "DPDK rte_ring MP/SC, enqueue, burst dequeue of 64", taken::many};
add_queue<relaxed_tail> const rts{"rte_ring_rts", multi, "DPDK rte_ring MP_RTS/SC, enqueue, burst dequeue of 64",
                                  taken::many};
add_queue<head_tail_zero_copy> const hts{"rte_ring_hts_zc", multi,
                                         "DPDK rte_ring MP_HTS/SC, zero copy, burst dequeue of 64", taken::many};
add_queue<single_single> const sp{"rte_ring_spsc", single, "DPDK rte_ring SP/SC, enqueue, burst dequeue of 64",
                                  taken::many};
add_queue<single_zero_copy> const spzc{"rte_ring_spsc_zc", single,
                                       "DPDK rte_ring SP/SC, zero copy, burst dequeue of 64", taken::many};

}  // namespace
