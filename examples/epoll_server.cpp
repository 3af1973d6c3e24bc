// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How do worker threads hand results to an event loop? Through a ring whose consumer sleeps on an eventfd,
// among its sockets: the workers write that eventfd once when the loop sleeps, and not for each result. A
// server of lines of text (line_server/workers.hpp) on 127.0.0.1; it tells its port in its first line.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>

#include "line_server/workers.hpp"

namespace {

using line_server::request;
using line_server::result;

[[noreturn]] void fail(char const* what) { throw std::system_error(errno, std::generic_category(), what); }

class descriptor {
public:
    descriptor() = default;
    descriptor(int fd, char const* what) : fd_(fd) {
        if (fd < 0) {
            fail(what);
        }
    }
    descriptor(descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
    descriptor& operator=(descriptor&&) = delete;
    ~descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    int get() const { return fd_; }

private:
    int fd_ = -1;
};

struct connection {
    descriptor socket;
    std::string in;           // what has come of the next line
    std::string out;          // answers that the socket has not taken yet
    std::size_t awaited = 0;  // results that the workers owe it
    bool is_reading = true;   // false: it has said all it will
    std::uint32_t watched = 0;

    // Who does not take answers gets no more questions answered.
    bool has_room() const { return out.size() < 65536; }
};

class server {
public:
    server() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(listener_.get(), 64) != 0 ||
            ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            fail("listening");
        }
        std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
        std::fflush(stdout);
        watch(EPOLL_CTL_ADD, listener_.get(), EPOLLIN, id_of_listener);
        watch(EPOLL_CTL_ADD, results_.native_handle(), EPOLLIN, id_of_results);
    }

    // Workers that wait for room give up; then they can be joined.
    ~server() { results_.close(); }
    server(server const&) = delete;
    server& operator=(server const&) = delete;

    void run() {
        for (;;) {
            // Take what the workers have done until there is nothing more; only then is it safe to sleep.
            do {
                answers_ += results_.poll([this](result const& r) { on_result(r); }).events;
            } while (!results_.arm());
            if (is_stopping_ && answers_ == questions_) {
                break;
            }
            epoll_event events[64];
            int const count = ::epoll_wait(epoll_.get(), events, 64, longest_sleep());
            if (count < 0 && errno != EINTR) {
                fail("epoll_wait");
            }
            results_.disarm();
            ++sleeps_;
            if (!is_accepting_ && std::chrono::steady_clock::now() >= accept_again_) {
                set_accepting(true);
            }
            for (int i = 0; i < count; ++i) {
                on_ready(events[i]);
            }
        }
        std::fprintf(stderr, "%llu answers, %llu sleeps\n", static_cast<unsigned long long>(answers_),
                     static_cast<unsigned long long>(sleeps_));
    }

private:
    static constexpr std::uint64_t id_of_listener = 0;
    static constexpr std::uint64_t id_of_results = 1;
    static constexpr std::chrono::milliseconds accept_pause{100};

    void on_ready(epoll_event const& event) {
        if (event.data.u64 == id_of_results) {
            return;  // taken before the next sleep
        }
        if (event.data.u64 == id_of_listener) {
            on_caller();
            return;
        }
        auto const found = connections_.find(event.data.u64);
        if (found == connections_.end()) {
            return;
        }
        bool const is_broken = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
        if (is_broken || ((event.events & EPOLLIN) != 0 && !read_some(found->first, found->second))) {
            connections_.erase(found);
            return;
        }
        settle(found);
    }

