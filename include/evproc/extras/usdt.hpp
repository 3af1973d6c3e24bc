// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <sys/sdt.h>

#include <evproc/detail/config.hpp>
#include <evproc/observer.hpp>

// Not in the umbrella: needs <sys/sdt.h> (Debian: systemtap-sdt-dev; headers only).

namespace evproc::inline EVPROC_ABI {

/// An observer (see no_observer) whose hooks are USDT probes of the provider `evproc`, for bpftrace, perf, SystemTap and gdb;
/// one that nobody attached to is a nop and its arguments. Wait-free. The name, as in usdt_observer{"orders"}, must outlive the
/// processor. Probes: full(name, n), discard and batch(name, sequence, n), stall(name, sequence), each as the hook of its name;
/// wait_begin and wait_end(name, side) around each wait (side 0: a producer, 1: the consumer). Use: docs/pages/probes.md.
class usdt_observer : public no_observer {
public:
    explicit usdt_observer(char const* name = "") noexcept : name_{name} {}

    void on_full(std::size_t n) noexcept { STAP_PROBE2(evproc, full, name_, n); }
    void on_discard(std::uint64_t sequence, std::size_t n) noexcept {
        STAP_PROBE3(evproc, discard, name_, sequence, n);
    }
    void on_batch(std::uint64_t sequence, std::size_t n) noexcept { STAP_PROBE3(evproc, batch, name_, sequence, n); }
    void on_stall(std::uint64_t sequence) noexcept { STAP_PROBE2(evproc, stall, name_, sequence); }
    [[nodiscard]] auto on_wait(wait_side side) noexcept { return waiting{name_, side}; }

private:
    class waiting {
    public:
        waiting(char const* name, wait_side side) noexcept : name_{name}, side_{side == wait_side::consumer} {
            STAP_PROBE2(evproc, wait_begin, name_, side_);
        }
        ~waiting() { STAP_PROBE2(evproc, wait_end, name_, side_); }
        waiting(waiting const&) = delete;
        waiting& operator=(waiting const&) = delete;

    private:
        char const* name_;
        int side_;
    };

    char const* name_;
};

}  // namespace evproc::inline EVPROC_ABI
