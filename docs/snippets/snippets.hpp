// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// What the pages show, compiled and run. Each file is one page's; a test compares the pages with them, word for word.

#include <cstdio>
#include <cstdlib>

/// Ends the program, as a failure, if what a page says did not happen.
inline void expect(bool ok, char const* file = __builtin_FILE(), int line = __builtin_LINE()) {
    if (!ok) {
        std::fprintf(stderr, "%s:%d: not so\n", file, line);
        std::exit(1);
    }
}

void readme();
void tutorial();
void guarantees();
void waiting();
void coming_from();
void metrics();
void broadcast();
void records();
void selecting();
