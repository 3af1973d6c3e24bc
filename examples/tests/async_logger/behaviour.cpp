// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// async_logger, one promise after the other. The log goes into a pipe that no one reads until the test says so:
// so the writer stands still, and the ring is full exactly when the test wants it to be.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../async_logger/async_logger.hpp"

namespace {

using namespace std::chrono_literals;
using logging::async_logger;
using logging::severity;
using logging::when_full;

int failures = 0;

void check(bool ok, char const* what) {
    if (!ok) {
        std::printf("FAILED: %s\n", what);
        ++failures;
    }
}

void check_lines(std::vector<std::string> const& got, std::vector<std::string> const& expected, char const* what) {
    if (got != expected) {
        std::printf("FAILED: %s\n--- expected\n", what);
        for (auto const& line : expected) std::printf("%s\n", line.c_str());
        std::printf("--- logged\n");
        for (auto const& line : got) std::printf("%s\n", line.c_str());
        ++failures;
    }
}

/// The lines of a log, without their time.
std::vector<std::string> lines_of(std::string const& log) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at != log.size();) {
        std::size_t const end = log.find('\n', at);
        if (end == std::string::npos) {
            check(false, "the log ends in the middle of a line");
            break;
        }
        std::string const line = log.substr(at, end - at);
        check(line.size() > 28 && line[4] == '-' && line[10] == 'T' && line[19] == '.' && line[26] == 'Z',
              "a line begins with its time");
        lines.push_back(line.substr(line.find(' ') + 1));
        at = end + 1;
    }
    return lines;
}

/// A pipe that is full: whoever writes to it waits until read_all() begins.
class full_pipe {
public:
    full_pipe() {
        if (::pipe(ends_) != 0) std::abort();
        ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
        std::string const some(4096, 'x');
        for (ssize_t n = 0; (n = ::write(ends_[1], some.data(), some.size())) > 0;)
            filled_ += static_cast<std::size_t>(n);
        for (; ::write(ends_[1], "x", 1) == 1;) ++filled_;
        ::fcntl(ends_[1], F_SETFL, 0);
    }
    ~full_pipe() { ::close(ends_[0]); }
    full_pipe(full_pipe const&) = delete;
    full_pipe& operator=(full_pipe const&) = delete;

    int write_end() const { return ends_[1]; }

    /// Reads until the write end is closed: what came after the filling.
    std::string read_all() {
        std::string all;
        char some[4096];
        for (ssize_t n = 0; (n = ::read(ends_[0], some, sizeof some)) > 0;)
            all.append(some, static_cast<std::size_t>(n));
        return all.substr(filled_);
    }

private:
    int ends_[2] = {-1, -1};
    std::size_t filled_ = 0;
};

