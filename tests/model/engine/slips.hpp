// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

namespace model {

/// The slips that the mutated headers carry, by number from 1. None where the headers are the shipped ones.
extern char const* const slip_names[];
extern unsigned const slip_count;

}  // namespace model
