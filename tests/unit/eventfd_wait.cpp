// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// eventfd_wait in an event loop: what arm() answers, what makes the eventfd readable, how many system calls
// are made on it, and that no wake-up is lost however commits, discards, wakes and the close fall. A lost one
// shows as an epoll_wait that runs into its long timeout. Linked with --wrap=read, --wrap=write and
// --wrap=eventfd, so that the calls of the headers can be counted and refused.
#include <evproc/event_processor.hpp>
#include <evproc/wait/eventfd_wait.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "scale.hpp"

namespace {

std::atomic<int> counted_fd{-1};
std::atomic<std::uint64_t> writes{0};
std::atomic<std::uint64_t> reads{0};
std::atomic<int> interruptions{0};  // so many calls more return early, as if for a signal
bool refuse_eventfd = false;

bool is_interrupted(int fd) {
    if (fd != counted_fd || interruptions == 0) return false;
    --interruptions;
    errno = EINTR;
    return true;
}

}  // namespace

extern "C" {
ssize_t __real_write(int fd, void const* data, std::size_t size);
ssize_t __real_read(int fd, void* data, std::size_t size);
int __real_eventfd(unsigned int count, int flags);
ssize_t __wrap_write(int fd, void const* data, std::size_t size);
ssize_t __wrap_read(int fd, void* data, std::size_t size);
int __wrap_eventfd(unsigned int count, int flags);

ssize_t __wrap_write(int fd, void const* data, std::size_t size) {
    if (fd == counted_fd) ++writes;
    if (is_interrupted(fd)) return -1;
    return __real_write(fd, data, size);
}
ssize_t __wrap_read(int fd, void* data, std::size_t size) {
    if (fd == counted_fd) ++reads;
    if (is_interrupted(fd)) return -1;
    return __real_read(fd, data, size);
}
int __wrap_eventfd(unsigned int count, int flags) {
    if (!refuse_eventfd) return __real_eventfd(count, flags);
    errno = EMFILE;
    return -1;
}
}

using evproc::errc;
using evproc::event_processor;
using evproc::eventfd_wait;
using evproc::poll_state;
using evproc::producer_kind;
using evproc::ring_buffer;
using evproc::ring_options;
using evproc_test::scaled;

namespace {

constexpr int long_timeout_ms = 100'000;

/// Counts from now on what is done to the eventfd of `source`.
template <class Source> void count_calls_on(Source& source) {
    counted_fd = source.native_handle();
    writes = 0;
    reads = 0;
}

bool is_readable(int fd) {
    pollfd p{fd, POLLIN, 0};
    return ::poll(&p, 1, 0) == 1;
}

/// Sleeps until `fd` is readable; ends the program if that takes longer than any scheduler would.
void sleep_on(int fd) {
    pollfd p{fd, POLLIN, 0};
    // Twice: a process that was stopped for so long finds its time over, and its event there.
    for (int i = 0; i < 2; ++i) {
        if (::poll(&p, 1, long_timeout_ms) == 1) return;
    }
    std::fputs("test: a wake-up was lost, the eventfd was never written\n", stderr);
    std::abort();
}

class epoll_loop {
public:
    explicit epoll_loop(int fd, std::uint32_t events = EPOLLIN) : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        add(fd, events);
    }
    ~epoll_loop() { ::close(epoll_); }
    void add(int fd, std::uint32_t events = EPOLLIN) {
        epoll_event e{};
        e.events = events;
        e.data.fd = fd;
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &e) != 0) std::abort();
    }
    /// The descriptors that are ready after at most `timeout_ms`.
    std::vector<int> sleep(int timeout_ms) {
        epoll_event e[4];
        int const n = ::epoll_wait(epoll_, e, 4, timeout_ms);
        std::vector<int> ready;
        for (int i = 0; i < n; ++i) ready.push_back(e[i].data.fd);
        return ready;
    }

private:
    int epoll_;
};

template <class P>
concept has_event_loop_face = requires(P& p) {
    p.native_handle();
    p.arm();
    p.disarm();
};

template <std::size_t N = 8, ring_options Options = ring_options{}>
using processor = event_processor<int, N, eventfd_wait, Options>;

}  // namespace

TEST_CASE("eventfd_wait: only rings that wait on it have an event loop's face") {
    STATIC_REQUIRE(evproc::wait_strategy<eventfd_wait>);
    STATIC_REQUIRE(evproc::armable_wait<eventfd_wait>);
    STATIC_REQUIRE_FALSE(evproc::armable_wait<evproc::adaptive_wait>);
    STATIC_REQUIRE(has_event_loop_face<processor<>>);
    STATIC_REQUIRE(has_event_loop_face<ring_buffer<int, 4, eventfd_wait>>);
    STATIC_REQUIRE_FALSE(has_event_loop_face<event_processor<int>>);
    STATIC_REQUIRE_FALSE(has_event_loop_face<ring_buffer<int>>);
}

