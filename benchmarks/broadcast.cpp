// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// ns per event from one producer to several consumers that each see every event: one ring with stages against a ring for each
// consumer, into which the producer, or the stage before, copies it. Each consumer reads and checks every word. And the delay
// through stages one after the other, one event every 10 us.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <evproc/broadcast_processor.hpp>
#include <evproc/event_processor.hpp>

#include "support/gbench.hpp"

namespace {

using namespace bench;
using evproc::stages;

template <std::size_t Bytes> using ring = evproc::event_processor<payload<Bytes>, queue_capacity>;

/// One consumer's whole work: `receive(read)` takes what is there and says how many.
template <class Receive> std::uint64_t read_all(Receive receive, spin_then_yield wait) {
    payload_reader read;
    while (read.last() == 0) {
        if (receive(read) == 0)
            wait();
        else
            wait.reset();
    }
    return read.faults();
}

/// `send(write)` sends one event; each of `consumers` returns its faults once it has seen the last.
template <class Send> outcome measure(Send send, std::vector<std::function<std::uint64_t()>> const& consumers) {
    outcome result{};
    std::size_t const threads_in_all = consumers.size() + 1;
    std::atomic<std::uint64_t> faults{0};
    start_line start{threads_in_all};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i != consumers.size(); ++i) {
        threads.emplace_back([&, i] {
            take_place(i, threads_in_all);
            start.arrive_and_wait();
            faults += consumers[i]();
        });
    }
    std::thread{[&] {
        take_place(consumers.size(), threads_in_all);
        payload_writer write{0};
        start.arrive_and_wait();
        disturbance const others;
        stop_watch const watch{sample_ns()};
        while (!watch.is_over()) {
            for (int i = 0; i != 64; ++i) send(write);
        }
        write.begin_last();
        send(write);
        for (std::thread& thread : threads) thread.join();
        result.ns = watch.elapsed_ns() / static_cast<double>(write.events());
        result.disturbed = others.noticeable() && threads_in_all <= cpus().size();
    }}.join();
    result.faults = faults;
    return result;
}

template <class Processor> void send_to(Processor& events, payload_writer& write) {
    auto event = events.reserve();
    write(*event);
    event.commit();
}

/// One ring, `Consumers...` in its stages.
template <std::size_t Bytes, std::size_t... Consumers> outcome one_ring() {
    evproc::broadcast_processor<payload<Bytes>, stages<Consumers...>, queue_capacity> events;
    std::vector<std::function<std::uint64_t()>> consumers;
    auto const add_stage = [&]<std::size_t Stage>(std::integral_constant<std::size_t, Stage>, std::size_t size) {
        for (std::size_t i = 0; i != size; ++i) {
            consumers.emplace_back([&events, i] {
                auto consumer = events.template consumer<Stage>(i);
                return read_all(
                    [&](payload_reader& read) { return consumer.poll([&](auto& event) { read(event); }).events; },
                    throughput_wait());
            });
        }
    };
    [&]<std::size_t... Stage>(std::index_sequence<Stage...>) {
        (add_stage(std::integral_constant<std::size_t, Stage>{}, Consumers), ...);
    }(std::make_index_sequence<sizeof...(Consumers)>{});
    return measure([&](payload_writer& write) { send_to(events, write); }, consumers);
}

/// Takes what is in `from`, reads it, and hands a copy to each of `to`.
template <class Ring, class... To> std::uint64_t hand_on(Ring& from, To&... to) {
    return read_all(
        [&](payload_reader& read) {
            return from
                .poll([&](auto& event) {
                    read(event);
                    (to.publish(event), ...);
                })
                .events;
        },
        throughput_wait());
}

/// A ring for each of `count` consumers; the producer writes each event into all.
template <std::size_t Bytes> outcome a_ring_each(std::size_t count) {
    std::vector<ring<Bytes>> rings(count);
    std::vector<std::function<std::uint64_t()>> consumers;
    for (auto& r : rings) consumers.emplace_back([&r] { return hand_on(r); });
    return measure(
        [&](payload_writer& write) {
            payload<Bytes> event;
            write(event);
            for (auto& r : rings) r.publish(event);
        },
        consumers);
}

