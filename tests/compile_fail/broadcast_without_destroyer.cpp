// expect: evproc: an Event with a destructor needs a last stage of one consumer
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <string>

#include <evproc/broadcast_processor.hpp>

#if defined(CONTROL)
using event_stages = evproc::stages<2, 1>;
#else
using event_stages = evproc::stages<2>;
#endif
evproc::broadcast_processor<std::string, event_stages, 4> events;
