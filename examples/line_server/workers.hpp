// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// What both servers have in common: the line protocol, and threads that do the work that a loop must not do
// itself.
//
//   a line with a number n   ->   "n p", p = how many primes are below n; or "n busy": ask again later
//   "stop"                   ->   "bye", and the server ends when everything that was asked for is answered
//   anything else            ->   "error: ..."
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <evproc/event_processor.hpp>
#include <evproc/wait/eventfd_wait.hpp>

namespace line_server {

constexpr std::uint64_t largest_number = 1'000'000;
constexpr std::size_t longest_line = 64;

/// What a worker hands to the loop.
struct result {
    std::uint64_t connection;
    std::uint64_t number;
    std::uint64_t primes;
};
using results = evproc::event_processor<result, 256, evproc::eventfd_wait>;

inline std::string to_line(result const& r) { return std::to_string(r.number) + ' ' + std::to_string(r.primes) + '\n'; }

inline std::uint64_t primes_below(std::uint64_t n) {
    std::vector<bool> composite(n);
    std::uint64_t count = 0;
    for (std::uint64_t i = 2; i < n; ++i) {
        if (composite[i]) {
            continue;
        }
        ++count;
        for (std::uint64_t j = i * i; j < n; j += i) {
            composite[j] = true;
        }
    }
    return count;
}

/// The other direction: from the loop to the workers, one ring for each. A connection always gets the same
/// worker, so its answers come in the order of its questions.
class workers {
public:
    workers(std::size_t count, results& out) {
        for (std::size_t i = 0; i != count; ++i) {
            queues_.push_back(std::make_unique<queue>());
            threads_.emplace_back([&jobs = *queues_.back(), &out] {
                jobs.run([&](job const& j) {
                    // Waits while the loop is behind. The loop itself never waits for a worker, so this ends.
                    bool const taken =
                        out.publish(result{j.connection, j.number, primes_below(j.number)}) == evproc::errc::success;
                    return taken ? evproc::event_action::next : evproc::event_action::stop;
                });
            });
        }
    }
    ~workers() {
        for (auto const& q : queues_) {
            q->close();
        }
    }
    workers(workers const&) = delete;
    workers& operator=(workers const&) = delete;

    /// Never waits. False: this connection's worker has enough to do.
    bool submit(std::uint64_t connection, std::uint64_t number) {
        return queues_[connection % queues_.size()]->try_publish(job{connection, number}) == evproc::errc::success;
    }

private:
    struct job {
        std::uint64_t connection;
        std::uint64_t number;
    };
    using queue = evproc::event_processor<job, 256>;

    std::vector<std::unique_ptr<queue>> queues_;
    std::vector<std::jthread> threads_;
};

/// What a line asks for.
struct request {
    enum { work, stop, invalid } kind = invalid;
    std::uint64_t number = 0;
};

inline request parse(std::string_view line) {
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    if (line == "stop") {
        return {request::stop, 0};
    }
    request r;
    auto const [end, error] = std::from_chars(line.data(), line.data() + line.size(), r.number);
    if (error == std::errc{} && end == line.data() + line.size() && r.number <= largest_number) {
        r.kind = request::work;
    }
    return r;
}

}  // namespace line_server
