// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What misuse does where EVPROC_CHECKED is on: one line on stderr that says what was done wrong, and abort.
#undef EVPROC_CHECKED
#define EVPROC_CHECKED 1

#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "catch.hpp"
#include "death.hpp"
#include "threads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_processor;
using evproc::ring_buffer;

namespace {

constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};

/// Ends by abort, after exactly one complaint of the library that is a sentence with a place.
#define CHECK_ABORTS(...)                                                                       \
    do {                                                                                        \
        auto const end = ending_of([] __VA_ARGS__);                                             \
        INFO(end.error);                                                                        \
        CHECK(end.aborted());                                                                   \
        std::string const complaint = end.complaint();                                          \
        CHECK(complaint.size() > 30);                                                           \
        CHECK(complaint.find(".hpp:") != std::string::npos);                                    \
        CHECK(end.error.find("evproc: ", end.error.find("evproc: ") + 1) == std::string::npos); \
    } while (false)

template <class Function> std::string complaint_of(Function function) { return ending_of(function).complaint(); }

}  // namespace

TEST_CASE("checked: correct use does not abort") {
    auto const end = ending_of([] {
        event_processor<tracked, 4> p;
        auto event = p.try_reserve();
        event.emplace(1);
        event.commit();
        {
            auto const dropped = p.try_reserve_batch(2);
        }
        p.poll([&](tracked&) { (void)p.try_publish(2); });
        auto view = p.peek();
        view.release();
        auto refused = event_processor<int, 1>().try_reserve_batch(2);
        refused.discard();
        p.close();
    });
    INFO(end.error);
    CHECK(end.status == 0);
    CHECK(end.error.empty());
}

TEST_CASE("checked: committing an event twice") {
    CHECK_ABORTS({
        event_processor<int, 4> p;
        auto event = p.try_reserve();
        *event = 1;
        event.commit();
        event.commit();
    });
}

TEST_CASE("checked: committing a batch twice") {
    CHECK_ABORTS({
        event_processor<int, 4> p;
        auto batch = p.try_reserve_batch(2);
        batch.push_back(1);
        batch.commit();
        batch.commit();
    });
}

TEST_CASE("checked: committing after discard, and after a move") {
    CHECK_ABORTS({
        event_processor<int, 4> p;
        auto event = p.try_reserve();
        event.discard();
        event.commit();
    });
    CHECK_ABORTS({
        event_processor<int, 4> p;
        auto event = p.try_reserve();
        auto const other = std::move(event);
        event.commit();  // NOLINT(bugprone-use-after-move): this is what is tested
    });
    CHECK_ABORTS({
        event_processor<int, 4> p;
        auto batch = p.try_reserve_batch(2);
        batch.discard();
        batch.commit();
    });
}

TEST_CASE("checked: using an event after its commit") {
    CHECK_ABORTS({
        event_processor<int, 4> p;
        auto event = p.try_reserve();
        *event = 1;
        event.commit();
        *event = 2;
    });
    CHECK_ABORTS({
        event_processor<tracked, 4> p;
        auto event = p.try_reserve();
        event.emplace(1);
        event.commit();
        event->value = 2;
    });
    CHECK_ABORTS({
        event_processor<tracked, 4> p;
        auto event = p.try_reserve();
        event.emplace(1);
        event.discard();
        event.emplace(2);
    });
}

TEST_CASE("checked: using an event that was not emplaced, and one that was refused") {
    CHECK_ABORTS({
        event_processor<tracked, 4> p;
        auto event = p.try_reserve();
        event->value = 2;
    });
    CHECK_ABORTS({
        event_processor<int, 1> p;
        auto const held = p.try_reserve();
        auto refused = p.try_reserve();
        *refused = 2;
    });
}

TEST_CASE("checked: using a batch after its commit or beyond what it holds") {
    CHECK_ABORTS({
        event_processor<int, 4> p;
        auto batch = p.try_reserve_batch(2);
        batch.push_back(1);
        batch.commit();
        batch.push_back(2);
    });
    CHECK_ABORTS({
        event_processor<int, 4> p;
        auto batch = p.try_reserve_batch(2);
        for (int i = 0; i < 3; ++i) batch.push_back(i);
    });
    CHECK_ABORTS({
        event_processor<int, 4> p;
        auto batch = p.try_reserve_batch(2);
        batch.push_back(1);
        (void)batch.append_uninitialized(2);
    });
    CHECK_ABORTS({
        event_processor<int, 4> p;
        auto batch = p.try_reserve_batch(2);
        batch.push_back(1);
        batch[1] = 5;
    });
}

TEST_CASE("checked: committing or discarding a ring's slots twice") {
    CHECK_ABORTS({
        ring_buffer<int, 4> r;
        auto const place = r.try_reserve();
        *place.data() = 1;
        r.commit(place);
        r.commit(place);
    });
    CHECK_ABORTS({
        ring_buffer<int, 4> r;
        auto const place = r.try_reserve();
        r.discard(place);
        r.commit(place);
    });
    CHECK_ABORTS({
        ring_buffer<int, 4> r;
        auto const place = r.try_reserve(2);
        r.commit(place, 1);
        r.discard(place);
    });
    CHECK_ABORTS({
        ring_buffer<int, 4> r;
        auto const place = r.try_reserve();
        *place.data() = 1;
        r.commit(place);
        (void)r.peek();
        r.release(1);
        r.commit(place);
    });
    CHECK_ABORTS({
        ring_buffer<int, 4, evproc::adaptive_wait, single> r;
        auto const place = r.try_reserve();
        *place.data() = 1;
        r.commit(place);
        r.commit(place);
    });
}

