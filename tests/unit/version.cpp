// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// version.hpp: one number in four forms. That CMakeLists.txt states the same number is the package suite's.
#include <evproc/version.hpp>

#include <string>

#include "catch.hpp"

using evproc::version;
using evproc::version_number;

TEST_CASE("version: the string, the number and the constant say the same") {
    CHECK(EVPROC_VERSION_STRING == std::to_string(EVPROC_VERSION_MAJOR) + '.' + std::to_string(EVPROC_VERSION_MINOR) +
                                       '.' + std::to_string(EVPROC_VERSION_PATCH));
    CHECK(EVPROC_VERSION == version.major_number * 10000 + version.minor_number * 100 + version.patch_number);
    CHECK(version == version_number{EVPROC_VERSION_MAJOR, EVPROC_VERSION_MINOR, EVPROC_VERSION_PATCH});
}

TEST_CASE("version: numbers are ordered by their parts") {
    STATIC_REQUIRE(version_number{0, 2, 9} < version_number{0, 10, 0});
    STATIC_REQUIRE(version_number{0, 10, 0} < version_number{1, 0, 0});
    STATIC_REQUIRE(version_number{1, 0, 0} < version_number{1, 0, 1});
}
