// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// The hooks of an observer: each is called when it should be, by whom it should be, with what it should get, and only then.
#include <evproc/event_processor.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"

using evproc::errc;
using evproc::event_action;
using evproc::event_processor;
using evproc::no_observer;
using evproc::poll_state;
using evproc::producer_kind;
using evproc::ring_buffer;
using evproc::ring_options;
using evproc::wait_side;
using namespace std::chrono_literals;

namespace {

/// Writes down what is reported to it. For one thread.
struct recorder : no_observer {
    std::string told;
    std::thread::id thread;

    void say(std::string const& what) {
        told += what + ' ';
        thread = std::this_thread::get_id();
    }
    static std::string text(std::uint64_t a, std::size_t b) { return std::to_string(a) + '+' + std::to_string(b); }

    void on_full(std::size_t n) noexcept { say("full:" + std::to_string(n)); }
    void on_discard(std::uint64_t at, std::size_t n) noexcept { say("discard:" + text(at, n)); }
    void on_batch(std::uint64_t at, std::size_t n) noexcept { say("batch:" + text(at, n)); }
    void on_stall(std::uint64_t at) noexcept { say("stall:" + std::to_string(at)); }
    void on_wait(wait_side side) noexcept { say(side == wait_side::producer ? "producer waits" : "consumer waits"); }

    std::string heard() { return std::exchange(told, std::string{}); }
};

/// A wait that gives up at once.
struct no_wait {
    template <class Ready> bool wait(Ready&& ready, evproc::wait_deadline) { return ready(); }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }
};

/// A wait that gives up at once, having looked at the zones that are open.
struct looking_wait {
    int const* open = nullptr;
    int seen = 0;
    template <class Ready> bool wait(Ready&& ready, evproc::wait_deadline) {
        if (open != nullptr) seen += *open;
        return ready();
    }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }
};

template <class Event = int, std::size_t N = 4, ring_options Options = ring_options{}>
using observed = event_processor<Event, N, no_wait, Options, recorder>;

auto const ignore = [](int&) {};

struct empty_observer : no_observer {};
struct large_observer : no_observer {
    unsigned char bytes[4 * evproc::detail::cache_line_size] = {};  // no gap in the layout has room for it
};

template <class Observer>
constexpr std::size_t ring_bytes = sizeof(evproc::detail::ring<int, 4, no_wait, ring_options{}, Observer>);

// Nothing is held for an observer that holds nothing.
static_assert(ring_bytes<empty_observer> == ring_bytes<no_observer>);
static_assert(ring_bytes<large_observer> > ring_bytes<no_observer>);
static_assert(std::is_same_v<event_processor<int>,
                             event_processor<int, 4096, evproc::adaptive_wait, ring_options{}, no_observer>>);

}  // namespace

TEST_CASE("observer: what goes as it should is a batch and nothing else") {
    observed<> p;
    CHECK(p.poll(ignore).events == 0);
    CHECK(p.observer().heard().empty());
    CHECK(p.publish(1) == errc::success);
    CHECK(p.try_publish(2) == errc::success);
    CHECK(p.observer().heard().empty());
    CHECK(p.poll(ignore).events == 2);
    CHECK(p.observer().heard() == "batch:0+2 ");
    CHECK(p.observer().thread == std::this_thread::get_id());
    p.close();
    CHECK(p.poll(ignore).state == poll_state::closed);
    CHECK(p.observer().heard().empty());
}

TEST_CASE("on_full: is called once for each verb that finds too little space") {
    observed<> p;
    auto batch = p.reserve_batch(3);
    CHECK(p.observer().heard().empty());
    CHECK(p.try_reserve_batch(2).error() == errc::full);
    CHECK(p.observer().heard() == "full:2 ");
    CHECK(p.try_publish(1) == errc::success);
    CHECK(p.observer().heard().empty());
    CHECK(p.try_publish(1) == errc::full);
    CHECK(p.observer().heard() == "full:1 ");
    CHECK(p.try_reserve_batch_up_to(3).error() == errc::full);
    CHECK(p.observer().heard() == "full:1 ");
    CHECK(p.reserve_for(1h).error() == errc::timed_out);
    CHECK(p.observer().heard() == "full:1 producer waits ");
    CHECK(p.observer().thread == std::this_thread::get_id());
    CHECK(p.try_reserve_batch(5).error() == errc::too_large);
    CHECK(p.try_reserve_batch(0).error() == errc::invalid_size);
    CHECK(p.observer().heard().empty());
    p.close();
    CHECK(p.try_publish(1) == errc::closed);
    CHECK(p.publish(1) == errc::closed);
    CHECK(p.observer().heard().empty());
    batch.discard();
}

