// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// A sandbox refuses membarrier after the library has registered for it and threads rely on it. The filter stays for the
// rest of the process, so these tests have an executable of their own.
#include <evproc/evproc.hpp>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <thread>

#include "catch.hpp"
#include "ring_verbs.hpp"
#include "waits.hpp"

#if defined(__linux__)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

using namespace evproc_test;

namespace {

/// From now on SYS_membarrier fails with EPERM in all threads. False where there is no seccomp.
bool refuse_membarrier() {
#if defined(__linux__) && defined(SYS_membarrier) && defined(SYS_seccomp)
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    sock_fprog const filter{static_cast<unsigned short>(std::size(code)), code};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) != 0) return false;
    return ::syscall(SYS_membarrier, 0, 0, 0) == -1 && errno == EPERM;
#else
    return false;
#endif
}

/// Two threads that begin each round together.
class rounds_of_two {
public:
    void begin(std::uint64_t round, std::atomic<std::uint64_t>& mine, std::atomic<std::uint64_t> const& other) {
        mine.store(round, std::memory_order_release);
        for (unsigned looks = 1; other.load(std::memory_order_acquire) < round; ++looks)
            if (looks % 1024 == 0) std::this_thread::yield();
    }
};

struct alignas(64) separate {
    std::atomic<std::uint64_t> value{0};
};

}  // namespace

TEST_CASE("asymmetric fence: one of two threads sees the other's store, also once membarrier is refused") {
    constexpr std::uint64_t asked = 2000;
    constexpr std::uint64_t all = 400'000;
    evproc::detail::asymmetric_fence const fence;
    separate frequent, rare;        // what the two threads store
    separate at_frequent, at_rare;  // how far they are
    rounds_of_two together;
    separate seen_by_frequent[2];  // in rounds of even and of odd number
    std::thread other([&] {
        for (std::uint64_t i = 1; i <= all; ++i) {
            together.begin(i, at_frequent.value, at_rare.value);
            frequent.value.store(i, std::memory_order_relaxed);
            fence.light();
            seen_by_frequent[i % 2].value.store(rare.value.load(std::memory_order_relaxed), std::memory_order_relaxed);
        }
        together.begin(all + 1, at_frequent.value, at_rare.value);
    });
    bool refused = true;
    std::uint64_t missed = 0;
    std::uint64_t seen = 0;
    for (std::uint64_t i = 1; i <= all + 1; ++i) {
        if (i == asked) refused = refuse_membarrier();
        together.begin(i, at_rare.value, at_frequent.value);
        // The other thread has ended the round before.
        if (seen < i - 1 && seen_by_frequent[(i - 1) % 2].value.load(std::memory_order_relaxed) < i - 1) ++missed;
        if (i > all) break;
        rare.value.store(i, std::memory_order_relaxed);
        fence.heavy();
        seen = frequent.value.load(std::memory_order_relaxed);
    }
    other.join();
    if (!refused) WARN("no filter could be put on: membarrier was not refused");
    CHECK(missed == 0);
    // A consumer made from now on sleeps and is woken too.
    evproc::ring_buffer<int, 1, evproc::blocking_wait> later;
    worker consumer([&] { CHECK(later.wait()); });
    let_it_park();
    put(later, 1);
    await([&] { return consumer.has_ended(); }, "a consumer made once membarrier was refused is woken");
}

TEST_CASE("refused membarrier: a consumer that slept before goes on to sleep and to be woken") {
    constexpr int all = 20'000;
    evproc::ring_buffer<int, 1, evproc::blocking_wait> r;
    std::atomic<int> taken{0};
    worker consumer([&] {
        for (int i = 1; i <= all; ++i) {
            if (!r.wait()) continue;
            r.release(r.peek().size());
            taken.store(i, std::memory_order_release);
        }
    });
    dice roll(17);
    bool refused = true;
    for (int i = 1; i <= all; ++i) {
        if (i == 1000) refused = refuse_membarrier();
        // Commits when the consumer is about to sleep.
        for (unsigned looks = 1; taken.load(std::memory_order_acquire) != i - 1; ++looks)
            if (looks % 1024 == 0) std::this_thread::yield();
        idle_turns(roll(300));
        put(r, i);
    }
    consumer.join();
    if (!refused) WARN("no filter could be put on: membarrier was not refused");
    CHECK(taken == all);
}
