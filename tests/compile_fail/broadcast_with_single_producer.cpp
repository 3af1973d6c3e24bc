// expect: evproc: a broadcast_processor has no form for a single producer
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/broadcast_processor.hpp>

#if defined(CONTROL)
constexpr evproc::ring_options options{};
#else
constexpr evproc::ring_options options{.producers = evproc::producer_kind::single};
#endif
evproc::broadcast_processor<int, evproc::stages<2>, 4, evproc::adaptive_wait, options> events;
