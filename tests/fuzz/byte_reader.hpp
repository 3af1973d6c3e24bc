// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// A byte string read as a script: every string is a valid one, and what is missing at its end reads as 0.
#pragma once

#include <cstddef>
#include <cstdint>

namespace evproc_fuzz {

class byte_reader {
public:
    byte_reader(std::uint8_t const* data, std::size_t size) noexcept : at_{data}, end_{data + size} {}

    [[nodiscard]] bool done() const noexcept { return at_ == end_; }
    std::uint8_t next() noexcept { return done() ? std::uint8_t{0} : *at_++; }
    /// A number below `limit`.
    unsigned below(unsigned limit) noexcept { return next() % limit; }
    /// True about once in `n`.
    bool one_in(unsigned n) noexcept { return below(n) == n - 1; }

private:
    std::uint8_t const* at_;
    std::uint8_t const* end_;
};

}  // namespace evproc_fuzz
