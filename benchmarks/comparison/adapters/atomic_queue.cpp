// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "support/works.hpp"

#include <atomic_queue/atomic_queue.h>

#include <bit>
#include <type_traits>

namespace {

using namespace bench;

enum class verbs {
    trying,    // try_push and try_pop, back-off outside
    optimist,  // push and pop, which wait for their slot by themselves
};

// Queues of atomic elements take the event as the integer that it is.
template <class Event, class Queue, verbs Verbs> class atomic_queue_adapter {
    using element = typename Queue::value_type;

public:
    static constexpr bool any_capacity = std::is_constructible_v<Queue, unsigned>;

    atomic_queue_adapter(std::size_t capacity, std::size_t /*producers*/)
        requires std::is_constructible_v<Queue, unsigned>
        : queue_(static_cast<unsigned>(capacity)) {}
    atomic_queue_adapter(std::size_t /*capacity*/, std::size_t /*producers*/) {}

    atomic_queue_adapter& producer() { return *this; }
    atomic_queue_adapter& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& wait) {
        Event event;
        write(event);
        auto const value = std::bit_cast<element>(event);
        if constexpr (Verbs == verbs::optimist) {
            queue_.push(value);
        } else {
            while (!queue_.try_push(value)) {
                wait();
            }
        }
    }

    template <class Read> std::size_t receive(Read& read) {
        element value;
        if constexpr (Verbs == verbs::optimist) {
            value = queue_.pop();
        } else if (!queue_.try_pop(value)) {
            return 0;
        }
        read(std::bit_cast<Event>(value));
        return 1;
    }

private:
    Queue queue_;
};

// The library's parameters, in its order: minimise contention (shuffled indices), maximise throughput (pause
// between looks), total order, one producer and one consumer.
template <bool Single>
using of_atomics = atomic_queue::AtomicQueue<std::uint64_t, queue_capacity, 0, true, true, false, Single>;
template <class Event, bool Single>
using of_any = atomic_queue::AtomicQueue2<Event, queue_capacity, true, true, false, Single>;

template <class Event> using atomics = atomic_queue_adapter<Event, of_atomics<false>, verbs::trying>;
template <class Event> using atomics_optimist = atomic_queue_adapter<Event, of_atomics<false>, verbs::optimist>;
template <class Event> using any = atomic_queue_adapter<Event, of_any<Event, false>, verbs::trying>;
template <class Event> using any_optimist = atomic_queue_adapter<Event, of_any<Event, false>, verbs::optimist>;
template <class Event>
using heap_atomics = atomic_queue_adapter<Event, atomic_queue::AtomicQueueB<std::uint64_t>, verbs::trying>;
template <class Event> using heap_any = atomic_queue_adapter<Event, atomic_queue::AtomicQueueB2<Event>, verbs::trying>;
template <class Event> using single_atomics = atomic_queue_adapter<Event, of_atomics<true>, verbs::trying>;
template <class Event> using single_atomics_optimist = atomic_queue_adapter<Event, of_atomics<true>, verbs::optimist>;
template <class Event> using single_any = atomic_queue_adapter<Event, of_any<Event, true>, verbs::trying>;
template <class Event> using single_any_optimist = atomic_queue_adapter<Event, of_any<Event, true>, verbs::optimist>;

constexpr auto multi = family::one_order;
constexpr auto single = family::single_producer;

add_queue<atomics, false> const q1{"atomic_queue", multi, "AtomicQueue, try_push, try_pop"};
add_queue<atomics_optimist, false> const q2{"atomic_queue_optimist", multi, "AtomicQueue, push, pop"};
add_queue<any> const q3{"atomic_queue2", multi, "AtomicQueue2, try_push, try_pop"};
add_queue<any_optimist> const q4{"atomic_queue2_optimist", multi, "AtomicQueue2, push, pop"};
add_queue<heap_atomics, false> const q5{"atomic_queue_b", multi, "AtomicQueueB, try_push, try_pop"};
add_queue<heap_any> const q6{"atomic_queue_b2", multi, "AtomicQueueB2, try_push, try_pop"};
add_queue<single_atomics, false> const q7{"atomic_queue_spsc", single, "AtomicQueue SPSC, try_push, try_pop"};
add_queue<single_atomics_optimist, false> const q8{"atomic_queue_spsc_optimist", single, "AtomicQueue SPSC, push, pop"};
add_queue<single_any> const q9{"atomic_queue2_spsc", single, "AtomicQueue2 SPSC, try_push, try_pop"};
add_queue<single_any_optimist> const q10{"atomic_queue2_spsc_optimist", single, "AtomicQueue2 SPSC, push, pop"};

}  // namespace
