// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What check.sh reads the machine code of: each verb of the hot path in a function of its own, with a name that no
// compiler decorates.
#include <cstdint>

#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>
#include <evproc/wait/spin_wait.hpp>

// The same code is expected with the default observer and with one of a user's that has no hooks; not with one that counts.
// Not in a namespace without a name: with functions that no other file can call a compiler does as it likes.
struct hookless : evproc::no_observer {};
struct counting : evproc::no_observer {
    std::uint64_t discarded = 0, batches = 0;
    void on_discard(std::uint64_t, std::size_t n) noexcept { discarded += n; }
    void on_batch(std::uint64_t, std::size_t) noexcept { ++batches; }
};

namespace {

using evproc::adaptive_wait;
using evproc::producer_kind;
using evproc::ring_buffer;
using evproc::ring_options;
using evproc::spin_wait;

// Without statistics: the counter of refusals is a second locked instruction, which only a full ring reaches.
constexpr ring_options multi{.statistics = false};
constexpr ring_options multi_inline{.max_batch = 1, .statistics = false};
constexpr ring_options single{.producers = producer_kind::single, .statistics = false};

#ifndef OBSERVER
#define OBSERVER evproc::no_observer
#endif

using adaptive_ring = ring_buffer<std::uint64_t, 1024, adaptive_wait, multi, OBSERVER>;
using spin_ring = ring_buffer<std::uint64_t, 1024, spin_wait, multi, OBSERVER>;
using inline_ring = ring_buffer<std::uint64_t, 1024, adaptive_wait, multi_inline, OBSERVER>;
using single_ring = ring_buffer<std::uint64_t, 1024, adaptive_wait, single, OBSERVER>;
using processor = evproc::event_processor<std::uint64_t, 1024, adaptive_wait, multi, OBSERVER>;
using single_processor = evproc::event_processor<std::uint64_t, 1024, adaptive_wait, single, OBSERVER>;

template <class Ring> bool put(Ring& ring, std::uint64_t value) {
    auto const place = ring.try_reserve();
    if (!place) return false;
    *place.data() = value;
    ring.commit(place);
    return true;
}

template <class Ring> bool put_batch(Ring& ring, std::uint64_t value) {
    auto const places = ring.try_reserve(8);
    if (!places) return false;
    for (std::size_t i = 0; i != 8; ++i) places.data()[i] = value;
    ring.commit(places, 8);
    return true;
}

}  // namespace

extern "C" {

bool adaptive_publish(adaptive_ring& ring, std::uint64_t value) { return put(ring, value); }
bool adaptive_publish_batch(adaptive_ring& ring, std::uint64_t value) { return put_batch(ring, value); }
bool spin_publish(spin_ring& ring, std::uint64_t value) { return put(ring, value); }
bool spin_publish_batch(spin_ring& ring, std::uint64_t value) { return put_batch(ring, value); }
bool inline_publish(inline_ring& ring, std::uint64_t value) { return put(ring, value); }
bool single_publish(single_ring& ring, std::uint64_t value) { return put(ring, value); }
bool processor_publish(processor& p, std::uint64_t value) { return p.try_publish(value) == evproc::errc::success; }
bool processor_publish_batch(processor& p, std::uint64_t value) {
    auto batch = p.try_reserve_batch(8);
    if (!batch) return false;
    for (int i = 0; i != 8; ++i) batch.emplace_back(value);
    return batch.commit() == evproc::errc::success;
}
bool processor_reserve(processor& p, std::uint64_t value) {
    auto event = p.reserve();
    if (!event) return false;
    *event = value;
    return event.commit() == evproc::errc::success;
}

std::uint64_t processor_poll(processor& p) {
    std::uint64_t sum = 0;
    p.poll([&](std::uint64_t& value) { sum += value; });
    return sum;
}
std::uint64_t single_poll(single_processor& p) {
    std::uint64_t sum = 0;
    p.poll([&](std::uint64_t& value) { sum += value; });
    return sum;
}

#if defined(SELFTEST_FENCE)
// The mistakes that the check is there for, in the functions that it reads.
void selftest(adaptive_ring& ring) {
    ring.commit(ring.try_reserve());
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
#elif defined(SELFTEST_STORE)
void selftest(adaptive_ring& ring, std::uint64_t& word) {
    ring.commit(ring.try_reserve());
    __atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
}
#elif defined(SELFTEST_NONE)
void selftest(std::uint64_t& word) { __atomic_store_n(&word, 1, __ATOMIC_RELEASE); }
#else
void selftest(adaptive_ring& ring) { ring.commit(ring.try_reserve()); }
#endif
}
