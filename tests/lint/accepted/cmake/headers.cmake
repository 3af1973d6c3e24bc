# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT
set(evproc_headers
    evproc/evproc.hpp
    evproc/ring_buffer.hpp
    evproc/wait/spin_wait.hpp
    evproc/detail/atomic.hpp
    evproc/detail/ring_core.hpp
)
