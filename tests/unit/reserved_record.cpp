// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// reserved_record: a handle of record_processor.
#include <evproc/record_processor.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "overloads.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::one_of;

using ints = std::vector<int>;

namespace {

/// Its record takes several slots.
struct wide {
    tracked t;
    std::array<char, 100> room{};
    explicit wide(int v) : t(v) {}
};

using records = evproc::record_processor<one_of<tracked, wide>, 1024>;

ints taken_from(records& p) {
    ints values;
    p.poll(overloads{[&](tracked& e) { values.push_back(e.get()); }, [&](wide& e) { values.push_back(e.t.get()); }});
    return values;
}

}  // namespace

TEST_CASE("reserved_record: a failed emplace leaves the slots, which may be built again") {
    ledger_scope books;
    records p;
    auto r = p.reserve<wide>(20);
    ledger::arm(1);
    CHECK_THROWS_AS(r.emplace(1), planned_throw);
    CHECK(r);
    r.emplace(2);
    CHECK(r.tail().size() == 20);
    std::ranges::fill(r.tail(), std::byte{1});
    CHECK(r.commit() == errc::success);
    CHECK(taken_from(p) == ints{2});
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_record: it moves, and may be committed by another thread") {
    ledger_scope books;
    records p;
    auto a = p.reserve<tracked>(5);
    a.emplace(1);
    auto b = std::move(a);
    CHECK(!a);
    CHECK(b.tail().size() == 5);
    auto c = p.reserve<tracked>();
    c.emplace(2);
    c = std::move(b);  // gives its own up
    auto& same = c;
    c = std::move(same);
    std::thread([&] { CHECK(c.commit() == errc::success); }).join();
    CHECK(taken_from(p) == ints{1});
    CHECK(p.stats().discarded == 1);
    decltype(c) none;
    CHECK(none.error() == errc::invalid_handle);
    CHECK(ledger::balanced());
}

TEST_CASE("reserved_record: one that is assigned takes over the tail, one whose constructor throws is empty") {
    struct picky {
        int* destroyed;
        picky(int* to, bool throws) : destroyed{to} {
            if (throws) throw std::runtime_error("no");
        }
        ~picky() { ++*destroyed; }
    };
    evproc::record_processor<one_of<picky>, 1024> p;
    int destroyed = 0;
    auto r = p.reserve<picky>(3);
    r = p.reserve<picky>(10);
    CHECK(r.tail().size() == 10);
    r.emplace(&destroyed, false);
    CHECK_THROWS_AS(r.emplace(&destroyed, true), std::runtime_error);
    CHECK(destroyed == 1);
    r.discard();
    CHECK(destroyed == 1);
}
