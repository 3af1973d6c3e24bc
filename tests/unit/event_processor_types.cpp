// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What T may be: any size, alignment and manner of life that a nothrow destructor leaves open.
#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "tracked.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_processor;
using evproc::ring_buffer;

namespace {

constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};
constexpr evproc::ring_options one_by_one{.max_batch = 1};

template <std::size_t Alignment> struct alignas(Alignment) aligned_event {
    explicit aligned_event(int v = 0) : value(v) {}
    int value;
    bool is_aligned() const { return reinterpret_cast<std::uintptr_t>(this) % Alignment == 0; }
};

struct with_const_members {
    with_const_members(int a, std::string b) : number(a), text(std::move(b)) {}
    int const number;
    std::string const text;
};

struct not_default_constructible {
    explicit not_default_constructible(int& r) : reference(r) {}
    int& reference;
};

struct immovable {
    explicit immovable(int v) : value(v) {}
    immovable(immovable const&) = delete;
    immovable& operator=(immovable const&) = delete;
    int value;
};

/// Overloads what generic code must not rely on.
struct hostile {
    explicit hostile(int v) : value(v) {}
    hostile* operator&() const { return nullptr; }  // NOLINT(google-runtime-operator): this is what is tested
    template <class T> void operator,(T&&) const = delete;
    static void* operator new(std::size_t) = delete;
    static void* operator new(std::size_t, void*) = delete;
    static void operator delete(void*) = delete;
    int value;
};

struct shape {
    virtual ~shape() = default;
    virtual int area() const = 0;
};
struct square : shape {
    explicit square(int s) : side(s) {}
    int area() const override { return side * side; }
    int side;
};
struct rectangle : shape {
    rectangle(int x, int y) : a(x), b(y) {}
    int area() const override { return a * b; }
    int a, b;
};

struct two_hundred_bytes {
    std::array<std::uint8_t, 200> bytes;
};

struct empty_event {};

enum class colour : std::uint8_t { red, green, blue };

template <class Processor> void check_alignment() {
    Processor p;
    // A few laps of singles and straddling batches.
    for (int lap = 0; lap < 6; ++lap) {
        for (int i = 0; i < 3; ++i) REQUIRE(p.try_publish(i) == errc::success);
        std::size_t const n = std::min<std::size_t>(4, p.max_batch());
        if (auto batch = p.try_reserve_batch(n)) {
            while (batch.size() < n) CHECK(batch.emplace_back(1).is_aligned());
            batch.commit();
        }
        std::size_t bad = 0;
        p.poll([&](auto& e) { bad += e.is_aligned() ? 0U : 1U; });
        CHECK(bad == 0);
    }
}

}  // namespace

TEST_CASE("types: an over-aligned event lies aligned in every slot") {
    check_alignment<event_processor<aligned_event<16>, 8>>();
    check_alignment<event_processor<aligned_event<64>, 8>>();
    check_alignment<event_processor<aligned_event<128>, 8>>();
    check_alignment<event_processor<aligned_event<4096>, 8>>();
    check_alignment<event_processor<aligned_event<128>, 8, evproc::adaptive_wait, single>>();
    check_alignment<event_processor<aligned_event<128>, 8, evproc::adaptive_wait, one_by_one>>();
}

TEST_CASE("types: processors and rings of over-aligned events may be made with new") {
    auto const p = std::make_unique<event_processor<aligned_event<128>, 4>>();
    REQUIRE(p->try_publish(3) == errc::success);
    CHECK(p->poll([](aligned_event<128>& e) {
               CHECK(e.is_aligned());
               CHECK(e.value == 3);
           }).events == 1);
    for (int i = 0; i < 16; ++i) {
        auto const r = std::make_unique<ring_buffer<aligned_event<256>, 2>>();
        // The ring itself asks for a cache line's alignment, which new has to give it too.
        CHECK(reinterpret_cast<std::uintptr_t>(r.get()) % alignof(ring_buffer<aligned_event<256>, 2>) == 0);
        auto const place = r->try_reserve(2);
        CHECK(reinterpret_cast<std::uintptr_t>(place.data()) % 256 == 0);
        CHECK(reinterpret_cast<std::uintptr_t>(place.data() + 1) % 256 == 0);
        r->discard(place);
    }
    event_processor<aligned_event<128>, std::dynamic_extent> dynamic(4);
    REQUIRE(dynamic.try_publish(3) == errc::success);
    CHECK(dynamic.poll([](aligned_event<128>& e) { CHECK(e.is_aligned()); }).events == 1);
}

