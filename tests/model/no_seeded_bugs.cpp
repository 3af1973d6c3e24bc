// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#include "seeded_bugs.hpp"

namespace model {

char const* const seeded_bug_names[] = {nullptr};
unsigned const seeded_bug_count = 0;

}  // namespace model