TEST_CASE("on_full: is called in a handler too, where waiting would be for ever") {
    observed<int, 1> p;
    CHECK(p.publish(1) == errc::success);
    CHECK(p.poll([&](int&) { CHECK(p.publish(2) == errc::would_deadlock); }).events == 1);
    CHECK(p.observer().heard() == "full:1 batch:0+1 ");
}

TEST_CASE("on_discard: names the slots that were given up, however that was done") {
    observed<std::string, 8> p;
    CHECK(p.publish("0") == errc::success);
    p.try_reserve().discard();
    CHECK(p.observer().heard() == "discard:1+1 ");
    {
        auto const dropped = p.try_reserve();
    }
    CHECK(p.observer().heard() == "discard:2+1 ");
    {
        auto batch = p.reserve_batch(3);
        batch.emplace_back("3");
        CHECK(batch.commit() == errc::success);
    }
    CHECK(p.observer().heard() == "discard:4+2 ");
    {
        auto const dropped = p.reserve_batch(2);
    }
    CHECK(p.observer().heard() == "discard:6+2 ");
    CHECK(p.poll([](std::string&) {}).events == 2);
    CHECK(p.observer().heard() == "batch:0+2 ");
    {
        auto batch = p.reserve_batch(2);
        batch.emplace_back("8");
        batch.emplace_back("9");
        CHECK(batch.commit() == errc::success);
    }
    {
        auto empty = p.reserve_batch(1);
        CHECK(empty.commit() == errc::success);
    }
    CHECK(p.observer().heard() == "discard:10+1 ");
    CHECK(p.poll([](std::string&) {}).events == 2);
}

#if EVPROC_EXCEPTIONS
TEST_CASE("on_discard: an event whose constructor throws is given up") {
    struct thrower {
        explicit thrower(int) { throw std::runtime_error("no"); }
    };
    observed<thrower> p;
    CHECK_THROWS_AS(p.publish(1), std::runtime_error);
    CHECK(p.observer().heard() == "discard:0+1 ");
}

TEST_CASE("on_batch: an event whose handler throws is part of it") {
    observed<> p;
    for (int i = 0; i != 3; ++i) CHECK(p.publish(i) == errc::success);
    CHECK_THROWS_AS(p.poll([](int& i) {
        if (i == 1) throw std::runtime_error("no");
    }),
                    std::runtime_error);
    CHECK(p.observer().heard() == "batch:0+2 ");
    CHECK_THROWS_AS(p.run([](int&) { throw std::runtime_error("no"); }), std::runtime_error);
    CHECK(p.observer().heard() == "batch:2+1 ");
}
#endif

TEST_CASE("on_discard: a single producer's too") {
    observed<int, 4, ring_options{.producers = producer_kind::single}> p;
    p.try_reserve().discard();
    CHECK(p.observer().heard() == "discard:0+1 ");
    CHECK(p.publish(1) == errc::success);  // gets the slot that was given up
    CHECK(p.poll(ignore).events == 1);
    CHECK(p.observer().heard() == "batch:0+1 ");
    auto stalled = p.try_reserve();
    CHECK(p.poll(ignore).state == poll_state::idle);
    CHECK(p.observer().heard().empty());
    stalled.discard();
}

