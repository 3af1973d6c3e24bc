// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/config.hpp>

// The TLS model is the compiler's: initial-exec uses up a table of fixed size, and then dlopen() refuses the library.
#if defined(__ELF__) && !defined(__ANDROID__) && (defined(__GNUC__) || defined(__clang__))
#define EVPROC_HAS_CHEAP_TLS 1
#else
#define EVPROC_HAS_CHEAP_TLS 0
#endif

namespace evproc::detail {

using thread_token = std::uintptr_t;

/// Unique among live threads, not 0: the address of a thread-local object, as asking the system would be a call.
[[nodiscard]] inline thread_token this_thread_token() noexcept {
    static thread_local constinit char anchor = 0;
    return reinterpret_cast<thread_token>(&anchor);
}

/// Where this thread's last claim ended, and in which ring: sooner at hand than the line that it has just written.
class claim_hint {
public:
    template <class Otherwise>
    [[nodiscard]] EVPROC_ALWAYS_INLINE static std::uint64_t get(void const* ring, Otherwise otherwise) noexcept {
#if EVPROC_HAS_CHEAP_TLS
        if (here.ring_ == ring) [[likely]]
            return here.end_;
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
