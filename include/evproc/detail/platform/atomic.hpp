// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// The only place of the library that includes <atomic>. tests/model puts a file of this name first on the include
// path and explores the library under the C++ memory model; the same goes for the other five headers that touch the
// machine: asymmetric_fence.hpp, futex.hpp, cpu_relax.hpp, this_thread.hpp and clock.hpp.
#pragma once

#include <atomic>
#include <cstdint>

namespace evproc::detail {

template <class T>
using atomic = std::atomic<T>;

#ifndef EVPROC_ALLOW_LOCKED_ATOMICS
static_assert(std::atomic<std::uint64_t>::is_always_lock_free,
              "evproc: 64-bit atomics take a lock on this target, so nothing here would be lock-free; choose a target "
              "that has them (for x86: -march=i586 or newer), or define EVPROC_ALLOW_LOCKED_ATOMICS to accept it");
#endif

}  // namespace evproc::detail
