// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Runs a function in a forked child and tells how it ended and what it wrote to stderr. Not on Windows, which has no fork.
#pragma once

#if !defined(_WIN32)
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace evproc_test {

struct ending {
    int signal = 0;     // 0: it ended by itself
    int status = -1;    // then this is its exit status
    std::string error;  // what it wrote to stderr

    bool aborted() const { return signal == SIGABRT; }
    bool says(char const* text) const { return error.find(text) != std::string::npos; }
    /// The line that the library prints when a check fails, or nothing.
    std::string complaint() const {
        auto const at = error.find("evproc: ");
        if (at == std::string::npos) return {};
        return error.substr(at, error.find('\n', at) - at);
    }
};

/// The child may start threads: call this only while the test program has but one.
template <class Function> ending ending_of(Function function) {
    int pipe_ends[2];
    if (::pipe(pipe_ends) != 0) return {};
    pid_t const child = ::fork();
    if (child == 0) {
        rlimit const none{0, 0};
        ::setrlimit(RLIMIT_CORE, &none);
        ::signal(SIGABRT, SIG_DFL);  // the test framework has put its own there
        ::signal(SIGALRM, SIG_DFL);
        ::dup2(pipe_ends[1], STDERR_FILENO);
        ::close(pipe_ends[0]);
        ::close(pipe_ends[1]);
        ::alarm(60);
        function();
        ::_exit(0);
    }
    ::close(pipe_ends[1]);
    ending result;
    char buffer[512];
    for (;;) {
        ssize_t const got = ::read(pipe_ends[0], buffer, sizeof buffer);
        if (got > 0)
            result.error.append(buffer, static_cast<std::size_t>(got));
        else if (got == 0 || errno != EINTR)
            break;
    }
    ::close(pipe_ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status))
        result.signal = WTERMSIG(status);
    else
        result.status = WEXITSTATUS(status);
    return result;
}

}  // namespace evproc_test
#endif
