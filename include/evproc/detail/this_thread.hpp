// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace evproc::detail {

using thread_token = std::uintptr_t;

/// A non-zero number that no other live thread has. The address of a thread-local object, because asking the system
/// would be a call.
[[nodiscard]] inline thread_token this_thread_token() noexcept {
    static thread_local constinit char anchor = 0;
    return reinterpret_cast<thread_token>(&anchor);
}

}  // namespace evproc::detail
