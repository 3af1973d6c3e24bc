// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// Stands in for the library's header of the same name when the library is under the explorer.

#include "model.hpp"

namespace evproc::detail {

inline void cpu_relax() noexcept { ::model::pause(); }
inline void yield_thread() noexcept { ::model::pause(); }
inline void brief_pause(unsigned) noexcept {}  // lets time pass; waits for nothing
inline bool one_cpu() noexcept { return ::model::detail::one_cpu(); }

}  // namespace evproc::detail
