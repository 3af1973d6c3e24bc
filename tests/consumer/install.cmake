# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Installs into an empty prefix and compares what is there with what should be: no file more, no file less.
file(REMOVE_RECURSE "${PREFIX}")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${PREFIX}"
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE found RELATIVE "${PREFIX}" "${PREFIX}/*")
list(TRANSFORM HEADERS PREPEND "${INCLUDE}/" OUTPUT_VARIABLE expected)
list(APPEND expected
    "${DATA}/cmake/evproc/evproc-config.cmake"
    "${DATA}/cmake/evproc/evproc-config-version.cmake"
    "${DATA}/cmake/evproc/evproc-targets.cmake"
    "${DATA}/evproc/gdb/evproc_gdb.py"
    "${DATA}/evproc/module/evproc.cppm"
    "${DATA}/licenses/evproc/LICENSE"
    "${DATA}/pkgconfig/evproc.pc")
list(SORT found)
list(SORT expected)
if(NOT found STREQUAL expected)
    list(JOIN found "\n  " found)
    list(JOIN expected "\n  " expected)
    message(FATAL_ERROR "installed:\n  ${found}\nexpected:\n  ${expected}")
endif()
# What is installed names no place of the machine that built it, nor anything that only our own executables use.
foreach(file IN LISTS found)
    file(READ "${PREFIX}/${file}" text)
    string(FIND "${text}" "${BUILD}" at_build)
    if(at_build GREATER_EQUAL 0 OR text MATCHES "evproc_dev|-fsanitize|-Werror")
        message(FATAL_ERROR "${file} holds something of the development build")
    endif()
endforeach()
list(LENGTH found count)
message(STATUS "${count} files installed, as expected")
