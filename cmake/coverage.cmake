# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# EVPROC_COVERAGE: count the lines and branches of include/ that our own executables run; the target coverage_report
# prints them after a ctest run (the coverage workflow does both). Needs gcovr.
option(EVPROC_COVERAGE "Count which lines and branches run" OFF)

if(EVPROC_COVERAGE)
    target_compile_options(evproc_dev INTERFACE --coverage -O0 -fprofile-update=atomic)
    target_link_options(evproc_dev INTERFACE --coverage)
    find_program(EVPROC_GCOVR gcovr REQUIRED)
    add_custom_target(coverage_report
        COMMAND "${EVPROC_GCOVR}" --root "${PROJECT_SOURCE_DIR}" --filter "${PROJECT_SOURCE_DIR}/include/"
            --exclude-unreachable-branches --exclude-throw-branches --branches --txt - "${PROJECT_BINARY_DIR}"
        COMMAND "${EVPROC_GCOVR}" --root "${PROJECT_SOURCE_DIR}" --filter "${PROJECT_SOURCE_DIR}/include/"
            --exclude-unreachable-branches --txt - --print-summary
            --html-details "${PROJECT_BINARY_DIR}/coverage.html" "${PROJECT_BINARY_DIR}"
        USES_TERMINAL VERBATIM)
endif()
