// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How do I outgrow one machine? A producer thread for each file reads lines into the ring; one consumer forwards them,
// in order, to a NATS JetStream stream, which many machines can read.
//
//   nats-server -js -sd /var/lib/events &
//   nats_forwarder [--server URL] [--stream NAME] [--subject NAME] [--metrics ADDRESS] FILE...
//
// Guarantee: each line is in the stream at least once, each file's in order; exactly once while the server remembers message
// ids (two minutes). If the server is away, lines wait in the ring; when the ring is full, the readers wait. Nothing is lost
// but what is in the ring when this program dies: see docs/pages/nats.md.

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <evproc/event_processor.hpp>

#include "../metrics/metrics_server.hpp"
#include "forwarder.hpp"

namespace {

using processor = evproc::event_processor<std::string, 4096>;

/// False if the file cannot be read.
bool read_lines(std::string const& path, processor& to) {
    std::ifstream file(path);
    bool const opened = file.is_open();
    for (std::string line; std::getline(file, line);) {
        if (to.publish(std::move(line)) != evproc::errc::success) {
            break;
        }
    }
    return opened && !file.bad();
}

/// The ring's counts, and what has become of its batches.
template <class Forwarder> void serve(metrics_server& metrics, processor const& lines, Forwarder const& forwarder) {
    using forwarding::counts;
    struct counter {
        char const* name;
        char const* help;
        std::uint64_t counts::* value;
    };
    static constexpr counter counters[] = {
        {"acknowledged", "Events acknowledged by the server and released.", &counts::events},
        {"batches", "Batches acknowledged and released.", &counts::batches},
        {"attempts", "Batches sent, repetitions included.", &counts::attempts},
        {"failures", "Attempts to send or to connect that failed.", &counts::failures},
        {"duplicates", "Messages that the server dropped, because it had them.", &counts::duplicates},
        {"connections", "Connections made.", &counts::connections},
    };
    for (counter const& each : counters) {
        metrics.add_counter("nats_forwarder_" + std::string(each.name) + "_total", each.help,
                            [&forwarder, &each] { return static_cast<double>(forwarder.so_far().*each.value); });
    }
    metrics.add("nats_forwarder", lines);
    std::fprintf(stderr, "nats_forwarder: metrics on port %d, /metrics\n", metrics.port());
}

int run(forwarding::options const& chosen, std::string const& metrics_address, std::vector<std::string> const& files) {
    processor lines;
    forwarding::forwarder forwarder(
        lines, [](std::string const& line, std::string& message) { message = line; }, chosen);
    std::optional<metrics_server> metrics;
    if (!metrics_address.empty()) {
        metrics.emplace(metrics_address);
        serve(*metrics, lines, forwarder);
    }
    std::vector<char> readable(files.size(), 1);
    std::jthread producers([&] {
        {
            std::vector<std::jthread> readers;
            for (std::size_t i = 0; i != files.size(); ++i) {
                readers.emplace_back([&, i] { readable[i] = read_lines(files[i], lines); });
            }
        }
        lines.close();
    });

    bool told = false;
    try {
        forwarder.run(std::stop_token{}, [&](forwarding::counts const&, char const* failure) {
            if (failure != nullptr && !told) {
                std::fprintf(stderr, "nats_forwarder: %s; trying again\n", failure);
            }
            told = failure != nullptr;
        });
    } catch (...) {
        lines.close();  // the producers must not wait for room that nobody makes
        throw;
    }
    producers.join();

    forwarding::counts const done = forwarder.so_far();
    std::printf("%llu lines in stream %s\n", static_cast<unsigned long long>(done.events), chosen.stream.c_str());
    int status = 0;
    for (std::size_t i = 0; i != files.size(); ++i) {
        if (readable[i] == 0) {
            std::fprintf(stderr, "nats_forwarder: cannot read %s\n", files[i].c_str());
            status = 1;
        }
    }
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    forwarding::options chosen;
    std::string metrics;  // the address to serve them at; empty: nowhere
    std::vector<std::string> files;
    for (int i = 1; i < argc; ++i) {
        std::string_view const argument = argv[i];
        std::string* const option = argument == "--server"    ? &chosen.url
                                    : argument == "--stream"  ? &chosen.stream
                                    : argument == "--subject" ? &chosen.subject
                                    : argument == "--metrics" ? &metrics
                                                              : nullptr;
        if (option != nullptr && i + 1 != argc) {
            *option = argv[++i];
        } else if (argument.starts_with("--")) {
            files.clear();
            break;
        } else {
            files.emplace_back(argument);
        }
    }
    if (files.empty()) {
        std::fputs(
            "usage: nats_forwarder [--server URL] [--stream NAME] [--subject NAME] [--metrics ADDRESS] FILE...\n",
            stderr);
        return 2;
    }
    if (!metrics.empty() && !metrics_server::is_available) {
        std::fputs("nats_forwarder: --metrics: built without prometheus-cpp\n", stderr);
        return 2;
    }
    // No two starts of this program share it.
    chosen.epoch =
        std::to_string(std::chrono::system_clock::now().time_since_epoch().count()) + "." + std::to_string(::getpid());
    int status = 1;
    try {
        status = run(chosen, metrics, files);
    } catch (std::exception const& error) {
        std::fprintf(stderr, "nats_forwarder: %s\n", error.what());
    }
    nats_CloseAndWait(5000);  // its threads may still be at the last acknowledgement
    return status;
}
