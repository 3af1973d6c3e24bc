// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// Stands in for the library's header of the same name when the library is under the explorer.

#include "model.hpp"

#include <atomic>

namespace evproc::detail {

template <class T> using atomic = ::model::atomic<T>;

}  // namespace evproc::detail
