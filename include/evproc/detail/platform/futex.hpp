// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// How a thread sleeps until a 32-bit word changes: a futex on Linux, WaitOnAddress on Windows (8 or newer; link library
// `synchronization`), a mutex and a condition variable elsewhere or with EVPROC_NO_FUTEX. All take absolute deadlines, which
// std::atomic::wait does not. <windows.h> is not included: it would define its macros in every program.
//   P1  the word is compared under the mutex that wake_all() takes, which orders the two.
#pragma once

#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/platform/clock.hpp>

#if defined(__linux__) && !defined(EVPROC_NO_FUTEX)
#include <cerrno>
#include <climits>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(SYS_futex)
#define EVPROC_HAS_FUTEX 1
#endif
#elif defined(_WIN32) && !defined(EVPROC_NO_FUTEX)
#define EVPROC_HAS_WAIT_ON_ADDRESS 1
#endif
#if !defined(EVPROC_HAS_FUTEX) && !defined(EVPROC_HAS_WAIT_ON_ADDRESS)
#include <condition_variable>
#include <mutex>
#endif

namespace evproc::detail::inline EVPROC_ABI {

/// What a sleeper is woken by: wake_all() alone, or wake_some() too.
enum class sleeper : std::uint32_t { of_all = 1, of_some = 2 };

static_assert(sizeof(atomic<std::uint32_t>) == sizeof(std::uint32_t), "the system compares the bare 32-bit word");

#if defined(EVPROC_HAS_FUTEX)

class futex {
public:
    /// Sleeps while `word` holds `expected`, until woken or the deadline; may return early. False: deadline passed, not woken.
    bool wait(atomic<std::uint32_t>& word, std::uint32_t expected, clock_type::time_point until,
              sleeper kind) noexcept {
        auto const ns = std::chrono::duration_cast<std::chrono::nanoseconds>(until.time_since_epoch()).count();
        if (ns <= 0) return false;
        auto const seconds = ns / 1'000'000'000;
        // The kernel's own layout for SYS_futex, whatever this program's time_t is.
        long const timeout[]{static_cast<long>(seconds), static_cast<long>(ns % 1'000'000'000)};
        bool const ends = until != (clock_type::time_point::max)() && seconds < LONG_MAX;
        long const result = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                                      ends ? timeout : nullptr, nullptr, static_cast<std::uint32_t>(kind));
        return result == 0 || errno != ETIMEDOUT;
    }

    /// Call after the word has changed.
    void wake_all(atomic<std::uint32_t>& word) noexcept {
        ::syscall(SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, nullptr, nullptr, 0);
    }

    /// Wakes up to `n` of those that sleep as sleeper::of_some, those first that have slept longest. Returns how many.
    std::size_t wake_some(atomic<std::uint32_t>& word, std::size_t n) noexcept {
        long const woken = ::syscall(SYS_futex, &word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG,
                                     static_cast<int>(n < INT_MAX ? n : INT_MAX), nullptr, nullptr,
                                     static_cast<std::uint32_t>(sleeper::of_some));
        return woken > 0 ? static_cast<std::size_t>(woken) : 0;
    }
};

#elif defined(EVPROC_HAS_WAIT_ON_ADDRESS)

// As <synchapi.h> declares them, so that a program may include both.
extern "C" {
using byte_count = std::conditional_t<sizeof(void*) == 8, unsigned long long, unsigned long>;
int __stdcall WaitOnAddress(void volatile* address, void* expected, byte_count size, unsigned long milliseconds);
void __stdcall WakeByAddressAll(void* address);
}

class futex {
public:
    bool wait(atomic<std::uint32_t>& word, std::uint32_t expected, clock_type::time_point until, sleeper) noexcept {
        unsigned long time = for_ever;
        if (until != (clock_type::time_point::max)()) {
            auto const start = now();
            if (until <= start) return false;
            // Rounded up: a shorter sleep would end before the deadline, over and over.
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - start).count();
            time = left < longest ? static_cast<unsigned long>(left) : longest;
        }
        // Fails when the time is over. The clock decides, because the system measures the time in ticks of up to 16 ms.
        return WaitOnAddress(&word, &expected, sizeof expected, time) != 0 || now() < until;
    }

    void wake_all(atomic<std::uint32_t>& word) noexcept { WakeByAddressAll(&word); }

    /// WakeByAddressSingle does not tell whether anybody slept: wake all instead.
    std::size_t wake_some(atomic<std::uint32_t>&, std::size_t) noexcept { return 0; }

private:
    static constexpr unsigned long for_ever = 0xFFFFFFFF;
    static constexpr unsigned long longest = for_ever - 1;
};

#else

class futex {
public:
    bool wait(atomic<std::uint32_t>& word, std::uint32_t expected, clock_type::time_point until, sleeper) noexcept {
        std::unique_lock lock(mutex_);
        // P1 relaxed: the mutex orders this check against wake_all().
        if (word.load(std::memory_order_relaxed) != expected) return true;
        if (until == (clock_type::time_point::max)()) {
            changed_.wait(lock);
            return true;
        }
        return changed_.wait_until(lock, until) == std::cv_status::no_timeout;
    }

    void wake_all(atomic<std::uint32_t>&) noexcept {
        // Taken and dropped, so that a thread which saw the old word is asleep by now and hears the notification.
        std::unique_lock(mutex_).unlock();
        changed_.notify_all();
    }

    /// A condition variable does not tell how many it has woken: wake all.
    std::size_t wake_some(atomic<std::uint32_t>&, std::size_t) noexcept { return 0; }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

#endif

}  // namespace evproc::detail::inline EVPROC_ABI
