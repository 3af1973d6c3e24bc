# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Installs the .deb into this machine, builds a consumer that is told nothing about places, and removes it again.
execute_process(COMMAND dpkg -i "${DEB}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" "-DGENERATOR=${GENERATOR}" "-DCOMPILER=${COMPILER}" "-DEXPECT=${EXPECT}"
    "-DWORK=${WORK}" -DARGS= -P "${CMAKE_CURRENT_LIST_DIR}/project.cmake" RESULT_VARIABLE result)
execute_process(COMMAND dpkg -r libevproc-dev COMMAND_ERROR_IS_FATAL ANY)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "the installed package cannot be used")
endif()
