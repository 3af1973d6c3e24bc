// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

namespace evproc_test {

/// One handler made of several lambdas.
template <class... Handlers> struct overloads : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers> overloads(Handlers...) -> overloads<Handlers...>;

}  // namespace evproc_test
