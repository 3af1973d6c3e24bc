// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Who decides what happens when a log is written faster than the disk takes it? The caller, message by message;
// and whoever reads the log is told what is missing, at the place where it is missing.
//
//   async_logger [FILE]
//
// Three threads log a burst each into a small ring, each with another choice. Then the file is read: the messages
// of each thread are numbered, so wherever numbers are missing there must be a line that says how many.

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

#include "async_logger.hpp"

namespace {

using namespace std::chrono_literals;
using logging::when_full;

constexpr std::uint64_t burst = 20000;

struct finding {
    std::uint64_t next = 0;  // the number that should come
    std::uint64_t logged = 0;
    std::uint64_t told = 0;  // losses that the log tells of
    std::uint64_t gap = 0;   // told and not yet seen in the numbers
    bool exact = true;
};

/// What the log says about one source.
finding read_back(std::string const& path, std::string const& name) {
    finding found;
    std::ifstream log(path);
    std::string const mark = " [" + name + "] ";
    for (std::string line; std::getline(log, line);) {
        std::size_t const at = line.find(mark);
        if (at == std::string::npos) {
            continue;
        }
        std::string_view const text = std::string_view(line).substr(at + mark.size());
        std::uint64_t number = 0;
        if (text.starts_with("message ")) {
            std::from_chars(text.data() + 8, text.data() + text.size(), number);
            found.exact &= number == found.next + found.gap;
            found.next = number + 1;
            found.gap = 0;
            ++found.logged;
        } else {
            std::from_chars(text.data(), text.data() + text.size(), number);
            found.exact &= found.gap == 0 && number != 0;
            found.gap = number;
            found.told += number;
        }
    }
    found.exact &= found.next + found.gap == burst && found.logged + found.told == burst;
    return found;
}

int run(std::string const& path) {
    // It is emptied, and read back to its end: what is there must be a regular file.
    if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path)) {
        std::fprintf(stderr, "async_logger: %s is not a regular file\n", path.c_str());
        return 1;
    }
    std::ofstream(path, std::ios::trunc);  // the logger appends
    {
        logging::async_logger logger(path, 256);
        auto const log_a_burst = [&logger](char const* name, when_full choice) {
            logging::async_logger::source log(logger, name);
            for (std::uint64_t i = 0; i != burst; ++i) {
                log.write(logging::severity::info, "message " + std::to_string(i), choice);
            }
        };
        std::jthread const patient(log_a_burst, "block", when_full::block());
        std::jthread const hasty(log_a_burst, "drop_newest", when_full::drop_newest());
        std::jthread const between(log_a_burst, "wait_at_most", when_full::wait_at_most(20us));
    }  // the logger's destructor has written everything

    bool all_well = true;
    for (char const* name : {"block", "drop_newest", "wait_at_most"}) {
        finding const found = read_back(path, name);
        std::fprintf(stderr, "%-13s %6llu logged, %6llu lost\n", name, static_cast<unsigned long long>(found.logged),
                     static_cast<unsigned long long>(found.told));
        bool const well = found.exact && (std::string_view(name) != "block" || found.told == 0);
        std::printf("%-13s of %llu numbered messages each is in the log, or told as lost where it is missing: %s\n",
                    name, static_cast<unsigned long long>(burst), well ? "yes" : "NO");
        all_well &= well;
    }
    return all_well ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc > 1) {
            return run(argv[1]);
        }
        char path[] = "/tmp/async_logger.XXXXXX";
        int const made = ::mkstemp(path);
        if (made < 0) {
            std::perror("async_logger: cannot make a file in /tmp");
            return 1;
        }
        ::close(made);
        int const status = run(path);
        std::remove(path);
        return status;
    } catch (std::exception const& error) {
        std::fprintf(stderr, "async_logger: %s\n", error.what());
        return 1;
    }
}
