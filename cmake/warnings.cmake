# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

option(EVPROC_WARNINGS_AS_ERRORS "Warnings in this project's own executables are errors" ON)

target_compile_options(evproc_dev INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wsign-conversion
    $<$<BOOL:${EVPROC_WARNINGS_AS_ERRORS}>:-Werror>)
