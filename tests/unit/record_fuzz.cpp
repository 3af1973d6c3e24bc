// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Random use of a record_processor, step by step compared with a deque of variants.
#include <evproc/record_processor.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "overloads.hpp"
#include "scale.hpp"
#include "start_at.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_action;
using evproc::one_of;

namespace {

struct small {
    std::uint32_t value;
};
struct text {
    std::string value;
};
struct large {
    tracked value;
    char room[90] = {};
    explicit large(int v) : value(v) {}
};

/// What is expected: the value of the event, and the bytes behind it.
struct expected {
    std::variant<std::uint32_t, std::string, int> value;
    std::string tail;
};

template <evproc::ring_options O> class random_use {
    static constexpr std::size_t units = 32;
    using processor = evproc::record_processor<one_of<small, text, large>, 32 * units, evproc::adaptive_wait, O>;

public:
    explicit random_use(std::uint32_t seed) : random_(seed), p_(started_at<processor>(random_() % 100, units)) {}

    void step() {
        switch (below(8)) {
            case 0:
            case 1: produce<small>(static_cast<std::uint32_t>(random_())); break;
            case 2:
            case 3: produce<text>(std::string(below(60), 'x')); break;
            case 4: produce<large>(static_cast<int>(below(1000))); break;
            case 5: consume(1 + below(4)); break;
            case 6: consume_and_throw(); break;
            default: consume(1000);
        }
        REQUIRE(p_.stats().committed - p_.stats().consumed == model_.size());
    }

private:
    std::size_t below(std::size_t n) { return random_() % n; }

    template <class E, class Value> void produce(Value value) {
        std::size_t const tail = below(3) == 0 ? below(500) : below(40);
        auto r = p_.template try_reserve<E>(tail);
        if (!r) {
            REQUIRE(r.error() == errc::full);
            REQUIRE(p_.size_approx() + processor::template record_size<E>(tail) > p_.capacity());
            return;
        }
        REQUIRE(r.sequence() >= last_sequence_);
        std::uint64_t const sequence = r.sequence();
        std::string bytes(tail, '\0');
        for (char& c : bytes) c = static_cast<char>(random_());
        r.emplace(value);
        if (tail != 0) std::memcpy(r.tail().data(), bytes.data(), tail);
        switch (below(5)) {
            case 0: return;  // dropped
            case 1:
                bytes.resize(below(tail + 1));
                REQUIRE(r.commit(bytes.size()) == errc::success);
                break;
            default: REQUIRE(r.commit() == errc::success);
        }
        last_sequence_ = sequence + 1;
        model_.push_back({value, bytes});
    }

    template <class Value> void compare(Value const& value, std::span<std::byte> tail) {
        REQUIRE(!model_.empty());
        expected const& e = model_.front();
        REQUIRE(std::get<Value>(e.value) == value);
        REQUIRE(std::string(reinterpret_cast<char const*>(tail.data()), tail.size()) == e.tail);
    }
    auto handler(event_action& then) {
        return overloads{[&](small& e, std::span<std::byte> tail) { return done(e.value, tail, then); },
                         [&](text& e, std::span<std::byte> tail) { return done(e.value, tail, then); },
                         [&](large& e, std::span<std::byte> tail) { return done(e.value.get(), tail, then); }};
    }
    template <class Value> event_action done(Value const& value, std::span<std::byte> tail, event_action then) {
        compare(value, tail);
        if (then != event_action::keep) model_.pop_front();
        return then;
    }

    void consume(std::size_t max) {
        auto then = static_cast<event_action>(below(3));
        std::size_t const before = model_.size();
        auto const polled = p_.poll(handler(then), max);
        REQUIRE(polled.events == before - model_.size());
        if (then == event_action::next) REQUIRE(polled.events == std::min(before, max));
        if (model_.empty() && polled.state == evproc::poll_state::idle) {
            // Everything is released, what was given up too: the largest record fits.
            REQUIRE(p_.empty_approx());
            REQUIRE(p_.template try_reserve<small>(p_.template max_tail<small>()));
        }
    }
    void consume_and_throw() {
        std::size_t const before = model_.size();
        bool thrown = false;
        try {
            p_.poll([&](auto&) {
                model_.pop_front();
                throw 1;
            });
        } catch (int) {
            thrown = true;
        }
        REQUIRE(thrown == (before != 0));
        REQUIRE(model_.size() == before - thrown);
    }

    std::mt19937 random_;
    processor p_;
    std::deque<expected> model_;
    std::uint64_t last_sequence_ = 0;
};

}  // namespace

TEMPLATE_TEST_CASE_SIG("records: random use is that of a deque", "", ((evproc::ring_options O), O),
                       evproc::ring_options{}, evproc::ring_options{.producers = evproc::producer_kind::single}) {
    ledger_scope books;
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        random_use<O> use(seed);
        for (int i = 0; i != scaled(20000); ++i) use.step();
    }
    CHECK(ledger::balanced());
}
