// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Built and run where sys/sdt.h is found.

#include "snippets.hpp"

#include <evproc/event_processor.hpp>
#include <evproc/extras/usdt.hpp>

namespace {
struct order {
    int amount;
};
}  // namespace

int main() {
    using evproc::usdt_observer;
    evproc::event_processor<order, 4096, evproc::adaptive_wait, evproc::ring_options{}, usdt_observer> orders{
        usdt_observer{"orders"}};
    expect(orders.publish(order{7}) == evproc::errc::success);
}
