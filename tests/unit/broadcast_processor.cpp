// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Several consumers in stages, each of which sees every event: each row of the contract, lifetimes counted.
#include <evproc/broadcast_processor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "death.hpp"
#include "processor_verbs.hpp"
#include "threads.hpp"
#include "tracked.hpp"
#include "waits.hpp"

using namespace evproc_test;
using evproc::broadcast_processor;
using evproc::errc;
using evproc::error_action;
using evproc::event_action;
using evproc::event_info;
using evproc::poll_state;
using evproc::stages;

using ints = std::vector<int>;

namespace {

using siblings = broadcast_processor<int, stages<2>, 4>;
using chain = broadcast_processor<int, stages<1, 1>, 512>;
/// Events with a destructor, a stage of each kind.
using pipeline = broadcast_processor<tracked, stages<1, 2, 1>, 8>;

struct pipeline_consumers {
    explicit pipeline_consumers(pipeline& p)
        : first{p.consumer<0>()}, left{p.consumer<1>(0)}, right{p.consumer<1>(1)}, last{p.consumer<2>()} {}
    pipeline::broadcast_consumer<0> first;
    pipeline::broadcast_consumer<1> left, right;
    pipeline::broadcast_consumer<2> last;
};

template <class Processor> void publish(Processor& p, int from, int to) {
    for (int i = from; i != to; ++i) REQUIRE(p.try_publish(i) == errc::success);
}

ints up_to(int from, int to) {
    ints values;
    for (int i = from; i != to; ++i) values.push_back(i);
    return values;
}

/// What run() of this consumer gets, on a thread of its own.
template <class Consumer> class runner {
public:
    explicit runner(Consumer& consumer)
        : thread_{[&] { reason_ = consumer.run([&](auto& e) { values_.push_back(value_of(e)); }).reason; }} {}
    ints values() {
        thread_.join();
        CHECK(reason_ == errc::closed);
        return values_;
    }

private:
    ints values_;
    errc reason_ = errc::success;
    std::thread thread_;
};

template <class Consumer> errc reserve_within(chain& p, Consumer& consumer) {
    errc error = errc::success;
    consumer.poll([&](auto&) {
        auto const event = p.reserve();
        error = event.error();
        return event_action::keep;
    });
    return error;
}

}  // namespace

// A consumer that is alone in its stage may change the event, siblings may not.
static_assert(std::is_same_v<pipeline::broadcast_consumer<0>::committed_batch::value_type, tracked>);
static_assert(std::is_same_v<pipeline::broadcast_consumer<1>::committed_batch::value_type, tracked const>);
static_assert(std::is_same_v<pipeline::broadcast_consumer<2>::committed_batch::value_type, tracked>);
template <class Consumer, class Handler> constexpr bool polls = requires(Consumer& c, Handler h) { c.poll(h); };
static_assert(polls<pipeline::broadcast_consumer<0>, void (*)(tracked&)>);
static_assert(!polls<pipeline::broadcast_consumer<1>, void (*)(tracked&)>);
static_assert(polls<pipeline::broadcast_consumer<1>, void (*)(tracked const&, event_info const&)>);
// Move-only; the processor neither.
static_assert(!std::is_copy_constructible_v<siblings::broadcast_consumer<0>>);
static_assert(std::is_nothrow_move_constructible_v<siblings::broadcast_consumer<0>>);
static_assert(!std::is_move_constructible_v<siblings>);

TEST_CASE("broadcast: each consumer sees every event, in order, and the slowest frees slots") {
    siblings p;
    auto a = p.consumer<0>(0);
    auto b = p.consumer<0>(1);
    publish(p, 0, 4);
    CHECK(p.try_publish(4) == errc::full);
    CHECK(values_of(a) == ints{0, 1, 2, 3});
    CHECK(p.try_publish(4) == errc::full);
    CHECK(b.poll([](int const&) {}, 1).state == poll_state::more);
    CHECK(p.try_publish(4) == errc::success);
    CHECK(p.try_publish(5) == errc::full);
    CHECK(values_of(a) == ints{4});
    CHECK(values_of(b) == ints{1, 2, 3, 4});
    CHECK(values_of(a).empty());
    CHECK(values_of(b).empty());
}

