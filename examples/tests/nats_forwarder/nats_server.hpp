// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// For the tests of nats_forwarder: a real server on loopback, and what its stream must hold in the end.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "../../nats_forwarder/forwarder.hpp"

using namespace std::chrono_literals;

struct event {
    std::uint32_t producer;
    std::uint32_t number;
};

/// Ends the test at once: other threads still run.
[[noreturn]] inline void give_up(char const* what) {
    std::fprintf(stderr, "FAILED: %s\n", what);
    std::fflush(nullptr);
    std::_Exit(1);
}

/// A port that was free a moment ago.
inline int free_port() {
    int const s = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (s < 0 || ::bind(s, generic, size) != 0 || ::getsockname(s, generic, &size) != 0) give_up("no free port");
    ::close(s);
    return ntohs(address.sin_port);
}

/// A nats-server of this test's own, which does not outlive it.
class server {
public:
    server(std::string program, std::string folder) : program_(std::move(program)), folder_(std::move(folder)) {}
    server(server const&) = delete;
    server& operator=(server const&) = delete;
    ~server() {
        kill();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    /// From the main thread: the server dies with the thread that has started it.
    void start() {
        std::string const port = std::to_string(port_);
        std::string const log = folder_ + "/log";
        pid_t const child = ::fork();
        if (child < 0) give_up("cannot fork");
        if (child == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::execl(program_.c_str(), program_.c_str(), "-js", "-sd", folder_.c_str(), "-a", "127.0.0.1", "-p",
                    port.c_str(), "-l", log.c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        process_ = child;
    }
    void kill() {
        if (pid_t const process = process_.exchange(0); process > 0) {
            ::kill(process, SIGKILL);
            ::waitpid(process, nullptr, 0);
        }
    }
    std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }

private:
    std::string program_;
    std::string folder_;
    int port_ = free_port();
    std::atomic<pid_t> process_{0};
};

/// Reads the whole stream. It must hold what each producer has published, `published` events from 0 on, once and in order; and
/// the sequences in the message ids must be 0, 1, 2...: the ring's order.
inline void check_stream(forwarding::options const& chosen, std::vector<std::uint32_t> const& published) {
    natsConnection* connection = nullptr;
    jsCtx* js = nullptr;
    jsStreamInfo* info = nullptr;
    natsSubscription* subscription = nullptr;
    // The server may have been started a moment ago only.
    for (int tries = 0; natsConnection_ConnectTo(&connection, chosen.url.c_str()) != NATS_OK; ++tries) {
        if (tries == 200) give_up("the server is not there");
        std::this_thread::sleep_for(100ms);
    }
    if (natsConnection_JetStream(&js, connection, nullptr) != NATS_OK ||
        js_GetStreamInfo(&info, js, chosen.stream.c_str(), nullptr, nullptr) != NATS_OK) {
        give_up("the stream cannot be read");
    }
    std::uint64_t const expected = std::accumulate(published.begin(), published.end(), std::uint64_t{0});
    std::printf("the stream holds %llu messages\n", static_cast<unsigned long long>(info->State.Msgs));
    if (info->State.Msgs != expected || info->State.LastSeq != expected) give_up("the count is not exact");
    jsStreamInfo_Destroy(info);

    jsSubOptions how;
    jsSubOptions_Init(&how);
    how.Ordered = true;
    if (js_SubscribeSync(&subscription, js, chosen.subject.c_str(), nullptr, &how, nullptr) != NATS_OK ||
        natsSubscription_SetPendingLimits(subscription, -1, -1) != NATS_OK) {
        give_up("no subscription to the stream");
    }
    std::vector<std::uint32_t> next(published.size(), 0);
    for (std::uint64_t i = 0; i != expected; ++i) {
        natsMsg* message = nullptr;
        if (natsSubscription_NextMsg(&message, subscription, 20000) != NATS_OK) give_up("the stream ends too early");
        std::string const text(natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message)));
        char const* id = nullptr;
        if (natsMsgHeader_Get(message, "Nats-Msg-Id", &id) != NATS_OK) give_up("a message without an id");
        std::string const sequence = std::string(id).substr(std::string_view(id).rfind('-') + 1);
        natsMsg_Destroy(message);
        if (sequence != std::to_string(i)) {
            std::fprintf(stderr, "sequence %s at place %llu\n", sequence.c_str(), static_cast<unsigned long long>(i));
            give_up("not the ring's order");
        }
        unsigned producer = 0;
        unsigned number = 0;
        if (std::sscanf(text.c_str(), "%u %u", &producer, &number) != 2 || producer >= next.size()) {
            give_up("a message is not one of ours");
        }
        if (number != next[producer]++) {
            std::fprintf(stderr, "producer %u: %u where %u should come\n", producer, number, next[producer] - 1);
            give_up("lost, twice, or out of order");
        }
    }
    if (next != published) give_up("a producer's events are missing");
    natsSubscription_Destroy(subscription);
    jsCtx_Destroy(js);
    natsConnection_Destroy(connection);
}
