// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <evproc/event_processor.hpp>
#include <evproc/selector.hpp>
#include <evproc/wait/grouped_wait.hpp>

namespace {

struct order {
    int amount;
};
struct command {
    bool pause;
};

template <class... Handlers> struct overloads : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers> overloads(Handlers...) -> overloads<Handlers...>;

}  // namespace

void selecting() {
    int sum = 0;
    bool paused = false;

    evproc::wait_group<> group;
    evproc::event_processor<order, 1024, evproc::grouped_wait<>> orders{group};
    evproc::event_processor<command, 64, evproc::grouped_wait<>> commands{group};
    evproc::selector events{evproc::strict{}, commands, orders};  // commands first

    orders.publish(7);
    commands.publish(true);
    events.close();
    events.run(overloads{[&](command& c) { paused = c.pause; }, [&](order& o) { sum += o.amount; }});

    expect(paused && sum == 7);
}
