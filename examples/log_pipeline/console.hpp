// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// What the user reads on the terminal: messages and a progress line on standard error. Any thread.

#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>

#include <unistd.h>

/// A progress line is drawn only where it can be drawn over: on a terminal.
class console {
public:
    [[nodiscard]] bool shows_progress() const noexcept { return is_terminal_; }

    void say(std::string const& message) {
        std::lock_guard const lock(mutex_);
        erase();
        std::fprintf(stderr, "log_pipeline: %s\n", message.c_str());
    }

    void show_progress(std::string const& line) {
        std::lock_guard const lock(mutex_);
        if (is_terminal_) {
            std::fprintf(stderr, "\r%s\033[K", line.c_str());
            std::fflush(stderr);
            drawn_ = true;
        }
    }

    void end_progress() {
        std::lock_guard const lock(mutex_);
        erase();
    }

private:
    void erase() {
        if (drawn_) {
            std::fputs("\r\033[K", stderr);
            drawn_ = false;
        }
    }

    std::mutex mutex_;
    bool const is_terminal_ = ::isatty(STDERR_FILENO) == 1;
    bool drawn_ = false;
};
