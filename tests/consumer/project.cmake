# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# cmake -DWORK=<folder> -DEXPECT=<line> [-DARGS=<cmake arguments>] -P project.cmake
# Configures and builds app/ from nothing, checks that no flag of ours is in its compile and link commands,
# runs it and compares what it prints.
# -DLEAKING=<folder>: uses a copy there of the package in PREFIX, with a flag added on purpose, which must be refused.
if(DEFINED LEAKING)
    file(REMOVE_RECURSE "${LEAKING}")
    file(COPY "${PREFIX}/" DESTINATION "${LEAKING}")
    file(APPEND "${LEAKING}/${DATA}/cmake/evproc/evproc-config.cmake"
        "set_property(TARGET evproc::evproc APPEND PROPERTY INTERFACE_COMPILE_OPTIONS -Wall)\n")
endif()
# The flags of whoever runs the tests are not ours.
unset(ENV{CXXFLAGS})
unset(ENV{LDFLAGS})
file(REMOVE_RECURSE "${WORK}")
execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/app" -B "${WORK}" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
        -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -DCMAKE_BUILD_TYPE=
        -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF ${ARGS}
    RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "the consumer does not configure")
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}" RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "the consumer does not build")
endif()

# What a compile command may hold: the compiler, an include folder, the language level, threads, input and output.
file(READ "${WORK}/compile_commands.json" commands)
string(JSON count LENGTH "${commands}")
math(EXPR last "${count} - 1")
foreach(index RANGE ${last})
    string(JSON command GET "${commands}" ${index} command)
    separate_arguments(words UNIX_COMMAND "${command}")
    list(POP_FRONT words)
    list(JOIN words " " rest)
    string(REGEX REPLACE "-o [^ ]+|-c [^ ]+|-isystem [^ ]+|-I *[^ ]+|-std=(gnu|c)\\+\\+[0-9a-z]+|-pthread" "" rest "${rest}")
    string(STRIP "${rest}" rest)
    if(NOT rest STREQUAL "")
        message(FATAL_ERROR "a flag of ours leaks into the consumer's compile command: ${rest}")
    endif()
endforeach()
file(GLOB_RECURSE link_commands "${WORK}/*app.dir/link.txt")
foreach(file IN LISTS link_commands)
    file(READ "${file}" command)
    if(command MATCHES "-fsanitize|-Werror|-Wall|--coverage|-O[0-9]")
        message(FATAL_ERROR "a flag of ours leaks into the consumer's link command: ${command}")
    endif()
endforeach()

execute_process(COMMAND "${WORK}/app" RESULT_VARIABLE result OUTPUT_VARIABLE output)
if(NOT result EQUAL 0 OR NOT output STREQUAL "${EXPECT}\n")
    message(FATAL_ERROR "the consumer printed '${output}' and exited ${result}; expected '${EXPECT}'")
endif()
message(STATUS "${output}")
