// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <compare>

// The version of these headers. CMakeLists.txt states the same number; a test compares the two.
#define EVPROC_VERSION_MAJOR 0
#define EVPROC_VERSION_MINOR 2
#define EVPROC_VERSION_PATCH 0

// One number to compare with: #if EVPROC_VERSION >= 10203 asks for 1.2.3 or later.
#define EVPROC_VERSION (EVPROC_VERSION_MAJOR * 10000 + EVPROC_VERSION_MINOR * 100 + EVPROC_VERSION_PATCH)
#define EVPROC_VERSION_STRING "0.2.0"

namespace evproc {

struct version_number {
    int major_number;
    int minor_number;
    int patch_number;

    friend constexpr auto operator<=>(version_number const&, version_number const&) = default;
};

inline constexpr version_number version{EVPROC_VERSION_MAJOR, EVPROC_VERSION_MINOR, EVPROC_VERSION_PATCH};

}  // namespace evproc
