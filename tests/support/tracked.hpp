// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// An object that keeps the books: how many were constructed, moved and destroyed, whether one was destroyed twice or
// used after its end, and, on demand, a throw at the n-th construction or move from now.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

namespace evproc_test {

/// What `tracked` throws when it was told to.
struct planned_throw {
    int at = 0;
};

/// The books of all `tracked` objects of the program. Atomic, because some tests run threads.
struct ledger {
    static inline std::atomic<std::int64_t> constructed{0};
    static inline std::atomic<std::int64_t> destroyed{0};
    static inline std::atomic<std::int64_t> faults{0};  // destroyed twice, or used when not alive
    static inline std::atomic<int> throw_in{std::numeric_limits<int>::max()};

    static void reset() noexcept {
        constructed = 0;
        destroyed = 0;
        faults = 0;
        disarm();
    }
    /// The n-th construction or move from now throws (1: the next).
    static void arm(int n) noexcept { throw_in = n; }
    static void disarm() noexcept { throw_in = std::numeric_limits<int>::max(); }
    static std::int64_t alive() noexcept { return constructed - destroyed; }
    static bool balanced() noexcept { return alive() == 0 && faults == 0; }

    static void step() {
        if (throw_in.load() == std::numeric_limits<int>::max()) return;
        if (throw_in.fetch_sub(1) == 1) {
            disarm();
            throw planned_throw{1};
        }
    }
};

class tracked {
public:
    tracked() : tracked(0) {}
    // Implicit on purpose: push_back(7) and publish(7) have to work as they do with any event.
    tracked(int v) : value(v) {
        ledger::step();
        born();
    }
    tracked(int a, int b) : tracked(a * 1000 + b) {}
    tracked(tracked const& other) : value(other.get()) {
        ledger::step();
        born();
    }
    tracked(tracked&& other) : value(other.get()) {
        ledger::step();
        other.value = -1;
        born();
    }
    tracked& operator=(tracked const& other) {
        ledger::step();
        value = other.get();
        return *this;
    }
    tracked& operator=(tracked&& other) {
        ledger::step();
        value = other.get();
        return *this;
    }
    ~tracked() {
        if (mark_ != alive_mark || self_ != this) ++ledger::faults;
        mark_ = dead_mark;
        ++ledger::destroyed;
    }

    int get() const noexcept {
        if (mark_ != alive_mark || self_ != this) ++ledger::faults;
        return value;
    }

    int value;

private:
    static constexpr std::uint32_t alive_mark = 0x600d600d;
    static constexpr std::uint32_t dead_mark = 0xdeaddead;

    void born() noexcept { ++ledger::constructed; }

    std::uint32_t volatile mark_ = alive_mark;
    tracked const* self_ = this;
};

/// Resets the ledger for the life of one test, so that no test inherits another's counts.
struct ledger_scope {
    ledger_scope() noexcept { ledger::reset(); }
    ~ledger_scope() { ledger::reset(); }
    ledger_scope(ledger_scope const&) = delete;
    ledger_scope& operator=(ledger_scope const&) = delete;
};

}  // namespace evproc_test
