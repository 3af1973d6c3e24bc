// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "snippets.hpp"

int main() {
    readme();
    tutorial();
    guarantees();
    waiting();
    coming_from();
    metrics();
    broadcast();
    records();
    selecting();
}
