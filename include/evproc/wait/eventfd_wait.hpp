// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// Not in the umbrella: it is for Linux, and declares nothing elsewhere.
#pragma once

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <evproc/detail/check.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/event_count.hpp>
#include <evproc/wait/wait_strategy.hpp>

#if defined(__linux__)
#include <sys/eventfd.h>
#include <unistd.h>

namespace evproc {
inline namespace EVPROC_ABI {

/// Lets a consumer sleep in an event loop (epoll, poll, io_uring, Asio), on an eventfd among its other file
/// descriptors.
///
/// Use it where the consumer's thread also serves sockets or timers. The loop's shape:
///
///     watch(processor.native_handle());                    // for reading, once
///     for (;;) {
///         do processor.poll(handler); while (!processor.arm());   // and leave when poll says `closed`
///         sleep_in_the_loop();
///         processor.disarm();
///     }
///
/// A step of the other side (commit, discard, close, wake) writes the eventfd only if the consumer is armed,
/// and only the first one does: one write for a sleep, none for an event. Arming costs the consumer the heavy
/// fence (0.1 to 1 us), disarming one read if something was written. A step that finds nobody armed pays one
/// load of a line that nobody writes.
///
/// The blocking verbs (poll_wait, reserve, ...) work too and sleep as blocking_wait does; one that is called
/// while armed disarms. native_handle(), arm() and disarm() are for the consumer's thread. The eventfd is
/// made by the first call of native_handle() or arm(), so that the producers' side has none; it belongs to
/// this object.
class eventfd_wait {
public:
    eventfd_wait() = default;
    eventfd_wait(eventfd_wait const&) = delete;
    eventfd_wait& operator=(eventfd_wait const&) = delete;
    ~eventfd_wait() {
        if (fd_ >= 0) ::close(fd_);
    }

    template <class Ready>
    bool wait(Ready&& ready, wait_deadline until) {
        if (armed_) disarm();
        return event_count_.await(ready, until);
    }
    EVPROC_ALWAYS_INLINE void notify() noexcept {
        // fd_ was stored before the callback was registered, and is not read before it was taken.
        event_count_.notify([]() noexcept { return 0; }, [this](int) noexcept { write(); });
    }
    [[nodiscard]] std::uint64_t parks() const noexcept { return event_count_.parks(); }

    /// The eventfd, nonblocking. Throws std::system_error if there is none and none can be made.
    [[nodiscard]] int native_handle() {
        if (fd_ < 0) open();
        return fd_;
    }

    /// True: the eventfd becomes readable with the next step, or is already. False: `ready()` has returned
    /// true, or a step came in between; nothing will be written. If it was armed, it is disarmed first.
    /// Throws as native_handle().
    template <class Ready>
    [[nodiscard]] bool arm(Ready&& ready) {
        if (fd_ < 0) open();
        disarm();
        auto const prepared = event_count_.prepare_wait();
        if (ready()) {
            event_count_.cancel_wait();
            return false;
        }
        armed_ = event_count_.register_callback(prepared);
        if (armed_) event_count_.count_park();
        return armed_;
    }

    /// Takes arm() back, and reads what was written. If another thread is about to write at this moment, the
    /// eventfd may become readable once without cause; the next arm() or disarm() reads that.
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
        std::uint64_t written = 0;
        ssize_t got = 0;
        do got = ::read(fd_, &written, sizeof written);
        while (got < 0 && errno == EINTR);
        // Nothing to read: the write is still on its way, or the user has read it.
        if (got == static_cast<ssize_t>(sizeof written)) unread_ -= written < unread_ ? written : unread_;
    }

    EVPROC_COLD void open() {
        fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (fd_ >= 0) return;
#if EVPROC_EXCEPTIONS
        throw std::system_error(errno, std::generic_category(), "evproc: no eventfd could be made");
#else
        detail::check_failed("no eventfd could be made", __FILE__, __LINE__);
#endif
    }

    detail::event_count event_count_;
    // The consumer's own; fd_ is read by the notifier that takes the callback.
    int fd_ = -1;
    bool armed_ = false;
    std::uint64_t unread_ = 0;
};

static_assert(armable_wait<eventfd_wait>);

}  // namespace EVPROC_ABI
}  // namespace evproc

#endif
