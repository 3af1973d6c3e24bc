// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// What a program gains by giving up the one order, and what one consumer of several rings costs. A row's time is
// that of the queue it is named after; those beside it take turns with it in each repetition, and are its counters: ns, and the
// ratio (the other's ns / the row's) of that repetition, so that the median of a ratio is that of ratios taken round by round.
//
//   lanes/...       lane_processor beside event_processor, and beside moodycamel's queue with tokens where it is installed
//   selector/...    a selector over one ring beside that ring's own poll
//   grouped/...     grouped_wait beside adaptive_wait
//   urgent          the delay of an urgent event while less urgent ones come faster than they are handled

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <evproc/event_processor.hpp>
#include <evproc/lane_processor.hpp>
#include <evproc/priority_processor.hpp>
#include <evproc/selector.hpp>

#include "support/evproc_queues.hpp"
#include "support/gbench.hpp"
#ifdef EVPROC_BENCH_MOODYCAMEL
#include "support/moodycamel_queue.hpp"
#endif

namespace {

using namespace bench;

template <class To, class Write> void send_one(To& to, Write& write) {
    auto event = to.reserve();
    write(*event);
    event.commit();
}

template <class Event, class To, class Write> void send_side_by_side(To& to, std::size_t n, Write& write) {
    auto batch = to.reserve_batch(n);
    for (Event& event : batch.append_uninitialized(n)) write(event);
    batch.commit();
}

template <class Event> using one_order = processor<Event>;

template <class Event> class by_lanes {
public:
    by_lanes(std::size_t /*capacity*/, std::size_t producers) : events_{producers} {}

    class producer_side {
    public:
        explicit producer_side(by_lanes& queue) : lane_{queue.events_.producer()} {}

        template <class Write> void send(Write& write, spin_then_yield& /*wait*/) { send_one(lane_, write); }
        template <class Write> void send_batch(std::size_t n, Write& write, spin_then_yield& /*wait*/) {
            send_side_by_side<Event>(lane_, n, write);
        }

    private:
        typename evproc::lane_processor<Event, queue_capacity>::lane lane_;
    };

    producer_side producer() { return producer_side{*this}; }
    by_lanes& consumer() { return *this; }

    template <class Read> std::size_t receive(Read& read) {
        return events_.poll([&read](Event& event) { read(event); }).events;
    }

private:
    evproc::lane_processor<Event, queue_capacity> events_;
};

/// A ring in a group, consumed by its own poll or by a selector.
template <class Event, bool BySelector> class one_in_group {
public:
    one_in_group(std::size_t /*capacity*/, std::size_t /*producers*/) {}

    one_in_group& producer() { return *this; }
    one_in_group& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& /*wait*/) { send_one(events_, write); }
    template <class Write> void send_batch(std::size_t n, Write& write, spin_then_yield& /*wait*/) {
        send_side_by_side<Event>(events_, n, write);
    }
    template <class Read> std::size_t receive(Read& read) {
        auto const one = [&read](Event& event) { read(event); };
        if constexpr (BySelector)
            return selected_.poll(one).events;
        else
            return events_.poll(one).events;
    }

private:
    using ring = evproc::event_processor<Event, queue_capacity, evproc::grouped_wait<>>;

    evproc::wait_group<> group_;
    ring events_{group_};
    evproc::selector<evproc::strict, ring> selected_{evproc::strict{}, events_};
};

template <class Event> using plain_poll = one_in_group<Event, false>;
template <class Event> using by_selector = one_in_group<Event, true>;

#ifdef EVPROC_BENCH_MOODYCAMEL
template <class Event>
using moodycamel_singles = moodycamel_queue<Event, moodycamel::ConcurrentQueue<Event, bounded_traits>, false>;
template <class Event>
using moodycamel_bulk = moodycamel_queue<Event, moodycamel::ConcurrentQueue<Event, bounded_traits>, true>;
#endif

struct contender {
    std::string name;
    measurement measure;
};

double smallest(std::vector<double> const& v) { return *std::min_element(v.begin(), v.end()); }

/// A row of the first queue. Each repetition begins with another one.
void add_row(std::string const& row, plan const& work, std::vector<contender> const& queues) {
    benchmark::RegisterBenchmark(row.c_str(),
                                 [row, work, queues, turn = std::size_t{0}](benchmark::State& state) mutable {
                                     running() = row;
                                     std::vector<double> ns(queues.size());
                                     for (auto _ : state) {
                                         outcome all{};
                                         plan sampled = work;
                                         sampled.sample_ns = sample_ns();
                                         for (std::size_t k = 0; k != queues.size(); ++k) {
                                             std::size_t const i = (turn + k) % queues.size();
                                             outcome const seen = queues[i].measure(sampled);
                                             all.faults += seen.faults;
                                             all.disturbed |= seen.disturbed;
                                             ns[i] = seen.ns;
                                         }
                                         ++turn;
                                         all.ns = ns[0];
                                         report(state, all);
                                     }
                                     for (std::size_t i = 1; i != queues.size(); ++i) {
                                         state.counters[queues[i].name] = ns[i];
                                         state.counters["vs_" + queues[i].name] = ns[i] / ns[0];
                                     }
                                 })
        ->UseManualTime()
        ->Iterations(1)
        ->ComputeStatistics("min", smallest);
}

