// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include "payload.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// What an adapter gives the harness.
//
// An adapter is a class template over the event. It is made anew for each measurement with the capacity and the
// number of producers; every producer thread takes its own producer(), the consumer thread takes consumer().
//
//   producer.send(write, wait)             one event: write(event) fills it, wait() is called while there is no space
//   producer.send_batch(n, write, wait)    optional: n events that stay together
//   consumer.receive(read)                 read(event) for what is there now, in order; how many, 0 for nothing
//   consumer.receive_waiting(read)         optional: sleeps until something is there
//   queue.try_send(event)                  optional: false if there is no space; then receive() never waits either
//   static constexpr bool any_capacity     optional: true if the capacity that the constructor gets is the queue's
//
// Its name has to be its own among all adapters, though it stands in an unnamed namespace: g++ 12 gives instantiations over
// alias templates of one name in two files one symbol, and the linker keeps one of them.
//
// The fill, the check and the back-off are the harness's, so they are the same for every queue. A queue whose own
// verb waits by itself does not call wait().
namespace bench {

inline constexpr std::size_t queue_capacity = 4096;

// The same back-off for every queue: a few pauses, then yield (threads may outnumber CPUs). A queue that makes no
// progress for half a minute ends the program with its name.
class spin_then_yield {
public:
    explicit spin_then_yield(unsigned quick_looks, bool pausing) noexcept
        : quick_looks_{quick_looks}, pausing_{pausing} {}

    void operator()() noexcept;
    void reset() noexcept { looks_ = 0; }

private:
    void yield() noexcept;

    unsigned quick_looks_;
    bool pausing_;
    std::uint64_t looks_ = 0;
    std::uint64_t gives_up_at_ = 0;
};

template <class Queue>
concept message_queue = requires(Queue& queue, payload_writer& write, payload_reader& read, spin_then_yield& wait) {
    Queue{std::size_t{}, std::size_t{}};
    queue.producer().send(write, wait);
    { queue.consumer().receive(read) } -> std::same_as<std::size_t>;
};

template <class Queue>
concept batch_queue = message_queue<Queue> && requires(Queue& queue, payload_writer& write, spin_then_yield& wait) {
    queue.producer().send_batch(std::size_t{}, write, wait);
};

template <class Queue>
concept waiting_queue =
    message_queue<Queue> && requires(Queue& queue, payload_reader& read) { queue.consumer().receive_waiting(read); };

template <class Queue>
concept trying_queue = message_queue<Queue> && requires(Queue& queue, payload<8> const& event) {
    { queue.try_send(event) } -> std::same_as<bool>;
};

struct plan {
    double sample_ns;          // how long to measure
    std::uint64_t events = 0;  // how many events instead, where the work counts them
    std::size_t producers = 1;
    std::size_t batch = 1;
    std::size_t capacity = queue_capacity;
};

struct outcome {
    double ns;             // of the thing that the work measures
    std::uint64_t faults;  // events lost, doubled, torn or out of order
    bool disturbed;        // another program took part of the time
};

// Every sample of a work that measures delays, in ns, beside its outcome (the median).
struct delays {
    outcome result;
    std::vector<double> ns;
};

enum class family {
    one_order,           // peers that many threads may send to, and all events have one order
    order_per_producer,  // peers that many threads may send to, and each one's events have an order
    single_producer,     // peers for one producer only
    ours,
};

// How many events one receive() takes from a peer.
enum class taken { one, many };

using measurement = outcome (*)(plan const&);
using delay_measurement = delays (*)(plan const&, double interval_ns);

struct queue_entry {
    std::string name;
    std::string note;
    family kind;
    taken at_once = taken::one;
    measurement transfer_8 = nullptr;
    measurement transfer_64 = nullptr;
    bool batches = false;
    bool any_capacity = false;
    measurement round_trip = nullptr;
    delay_measurement one_way = nullptr;
    measurement uncontended = nullptr;
    measurement wake_up = nullptr;
    measurement empty = nullptr;
    measurement refused = nullptr;
};

// Every queue that was built in.
std::vector<queue_entry>& queues();

// What is running now, for the message of the one that gets stuck.
std::string& running();

}  // namespace bench