/// The diamond: the first hands a copy to each of two, and each of these to the last, which takes from both.
template <std::size_t Bytes> outcome diamond_of_rings() {
    ring<Bytes> in, left, right, left_out, right_out;
    std::vector<std::function<std::uint64_t()>> const consumers{
        [&] { return hand_on(in, left, right); },
        [&] { return hand_on(left, left_out); },
        [&] { return hand_on(right, right_out); },
        [&] {
            payload_reader read_left;
            std::uint64_t const faults = read_all(
                [&](payload_reader& read_right) {
                    auto const some = left_out.poll([&](auto& event) { read_left(event); }).events;
                    return some + right_out.poll([&](auto& event) { read_right(event); }).events;
                },
                throughput_wait());
            while (read_left.last() == 0) left_out.poll([&](auto& event) { read_left(event); });
            return faults + read_left.faults();
        },
    };
    return measure([&](payload_writer& write) { send_to(in, write); }, consumers);
}

/// ns from the moment at which an event was due until the last of `Stages` stages of one consumer reads it.
template <std::size_t... Stage> delays through_stages(std::index_sequence<Stage...>) {
    constexpr double interval_ns = 10'000;
    evproc::broadcast_processor<payload<8>, stages<(static_cast<void>(Stage), std::size_t{1})...>, queue_capacity>
        events;
    auto const count = static_cast<std::size_t>(sample_ns() / interval_ns) + 20;
    delays seen{};
    seen.ns.reserve(count);
    constexpr std::size_t last = sizeof...(Stage) - 1;
    start_line start{last + 2};
    std::vector<std::thread> threads;
    auto const add = [&]<std::size_t S>(std::integral_constant<std::size_t, S>) {
        threads.emplace_back([&] {
            take_place(S, last + 2);
            auto consumer = events.template consumer<S>();
            spin_then_yield wait = latency_wait();
            start.arrive_and_wait();
            for (std::size_t received = 0; received != count;) {
                auto const polled = consumer.poll([&](payload<8>& event) {
                    if constexpr (S == last)
                        seen.ns.push_back(static_cast<double>(ticks() - event.words[0]) * nanoseconds_per_tick());
                });
                received += polled.events;
                if (polled.events == 0)
                    wait();
                else
                    wait.reset();
            }
        });
    };
    (add(std::integral_constant<std::size_t, Stage>{}), ...);
    std::thread{[&] {
        take_place(last + 1, last + 2);
        start.arrive_and_wait();
        auto const begin = static_cast<double>(ticks());
        for (std::size_t i = 0; i != count; ++i) {
            auto const due =
                static_cast<std::uint64_t>(begin + interval_ns / nanoseconds_per_tick() * static_cast<double>(i));
            while (ticks() < due) pause_cpu();
            auto event = events.reserve();
            event->words[0] = due;
            event.commit();
        }
    }}.join();
    for (std::thread& thread : threads) thread.join();
    seen.ns.erase(seen.ns.begin(), seen.ns.begin() + static_cast<std::ptrdiff_t>(count / 10));
    seen.result.ns = median(seen.ns);
    return seen;
}

template <std::size_t Bytes> void add_payload() {
    std::string const tail = "/bytes:" + std::to_string(Bytes);
    add_sampled("siblings:1/one_ring" + tail, [] { return one_ring<Bytes, 1>(); });
    add_sampled("siblings:2/one_ring" + tail, [] { return one_ring<Bytes, 2>(); });
    add_sampled("siblings:3/one_ring" + tail, [] { return one_ring<Bytes, 3>(); });
    for (std::size_t const count : {1u, 2u, 3u})
        add_sampled("siblings:" + std::to_string(count) + "/a_ring_each" + tail,
                    [count] { return a_ring_each<Bytes>(count); });
    add_sampled("diamond/one_ring" + tail, [] { return one_ring<Bytes, 1, 2, 1>(); });
    add_sampled("diamond/five_rings" + tail, [] { return diamond_of_rings<Bytes>(); });
}

bool const added = [] {
    add_payload<8>();
    add_payload<64>();
    add_sampled("one_way/stages:1", [] { return through_stages(std::make_index_sequence<1>{}); });
    add_sampled("one_way/stages:2", [] { return through_stages(std::make_index_sequence<2>{}); });
    add_sampled("one_way/stages:3", [] { return through_stages(std::make_index_sequence<3>{}); });
    return true;
}();

}  // namespace
