// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Several event counts that notify one: wait_group and grouped_wait. Built three times, see wait_strategy.cpp.
#include <evproc/evproc.hpp>
#include <evproc/wait/coroutine_wait.hpp>
#include <evproc/wait/eventfd_wait.hpp>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <thread>
#include <type_traits>

#if defined(__linux__)
#include <poll.h>
#endif

#include "catch.hpp"
#include "ring_verbs.hpp"
#include "waits.hpp"

using namespace evproc_test;
using evproc::grouped_wait;
using evproc::wait_group;
using steady = std::chrono::steady_clock;

namespace {

constexpr auto never = evproc::wait_deadline::max();

}  // namespace

TEST_CASE("grouped_wait: a strategy that is made from its group only, and leaves producers their own") {
    STATIC_REQUIRE(evproc::wait_strategy<grouped_wait<>>);
    STATIC_REQUIRE(evproc::wait_strategy<grouped_wait<evproc::spin_wait>>);
    STATIC_REQUIRE(evproc::wait_strategy<grouped_wait<evproc::coroutine_wait>>);
    STATIC_REQUIRE_FALSE(std::default_initializable<grouped_wait<>>);
    STATIC_REQUIRE(std::constructible_from<grouped_wait<>, wait_group<>&>);
    STATIC_REQUIRE_FALSE(std::convertible_to<wait_group<>&, grouped_wait<>>);
    STATIC_REQUIRE_FALSE(std::copy_constructible<wait_group<>>);
    STATIC_REQUIRE(std::is_same_v<evproc::detail::producers_wait_t<grouped_wait<>>, evproc::adaptive_wait>);
    STATIC_REQUIRE(std::is_same_v<evproc::detail::producers_wait_t<evproc::spin_wait>, evproc::spin_wait>);
    // One pointer, whatever W is.
    STATIC_REQUIRE(sizeof(grouped_wait<evproc::blocking_wait>) == sizeof(void*));
}

TEMPLATE_TEST_CASE("grouped_wait: a step behind any member ends the group's wait, and no wake-up is lost", "",
                   EVERY_WAIT) {
    wait_group<TestType> group;
    grouped_wait<TestType> first{group};
    grouped_wait<TestType> second{group};
    CHECK(&first.group() == &group);
    CHECK(&second.group() == &group);
    std::atomic<int> steps[2] = {};
    std::atomic<int> taken{0};
    int const count = rounds<TestType> / 2;
    worker consumer([&] {
        int seen[2] = {};
        while (seen[0] + seen[1] < 2 * count) {
            group.consumer_wait().wait([&] { return steps[0] != seen[0] || steps[1] != seen[1]; }, never);
            seen[0] = steps[0];
            seen[1] = steps[1];
            taken = seen[0] + seen[1];
        }
    });
    auto const produce = [&](int i, grouped_wait<TestType>& wait) {
        dice roll(static_cast<std::uint32_t>(i + 3));
        for (int k = 0; k < count; ++k) {
            idle_turns(roll(2'000));
            ++steps[i];
            wait.notify();
            // Most waits begin anew for each step.
            for (unsigned looks = 1; taken < k && looks < 100'000; ++looks)
                if (looks % 64 == 0) std::this_thread::yield();
        }
    };
    worker a([&] { produce(0, first); });
    worker b([&] { produce(1, second); });
    a.join();
    b.join();
    consumer.join();
    CHECK(taken == 2 * count);
    CHECK(first.parks() == 0);
}

TEMPLATE_TEST_CASE("grouped_wait: a wait for one member goes on when another is notified", "", EVERY_WAIT) {
    wait_group<TestType> group;
    grouped_wait<TestType> first{group};
    grouped_wait<TestType> second{group};
    std::atomic<bool> ready{false};
    worker consumer([&] { first.wait([&] { return ready.load(); }, never); });
    let_it_park();
    second.notify();
    let_it_park();
    CHECK_FALSE(consumer.has_ended());
    ready = true;
    first.notify();
    consumer.join();
    auto const before = steady::now();
    CHECK_FALSE(first.wait([] { return false; }, before + 3ms));
    CHECK(steady::now() - before >= 3ms);
}

TEMPLATE_TEST_CASE(
    "grouped_wait: processors in one group, a consumer that waits in it and producers that wait for space", "",
    EVERY_WAIT) {
    wait_group<TestType> group;
    evproc::event_processor<int, 1, grouped_wait<TestType>> numbers{group};
    evproc::event_processor<char, 2, grouped_wait<TestType>> letters{group};
    int const count = rounds<TestType> / 2;
    int next = 0;
    int letters_seen = 0;
    bool ordered = true;
    worker consumer([&] {
        bool closed[2] = {};
        while (!closed[0] || !closed[1]) {
            group.consumer_wait().wait(
                [&] {
                    closed[0] = numbers.poll([&](int& v) { ordered = ordered && v == next++; }).state ==
                                evproc::poll_state::closed;
                    closed[1] = letters.poll([&](char&) { ++letters_seen; }).state == evproc::poll_state::closed;
                    return next + letters_seen == 2 * count || (closed[0] && closed[1]);
                },
                never);
        }
    });
    std::atomic<int> failed{0};
    worker a([&] {
        for (int i = 0; i < count; ++i) failed += numbers.publish(i) != evproc::errc::success;
        numbers.close();
    });
    worker b([&] {
        for (int i = 0; i < count; ++i) failed += letters.publish('x') != evproc::errc::success;
        letters.close();
    });
    a.join();
    b.join();
    consumer.join();
    CHECK(failed == 0);
    CHECK(ordered);
    CHECK(next == count);
    CHECK(letters_seen == count);
}

TEMPLATE_TEST_CASE("grouped_wait: a ring's own wait is ended by its own events, not by its sibling's", "", EVERY_WAIT) {
    wait_group<TestType> group;
    evproc::ring_buffer<int, 2, grouped_wait<TestType>> mine{group};
    evproc::ring_buffer<int, std::dynamic_extent, grouped_wait<TestType>> other{group, 4};
    std::atomic<bool> answer{false};
    worker consumer([&] { answer = mine.wait(); });
    let_it_park();
    CHECK(put(other, 1) == evproc::errc::success);
    let_it_park();
    CHECK_FALSE(consumer.has_ended());
    CHECK(put(mine, 2) == evproc::errc::success);
    consumer.join();
    CHECK(answer);
}

TEST_CASE("wait_group: counts the sleeps of all its members") {
    wait_group<evproc::blocking_wait> group;
    grouped_wait<evproc::blocking_wait> member{group};
    CHECK(group.parks() == 0);
    CHECK_FALSE(member.wait([] { return false; }, steady::now() + 1ms));
    CHECK(group.parks() >= 1);
    CHECK(member.parks() == 0);
}

#if defined(__linux__)
TEST_CASE("wait_group: one eventfd is notified by every member") {
    wait_group<evproc::eventfd_wait> group;
    grouped_wait<evproc::eventfd_wait> first{group};
    grouped_wait<evproc::eventfd_wait> second{group};
    evproc::eventfd_wait& place = group.consumer_wait();
    int const fd = place.native_handle();
    auto const is_readable = [&] {
        pollfd p{fd, POLLIN, 0};
        return ::poll(&p, 1, 0) == 1;
    };
    for (auto* member : {&first, &second}) {
        REQUIRE(place.arm([] { return false; }));
        CHECK_FALSE(is_readable());
        member->notify();
        CHECK(is_readable());
        place.disarm();
        CHECK_FALSE(is_readable());
    }
    CHECK(place.native_handle() == fd);
}
#endif
