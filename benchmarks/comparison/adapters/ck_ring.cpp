// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "support/works.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Wkeyword-macro"
#endif
// The header returns `false` where it means a null pointer, which C++ refuses.
#define false 0
extern "C" {
#include <ck_ring.h>
}
#undef false
#pragma GCC diagnostic pop

#include <bit>
#include <memory>

namespace {

using namespace bench;

// The ring carries pointers; an 8-byte event travels as one. It holds capacity - 1.
template <class Event, bool Single> class ck {
    static_assert(sizeof(Event) == sizeof(void*));

public:
    static constexpr bool any_capacity = true;

    ck(std::size_t capacity, std::size_t /*producers*/) : slots_{new ck_ring_buffer[capacity]} {
        ck_ring_init(&ring_, static_cast<unsigned>(capacity));
    }

    ck& producer() { return *this; }
    ck& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& wait) {
        Event event;
        write(event);
        void* const entry = std::bit_cast<void*>(event);
        while (!enqueue(entry)) {
            wait();
        }
    }

    bool try_send(Event const& event) { return enqueue(std::bit_cast<void*>(event)); }

    template <class Read> std::size_t receive(Read& read) {
        void* entry;
        bool const some = Single ? ck_ring_dequeue_spsc(&ring_, slots_.get(), &entry)
                                 : ck_ring_dequeue_mpsc(&ring_, slots_.get(), &entry);
        if (!some) {
            return 0;
        }
        read(std::bit_cast<Event>(entry));
        return 1;
    }

private:
    bool enqueue(void* entry) {
        return Single ? ck_ring_enqueue_spsc(&ring_, slots_.get(), entry)
                      : ck_ring_enqueue_mpsc(&ring_, slots_.get(), entry);
    }

    ck_ring ring_;
    std::unique_ptr<ck_ring_buffer[]> slots_;
};

template <class Event> using many = ck<Event, false>;
template <class Event> using one = ck<Event, true>;

add_queue<many, false> const mpsc{"ck_ring", family::one_order, "ck_ring, enqueue_mpsc, dequeue_mpsc"};
add_queue<one, false> const spsc{"ck_ring_spsc", family::single_producer, "ck_ring, enqueue_spsc, dequeue_spsc"};

}  // namespace
