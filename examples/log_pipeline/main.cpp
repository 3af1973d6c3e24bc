// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// What does an event processor look like at work? Log files are read by a producer thread each; every line is
// parsed in place inside a reserved event, and a malformed one is abandoned there; one consumer counts them
// by kind and tells how long they were on the way.
//
//   log_pipeline [--json] [--lanes] [--capacity N] [--repeat N] [--metrics ADDRESS] [FILE...]
//
// log_line.hpp says which lines count; line_reader.hpp is the producer; the consumer is below.
// With --lanes each file has a ring of its own: order is kept within a file only, and readers do not slow each other down.
// Memory is the ring's, or the lanes', 256 KiB for each file being read, and the kinds found; the size of the input does
// not matter.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include <evproc/event_processor.hpp>
#include <evproc/extras/dwell_histogram.hpp>
#include <evproc/lane_processor.hpp>

#include "../metrics/metrics_server.hpp"
#include "console.hpp"
#include "input_file.hpp"
#include "interrupt.hpp"
#include "line_reader.hpp"
#include "log_event.hpp"
#include "options.hpp"
#include "report.hpp"
#include "thread_per_file.hpp"

namespace {

using processor = evproc::event_processor<log_event, std::dynamic_extent>;
using lanes = evproc::lane_processor<log_event, std::dynamic_extent>;

/// Where a producer thread reserves: the ring of all,
processor& place_for_events(processor& events, std::stop_token const&) { return events; }
/// or a lane of its own. One that an earlier file had is free again once its events have been counted.
lanes::lane place_for_events(lanes& events, std::stop_token const& stop) {
    auto lane = events.producer();
    while (!lane && !stop.stop_requested()) {
        std::this_thread::yield();
        lane = events.producer();
    }
    return lane;
}

/// What the producers have done so far.
struct reading {
    std::mutex mutex;
    line_counts counts;        // under mutex
    std::uint64_t files = 0;   // those of which something could be read; under mutex
    bool some_failed = false;  // under mutex
    std::atomic<std::uint64_t> bytes = 0;
};

/// A producer thread's work: one file, `repeat` times.
template <class Processor>
void read_file(std::string const& path, std::uint64_t repeat, Processor& events, long_kinds& kinds,
               interrupt const& interrupted, reading& progress, console& messages) {
    line_counts counts;
    bool opened = false;
    bool failed = false;
    try {
        input_file file(path, interrupted.stop_descriptor());
        auto&& to = place_for_events(events, interrupted.token());
        line_reader reader(to, kinds, interrupted.token(), counts);
        for (std::uint64_t pass = 0; pass != repeat; ++pass) {
            if (pass != 0) {
                file.rewind();
            }
            bool const at_end = reader.read(file, [&](std::size_t bytes) {
                opened = true;
                progress.bytes.fetch_add(bytes, std::memory_order_relaxed);
            });
            opened = true;
            if (!at_end) {
                break;
            }
        }
    } catch (std::system_error const& error) {
        failed = true;
        messages.say("cannot read " + path + ": " + error.code().message());
    } catch (std::exception const& error) {
        failed = true;
        messages.say("cannot read " + path + ": " + error.what());
    }
    std::lock_guard const lock(progress.mutex);
    progress.counts.lines += counts.lines;
    progress.counts.malformed += counts.malformed;
    progress.files += opened ? 1 : 0;
    progress.some_failed |= failed;
}

/// The consumer's side: nothing here is shared, so nothing here is locked.
struct tally {
    std::uint64_t events = 0;
    kind_counts kinds;
    evproc::dwell_histogram dwell;

