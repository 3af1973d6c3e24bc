// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// line_client SERVER: starts the server, reads its port from its first line, talks to it over several
// connections at once, good callers and bad ones, checks every answer, and sees it end. Exit status 0 if all
// was well.
//
// line_client SERVER --few-descriptors: the same server with room for 32 descriptors, and more callers than that.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

pid_t server = -1;
std::atomic<int> faults{0};

[[noreturn]] void give_up(std::string const& what) {
    std::fprintf(stderr, "line_client: %s\n", what.c_str());
    if (server > 0) {
        ::kill(server, SIGKILL);
    }
    std::_Exit(1);
}

void expect(bool ok, std::string const& what) {
    if (!ok) {
        ++faults;
        std::fprintf(stderr, "line_client: not so: %s\n", what.c_str());
    }
}

/// primes[n]: how many primes are below n. Counted in another way than the server's.
std::vector<std::uint32_t> const& primes() {
    static std::vector<std::uint32_t> const table = [] {
        std::vector<std::uint32_t> t(10'001);
        std::vector<std::uint32_t> found;
        for (std::uint32_t n = 2; n < 10'000; ++n) {
            bool const is_prime = std::none_of(found.begin(), found.end(), [&](std::uint32_t p) { return n % p == 0; });
            if (is_prime) {
                found.push_back(n);
            }
            t[n + 1] = static_cast<std::uint32_t>(found.size());
        }
        return t;
    }();
    return table;
}

class caller {
public:
    explicit caller(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            give_up("cannot connect");
        }
    }
    ~caller() { ::close(fd_); }
    caller(caller const&) = delete;
    caller& operator=(caller const&) = delete;

    void say(std::string_view text) {
        while (!text.empty()) {
            ssize_t const sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno != EINTR) {
                give_up("the server closed a connection that was to stay open");
            }
            text.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
        }
    }
    void say_no_more() { ::shutdown(fd_, SHUT_WR); }

    /// The next line without its end; empty when the server has closed.
    std::string hear() {
        for (;;) {
            if (auto const end = heard_.find('\n'); end != std::string::npos) {
                std::string line = heard_.substr(0, end);
                heard_.erase(0, end + 1);
                return line;
            }
            pollfd p{fd_, POLLIN, 0};
            if (::poll(&p, 1, 100'000) == 0) {
                give_up("an answer did not come");
            }
            char buffer[4096];
            ssize_t const got = ::recv(fd_, buffer, sizeof buffer, 0);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got <= 0) {
                return {};
            }
            heard_.append(buffer, static_cast<std::size_t>(got));
        }
    }

private:
    int fd_;
    std::string heard_;
};

std::string answer_to(std::uint32_t n) { return std::to_string(n) + ' ' + std::to_string(primes()[n]); }

/// Many questions with some on their way at any time; the answers come in the order of the questions.
void ask_many(std::uint16_t port, std::uint32_t seed) {
    caller c(port);
    constexpr std::size_t questions = 400;
    constexpr std::size_t on_their_way = 50;  // fewer than a worker's ring holds, for all callers together
    std::vector<std::uint32_t> asked;
    std::size_t answered = 0;
    std::uint32_t dice = seed;
    while (answered != questions) {
        while (asked.size() != questions && asked.size() - answered < on_their_way) {
            dice = dice * 1664525U + 1013904223U;
            asked.push_back(dice >> 8 & 0xfff);
            c.say(std::to_string(asked.back()) + (asked.size() % 2 == 0 ? "\r\n" : "\n"));
        }
        std::string const line = c.hear();
        expect(line == answer_to(asked[answered]),
               "\"" + line + "\" is the answer to " + std::to_string(asked[answered]));
        ++answered;
    }
    c.say_no_more();
    expect(c.hear().empty(), "the server closes when the caller has said all and heard all");
}

/// More questions than rings hold, asked before any answer is read: each is answered or told to be too much.
void flood(std::uint16_t port) {
    caller c(port);
    constexpr int questions = 1000;
    std::string all;
    for (int i = 0; i != questions; ++i) {
        all += "5000\n";
    }
    c.say(all);
    c.say_no_more();
    int answered = 0;
    int refused = 0;
    for (std::string line = c.hear(); !line.empty(); line = c.hear()) {
        (line == "5000 busy" ? refused : answered) += 1;
        expect(line == "5000 busy" || line == answer_to(5000), "\"" + line + "\" is an answer to 5000");
    }
    expect(answered + refused == questions, "every question of a flood is answered or refused");
    expect(answered > 0, "some are answered");
}

