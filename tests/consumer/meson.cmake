# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# cmake -DMESON=<meson> -DCOMPILER=<compiler> -DWORK=<folder> -DVERSION=<version> -DEXPECT=<line>
#       (-DPC_PATH=<folder> | -DSUBPROJECT=<folder>) -P meson.cmake
# A Meson project with dependency('evproc'): through the installed pkg-config file, or as a subproject.
unset(ENV{CXXFLAGS})
unset(ENV{LDFLAGS})
set(ENV{CXX} "${COMPILER}")
file(REMOVE_RECURSE "${WORK}")
file(COPY "${CMAKE_CURRENT_LIST_DIR}/meson/" "${CMAKE_CURRENT_LIST_DIR}/app" DESTINATION "${WORK}")
if(SUBPROJECT)
    set(type internal)
    set(ENV{PKG_CONFIG_LIBDIR} "${WORK}/nothing")
    file(MAKE_DIRECTORY "${WORK}/subprojects")
    file(CREATE_LINK "${SUBPROJECT}" "${WORK}/subprojects/evproc" SYMBOLIC)
    file(WRITE "${WORK}/subprojects/evproc.wrap" "[wrap-file]\ndirectory = evproc\n[provide]\ndependency_names = evproc\n")
else()
    set(type pkgconfig)
    set(ENV{PKG_CONFIG_PATH} "${PC_PATH}")
endif()
execute_process(COMMAND "${MESON}" setup --buildtype=plain --warnlevel=0 "-Dwanted===${VERSION}" "${WORK}/build" "${WORK}"
    OUTPUT_VARIABLE said RESULT_VARIABLE result)
if(NOT result EQUAL 0 OR NOT said MATCHES "evproc is a ${type} dependency")
    message(FATAL_ERROR "the project does not configure, or finds evproc elsewhere:\n${said}")
endif()
file(READ "${WORK}/build/compile_commands.json" commands)
if(commands MATCHES "-fsanitize|-Werror|-Wall|-O[0-9]|-DEVPROC")
    message(FATAL_ERROR "a flag of ours leaks into the consumer's compile command: ${commands}")
endif()
execute_process(COMMAND "${MESON}" compile -C "${WORK}/build" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK}/build/app" OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
if(NOT output STREQUAL "${EXPECT}\n")
    message(FATAL_ERROR "printed '${output}', expected '${EXPECT}'")
endif()
message(STATUS "${output}")
