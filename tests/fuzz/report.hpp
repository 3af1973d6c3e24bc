// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// How a script fails (one line and abort, so that a fuzzer sees it), and what all scripts together have reached.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace evproc_fuzz {

/// EVPROC_FUZZ_TRACE=1 in the environment prints each step of a script: the way to read a failing one.
inline bool tracing() {
    static bool const on = std::getenv("EVPROC_FUZZ_TRACE") != nullptr;
    return on;
}

#define FUZZ_TRACE(...) (::evproc_fuzz::tracing() ? static_cast<void>(std::fprintf(stderr, __VA_ARGS__)) : void())

[[noreturn]] inline void disagree(char const* what, char const* file, int line) {
    std::fprintf(stderr, "fuzz: the library and the model disagree: %s (%s:%d)\n", what, file, line);
    std::abort();
}

#define FUZZ_CHECK(condition) ((condition) ? void() : ::evproc_fuzz::disagree(#condition, __FILE__, __LINE__))

/// Counts of what happened in all scripts of this program. A driver that reached none of it would agree with anything.
struct reached {
    static constexpr std::size_t errcs = 11;
    static inline std::array<std::uint64_t, errcs> errors{};
    static inline std::array<std::uint64_t, 4> states{};
    static inline std::uint64_t consumed = 0;
    static inline std::uint64_t batches = 0;
    static inline std::uint64_t prefixes = 0;
    static inline std::uint64_t discards = 0;
    static inline std::uint64_t kept = 0;
    static inline std::uint64_t handler_throws = 0;
    static inline std::uint64_t constructor_throws = 0;
    static inline std::uint64_t reserved_in_handler = 0;
    static inline std::uint64_t peeked = 0;
    static inline std::uint64_t stalls = 0;
    static inline std::uint64_t wakes = 0;
    static inline std::uint64_t runs = 0;
    static inline std::uint64_t left_to_destructor = 0;
};

}  // namespace evproc_fuzz
