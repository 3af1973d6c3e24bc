// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Where things lie. Which cache lines each side writes is found out from outside: the bytes of a ring are compared before
// and after a step, so the test knows no member by name and cannot be fooled by one that moved.
#include <evproc/event_processor.hpp>
#include <evproc/ring_buffer.hpp>
#include <evproc/wait/blocking_wait.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <set>
#include <thread>
#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "processor_verbs.hpp"
#include "start_at.hpp"
#include "threads.hpp"

using namespace evproc_test;
using evproc::errc;
using evproc::event_processor;
using evproc::ring_buffer;

namespace {

constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};
constexpr evproc::ring_options one_by_one{.max_batch = 1};
constexpr evproc::ring_options short_batches{.max_batch = 64};
constexpr std::size_t line = evproc::detail::cache_line_size;

// Every allocation of this program is counted.
std::size_t allocations = 0;
std::size_t allocated_bytes = 0;

// Out of line, else g++ sees free() meet operator new and warns.
[[gnu::noinline]] void* count_and_allocate(std::size_t size, std::size_t alignment) {
    ++allocations;
    allocated_bytes += size;
    std::size_t const rounded = (size + alignment - 1) / alignment * alignment;
#if defined(_WIN32)
    void* const p = ::_aligned_malloc(rounded == 0 ? alignment : rounded, alignment);
#else
    void* const p = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
#endif
    if (p == nullptr) throw std::bad_alloc();
    return p;
}

[[gnu::noinline]] void deallocate(void* p) noexcept {
#if defined(_WIN32)
    ::_aligned_free(p);
#else
    std::free(p);
#endif
}

using lines = std::set<std::size_t>;

/// What a ring_buffer holds on the heap.
template <class Ring>
using ring_of = std::remove_reference_t<decltype(evproc::detail::test_access::ring(std::declval<Ring&>()))>;

/// The lines of what `ring` holds that `step` changes.
template <class Ring, class Step> lines changed_by(Ring& ring, Step step) {
    auto const* const bytes = reinterpret_cast<unsigned char const*>(&evproc::detail::test_access::ring(ring));
    std::vector<unsigned char> const before(bytes, bytes + sizeof(ring_of<Ring>));
    step();
    lines result;
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (bytes[i] != before[i]) result.insert(i / line);
    }
    return result;
}

void add(lines& to, lines const& from) { to.insert(from.begin(), from.end()); }

bool apart(lines const& a, lines const& b) {
    for (std::size_t const l : a) {
        if (b.count(l) != 0) return false;
    }
    return true;
}

template <class Ring> struct written_lines {
    lines claim;    // by a reservation
    lines commit;   // by its commit
    lines look;     // by the consumer's look
    lines release;  // by its release

    explicit written_lines(Ring& r) {
        for (int lap = 0; lap < 5; ++lap) {
            for (std::size_t i = 0; i < r.capacity(); ++i) {
                typename Ring::range_type place;
                add(claim, changed_by(r, [&] { place = r.try_reserve(); }));
                REQUIRE(static_cast<bool>(place));
                *place.data() = {};
                add(commit, changed_by(r, [&] { r.commit(place); }));
            }
            std::size_t ready = 0;
            add(look, changed_by(r, [&] { ready = r.peek().size(); }));
            REQUIRE(ready == r.capacity());
            add(release, changed_by(r, [&] { r.release(ready); }));
        }
    }

    lines producer() const {
        lines all = claim;
        add(all, commit);
        return all;
    }
    lines consumer() const {
        lines all = look;
        add(all, release);
        return all;
    }
};

template <class Ring> void check_sides_apart() {
    STATIC_REQUIRE(alignof(ring_of<Ring>) >= line);
    auto const r = std::make_unique<Ring>();
    written_lines<Ring> const written(*r);
    CHECK_FALSE(written.claim.empty());
    CHECK_FALSE(written.release.empty());
    CHECK(apart(written.producer(), written.consumer()));
}

}  // namespace

