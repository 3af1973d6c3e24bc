// expect: does not accept this one of its types
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/record_processor.hpp>

struct order {};
struct trade {};

struct handler {
    void operator()(order&) {}
#if defined(CONTROL)
    void operator()(trade&) {}
#endif
};

void use(evproc::record_processor<evproc::one_of<order, trade>, 1024>& events) { (void)events.poll(handler{}); }
