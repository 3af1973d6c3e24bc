// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// Ctrl-C as a request. A signal handler may do next to nothing, so it writes one byte to a pipe; a thread
// reads that byte and turns it into what threads understand: a std::stop_token for those that wait for room
// in the ring, and a file descriptor that becomes readable for those that wait for input.

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stop_token>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

class pipe_pair {
public:
    pipe_pair() {
        if (::pipe(ends_) != 0) {
            throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
        }
        ::fcntl(ends_[0], F_SETFD, FD_CLOEXEC);
        ::fcntl(ends_[1], F_SETFD, FD_CLOEXEC);
    }
    pipe_pair(pipe_pair const&) = delete;
    pipe_pair& operator=(pipe_pair const&) = delete;
    ~pipe_pair() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }

    [[nodiscard]] int read_end() const noexcept { return ends_[0]; }
    [[nodiscard]] int write_end() const noexcept { return ends_[1]; }

    /// Safe in a signal handler.
    static void put(int write_end, unsigned char byte) noexcept {
        while (::write(write_end, &byte, 1) < 0 && errno == EINTR) {
        }
    }
    /// 0 if nothing more will come.
    [[nodiscard]] unsigned char get() const noexcept {
        unsigned char byte = 0;
        while (::read(ends_[0], &byte, 1) < 0 && errno == EINTR) {
        }
        return byte;
    }

private:
    int ends_[2] = {-1, -1};
};

/// One at a time. From its construction SIGINT and SIGTERM ask for a stop; a second one ends the program at
/// once.
class interrupt {
public:
    interrupt() {
        handler_pipe_ = signals_.write_end();
        struct sigaction action = {};
        action.sa_handler = [](int signal) {
            int const saved = errno;
            pipe_pair::put(handler_pipe_, static_cast<unsigned char>(signal));
            errno = saved;
        };
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        ::sigaction(SIGINT, &action, &old_int_);
        ::sigaction(SIGTERM, &action, &old_term_);
        watcher_ = std::thread([this] { watch(); });
    }
    interrupt(interrupt const&) = delete;
    interrupt& operator=(interrupt const&) = delete;
    ~interrupt() { finish(); }

    [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }
    /// Readable once a stop was asked for, and from then on.
    [[nodiscard]] int stop_descriptor() const noexcept { return stop_.read_end(); }

    /// The same from within the program.
    void ask() {
        source_.request_stop();
        pipe_pair::put(stop_.write_end(), 0);
    }

    /// Signals mean again what they meant before. Returns the one that came, or 0.
    int finish() noexcept {
        if (watcher_.joinable()) {
            ::sigaction(SIGINT, &old_int_, nullptr);
            ::sigaction(SIGTERM, &old_term_, nullptr);
            pipe_pair::put(signals_.write_end(), 0);
            watcher_.join();
        }
        return signal_;
    }

private:
    void watch() {
        while (unsigned char const signal = signals_.get()) {
            if (signal_ != 0) {
                std::_Exit(128 + signal);
            }
            signal_ = signal;
            ask();
        }
    }

    inline static std::sig_atomic_t volatile handler_pipe_ = -1;

    pipe_pair signals_;
    pipe_pair stop_;
    std::stop_source source_;
    struct sigaction old_int_ = {};
    struct sigaction old_term_ = {};
    int signal_ = 0;  // written by the watcher, read after it was joined
    std::thread watcher_;
};
