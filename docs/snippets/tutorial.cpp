// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <evproc/event_processor.hpp>

namespace {

using namespace std::chrono_literals;
using evproc::errc;

struct order {
    std::uint64_t id;
    std::string customer;
    int amount;
};

using order_processor = evproc::event_processor<order, 1024>;

void build_in_place() {
    order_processor orders;

    auto place = orders.reserve();
    if (place) {
        order& o = place.emplace();  // built in the ring: emplace(args...) calls the constructor
        o.id = 7;                    // still ours alone
        o.customer = "Ada";
        place.commit();  // and now the consumer's
    }

    orders.publish(8, "Grace", 5);  // the same three steps in one

    std::vector<std::string> seen;
    orders.poll([&](order& o) { seen.push_back(std::move(o.customer)); });

    expect(seen == std::vector<std::string>{"Ada", "Grace"});
}

struct sample {
    std::uint64_t when;
    double value;
};

void plain_events() {
    evproc::event_processor<sample> samples;

    auto place = samples.reserve();
    place->when = 1;     // no emplace: a trivial type is alive from the start, with whatever was there before,
    place->value = 0.5;  // so write every member
    place.commit();

    double sum = 0;
    samples.poll([&](sample const& s) { sum += s.value; });
    expect(sum == 0.5);
}

bool fill(order& o, std::string_view text) {
    if (text.empty()) {
        return false;
    }
    o.customer = text;
    return true;
}

bool take(order_processor& orders, std::string_view text) {
    auto place = orders.reserve();
    if (!place) {
        return false;  // place.error() says why
    }
    order& o = place.emplace();
    if (!fill(o, text)) {
        return false;  // the event is destroyed here, and the consumer skips its slot
    }
    return place.commit() == errc::success;
}

void change_your_mind() {
    order_processor orders;
    expect(take(orders, "Ada"));
    expect(!take(orders, ""));
    expect(take(orders, "Grace"));
    std::vector<std::uint64_t> places;
    orders.poll([&](order&, evproc::event_info const& info) { places.push_back(info.sequence); });
    expect(places == std::vector<std::uint64_t>{0, 2});
    expect(orders.stats().discarded == 1);
}

void when_it_is_full() {
    evproc::event_processor<int, 2> numbers;
    std::stop_source shutdown;
    shutdown.request_stop();
    numbers.publish(1);
    numbers.publish(2);

    errc const at_once = numbers.try_publish(3);                 // errc::full: nothing waits
    auto const timely = numbers.reserve_for(1ms);                // errc::timed_out
    auto const stopped = numbers.reserve(shutdown.get_token());  // errc::stopped
    // numbers.publish(3) would wait until the consumer frees space, or close()

    expect(at_once == errc::full && timely.error() == errc::timed_out && stopped.error() == errc::stopped);
}

void batches() {
    evproc::event_processor<sample, 64> samples;

    auto batch = samples.reserve_batch(16);  // 16 slots, side by side, all or none
    for (double const value : {0.25, 0.5, 0.75}) {
        batch.push_back({1, value});
    }
    batch.commit();  // the three become visible in one step; the other 13 slots are given up

    double sum = 0;
    samples.poll_batches([&](std::span<sample> run) {
        for (sample const& s : run) {
            sum += s.value;
        }
    });

    expect(sum == 1.5 && samples.stats().discarded == 13);
}

void a_consumer_with_a_loop_of_its_own() {
    evproc::event_processor<int> numbers;
    std::jthread const producer([&] {
        for (int n = 1; n <= 100; ++n) {
            numbers.publish(n);
        }
        numbers.close();
    });
    long sum = 0;
    int ticks = 0;
    auto const on_tick = [&] { ++ticks; };

    for (;;) {
        auto const polled = numbers.poll_for(10ms, [&](int n) { sum += n; });
        if (polled.state == evproc::poll_state::closed) {
            break;  // closed, and everything handled
        }
        on_tick();
    }

    expect(sum == 5050);
}

void a_view() {
    evproc::event_processor<int> numbers;
    numbers.publish(1);
    numbers.publish(2);
    numbers.publish(3);
    auto const send = [](int n) { return n < 3; };

    auto ready = numbers.peek();  // what is there now, read in place
    std::size_t sent = 0;
    for (int const n : ready) {
        if (!send(n)) {
            break;
        }
        ++sent;
    }
    ready.release(sent);  // these are done with;
    ready.keep();         // the others come again with the next look

    expect(sent == 2 && numbers.poll([](int n) { expect(n == 3); }).events == 1);
}

void wait_and_look() {
    evproc::event_processor<int> numbers;
    std::jthread const producer([&] {
        for (int n = 1; n <= 100; ++n) {
            numbers.publish(n);
        }
        numbers.close();
    });
    long sum = 0;

    while (numbers.wait()) {  // something is ready; false: closed and drained, or wake()
        for (int const n : numbers.peek()) {
            sum += n;
        }  // released here
    }

    expect(sum == 5050);
}

void a_handler_that_fails() {
    evproc::event_processor<int> numbers;
    for (int n = 0; n != 10; ++n) {
        numbers.publish(n);
    }
    numbers.close();
    std::stop_source shutdown;
    std::vector<std::uint64_t> failed;
    int handled = 0;
    auto const handle = [&](int n) {
        if (n == 3) throw std::runtime_error("three");
        ++handled;
    };

    auto const on_error = [&](std::exception_ptr, int&, evproc::event_info const& info) {
        failed.push_back(info.sequence);
        return evproc::error_action::skip;  // or retry it, or stop
    };
    auto const result = numbers.run(shutdown.get_token(), handle, on_error);

    expect(result.reason == errc::closed && handled == 9 && failed == std::vector<std::uint64_t>{3});
}

}  // namespace

void tutorial() {
    build_in_place();
    plain_events();
    change_your_mind();
    when_it_is_full();
    batches();
    a_consumer_with_a_loop_of_its_own();
    a_view();
    wait_and_look();
    a_handler_that_fails();
}
