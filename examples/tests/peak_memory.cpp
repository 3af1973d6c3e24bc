// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// peak_memory COMMAND [ARGUMENT...]: runs it, prints the most memory it held (KiB) on standard error as the
// last line, exits as it did.

#include <cstdio>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
    if (argc < 2) {
        return 2;
    }
    ::pid_t const child = ::fork();
    if (child < 0) {
        return 125;
    }
    if (child == 0) {
        ::execvp(argv[1], argv + 1);
        ::_exit(127);
    }
    int status = 0;
    ::rusage used = {};
    if (::wait4(child, &status, 0, &used) != child) {
        return 125;
    }
    std::fprintf(stderr, "%ld\n", used.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