TEST_CASE("eventfd_wait: the eventfd is written once for a sleep and never for an event") {
    processor<1024> p;
    count_calls_on(p);
    for (int i = 0; i < 100; ++i) p.publish(i);
    CHECK(writes == 0);
    CHECK(p.poll([](int) {}).events == 100);
    for (int round = 1; round <= 3; ++round) {
        REQUIRE(p.arm());
        CHECK_FALSE(is_readable(p.native_handle()));
        for (int i = 0; i < 100; ++i) p.publish(i);
        CHECK(is_readable(p.native_handle()));
        CHECK(writes == static_cast<std::uint64_t>(round));
        p.disarm();
        CHECK_FALSE(is_readable(p.native_handle()));
        CHECK(reads == static_cast<std::uint64_t>(round));
        for (int i = 0; i < 100; ++i) p.publish(i);
        CHECK(writes == static_cast<std::uint64_t>(round));
        CHECK(p.poll([](int) {}).events == 200);
    }
    CHECK(p.stats().parks == 3);
}

TEST_CASE("eventfd_wait: arm is false when there is something to do, and then nothing is written") {
    processor<> p;
    count_calls_on(p);
    SECTION("an event") {
        p.publish(7);
        CHECK_FALSE(p.arm());
        p.publish(8);
        CHECK(writes == 0);
        CHECK(p.poll([](int) {}).events == 2);
        CHECK(p.arm());
    }
    SECTION("wake(), once") {
        p.wake();
        CHECK_FALSE(p.arm());
        CHECK(p.arm());
    }
    SECTION("the end of a closed processor") {
        p.close();
        CHECK_FALSE(p.arm());
        CHECK_FALSE(p.arm());
        CHECK(p.poll([](int) {}).state == poll_state::closed);
    }
    SECTION("but not a closed processor with a reservation still to come") {
        auto place = p.reserve();
        p.close();
        REQUIRE(p.arm());
        CHECK_FALSE(is_readable(p.native_handle()));
        *place = 1;
        place.commit();
        CHECK(is_readable(p.native_handle()));
    }
    SECTION("and not what was discarded") {
        p.reserve().discard();
        CHECK(p.arm());
        CHECK(p.size_approx() == 0);
    }
}

TEST_CASE("eventfd_wait: every step that a consumer may wait for makes the eventfd readable") {
    processor<> p;
    count_calls_on(p);
    auto place = p.reserve();
    auto batch = p.reserve_batch(3);
    REQUIRE(p.arm());
    CHECK_FALSE(is_readable(p.native_handle()));
    SECTION("commit") {
        *place = 1;
        place.commit();
    }
    SECTION("commit of a part of a batch, behind an uncommitted slot") {
        batch.push_back(1);
        batch.commit();
    }
    SECTION("discard") { place.discard(); }
    SECTION("a handle that goes out of scope") { auto const gone = std::move(place); }
    SECTION("close") { p.close(); }
    SECTION("wake") { p.wake(); }
    CHECK(is_readable(p.native_handle()));
    CHECK(writes == 1);
    p.disarm();
    CHECK_FALSE(is_readable(p.native_handle()));
}

TEST_CASE("eventfd_wait: a discard at the end of a closed processor ends the sleep of its consumer") {
    processor<> p;
    auto place = p.reserve();
    p.close();
    REQUIRE(p.arm());
    place.discard();
    CHECK(is_readable(p.native_handle()));
    p.disarm();
    CHECK_FALSE(p.arm());
    CHECK(p.poll([](int) {}).state == poll_state::closed);
}

TEST_CASE("eventfd_wait: disarm takes arm back, and reads only what was written") {
    processor<> p;
    count_calls_on(p);
    p.disarm();
    REQUIRE(p.arm());
    p.disarm();
    p.publish(1);
    CHECK(writes == 0);
    CHECK(reads == 0);
    CHECK_FALSE(is_readable(p.native_handle()));
}

TEST_CASE("eventfd_wait: armed twice, it is still written once, and arming again reads what was written") {
    processor<> p;
    count_calls_on(p);
    REQUIRE(p.arm());
    REQUIRE(p.arm());
    p.publish(1);
    p.publish(2);
    CHECK(writes == 1);
    CHECK(p.poll([](int) {}).events == 2);
    REQUIRE(p.arm());
    CHECK_FALSE(is_readable(p.native_handle()));
    CHECK(reads == 1);
}

