# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# evproc_dev: what this project's own executables are built with, and no consumer ever is.
# Link it PRIVATE beside evproc::evproc. It is not installed and not exported.
add_library(evproc_dev INTERFACE)

include(cmake/warnings.cmake)
include(cmake/sanitizers.cmake)
include(cmake/coverage.cmake)
