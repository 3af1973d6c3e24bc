// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// The only include of <atomic>. tests/model puts files of these names (asymmetric_fence, futex, cpu, thread, clock too) first
// on the include path and explores the library under the C++ memory model.
#pragma once

#include <atomic>
#include <cstdint>

namespace evproc::detail {

template <class T> using atomic = std::atomic<T>;

#ifndef EVPROC_ALLOW_LOCKED_ATOMICS
static_assert(std::atomic<std::uint64_t>::is_always_lock_free,
              "evproc: 64-bit atomics take a lock on this target, so nothing here would be lock-free; choose a target "
              "that has them (for x86: -march=i586 or newer), or define EVPROC_ALLOW_LOCKED_ATOMICS to accept it");
#endif

}  // namespace evproc::detail
