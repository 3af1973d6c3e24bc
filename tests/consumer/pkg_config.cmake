# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# The flags that pkg-config gives are all that the app is built with.
set(ENV{PKG_CONFIG_PATH} "${PC_PATH}")
execute_process(COMMAND "${PKG_CONFIG}" --modversion evproc OUTPUT_VARIABLE version
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(NOT version STREQUAL VERSION)
    message(FATAL_ERROR "pkg-config says version ${version}, CMake says ${VERSION}")
endif()
execute_process(COMMAND "${PKG_CONFIG}" --cflags --libs evproc OUTPUT_VARIABLE flags
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")
foreach(flag IN LISTS flags)
    if(NOT flag MATCHES "^(-I.*|-pthread)$")
        message(FATAL_ERROR "pkg-config hands out ${flag}")
    endif()
endforeach()
set(app "${CMAKE_CURRENT_LIST_DIR}/app")
file(MAKE_DIRECTORY "${WORK}")
execute_process(COMMAND "${COMPILER}" -std=c++20 "${app}/main.cpp" "${app}/second.cpp" ${flags} -o "${WORK}/app"
    COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK}/app" OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
if(NOT output STREQUAL "${EXPECT}\n")
    message(FATAL_ERROR "printed '${output}', expected '${EXPECT}'")
endif()
