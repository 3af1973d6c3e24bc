// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/evproc.hpp>

int main() {}