TEST_CASE("types: events of one byte do not disturb their neighbours") {
    event_processor<unsigned char, 16> p;
    unsigned expected = 0;
    unsigned next = 0;
    for (int lap = 0; lap < 100; ++lap) {
        while (p.try_publish(static_cast<unsigned char>(next)) == errc::success) ++next;
        p.poll([&](unsigned char& c) { CHECK(c == static_cast<unsigned char>(expected++)); }, 5);
    }
    event_processor<bool, 4> flags;
    REQUIRE(flags.try_publish(true) == errc::success);
    REQUIRE(flags.try_publish(false) == errc::success);
    std::vector<bool> seen;
    flags.poll([&](bool& b) { seen.push_back(b); });
    CHECK(seen == std::vector<bool>{true, false});
}

TEST_CASE("types: events of two hundred bytes come whole") {
    event_processor<two_hundred_bytes, 8> p;
    for (int lap = 0; lap < 20; ++lap) {
        for (int i = 0; i < 8; ++i) {
            auto event = p.try_reserve();
            REQUIRE(static_cast<bool>(event));
            event->bytes.fill(static_cast<std::uint8_t>(lap * 8 + i));
            event.commit();
        }
        int i = 0;
        p.poll([&](two_hundred_bytes& e) {
            auto const expected = static_cast<std::uint8_t>(lap * 8 + i++);
            CHECK(std::all_of(e.bytes.begin(), e.bytes.end(), [&](std::uint8_t b) { return b == expected; }));
        });
        CHECK(i == 8);
    }
}

TEST_CASE("types: empty classes and enumerations are events") {
    event_processor<empty_event, 2> nothing;
    CHECK(nothing.try_publish() == errc::success);
    CHECK(nothing.publish(empty_event{}) == errc::success);
    CHECK(nothing.try_publish() == errc::full);
    CHECK(nothing.poll([](empty_event&) {}).events == 2);
    event_processor<colour, 2> colours;
    CHECK(colours.try_publish(colour::blue) == errc::success);
    CHECK(colours.poll([](colour& c) { CHECK(c == colour::blue); }).events == 1);
}

TEST_CASE("types: const members do not let one lap see another's values") {
    event_processor<with_const_members, 2> p;
    for (int i = 0; i < 20; ++i) {
        REQUIRE(p.try_publish(i, "a text that is too long for the small buffer, number " + std::to_string(i)) ==
                errc::success);
        CHECK(p.poll([&](with_const_members& e) {
                   CHECK(e.number == i);
                   CHECK(e.text.ends_with(std::to_string(i)));
               }).events == 1);
    }
}

TEST_CASE("types: events without a default constructor, with references, that cannot be moved") {
    int target = 0;
    event_processor<not_default_constructible, 4> p;
    REQUIRE(p.try_publish(target) == errc::success);
    CHECK(p.poll([](not_default_constructible& e) { e.reference = 7; }).events == 1);
    CHECK(target == 7);
    event_processor<immovable, 4> q;
    REQUIRE(q.try_publish(1) == errc::success);
    auto batch = q.try_reserve_batch(2);
    batch.emplace_back(2);
    batch.emplace_back(3);
    batch.commit();
    int sum = 0;
    q.poll([&](immovable& e) { sum = sum * 10 + e.value; });
    CHECK(sum == 123);
}

TEST_CASE("types: overloaded address-of, comma and new are not used") {
    event_processor<hostile, 4> p;
    REQUIRE(p.try_publish(1) == errc::success);
    auto batch = p.try_reserve_batch(2);
    batch.emplace_back(2);
    batch.emplace_back(3);
    CHECK(batch.size() == 2);
    batch.commit();
    int sum = 0;
    p.poll([&](hostile& e) { sum = sum * 10 + e.value; }, 2);
    {
        auto view = p.peek();
        for (hostile& e : view) sum = sum * 10 + e.value;
    }
    CHECK(sum == 123);
    REQUIRE(p.try_publish(1) == errc::success);
    CHECK(p.poll_batches([](std::span<hostile> run) { CHECK(run.size() == 1); }).events == 1);
}

