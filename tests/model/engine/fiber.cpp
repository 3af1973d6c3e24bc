// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#include "fiber.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#include <ucontext.h>
#endif

// Only what a called function must preserve is saved: the switch is an ordinary call for the compiler.
#if defined(__x86_64__)
asm(R"(
.text
.type model_fiber_switch,@function
model_fiber_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size model_fiber_switch,.-model_fiber_switch
)");
extern "C" void model_fiber_switch(void** save, void* load) noexcept;
#elif defined(__aarch64__)
asm(R"(
.text
.type model_fiber_switch,%function
model_fiber_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
.size model_fiber_switch,.-model_fiber_switch
)");
extern "C" void model_fiber_switch(void** save, void* load) noexcept;
#endif

namespace model {

namespace {

constexpr std::size_t stack_bytes = 256 * 1024;

}  // namespace

fiber::fiber() {
    auto const page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    size_ = stack_bytes + page;
    stack_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack_ == MAP_FAILED || ::mprotect(stack_, page, PROT_NONE) != 0) {
        std::perror("model: no memory for a stack");
        std::exit(2);
    }
#if !defined(__x86_64__) && !defined(__aarch64__)
    saved_ = new ucontext_t;
#endif
}

fiber::~fiber() {
    if (stack_ != nullptr) ::munmap(stack_, size_);
}

fiber& fiber::outside() {
    static fiber the_outside{no_stack{}};
#if !defined(__x86_64__) && !defined(__aarch64__)
    if (the_outside.saved_ == nullptr) the_outside.saved_ = new ucontext_t;
#endif
    return the_outside;
}

void fiber::restart(void (*entry)()) {
    exceptions_[0] = exceptions_[1] = nullptr;
    auto* const top = static_cast<unsigned char*>(stack_) + size_;
#if defined(__x86_64__)
    // On entry a function finds its return address at 16n + 8; the null below it ends backtraces.
    auto** const frame = reinterpret_cast<void**>(top) - 3 - 7;
    std::memset(frame, 0, 10 * sizeof(void*));
    frame[6] = reinterpret_cast<void*>(entry);
    saved_ = frame;
#elif defined(__aarch64__)
    auto** const frame = reinterpret_cast<void**>(top - 160);
    std::memset(frame, 0, 160);
    frame[11] = reinterpret_cast<void*>(entry);
    saved_ = frame;
#else
    auto* const context = static_cast<ucontext_t*>(saved_);
    ::getcontext(context);
    context->uc_stack.ss_sp = top - stack_bytes;
    context->uc_stack.ss_size = stack_bytes;
    context->uc_link = nullptr;
    ::makecontext(context, entry, 0);
#endif
}

void fiber::switch_over(fiber& from, fiber& to) {
    // All fibers share one OS thread, and so its record of exceptions being handled: each takes its own along.
    void* const globals = abi::__cxa_get_globals();
    constexpr std::size_t bytes = sizeof(void*) + sizeof(unsigned);
    std::memcpy(from.exceptions_, globals, bytes);
    std::memcpy(globals, to.exceptions_, bytes);
#if defined(__x86_64__) || defined(__aarch64__)
    model_fiber_switch(&from.saved_, to.saved_);
#else
    ::swapcontext(static_cast<ucontext_t*>(from.saved_), static_cast<ucontext_t*>(to.saved_));
#endif
}

}  // namespace model
