// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include "harness.hpp"
#include "machine.hpp"
#include "payload.hpp"
#include "summary.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// The work that every queue does, one function a kind. Included by the adapters, so that the compiler sees queue
// and loop together, as in a program that uses the queue.
namespace bench {

// Quick looks before a yield. Throughput pauses between them, so that the waiting side leaves the other side's
// line alone; a round trip does not, for a pause is as long as what it measures.
inline spin_then_yield throughput_wait() noexcept { return spin_then_yield{16, true}; }
inline spin_then_yield latency_wait() noexcept { return spin_then_yield{2000, false}; }

class start_line {
public:
    explicit start_line(std::size_t threads) noexcept : missing_{threads} {}

    void arrive_and_wait() noexcept {
        missing_.fetch_sub(1);
        while (missing_.load() != 0) {
            std::this_thread::yield();
        }
    }

private:
    std::atomic<std::size_t> missing_;
};

class stop_watch {
public:
    explicit stop_watch(double ns) noexcept
        : begin_{ticks()}, end_{begin_ + static_cast<std::uint64_t>(ns / nanoseconds_per_tick())} {}

    [[nodiscard]] bool is_over() const noexcept { return ticks() >= end_; }
    [[nodiscard]] double elapsed_ns() const noexcept {
        return static_cast<double>(ticks() - begin_) * nanoseconds_per_tick();
    }

private:
    std::uint64_t begin_;
    std::uint64_t end_;
};

// ns per event of `producers` threads sending, one receiving, for a given time: a queue that stalls for seconds
// would make a given number of events last minutes. The consumer reads the clock on its way, after a warm-up, and
// then takes what is left until every producer's last event has come.
template <template <class> class Queue, std::size_t Bytes> outcome transfer(plan const& work) {
    using queue_type = Queue<payload<Bytes>>;
    auto const queue = std::make_unique<queue_type>(work.capacity, work.producers);
    start_line start{work.producers + 1};
    struct alignas(128) flag {
        std::atomic<bool> up{false};
    };
    flag enough;
    std::atomic<std::uint64_t> sent{0};
    std::atomic<bool> producers_disturbed{false};
    outcome result{};

    std::vector<std::thread> producers;
    for (std::size_t id = 0; id != work.producers; ++id) {
        producers.emplace_back([&, id] {
            take_place(id + 1, work.producers + 1);
            auto&& producer = queue->producer();
            payload_writer write{id};
            spin_then_yield wait = throughput_wait();
            start.arrive_and_wait();
            disturbance const others;
            if (work.batch == 1) {
                while (!enough.up.load(std::memory_order_relaxed)) {
                    producer.send(write, wait);
                    wait.reset();
                }
                write.begin_last();
                producer.send(write, wait);
            } else {
                if constexpr (batch_queue<queue_type>) {
                    std::size_t const batch = work.batch;
                    while (!enough.up.load(std::memory_order_relaxed)) {
                        producer.send_batch(batch, write, wait);
                        wait.reset();
                    }
                    write.begin_last();
                    producer.send_batch(batch, write, wait);
                }
            }
            sent += write.events();
            if (others.noticeable()) {
                producers_disturbed.store(true);
            }
        });
    }
    std::uint64_t received = 0;
    std::thread{[&] {
        take_place(0, work.producers + 1);
        auto&& consumer = queue->consumer();
        payload_reader read;
        spin_then_yield wait = throughput_wait();
        start.arrive_and_wait();
        auto const receive_for = [&](double ns, std::uint64_t at_most) {
            std::uint64_t const before = received;
            stop_watch const watch{ns};
            for (std::uint64_t looks = 1;; ++looks) {
                bool look_at_clock = looks % 64 == 0;
                if (std::size_t const some = consumer.receive(read)) {
                    received += some;
                    wait.reset();
                } else {
                    wait();
                    look_at_clock = true;
                }
                if (look_at_clock && received != before && (watch.is_over() || received - before >= at_most)) {
                    return watch.elapsed_ns() / static_cast<double>(received - before);
                }
            }
        };
        receive_for(work.sample_ns / 4, 2 * work.capacity);
        disturbance const others;
        result.ns = receive_for(work.sample_ns, ~std::uint64_t{0});
        result.disturbed = others.noticeable();
        enough.up.store(true, std::memory_order_relaxed);
        while (read.last() < work.producers * work.batch) {
            if (std::size_t const some = consumer.receive(read)) {
                received += some;
                wait.reset();
            } else {
                wait();
            }
        }
        result.faults = read.faults();
    }}.join();
    for (std::thread& producer : producers) {
        producer.join();
    }
    result.faults += received == sent.load() ? 0u : 1u;
    // Where threads outnumber CPUs they disturb each other.
    result.disturbed = (result.disturbed || producers_disturbed.load()) && work.producers + 1 <= cpus().size();
    return result;
}

// ns from sending one event into one queue until its answer has come back through another.
template <template <class> class Queue> delays round_trips(plan const& work) {
    using queue_type = Queue<payload<8>>;
    auto const there = std::make_unique<queue_type>(queue_capacity, 1);
    auto const back = std::make_unique<queue_type>(queue_capacity, 1);
    start_line start{2};
    delays seen{};
    std::atomic<std::uint64_t> faults{0};

    auto const receive_one = [](auto& consumer, auto& read, spin_then_yield& wait) {
        while (consumer.receive(read) == 0) {
            wait();
        }
        wait.reset();
    };
    std::thread echo{[&] {
        take_place(1, 2);
        auto&& consumer = there->consumer();
        auto&& producer = back->producer();
        payload_writer write{1};
        payload_reader read;
        spin_then_yield wait = latency_wait();
        start.arrive_and_wait();
        while (read.last() == 0) {
            receive_one(consumer, read, wait);
            producer.send(write, wait);
        }
        faults += read.faults();
    }};
    std::thread{[&] {
        take_place(0, 2);
        auto&& producer = there->producer();
        auto&& consumer = back->consumer();
        payload_writer write{0};
        payload_reader read;
        spin_then_yield wait = latency_wait();
        std::vector<double> trips(static_cast<std::size_t>(work.sample_ns / 50));
        start.arrive_and_wait();
        std::size_t made = 0;
        disturbance const others;
        for (stop_watch const watch{work.sample_ns}; made != trips.size() && !watch.is_over();) {
            std::uint64_t const begin = ticks();
            producer.send(write, wait);
            receive_one(consumer, read, wait);
            trips[made++] = static_cast<double>(ticks() - begin);
        }
        write.begin_last();
        producer.send(write, wait);
        receive_one(consumer, read, wait);
        faults += read.faults();
        trips.resize(made);
        trips.erase(trips.begin(), trips.begin() + static_cast<std::ptrdiff_t>(made / 10));
        for (double& trip : trips) {
            trip *= nanoseconds_per_tick();
        }
        seen.result.disturbed = others.noticeable();
        seen.ns = std::move(trips);
    }}.join();
    echo.join();
    seen.result.ns = median(seen.ns);
    seen.result.faults = faults.load();
    return seen;
}

template <template <class> class Queue> outcome round_trip(plan const& work) { return round_trips<Queue>(work).result; }

// ns from the moment at which an event was due until the consumer reads it, while one comes every `interval_ns`: the
// schedule does not wait for the queue, so that a delay shows in every event that it delays.
template <template <class> class Queue> delays one_way_delays(plan const& work, double interval_ns) {
    using event_type = payload<8>;
    auto const queue = std::make_unique<Queue<event_type>>(queue_capacity, 1);
    start_line start{2};
    auto const events = static_cast<std::size_t>(work.sample_ns / interval_ns) + 2;
    double const interval = interval_ns / nanoseconds_per_tick();
    delays seen{};
    std::thread producer_thread{[&] {
        take_place(1, 2);
        auto&& producer = queue->producer();
        spin_then_yield wait = latency_wait();
        start.arrive_and_wait();
        auto const begin = static_cast<double>(ticks());
        for (std::size_t event = 0; event != events; ++event) {
            auto const due = static_cast<std::uint64_t>(begin + interval * static_cast<double>(event));
            while (ticks() < due) {
                pause_cpu();
            }
            auto stamp = [due](event_type& place) { place.words[0] = due; };
            producer.send(stamp, wait);
        }
    }};
    std::thread{[&] {
        take_place(0, 2);
        auto&& consumer = queue->consumer();
        std::vector<double> ns(events);
        std::size_t received = 0;
        std::uint64_t last = 0;
        auto read = [&](event_type const& event) {
            seen.result.faults += event.words[0] < last ? 1u : 0u;
            last = event.words[0];
            ns[received++] = static_cast<double>(ticks() - last) * nanoseconds_per_tick();
        };
        spin_then_yield wait = latency_wait();
        start.arrive_and_wait();
        disturbance const others;
        while (received != events) {
            if (consumer.receive(read) == 0) {
                wait();
            } else {
                wait.reset();
            }
        }
        seen.result.disturbed = others.noticeable();
        ns.erase(ns.begin(), ns.begin() + static_cast<std::ptrdiff_t>(events / 10));
        seen.ns = std::move(ns);
    }}.join();
    producer_thread.join();
    seen.result.ns = median(seen.ns);
    return seen;
}

// ns for sending one event and receiving it again, all on one thread.
template <template <class> class Queue> outcome uncontended(plan const& work) {
    using queue_type = Queue<payload<8>>;
    auto const queue = std::make_unique<queue_type>(queue_capacity, 1);
    outcome result{};
    std::thread{[&] {
        take_place(0, 1);
        auto&& producer = queue->producer();
        auto&& consumer = queue->consumer();
        payload_writer write{0};
        payload_reader read;
        spin_then_yield wait = latency_wait();
        std::uint64_t received = 0;
        auto const pass = [&](std::uint64_t events) {
            for (std::uint64_t event = 0; event != events; ++event) {
                producer.send(write, wait);
                std::size_t some = consumer.receive(read);
                while (some == 0) {
                    wait();
                    some = consumer.receive(read);
                }
                received += some;
            }
        };
        disturbance const others;
        if (work.events != 0) {
            pass(work.events);
        } else {
            pass(2 * queue_capacity);
            std::uint64_t const before = received;
            stop_watch const watch{work.sample_ns};
            while (!watch.is_over()) {
                pass(1000);
            }
            result.ns = watch.elapsed_ns() / static_cast<double>(received - before);
        }
        result.disturbed = others.noticeable();
        result.faults = read.faults() + (received == write.events() ? 0u : 1u);
    }}.join();
    return result;
}

// ns from writing an event until a consumer that slept in the kernel reads it.
template <template <class> class Queue> delays wake_ups(plan const& work) {
    using queue_type = Queue<payload<8>>;
    auto const queue = std::make_unique<queue_type>(queue_capacity, 1);
    start_line start{2};
    delays seen{};
    std::thread producer_thread{[&] {
        take_place(1, 2);
        auto&& producer = queue->producer();
        spin_then_yield wait = latency_wait();
        auto stamp = [](payload<8>& event) { event.words[0] = ticks(); };
        start.arrive_and_wait();
        for (std::uint64_t event = 0; event != work.events; ++event) {
            // Long enough for any strategy to have given up spinning and gone to sleep.
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
            producer.send(stamp, wait);
        }
    }};
    std::thread{[&] {
        take_place(0, 2);
        auto&& consumer = queue->consumer();
        seen.ns.reserve(work.events);
        auto read = [&](payload<8> const& event) {
            std::uint64_t const now = ticks();
            seen.result.faults += event.words[0] > now ? 1u : 0u;
            seen.ns.push_back(static_cast<double>(now - event.words[0]) * nanoseconds_per_tick());
        };
        start.arrive_and_wait();
        while (seen.ns.size() < work.events) {
            consumer.receive_waiting(read);
        }
    }}.join();
    producer_thread.join();
    seen.result.ns = median(seen.ns);
    return seen;
}

template <template <class> class Queue> outcome wake_up(plan const& work) { return wake_ups<Queue>(work).result; }

// ns for one `call` on a queue's only thread, called again and again.
template <class Call> outcome repeated(plan const& work, Call call) {
    outcome result{};
    constexpr std::uint64_t calls_a_turn = 1000;
    std::uint64_t calls = 0;
    disturbance const others;
    stop_watch const watch{work.sample_ns};
    for (; !watch.is_over(); calls += calls_a_turn) {
        for (std::uint64_t made = 0; made != calls_a_turn; ++made) {
            result.faults += call() ? 1u : 0u;
            std::atomic_signal_fence(std::memory_order_seq_cst);  // nothing is moved out of the loop
        }
    }
    result.ns = watch.elapsed_ns() / static_cast<double>(calls);
    result.disturbed = others.noticeable();
    return result;
}

// ns for a receive() that finds nothing, in a queue that has been used.
template <template <class> class Queue> outcome empty(plan const& work) {
    auto const queue = std::make_unique<Queue<payload<8>>>(queue_capacity, 1);
    outcome result{};
    std::thread{[&] {
        take_place(0, 1);
        payload_writer write{0};
        payload_reader read;
        spin_then_yield wait = latency_wait();
        queue->producer().send(write, wait);
        while (queue->consumer().receive(read) == 0) {
        }
        result = repeated(work, [&] { return queue->consumer().receive(read) != 0; });
    }}.join();
    return result;
}

// ns for a try_send() into a full queue.
template <template <class> class Queue> outcome refused(plan const& work) {
    auto const queue = std::make_unique<Queue<payload<8>>>(queue_capacity, 1);
    outcome result{};
    std::thread{[&] {
        take_place(0, 1);
        payload<8> const event{{1}};
        while (queue->try_send(event)) {
        }
        result = repeated(work, [&] { return queue->try_send(event); });
    }}.join();
    return result;
}

// Registers a queue with every work that it can do. `Any64` is false for queues that take 8-byte events only.
template <template <class> class Queue, bool Any64 = true> struct add_queue {
    add_queue(std::string name, family kind, std::string note, taken at_once = taken::one) {
        using queue_type = Queue<payload<8>>;
        static_assert(message_queue<queue_type>, "the adapter lacks send or receive; see harness.hpp");
        queue_entry entry{};
        entry.name = std::move(name);
        entry.note = std::move(note);
        entry.kind = kind;
        entry.at_once = at_once;
        entry.transfer_8 = &transfer<Queue, 8>;
        if constexpr (Any64) {
            entry.transfer_64 = &transfer<Queue, 64>;
        }
        entry.batches = batch_queue<queue_type>;
        entry.round_trip = &round_trip<Queue>;
        entry.one_way = &one_way_delays<Queue>;
        entry.uncontended = &uncontended<Queue>;
        if constexpr (waiting_queue<queue_type>) {
            entry.wake_up = &wake_up<Queue>;
        }
        if constexpr (trying_queue<queue_type>) {
            entry.empty = &empty<Queue>;
            entry.refused = &refused<Queue>;
        }
        if constexpr (requires { requires queue_type::any_capacity; }) {
            entry.any_capacity = true;
        }
        queues().push_back(std::move(entry));
    }
};

}  // namespace bench
