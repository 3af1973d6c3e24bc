// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// nats_forwarder against a real server on loopback: four producers, some batches sent twice on purpose, an encoder and a
// report that throw once each, the server killed by SIGKILL twice in mid-run (once in the middle of a batch) and started
// again. In the end the stream must hold each event once, and each producer's in order.
//
// Then the program itself forwards the lines of four files to the same server.
//
//   loopback NATS-SERVER NATS-FORWARDER [EVENTS]

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <semaphore>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <evproc/event_processor.hpp>

#include "../../nats_forwarder/forwarder.hpp"
#include "nats_server.hpp"

namespace {

constexpr std::uint32_t producers = 4;

using processor = evproc::event_processor<event, 4096>;

/// The program, on files whose lines look like the events above.
void run_program(std::string const& program, std::string const& url) {
    constexpr std::uint32_t each = 500;
    std::vector<std::string> arguments{program, "--server", url, "--stream", "LINES", "--subject", "lines"};
    for (std::uint32_t id = 0; id != producers; ++id) {
        arguments.push_back("nats_lines." + std::to_string(id));
        std::ofstream file(arguments.back());
        for (std::uint32_t i = 0; i != each; ++i) file << id << ' ' << i << '\n';
    }
    std::vector<char*> plain;
    for (std::string& argument : arguments) plain.push_back(argument.data());
    plain.push_back(nullptr);
    pid_t const child = ::fork();
    if (child < 0) give_up("cannot fork");
    if (child == 0) {
        ::execv(program.c_str(), plain.data());
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) give_up("nats_forwarder failed");
    forwarding::options where;
    where.url = url;
    where.stream = "LINES";
    where.subject = "lines";
    check_stream(where, std::vector<std::uint32_t>(producers, each));
}

void run(std::string const& program, std::string const& forwarder_program, std::uint32_t each) {
    char folder[] = "nats_store.XXXXXX";
    if (::mkdtemp(folder) == nullptr) give_up("cannot make a folder");
    server nats(program, folder);
    nats.start();

    forwarding::options chosen;
    chosen.url = nats.url();
    chosen.epoch = "test";
    chosen.send_twice_every = 5;

    processor events;
    std::counting_semaphore<2> killed(0);
    std::uint32_t const total = producers * each;
    std::uint32_t encoded = 0;
    auto const encode = [&, kills = 0](event const& e, std::string& text) mutable {
        ++encoded;
        if (encoded == total / 6) throw std::runtime_error("encode");  // in the middle of a batch
        // In the middle of a batch, with what was published before partly on its way and partly stored.
        if (kills == 0 && encoded > total / 3 && e.number % 100 == 50) {
            ++kills;
            nats.kill();
            killed.release();
        } else if (kills == 1 && encoded > total / 3 * 2) {
            ++kills;
            killed.release();  // the main thread kills, at a moment of its own choice
        }
        text = std::to_string(e.producer) + ' ' + std::to_string(e.number);
    };
    forwarding::forwarder forwarder(events, encode, chosen);
    bool all_forwarded = false;
    std::uint64_t failures = 0;
    std::vector<std::string> thrown;
    std::jthread consumer([&](std::stop_token stop) {
        auto const report = [&](forwarding::counts const&, char const* failure) {
            if (failure == nullptr) return;
            if (++failures <= 5) std::printf("%s; trying again\n", failure);
            if (failures == 1) throw std::runtime_error("report");
        };
        do {
            try {
                all_forwarded = forwarder.run(stop, report);
                return;
            } catch (std::runtime_error const& error) {
                thrown.emplace_back(error.what());
            }
        } while (thrown.size() < 10);
    });
    std::vector<std::jthread> sources;
    std::atomic<std::uint32_t> producing{producers};
    for (std::uint32_t id = 0; id != producers; ++id) {
        sources.emplace_back([&, id] {
            for (std::uint32_t i = 0; i != each; ++i) {
                if (events.publish(event{id, i}) != evproc::errc::success) give_up("an event was refused");
            }
            if (--producing == 0) events.close();
        });
    }

    for (int kill = 1; kill <= 2; ++kill) {
        if (!killed.try_acquire_for(60s)) give_up("forwarding stands still");
        nats.kill();  // the second time it lives still
        std::this_thread::sleep_for(200ms);
        nats.start();
    }
    // What is left takes a second or so; a test that hangs says less than one that fails.
    std::jthread watchdog([&](std::stop_token stop) {
        for (int i = 0; i != 600 && !stop.stop_requested(); ++i) std::this_thread::sleep_for(100ms);
        if (!stop.stop_requested()) {
            consumer.request_stop();
            events.close();
        }
    });
    consumer.join();
    watchdog.request_stop();
    if (!all_forwarded) give_up("not everything was forwarded within a minute");

    forwarding::counts const counts = forwarder.so_far();
    std::printf("%llu events in %llu batches, %llu attempts, %llu connections, %llu duplicates dropped by the server\n",
                static_cast<unsigned long long>(counts.events), static_cast<unsigned long long>(counts.batches),
                static_cast<unsigned long long>(counts.attempts), static_cast<unsigned long long>(counts.connections),
                static_cast<unsigned long long>(counts.duplicates));
    std::sort(thrown.begin(), thrown.end());
    if (thrown != std::vector<std::string>{"encode", "report"}) give_up("encode and report were to throw once each");
    if (counts.events != total) give_up("the forwarder counts other events");
    if (counts.connections < 2 || failures == 0) give_up("the server was killed and the forwarder did not notice");
    if (counts.duplicates == 0) give_up("batches were sent twice and the server saw no duplicate");
    check_stream(chosen, std::vector<std::uint32_t>(producers, each));
    run_program(forwarder_program, chosen.url);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: loopback NATS-SERVER NATS-FORWARDER [EVENTS]\n", stderr);
        return 2;
    }
    std::uint32_t const total = argc > 3 ? static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10)) : 100000;
    run(argv[1], argv[2], total / producers);
    nats_CloseAndWait(5000);
    std::puts("each event is in the stream once, each producer's in order");
    return 0;
}
