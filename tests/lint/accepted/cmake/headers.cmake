# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT
set(evproc_headers
    evproc/evproc.hpp
    evproc/ring_buffer.hpp
    evproc/wait/spin_wait.hpp
    evproc/detail/platform/atomic.hpp
    evproc/detail/mpsc_ring.hpp
)
