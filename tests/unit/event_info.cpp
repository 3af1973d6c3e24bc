// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// event_info and event_action: what a handler is told, and what it may ask for.
#include <evproc/event_processor.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_action;
using evproc::event_info;
using evproc::event_processor;
using evproc::poll_state;

using ints = std::vector<int>;

TEST_CASE("event_info: it tells the sequence and the end of the batch") {
    event_processor<int, 8> p;
    std::vector<std::pair<std::uint64_t, bool>> seen;
    auto const note = [&](int&, event_info const& info) { seen.emplace_back(info.sequence, info.end_of_batch); };
    fill(p, 0, 3);
    p.poll(note);
    CHECK(seen == decltype(seen){{0, false}, {1, false}, {2, true}});
    seen.clear();
    fill(p, 0, 3);
    p.poll(note, 2);
    p.poll(note, 2);
    CHECK(seen == decltype(seen){{3, false}, {4, true}, {5, true}});
    seen.clear();
    fill(p, 0, 1);
    p.poll(note);
    CHECK(seen == decltype(seen){{6, true}});
}

TEST_CASE("event_info: the event before a stalled one ends the batch, and so does the one before discards") {
    event_processor<int, 8> p;
    std::vector<bool> ends;
    auto const note = [&](int&, event_info const& info) { ends.push_back(info.end_of_batch); };
    fill(p, 0, 2);
    auto stalled = p.try_reserve();
    p.poll(note);
    CHECK(ends == std::vector<bool>{false, true});
    stalled.discard();
    p.poll(note);
    ends.clear();
    fill(p, 0, 2);
    p.try_reserve().discard();
    {
        auto const dropped = p.try_reserve_batch(2);
    }
    p.poll(note);
    CHECK(ends == std::vector<bool>{false, true});
    ends.clear();
    fill(p, 0, 1);
    p.try_reserve().discard();
    fill(p, 1, 2);
    p.poll(note);
    CHECK(ends == std::vector<bool>{false, true});
}

TEST_CASE("event_info: every batch has one end, whatever the capacity") {
    event_processor<int, 64> p;
    for (int n = 1; n <= 64; ++n) {
        fill(p, 0, n);
        int ends = 0;
        int last = -1;
        CHECK(p.poll([&](int& v, event_info const& info) {
                   last = v;
                   if (info.end_of_batch) {
                       ++ends;
                       CHECK(v == n - 1);
                   }
               }).events == static_cast<std::size_t>(n));
        CHECK(ends == 1);
        CHECK(last == n - 1);
    }
}

TEST_CASE("event_action: next goes on") {
    event_processor<int, 8> p;
    fill(p, 0, 4);
    CHECK(p.poll([](int&) { return event_action::next; }).events == 4);
}

TEST_CASE("event_action: stop consumes its event and poll returns") {
    ledger_scope const books;
    event_processor<tracked, 8> p;
    fill(p, 0, 4);
    auto result = p.poll([](tracked& t) { return t.get() == 1 ? event_action::stop : event_action::next; });
    CHECK(result.events == 2);
    CHECK(result.state == poll_state::more);
    CHECK(ledger::destroyed == 2);
    CHECK(values_of(p) == ints{2, 3});
    fill(p, 4, 5);
    result = p.poll([](tracked&) { return event_action::stop; });
    CHECK(result.events == 1);
    CHECK(result.state == poll_state::more);
    CHECK(p.state() == poll_state::idle);
    CHECK(ledger::balanced());
}

TEST_CASE("event_action: keep leaves its event at the front and it comes again") {
    ledger_scope const books;
    {
        event_processor<tracked, 4> p;
        fill(p, 0, 4);
        int calls = 0;
        auto const keep_two = [&](tracked& t) {
            ++calls;
            return t.get() == 2 ? event_action::keep : event_action::next;
        };
        auto result = p.poll(keep_two);
        CHECK(result.events == 2);
        CHECK(result.state == poll_state::more);
        CHECK(calls == 3);
        CHECK(ledger::destroyed == 2);
        // Those before it are released.
        CHECK(p.try_publish(4) == errc::success);
        CHECK(p.try_publish(5) == errc::success);
        CHECK(p.try_publish(6) == errc::full);
        result = p.poll(keep_two);
        CHECK(result.events == 0);
        CHECK(result.state == poll_state::more);
        CHECK(calls == 4);
        std::vector<std::uint64_t> sequences;
        p.poll([&](tracked&, event_info const& info) { sequences.push_back(info.sequence); });
        CHECK(sequences == std::vector<std::uint64_t>{2, 3, 4, 5});
    }
    CHECK(ledger::balanced());
}

TEST_CASE("event_action: what a handler that keeps has written to its event is still there") {
    event_processor<int, 2> p;
    fill(p, 0, 1);
    for (int i = 0; i < 5; ++i) p.poll([](int& v) { return ++v, event_action::keep; });
    CHECK(values_of(p) == ints{5});
}

TEST_CASE("event_action: keeping the only event of a closed processor is not closed yet") {
    event_processor<int, 2> p;
    fill(p, 0, 1);
    p.close();
    auto const result = p.poll([](int&) { return event_action::keep; });
    CHECK(result.events == 0);
    CHECK(result.state == poll_state::more);
    CHECK(values_of(p) == ints{0});
    CHECK(p.poll([](int&) {}).state == poll_state::closed);
}