template <std::size_t Bytes> void add_lanes(std::size_t producers, std::size_t batch) {
    plan work{};
    work.producers = producers;
    work.batch = batch;
    std::vector<contender> queues{{"lanes", &transfer<by_lanes, Bytes>}, {"one_order", &transfer<one_order, Bytes>}};
#ifdef EVPROC_BENCH_MOODYCAMEL
    if (batch == 1) queues.push_back({"moodycamel", &transfer<moodycamel_singles, Bytes>});
    queues.push_back({"moodycamel_bulk", &transfer<moodycamel_bulk, Bytes>});
#endif
    add_row("lanes/producers:" + std::to_string(producers) + "/bytes:" + std::to_string(Bytes) +
                (batch == 1 ? "/singles" : "/batches:" + std::to_string(batch)),
            work, queues);
}

template <template <class> class Queue, template <class> class Other>
void add_pair(std::string const& name, std::string const& other) {
    add_row(name + "/one_thread", plan{}, {{name, &uncontended<Queue>}, {other, &uncontended<Other>}});
    for (std::size_t const producers : {1u, 2u}) {
        plan work{};
        work.producers = producers;
        add_row(name + "/producers:" + std::to_string(producers) + "/singles", work,
                {{name, &transfer<Queue, 8>}, {other, &transfer<Other, 8>}});
    }
    plan work{};
    work.batch = 64;
    add_row(name + "/producers:1/batches:64", work, {{name, &transfer<Queue, 8>}, {other, &transfer<Other, 8>}});
}

// ---- urgent events in a flood ----

struct stamped {
    std::uint64_t sent;  // when sending it began
    bool urgent;
};

constexpr double urgent_interval_ns = 50'000;
constexpr double handling_ns = 100;

/// ns from the moment at which sending an event began, waiting for space included, until the handler has it. One thread
/// floods, and sends what is urgent; the handler takes 100 ns for each event, longer than it takes to send one, so the
/// flood's ring is full all the time.
/// `flood(stamp)` is refused where there is no space, `urgent(stamp)` waits.
template <class Processor, class Flood, class Urgent>
std::array<std::vector<double>, 2> in_a_flood(Processor& events, Flood flood, Urgent urgent) {
    std::array<std::vector<double>, 2> ns;
    auto const handling = static_cast<std::uint64_t>(handling_ns / nanoseconds_per_tick());
    auto const interval = static_cast<std::uint64_t>(urgent_interval_ns / nanoseconds_per_tick());
    auto const urgent_in_all = static_cast<std::size_t>(4 * sample_ns() / urgent_interval_ns) + 20;
    for (auto& each : ns) each.reserve(urgent_in_all);
    start_line start{2};
    std::thread producer{[&] {
        take_place(1, 2);
        start.arrive_and_wait();
        std::uint64_t due = ticks() + interval;
        for (std::size_t sent = 0; sent != urgent_in_all;) {
            std::uint64_t const now = ticks();
            if (now >= due) {
                urgent(stamped{now, true});
                due = now + interval;
                ++sent;
            } else {
                flood(stamped{now, false});
            }
        }
        events.close();
    }};
    std::thread{[&] {
        take_place(0, 2);
        start.arrive_and_wait();
        std::size_t flooded = 0;
        events.run([&](stamped const& event) {
            std::uint64_t const now = ticks();
            bool const sampled = event.urgent || ++flooded % 512 == 0;
            if (sampled)
                ns[event.urgent ? 0 : 1].push_back(static_cast<double>(now - event.sent) * nanoseconds_per_tick());
            while (ticks() < now + handling) {
            }
        });
    }}.join();
    producer.join();
    ns[0].erase(ns[0].begin(), ns[0].begin() + static_cast<std::ptrdiff_t>(ns[0].size() / 10));
    return ns;
}

std::array<std::vector<double>, 2> by_priority() {
    auto const events = std::make_unique<evproc::priority_processor<stamped, 2, queue_capacity>>();
    return in_a_flood(
        *events, [&](stamped s) { static_cast<void>(events->try_publish(1, s)); },
        [&](stamped s) { events->publish(0, s); });
}
std::array<std::vector<double>, 2> in_one_ring() {
    evproc::event_processor<stamped, queue_capacity> events;
    return in_a_flood(
        events, [&](stamped s) { static_cast<void>(events.try_publish(s)); }, [&](stamped s) { events.publish(s); });
}

/// Time: the median delay of an urgent event in a priority_processor.
void urgent_in_a_flood(benchmark::State& state) {
    running() = "urgent";
    for (auto _ : state) {
        auto const levels = by_priority();
        auto const ring = in_one_ring();
        double const p50 = percentile(levels[0], 0.5);
        state.SetIterationTime(p50 * 1e-9);
        auto const add = [&](std::string const& name, std::vector<double> const& ns) {
            state.counters[name + "p50"] = percentile(ns, 0.5);
            state.counters[name + "p99"] = percentile(ns, 0.99);
            state.counters[name + "max"] = percentile(ns, 1);
        };
        add("", levels[0]);
        add("flood_", levels[1]);
        add("one_ring_", ring[0]);
        state.counters["vs_one_ring"] = percentile(ring[0], 0.5) / p50;
    }
}

bool const added = [] {
    for (std::size_t const batch : {1u, 8u, 64u}) {
        for (std::size_t const producers : {1u, 2u, 4u, 8u}) add_lanes<8>(producers, batch);
        if (batch == 8) continue;
        for (std::size_t const producers : {1u, 2u, 4u, 8u}) add_lanes<64>(producers, batch);
    }
    add_pair<by_selector, plain_poll>("selector", "poll");
    add_pair<plain_poll, one_order>("grouped", "adaptive");
    benchmark::RegisterBenchmark("urgent", urgent_in_a_flood)->UseManualTime()->Iterations(1);
    return true;
}();

}  // namespace