std::string whole_file(std::string const& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void losses_are_told_where_they_happened() {
    full_pipe pipe;
    std::vector<std::string> lines;
    std::thread reader;
    {
        async_logger logger(pipe.write_end(), 8);
        async_logger::source net(logger, "net");
        async_logger::source disk(logger, "disk");
        for (int i = 1; i <= 4; ++i) {
            check(net.write(severity::info, "n" + std::to_string(i), when_full::drop_newest()), "there is room");
            check(disk.write(severity::error, "d" + std::to_string(i), when_full::wait_at_most(1ms)), "there is room");
        }
        for (int i = 0; i != 3; ++i) {
            check(!net.write(severity::info, "dropped", when_full::drop_newest()), "drop_newest drops when full");
        }
        check(!disk.write(severity::info, "late", when_full::wait_at_most(1ms)), "wait_at_most gives up in the end");
        check(net.lost() == 3 && disk.lost() == 1, "each source knows what it has lost");
        check(!logger.flush(1ms), "flush does not claim what is not in the file");
        reader = std::thread([&] { lines = lines_of(pipe.read_all()); });
        check(logger.flush(), "flush returns when all is written");
        check(disk.write(severity::debug, "d5"), "there is room again");
        check(net.write(severity::info, "n5"), "there is room again");
        check(net.write(severity::info, "n6"), "there is room again");
    }
    reader.join();
    check_lines(lines,
                {"info [net] n1", "error [disk] d1", "info [net] n2", "error [disk] d2", "info [net] n3",
                 "error [disk] d3", "info [net] n4", "error [disk] d4", "warning [disk] 1 message lost",
                 "debug [disk] d5", "warning [net] 3 messages lost", "info [net] n5", "info [net] n6"},
                "losses are told where they happened");
}

void who_waits_loses_nothing() {
    full_pipe pipe;
    std::vector<std::string> lines;
    std::vector<std::string> expected;
    std::thread reader;
    {
        async_logger logger(pipe.write_end(), 2);
        std::atomic<int> written{0};
        std::thread caller([&] {
            async_logger::source log(logger, "a");
            for (int i = 0; i != 50; ++i) written += log.write(severity::info, std::to_string(i)) ? 1 : 0;
        });
        std::this_thread::sleep_for(5ms);
        check(written <= 2, "block waits for room");
        reader = std::thread([&] { lines = lines_of(pipe.read_all()); });
        caller.join();
        check(written == 50, "block loses nothing");
    }
    reader.join();
    for (int i = 0; i != 50; ++i) expected.push_back("info [a] " + std::to_string(i));
    check_lines(lines, expected, "who waits loses nothing");
}

void a_source_that_ends_tells_what_it_lost() {
    full_pipe pipe;
    std::vector<std::string> lines;
    std::thread reader;
    {
        async_logger logger(pipe.write_end(), 1);
        async_logger::source log(logger, "short");
        check(log.write(severity::info, "only"), "there is room");
        for (int i = 0; i != 2; ++i) log.write(severity::info, "dropped", when_full::drop_newest());
        reader = std::thread([&] { lines = lines_of(pipe.read_all()); });
    }
    reader.join();
    check_lines(lines, {"info [short] only", "warning [short] 2 messages lost"}, "the last losses are told too");
}

void long_and_odd_messages() {
    std::string const path = "long_and_odd.log";
    std::remove(path.c_str());
    std::string const longer(1000, 'l');
    std::string const too_long(100000, 't');
    std::string const exact(logging::record::text_room, 'e');
    {
        async_logger logger(path, 16);
        async_logger::source log(logger, "a name that is longer than there is room");
        log.write(severity::info, longer);
        log.write(severity::info, "");
        log.write(severity::info, exact);
        log.write(severity::info, "two\nlines");
        log.write(severity::info, too_long);
    }
    std::string const begin = "info [a name that is longer th] ";
    std::size_t const most = 16 * logging::record::text_room;
    check_lines(
        lines_of(whole_file(path)),
        {begin + longer, begin, begin + exact, begin + "two\\nlines", begin + too_long.substr(0, most - 3) + "..."},
        "a message is a line, however long and whatever is in it");
}

void many_sources() {
    std::string const path = "many_sources.log";
    std::remove(path.c_str());
    constexpr int threads = 4;
    constexpr int each = 2000;
    {
        async_logger logger(path, 64);
        std::vector<std::jthread> callers;
        for (int t = 0; t != threads; ++t) {
            callers.emplace_back([&logger, t] {
                async_logger::source log(logger, std::to_string(t));
                for (int i = 0; i != each; ++i) {
                    // Some take several slots: no other message may come in between.
                    log.write(severity::info,
                              std::string(static_cast<std::size_t>(i % 5) * 150, 'x') + std::to_string(i));
                }
            });
        }
    }
    std::vector<int> next(threads, 0);
    for (std::string const& line : lines_of(whole_file(path))) {
        int const source = line[6] - '0';
        int& number = next[static_cast<std::size_t>(source)];
        check(line == "info [" + std::to_string(source) + "] " +
                          std::string(static_cast<std::size_t>(number % 5) * 150, 'x') + std::to_string(number),
              "each source's messages are whole and in order");
        ++number;
    }
    check(next == std::vector<int>(threads, each), "all messages are there");
}

void exit_flushes_a_static_logger() {
    std::string const path = "exit.log";
    std::remove(path.c_str());
    std::fflush(stdout);
    pid_t const child = ::fork();
    if (child == 0) {
        static async_logger logger(path, 64);
        static async_logger::source log(logger, "main");
        for (int i = 0; i != 40; ++i) log.write(severity::info, std::to_string(i));
        std::exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the program that exits, exits well");
    std::vector<std::string> expected;
    for (int i = 0; i != 40; ++i) expected.push_back("info [main] " + std::to_string(i));
    check_lines(lines_of(whole_file(path)), expected, "exit() flushes a static logger");
}

void a_full_disk_does_not_hang_the_program() {
    int const full = ::open("/dev/full", O_WRONLY);
    if (full < 0) {
        return;  // not on this system
    }
    std::fprintf(stderr, "(two messages about what could not be written are expected here)\n");
    async_logger logger(full, 4);
    async_logger::source log(logger, "a");
    for (int i = 0; i != 4; ++i) check(log.write(severity::info, "x", when_full::drop_newest()), "there is room");
    check(!log.write(severity::info, "x", when_full::drop_newest()), "a full disk fills the ring");
    check(!logger.flush(1ms), "flush does not claim what is not on the disk");
    check(!log.tell_losses(1ms), "nor is it told that a message was lost");
    // Both destructors try for a second and say on stderr what they could not do; a test that hangs here has found one
    // that waits for ever.
}

}  // namespace

int main() {
    losses_are_told_where_they_happened();
    who_waits_loses_nothing();
    a_source_that_ends_tells_what_it_lost();
    long_and_odd_messages();
    many_sources();
    exit_flushes_a_static_logger();
    a_full_disk_does_not_hang_the_program();
    if (failures == 0) {
        std::puts("async_logger: all well");
    }
    return failures == 0 ? 0 : 1;
}
