// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// The first two bytes of a script choose the ring and where its positions start; the rest is its verbs.

#include <array>
#include <span>

#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/backoff_wait.hpp>
#include <evproc/wait/blocking_wait.hpp>
#include <evproc/wait/spin_wait.hpp>

#include "processor_script.hpp"
#include "ring_script.hpp"

namespace evproc_fuzz {
namespace {

using evproc::adaptive_wait;
using evproc::event_processor;
using evproc::producer_kind;
using evproc::ring_buffer;
using evproc::ring_options;

constexpr std::size_t any = std::dynamic_extent;
constexpr ring_options single{.producers = producer_kind::single};

/// Near 0, near where 32 bits end, and so near the top of the range that a script may reach it.
constexpr std::array<std::uint64_t, 8> starts{0,
                                              1,
                                              3,
                                              (1ull << 32) - 3,
                                              (1ull << 32) - 16,
                                              1ull << 40,
                                              evproc::detail::max_position - 40,
                                              evproc::detail::max_position - 5};

template <template <class> class Script, class Subject, std::size_t N, ring_options Options>
void play(byte_reader& in) {
    unsigned const choice = in.next();
    evproc::detail::position const start = starts[choice % starts.size()];
    std::size_t capacity = N;
    if constexpr (N == any) capacity = std::size_t{1} << (choice / starts.size() % 5);
    ring_model const model{capacity, Options.max_batch == 0 ? capacity : Options.max_batch,
                           Options.producers == producer_kind::single, start};
    FUZZ_TRACE("capacity %zu, max_batch %zu, %s, start %llu\n", model.capacity(), model.max_batch(),
               model.single() ? "single" : "multi", static_cast<unsigned long long>(start));
    Script<Subject>{in, model, start, capacity}.play();
}

template <class Event, std::size_t N, ring_options Options = ring_options{}, class Wait = adaptive_wait>
void processor(byte_reader& in) {
    play<processor_script, event_processor<Event, N, Wait, Options>, N, Options>(in);
}
template <std::size_t N, ring_options Options = ring_options{}, class Wait = adaptive_wait> void ring(byte_reader& in) {
    play<ring_script, ring_buffer<int, N, Wait, Options>, N, Options>(in);
}

// EVPROC_TEST_QUICK: as many subjects, so that a script chooses the same kind as always, but of fewer types: short to compile.
#if defined(EVPROC_TEST_QUICK)
#define FULL_OR_QUICK(full, quick) quick
#else
#define FULL_OR_QUICK(full, quick) full
#endif
constexpr ring_options no_batches{.max_batch = 1};
constexpr ring_options batches_of_3{.max_batch = 3};
[[maybe_unused]] constexpr ring_options single_batches_of_3{.max_batch = 3, .producers = producer_kind::single};
[[maybe_unused]] constexpr ring_options single_no_batches{.max_batch = 1, .producers = producer_kind::single};

constexpr std::array subjects{
    FULL_OR_QUICK((&processor<item, 1>), (&processor<item, any>)),
    FULL_OR_QUICK((&processor<item, 2>), (&processor<item, any>)),
    FULL_OR_QUICK((&processor<item, 4>), (&processor<item, any>)),
    &processor<item, 8, batches_of_3>,
    FULL_OR_QUICK((&processor<item, 8, no_batches>), (&processor<item, 8, batches_of_3>)),
    &processor<item, any>,
    FULL_OR_QUICK((&processor<item, 1, single>), (&processor<item, any, single>)),
    FULL_OR_QUICK((&processor<item, 4, single>), (&processor<item, any, single>)),
    FULL_OR_QUICK((&processor<item, 8, single_batches_of_3>), (&processor<item, any, single>)),
    &processor<item, any, single>,
    &processor<int, 4, ring_options{}, evproc::blocking_wait>,
    FULL_OR_QUICK((&processor<int, 4, single_no_batches, evproc::backoff_wait>), (&processor<item, any, single>)),
    FULL_OR_QUICK((&processor<int, any, no_batches, evproc::spin_wait>), (&processor<item, any>)),
    FULL_OR_QUICK((&ring<4>), (&ring<any>)),
    &ring<any>,
    &ring<8, no_batches, evproc::spin_wait>,
    FULL_OR_QUICK((&ring<4, single, evproc::blocking_wait>), (&ring<any, single, evproc::backoff_wait>)),
    &ring<any, single, evproc::backoff_wait>,
};
#undef FULL_OR_QUICK

}  // namespace
}  // namespace evproc_fuzz

/// Plays the script; aborts where the library and the model disagree. The name is libFuzzer's; replay.cpp calls it too.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace evproc_fuzz;
    byte_reader in{data, size};
    unsigned const subject = in.below(subjects.size());
    FUZZ_TRACE("subject %u: ", subject);
    subjects[subject](in);
    return 0;
}
