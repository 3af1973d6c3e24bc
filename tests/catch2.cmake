# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Catch2 for the tests: an installed one (2.13 of Debian 12, or 3), else a download if EVPROC_FETCH_DEPS allows it.
if(CMAKE_CROSSCOMPILING)
    # The installed library is for the machine that builds; its one header serves every machine. It is copied, because
    # /usr/include on the search path would bring the builder's C library along.
    find_path(EVPROC_CATCH2_HEADER catch2/catch.hpp NO_CMAKE_FIND_ROOT_PATH)
    find_path(EVPROC_CATCH2_CMAKE Catch.cmake PATHS /usr/lib/cmake/Catch2 NO_CMAKE_FIND_ROOT_PATH)
    if(EVPROC_CATCH2_HEADER AND EVPROC_CATCH2_CMAKE)
        file(COPY "${EVPROC_CATCH2_HEADER}/catch2" DESTINATION "${CMAKE_CURRENT_BINARY_DIR}/include")
        file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/catch_main.cpp"
            "#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n")
        add_library(evproc_catch_main STATIC "${CMAKE_CURRENT_BINARY_DIR}/catch_main.cpp")
        target_include_directories(evproc_catch_main SYSTEM PUBLIC "${CMAKE_CURRENT_BINARY_DIR}/include")
        target_compile_features(evproc_catch_main PRIVATE cxx_std_20)
        add_library(Catch2::Catch2WithMain ALIAS evproc_catch_main)
        list(APPEND CMAKE_MODULE_PATH "${EVPROC_CATCH2_CMAKE}")
    endif()
else()
    find_package(Catch2 QUIET)
endif()
if(NOT TARGET Catch2::Catch2WithMain AND EVPROC_FETCH_DEPS)
    include(FetchContent)
    FetchContent_Declare(Catch2
        GIT_REPOSITORY https://github.com/catchorg/Catch2.git
        GIT_TAG 6e79e682b726f524310d55dec8ddac4e9c52fb5f)  # v3.4.0
    FetchContent_MakeAvailable(Catch2)
    # Warnings in its headers are not ours to mend (FetchContent's SYSTEM needs CMake 3.25).
    get_target_property(catch2_includes Catch2 INTERFACE_INCLUDE_DIRECTORIES)
    set_target_properties(Catch2 PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${catch2_includes}")
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
