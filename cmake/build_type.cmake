# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# Debug when this project is the one being built and nobody chose: with sanitizers and checks (cmake/sanitizers.cmake).
get_property(evproc_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(PROJECT_IS_TOP_LEVEL AND NOT evproc_multi_config AND NOT CMAKE_BUILD_TYPE)
    message(STATUS "No build type chosen: Debug")
    set(CMAKE_BUILD_TYPE Debug CACHE STRING "Build type" FORCE)
    set_property(CACHE CMAKE_BUILD_TYPE PROPERTY STRINGS Debug Release RelWithDebInfo)
endif()
