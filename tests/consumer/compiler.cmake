# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# cmake -DCOMPILER=<compiler> -DFLAGS=<flags> -DINCLUDE=<folder> -DWORK=<folder> -DEXPECT=<line> [-DHEADERS=<list>]
#       [-DALONE=ON] -P compiler.cmake
# The library without CMake: HEADERS compile together, or each of them alone, then the app is built by one bare compiler line
# and run.
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
if(HEADERS AND NOT ALONE)
    list(TRANSFORM HEADERS REPLACE "(.+)" "#include <\\1>\n" OUTPUT_VARIABLE lines)
    string(CONCAT all ${lines})
    file(WRITE "${WORK}/all.cpp" "${all}")
    execute_process(COMMAND "${COMPILER}" ${FLAGS} "-I${INCLUDE}" -fsyntax-only "${WORK}/all.cpp" RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        message(SEND_ERROR "the headers do not compile: ${COMPILER} ${FLAGS}")
    endif()
    list(LENGTH HEADERS count)
    message(STATUS "${count} headers together")
    set(HEADERS "")
endif()
foreach(header IN LISTS HEADERS)
    string(MAKE_C_IDENTIFIER "${header}" name)
    file(WRITE "${WORK}/${name}.cpp" "#include <${header}>\n#include <${header}>\n")
    execute_process(COMMAND "${COMPILER}" ${FLAGS} "-I${INCLUDE}" -fsyntax-only "${WORK}/${name}.cpp"
        RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        message(SEND_ERROR "<${header}> does not compile alone: ${COMPILER} ${FLAGS}")
    endif()
endforeach()
set(app "${CMAKE_CURRENT_LIST_DIR}/app")
execute_process(
    COMMAND "${COMPILER}" ${FLAGS} -pthread "-I${INCLUDE}" "${app}/main.cpp" "${app}/second.cpp" -o "${WORK}/app"
    RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "does not build: ${COMPILER} ${FLAGS}")
endif()
execute_process(COMMAND "${WORK}/app" RESULT_VARIABLE result OUTPUT_VARIABLE output)
if(NOT result EQUAL 0 OR NOT output STREQUAL "${EXPECT}\n")
    message(FATAL_ERROR "printed '${output}' and exited ${result}; expected '${EXPECT}'")
endif()
list(LENGTH HEADERS count)
message(STATUS "${count} headers alone; ${output}")
