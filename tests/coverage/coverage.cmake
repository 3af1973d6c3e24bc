# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# EVPROC_COVERAGE: count which lines and branches of include/ our own executables run. After a ctest run the target
# coverage_report prints them, and fails where something did not run that tests/coverage/uncovered.md does not list (the
# coverage workflow does both). Needs clang and its llvm tools, whose counts are of the source and not of the code made
# from it: templates add up over their instances, and no branch of an exception's way out is in the way.
option(EVPROC_COVERAGE "Count which lines and branches run" OFF)

if(EVPROC_COVERAGE)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "EVPROC_COVERAGE needs clang: -DCMAKE_CXX_COMPILER=clang++")
    endif()
    string(REGEX MATCH "^[0-9]+" evproc_clang_major "${CMAKE_CXX_COMPILER_VERSION}")
    find_program(EVPROC_LLVM_PROFDATA NAMES llvm-profdata-${evproc_clang_major} llvm-profdata REQUIRED)
    find_program(EVPROC_LLVM_COV NAMES llvm-cov-${evproc_clang_major} llvm-cov REQUIRED)

    # Counts of executables that are about to be built anew would add up with theirs.
    file(REMOVE_RECURSE "${PROJECT_BINARY_DIR}/profiles")
    # %m: executions of one executable add up in one file.
    target_compile_options(evproc_dev INTERFACE -O0 -fcoverage-mapping
        "-fprofile-instr-generate=${PROJECT_BINARY_DIR}/profiles/%m.profraw")
    target_link_options(evproc_dev INTERFACE -fprofile-instr-generate)
    # A death test's child ends by abort() or _exit(), which would take its counts with it.
    target_sources(evproc_dev INTERFACE "${PROJECT_SOURCE_DIR}/tests/coverage/sudden_end.cpp")
    target_link_options(evproc_dev INTERFACE LINKER:--wrap=abort LINKER:--wrap=_exit)

    add_custom_target(coverage_report
        COMMAND sh "${PROJECT_SOURCE_DIR}/tests/coverage/report.sh" "${EVPROC_LLVM_PROFDATA}" "${EVPROC_LLVM_COV}"
            "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}"
        USES_TERMINAL VERBATIM)
endif()
