// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/config.hpp>

namespace evproc::detail {

using thread_token = std::uintptr_t;

/// Unique among live threads, not 0: the address of a thread-local object, as asking the system would be a call.
[[nodiscard]] inline thread_token this_thread_token() noexcept {
    static thread_local constinit char anchor = 0;
    return reinterpret_cast<thread_token>(&anchor);
}

/// Where this thread's last claim ended, and in which ring: sooner at hand than the line that it has just written. The TLS
/// model is the compiler's: initial-exec uses up a table of fixed size, and then dlopen() refuses the library.
class claim_hint {
public:
#if defined(__ELF__) && !defined(__ANDROID__) && (defined(__GNUC__) || defined(__clang__))
    template <class Otherwise>
    [[nodiscard]] EVPROC_ALWAYS_INLINE static std::uint64_t get(void const* ring, Otherwise otherwise) noexcept {
        if (here.ring == ring) [[likely]]
            return here.end;
        return otherwise();
    }
    EVPROC_ALWAYS_INLINE static void set(void const* ring, std::uint64_t end) noexcept { here = {ring, end}; }

private:
    struct last_claim {
        void const* ring;
        std::uint64_t end;
    };
    static inline constinit thread_local last_claim here{};
#else  // thread-local storage is dear
    template <class Otherwise> [[nodiscard]] static std::uint64_t get(void const*, Otherwise otherwise) noexcept {
        return otherwise();
    }
    static void set(void const*, std::uint64_t) noexcept {}
#endif
};

}  // namespace evproc::detail
