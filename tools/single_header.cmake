# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# cmake -P tools/single_header.cmake         writes single_include/evproc.hpp anew
# with -DCOMPARE=ON (the package suite)      fails if the file there is not what would be written
if(NOT SOURCE)
    cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH SOURCE)
endif()
if(NOT AWK)
    set(AWK awk)
endif()
set(target "${SOURCE}/single_include/evproc.hpp")
set(output "${target}")
if(COMPARE)
    set(output "${WORK}/evproc.hpp")
    file(MAKE_DIRECTORY "${WORK}")
endif()
execute_process(COMMAND "${AWK}" -v "include=${SOURCE}/include" -f "${CMAKE_CURRENT_LIST_DIR}/single_header.awk"
    OUTPUT_FILE "${output}" RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "the single header was not made")
endif()
if(COMPARE)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${target}" "${output}" RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "single_include/evproc.hpp is not current: run cmake -P tools/single_header.cmake")
    endif()
endif()
