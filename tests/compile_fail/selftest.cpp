// expect: anything
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/version.hpp>

static_assert(EVPROC_VERSION > 0);
