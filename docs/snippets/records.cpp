// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <evproc/record_processor.hpp>

namespace {

std::size_t receive(std::span<std::byte> to) {
    to[0] = std::byte{7};
    return 1;
}

struct quote {
    int number;
    double price;
};
struct note {
    std::string text;
};
struct packet {  // what was received stands behind it
    int port;
};

using market_events = evproc::record_processor<evproc::one_of<quote, note, packet>>;

struct recorder {
    double last_price = 0;
    std::string last_text;
    std::size_t received = 0;

    void operator()(quote& q) { last_price = q.price; }
    void operator()(note& n) { last_text = std::move(n.text); }
    void operator()(packet&, std::span<std::byte> bytes) { received += bytes.size(); }
};

}  // namespace

void records() {
    market_events events;

    // any thread
    events.publish<quote>(1, 99.5);
    events.publish<note>("opened");
    if (auto next = events.reserve<packet>(1400)) {  // space for the longest
        next->port = 80;
        next.commit(receive(next.tail()));  // as many bytes as came; the rest is given up
    }

    // one thread
    recorder handlers;
    events.poll(handlers);

    expect(handlers.last_price > 99 && handlers.last_text == "opened" && handlers.received == 1);
}