    void on_caller() {
        int const fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                // The caller stays in the queue and the listener readable: without a pause this would spin.
                if (!was_told_) {
                    std::error_code const why{errno, std::generic_category()};
                    std::fprintf(stderr, "epoll_server: cannot accept: %s; trying again later\n",
                                 why.message().c_str());
                    was_told_ = true;
                }
                accept_again_ = std::chrono::steady_clock::now() + accept_pause;
                set_accepting(false);
            }
            return;  // or it has gone again
        }
        auto const [place, is_new] =
            connections_.try_emplace(next_id_++, connection{descriptor(fd, "accept"), {}, {}, 0, true, 0});
        watch(EPOLL_CTL_ADD, fd, place->second.watched = EPOLLIN, place->first);
    }

    int longest_sleep() const { return is_accepting_ ? -1 : static_cast<int>(accept_pause.count()); }

    void set_accepting(bool on) {
        is_accepting_ = on;
        watch(EPOLL_CTL_MOD, listener_.get(), on ? std::uint32_t{EPOLLIN} : 0U, id_of_listener);
    }

    void on_result(result const& r) {
        auto const found = connections_.find(r.connection);
        if (found == connections_.end()) {
            return;  // it did not wait for the answer
        }
        --found->second.awaited;
        found->second.out += line_server::to_line(r);
        settle(found);
    }

    /// False: the connection is broken.
    bool read_some(std::uint64_t id, connection& c) {
        char buffer[4096];
        ssize_t const got = ::recv(c.socket.get(), buffer, sizeof buffer, 0);
        if (got < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        c.is_reading = c.is_reading && got != 0;
        c.in.append(buffer, static_cast<std::size_t>(got));
        std::size_t start = 0;
        for (std::size_t end; c.is_reading && (end = c.in.find('\n', start)) != std::string::npos; start = end + 1) {
            on_line(id, c, std::string_view(c.in).substr(start, end - start));
        }
        c.in.erase(0, start);
        if (c.in.size() > line_server::longest_line) {
            c.out += "error: the line is too long\n";
            c.is_reading = false;
        }
        return true;
    }

    void on_line(std::uint64_t id, connection& c, std::string_view line) {
        request const r = line_server::parse(line);
        if (r.kind == request::stop) {
            c.out += "bye\n";
            c.is_reading = false;
            is_stopping_ = true;
        } else if (r.kind == request::invalid) {
            c.out += "error: a number up to 1000000, or stop\n";
        } else if (is_stopping_) {
            c.out += "error: the server is stopping\n";
        } else if (workers_.submit(id, r.number)) {
            ++c.awaited;
            ++questions_;
        } else {
            c.out += std::to_string(r.number) + " busy\n";
        }
    }

    /// Sends what the socket takes, and decides what to wait for next.
    void settle(std::unordered_map<std::uint64_t, connection>::iterator at) {
        connection& c = at->second;
        while (!c.out.empty()) {
            ssize_t const sent = ::send(c.socket.get(), c.out.data(), c.out.size(), MSG_NOSIGNAL);
            if (sent < 0) {
                if (errno == EINTR) {
                    continue;
                }
                if (errno != EAGAIN) {
                    connections_.erase(at);
                    return;
                }
                break;
            }
            c.out.erase(0, static_cast<std::size_t>(sent));
        }
        if (!c.is_reading && c.awaited == 0 && c.out.empty()) {
            connections_.erase(at);
            return;
        }
        std::uint32_t const wanted = (c.is_reading && c.has_room() ? std::uint32_t{EPOLLIN} : 0U) |
                                     (c.out.empty() ? 0U : std::uint32_t{EPOLLOUT});
        if (wanted != c.watched) {
            watch(EPOLL_CTL_MOD, c.socket.get(), c.watched = wanted, at->first);
        }
    }

    void watch(int operation, int fd, std::uint32_t events, std::uint64_t id) {
        epoll_event e{};
        e.events = events;
        e.data.u64 = id;
        if (::epoll_ctl(epoll_.get(), operation, fd, &e) != 0) {
            fail("epoll_ctl");
        }
    }

    descriptor epoll_{::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"};
    descriptor listener_{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"};
    std::unordered_map<std::uint64_t, connection> connections_;
    std::uint64_t next_id_ = 2;
    std::uint64_t questions_ = 0;
    std::uint64_t answers_ = 0;
    std::uint64_t sleeps_ = 0;
    bool is_stopping_ = false;
    bool is_accepting_ = true;
    std::chrono::steady_clock::time_point accept_again_;
    bool was_told_ = false;  // that a caller could not be accepted
    line_server::results results_;
    line_server::workers workers_{2, results_};
};

}  // namespace

int main() {
    try {
        server().run();
    } catch (std::exception const& e) {
        std::fprintf(stderr, "epoll_server: %s\n", e.what());
        return 1;
    }
    return 0;
}