TEST_CASE("eventfd_wait: a call that a signal interrupts is made again") {
    processor<> p;
    count_calls_on(p);
    REQUIRE(p.arm());
    interruptions = 2;
    REQUIRE(p.try_publish(1) == errc::success);
    CHECK(interruptions == 0);
    CHECK(writes == 3);
    CHECK(is_readable(p.native_handle()));
    interruptions = 2;
    p.disarm();
    CHECK(interruptions == 0);
    CHECK(reads == 3);
    CHECK_FALSE(is_readable(p.native_handle()));
}

TEST_CASE("eventfd_wait: works on when somebody else has read the eventfd") {
    processor<> p;
    int const fd = p.native_handle();
    for (int i = 0; i < 3; ++i) {
        REQUIRE(p.arm());
        REQUIRE(p.try_publish(i) == errc::success);
        REQUIRE(is_readable(fd));
        std::uint64_t written = 0;
        if (i != 1) REQUIRE(::read(fd, &written, sizeof written) == static_cast<ssize_t>(sizeof written));
        p.disarm();
        CHECK_FALSE(is_readable(fd));
        CHECK(p.poll([](int) {}).events == 1);
    }
}

TEST_CASE("eventfd_wait: works on when somebody else has filled the eventfd") {
    processor<> p;
    int const fd = p.native_handle();
    std::uint64_t const most = ~std::uint64_t{0} - 1;
    REQUIRE(::write(fd, &most, sizeof most) == static_cast<ssize_t>(sizeof most));
    REQUIRE(p.arm());
    REQUIRE(p.try_publish(1) == errc::success);
    CHECK(is_readable(fd));
    p.disarm();
    CHECK_FALSE(is_readable(fd));
    CHECK(p.poll([](int) {}).events == 1);
    REQUIRE(p.arm());
    REQUIRE(p.try_publish(2) == errc::success);
    CHECK(is_readable(fd));
    p.disarm();
    CHECK_FALSE(is_readable(fd));
}

TEST_CASE("eventfd_wait: a wake that ended a sleep is spent") {
    processor<> p;
    REQUIRE(p.arm());
    p.wake();
    sleep_on(p.native_handle());
    p.disarm();
    CHECK(p.arm());
}

TEST_CASE("eventfd_wait: the blocking verbs work beside it, also when armed") {
    processor<2> p;
    count_calls_on(p);
    REQUIRE(p.arm());
    constexpr int events = 20'000;
    std::jthread producer([&] {
        for (int i = 1; i <= events; ++i) p.publish(i);
        p.close();
    });
    std::int64_t sum = 0;
    while (p.poll_wait([&](int v) { sum += v; }).state != poll_state::closed) {
    }
    CHECK(sum == std::int64_t{events} * (events + 1) / 2);
    CHECK(writes <= 1);  // by the first publish, if it came before poll_wait
    p.disarm();
    CHECK_FALSE(is_readable(p.native_handle()));
}

TEST_CASE("eventfd_wait: ring_buffer has the same face") {
    ring_buffer<int, 4, eventfd_wait, ring_options{.producers = producer_kind::single}> r;
    count_calls_on(r);
    REQUIRE(r.arm());
    auto const place = r.try_reserve();
    REQUIRE(place);
    CHECK_FALSE(is_readable(r.native_handle()));
    *place.data() = 5;
    r.commit(place);
    CHECK(is_readable(r.native_handle()));
    r.disarm();
    CHECK_FALSE(r.arm());
    CHECK(r.peek().front() == 5);
    r.release(1);
    CHECK(r.arm());
    CHECK(writes == 1);
}

TEST_CASE("eventfd_wait: says so when no eventfd can be made, and works when it can") {
    processor<> p;
    refuse_eventfd = true;
    int error = 0;
    try {
        static_cast<void>(p.arm());
    } catch (std::system_error const& e) {
        error = e.code().value();
    }
    refuse_eventfd = false;
    CHECK(error == EMFILE);
    CHECK(p.arm());
}

TEST_CASE("eventfd_wait: the eventfd is closed with its processor") {
    int fd = -1;
    {
        event_processor<int, 4, eventfd_wait> p;
        fd = p.native_handle();
        CHECK(::fcntl(fd, F_GETFD) != -1);
    }
    CHECK(::fcntl(fd, F_GETFD) == -1);
}