TEST_CASE("checked: committing more than was reserved") {
    CHECK_ABORTS({
        ring_buffer<int, 4> r;
        auto const place = r.try_reserve(2);
        r.commit(place, 3);
    });
}

TEST_CASE("checked: releasing more than was peeked") {
    CHECK_ABORTS({
        ring_buffer<int, 4> r;
        for (int i = 0; i < 2; ++i) {
            auto const place = r.try_reserve();
            *place.data() = i;
            r.commit(place);
        }
        (void)r.peek(1);
        r.release(2);
    });
    CHECK_ABORTS({
        ring_buffer<int, 4> r;
        auto const place = r.try_reserve();
        *place.data() = 1;
        r.commit(place);
        (void)r.peek();
        r.release(1);
        r.release(1);
    });
}

TEST_CASE("checked: a live reservation at destruction") {
    CHECK_ABORTS({
        auto p = std::make_unique<event_processor<int, 4>>();
        auto event = p->try_reserve();
        p.reset();
    });
    CHECK_ABORTS({
        auto p = std::make_unique<event_processor<int, 4>>();
        auto batch = p->try_reserve_batch(3);
        p.reset();
    });
    CHECK_ABORTS({
        auto p = std::make_unique<event_processor<int, 4>>();
        auto first = p->try_reserve();
        (void)p->try_publish(1);  // behind it
        p.reset();
    });
    CHECK_ABORTS({
        auto p = std::make_unique<event_processor<int, 4, evproc::adaptive_wait, single>>();
        auto event = p->try_reserve();
        p.reset();
    });
}

TEST_CASE("checked: a live view of committed events at destruction") {
    CHECK_ABORTS({
        auto p = std::make_unique<event_processor<int, 4>>();
        (void)p->try_publish(1);
        auto view = p->peek();
        p.reset();
    });
}

TEST_CASE("checked: polling from inside a handler") {
    CHECK_ABORTS({
        event_processor<int, 4> p;
        (void)p.try_publish(1);
        p.poll([&](int&) { p.poll([](int&) {}); });
    });
    CHECK_ABORTS({
        event_processor<int, 4> p;
        (void)p.try_publish(1);
        p.poll([&](int&) { (void)p.peek(); });
    });
    CHECK_ABORTS({
        event_processor<int, 4> p;
        (void)p.try_publish(1);
        p.poll_batches([&](std::span<int>) { p.poll_for(1ms, [](int&) {}); });
    });
}

TEST_CASE("checked: polling while a view of the same processor is held") {
    CHECK_ABORTS({
        event_processor<int, 4> p;
        (void)p.try_publish(1);
        auto const view = p.peek();
        p.poll([](int&) {});
    });
}

TEST_CASE("checked: two threads that consume at once") {
    CHECK_ABORTS({
        event_processor<int, 4> p;
        (void)p.try_publish(1);
        std::atomic<bool> in_handler{false};
        std::thread other([&] {
            p.poll([&](int&) {
                in_handler = true;
                std::this_thread::sleep_for(60s);
            });
        });
        await([&] { return in_handler.load(); }, "the other thread is in its handler");
        p.poll([](int&) {});
    });
    CHECK_ABORTS({
        event_processor<int, 4> p;
        (void)p.try_publish(1);
        std::atomic<bool> held{false};
        std::thread other([&] {
            auto const view = p.peek();
            held = true;
            std::this_thread::sleep_for(60s);
        });
        await([&] { return held.load(); }, "the other thread holds a view");
        (void)p.peek();
    });
}

TEST_CASE("checked: two threads may consume one after the other") {
    auto const end = ending_of([] {
        event_processor<int, 4> p;
        for (int i = 0; i < 10; ++i) {
            (void)p.try_publish(i);
            std::thread([&] { p.poll([](int&) {}); }).join();
            (void)p.try_publish(i);
            p.poll([](int&) {});
        }
    });
    INFO(end.error);
    CHECK(end.status == 0);
}

TEST_CASE("checked: two threads that reserve from a single-producer ring at once") {
    CHECK_ABORTS({
        event_processor<int, 4, evproc::adaptive_wait, single> p;
        auto const live = p.try_reserve();
        std::thread([&] { (void)p.try_publish(2); }).join();
    });
}

TEST_CASE("checked: a single-producer ring handed over to another thread") {
    auto const end = ending_of([] {
        event_processor<int, 4, evproc::adaptive_wait, single> p;
        (void)p.try_publish(1);
        p.try_reserve().discard();
        (void)p.try_reserve_batch(9).error();
        std::thread([&] { (void)p.try_publish(2); }).join();
        (void)p.try_publish(3);
        p.close();
        (void)p.try_publish(4);
        std::thread([&] { (void)p.try_publish(5); }).join();
    });
    INFO(end.error);
    CHECK(end.status == 0);
}

TEST_CASE("checked: each complaint says something else") {
    std::string const twice = complaint_of([] {
        event_processor<int, 4> p;
        auto event = p.try_reserve();
        event.commit();
        event.commit();
    });
    std::string const nested = complaint_of([] {
        event_processor<int, 4> p;
        (void)p.try_publish(1);
        p.poll([&](int&) { p.poll([](int&) {}); });
    });
    std::string const live = complaint_of([] {
        auto p = std::make_unique<event_processor<int, 4>>();
        auto event = p->try_reserve();
        p.reset();
    });
    CHECK(twice.find("commit") != std::string::npos);
    CHECK(nested.find("handler") != std::string::npos);
    CHECK(live.find("destroyed") != std::string::npos);
    CHECK(twice != nested);
    CHECK(nested != live);
}
