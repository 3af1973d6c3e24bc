// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <evproc/detail/config.hpp>

// In a program a thread-local variable costs no call. In a shared library it may cost one: the model is left to the
// compiler, because initial-exec uses up a table of fixed size, and then the library cannot be loaded by dlopen().
#if defined(__ELF__) && !defined(__ANDROID__) && (defined(__GNUC__) || defined(__clang__))
#define EVPROC_HAS_CHEAP_TLS 1
#else
#define EVPROC_HAS_CHEAP_TLS 0
#endif

namespace evproc::detail {

using thread_token = std::uintptr_t;

/// A non-zero number that no other live thread has. The address of a thread-local object, because asking the system
/// would be a call.
[[nodiscard]] inline thread_token this_thread_token() noexcept {
    static thread_local constinit char anchor = 0;
    return reinterpret_cast<thread_token>(&anchor);
}

/// Where this thread's last claim ended, and in which ring. A locked instruction holds up the loads behind it, so who
/// claims again at once has the position sooner from here than from the line that it has just written.
class claim_hint {
public:
    /// The end of this thread's last claim if it was in `ring`; otherwise `otherwise()`.
    template <class Otherwise>
    [[nodiscard]] EVPROC_ALWAYS_INLINE static std::uint64_t get(void const* ring, Otherwise otherwise) noexcept {
#if EVPROC_HAS_CHEAP_TLS
        if (here.ring_ == ring) [[likely]] return here.end_;
#else
        static_cast<void>(ring);
#endif
        return otherwise();
    }
    EVPROC_ALWAYS_INLINE static void set(void const* ring, std::uint64_t end) noexcept {
#if EVPROC_HAS_CHEAP_TLS
        here.ring_ = ring;
        here.end_ = end;
#else
        static_cast<void>(ring);
        static_cast<void>(end);
#endif
    }

private:
#if EVPROC_HAS_CHEAP_TLS
    void const* ring_ = nullptr;
    std::uint64_t end_ = 0;

    static thread_local claim_hint here;
#endif
};

#if EVPROC_HAS_CHEAP_TLS
inline constinit thread_local claim_hint claim_hint::here{};
#endif

}  // namespace evproc::detail
