// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#include <evproc/event_processor.hpp>

extern "C" int use_evproc() {
    evproc::event_processor<int> p;
    p.publish(40);
    p.publish(2);
    int sum = 0;
    p.poll([&](int& v) { sum += v; });
    return sum;
}
