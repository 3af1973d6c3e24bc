# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# cmake -DCOMPILER=<compiler> -DINCLUDE=<folder> -DWORK=<folder> -P dlopen.cmake
# 400 copies of a shared object that uses the library are loaded into one program.
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(flags -std=c++20 -O2 -pthread)
execute_process(COMMAND "${COMPILER}" ${flags} -fPIC -shared "-I${INCLUDE}" "${CMAKE_CURRENT_LIST_DIR}/library.cpp"
    -o "${WORK}/0.so" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${COMPILER}" ${flags} "${CMAKE_CURRENT_LIST_DIR}/loader.cpp" -o "${WORK}/loader" -ldl
    COMMAND_ERROR_IS_FATAL ANY)
set(copies "${WORK}/0.so")
foreach(i RANGE 1 399)
    file(COPY_FILE "${WORK}/0.so" "${WORK}/${i}.so")
    list(APPEND copies "${WORK}/${i}.so")
endforeach()
execute_process(COMMAND "${WORK}/loader" ${copies} RESULT_VARIABLE result OUTPUT_VARIABLE output)
file(REMOVE ${copies})
if(NOT result EQUAL 0 OR NOT output STREQUAL "400 libraries loaded\n")
    message(FATAL_ERROR "printed '${output}' and exited ${result}")
endif()