TEST_CASE("broadcast: a consumer that has not been taken yet misses nothing") {
    siblings p;
    auto a = p.consumer<0>(0);
    publish(p, 0, 4);
    CHECK(values_of(a) == ints{0, 1, 2, 3});
    CHECK(p.try_publish(4) == errc::full);
    auto b = p.consumer<0>(1);
    CHECK(values_of(b) == ints{0, 1, 2, 3});
    CHECK(p.try_publish(4) == errc::success);
}

TEST_CASE("broadcast: each consumer is taken once") {
    siblings p;
    CHECK_THROWS_AS(p.consumer<0>(2), std::logic_error);
    {
        auto a = p.consumer<0>(1);
        CHECK_THROWS_AS(p.consumer<0>(1), std::logic_error);
        auto b = std::move(a);
        CHECK(b);
        CHECK_THROWS_AS(p.consumer<0>(1), std::logic_error);
    }
    CHECK_THROWS_AS(p.consumer<0>(1), std::logic_error);  // it has left
    CHECK(p.consumer<0>());
}

TEST_CASE("broadcast: a stage sees what all of the stage before have handled, as they left it") {
    ledger_scope const books;
    pipeline p;
    pipeline_consumers c{p};
    publish(p, 1, 4);
    CHECK(c.left.state() == poll_state::blocked);
    CHECK(values_of(c.left).empty());
    CHECK(c.first.poll([](tracked& e) { e.value *= 10; }, 2).events == 2);
    CHECK(values_of(c.last).empty());
    CHECK(values_of(c.left) == ints{10, 20});
    CHECK(values_of(c.last).empty());
    CHECK(values_of(c.right) == ints{10, 20});
    CHECK(ledger::destroyed == 0);
    CHECK(values_of(c.last) == ints{10, 20});
    CHECK(ledger::destroyed == 2);
    CHECK(c.last.state() == poll_state::blocked);
    CHECK(values_of(c.first) == ints{3});
    CHECK(values_of(c.right) == ints{3});
    CHECK(c.right.state() == poll_state::idle);
    CHECK(c.left.state() == poll_state::more);
    CHECK(ledger::faults == 0);
}

TEST_CASE("broadcast: a stage gets nothing, of single events, batches and gaps, that the one before has not passed") {
    chain p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    publish(p, 0, 100);  // far from the beginning
    CHECK(values_of(a) == up_to(0, 100));
    CHECK(values_of(b) == up_to(0, 100));
    publish(p, 0, 6);
    CHECK(a.poll([](int&) {}, 3).events == 3);
    CHECK(values_of(b) == ints{0, 1, 2});
    CHECK(a.poll([](int&) {}, 1).events == 1);
    CHECK(values_of(b) == ints{3});
    CHECK(values_of(a) == ints{4, 5});
    CHECK(values_of(b) == ints{4, 5});
    {
        auto const given_up = p.try_reserve();
    }
    auto batch = p.try_reserve_batch(3);
    for (int const v : {6, 7, 8}) batch.emplace_back(v);
    CHECK(batch.commit() == errc::success);
    CHECK(values_of(b).empty());
    CHECK(b.lag() == 4);
    CHECK(a.poll([](int&) {}, 1).events == 1);
    CHECK(values_of(b) == ints{6});
    CHECK(b.lag() == 2);
    CHECK(values_of(b).empty());
    CHECK(values_of(a) == ints{7, 8});
    CHECK(values_of(b) == ints{7, 8});
    CHECK(b.lag() == 0);
}

