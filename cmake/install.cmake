# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# What an installation holds: the headers, a CMake package, a pkg-config file and the licence. Nothing here depends on
# the architecture, so all but the headers goes below the data folder.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(evproc_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/evproc")

# INCLUDES DESTINATION: a consumer with CMake before 3.23 ignores file sets and would get no include folder.
install(TARGETS evproc
    EXPORT evproc-targets
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILE_SET headers_for_packages DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT evproc-targets NAMESPACE evproc:: DESTINATION "${evproc_package_dir}")

configure_package_config_file(cmake/evproc-config.cmake.in "${PROJECT_BINARY_DIR}/evproc-config.cmake"
    INSTALL_DESTINATION "${evproc_package_dir}"
    NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/evproc-config-version.cmake"
    COMPATIBILITY SameMinorVersion  # while the version is 0.x; SameMajorVersion from 1.0 on
    ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/evproc-config.cmake" "${PROJECT_BINARY_DIR}/evproc-config-version.cmake"
    DESTINATION "${evproc_package_dir}")

# Read by gdb: source <data folder>/evproc/gdb/evproc_gdb.py
install(FILES tools/gdb/evproc_gdb.py DESTINATION "${CMAKE_INSTALL_DATADIR}/evproc/gdb")

# import evproc; its head says how to build it.
install(FILES module/evproc.cppm DESTINATION "${CMAKE_INSTALL_DATADIR}/evproc/module")

# The build folder is a package too: -Devproc_DIR=<build folder>.
export(EXPORT evproc-targets NAMESPACE evproc:: FILE "${PROJECT_BINARY_DIR}/evproc-targets.cmake")

# From the folder of the .pc file back to the prefix, so that an installation can be moved; folders given as absolute
# paths stay where they are.
if(IS_ABSOLUTE "${CMAKE_INSTALL_DATADIR}")
    set(evproc_pc_prefix "${CMAKE_INSTALL_PREFIX}")
else()
    file(RELATIVE_PATH evproc_pc_prefix "/prefix/${CMAKE_INSTALL_DATADIR}/pkgconfig" "/prefix")
    string(REGEX REPLACE "/$" "" evproc_pc_prefix "\${pcfiledir}/${evproc_pc_prefix}")
endif()
set(evproc_pc_includedir "\${prefix}")
cmake_path(APPEND evproc_pc_includedir "${CMAKE_INSTALL_INCLUDEDIR}")
set(evproc_pc_libs)
if(WIN32)
    set(evproc_pc_libs " -lsynchronization")  # WaitOnAddress
endif()
configure_file(cmake/evproc.pc.in "${PROJECT_BINARY_DIR}/evproc.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/evproc.pc" DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig")

install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATADIR}/licenses/evproc")

# ---- the Debian package ----
if(NOT PROJECT_IS_TOP_LEVEL)
    return()
endif()

# libevproc-dev_<version>_all.deb: cpack -G DEB, or the package workflow.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME evproc)
set(CPACK_PACKAGE_VENDOR "The evproc authors")
set(CPACK_PACKAGE_CONTACT "The evproc authors <noreply@evproc.invalid>")
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Events from many threads to one, in one global order")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES OFF)

set(CPACK_DEBIAN_PACKAGE_NAME libevproc-dev)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "A C++20 header-only library without dependencies.
 Events are built in place in a bounded ring, published in one step without
 locks, and read in place by one consumer; or by several, each of which sees
 every event. With batches, deadlines, priorities, lanes and records of
 different sizes.")
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++ (>= 4:12) | clang (>= 1:14)")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "cmake, pkg-config")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# Debian keeps the licence of a package at one place; other installations do not get this file.
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/libevproc-dev" RENAME copyright
    COMPONENT debian EXCLUDE_FROM_ALL)
find_program(EVPROC_GZIP gzip)
if(EVPROC_GZIP)
    set(ENV{LC_ALL} C)
    string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
    file(WRITE "${PROJECT_BINARY_DIR}/changelog" "evproc (${PROJECT_VERSION}) unstable; urgency=medium\n\n"
        "  * Version ${PROJECT_VERSION}. What has changed is in CHANGELOG.md of the sources.\n\n"
        " -- ${CPACK_PACKAGE_CONTACT}  ${now}\n")
    execute_process(COMMAND "${EVPROC_GZIP}" -9nc "${PROJECT_BINARY_DIR}/changelog" OUTPUT_FILE "${PROJECT_BINARY_DIR}/changelog.gz"
        COMMAND_ERROR_IS_FATAL ANY)
    install(FILES "${PROJECT_BINARY_DIR}/changelog.gz" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/libevproc-dev"
        COMPONENT debian EXCLUDE_FROM_ALL)
endif()
set(CPACK_COMPONENTS_ALL Unspecified debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)

include(CPack)
