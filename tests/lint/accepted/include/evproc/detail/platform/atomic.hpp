// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>

namespace evproc::detail {
template <class T>
using atomic = std::atomic<T>;
}  // namespace evproc::detail
