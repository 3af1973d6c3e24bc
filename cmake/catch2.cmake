# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# Catch2 for the tests: an installed one (2.13 of Debian 12, or 3), else a download if EVPROC_FETCH_DEPS allows it.
find_package(Catch2 QUIET)
if(NOT TARGET Catch2::Catch2WithMain AND EVPROC_FETCH_DEPS)
    include(FetchContent)
    FetchContent_Declare(Catch2
        GIT_REPOSITORY https://github.com/catchorg/Catch2.git
        GIT_TAG 6e79e682b726f524310d55dec8ddac4e9c52fb5f  # v3.4.0
        SYSTEM)
    FetchContent_MakeAvailable(Catch2)
    list(APPEND CMAKE_MODULE_PATH "${catch2_SOURCE_DIR}/extras")
endif()
if(NOT TARGET Catch2::Catch2WithMain)
    message(FATAL_ERROR
        "The tests need Catch2, and it was not found. One of these helps:\n"
        "  apt-get install -y --no-install-recommends catch2\n"
        "  cmake ... -DEVPROC_FETCH_DEPS=ON     (downloads it)\n"
        "  cmake ... -DEVPROC_BUILD_TESTS=OFF   (builds without tests)")
endif()
if(Catch2_DIR)
    list(APPEND CMAKE_MODULE_PATH "${Catch2_DIR}")
endif()
include(Catch)
