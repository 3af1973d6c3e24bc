// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// A file as a run of bytes, whatever it is: a regular file, a pipe, a terminal. Waiting for input ends when a
// stop is asked for. Every failure is a std::system_error.

#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

class input_file {
public:
    /// `path`: "-" is the standard input. `stop_descriptor`: becomes readable when reading shall end.
    input_file(std::string const& path, int stop_descriptor) : stop_descriptor_(stop_descriptor) {
        // O_NONBLOCK: opening a named pipe does not wait for its writer; poll() below does, and can be
        // stopped.
        do {
            descriptor_ = path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                      : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        } while (descriptor_ < 0 && errno == EINTR);
        struct stat status = {};
        if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
            fail();
        }
        if (S_ISDIR(status.st_mode)) {
            errno = EISDIR;
            fail();
        }
        may_wait_ = !S_ISREG(status.st_mode);
    }
    input_file(input_file const&) = delete;
    input_file& operator=(input_file const&) = delete;
    ~input_file() { close(); }

    /// Up to `size` bytes; 0 at the end of the file or when reading shall end.
    std::size_t read(char* to, std::size_t size) {
        for (;;) {
            if (may_wait_ && !wait()) {
                return 0;
            }
            ::ssize_t const got = ::read(descriptor_, to, size);
            if (got >= 0) {
                return static_cast<std::size_t>(got);
            }
            if (errno != EINTR && errno != EAGAIN) {
                fail();
            }
        }
    }

    /// Back to the first byte. What cannot be read again (a pipe) fails.
    void rewind() {
        if (::lseek(descriptor_, 0, SEEK_SET) < 0) {
            fail();
        }
    }

private:
    /// True when read() would not wait, false when a stop was asked for.
    [[nodiscard]] bool wait() {
        ::pollfd watched[2] = {{descriptor_, POLLIN, 0}, {stop_descriptor_, POLLIN, 0}};
        while (::poll(watched, 2, -1) < 0) {
            if (errno != EINTR) {
                fail();
            }
        }
        return watched[1].revents == 0;
    }

    void close() noexcept {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }

    [[noreturn]] void fail() {
        int const error = errno;
        close();
        descriptor_ = -1;
        throw std::system_error(error, std::generic_category());
    }

    int descriptor_ = -1;
    int stop_descriptor_;
    bool may_wait_ = false;
};

/// Whoever starts a program with a standard stream closed gives its number to the next file it opens, and
/// messages would go into that. Each closed one becomes a file that can only be used the wrong way round, so
/// that using it fails.
inline void occupy_closed_standard_streams() noexcept {
    for (int const stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) {
            ::_exit(1);
        }
    }
}
