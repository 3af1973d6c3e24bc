// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Events that are plain structs, built from their members, also by compilers that know no round brackets for those.
#include <evproc/event_processor.hpp>
#include <evproc/extras/bounded_queue.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"

using evproc::errc;
using evproc::event_processor;

namespace {

struct tick {
    int price;
    int size;
};

struct defaulted {
    int a;
    int b = 7;
    std::string c = "as declared";
};

struct owning {
    std::unique_ptr<int> value;
    int number;
};

struct nested {
    tick inner;
    std::array<int, 2> pair;
    std::unique_ptr<int> value;
};

struct base {
    int a;
};
struct derived : base {
    int b;
};

struct named {
    std::string name;
    std::vector<int> numbers;
    double weight;
};

/// Knows how it came to be where it is.
struct traveller {
    int copies = 0;
    int moves = 0;
    traveller() = default;
    traveller(traveller const& other) noexcept : copies{other.copies + 1}, moves{other.moves} {}
    traveller(traveller&& other) noexcept : copies{other.copies}, moves{other.moves + 1} {}
    traveller& operator=(traveller const&) = delete;
    ~traveller() = default;
};
struct carrying {
    traveller first;
    int number;
};

/// Its second member throws when it is built from a number.
struct picky {
    picky(int) { throw std::runtime_error("picky"); }
};
struct with_picky {
    std::shared_ptr<int> before;
    picky last;
};

static_assert(std::is_aggregate_v<tick> && std::is_aggregate_v<defaulted> && std::is_aggregate_v<owning> &&
              std::is_aggregate_v<nested> && std::is_aggregate_v<derived> && std::is_aggregate_v<named> &&
              std::is_aggregate_v<carrying> && std::is_aggregate_v<with_picky>);

}  // namespace

TEST_CASE("aggregates: each verb that builds an event takes its members") {
    event_processor<tick, 8> p;
    CHECK(p.publish(1, 2) == errc::success);
    CHECK(p.try_publish(3, 4) == errc::success);
    auto event = p.reserve();
    REQUIRE(event);
    event.emplace(5, 6);
    CHECK(event.commit() == errc::success);
    auto batch = p.reserve_batch(2);
    REQUIRE(batch);
    batch.emplace_back(7, 8);
    batch.push_back(tick{9, 10});
    CHECK(batch.commit() == errc::success);
    std::vector<int> seen;
    CHECK(p.poll([&](tick& t) { seen.insert(seen.end(), {t.price, t.size}); }).events == 5);
    CHECK(seen == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
}

TEST_CASE("aggregates: bounded_queue's emplace takes them too") {
    evproc::bounded_queue<tick> queue{2};
    CHECK(queue.emplace(1, 2));
    auto const t = queue.pop();
    REQUIRE(t);
    CHECK(t->price * 10 + t->size == 12);
}

TEST_CASE("aggregates: members that are not given have their defaults") {
    event_processor<defaulted, 4> p;
    CHECK(p.publish() == errc::success);
    CHECK(p.publish(1) == errc::success);
    CHECK(p.publish(1, 2) == errc::success);
    CHECK(p.publish(1, 2, "given") == errc::success);
    std::string seen;
    CHECK(p.poll([&](defaulted& d) { seen += std::to_string(d.a) + std::to_string(d.b) + d.c + ' '; }).events == 4);
    CHECK(seen == "07as declared 17as declared 12as declared 12given ");
}

TEST_CASE("aggregates: arguments are converted as in round brackets, narrowing ones too") {
    event_processor<tick, 2> p;
    unsigned const two = 2;
    CHECK(p.publish(1L, two) == errc::success);
    CHECK(p.publish(3.75, std::uint64_t{4}) == errc::success);
    int sum = 0;
    CHECK(p.poll([&](tick& t) { sum = sum * 100 + t.price * 10 + t.size; }).events == 2);
    CHECK(sum == 1234);
}

TEST_CASE("aggregates: members may be move-only, classes, or aggregates themselves") {
    event_processor<owning, 2> owners;
    auto value = std::make_unique<int>(1);
    CHECK(owners.publish(std::move(value), 2) == errc::success);
    CHECK(owners.poll([](owning& o) { CHECK(*o.value * 10 + o.number == 12); }).events == 1);

    event_processor<nested, 2> nests;
    CHECK(nests.publish(tick{1, 2}, std::array{3, 4}, std::make_unique<int>(5)) == errc::success);
    CHECK(nests
              .poll([](nested& n) {
                  CHECK(n.inner.price * 10 + n.inner.size == 12);
                  CHECK(n.pair == std::array{3, 4});
                  CHECK(*n.value == 5);
              })
              .events == 1);

    event_processor<derived, 2> heirs;
    CHECK(heirs.publish(base{1}, 2) == errc::success);
    CHECK(heirs.poll([](derived& d) { CHECK(d.a * 10 + d.b == 12); }).events == 1);

    event_processor<named, 2> names;
    std::string const name = "kept by the caller";
    CHECK(names.publish(name, std::vector<int>{1, 2, 3}, 1) == errc::success);
    CHECK(names.publish("a literal", std::vector<int>{}, 2.5F) == errc::success);
    std::string seen;
    CHECK(names.poll([&](named& n) { seen += n.name + std::to_string(n.numbers.size()) + ' '; }).events == 2);
    CHECK(seen == "kept by the caller3 a literal0 ");
    CHECK(name == "kept by the caller");
}

TEST_CASE("aggregates: a member is built from its argument in one step") {
    event_processor<carrying, 2> p;
    traveller const kept;
    CHECK(p.publish(kept, 1) == errc::success);
    CHECK(p.publish(traveller{}, 2) == errc::success);
    CHECK(p.poll([](carrying& c) {
               CHECK(c.first.copies == (c.number == 1 ? 1 : 0));
               CHECK(c.first.moves == (c.number == 1 ? 0 : 1));
           }).events == 2);
}

TEST_CASE("aggregates: a member that throws leaves nothing behind") {
    event_processor<with_picky, 2> p;
    auto const before = std::make_shared<int>(1);
    CHECK_THROWS_AS(p.publish(before, 1), std::runtime_error);
    CHECK(before.use_count() == 1);
    CHECK(p.stats().discarded == 1);
    CHECK(p.poll([](with_picky&) {}).events == 0);
}
