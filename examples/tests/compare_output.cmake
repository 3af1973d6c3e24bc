# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# Runs PROGRAM; its exit status must be 0 and its standard output the text of the file EXPECTED,
# where a duration is written as "# us".
execute_process(COMMAND "${PROGRAM}" OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE status)
string(REGEX REPLACE "[0-9]+\\.[0-9] us" "# us" output "${output}")
file(READ "${EXPECTED}" expected)
if(NOT status STREQUAL "0" OR NOT output STREQUAL expected)
    message(FATAL_ERROR "exit status ${status}\n--- expected\n${expected}--- printed\n${output}--- errors\n${errors}")
endif()
