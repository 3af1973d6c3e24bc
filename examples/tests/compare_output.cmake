# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Runs PROGRAM, which may have an emulator before it; its exit status must be 0 and its standard output what the file
# EXPECTED has under [NAME], where a duration is written as "# us".
execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE status)
string(REPLACE "\r\n" "\n" output "${output}")
string(REGEX REPLACE "[0-9]+\\.[0-9] us" "# us" output "${output}")
file(READ "${EXPECTED}" all)
string(FIND "${all}" "\n[${NAME}]\n" found)
if(found EQUAL -1)
    message(FATAL_ERROR "${EXPECTED} has no [${NAME}]")
endif()
string(LENGTH "\n[${NAME}]\n" skip)
math(EXPR found "${found} + ${skip}")
string(SUBSTRING "${all}" ${found} -1 expected)
string(FIND "${expected}" "\n\n[" end)
if(NOT end EQUAL -1)
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${expected}" 0 ${end} expected)
endif()
if(NOT status STREQUAL "0" OR NOT output STREQUAL expected)
    message(FATAL_ERROR "exit status ${status}\n--- expected\n${expected}--- printed\n${output}--- errors\n${errors}")
endif()
