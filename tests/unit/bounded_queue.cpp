// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// bounded_queue: the verbs of P0260, one behaviour each.
#include <evproc/extras/bounded_queue.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <evproc/wait/blocking_wait.hpp>

#include "catch.hpp"
#include "threads.hpp"

using evproc::bounded_queue;
using evproc::conqueue_status;
using evproc::errc;

static_assert(std::is_same_v<bounded_queue<int>::value_type, int>);
static_assert(!std::is_copy_constructible_v<bounded_queue<int>> && !std::is_move_constructible_v<bounded_queue<int>>);
static_assert(std::is_same_v<decltype(std::declval<bounded_queue<int>&>().push(1)), bool>);
static_assert(std::is_same_v<decltype(std::declval<bounded_queue<int>&>().emplace(1)), bool>);
static_assert(std::is_same_v<decltype(std::declval<bounded_queue<int>&>().pop()), std::optional<int>>);
static_assert(std::is_same_v<decltype(std::declval<bounded_queue<int>&>().try_push(1)), conqueue_status>);
static_assert(noexcept(std::declval<bounded_queue<int>&>().close()));
static_assert(noexcept(std::declval<bounded_queue<int> const&>().is_closed()));

namespace {

/// Throws when it is told to, at each kind of construction; counts those alive.
struct fragile {
    static inline int alive = 0;
    static inline bool breaks = false;
    int value;

    explicit fragile(int v) : value{v} { born(); }
    fragile(fragile const& other) : value{other.value} { born(); }
    fragile(fragile&& other) : value{std::exchange(other.value, -1)} { born(); }
    fragile& operator=(fragile const&) = delete;
    ~fragile() { --alive; }

private:
    static void born() {
        if (breaks) throw std::runtime_error("broken");
        ++alive;
    }
};

}  // namespace

TEST_CASE("bounded_queue: values come out in the order they went in") {
    bounded_queue<int> queue(8);
    CHECK(queue.push(1));
    int const two = 2;
    CHECK(queue.push(two));
    CHECK(queue.emplace(3));
    CHECK(queue.try_push(4) == conqueue_status::success);
    CHECK(queue.try_push(two) == conqueue_status::success);
    CHECK(queue.try_emplace(6) == conqueue_status::success);
    std::vector<int> got;
    while (auto popped = queue.try_pop()) got.push_back(*popped);
    CHECK(got == std::vector<int>{1, 2, 3, 4, 2, 6});
}

TEST_CASE("bounded_queue: full when max_elems values are in it, and not one earlier") {
    for (std::size_t const max_elems : {std::size_t{1}, std::size_t{2}, std::size_t{64}}) {
        bounded_queue<std::size_t> queue(max_elems);
        CHECK(queue.capacity() == max_elems);
        for (std::size_t lap = 0; lap != 3; ++lap) {
            for (std::size_t i = 0; i != max_elems; ++i) REQUIRE(queue.try_push(i) == conqueue_status::success);
            CHECK(queue.try_push(0) == conqueue_status::full);
            for (std::size_t i = 0; i != max_elems; ++i) REQUIRE(queue.pop() == i);
        }
    }
}

TEST_CASE("bounded_queue: a max_elems that is not a power of two is refused, not rounded") {
    CHECK_THROWS_AS(bounded_queue<int>(0), std::invalid_argument);
    CHECK_THROWS_AS(bounded_queue<int>(3), std::invalid_argument);
    CHECK_THROWS_AS(bounded_queue<int>(1000), std::invalid_argument);
}

TEST_CASE("bounded_queue: try_pop says empty, busy or closed") {
    bounded_queue<int> queue(4);
    CHECK(queue.try_pop().error() == conqueue_status::empty);
    queue.push(1);
    auto const got = queue.try_pop();
    CHECK(got.has_value());
    CHECK(got.error() == conqueue_status::success);
    queue.push(2);
    queue.close();
    CHECK(queue.try_pop().value() == 2);
    CHECK(queue.try_pop().error() == conqueue_status::closed);
}

TEST_CASE("bounded_queue: try_pop says closed at once, however often it found nothing before") {
    for (int const before : {0, 1, 2, 5, 70, 130}) {
        INFO("empty pops before the end: " << before);
        bounded_queue<int> queue(4);
        for (int i = 0; i != before; ++i) CHECK(queue.try_pop().error() == conqueue_status::empty);
        queue.close();
        CHECK(queue.try_pop().error() == conqueue_status::closed);
    }
}