TEST_CASE("eventfd_wait: number 0 is a file descriptor like any other") {
    int const standard_input = ::dup(0);
    ::close(0);
    int made = -1;
    int again = -1;
    bool armed = false;
    bool readable = false;
    {
        event_processor<int, 4, eventfd_wait> p;
        made = p.native_handle();
        again = p.native_handle();
        armed = p.arm();
        p.publish(1);
        readable = is_readable(made);
        p.disarm();
    }
    bool const is_closed = ::fcntl(0, F_GETFD) == -1;
    if (standard_input >= 0) {
        ::dup2(standard_input, 0);
        ::close(standard_input);
    }
    CHECK(made == 0);
    CHECK(again == 0);
    CHECK(armed);
    CHECK(readable);
    CHECK(is_closed);
}

TEST_CASE("eventfd_wait: sits in an epoll set among other descriptors, level- or edge-triggered") {
    auto const trigger = GENERATE(std::uint32_t{EPOLLIN}, std::uint32_t{EPOLLIN} | EPOLLET);
    processor<> p;
    int const fd = p.native_handle();
    int const other = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    epoll_loop loop(fd, trigger);
    loop.add(other);

    REQUIRE(p.arm());
    CHECK(loop.sleep(0).empty());
    std::uint64_t const one = 1;
    REQUIRE(::write(other, &one, sizeof one) == sizeof one);
    CHECK(loop.sleep(long_timeout_ms) == std::vector{other});
    p.publish(1);
    auto const both = loop.sleep(long_timeout_ms);
    CHECK(both.size() == 2);
    CHECK(std::find(both.begin(), both.end(), fd) != both.end());
    p.disarm();
    CHECK(p.poll([](int) {}).events == 1);
    CHECK(loop.sleep(long_timeout_ms) == std::vector{other});
    REQUIRE(p.arm());
    p.publish(2);
    auto const again = loop.sleep(long_timeout_ms);
    CHECK(std::find(again.begin(), again.end(), fd) != again.end());
    ::close(other);
}

namespace {

/// Producers commit, discard, wake at random moments, one closes; the consumer lives in an epoll loop.
/// Returns when the consumer has seen the end; ends the program when a sleep lasts longer than it can.
template <class Processor> void race(int producers, int each, std::uint32_t trigger) {
    Processor p;
    count_calls_on(p);
    epoll_loop loop(p.native_handle(), trigger);
    std::atomic<std::int64_t> published{0};
    std::atomic<int> running{producers};
    std::atomic<bool> begun{false};
    std::int64_t consumed = 0;
    std::uint64_t sleeps = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < producers; ++t) {
            threads.emplace_back([&, t] {
                while (!begun) std::this_thread::yield();
                std::uint32_t dice = static_cast<std::uint32_t>(t) * 2654435761U + 1;
                for (int i = 0; i < each; ++i) {
                    dice = dice * 1664525U + 1013904223U;
                    auto place = p.reserve();
                    for (std::uint32_t turns = dice >> 25; turns != 0; --turns) evproc::detail::cpu_relax();
                    switch (dice >> 8 & 15) {
                        case 0: place.discard(); break;
                        case 1: p.wake(); [[fallthrough]];
                        default:
                            *place = i;
                            place.commit();
                            ++published;
                    }
                    if ((dice >> 12 & 63) == 0) std::this_thread::yield();
                }
                if (--running == 0) p.close();
            });
        }
        for (;;) {
            auto const polled = p.poll([&](int) { ++consumed; });
            if (polled.state == poll_state::closed) break;
            if (!p.arm()) continue;
            ++sleeps;
            begun = true;  // not before the first sleep, so that there is one
            // Twice: a process that was stopped for so long finds its time over, and its event there.
            if (loop.sleep(long_timeout_ms).empty() && loop.sleep(long_timeout_ms).empty()) {
                std::fputs("test: a wake-up was lost, the eventfd was never written\n", stderr);
                std::abort();
            }
            p.disarm();
        }
    }
    CHECK(consumed == published);
    CHECK(writes <= sleeps);
    CHECK(sleeps > 0);
}

}  // namespace

TEST_CASE("eventfd_wait: no wake-up is lost, and no sleep costs more than one write") {
    auto const trigger = GENERATE(std::uint32_t{EPOLLIN}, std::uint32_t{EPOLLIN} | EPOLLET);
    SECTION("one slot") { race<processor<1>>(2, scaled(10'000), trigger); }
    SECTION("many producers") { race<processor<64>>(3, scaled(20'000), trigger); }
    SECTION("one producer, single") {
        race<processor<16, ring_options{.producers = producer_kind::single}>>(1, scaled(40'000), trigger);
    }
}
