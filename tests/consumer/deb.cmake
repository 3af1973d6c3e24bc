# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# Makes the .deb, looks at what it says of itself and unpacks it as a prefix.
file(REMOVE_RECURSE "${WORK}")
execute_process(COMMAND "${CPACK}" -G DEB --config "${CONFIG}" -B "${WORK}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
set(deb "${WORK}/libevproc-dev_${VERSION}_all.deb")
foreach(field IN ITEMS "Package libevproc-dev" "Version ${VERSION}" "Architecture all" "Section libdevel")
    string(REPLACE " " ";" field "${field}")
    list(POP_FRONT field name)
    execute_process(COMMAND "${DPKG_DEB}" -f "${deb}" ${name} OUTPUT_VARIABLE value
        OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    if(NOT value STREQUAL field)
        message(FATAL_ERROR "the package says ${name}: ${value}, expected ${field}")
    endif()
endforeach()
execute_process(COMMAND "${DPKG_DEB}" -x "${deb}" "${WORK}/root" COMMAND_ERROR_IS_FATAL ANY)
foreach(header IN LISTS HEADERS)
    if(NOT EXISTS "${WORK}/root/usr/include/${header}")
        message(FATAL_ERROR "the package lacks ${header}")
    endif()
endforeach()
if(NOT EXISTS "${WORK}/root/usr/share/doc/libevproc-dev/copyright")
    message(FATAL_ERROR "the package lacks its copyright file")
endif()