TEST_CASE("on_batch: is called once for each poll that consumed something, also for what is left and kept") {
    observed<int, 8> p;
    for (int i = 0; i != 8; ++i) CHECK(p.publish(i) == errc::success);
    CHECK(p.poll(ignore, 1).events == 1);
    CHECK(p.observer().heard() == "batch:0+1 ");
    CHECK(p.poll([](int&) { return event_action::keep; }).events == 0);
    CHECK(p.observer().heard().empty());
    CHECK(p.poll([](int&) { return event_action::stop; }).events == 1);
    CHECK(p.observer().heard() == "batch:1+1 ");
    CHECK(p.poll_batches([](std::span<int>) {}, 2).events == 2);
    CHECK(p.observer().heard() == "batch:2+2 ");
    {
        auto batch = p.peek(3);
        CHECK(p.observer().heard().empty());
        batch.release(1);
        CHECK(p.observer().heard() == "batch:4+1 ");
    }
    CHECK(p.observer().heard() == "batch:5+2 ");
    p.peek().keep();
    CHECK(p.observer().heard().empty());
    p.close();
    CHECK(p.run(ignore).reason == errc::closed);
    CHECK(p.observer().heard() == "batch:7+1 ");
}

TEST_CASE("on_batch: discarded slots among the events are not counted") {
    observed<int, 8> p;
    CHECK(p.publish(0) == errc::success);
    p.try_reserve().discard();
    CHECK(p.publish(2) == errc::success);
    p.try_reserve().discard();
    p.observer().told.clear();
    SECTION("by poll") { CHECK(p.poll(ignore).events == 2); }
    SECTION("by poll_batches") {
        CHECK(p.poll_batches([](std::span<int>) {}).events == 2);
    }
    SECTION("by peek and release") { CHECK(p.peek().size() == 2); }
    CHECK(p.observer().heard() == "batch:0+2 ");
    p.try_reserve().discard();
    p.observer().told.clear();
    CHECK(p.poll(ignore).events == 0);
    CHECK(p.observer().heard().empty());
}

TEST_CASE("on_stall: a waiting consumer calls it once for each sequence that it waits for") {
    observed<int, 4> p;
    auto first = p.try_reserve();
    auto second = p.try_reserve();
    CHECK(p.poll(ignore).state == poll_state::idle);
    CHECK(p.observer().heard().empty());  // poll does not look
    CHECK(p.poll_for(1h, ignore).state == poll_state::blocked);
    CHECK(p.observer().heard() == "consumer waits stall:0 ");
    CHECK(p.poll_for(1h, ignore).state == poll_state::blocked);
    CHECK(p.observer().heard() == "consumer waits ");
    *first = 1;
    CHECK(first.commit() == errc::success);
    CHECK(p.poll(ignore).events == 1);
    CHECK(p.observer().heard() == "batch:0+1 ");
    CHECK(p.poll_for(1h, ignore).state == poll_state::blocked);
    CHECK(p.observer().heard() == "consumer waits stall:1 ");
    second.discard();
    p.observer().told.clear();
    CHECK(p.poll_for(1h, ignore).state == poll_state::idle);
    CHECK(p.observer().heard() == "consumer waits ");
}

TEST_CASE("on_wait: is called by each verb that has to wait, and by none that has not") {
    observed<int, 1> p;
    CHECK(p.flush() == errc::success);
    CHECK(p.publish(1) == errc::success);
    CHECK(p.observer().heard().empty());
    CHECK(p.flush_for(0s) == errc::timed_out);
    CHECK(p.observer().heard() == "producer waits ");
    CHECK(p.reserve_until(std::chrono::steady_clock::now()).error() == errc::timed_out);
    CHECK(p.observer().heard() == "full:1 producer waits ");
    CHECK(p.poll_for(1h, ignore).events == 1);
    CHECK(p.observer().heard() == "batch:0+1 ");
    CHECK(p.poll_for(1h, ignore).events == 0);
    CHECK(p.observer().heard() == "consumer waits ");
    CHECK(p.poll(ignore).events == 0);
    CHECK(p.observer().heard().empty());
}

TEST_CASE("on_wait: what it returns lives as long as the wait") {
    struct zone {
        int* open;
        explicit zone(int& n) noexcept : open{&n} { ++n; }
        zone(zone const&) = delete;
        zone& operator=(zone const&) = delete;
        ~zone() { --*open; }
    };
    struct zoned : no_observer {
        int open = 0;
        zone on_wait(wait_side) noexcept { return zone{open}; }
    };
    event_processor<int, 1, looking_wait, ring_options{}, zoned> p;
    p.consumer_wait().open = &p.observer().open;
    CHECK(p.poll_for(1h, ignore).events == 0);
    CHECK(p.consumer_wait().seen == 1);
    CHECK(p.observer().open == 0);
}

