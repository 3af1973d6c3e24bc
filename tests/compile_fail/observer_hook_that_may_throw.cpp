// expect: an observer's hooks must be noexcept
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <cstddef>
#include <evproc/event_processor.hpp>

struct observer {
#if defined(CONTROL)
    void on_full(std::size_t) noexcept {}
#else
    void on_full(std::size_t) {}
#endif
};
evproc::event_processor<int, 4, evproc::adaptive_wait, evproc::ring_options{}, observer> processor;
