// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How do worker threads hand results to an Asio io_context, without a post() and its allocation for each of
// them? The context watches the ring's eventfd like any descriptor. The same server as epoll_server, on Asio
// (Debian: libasio-dev).

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <asio.hpp>

#include "line_server/workers.hpp"

namespace {

using asio::ip::tcp;
using line_server::request;
using line_server::result;

class server {
public:
    server() {
        std::printf("listening on 127.0.0.1:%d\n", int{listener_.local_endpoint().port()});
        std::fflush(stdout);
        take_results();
        take_callers();
    }
    // Workers that wait for room give up; then they can be joined.
    ~server() { results_.close(); }
    server(server const&) = delete;
    server& operator=(server const&) = delete;

    void run() {
        context_.run();
        std::fprintf(stderr, "%llu answers, %llu sleeps on the ring\n", static_cast<unsigned long long>(answers_),
                     static_cast<unsigned long long>(sleeps_));
    }

private:
    class session;

    /// Takes what the workers have done, until there is nothing more; only then the context may wait for the
    /// eventfd.
    void take_results() {
        do {
            answers_ += results_.poll([this](result const& r) { on_result(r); }).events;
        } while (!results_.arm());
        stop_if_done();
        ++sleeps_;
        ring_.async_wait(asio::posix::stream_descriptor::wait_read, [this](asio::error_code const& error) {
            if (!error) {
                results_.disarm();
                take_results();
            }
        });
    }

    void take_callers();
    void on_result(result const& r);

    bool submit(std::uint64_t id, std::uint64_t number) {
        bool const taken = workers_.submit(id, number);
        questions_ += taken ? 1 : 0;
        return taken;
    }
    void forget(std::uint64_t id) { sessions_.erase(id); }
    void stop() { is_stopping_ = true; }
    void stop_if_done() {
        if (is_stopping_ && answers_ == questions_) {
            // The handlers that are ready now, and with them "bye", come first.
            asio::post(context_, [this] { context_.stop(); });
        }
    }

    asio::io_context context_{1};
    tcp::acceptor listener_{context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    asio::steady_timer accept_again_{context_};
    bool was_told_ = false;  // that a caller could not be accepted
    std::unordered_map<std::uint64_t, std::shared_ptr<session>> sessions_;
    std::uint64_t next_id_ = 0;
    std::uint64_t questions_ = 0;
    std::uint64_t answers_ = 0;
    std::uint64_t sleeps_ = 0;
    bool is_stopping_ = false;
    line_server::results results_;
    // A copy of the descriptor, because this closes what it has.
    asio::posix::stream_descriptor ring_{context_, ::dup(results_.native_handle())};
    line_server::workers workers_{2, results_};
};

/// One caller. Lives while something is read from it, written to it, or computed for it.
class server::session : public std::enable_shared_from_this<session> {
public:
    session(server& owner, std::uint64_t id, tcp::socket socket) : owner_(owner), id_(id), socket_(std::move(socket)) {}

    void read() {
        asio::async_read_until(socket_, asio::dynamic_buffer(in_, line_server::longest_line), '\n',
                               [self = shared_from_this()](asio::error_code const& error, std::size_t size) {
                                   self->on_read(error, size);
                               });
    }

    void on_result(result const& r) {
        --awaited_;
        answer(line_server::to_line(r));
    }

private:
    void on_read(asio::error_code const& error, std::size_t size) {
        if (error) {
            is_reading_ = false;
            // So much without a newline.
            if (error == asio::error::not_found) {
                answer("error: the line is too long\n");
            }
            leave_if_done();
            return;
        }
        on_line(std::string_view(in_).substr(0, size - 1));
        in_.erase(0, size);
        // Who does not take answers gets no more questions answered.
        is_paused_ = out_.size() + sending_.size() >= 65536;
        if (is_reading_ && !is_paused_) {
            read();
        }
    }

    void on_line(std::string_view line) {
        request const r = line_server::parse(line);
        if (r.kind == request::stop) {
            is_reading_ = false;
            owner_.stop();
            answer("bye\n");
        } else if (r.kind == request::invalid) {
            answer("error: a number up to 1000000, or stop\n");
        } else if (owner_.is_stopping_) {
            answer("error: the server is stopping\n");
        } else if (owner_.submit(id_, r.number)) {
            ++awaited_;
        } else {
            answer(std::to_string(r.number) + " busy\n");
        }
    }

    void answer(std::string_view line) {
        out_ += line;
        if (sending_.empty()) {
            send();
        }
    }

    void send() {
        sending_.swap(out_);
        asio::async_write(
            socket_, asio::buffer(sending_),
            [self = shared_from_this()](asio::error_code const& error, std::size_t) { self->on_sent(error); });
    }

    void on_sent(asio::error_code const& error) {
        sending_.clear();
        if (error) {
            is_reading_ = false;
            out_.clear();
            asio::error_code ignored;
            socket_.close(ignored);
        }
        if (!out_.empty()) {
            send();
        } else if (is_reading_ && std::exchange(is_paused_, false)) {
            read();
        }
        leave_if_done();
    }

    void leave_if_done() {
        if (!is_reading_ && sending_.empty()) {
            owner_.stop_if_done();
            if (awaited_ == 0) {
                owner_.forget(id_);
            }
        }
    }

    server& owner_;
    std::uint64_t id_;
    tcp::socket socket_;
    std::string in_;
    std::string out_;
    std::string sending_;
    std::size_t awaited_ = 0;
    bool is_reading_ = true;
    bool is_paused_ = false;
};

void server::take_callers() {
    listener_.async_accept([this](asio::error_code const& error, tcp::socket socket) {
        if (!error) {
            auto const id = next_id_++;
            auto const made = std::make_shared<session>(*this, id, std::move(socket));
            sessions_[id] = made;
            made->read();
        }
        if (!listener_.is_open()) {
            return;
        }
        if (!error || error == asio::error::connection_aborted) {
            take_callers();
            return;
        }
        // No descriptor is left, say. The caller stays in the queue: without a pause this would spin.
        if (!was_told_) {
            std::fprintf(stderr, "asio_loop: cannot accept: %s; trying again later\n", error.message().c_str());
            was_told_ = true;
        }
        accept_again_.expires_after(std::chrono::milliseconds(100));
        accept_again_.async_wait([this](asio::error_code const& cancelled) {
            if (!cancelled) {
                take_callers();
            }
        });
    });
}

void server::on_result(result const& r) {
    // Held here, because answering may end it.
    if (auto const found = sessions_.find(r.connection); found != sessions_.end()) {
        auto const caller = found->second;
        caller->on_result(r);
    }
}

}  // namespace

int main() {
    try {
        server().run();
    } catch (std::exception const& e) {
        std::fprintf(stderr, "asio_loop: %s\n", e.what());
        return 1;
    }
    return 0;
}
