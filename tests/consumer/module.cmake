# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# cmake -DCOMPILER=<clang 16 or later> -DPREFIX=<installation> -DINCLUDE=<folder in it> -DDATA=<folder in it> -DHEADERS=<list>
#       -DWORK=<folder> -DEXPECT=<line> -P module.cmake
# The module is built from what is installed, a program imports it, and it exports what the headers declare.
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(module "${PREFIX}/${DATA}/evproc/module/evproc.cppm")
set(flags -std=c++20 -Wall -Wextra -Werror -pthread)
execute_process(COMMAND "${COMPILER}" ${flags} "-I${PREFIX}/${INCLUDE}" --precompile "${module}" -o "${WORK}/evproc.pcm"
    COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${COMPILER}" ${flags} "-fmodule-file=evproc=${WORK}/evproc.pcm" "${CMAKE_CURRENT_LIST_DIR}/module/main.cpp"
    "${WORK}/evproc.pcm" -o "${WORK}/app" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK}/app" RESULT_VARIABLE result OUTPUT_VARIABLE output)
if(NOT result EQUAL 0 OR NOT output STREQUAL "${EXPECT}\n")
    message(FATAL_ERROR "printed '${output}' and exited ${result}; expected '${EXPECT}'")
endif()
list(FILTER HEADERS EXCLUDE REGEX "/detail/|/extras/(prometheus|usdt).hpp$")
list(APPEND HEADERS evproc/detail/deadline.hpp)
list(TRANSFORM HEADERS PREPEND "${PREFIX}/${INCLUDE}/")
execute_process(COMMAND awk -f "${CMAKE_CURRENT_LIST_DIR}/module/names.awk" "${module}" ${HEADERS} RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "the module and the headers differ")
endif()