TEST_CASE("bounded_queue: try_pop does not wait for a push that is half done, but says busy, every time") {
    // The value's own constructor looks at the queue that it is being pushed to: its place is reserved by then.
    struct looks_back {
        bounded_queue<looks_back>* from = nullptr;
        conqueue_status* saw = nullptr;
        looks_back(bounded_queue<looks_back>* queue, conqueue_status* to) : from{queue}, saw{to} {
            *saw = from->try_pop().error();
        }
        looks_back(looks_back&&) = default;
    };
    bounded_queue<looks_back> queue(4);
    for (int const before : {0, 1, 4, 100}) {
        for (int i = 0; i != before; ++i) CHECK(queue.try_pop().error() == conqueue_status::empty);
        conqueue_status saw = conqueue_status::success;
        CHECK(queue.emplace(&queue, &saw));
        CHECK(saw == conqueue_status::busy);
        CHECK(queue.try_pop().has_value());
    }
}

TEST_CASE("bounded_queue: after close nothing can be pushed, and what is in it can be popped") {
    bounded_queue<std::string> queue(4);
    queue.push("one");
    CHECK_FALSE(queue.is_closed());
    queue.close();
    queue.close();
    CHECK(queue.is_closed());
    std::string two = "a string that is too long to be stored in place";
    std::string const before = two;
    CHECK_FALSE(queue.push(std::move(two)));
    CHECK(queue.try_push(std::move(two)) == conqueue_status::closed);
    CHECK(two == before);  // neither took it
    CHECK(queue.pop() == "one");
    CHECK(queue.pop() == std::nullopt);
    CHECK(queue.pop() == std::nullopt);
}

TEST_CASE("bounded_queue: try_push leaves the value alone when the queue is full") {
    bounded_queue<std::unique_ptr<int>> queue(1);
    CHECK(queue.push(std::make_unique<int>(1)));
    auto mine = std::make_unique<int>(2);
    CHECK(queue.try_push(std::move(mine)) == conqueue_status::full);
    REQUIRE(mine != nullptr);
    CHECK(**queue.pop() == 1);
    CHECK(queue.try_push(std::move(mine)) == conqueue_status::success);
    CHECK(mine == nullptr);
}

TEST_CASE("bounded_queue: the forms with an error_code give the reason") {
    bounded_queue<int> queue(1);
    std::error_code ec = errc::busy;
    CHECK(queue.try_pop(ec) == std::nullopt);
    CHECK(ec == errc::empty);
    int const one = 1;
    CHECK(queue.push(one, ec));
    CHECK_FALSE(ec);
    CHECK(ec == std::error_code{});
    CHECK_FALSE(queue.try_push(2, ec));
    CHECK(ec == errc::full);
    CHECK_FALSE(queue.try_push(one, ec));
    CHECK(ec == errc::full);
    CHECK(queue.pop(ec) == 1);
    CHECK_FALSE(ec);
    CHECK(queue.push(3, ec));
    CHECK(queue.try_pop(ec) == 3);
    CHECK_FALSE(ec);
    CHECK(queue.try_push(4, ec));
    queue.close();
    CHECK_FALSE(queue.push(5, ec));
    CHECK(ec == errc::closed);
    CHECK_FALSE(queue.push(one, ec));
    CHECK(ec == errc::closed);
    CHECK(queue.pop(ec) == 4);
    CHECK(queue.pop(ec) == std::nullopt);
    CHECK(ec == errc::closed);
}

TEST_CASE("bounded_queue: what try_pop returns has the names of std::expected") {
    bounded_queue<std::string> queue(2);
    queue.push("value");
    auto got = queue.try_pop();
    REQUIRE(got);
    CHECK(got->size() == 5);
    CHECK(*std::move(got) == "value");
    CHECK(queue.try_pop().value_or("none") == "none");
    CHECK_THROWS_AS(queue.try_pop().value(), std::bad_optional_access);
#if defined(__cpp_lib_expected)
    queue.push("value");
    std::expected<std::string, conqueue_status> standard = queue.try_pop();
    CHECK(standard.value() == "value");
    standard = queue.try_pop();
    CHECK(standard.error() == conqueue_status::empty);
#endif
}