    void operator()(log_event const& event) {
        ++events;
        dwell.record(std::chrono::nanoseconds(nanoseconds_now() - event.reserved_at));
        std::string_view const kind = event.kind();
        if (auto const found = kinds.find(kind); found != kinds.end()) {
            ++found->second;
        } else {
            kinds.emplace(kind, 1);
        }
    }
};

std::string progress_line(tally const& counted, reading const& progress, double seconds) {
    char line[96];
    auto const events = static_cast<double>(counted.events);
    std::snprintf(line, sizeof line, "%.1f MB read, %llu events, %.2f million/s, %zu kinds",
                  static_cast<double>(progress.bytes.load(std::memory_order_relaxed)) / 1e6,
                  static_cast<unsigned long long>(counted.events), seconds > 0 ? events / seconds / 1e6 : 0,
                  counted.kinds.size());
    return line;
}

template <class Processor> int run(options const& chosen, console& messages, Processor& events) {
    using clock = std::chrono::steady_clock;
    constexpr auto progress_interval = std::chrono::milliseconds(200);

    long_kinds kinds;
    reading progress;
    tally counted;
    interrupt interrupted;
    std::optional<metrics_server> metrics;
    if constexpr (std::is_same_v<Processor, processor>) {
        if (!chosen.metrics.empty()) {
            metrics.emplace(chosen.metrics);
            metrics->add("log_pipeline", events);
            metrics->add_dwell("log_pipeline", counted.dwell);
            messages.say("metrics on port " + std::to_string(metrics->port()) + ", /metrics");
        }
    }
    auto const started = clock::now();
    auto const seconds = [started] { return std::chrono::duration<double>(clock::now() - started).count(); };

    std::thread producers([&] {
        thread_per_file threads;
        threads.run(
            chosen.files, interrupted.token(),
            [&](std::string const& path) {
                read_file(path, chosen.repeat, events, kinds, interrupted, progress, messages);
            },
            [&](std::string const& path, std::error_code reason) {
                messages.say("cannot start a thread for " + path + ": " + reason.message());
                std::lock_guard const lock(progress.mutex);
                progress.some_failed = true;
            });
        events.close();  // no more will come; poll says so after the last event
    });

    try {
        auto next_progress = started + progress_interval;
        for (;;) {
            auto const polled = events.poll_until(next_progress, counted);
            if (polled.state == evproc::poll_state::closed) {
                break;
            }
            if (auto const now = clock::now(); now >= next_progress) {
                next_progress = now + progress_interval;
                if (messages.shows_progress()) {
                    messages.show_progress(progress_line(counted, progress, seconds()));
                }
            }
        }
    } catch (...) {
        // No memory for another kind: let the producers go before leaving.
        interrupted.ask();
        events.close();
        producers.join();
        throw;
    }
    producers.join();
    double const took = seconds();
    messages.end_progress();
    int const signal = interrupted.finish();

    report const result({.files = progress.files,
                         .lines = progress.counts.lines,
                         .events = counted.events,
                         .malformed = progress.counts.malformed,
                         .seconds = took,
                         .interrupted = signal != 0,
                         .kinds = &counted.kinds,
                         .dwell = &counted.dwell});
    if (chosen.json) {
        result.print_json(stdout);
    } else {
        result.print_text(stdout);
    }
    bool const written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    if (!written) {
        messages.say("cannot write the report");
    }
    if (signal != 0) {
        return 128 + signal;
    }
    return written && !progress.some_failed ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    occupy_closed_standard_streams();
    console messages;
    try {
        options chosen = parse_command_line(argc, argv);
        if (chosen.help) {
            std::fputs(usage_text, stdout);
            return std::fflush(stdout) == 0 ? 0 : 1;
        }
        if (chosen.files.empty()) {
            default_files found = find_default_files();
            if (std::none_of(found.plain.begin(), found.plain.end(), is_readable)) {
                messages.say("nothing to read: there is no readable " LOG_PIPELINE_DEFAULT_LOG
                             " here. Name the files: log_pipeline FILE...");
                return 2;
            }
            for (std::string const& path : found.compressed) {
                messages.say(path + " is compressed and left out (zcat " + path + " | log_pipeline - reads it)");
            }
            chosen.files = std::move(found.plain);
        }
        if (chosen.lanes) {
            lanes events(std::min(chosen.files.size(), thread_per_file::at_once), chosen.capacity);
            return run(chosen, messages, events);
        }
        processor events(chosen.capacity);
        return run(chosen, messages, events);
    } catch (usage_error const& error) {
        messages.say(std::string(error.what()) + " (log_pipeline --help tells more)");
        return 2;
    } catch (std::bad_alloc const&) {
        messages.say("there is not enough memory (a smaller --capacity needs less)");
        return 1;
    } catch (std::exception const& error) {
        messages.say(error.what());
        return 1;
    }
}