TEST_CASE("observer: each hook is called by the thread that it happens to") {
    observed<int, 1> p;
    std::thread::id other;
    auto const elsewhere = [&](auto what) {
        std::thread thread([&] {
            other = std::this_thread::get_id();
            what();
        });
        thread.join();
    };
    CHECK(p.publish(1) == errc::success);
    elsewhere([&] { static_cast<void>(p.reserve()); });
    CHECK(p.observer().heard() == "full:1 producer waits ");
    CHECK(p.observer().thread == other);
    CHECK(p.poll(ignore).events == 1);
    CHECK(p.observer().heard() == "batch:0+1 ");
    CHECK(p.observer().thread == std::this_thread::get_id());
    // A handle that was reserved here and is given up there.
    auto place = p.reserve();
    elsewhere([&] { CHECK(p.poll_for(0s, ignore).state == poll_state::blocked); });
    CHECK(p.observer().heard() == "consumer waits stall:1 ");
    CHECK(p.observer().thread == other);
    elsewhere([&] { place.discard(); });
    CHECK(p.observer().heard() == "discard:1+1 ");
    CHECK(p.observer().thread == other);
    CHECK(p.poll_for(0s, ignore).events == 0);
    CHECK(p.observer().heard() == "consumer waits ");
    CHECK(p.observer().thread == std::this_thread::get_id());
}

TEST_CASE("observer: a ring without lifetimes tells as well") {
    ring_buffer<int, 2, no_wait, ring_options{}, recorder> ring;
    auto const two = ring.try_reserve(2);
    CHECK(ring.try_reserve().error() == errc::full);
    CHECK(ring.reserve().error() == errc::timed_out);
    CHECK(ring.observer().heard() == "full:1 full:1 producer waits ");
    *two.data() = 7;
    ring.commit(two, 1);
    CHECK(ring.observer().heard() == "discard:1+1 ");
    CHECK(ring.peek().size() == 1);
    ring.release(1);
    CHECK(ring.observer().heard() == "batch:0+1 ");
    CHECK_FALSE(ring.wait_for(1h));
    CHECK(ring.observer().heard() == "consumer waits ");
}

TEST_CASE("observer: hooks that are missing are not missed, and a const processor shows its own") {
    struct only_full : no_observer {
        int& count;
        void on_full(std::size_t) const noexcept { ++count; }
    };
    int count = 0;
    event_processor<int, 1, no_wait, ring_options{}, only_full> fixed{only_full{{}, count}};
    event_processor<int, std::dynamic_extent, no_wait, ring_options{}, only_full> dynamic{1, only_full{{}, count}};
    auto const use = [&](auto& p) {
        CHECK(p.publish(1) == errc::success);
        CHECK(p.try_publish(2) == errc::full);
        CHECK(p.publish(2) == errc::timed_out);
        CHECK(p.poll(ignore).events == 1);
        p.try_reserve().discard();
        CHECK(p.poll_for(0s, ignore).events == 0);
        CHECK(&std::as_const(p).observer().count == &count);
    };
    use(fixed);
    CHECK(count == 2);
    use(dynamic);
    CHECK(count == 4);
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<event_processor<int, 1, no_wait, ring_options{}, only_full>>);
}

TEST_CASE("observer: it may ask for what any thread may ask for") {
    struct asking : no_observer {
        event_processor<int, 1, no_wait, ring_options{}, asking>* processor = nullptr;
        std::uint64_t refused = 0;
        std::size_t held = 0;
        void on_full(std::size_t) noexcept {
            refused = processor->stats().refused;
            held = processor->size_approx();
        }
    };
    event_processor<int, 1, no_wait, ring_options{}, asking> p;
    p.observer().processor = &p;
    CHECK(p.publish(1) == errc::success);
    CHECK(p.try_publish(1) == errc::full);
    CHECK(p.observer().refused == 1);
    CHECK(p.observer().held == 1);
}
