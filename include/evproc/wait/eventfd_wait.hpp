// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Not in the umbrella: for Linux; declares nothing elsewhere.
#pragma once

#include <cerrno>
#include <system_error>

#include <evproc/detail/config.hpp>
#include <evproc/detail/event_count.hpp>
#include <evproc/wait/wait_strategy.hpp>

#if defined(__linux__)
#include <sys/eventfd.h>
#include <unistd.h>

namespace evproc::inline EVPROC_ABI {

/// Lets a consumer that also serves sockets or timers sleep in an event loop (epoll, io_uring, Asio), on an eventfd. The loop
/// watches native_handle() for reading. Each turn polls until arm() is true, sleeps in the loop, and calls disarm(); it ends
/// when poll says `closed`. The first step of the other side that finds the consumer armed writes the eventfd; others pay one
/// load. Arming costs a heavy fence (0.1 to 1 us), disarming a read if something was written. The blocking verbs sleep as
/// blocking_wait does, and disarm. native_handle(), arm(), disarm(): consumer's thread; the first makes the eventfd, which
/// belongs to this object. Example: docs/pages/event_loops.md.
class eventfd_wait {
public:
    eventfd_wait() = default;
    eventfd_wait(eventfd_wait const&) = delete;
    eventfd_wait& operator=(eventfd_wait const&) = delete;
    ~eventfd_wait() {
        if (fd_ >= 0) ::close(fd_);
    }

    template <class Ready> bool wait(Ready&& ready, wait_deadline until) {
        if (armed_) disarm();
        return event_count_.await(ready, until);
    }
    EVPROC_ALWAYS_INLINE void notify() noexcept {
        // fd_ was stored before the callback was registered, and is not read before it was taken.
        event_count_.notify([]() noexcept { return 0; }, [this](int) noexcept { write(); });
    }
    [[nodiscard]] std::uint64_t parks() const noexcept { return event_count_.parks(); }

    /// The eventfd, nonblocking. Throws std::system_error if none can be made.
    [[nodiscard]] int native_handle() {
        if (fd_ < 0) open();
        return fd_;
    }

    /// True: the eventfd becomes readable with the next step, or is already. False: `ready()` is true, or a step came in
    /// between; nothing will be written. Disarms first. Throws as native_handle().
    template <class Ready> [[nodiscard]] bool arm(Ready&& ready) {
        if (fd_ < 0) open();
        disarm();
        armed_ = event_count_.register_unless(ready);
        return armed_;
    }

    /// Undoes arm() and reads what was written. A concurrent write may make the eventfd readable once more without cause; the
    /// next arm() or disarm() reads that.
    void disarm() noexcept {
        if (armed_) {
            armed_ = false;
            // A notifier was faster: a write has been or will be made.
            if (!event_count_.cancel_wait()) ++unread_;
        }
        if (unread_ != 0) drain();
    }

private:
    void write() noexcept {
        std::uint64_t const one = 1;
        while (::write(fd_, &one, sizeof one) < 0 && errno == EINTR) {
        }
    }

    void drain() noexcept {
        std::uint64_t written = 0;  // as it stays where there is nothing to read yet
        while (::read(fd_, &written, sizeof written) < 0 && errno == EINTR) {
        }
        unread_ -= written < unread_ ? written : unread_;
    }

    EVPROC_COLD void open() {
        fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (fd_ < 0)
            detail::fail<std::system_error>("evproc: no eventfd could be made", errno, std::generic_category());
    }

    detail::event_count event_count_;
    int fd_ = -1;
    bool armed_ = false;
    std::uint64_t unread_ = 0;
};

}  // namespace evproc::inline EVPROC_ABI

#endif
