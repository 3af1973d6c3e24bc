// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// replay SCRIPTS SEED CORPUS...: plays every script of these files (corpus.hpp), then SCRIPTS random ones, with any compiler
// and without libFuzzer. Fails if a script does, or if all of them together did not reach what they are there to reach.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "corpus.hpp"
#include "report.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);  // run_script.cpp

namespace {

/// The same numbers on every machine, which the standard's distributions do not promise.
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) : state_{seed} {}
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15u;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

private:
    std::uint64_t state_;
};

bool require(char const* what, std::uint64_t count) {
    std::printf("  %-24s %llu\n", what, static_cast<unsigned long long>(count));
    if (count == 0) std::fprintf(stderr, "replay: no script reached: %s\n", what);
    return count != 0;
}

bool reached_all() {
    using evproc_fuzz::reached;
    static constexpr char const* error_names[reached::errcs] = {
        "success", "empty",          "full",      "closed",       "busy",          "timed_out",
        "stopped", "would_deadlock", "too_large", "invalid_size", "invalid_handle"};
    static constexpr char const* state_names[] = {"idle", "more", "blocked", "closed and drained"};
    bool all = true;
    for (std::size_t i = 0; i != reached::errcs; ++i) {
        // No verb of the contract answers `empty`, and a reservation never answers invalid_handle.
        if (i == 1 || i == 10) continue;
        all &= require(error_names[i], reached::errors[i]);
    }
    for (std::size_t i = 0; i != 4; ++i) all &= require(state_names[i], reached::states[i]);
    all &= require("events consumed", reached::consumed);
    all &= require("poll_batches", reached::batches);
    all &= require("prefixes committed", reached::prefixes);
    all &= require("discarded", reached::discards);
    all &= require("kept by a handler", reached::kept);
    all &= require("thrown by a handler", reached::handler_throws);
    all &= require("thrown by a constructor", reached::constructor_throws);
    all &= require("reserved in a handler", reached::reserved_in_handler);
    all &= require("peeks", reached::peeked);
    all &= require("stalls reported", reached::stalls);
    all &= require("wake-ups", reached::wakes);
    all &= require("runs", reached::runs);
    all &= require("left to the destructor", reached::left_to_destructor);
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "replay SCRIPTS SEED CORPUS...\n");
        return 2;
    }
    std::uint64_t const scripts = std::strtoull(argv[1], nullptr, 10);
    std::uint64_t const seed = std::strtoull(argv[2], nullptr, 0);
    std::size_t kept = 0;
    for (int i = 3; i != argc; ++i) {
        evproc_fuzz::for_each_script(argv[i], [&](evproc_fuzz::script const& bytes, std::size_t line) {
            // Named first: a script that fails aborts.
            FUZZ_TRACE("%s:%zu\n", argv[i], line);
            LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
            ++kept;
        });
    }
    for (std::uint64_t i = 0; i != scripts; ++i) {
        random_numbers random{seed + i};
        evproc_fuzz::script bytes(static_cast<std::size_t>(2 + random.next() % 400));
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next() >> 32);
        FUZZ_TRACE("script of seed %llu\n", static_cast<unsigned long long>(seed + i));
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::printf("%zu kept and %llu random scripts agree with the model\n", kept,
                static_cast<unsigned long long>(scripts));
    return scripts == 0 || reached_all() ? 0 : 1;
}
