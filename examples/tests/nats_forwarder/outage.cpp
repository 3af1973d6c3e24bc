// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// nats_forwarder under load while a real server on loopback is away for ten seconds: four producers publish without a pause,
// the server is killed by SIGKILL, and started again ten seconds later.
//
// While it is away the ring is full, each producer waits, nothing is released and memory does not grow. In the end the stream
// holds each published event once, in the ring's order. Each step waits for what it needs, not for a time; only the outage
// has a length.
//
//   outage NATS-SERVER

#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <evproc/event_processor.hpp>

#include "../../nats_forwarder/forwarder.hpp"
#include "nats_server.hpp"

namespace {

constexpr std::uint32_t producers = 4;
constexpr auto outage = 10s;
constexpr std::uint64_t may_grow = 32 << 20;  // bytes: the client library's connections, the allocator's habits

using processor = evproc::event_processor<event, 4096>;

template <class Condition> void wait_until(Condition condition, char const* otherwise) {
    for (int i = 0; !condition(); ++i) {
        if (i == 12000) give_up(otherwise);  // two minutes
        std::this_thread::sleep_for(10ms);
    }
}

std::uint64_t resident_bytes() {
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    std::ifstream("/proc/self/statm") >> all >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

auto print(std::uint64_t number) { return static_cast<unsigned long long>(number); }

void run(std::string const& program) {
    char folder[] = "nats_outage.XXXXXX";
    if (::mkdtemp(folder) == nullptr) give_up("cannot make a folder");
    server nats(program, folder);
    nats.start();

    forwarding::options chosen;
    chosen.url = nats.url();
    chosen.epoch = "outage";
    chosen.duplicate_window = 1h;  // so that a slow machine does not leave it

    processor events;
    std::atomic<bool> kill_now{false};
    std::atomic<bool> killed{false};
    // In the middle of a batch, with what was published before partly on its way and partly stored.
    auto const encode = [&, since = 0](event const& e, std::string& text) mutable {
        if (kill_now && ++since == 1500) {
            nats.kill();
            killed = true;
        }
        text = std::to_string(e.producer) + ' ' + std::to_string(e.number);
    };
    forwarding::forwarder forwarder(events, encode, chosen);
    bool all_forwarded = false;
    std::jthread consumer([&](std::stop_token stop) {
        all_forwarded = forwarder.run(stop, [](forwarding::counts const&, char const*) {});
    });

    std::array<std::atomic<std::uint32_t>, producers> published{};
    std::atomic<bool> load{true};
    std::vector<std::jthread> sources;
    for (std::uint32_t id = 0; id != producers; ++id) {
        sources.emplace_back([&, id] {
            for (std::uint32_t i = 0; load; ++i) {
                if (events.publish(event{id, i}) != evproc::errc::success) give_up("an event was refused");
                published[id] = i + 1;
            }
        });
    }
    auto const sum = [&] {
        std::uint64_t all = 0;
        for (auto const& each : published) all += each;
        return all;
    };
    auto const acknowledged = [&] { return forwarder.so_far().events; };

    wait_until([&] { return acknowledged() > 5 * processor::capacity(); }, "nothing is forwarded");
    kill_now = true;
    wait_until([&] { return killed.load(); }, "nothing more is forwarded");
    auto const killed_at = std::chrono::steady_clock::now();
    std::uint64_t const failures = forwarder.so_far().failures;
    // After a failure seen now nothing can be acknowledged; so this is a state that must last.
    wait_until([&] { return forwarder.so_far().failures > failures; },
               "the forwarder does not notice that the server is gone");
    wait_until([&] { return sum() == acknowledged() + processor::capacity(); },
               "without the server the ring does not fill up and hold the producers");
    std::uint64_t const published_then = sum();
    std::uint64_t const resident_then = resident_bytes();

    std::this_thread::sleep_until(killed_at + outage);
    std::uint64_t const resident_now = resident_bytes();
    evproc::processor_stats const stats = events.stats();
    forwarding::counts const away = forwarder.so_far();
    std::printf(
        "server away: %llu published, %llu acknowledged, %zu of %zu slots in use, %llu waits for room, "
        "%llu failures, %llu KiB more memory\n",
        print(sum()), print(away.events), events.size_approx(), processor::capacity(), print(stats.full_waits),
        print(away.failures), print(resident_now > resident_then ? (resident_now - resident_then) / 1024 : 0));
    if (sum() != published_then) give_up("producers went on while the ring was full");
    if (events.size_approx() != processor::capacity()) give_up("the ring is not full");
    if (away.events + processor::capacity() != published_then)
        give_up("events were released while the server was away");
    if (stats.consumed != away.events) give_up("the ring's counts and the forwarder's differ");
    if (stats.full_waits < producers || stats.max_depth != processor::capacity())
        give_up("the counters show no full ring");
    if (resident_now > resident_then + may_grow) give_up("memory grows while the server is away");

    nats.start();
    wait_until([&] { return acknowledged() > away.events + 5 * processor::capacity(); }, "forwarding does not go on");
    load = false;
    sources.clear();
    events.close();
    wait_until([&] { return acknowledged() == sum(); }, "what was left in the ring does not arrive");
    consumer.join();

    forwarding::counts const counts = forwarder.so_far();
    std::printf(
        "in the end: %llu published, %llu acknowledged, %llu batches, %llu attempts, %llu failures, "
        "%llu connections, %llu duplicates dropped by the server\n",
        print(sum()), print(counts.events), print(counts.batches), print(counts.attempts), print(counts.failures),
        print(counts.connections), print(counts.duplicates));
    if (!all_forwarded) give_up("the forwarder says that it has not forwarded everything");
    check_stream(chosen, {published.begin(), published.end()});
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: outage NATS-SERVER\n", stderr);
        return 2;
    }
    run(argv[1]);
    nats_CloseAndWait(5000);
    std::puts("each event is in the stream once, in the ring's order");
    return 0;
}