TEST_CASE("broadcast: what is left in each stage is destroyed once, with the processor") {
    ledger_scope const books;
    {
        pipeline p;
        pipeline_consumers c{p};
        for (int lap = 0; lap != 3; ++lap) {
            publish(p, 0, 5);
            values_of(c.first), values_of(c.left), values_of(c.right), values_of(c.last);
        }
        // 7 in the ring: 1 not seen, 1 seen by stage 0, 1 by one of stage 1, 4 by both, of those 2 by the last.
        publish(p, 0, 7);
        c.first.poll([](tracked&) {}, 6);
        c.left.poll([](tracked const&) {}, 5);
        c.right.poll([](tracked const&) {}, 4);
        c.last.poll([](tracked&) {}, 2);
        CHECK(ledger::alive() == 5);
    }
    CHECK(ledger::balanced());
    {
        pipeline p;  // nobody takes a consumer
        publish(p, 0, 8);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("broadcast: a handler that throws consumes the event for its consumer alone") {
    ledger_scope const books;
    pipeline p;
    pipeline_consumers c{p};
    publish(p, 0, 4);
    auto throw_at = [](int n) {
        return [n](auto& e) {
            if (value_of(e) == n) throw planned_throw{n};
        };
    };
    CHECK_THROWS_AS(c.first.poll(throw_at(1)), planned_throw);
    CHECK(values_of(c.left) == ints{0, 1});
    CHECK(values_of(c.first) == ints{2, 3});
    CHECK_THROWS_AS(c.right.poll(throw_at(2)), planned_throw);
    CHECK(values_of(c.left) == ints{2, 3});
    CHECK_THROWS_AS(c.last.poll(throw_at(0)), planned_throw);
    CHECK(ledger::destroyed == 1);
    CHECK(values_of(c.last) == ints{1, 2});
    CHECK(values_of(c.right) == ints{3});
    CHECK(values_of(c.last) == ints{3});
    CHECK(ledger::balanced());
}

TEST_CASE("broadcast: run ends where a handler throws, and closes the processor") {
    ledger_scope const books;
    pipeline p;
    pipeline_consumers c{p};
    publish(p, 0, 3);
    CHECK_THROWS_AS(c.first.run([](tracked& e) {
        if (e.get() == 1) throw planned_throw{};
    }),
                    planned_throw);
    CHECK(p.try_publish(3) == errc::closed);
    CHECK(c.first.run([](tracked&) {}).events == 1);
    CHECK(c.left.run([](tracked const&) {}).events == 3);
    int retries = 0;
    auto const skipping = [&](std::exception_ptr, tracked const& e, event_info const& info) {
        CHECK(e.get() == static_cast<int>(info.sequence));
        return e.get() == 0 || retries++ == 2 ? error_action::skip : error_action::retry;
    };
    auto const result = c.right.run(
        std::stop_token{},
        [](tracked const& e) {
            if (e.get() != 2) throw planned_throw{};
        },
        skipping);
    CHECK(result.events == 3);
    CHECK(result.reason == errc::closed);
    CHECK(retries == 3);
    CHECK(c.last.run([](tracked&) {}).events == 3);
    CHECK(ledger::balanced());
}

TEST_CASE("broadcast: stop and keep hold in each stage") {
    chain p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    publish(p, 0, 3);
    auto two = [](int& e) { return e == 1 ? event_action::stop : event_action::next; };
    CHECK(a.poll(two).events == 2);
    auto kept = [](int& e) { return e == 1 ? event_action::keep : event_action::next; };
    CHECK(b.poll(kept).events == 1);
    CHECK(b.run(std::stop_token{}, two).reason == errc::stopped);
    CHECK(values_of(b).empty());
    CHECK(values_of(a) == ints{2});
    CHECK(values_of(b) == ints{2});
}

TEST_CASE("broadcast: batches, prefixes and discarded slots in each stage") {
    chain p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    auto sizes_of = [](auto& consumer, std::size_t max) {
        std::vector<std::size_t> sizes;
        consumer.poll_batches([&](std::span<int> events) { sizes.push_back(events.size()); }, max);
        return sizes;
    };
    {
        auto const dropped = p.try_reserve_batch(2);
    }
    auto batch = p.try_reserve_batch(8);
    for (int i = 0; i != 6; ++i) batch.push_back(i);
    batch.commit();
    {
        auto const dropped = p.try_reserve();
    }
    CHECK(b.state() == poll_state::blocked);
    CHECK(sizes_of(a, 4) == std::vector<std::size_t>{4});
    CHECK(sizes_of(b, 9) == std::vector<std::size_t>{4});  // the stage before stands inside the batch
    CHECK(sizes_of(a, 9) == std::vector<std::size_t>{2});
    CHECK(sizes_of(b, 9) == std::vector<std::size_t>{2});
    CHECK(b.state() == poll_state::idle);
    CHECK(a.stats().consumed == 6);
    CHECK(a.stats().discarded == 5);
    CHECK(b.stats().discarded == 5);
    CHECK(p.stats().discarded == 5);
    CHECK(p.stats().consumed == 6);
    CHECK(p.size_approx() == 0);
}

TEST_CASE("broadcast: a stage that is followed publishes at least every 64 events") {
    chain p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    publish(p, 0, 200);
    bool in_time = true;
    int seen = 0;
    a.poll([&](int& e) {
        seen += static_cast<int>(b.poll([](int&) {}).events);
        if (e - seen >= 64) in_time = false;
    });
    CHECK(in_time);
    CHECK(seen >= 136);
    CHECK(b.poll([](int&) {}).events == static_cast<std::size_t>(200 - seen));
}

TEST_CASE("broadcast: end_of_batch is the last that the stage before has handled") {
    chain p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    auto ends_of = [](auto& consumer, std::size_t max) {
        std::vector<std::uint64_t> ends;
        consumer.poll(
            [&](int&, event_info const& info) {
                if (info.end_of_batch) ends.push_back(info.sequence);
            },
            max);
        return ends;
    };
    publish(p, 0, 5);
    CHECK(ends_of(a, 3) == std::vector<std::uint64_t>{2});
    CHECK(ends_of(b, 9) == std::vector<std::uint64_t>{2});
    CHECK(ends_of(a, 9) == std::vector<std::uint64_t>{4});
    CHECK(ends_of(b, 9) == std::vector<std::uint64_t>{4});
}

TEST_CASE("broadcast: end_of_batch knows what the stage before has handled meanwhile") {
    chain p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    publish(p, 0, 6);
    CHECK(a.poll([](int&) {}, 3).events == 3);
    CHECK(b.poll([](int&) {}, 1).events == 1);
    CHECK(values_of(a) == ints{3, 4, 5});
    ints ends;
    b.poll([&](int v, event_info const& info) {
        if (info.end_of_batch) ends.push_back(v);
    });
    CHECK(ends == ints{5});
}

TEST_CASE("broadcast: peek shows what is ready, and the last stage destroys what it releases") {
    ledger_scope const books;
    pipeline p;
    pipeline_consumers c{p};
    publish(p, 0, 4);
    CHECK(c.left.peek().empty());
    {
        auto batch = c.first.peek(3);
        REQUIRE(batch.size() == 3);
        for (tracked& e : batch) e.value += 10;
        batch.release(1);
        CHECK(values_of(c.left) == ints{10});
        batch.release(1);
        batch.keep();
    }
    CHECK(c.first.peek(1).front().get() == 12);
    CHECK(c.right.peek().size() == 3);
    CHECK(c.right.peek().empty());  // the one before has released them
    CHECK(values_of(c.left) == ints{11, 12});
    {
        auto batch = c.last.peek();
        CHECK(batch.size() == 3);
        CHECK(batch.sequence() == 0);
        batch.release(2);
        CHECK(ledger::destroyed == 2);
    }
    CHECK(ledger::destroyed == 3);
    CHECK(ledger::faults == 0);
}

TEST_CASE("broadcast: flush waits for the last stage") {
    chain p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    CHECK(p.flush() == errc::success);
    publish(p, 0, 3);
    CHECK(p.flush_for(std::chrono::milliseconds{1}) == errc::timed_out);
    errc within = errc::success;
    a.poll([&](int&) { within = p.flush(); });
    CHECK(within == errc::would_deadlock);
    CHECK(p.flush_for(std::chrono::milliseconds{1}) == errc::timed_out);
    worker const flushing{[&] { within = p.flush(); }};
    let_it_park();
    CHECK(values_of(b) == ints{0, 1, 2});
    await([&] { return flushing.has_ended(); }, "flush returns");
    CHECK(within == errc::success);
}

TEST_CASE("broadcast: a verb that would wait for its own thread says so, in a handler of each stage") {
    chain p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    publish(p, 0, 512);
    CHECK(reserve_within(p, a) == errc::would_deadlock);
    CHECK(a.poll([](int&) {}).events == 512);
    CHECK(reserve_within(p, b) == errc::would_deadlock);
    {
        auto const batch = b.peek(1);
        CHECK(p.reserve().error() == errc::would_deadlock);
    }
    CHECK(p.reserve());
}

TEST_CASE("broadcast: closed is said in a stage when it has handled everything") {
    chain p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    publish(p, 0, 2);
    auto open = p.try_reserve();
    p.close();
    CHECK(p.is_closed());
    CHECK(a.poll([](int&) {}).state == poll_state::idle);
    CHECK(b.poll([](int&) {}).events == 2);
    CHECK(b.state() == poll_state::blocked);
    *open = 2;
    open.commit();
    CHECK(b.poll([](int&) {}).state == poll_state::idle);
    CHECK(b.state() == poll_state::blocked);
    CHECK(a.poll([](int&) {}).state == poll_state::closed);
    CHECK(b.state() == poll_state::more);
    CHECK(b.run([](int&) {}).reason == errc::closed);
    CHECK(b.poll([](int&) {}).state == poll_state::closed);
    CHECK(a.state() == poll_state::closed);
    CHECK(b.state() == poll_state::closed);
    CHECK_FALSE(b.wait());
}

TEST_CASE("broadcast: a consumer that leaves lets the producers and the next stage go on") {
    SECTION("a sibling") {
        siblings p;
        auto a = p.consumer<0>(0);
        auto b = p.consumer<0>(1);
        publish(p, 0, 4);
        CHECK(values_of(a) == ints{0, 1, 2, 3});
        errc result = errc::full;
        worker const waiting{[&] { result = p.publish(4); }};
        let_it_park();
        b.leave();
        await([&] { return waiting.has_ended(); }, "a producer gets the slots of a consumer that left");
        CHECK(result == errc::success);
        CHECK_FALSE(b);
        CHECK(b.poll([](int const&) {}).state == poll_state::closed);
        CHECK(b.state() == poll_state::closed);
        CHECK_FALSE(b.wait());
        CHECK(b.peek().empty());
        CHECK(b.run([](int const&) {}).reason == errc::closed);
        CHECK(b.lag() == 0);
        CHECK(b.stats().consumed == 0);
        CHECK(b.poll_wait([](int const&) {}).state == poll_state::closed);
        b.wake();
        auto& same = a;
        a = std::move(same);
        publish(p, 5, 8);
        CHECK(values_of(a) == ints{4, 5, 6, 7});
    }
    SECTION("all of the first stage: the next one follows the producers, asleep or not") {
        chain p;
        auto b = p.consumer<1>();
        {
            auto const a = p.consumer<0>();
            publish(p, 0, 2);
            CHECK(b.state() == poll_state::blocked);
        }
        CHECK(values_of(b) == ints{0, 1});
        CHECK(b.state() == poll_state::idle);
        runner running{b};
        for (int i = 0; i != 3; ++i) {
            let_it_park();
            CHECK(p.publish(i) == errc::success);
        }
        p.close();
        CHECK(running.values() == ints{0, 1, 2});
    }
    SECTION("the stage that a consumer sleeps for") {
        int const waiting = GENERATE(0, 1);  // events that the stage has not passed yet
        chain p;
        auto a = p.consumer<0>();
        auto b = p.consumer<1>();
        publish(p, 0, waiting);
        runner running{b};
        let_it_park();
        a.leave();
        let_it_park();
        CHECK(p.publish(waiting) == errc::success);
        CHECK(p.flush() == errc::success);
        p.close();
        CHECK(running.values() == up_to(0, waiting + 1));
    }
    SECTION("the last stage: the one before frees space") {
        chain p;
        auto a = p.consumer<0>();
        std::optional b{p.consumer<1>()};
        publish(p, 0, 512);
        b.reset();
        CHECK(p.try_publish(0) == errc::full);
        errc result = errc::full;
        worker const waiting{[&] { result = p.publish(0); }};
        let_it_park();
        CHECK(a.poll([](int&) {}).events >= 512);
        await([&] { return waiting.has_ended(); }, "the first stage frees space");
        CHECK(result == errc::success);
    }
}

TEST_CASE("broadcast: the last consumer that leaves closes the processor") {
    siblings p;
    auto a = p.consumer<0>(0);
    auto b = p.consumer<0>(1);
    publish(p, 0, 4);
    errc published = errc::success;
    errc flushed = errc::success;
    worker const publishing{[&] { published = p.publish(4); }};
    worker const flushing{[&] { flushed = p.flush(); }};
    a = std::move(b);  // a leaves, b is empty
    CHECK(p.is_closed() == false);
    CHECK(a.poll([](int const&) {}, 1).events == 1);
    a.leave();
    await([&] { return publishing.has_ended() && flushing.has_ended(); }, "nobody waits for consumers that left");
    CHECK((published == errc::success || published == errc::closed));
    CHECK(flushed == errc::closed);
    CHECK(p.try_publish(5) == errc::closed);
    CHECK(p.flush() == errc::closed);
    CHECK(p.stats().consumed == 1);
}

TEST_CASE("broadcast: where events have a destructor, the processor closes with the consumer that destroys them") {
    ledger_scope const books;
    {
        pipeline p;
        pipeline_consumers c{p};
        publish(p, 0, 6);
        values_of(c.first), values_of(c.left), values_of(c.right);
        c.last.poll([](tracked&) {}, 2);
        c.last.leave();
        CHECK(p.try_publish(6) == errc::closed);
        CHECK(p.flush() == errc::closed);
        CHECK(c.first.poll([](tracked&) {}).state == poll_state::closed);
        CHECK(ledger::alive() == 4);
        c.left.leave();
        CHECK(c.right.run([](tracked const&) {}).reason == errc::closed);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("broadcast: consumers that leave at any moment leave nothing behind") {
    ledger_scope const books;
    for (std::uint32_t seed = 0; seed != (is_quick ? 20 : 100); ++seed) {
        dice roll{seed};
        pipeline p;
        pipeline_consumers c{p};
        auto const consume = [](auto& consumer, std::uint32_t events) {
            return [&consumer, events] {
                std::uint32_t left = events;
                consumer.run([&](auto&) { return --left == 0 ? event_action::stop : event_action::next; });
                consumer.leave();
            };
        };
        worker a{consume(c.first, roll(60) + 1)};
        worker b{consume(c.left, roll(60) + 1)};
        worker d{consume(c.right, roll(60) + 1)};
        worker e{consume(c.last, 50)};
        int published = 0;
        while (p.publish(published) == errc::success) ++published;
        CHECK(published >= 50);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("broadcast: a consumer that sleeps is woken by what it waits for") {
    pipeline p;
    std::optional<pipeline_consumers> c{p};
    SECTION("events go from stage to stage, one by one") {
        runner first{c->first};
        runner left{c->left};
        runner right{c->right};
        runner last{c->last};
        for (int i = 0; i != 50; ++i) {
            CHECK(p.publish(i) == errc::success);
            CHECK(p.flush() == errc::success);  // all of them sleep, or are about to
        }
        let_it_park();
        CHECK(p.stats().parks >= 4);
        p.close();
        for (ints const& values : {first.values(), left.values(), right.values(), last.values()})
            CHECK(values == up_to(0, 50));
    }
    SECTION("of a stage of two one has left: the next stage sleeps for the other") {
        c->right.leave();
        runner first{c->first};
        runner left{c->left};
        runner last{c->last};
        for (int i = 0; i != 20; ++i) {
            CHECK(p.publish(i) == errc::success);
            CHECK(p.flush() == errc::success);
        }
        p.close();
        for (ints const& values : {first.values(), left.values(), last.values()}) CHECK(values == up_to(0, 20));
    }
    SECTION("wake") {
        poll_state state = poll_state::more;
        worker const waiting{[&] { state = c->last.poll_wait([](tracked&) {}).state; }};
        let_it_park();
        c->first.wake();  // another's
        c->last.wake();
        await([&] { return waiting.has_ended(); }, "wake() ends a wait");
        CHECK(state == poll_state::idle);
        CHECK_FALSE(c->first.wait());
    }
    SECTION("a stop request") {
        std::stop_source stop;
        errc reason = errc::success;
        worker const waiting{[&] { reason = c->right.run(stop.get_token(), [](tracked const&) {}).reason; }};
        let_it_park();
        stop.request_stop();
        await([&] { return waiting.has_ended(); }, "a stop request ends a wait");
        CHECK(reason == errc::stopped);
        CHECK_FALSE(c->left.wait(stop.get_token()));
        CHECK(c->left.poll_wait(stop.get_token(), [](tracked const&) {}).events == 0);
    }
    SECTION("a deadline") {
        publish(p, 0, 1);
        auto const soon = std::chrono::milliseconds{1};
        CHECK(c->last.poll_for(soon, [](tracked&) {}).state == poll_state::blocked);
        CHECK(c->left.poll_until(std::chrono::steady_clock::now() + soon, [](tracked const&) {}).events == 0);
        CHECK_FALSE(c->right.wait_for(soon));
        CHECK(c->first.wait_until(std::chrono::system_clock::now() + soon));
        CHECK(values_of(c->first) == ints{0});
        CHECK(c->right.wait());
        CHECK(c->right.poll_wait([](tracked const&) {}).events == 1);
    }
}

TEST_CASE("broadcast: what each consumer has done is reported") {
    siblings p;
    auto a = p.consumer<0>(0);
    auto b = p.consumer<0>(1);
    publish(p, 0, 3);
    {
        auto const dropped = p.try_reserve();
    }
    CHECK(a.lag() == 4);
    CHECK(values_of(a).size() == 3);
    CHECK(a.lag() == 0);
    CHECK(b.lag() == 4);
    CHECK(a.stats().consumed == 3);
    CHECK(a.stats().discarded == 1);
    CHECK(b.stats().consumed == 0);
    CHECK(b.stats().lag == 4);
    CHECK(p.size_approx() == 4);
    auto const before = p.stats();
    CHECK(before.committed == 3);
    CHECK(before.consumed == 0);
    CHECK(before.discarded == 1);
    values_of(b);
    CHECK(p.empty_approx());
    CHECK(p.stats().consumed == 3);
    auto open = p.try_reserve();
    CHECK(p.oldest_uncommitted().sequence == 4);
    CHECK(a.state() == poll_state::blocked);
    open.discard();
}

TEST_CASE("broadcast: max_depth is the most that ever lay ready for the last stage") {
    broadcast_processor<int, stages<1, 1>, 16> p;
    auto a = p.consumer<0>();
    auto b = p.consumer<1>();
    auto const depth_after = [&](int events) {
        publish(p, 0, events);
        CHECK(values_of(a).size() == static_cast<std::size_t>(events));
        CHECK(values_of(b).size() == static_cast<std::size_t>(events));
        return p.stats().max_depth;
    };
    CHECK(depth_after(3) == 3);
    CHECK(depth_after(10) == 10);
    CHECK(depth_after(4) == 10);
}

TEMPLATE_TEST_CASE("broadcast: a consumer that waits notes since when a reservation holds it up", "",
                   evproc::adaptive_wait, evproc::backoff_wait, eventful_wait) {
    broadcast_processor<int, stages<1>, 4, TestType> p;
    auto a = p.template consumer<0>();
    auto open = p.try_reserve();
    CHECK_FALSE(a.wait_for(std::chrono::milliseconds{5}));  // notes it by its end at the latest
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
    auto const stall = p.oldest_uncommitted();
    CHECK(stall.stalled);
    CHECK(stall.sequence == 0);
    CHECK(stall.age >= std::chrono::milliseconds{2});
    open.discard();
    CHECK_FALSE(p.oldest_uncommitted());
}

TEST_CASE("broadcast: a capacity given at run time") {
    using one = broadcast_processor<int, stages<1>, std::dynamic_extent>;
    CHECK_THROWS_AS(one{3}, std::invalid_argument);
    one p{2};
    CHECK(p.capacity() == 2);
    CHECK(p.max_batch() == 2);
    CHECK(p.try_reserve().sequence() == 0);
    auto a = p.consumer<0>();
    CHECK(values_of(a).empty());
    publish(p, 0, 2);
    CHECK(p.try_publish(2) == errc::full);
    CHECK(values_of(a) == ints{0, 1});
    CHECK(pipeline::capacity() == 8);
    CHECK(pipeline::max_batch() == 8);
}

#if EVPROC_CHECKED && !defined(_WIN32)  // which has no fork
TEST_CASE("broadcast: misuse is reported") {
    CHECK(ending_of([] {
              siblings p;
              auto a = p.consumer<0>();
              publish(p, 0, 1);
              a.poll([&](int const&) { a.leave(); });
          }).says("left inside its own handler"));
    CHECK(ending_of([] {
              auto p = std::make_unique<siblings>();
              auto const a = p->consumer<0>();
              p.reset();
          }).says("destroyed before one of its consumers"));
    CHECK(ending_of([] {
              auto p = std::make_unique<siblings>();
              auto const live = p->try_reserve();
              p.reset();
          }).says("while a reserved_event"));
}
#endif
