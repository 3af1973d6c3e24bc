// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// A consumer in an event loop: arm, sleep until the eventfd is readable, disarm. The system calls are stood in for (the
// linker's --wrap), by a counter that orders nothing.

#include "support.hpp"

#include <sys/types.h>
#include <evproc/wait/eventfd_wait.hpp>

using namespace cases;

namespace {

/// The kernel's side of the one eventfd that a scenario has.
struct kernel {
    static constexpr int fd = 1 << 24;  // no file of this process
    static kernel* current;

    kernel() { current = this; }
    ~kernel() { current = nullptr; }
    kernel(kernel const&) = delete;
    kernel& operator=(kernel const&) = delete;

    model::atomic<std::uint64_t> counter{0};
    model::var<bool> is_open{false};  // goes with the number of the file in eventfd_wait

    bool is_readable() const { return counter.load(std::memory_order_relaxed) != 0; }
};
kernel* kernel::current = nullptr;

}  // namespace

extern "C" {
ssize_t __real_read(int, void*, std::size_t);
ssize_t __real_write(int, void const*, std::size_t);
int __real_close(int);
int __wrap_eventfd(unsigned, int);
ssize_t __wrap_read(int, void*, std::size_t);
ssize_t __wrap_write(int, void const*, std::size_t);
int __wrap_close(int);

int __wrap_eventfd(unsigned, int) {
    kernel::current->is_open.set(true);
    return kernel::fd;
}

ssize_t __wrap_read(int fd, void* to, std::size_t size) {
    if (fd != kernel::fd) return __real_read(fd, to, size);
    std::uint64_t const value = kernel::current->counter.exchange(0, std::memory_order_relaxed);
    if (value == 0) {
        errno = EAGAIN;
        return -1;
    }
    std::memcpy(to, &value, sizeof value);
    return sizeof value;
}

ssize_t __wrap_write(int fd, void const* from, std::size_t size) {
    if (fd != kernel::fd) return __real_write(fd, from, size);
    check(kernel::current->is_open.get(), "written to a file that is not open");
    std::uint64_t value = 0;
    std::memcpy(&value, from, sizeof value);
    kernel::current->counter.fetch_add(value, std::memory_order_relaxed);
    return sizeof value;
}

int __wrap_close(int fd) { return fd == kernel::fd ? 0 : __real_close(fd); }
}

namespace {

template <std::size_t N> using ring = evproc::ring_buffer<event, N, evproc::eventfd_wait, quiet>;

/// Takes what there is. No states are merged here: the strategy remembers what it has not read.
template <class Ring> void take_ready(Ring& r, log& to) {
    for (;;) {
        auto const ready = r.peek();
        if (ready.empty()) return;
        for (event& e : ready) {
            to.add(e.get());
            e.~event();
        }
        r.release(ready.size());
    }
}

/// The event loop: whenever it sleeps, something has to make the eventfd readable.
template <class Ring> void loop(Ring& r, kernel& k, log& got, unsigned n) {
    for (;;) {
        do take_ready(r, got);
        while (got.size() < n && !r.arm());
        if (got.size() >= n) return;
        while (!k.is_readable()) model::pause();
        r.disarm();
    }
}

/// When all is over nothing is left to be read, or a loop that watches would never sleep again.
template <class Ring> void check_silent(Ring& r, kernel const& k) {
    r.disarm();
    check(!k.is_readable(), "readable without cause, and for ever");
}

model::add_scenario const sleeps{"eventfd: two slots, an event loop against two commits", plain, [](world& w) {
    kernel k;
    ring<2> r;
    log got;
    w.thread("producer 0", [&] {
        put(r, 0, 0);
        put(r, 0, 1);
    });
    w.thread("consumer", [&] { loop(r, k, got, 2); });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
    check_silent(r, k);
}};

model::add_scenario const two_producers{"eventfd: two slots, an event loop against two producers", plain, [](world& w) {
    kernel k;
    ring<2> r;
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0); });
    w.thread("producer 1", [&] { put(r, 1, 0); });
    w.thread("consumer", [&] { loop(r, k, got, 2); });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_equal(got.of(1), 1, "events of producer 1");
    check_silent(r, k);
}};

// Something else called the loop back, so it cancels while somebody may be about to notify it.
model::add_scenario const called_back{"eventfd: armed and disarmed against a commit, then armed again", plain,
                                      [](world& w) {
    kernel k;
    ring<1> r;
    log got;
    w.thread("producer 0", [&] {
        put(r, 0, 0);
        put(r, 0, 1);
    });
    w.thread("consumer", [&] {
        if (r.arm()) r.disarm();
        loop(r, k, got, 2);
    });
    w.run();
    check_equal(got.of(0), 2, "events of producer 0");
    check_silent(r, k);
}};

// A blocking wait cancels the callback of the event loop first.
model::add_scenario const waits_armed{"eventfd: armed, then a blocking wait", plain, [](world& w) {
    kernel k;
    ring<1> r;
    log got;
    w.thread("producer 0", [&] { put(r, 0, 0); });
    w.thread("consumer", [&] {
        static_cast<void>(r.arm());
        check(r.wait(), "a wait ended with nothing there");
        take_ready(r, got);
    });
    w.run();
    check_equal(got.of(0), 1, "events of producer 0");
    check_silent(r, k);
}};

model::add_scenario const closed{"eventfd: close against an event loop", plain, [](world& w) {
    kernel k;
    ring<1> r;
    w.thread("closer", [&] { r.close(); });
    w.thread("consumer", [&] {
        if (!r.arm()) return;
        while (!k.is_readable()) model::pause();
        r.disarm();
        check(!r.arm(), "asleep after the end");
    });
    w.run();
    check_silent(r, k);
}};

}  // namespace
