// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/config.hpp>

namespace evproc::inline EVPROC_ABI {

enum class producer_kind {
    multi,   ///< any number of threads
    single,  ///< one thread at a time, with one live reservation: no atomic read-modify-write at all
};

/// Named template arguments: `ring_buffer<tick, 65536, spin_wait, ring_options{.max_batch = 512}>`.
struct ring_options {
    /// Most slots of one reservation; 0: the capacity. The ring allocates max_batch - 1 more elements than its capacity,
    /// untouched until a batch crosses the end. 1 puts each slot's word beside its element: the lowest latency.
    std::size_t max_batch = 0;
    /// How many threads reserve.
    producer_kind producers = producer_kind::multi;
    /// Whether stats() counts waits, refusals, depth and parks, all off the hot path.
    bool statistics = true;
    /// Whether a consumer that has caught up may pause some microseconds so that a batch comes together, where that was
    /// measured to pay. Raises the throughput of single events several times; `false` for low latency. Bounds: pacer.hpp.
    bool pacing = true;
    /// record_processor only: a record takes a multiple of this many bytes, a power of two; 0: 32. Smaller wastes less behind
    /// small records; from a cache line on, no two producers write to the same line.
    std::size_t unit = 0;
};

}  // namespace evproc::inline EVPROC_ABI
