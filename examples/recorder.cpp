// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How do I record messages of different types and sizes, each with its payload, without a copy and without room for
// the largest in every slot? As records: a packet is received into the ring itself, and takes the bytes that it has.
//
//   recorder [FILE]
//
// Three threads produce quotes (16 bytes), notes (a std::string) and packets (up to 1400 bytes). One thread writes
// them to a file. Then the file is read back, and each byte is compared with what was sent.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <unistd.h>

#include <evproc/record_processor.hpp>

namespace {

constexpr std::uint32_t of_each = 20000;

struct quote {
    std::uint32_t number;
    std::uint32_t quantity;
    double price;
};
struct note {
    std::uint32_t number;
    std::string text;
};
/// What was received stands behind it.
struct packet {
    std::uint32_t number;
};

using ring = evproc::record_processor<evproc::one_of<quote, note, packet>, std::size_t{1} << 18>;

// ---- what is sent: the same each time, so that it can be compared ----

quote the_quote(std::uint32_t n) { return {n, n % 100, n * 0.25}; }

std::string the_note(std::uint32_t n) { return "note " + std::to_string(n) + std::string(n % 200, '.'); }

/// Stands for recv(): fills `to` with the next packet and returns its size.
std::size_t receive(std::uint32_t n, std::span<std::byte> to) {
    std::size_t const size = n * 37 % (to.size() + 1);
    for (std::size_t i = 0; i != size; ++i) to[i] = static_cast<std::byte>(n + i);
    return size;
}
constexpr std::size_t longest_packet = 1400;

void produce(ring& to) {
    std::jthread const quotes([&to] {
        for (std::uint32_t n = 0; n != of_each; ++n) to.publish<quote>(the_quote(n));
    });
    std::jthread const notes([&to] {
        for (std::uint32_t n = 0; n != of_each; ++n) to.publish<note>(n, the_note(n));
    });
    std::jthread const packets([&to] {
        for (std::uint32_t n = 0; n != of_each; ++n) {
            // How long it will be is not known yet: room for the longest, and what is not used is given up.
            auto next = to.reserve<packet>(longest_packet);
            next->number = n;
            next.commit(receive(n, next.tail()));
        }
    });
}

// ---- the file: for each message its type, its number, the size of its payload, its payload ----

struct entry {
    char type;
    std::uint32_t number;
    std::uint32_t size;
};

class writer {
public:
    explicit writer(std::string const& path) : file_(path, std::ios::binary | std::ios::trunc) {}

    void operator()(quote& q) { put('q', q.number, &q, sizeof q); }
    void operator()(note& n) { put('n', n.number, n.text.data(), n.text.size()); }
    void operator()(packet& p, std::span<std::byte> bytes) { put('p', p.number, bytes.data(), bytes.size()); }

    void finish() {
        file_.close();
        if (!file_) throw std::runtime_error("the file could not be written");
    }

private:
    void put(char type, std::uint32_t number, void const* payload, std::size_t size) {
        entry const e{type, number, static_cast<std::uint32_t>(size)};
        file_.write(&e.type, sizeof e.type);
        file_.write(reinterpret_cast<char const*>(&e.number), sizeof e.number);
        file_.write(reinterpret_cast<char const*>(&e.size), sizeof e.size);
        file_.write(static_cast<char const*>(payload), static_cast<std::streamsize>(size));
    }

    std::ofstream file_;
};

/// The payload that message `number` of this type must have.
std::string expected(char type, std::uint32_t number) {
    std::string payload(longest_packet, '\0');
    if (type == 'q') {
        quote const q = the_quote(number);
        payload.assign(reinterpret_cast<char const*>(&q), sizeof q);
    } else if (type == 'n') {
        payload = the_note(number);
    } else {
        payload.resize(receive(number, std::as_writable_bytes(std::span(payload))));
    }
    return payload;
}

/// How many messages of a type are there, whole and in order; -1 if one is not.
long long count(std::string const& path, char type) {
    std::ifstream file(path, std::ios::binary);
    entry e{};
    long long found = 0;
    while (file.read(&e.type, sizeof e.type) && file.read(reinterpret_cast<char*>(&e.number), sizeof e.number) &&
           file.read(reinterpret_cast<char*>(&e.size), sizeof e.size)) {
        std::string payload(std::min<std::size_t>(e.size, longest_packet + 1), '\0');
        file.read(payload.data(), static_cast<std::streamsize>(payload.size()));
        if (e.type != type) continue;
        if (!file || e.number != found || payload != expected(type, e.number)) return -1;
        ++found;
    }
    return found;
}

int run(std::string const& path) {
    // The file is replaced: what is there must be a regular file.
    if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path)) {
        std::fprintf(stderr, "recorder: %s is not a regular file\n", path.c_str());
        return 1;
    }
    ring messages;
    writer to_file(path);
    std::jthread const producers([&messages] {
        produce(messages);
        messages.close();
    });
    messages.run(to_file);
    to_file.finish();

    bool all_well = true;
    for (auto const& [type, name] : {std::pair{'q', "quotes"}, std::pair{'n', "notes"}, std::pair{'p', "packets"}}) {
        bool const well = count(path, type) == of_each;
        std::printf("%-7s %u sent, each read back byte for byte and in order: %s\n", name, of_each,
                    well ? "yes" : "NO");
        all_well &= well;
    }
    return all_well ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc > 1) {
            return run(argv[1]);
        }
        char path[] = "/tmp/recorder.XXXXXX";
        int const made = ::mkstemp(path);
        if (made < 0) {
            std::perror("recorder: cannot make a file in /tmp");
            return 1;
        }
        ::close(made);
        int const status = run(path);
        std::remove(path);
        return status;
    } catch (std::exception const& error) {
        std::fprintf(stderr, "recorder: %s\n", error.what());
        return 1;
    }
}