void talk_nonsense(std::uint16_t port) {
    caller c(port);
    for (char const* line : {"\n", "abc\n", "-1\n", "12x\n", "1000001\n", "99999999999999999999999\n"}) {
        c.say(line);
        expect(c.hear().starts_with("error: "), std::string("the server refuses ") + line);
    }
    c.say("10");
    c.say("0\n");
    expect(c.hear() == "100 25", "a line may come in pieces");
    c.say(std::string(500, '7'));
    expect(c.hear() == "error: the line is too long", "the server refuses a line without end");
    expect(c.hear().empty(), "and hangs up");
}

/// Asks and goes away without listening.
void hang_up(std::uint16_t port) {
    for (int i = 0; i != 20; ++i) {
        caller c(port);
        c.say("5000\n5000\n5000\n");
    }
}

constexpr char const* messages_file = "few_descriptors.messages";

std::uint16_t start(char const* program, bool few_descriptors) {
    int ends[2];
    if (::pipe(ends) != 0) {
        give_up("no pipe");
    }
    server = ::fork();
    if (server == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        if (few_descriptors) {
            rlimit const few{32, 32};
            ::dup2(::open(messages_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), STDERR_FILENO);
            if (::setrlimit(RLIMIT_NOFILE, &few) != 0) {
                std::_Exit(126);
            }
        }
        ::execl(program, program, static_cast<char*>(nullptr));
        std::_Exit(127);
    }
    ::close(ends[1]);
    std::FILE* const out = ::fdopen(ends[0], "r");
    int port = 0;
    if (out == nullptr || std::fscanf(out, "listening on 127.0.0.1:%d", &port) != 1) {
        give_up("the server did not say where it listens");
    }
    return static_cast<std::uint16_t>(port);
}

/// The processor time that the server has used so far.
std::chrono::nanoseconds used_by_server() {
    clockid_t clock{};
    timespec used{};
    if (::clock_getcpuclockid(server, &clock) != 0 || ::clock_gettime(clock, &used) != 0) {
        give_up("no clock of the server");
    }
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

/// Callers that cannot be accepted wait, at no cost, until others have gone.
void too_many(std::uint16_t port) {
    std::vector<std::unique_ptr<caller>> callers;
    for (int i = 0; i != 45; ++i) {
        callers.push_back(std::make_unique<caller>(port));
        callers.back()->say("100\n");
    }
    expect(callers.front()->hear() == "100 25", "the first caller is served");
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // by now the descriptors are used up
    auto const before = used_by_server();
    std::this_thread::sleep_for(std::chrono::seconds(2));
    expect(used_by_server() - before < std::chrono::seconds(1), "a server without descriptors does not spin");
    callers.front()->say("1000\n");
    expect(callers.front()->hear() == "1000 168", "who is in is still served");
    callers.erase(callers.begin(), callers.begin() + 25);
    for (auto const& waiting : callers) {
        expect(waiting->hear() == "100 25", "who waited is served when there is room");
    }
}

void expect_said_once() {
    std::ifstream messages(messages_file);
    int said = 0;
    for (std::string line; std::getline(messages, line);) {
        said += line.find("cannot accept: Too many open files") != std::string::npos ? 1 : 0;
    }
    expect(said == 1, "the server says once that it cannot accept, not " + std::to_string(said) + " times");
}

}  // namespace

int main(int argc, char** argv) {
    bool const few_descriptors = argc == 3 && std::string_view(argv[2]) == "--few-descriptors";
    if (argc != 2 && !few_descriptors) {
        give_up("usage: line_client SERVER [--few-descriptors]");
    }
    std::uint16_t const port = start(argv[1], few_descriptors);
    primes();
    if (few_descriptors) {
        too_many(port);
    } else {
        std::vector<std::jthread> callers;
        for (std::uint32_t i = 1; i <= 3; ++i) {
            callers.emplace_back(ask_many, port, i);
        }
        callers.emplace_back(talk_nonsense, port);
    }
    if (!few_descriptors) {
        std::jthread const one(flood, port);
        std::jthread const other(hang_up, port);
    }
    caller last(port);
    last.say("10000\nstop\n");
    std::string const first = last.hear();
    std::string const second = last.hear();
    // "bye" is said at once; what was asked before is still answered.
    expect((first == "bye" && second == answer_to(10000)) || (second == "bye" && first == answer_to(10000)),
           "at the end come bye and the last answer, not \"" + first + "\" and \"" + second + "\"");
    int status = 0;
    while (::waitpid(server, &status, 0) < 0 && errno == EINTR) {
    }
    expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the server ends by itself with status 0");
    if (few_descriptors) {
        expect_said_once();
    }
    return faults == 0 ? 0 : 1;
}
