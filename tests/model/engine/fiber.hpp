// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace model {

/// One stack on which a modelled thread runs. Abandoned stacks are simply started again: nothing is unwound.
class fiber {
public:
    fiber();
    ~fiber();
    fiber(fiber const&) = delete;
    fiber& operator=(fiber const&) = delete;

    /// Prepares the stack so that the next switch to it calls `entry`, which must never return.
    void restart(void (*entry)());

    /// Leaves the running fiber in `from` and continues `to`.
    static void switch_over(fiber& from, fiber& to);

    /// The fiber that stands for the stack the program was started on.
    static fiber& outside();

private:
    struct no_stack {};
    explicit fiber(no_stack) noexcept {}

    void* saved_ = nullptr;  // stack pointer, or ucontext_t where there is no hand-written switch
    void* stack_ = nullptr;
    std::size_t size_ = 0;
    void* exceptions_[2] = {nullptr, nullptr};  // what the C++ runtime keeps per thread: caught and uncaught
};

}  // namespace model
