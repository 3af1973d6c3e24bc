// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// The same burst through async_logger and through spdlog's asynchronous logger, in one run: four threads log as fast as
// they can, the callers wait when there is no room. Each line of both files is checked: all are there, whole, and each
// thread's in order. The times are printed, and decide nothing.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include "../../async_logger/async_logger.hpp"

namespace {

constexpr int threads = 4;
constexpr std::size_t capacity = 8192;
int each = 25000;

/// Runs log(thread, number) for all messages of all threads, then finish(); the seconds that took.
template <class Log, class Finish> double timed(Log log, Finish finish) {
    auto const start = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> callers;
        for (int t = 0; t != threads; ++t) callers.emplace_back([&log, t] { log(t); });
    }
    finish();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// How many lines are wrong: not "... [THREAD] message NUMBER of the burst", NUMBER counting up for each thread.
int wrong_lines(std::string const& path) {
    std::vector<int> next(threads, 0);
    int wrong = 0;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::size_t const at = line.rfind('[');
        int thread = -1;
        int number = -1;
        int end = 0;
        if (at == std::string::npos ||
            std::sscanf(line.c_str() + at, "[%d] message %d of the burst%n", &thread, &number, &end) != 2 ||
            static_cast<std::size_t>(end) != line.size() - at || thread < 0 || thread >= threads ||
            number != next[static_cast<std::size_t>(thread)]++) {
            ++wrong;
        }
    }
    for (int const count : next) wrong += count != each;
    return wrong;
}

std::string message(int number) { return "message " + std::to_string(number) + " of the burst"; }

double with_evproc(std::string const& path) {
    std::remove(path.c_str());
    auto logger = std::make_unique<logging::async_logger>(path, capacity);
    return timed(
        [&](int thread) {
            logging::async_logger::source log(*logger, std::to_string(thread));
            for (int i = 0; i != each; ++i) log.write(logging::severity::info, message(i));
        },
        [&] { logger.reset(); });
}

double with_spdlog(std::string const& path) {
    std::remove(path.c_str());
    spdlog::init_thread_pool(capacity, 1);
    std::shared_ptr<spdlog::logger> logger = spdlog::basic_logger_mt<spdlog::async_factory>("burst", path);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %v", spdlog::pattern_time_type::utc);
    return timed(
        [&](int thread) {
            std::string const name = "[" + std::to_string(thread) + "] ";
            for (int i = 0; i != each; ++i) logger->info(name + message(i));
        },
        [&] {
            logger.reset();
            spdlog::shutdown();  // waits until everything is written
        });
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1) {
        each = std::atoi(argv[1]);
    }
    int wrong = 0;
    auto const report = [&](char const* name, std::string const& path, double seconds) {
        int const here = wrong_lines(path);
        std::printf("%-7s %d messages of %d threads in %.3f s, %.2f million/s, %d lines wrong\n", name, threads * each,
                    threads, seconds, threads * each / seconds / 1e6, here);
        wrong += here;
        std::remove(path.c_str());
    };
    double const ours = with_evproc("burst_evproc.log");
    report("evproc", "burst_evproc.log", ours);
    double const theirs = with_spdlog("burst_spdlog.log");
    report("spdlog", "burst_spdlog.log", theirs);
    return wrong == 0 ? 0 : 1;
}
