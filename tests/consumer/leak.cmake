# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# The installed package with a flag added on purpose; project.cmake must refuse it.
file(REMOVE_RECURSE "${LEAKING}")
file(COPY "${PREFIX}/" DESTINATION "${LEAKING}")
file(APPEND "${LEAKING}/${DATA}/cmake/evproc/evproc-config.cmake"
    "set_property(TARGET evproc::evproc APPEND PROPERTY INTERFACE_COMPILE_OPTIONS -Wall)\n")
include("${CMAKE_CURRENT_LIST_DIR}/project.cmake")
