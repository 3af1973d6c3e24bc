// expect: hook is there, but cannot be called
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <evproc/event_processor.hpp>

struct observer {
#if defined(CONTROL)
    void on_batch(std::uint64_t, std::size_t) noexcept {}
#else
    void on_batch(std::size_t) noexcept {}
#endif
};
evproc::event_processor<int, 4, evproc::adaptive_wait, evproc::ring_options{}, observer> processor;
