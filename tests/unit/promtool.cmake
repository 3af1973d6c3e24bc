# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# promtool must accept the page that PAGE prints, without a word, and refuse the same page spoiled.
execute_process(COMMAND "${PAGE}" COMMAND "${PROMTOOL}" check metrics
    RESULTS_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
if(NOT status STREQUAL "0;0" OR NOT "${output}${errors}" STREQUAL "")
    message(FATAL_ERROR "promtool does not like the page (${status}):\n${output}${errors}")
endif()
execute_process(COMMAND "${PAGE}" spoiled COMMAND "${PROMTOOL}" check metrics
    RESULTS_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
if(status STREQUAL "0;0")
    message(FATAL_ERROR "promtool accepts a page that is spoiled, so that it accepts ours says nothing")
endif()
