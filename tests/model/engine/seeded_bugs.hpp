// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

namespace model {

/// The seeded bugs that the mutated headers carry, by number from 1. None where the headers are the shipped ones.
extern char const* const seeded_bug_names[];
extern unsigned const seeded_bug_count;

}  // namespace model
