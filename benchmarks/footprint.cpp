// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Bytes: what a processor takes on the stack, what it takes on the heap, and the share of one slot of it. (footprint.sh
// measures compile times and code sizes.) The time is that of making and destroying one.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include "support/evproc_queues.hpp"
#include "support/gbench.hpp"

namespace {

std::size_t heap_bytes = 0;

}  // namespace

// g++ 12 takes the replaced operators, once inlined, for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t size) {
    heap_bytes += size;
    if (void* const place = std::malloc(size)) {
        return place;
    }
    throw std::bad_alloc{};
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    heap_bytes += size;
    auto const unit = static_cast<std::size_t>(alignment);
    if (void* const place = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) {
        return place;
    }
    throw std::bad_alloc{};
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
void operator delete(void* place, std::align_val_t) noexcept { std::free(place); }
void operator delete(void* place, std::size_t, std::align_val_t) noexcept { std::free(place); }

namespace {

using evproc::producer_kind;
using evproc::ring_options;

template <std::size_t Bytes, std::size_t N, ring_options Options> void make_processor(benchmark::State& state) {
    using type = evproc::event_processor<bench::payload<Bytes>, N, evproc::adaptive_wait, Options>;
    std::size_t used = 0;
    for (auto _ : state) {
        std::size_t const before = heap_bytes;
        type events;
        benchmark::DoNotOptimize(events);
        used = heap_bytes - before;
    }
    state.counters["stack_bytes"] = sizeof(type);
    state.counters["heap_bytes"] = static_cast<double>(used);
    state.counters["bytes_per_slot"] = static_cast<double>(used) / static_cast<double>(N);
}

constexpr ring_options default_options{};
constexpr ring_options one_each{.max_batch = 1};
constexpr ring_options batches_of_64{.max_batch = 64};
constexpr ring_options single{.producers = producer_kind::single};

template <std::size_t Bytes> void add_all() {
    std::string const size = std::to_string(Bytes) + "B";
    benchmark::RegisterBenchmark((size + "/4096/default").c_str(), make_processor<Bytes, 4096, default_options>);
    benchmark::RegisterBenchmark((size + "/4096/max_batch_64").c_str(), make_processor<Bytes, 4096, batches_of_64>);
    benchmark::RegisterBenchmark((size + "/4096/max_batch_1").c_str(), make_processor<Bytes, 4096, one_each>);
    benchmark::RegisterBenchmark((size + "/4096/single_producer").c_str(), make_processor<Bytes, 4096, single>);
    benchmark::RegisterBenchmark((size + "/1/default").c_str(), make_processor<Bytes, 1, default_options>);
}

bool const added = [] {
    add_all<8>();
    add_all<64>();
    return true;
}();

}  // namespace
