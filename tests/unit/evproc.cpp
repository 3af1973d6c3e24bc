// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Each header of the library after the macros of <windows.h>, and on Windows after that header itself.
//
// The standard library's headers come first: they undefine `min` and `max`, or do not compile with them.
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <compare>
#include <concepts>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#if __has_include(<expected>)
#include <expected>
#endif
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <ostream>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>
#include <version>

#include "catch.hpp"

#if defined(_WIN32)
#undef NOMINMAX
#include <windows.h>
#elif defined(__linux__)
// What evproc includes of the system.
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#endif

// Those of <windows.h> that have the form of a name or of a call. `min` and `max` are there even where <windows.h> has
// been told not to define them, so that this test does not depend on it.
#undef min
#undef max
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#if !defined(_WIN32)
#define small char
#define near
#define far
#define interface struct
#define hyper __int64
#define pascal __stdcall
#define cdecl
#define IN
#define OUT
#define OPTIONAL
#define CONST const
#define VOID void
#define THIS this
#define STRICT 1
#define TRUE 1
#define FALSE 0
#define ERROR 0
#define DELETE 0x00010000L
#define INFINITE 0xFFFFFFFF
#define ABSOLUTE 1
#define RELATIVE 2
#define Yield()
#define GetMessage GetMessageA
#define GetObject GetObjectA
#define SendMessage SendMessageA
#define CreateEvent CreateEventA
#endif

#include <evproc/evproc.hpp>
#include <evproc/extras/bounded_queue.hpp>
#include <evproc/extras/dwell_histogram.hpp>
#include <evproc/extras/io.hpp>
#include <evproc/wait/coroutine_wait.hpp>
#include <evproc/wait/eventfd_wait.hpp>

#if !defined(min) || !defined(max)
#error "a header of the library has undefined a macro of the program"
#endif

TEST_CASE("windows: a program whose headers define min, max and the other macros of windows.h uses a processor") {
    evproc::event_processor<int, 4> numbers;
    CHECK(numbers.try_publish(40) == evproc::errc::success);
    CHECK(numbers.try_publish(2) == evproc::errc::success);
    int sum = 0;
    CHECK(numbers.poll([&](int n) { sum += n; }).events == 2);
    CHECK(sum == 42);
}
