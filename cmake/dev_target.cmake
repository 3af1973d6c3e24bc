# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# evproc_dev: what this project's own executables are built with, and no consumer ever is.
# Link it PRIVATE beside evproc::evproc. It is not installed and not exported.
add_library(evproc_dev INTERFACE)

# ---- warnings ----
option(EVPROC_WARNINGS_AS_ERRORS "Warnings in this project's own executables are errors" ON)

target_compile_options(evproc_dev INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wsign-conversion
    $<$<BOOL:${EVPROC_WARNINGS_AS_ERRORS}>:-Werror>)

# ---- sanitizers and checks ----
# EVPROC_SANITIZE: the -fsanitize= values of this project's own executables, "address;undefined", "thread", or empty.
# Default: address and undefined in a top-level Debug build.
include(CheckCXXSourceCompiles)

if(PROJECT_IS_TOP_LEVEL AND CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT CMAKE_CROSSCOMPILING)
    set(evproc_default_sanitize "address;undefined")
else()
    set(evproc_default_sanitize "")
endif()
if(NOT DEFINED EVPROC_SANITIZE AND evproc_default_sanitize)
    # A compiler without its runtime (clang on Debian without libclang-rt-dev) still builds; it says what it goes without.
    set(CMAKE_REQUIRED_FLAGS "-fsanitize=address,undefined")
    check_cxx_source_compiles("int main() {}" EVPROC_HAS_ASAN_UBSAN)
    unset(CMAKE_REQUIRED_FLAGS)
    if(NOT EVPROC_HAS_ASAN_UBSAN)
        message(STATUS "The compiler has no AddressSanitizer runtime: building without sanitizers")
        set(evproc_default_sanitize "")
    endif()
endif()
set(EVPROC_SANITIZE "${evproc_default_sanitize}" CACHE STRING "Sanitizers of this project's own executables")

if(EVPROC_SANITIZE)
    string(REPLACE ";" "," evproc_sanitize_flag "-fsanitize=${EVPROC_SANITIZE}")
    target_compile_options(evproc_dev INTERFACE ${evproc_sanitize_flag} -fno-sanitize-recover=all
        -fno-omit-frame-pointer -g)
    target_link_options(evproc_dev INTERFACE ${evproc_sanitize_flag})
    # The standard library's cheap checks; _GLIBCXX_DEBUG would change the layout of containers that Debian's
    # libbenchmark and Catch2 pass in and out.
    target_compile_definitions(evproc_dev INTERFACE EVPROC_CHECKED=1 _GLIBCXX_ASSERTIONS)
else()
    target_compile_definitions(evproc_dev INTERFACE
        $<$<CONFIG:Debug>:EVPROC_CHECKED=1> $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
endif()

include(tests/coverage/coverage.cmake)
