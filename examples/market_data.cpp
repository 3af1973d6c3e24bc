// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How do several feeds with several kinds of events share one consumer? A closed set of types is a
// std::variant; each feed writes a batch at a time straight into the ring, and the batch becomes visible in
// one step; what one feed sent arrives in the order it was sent, which is checked here event by event.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include <evproc/event_processor.hpp>

namespace {

// Every event says which feed it is from and which of that feed's events it is.
struct origin {
    std::uint32_t feed;
    std::uint32_t number;
};
struct quote {
    origin from;
    std::int64_t bid;  // prices in cents
    std::int64_t ask;
};
struct trade {
    origin from;
    std::int64_t price;
    std::int64_t shares;
};
struct halt {
    origin from;
    bool trading;
};
using market_event = std::variant<quote, trade, halt>;

constexpr std::array<std::string_view, 4> feeds{"north", "east", "south", "west"};
constexpr std::uint32_t events_per_feed = 100000;
constexpr std::size_t largest_batch = 64;

using market = evproc::event_processor<market_event, 1024>;

/// The n-th event of a feed: mostly quotes, every tenth a trade, every thousandth a halt or its end.
void write_event(market::reserved_batch& batch, std::uint32_t feed, std::uint32_t n) {
    origin const from{feed, n};
    if (n % 1000 == 999) {
        batch.push_back(halt{from, n % 2000 == 1999});
    } else if (n % 10 == 9) {
        batch.push_back(trade{from, 10000 + n % 50, 100});
    } else {
        batch.push_back(quote{from, 10000 + n % 50, 10002 + n % 50});
    }
}

void send_feed(market& to, std::uint32_t feed) {
    std::uint32_t sent = 0;
    std::size_t size = 1 + feed;  // feeds come in batches of all sizes
    while (sent != events_per_feed) {
        auto batch = to.reserve_batch(std::min<std::size_t>(size, events_per_feed - sent));
        if (!batch) {
            return;
        }
        while (batch.size() != batch.capacity()) {
            write_event(batch, feed, sent++);
        }
        batch.commit();
        size = size % largest_batch + 1;
    }
}

struct feed_state {
    std::uint32_t next = 0;
    std::uint32_t out_of_order = 0;
    std::uint32_t quotes = 0;
    std::uint32_t trades = 0;
    std::uint32_t halts = 0;
    std::int64_t shares = 0;
};

/// One overload for each type: forget one and this does not compile.
struct consumer {
    std::array<feed_state, feeds.size()> states{};

    feed_state& arrived(origin from) {
        feed_state& state = states[from.feed];
        state.out_of_order += from.number != state.next ? 1 : 0;
        state.next = from.number + 1;
        return state;
    }
    void operator()(quote const& event) { ++arrived(event.from).quotes; }
    void operator()(trade const& event) {
        feed_state& state = arrived(event.from);
        ++state.trades;
        state.shares += event.shares;
    }
    void operator()(halt const& event) { ++arrived(event.from).halts; }
};

}  // namespace

int main() {
    market events;
    std::vector<std::thread> threads;
    for (std::uint32_t feed = 0; feed != feeds.size(); ++feed) {
        threads.emplace_back([&events, feed] { send_feed(events, feed); });
    }
    std::thread closer([&] {
        for (auto& thread : threads) {
            thread.join();
        }
        events.close();
    });

    consumer seen;
    events.run([&](market_event const& event) { std::visit(seen, event); });
    closer.join();

    bool ok = true;
    for (std::size_t feed = 0; feed != feeds.size(); ++feed) {
        feed_state const& state = seen.states[feed];
        std::printf("%-5.*s %6u events: %u quotes, %u trades of %lld shares, %u halts; %u out of order\n",
                    static_cast<int>(feeds[feed].size()), feeds[feed].data(), state.next, state.quotes, state.trades,
                    static_cast<long long>(state.shares), state.halts, state.out_of_order);
        ok &= state.next == events_per_feed && state.out_of_order == 0;
    }
    return ok ? 0 : 1;
}
