// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <evproc/detail/config.hpp>

namespace evproc {
inline namespace EVPROC_ABI {

/// How many threads reserve.
enum class producer_kind {
    multi,   ///< any number of threads
    single,  ///< one thread at a time, with one live reservation: no atomic read-modify-write at all
};

/// Named template arguments of ring_buffer and event_processor:
/// `ring_buffer<tick, 65536, spin_wait, ring_options{.max_batch = 512}>`.
struct ring_options {
    /// The most slots of one reservation, at most the capacity; 0 means the capacity. The ring allocates
    /// max_batch - 1 elements beyond its capacity (untouched until a batch straddles the end). 1 puts each slot's word
    /// beside its element: the layout with the lowest latency.
    std::size_t max_batch = 0;
    /// Who reserves.
    producer_kind producers = producer_kind::multi;
    /// Whether stats() counts waits, refusals, depth and parks. Nothing of it touches the hot path.
    bool statistics = true;
    /// Whether a consumer that has caught up may pause a little (some microseconds) so that a batch comes together, where that
    /// has been measured to pay. It raises the throughput of single events several times; false suits a consumer for which
    /// each microsecond of latency counts. See detail/pacer.hpp for the bounds.
    bool pacing = true;
    /// record_processor only: a record takes a multiple of this many bytes, a power of two; 0 means 32. Smaller ones waste less
    /// room behind small records; with a cache line or more no two producers write to the same line.
    std::size_t unit = 0;
};

}  // namespace EVPROC_ABI
}  // namespace evproc
