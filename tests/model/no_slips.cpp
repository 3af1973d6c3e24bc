// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#include "slips.hpp"

namespace model {

char const* const slip_names[] = {nullptr};
unsigned const slip_count = 0;

}  // namespace model
