# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# Google Benchmark: an installed one, else a download if EVPROC_FETCH_DEPS allows it. Included by benchmarks/.
# Sets EVPROC_HAS_BENCHMARK; a missing one leaves the benchmarks out with a status line and stops nothing.
find_package(benchmark CONFIG QUIET)
if(NOT TARGET benchmark::benchmark AND EVPROC_FETCH_DEPS)
    include(FetchContent)
    set(BENCHMARK_ENABLE_TESTING OFF CACHE BOOL "" FORCE)
    set(BENCHMARK_ENABLE_INSTALL OFF CACHE BOOL "" FORCE)
    FetchContent_Declare(benchmark
        GIT_REPOSITORY https://github.com/google/benchmark.git
        GIT_TAG 344117638c8ff7e239044fd0fa7085839fc03021)  # v1.8.3
    FetchContent_MakeAvailable(benchmark)
endif()
if(TARGET benchmark::benchmark)
    set(EVPROC_HAS_BENCHMARK ON)
else()
    set(EVPROC_HAS_BENCHMARK OFF)
    message(STATUS "Google Benchmark was not found: its benchmarks are left out. One of these helps:\n"
        "     apt-get install -y --no-install-recommends libbenchmark-dev\n"
        "     cmake ... -DEVPROC_FETCH_DEPS=ON          (downloads it)\n"
        "     cmake ... -DEVPROC_BUILD_BENCHMARKS=OFF   (says no more about it)")
endif()
