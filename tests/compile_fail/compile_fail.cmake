# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# cmake -DCOMPILER=<compiler> -DINCLUDE=<folder> -DFILE=<file> -P compile_fail.cmake
file(STRINGS "${FILE}" first LIMIT_COUNT 1)
if(NOT first MATCHES "^// expect: (.+)$")
    message(FATAL_ERROR "the first line of ${FILE} is not '// expect: <text>'")
endif()
set(expected "${CMAKE_MATCH_1}")

# The words of the compilers, not their translations.
set(ENV{LC_ALL} C)
set(command "${COMPILER}" -std=c++20 "-I${INCLUDE}" -Wall -Wextra -Werror -fsyntax-only "${FILE}")
execute_process(COMMAND ${command} -DCONTROL RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "without its mistake ${FILE} must compile")
endif()
execute_process(COMMAND ${command} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
    message(FATAL_ERROR "it compiles, but it must not: ${FILE}")
endif()
string(FIND "${output}" "${expected}" at)
if(at EQUAL -1)
    message(FATAL_ERROR "${FILE}: refused, but not with '${expected}':\n${output}")
endif()
