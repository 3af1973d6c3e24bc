# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# Target docs: the documentation as HTML, in <build>/docs/html. A warning of Doxygen is an error.
if(EVPROC_BUILD_TESTS)
    add_subdirectory(docs)
endif()

find_package(Doxygen 1.9.4 QUIET)
find_program(EVPROC_AWK awk)
mark_as_advanced(EVPROC_AWK)
if(NOT TARGET Doxygen::doxygen OR NOT EVPROC_AWK)
    message(STATUS "No Doxygen (Debian: doxygen): there is no target docs")
    return()
endif()

set(EVPROC_DOCS_OUTPUT "${PROJECT_BINARY_DIR}/docs")
configure_file(docs/Doxyfile.in "${EVPROC_DOCS_OUTPUT}/Doxyfile" @ONLY)
file(MAKE_DIRECTORY "${EVPROC_DOCS_OUTPUT}/generated")

# The headers that hold a memory order.
list(TRANSFORM evproc_headers PREPEND include/ OUTPUT_VARIABLE evproc_docs_orders)
list(FILTER evproc_docs_orders INCLUDE REGEX
    "detail/(mpsc_ring|spsc_ring|event_count|callback_slot|signals|futex|asymmetric_fence|consumer_mark|statistics)\\.hpp$|dwell_histogram\\.hpp$")

add_custom_target(docs
    COMMAND "${EVPROC_AWK}" -f docs/ordering_map.awk ${evproc_docs_orders}
        > "${EVPROC_DOCS_OUTPUT}/generated/ordering_map.md"
    COMMAND Doxygen::doxygen "${EVPROC_DOCS_OUTPUT}/Doxyfile"
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    COMMENT "Documentation: ${EVPROC_DOCS_OUTPUT}/html/index.html"
    VERBATIM)