// NOLINTBEGIN(misc-definitions-in-headers): replacements of the global allocation functions. All forms, because a
// sanitizer brings its own of those that are left out, and they would meet the deallocations below.
void* operator new(std::size_t size) { return count_and_allocate(size, alignof(std::max_align_t)); }
void* operator new[](std::size_t size) { return count_and_allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
    return count_and_allocate(size, alignof(std::max_align_t));
}
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept {
    return count_and_allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return count_and_allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return count_and_allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { deallocate(p); }
void operator delete[](void* p) noexcept { deallocate(p); }
void operator delete(void* p, std::size_t) noexcept { deallocate(p); }
void operator delete[](void* p, std::size_t) noexcept { deallocate(p); }
void operator delete(void* p, std::nothrow_t const&) noexcept { deallocate(p); }
void operator delete[](void* p, std::nothrow_t const&) noexcept { deallocate(p); }
void operator delete(void* p, std::align_val_t) noexcept { deallocate(p); }
void operator delete[](void* p, std::align_val_t) noexcept { deallocate(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { deallocate(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { deallocate(p); }
// NOLINTEND(misc-definitions-in-headers)

TEST_CASE("layout: producers and consumer write no cache line in common") {
    check_sides_apart<ring_buffer<std::uint64_t, 64>>();
    check_sides_apart<ring_buffer<std::uint64_t, 64, evproc::blocking_wait>>();
    check_sides_apart<ring_buffer<std::uint64_t, 64, evproc::adaptive_wait, one_by_one>>();
    check_sides_apart<ring_buffer<std::uint64_t, 64, evproc::adaptive_wait, single>>();
    check_sides_apart<ring_buffer<std::array<char, 200>, 4>>();
}

TEST_CASE("layout: a commit of many producers writes nothing but its slot") {
    auto const r = std::make_unique<ring_buffer<std::uint64_t, 64>>();
    CHECK(written_lines(*r).commit.empty());
}

TEST_CASE("layout: the single producer writes two lines, its own notes and what it publishes") {
    using ring = ring_buffer<std::uint64_t, 64, evproc::adaptive_wait, single>;
    auto const r = std::make_unique<ring>();
    // Its two positions are looked at together: on two lines they would be two transfers.
    CHECK(written_lines<ring>(*r).producer().size() == 2);
}

TEST_CASE("layout: the position that the consumer publishes is off the line of its own notes") {
    using ring = ring_buffer<std::uint64_t, 64>;
    auto const r = std::make_unique<ring>();
    written_lines<ring> const written(*r);
    CHECK(written.release.size() >= 2);
}

TEST_CASE("layout: close, wake, refusals and sleepers write other lines than the hot path does") {
    using ring = ring_buffer<std::uint64_t, 4, evproc::blocking_wait>;
    auto const r = std::make_unique<ring>();
    written_lines<ring> const written(*r);
    lines hot = written.producer();
    add(hot, written.consumer());
    // A sleeping consumer and a sleeping producer: their flags are read at every commit and every release.
    CHECK(apart(changed_by(*r, [&] { r->wait_for(std::chrono::milliseconds(1)); }), hot));
    CHECK(apart(changed_by(*r, [&] { r->wake(); }), hot));
    CHECK_FALSE(r->wait());
    auto const all = r->try_reserve(4);
    REQUIRE(static_cast<bool>(all));
    // Full: a refusal may bring the cached limit up to date, which is the producers' own.
    CHECK(apart(changed_by(*r, [&] { (void)r->try_reserve(); }), written.consumer()));
    CHECK(apart(changed_by(*r, [&] { (void)r->reserve_for(std::chrono::milliseconds(1)); }), written.consumer()));
    r->discard(all);
    CHECK(apart(changed_by(*r, [&] { r->close(); }), written.consumer()));
}

TEST_CASE("layout: handles and results are small") {
    using processor = event_processor<std::array<char, 200>, 64>;
    STATIC_REQUIRE(sizeof(processor::reserved_event) <= 6 * sizeof(std::uint64_t));
    STATIC_REQUIRE(sizeof(processor::reserved_batch) <= 6 * sizeof(std::uint64_t));
    STATIC_REQUIRE(sizeof(ring_buffer<int, 4>::range_type) <= 4 * sizeof(std::uint64_t));
    STATIC_REQUIRE(sizeof(processor::committed_batch) <= 2 * 64);
    STATIC_REQUIRE(sizeof(evproc::poll_result) <= 2 * sizeof(std::uint64_t));
    STATIC_REQUIRE(sizeof(evproc::event_info) <= 2 * sizeof(std::uint64_t));
    STATIC_REQUIRE(sizeof(processor) <= line);
    // The ring itself is a dozen lines and does not grow with N, T or the batches.
    STATIC_REQUIRE(sizeof(ring_of<ring_buffer<std::array<char, 200>, 65536>>) == sizeof(ring_of<ring_buffer<int, 2>>));
    STATIC_REQUIRE(sizeof(ring_of<ring_buffer<int, 65536>>) <= 32 * line);
}

TEST_CASE("layout: a slot costs its event and eight bytes, and batches cost their spill") {
    std::size_t const n = 4096;
    auto const bytes_of = [](auto make) {
        std::size_t const before = allocated_bytes;
        auto const p = make();
        return allocated_bytes - before;
    };
    std::size_t const overhead =
        2048 + 16 * line;  // words and elements apart by half a page; the ring object, and rounding up
    auto const plain = bytes_of([] { return std::make_unique<event_processor<std::uint64_t, 4096>>(); });
    CHECK(plain >= n * 8);
    CHECK(plain <= n * 8 + (n + n - 1) * 8 + overhead);
    auto const limited = bytes_of(
        [] { return std::make_unique<event_processor<std::uint64_t, 4096, evproc::adaptive_wait, short_batches>>(); });
    CHECK(limited <= n * 8 + (n + 63) * 8 + overhead);
    auto const one = bytes_of(
        [] { return std::make_unique<event_processor<std::uint64_t, 4096, evproc::adaptive_wait, one_by_one>>(); });
    CHECK(one <= n * 16 + overhead);
    auto const alone = bytes_of(
        [] { return std::make_unique<event_processor<std::uint64_t, 4096, evproc::adaptive_wait, single>>(); });
    CHECK(alone <= (n + n - 1) * 8 + overhead);
}

TEST_CASE("layout: the storage is words, rounded up to a line, and elements with the spill of one batch, to the byte") {
    auto const bytes_of = []<class Ring>(std::type_identity<Ring>) {
        std::size_t const before = allocated_bytes;
        Ring const r;
        return allocated_bytes - before - sizeof(ring_of<Ring>);
    };
    std::size_t const words = (8 * sizeof(std::uint64_t) + line - 1) / line * line;
    CHECK(bytes_of(std::type_identity<ring_buffer<std::uint32_t, 8>>{}) == words + (8 + 7) * sizeof(std::uint32_t));
    CHECK(bytes_of(std::type_identity<ring_buffer<std::uint32_t, 8, evproc::adaptive_wait, single>>{}) ==
          (8 + 7) * sizeof(std::uint32_t));
    CHECK(bytes_of(std::type_identity<ring_buffer<std::uint64_t, 8, evproc::adaptive_wait, one_by_one>>{}) ==
          8 * 2 * sizeof(std::uint64_t));
}

TEST_CASE("layout: where the words fill pages no element lies among them") {
    event_processor<std::uint64_t, 1024> p;
    std::vector<std::uint64_t> expected;
    for (std::uint64_t n = 0; n != 1024; ++n) {
        expected.push_back(~n);
        REQUIRE(p.try_publish(~n) == errc::success);
    }
    std::vector<std::uint64_t> got;
    while (got.size() < expected.size() &&
           p.poll([&](std::uint64_t const& n) { got.push_back(n); }).state == evproc::poll_state::more) {
    }
    CHECK(got == expected);
}

TEST_CASE("layout: nothing is allocated after construction") {
    event_processor<std::uint64_t, 64> p;
    event_processor<std::uint64_t, 64, evproc::blocking_wait, single> q;
    std::uint64_t sum = 0;
    std::size_t const before = allocations;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        (void)p.try_publish(i);
        (void)p.publish(i);
        {
            auto const dropped = p.try_reserve();
        }
        if (auto batch = p.try_reserve_batch(5)) {
            batch.push_back(i);
            batch.commit();
        }
        p.poll([&](std::uint64_t& v) { sum += v; });
        {
            auto const view = p.peek();
        }
        p.poll_batches([&](std::span<std::uint64_t> run) { sum += run.size(); });
        (void)p.flush();
        (void)p.stats();
        (void)q.publish(i);
        q.poll([&](std::uint64_t& v) { sum += v; });
        if (i % 100 == 0) {
            p.poll_for(std::chrono::microseconds(1), [](std::uint64_t&) {});
            q.poll_for(std::chrono::microseconds(1), [](std::uint64_t&) {});
            {
                auto const all = p.try_reserve_batch(64);
                (void)p.reserve_for(std::chrono::microseconds(1));
            }
            p.poll([](std::uint64_t&) {});
        }
    }
    p.close();
    CHECK(allocations == before);
    CHECK(sum > 0);
}

TEST_CASE("layout: batches start where a lap of the storage starts, on a line of their own") {
    ring_buffer<std::uint64_t, 64> r;
    auto const place = r.try_reserve();
    CHECK(reinterpret_cast<std::uintptr_t>(place.data()) % line == 0);
    r.discard(place);
}
