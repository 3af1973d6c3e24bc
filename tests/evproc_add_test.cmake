# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# evproc_add_test(<name> LABEL <suite> SOURCES <file>...
#                 [LIBRARIES <target>...] [DEFINITIONS <NAME=value>...] [ARGS <argument>...]
#                 [TIMEOUT <seconds>] [PROCESSORS <n>] [NO_CATCH] [OWN_CHECKED])
#
# One test executable: linked with evproc::evproc, evproc_dev and Catch2 with its main, tests/support on its include
# path (#include "catch.hpp"), registered with ctest under the label <suite>.
# Labels unit and layout: each test case is a ctest test of its own. Any other label: the executable is one ctest
# test, because a stress executable started once per case would spend its time starting, and so would any under wine.
# NO_CATCH: the sources have a main of their own; an exit status other than 0 fails.
# OWN_CHECKED: the sources define EVPROC_CHECKED themselves, before they include a header.
function(evproc_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "NO_CATCH;OWN_CHECKED" "LABEL;TIMEOUT;PROCESSORS"
        "SOURCES;LIBRARIES;DEFINITIONS;ARGS")
    if(NOT arg_LABEL OR NOT arg_SOURCES)
        message(FATAL_ERROR "evproc_add_test(${name}): LABEL and SOURCES are needed")
    endif()
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "evproc_add_test(${name}): not understood: ${arg_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    if(NOT arg_PROCESSORS)
        set(arg_PROCESSORS 1)
    endif()

    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE evproc::evproc evproc_dev ${arg_LIBRARIES})
    target_include_directories(${name} PRIVATE "${evproc_SOURCE_DIR}/tests/support")
    target_compile_definitions(${name} PRIVATE ${arg_DEFINITIONS})
    if(CMAKE_CROSSCOMPILING)
        target_compile_definitions(${name} PRIVATE EVPROC_TEST_SMALL)  # an emulator: tests/support/scale.hpp
    endif()
    if(EVPROC_TEST_QUICK)
        target_compile_definitions(${name} PRIVATE EVPROC_TEST_QUICK)
        target_compile_options(${name} PRIVATE -g1)
    elseif(EVPROC_SANITIZE STREQUAL "thread" AND NOT arg_LABEL MATCHES "^(unit|layout)$")
        # Long to run: worth some optimisation. With the other sanitizers compiling it is what takes long.
        target_compile_options(${name} PRIVATE -O1)
    endif()
    set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
    if(NOT arg_NO_CATCH)
        target_link_libraries(${name} PRIVATE Catch2::Catch2WithMain)
        # Without precompiled headers the other builds show that each file includes what it uses.
        if(EVPROC_TEST_QUICK AND NOT arg_DEFINITIONS AND NOT arg_OWN_CHECKED)
            target_precompile_headers(${name} REUSE_FROM evproc_test_headers)
        endif()
    endif()

    # The same source built twice with other definitions must not give two tests of one name.
    set(prefix "")
    if(arg_DEFINITIONS)
        set(prefix "${name}: ")
    endif()
    if(arg_LABEL MATCHES "^(unit|layout)$" AND NOT arg_NO_CATCH AND NOT (WIN32 AND CMAKE_CROSSCOMPILING))
        catch_discover_tests(${name}
            TEST_PREFIX "${prefix}"
            EXTRA_ARGS ${arg_ARGS}
            # A name with a semicolon is cut there, so that nothing runs, which Catch2 2 calls a success.
            PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT} PROCESSORS ${arg_PROCESSORS}
                FAIL_REGULAR_EXPRESSION "No.test.cases.matched")
    else()
        add_test(NAME ${name} COMMAND ${name} ${arg_ARGS})
        set_tests_properties(${name} PROPERTIES
            LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT} PROCESSORS ${arg_PROCESSORS})
    endif()
endfunction()

# The headers of every test, compiled once.
if(EVPROC_TEST_QUICK AND TARGET Catch2::Catch2WithMain)
    file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/headers.cpp" "int main() {}\n")
    add_executable(evproc_test_headers "${CMAKE_CURRENT_BINARY_DIR}/headers.cpp")
    target_link_libraries(evproc_test_headers PRIVATE evproc::evproc evproc_dev Catch2::Catch2WithMain)
    target_compile_definitions(evproc_test_headers PRIVATE EVPROC_TEST_QUICK)
    target_compile_options(evproc_test_headers PRIVATE -g1)
    set_target_properties(evproc_test_headers PROPERTIES CXX_EXTENSIONS OFF)
    target_precompile_headers(evproc_test_headers PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/support/catch.hpp"
        "${PROJECT_SOURCE_DIR}/include/evproc/evproc.hpp")
endif()
