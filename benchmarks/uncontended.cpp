// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// What the verbs cost when nobody is in the way: one thread, everything in its cache.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>
#include <evproc/wait/spin_wait.hpp>

#include "support/gbench.hpp"

namespace {

using bench::payload;
using evproc::event_processor;
using evproc::producer_kind;
using evproc::ring_options;

template <class Event, ring_options Options = ring_options{}, class Wait = evproc::adaptive_wait>
using processor = event_processor<Event, 4096, Wait, Options>;

constexpr ring_options one_each{.max_batch = 1};
constexpr ring_options single{.producers = producer_kind::single};

// Every benchmark counts what came out; a wrong count is an error.
void check(benchmark::State& state, std::uint64_t sent, std::uint64_t received) {
    state.SetItemsProcessed(static_cast<std::int64_t>(received));
    if (sent != received) {
        bench::faults() += 1;
        state.SkipWithError("not every event came out");
    }
}

template <class Processor> void reserve_commit_poll(benchmark::State& state) {
    Processor events;
    bench::payload_writer write{0};
    bench::payload_reader read;
    std::uint64_t received = 0;
    for (auto _ : state) {
        auto event = events.reserve();
        write(*event);
        event.commit();
        received += events.poll([&read](auto& arrived) { read(arrived); }).events;
    }
    bench::faults() += read.faults();
    check(state, write.events(), received);
}

template <class Processor> void publish_poll(benchmark::State& state) {
    Processor events;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    for (auto _ : state) {
        events.publish(payload<8>{{sent++}});
        received += events.poll([](payload<8>& arrived) { benchmark::DoNotOptimize(arrived); }).events;
    }
    check(state, sent, received);
}

// The cost of an event when many are sent before they are taken.
template <class Processor> void burst(benchmark::State& state) {
    Processor events;
    auto const size = static_cast<std::size_t>(state.range(0));
    bench::payload_writer write{0};
    bench::payload_reader read;
    std::uint64_t received = 0;
    for (auto _ : state) {
        for (std::size_t event_number = 0; event_number != size; ++event_number) {
            auto event = events.reserve();
            write(*event);
            event.commit();
        }
        received += events.poll([&read](auto& arrived) { read(arrived); }).events;
    }
    bench::faults() += read.faults();
    check(state, write.events(), received);
}

template <class Processor> void batch(benchmark::State& state) {
    Processor events;
    auto const size = static_cast<std::size_t>(state.range(0));
    bench::payload_writer write{0};
    bench::payload_reader read;
    std::uint64_t received = 0;
    for (auto _ : state) {
        auto places = events.reserve_batch(size);
        for (auto& event : places.append_uninitialized(size)) {
            write(event);
        }
        places.commit();
        received += events
                        .poll_batches([&read](std::span<payload<8>> run) {
                            for (auto const& arrived : run) {
                                read(arrived);
                            }
                        })
                        .events;
    }
    bench::faults() += read.faults();
    check(state, write.events(), received);
}

void bare_ring(benchmark::State& state) {
    evproc::ring_buffer<payload<8>, 4096> ring;
    bench::payload_writer write{0};
    bench::payload_reader read;
    std::uint64_t received = 0;
    for (auto _ : state) {
        auto const slot = ring.reserve();
        write(*::new (static_cast<void*>(slot.data())) payload<8>);
        ring.commit(slot);
        auto const ready = ring.peek();
        for (auto const& event : ready) {
            read(event);
        }
        received += ready.size();
        ring.release(ready.size());
    }
    bench::faults() += read.faults();
    check(state, write.events(), received);
}

void discard(benchmark::State& state) {
    processor<payload<8>> events;
    std::uint64_t received = 0;
    for (auto _ : state) {
        auto event = events.reserve();
        event.discard();
        received += events.poll([](payload<8>&) {}).events;
    }
    check(state, 0, received);
}

void refused_when_full(benchmark::State& state) {
    processor<payload<8>> events;
    while (events.try_publish(payload<8>{}) == evproc::errc::success) {
    }
    std::uint64_t refused = 0;
    for (auto _ : state) {
        refused += events.try_reserve().error() == evproc::errc::full ? 1u : 0u;
    }
    check(state, static_cast<std::uint64_t>(state.iterations()), refused);
}

void poll_when_empty(benchmark::State& state) {
    processor<payload<8>> events;
    std::uint64_t received = 0;
    for (auto _ : state) {
        received += events.poll([](payload<8>&) {}).events;
    }
    check(state, 0, received);
}

BENCHMARK(reserve_commit_poll<processor<payload<8>>>)->Name("reserve_commit_poll/8B");
BENCHMARK(reserve_commit_poll<processor<payload<64>>>)->Name("reserve_commit_poll/64B");
BENCHMARK(reserve_commit_poll<processor<payload<256>>>)->Name("reserve_commit_poll/256B");
BENCHMARK(reserve_commit_poll<processor<payload<8>, one_each>>)->Name("reserve_commit_poll/8B/max_batch_1");
BENCHMARK(reserve_commit_poll<processor<payload<8>, single>>)->Name("reserve_commit_poll/8B/single_producer");
BENCHMARK(reserve_commit_poll<processor<payload<8>, ring_options{}, evproc::spin_wait>>)
    ->Name("reserve_commit_poll/8B/spin_wait");
BENCHMARK(bare_ring)->Name("reserve_commit_poll/8B/ring_buffer");
BENCHMARK(publish_poll<processor<payload<8>>>)->Name("publish_poll/8B");
BENCHMARK(burst<processor<payload<8>>>)->Name("burst/8B")->Arg(8)->Arg(64)->Arg(1024);
BENCHMARK(burst<processor<payload<8>, one_each>>)->Name("burst/8B/max_batch_1")->Arg(1024);
BENCHMARK(burst<processor<payload<8>, single>>)->Name("burst/8B/single_producer")->Arg(1024);
BENCHMARK(batch<processor<payload<8>>>)->Name("batch/8B")->Arg(1)->Arg(8)->Arg(64)->Arg(256);
BENCHMARK(batch<processor<payload<8>, single>>)->Name("batch/8B/single_producer")->Arg(8)->Arg(64);
BENCHMARK(discard)->Name("reserve_discard_poll/8B");
BENCHMARK(refused_when_full)->Name("try_reserve/refused");
BENCHMARK(poll_when_empty)->Name("poll/empty");

}  // namespace
