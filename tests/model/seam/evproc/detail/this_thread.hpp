// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

// Stands in for the library's header of the same name when the library is under the explorer.

#include "model.hpp"

#include <cstdint>

namespace evproc::detail {

using thread_token = std::uintptr_t;

inline thread_token this_thread_token() noexcept { return ::model::detail::thread_token(); }

}  // namespace evproc::detail