TEST_CASE("types: polymorphic events travel by unique_ptr") {
    event_processor<std::unique_ptr<shape>, 4> p;
    REQUIRE(p.try_publish(std::make_unique<square>(3)) == errc::success);
    REQUIRE(p.try_publish(new rectangle(2, 5)) == errc::success);
    auto event = p.try_reserve();
    event.emplace(std::make_unique<square>(1));
    CHECK(event.commit() == errc::success);
    int area = 0;
    CHECK(p.poll([&](std::unique_ptr<shape>& s) { area += s->area(); }).events == 3);
    CHECK(area == 20);
    REQUIRE(p.try_publish(std::make_unique<square>(9)) == errc::success);  // left to the destructor
}

TEST_CASE("types: closed sets of events travel by variant") {
    using event = std::variant<int, std::string, std::vector<double>>;
    event_processor<event, 8> p;
    REQUIRE(p.try_publish(1) == errc::success);
    REQUIRE(p.try_publish(std::string("a long string, long enough to be on the heap")) == errc::success);
    REQUIRE(p.try_publish(std::in_place_type<std::vector<double>>, 3U, 0.5) == errc::success);
    std::vector<std::size_t> kinds;
    p.poll([&](event& e) { kinds.push_back(e.index()); });
    CHECK(kinds == std::vector<std::size_t>{0, 1, 2});
    REQUIRE(p.try_publish(std::string("left over, and long enough to be on the heap")) == errc::success);
}

TEST_CASE("types: standard library types live and die in their slots") {
    event_processor<std::string, 4> strings;
    event_processor<std::function<int()>, 4> functions;
    event_processor<std::optional<std::string>, 4> optionals;
    for (int i = 0; i < 50; ++i) {
        REQUIRE(strings.try_publish(100U, 'x') == errc::success);
        REQUIRE(functions.try_publish([i, pad = std::array<int, 20>{}] { return i + pad[0]; }) == errc::success);
        REQUIRE(optionals.try_publish(std::string(50, 'y')) == errc::success);
        strings.poll([](std::string& s) { CHECK(s.size() == 100); });
        functions.poll([&](std::function<int()>& f) { CHECK(f() == i); });
        optionals.poll([](std::optional<std::string>& o) { CHECK(o->size() == 50); });
    }
}

TEST_CASE("types: a processor may hold another's handles") {
    using inner = event_processor<int, 4>;
    inner target;
    event_processor<inner::reserved_event, 4> p;
    REQUIRE(p.try_publish(target.try_reserve()) == errc::success);
    p.poll([](inner::reserved_event& e) {
        *e = 5;
        CHECK(e.commit() == errc::success);
    });
    CHECK(target.poll([](int& v) { CHECK(v == 5); }).events == 1);
}

TEST_CASE("types: rings without batches put word and event together and behave the same") {
    ledger_scope const books;
    {
        event_processor<tracked, 4, evproc::adaptive_wait, one_by_one> p;
        STATIC_REQUIRE(decltype(p)::max_batch() == 1);
        CHECK(p.try_reserve_batch(2).error() == errc::too_large);
        int next = 0;
        int seen = 0;
        for (int lap = 0; lap < 40; ++lap) {
            while (p.try_publish(next) == errc::success) ++next;
            if (lap % 3 == 0) {
                CHECK_THROWS_AS(p.poll([&](tracked& t) {
                    CHECK(t.get() == seen++);
                    throw 1;
                }),
                                int);
            }
            if (lap % 4 == 1) {
                auto const dropped = p.try_reserve();
            }
            std::size_t runs = 0;
            std::size_t events = 0;
            p.poll_batches(
                [&](std::span<tracked> run) {
                    ++runs;
                    for (tracked& t : run) {
                        CHECK(t.get() == seen++);
                        ++events;
                    }
                },
                2);
            CHECK(events <= 2);
            for (auto view = p.peek(1); tracked & t : view) CHECK(t.get() == seen++);
        }
        CHECK(seen > 50);
    }
    CHECK(ledger::balanced());
}

TEST_CASE("types: no slot is reserved while the last lap's event in it still lives") {
    ledger_scope const books;
    {
        event_processor<tracked, 4> p;
        auto const most = std::int64_t{4};
        for (int step = 0; step < 500; ++step) {
            if (auto batch = p.try_reserve_batch(static_cast<std::size_t>(step % 4 + 1))) {
                while (batch.size() < batch.capacity()) batch.emplace_back(step);
                if (step % 6 != 0) batch.commit();
            }
            CHECK(ledger::alive() <= most);
            p.poll([](tracked&) {}, static_cast<std::size_t>(step % 3));
        }
    }
    CHECK(ledger::balanced());
}
