# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# cmake -DCOMPILER=<compiler> -DINCLUDE=<folder> -DFILE=<file> -DMISTAKE=<section> -DEXPECTED=<text> -P compile_fail.cmake

# The words of the compilers, not their translations.
set(ENV{LC_ALL} C)
set(command "${COMPILER}" -std=c++20 "-I${INCLUDE}" -Wall -Wextra -Werror -fsyntax-only "-DMISTAKE_${MISTAKE}" "${FILE}")
execute_process(COMMAND ${command} -DCONTROL RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "without its mistake ${MISTAKE} must compile")
endif()
execute_process(COMMAND ${command} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
    message(FATAL_ERROR "it compiles, but it must not: ${MISTAKE}")
endif()
string(FIND "${output}" "${EXPECTED}" at)
if(at EQUAL -1)
    message(FATAL_ERROR "${MISTAKE}: refused, but not with '${EXPECTED}':\n${output}")
endif()
