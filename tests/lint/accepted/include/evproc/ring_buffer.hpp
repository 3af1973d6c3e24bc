// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/ring_core.hpp>

namespace evproc {
struct ring_buffer {
    detail::ring_core core;
};
}  // namespace evproc
