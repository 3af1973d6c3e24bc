// expect: deleted
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/event_processor.hpp>

#include <utility>

evproc::event_processor<int, 4> events;
#if defined(CONTROL)
auto& other = events;
#else
auto other = std::move(events);
#endif
