// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// The entry for libFuzzer.
#include "run_script.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    evproc_fuzz::run_script(data, size);
    return 0;
}
