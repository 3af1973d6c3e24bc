// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace evproc_fuzz {

/// Plays the script; aborts where the library and the model disagree.
void run_script(std::uint8_t const* data, std::size_t size);

}  // namespace evproc_fuzz