TEST_CASE("bounded_queue: a constructor that throws while pushing pushes nothing") {
    fragile::alive = 0;
    {
        bounded_queue<fragile> queue(2);
        fragile::breaks = true;
        CHECK_THROWS_AS(queue.emplace(1), std::runtime_error);
        fragile::breaks = false;
        CHECK(queue.emplace(2));
        CHECK(queue.pop()->value == 2);
        CHECK(fragile::alive == 0);
    }
    CHECK(fragile::alive == 0);
}

TEST_CASE("bounded_queue: a move constructor that throws while popping loses that value and no other") {
    fragile::alive = 0;
    {
        bounded_queue<fragile> queue(4);
        for (int i = 1; i != 4; ++i) queue.emplace(i);
        fragile::breaks = true;
        CHECK_THROWS_AS(queue.pop(), std::runtime_error);
        fragile::breaks = false;
        CHECK(queue.pop()->value == 2);
        fragile::breaks = true;
        CHECK_THROWS_AS(queue.try_pop(), std::runtime_error);
        fragile::breaks = false;
        CHECK(queue.try_pop().error() == conqueue_status::empty);
        CHECK(fragile::alive == 0);
    }
}

TEST_CASE("bounded_queue: destroys what nobody popped") {
    auto const shared = std::make_shared<int>(1);
    {
        bounded_queue<std::shared_ptr<int>> queue(8);
        for (int i = 0; i != 5; ++i) queue.push(shared);
        CHECK(shared.use_count() == 6);
    }
    CHECK(shared.use_count() == 1);
}

TEST_CASE("bounded_queue: close wakes a thread that waits for a value") {
    bounded_queue<int, evproc::blocking_wait> queue(2);
    std::optional<int> got = 7;
    std::thread popper([&] { got = queue.pop(); });
    evproc_test::let_it_park();
    queue.close();
    popper.join();
    CHECK(got == std::nullopt);
}

TEST_CASE("bounded_queue: close wakes threads that wait for space") {
    bounded_queue<int, evproc::blocking_wait> queue(1);
    queue.push(0);
    std::atomic<int> refused{0};
    std::vector<std::thread> pushers;
    for (int i = 0; i != 3; ++i) pushers.emplace_back([&] { refused += queue.push(1) ? 0 : 1; });
    evproc_test::let_it_park();
    queue.close();
    for (auto& pusher : pushers) pusher.join();
    CHECK(refused == 3);
    CHECK(queue.pop() == 0);
    CHECK(queue.pop() == std::nullopt);
}

TEST_CASE("bounded_queue: many threads push, one pops: nothing lost, nothing twice, each thread's values in order") {
    constexpr std::uint32_t threads = 4;
    constexpr std::uint32_t each = 5000;
    bounded_queue<std::pair<std::uint32_t, std::uint32_t>> queue(16);
    std::vector<std::thread> pushers;
    std::atomic<std::uint32_t> left{threads};
    for (std::uint32_t id = 0; id != threads; ++id) {
        pushers.emplace_back([&, id] {
            for (std::uint32_t i = 0; i != each; ++i) {
                if (i % 2 == 0) {
                    queue.emplace(id, i);
                } else {
                    while (queue.try_push({id, i}) == conqueue_status::full) std::this_thread::yield();
                }
            }
            if (--left == 0) queue.close();
        });
    }
    std::array<std::uint32_t, threads> next{};
    std::size_t out_of_order = 0;
    for (std::uint32_t turn = 0;; ++turn) {
        std::optional<std::pair<std::uint32_t, std::uint32_t>> got;
        if (turn % 2 == 0) {
            got = queue.pop();
            if (!got) break;
        } else {
            auto tried = queue.try_pop();
            if (!tried) continue;
            got = *std::move(tried);
        }
        out_of_order += got->second != next[got->first]++;
    }
    for (auto& pusher : pushers) pusher.join();
    CHECK(out_of_order == 0);
    CHECK(next == std::array<std::uint32_t, threads>{each, each, each, each});
    CHECK(queue.stats().consumed == std::uint64_t{threads} * each);
}
