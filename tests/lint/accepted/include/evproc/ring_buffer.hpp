// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/mpsc_ring.hpp>

namespace evproc {
struct ring_buffer {
    detail::mpsc_ring core;
};
}  // namespace evproc
