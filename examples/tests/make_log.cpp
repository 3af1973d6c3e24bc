// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Writes a hostile log to standard output, the same one for the same arguments:
//
//   make_log bytes SEED LINES    lines that are nearly right, broken in one place or a few, with any byte
//   make_log text SEED LINES     the same, with printable ASCII only
//   make_log long SEED LINES     lines whose parts are around the size of a reader's block, and far longer
//   make_log plain SEED LINES    what an ordinary log looks like

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

namespace {

class maker {
public:
    maker(std::uint32_t seed, bool any_byte) : random_(seed), any_byte_(any_byte) {}

    std::string stamp() {
        std::string out = "dddd-dd-dd dd:dd:dd";
        for (char& c : out) {
            if (c == 'd') {
                c = static_cast<char>('0' + below(10));
            }
        }
        if (below(3) == 0) {
            out[10] = 'T';
        }
        return out;
    }

    std::string line() {
        static constexpr std::string_view after[] = {"", "", "", ",123", ".123456Z", "+02:00", "]x", "-"};
        static constexpr std::string_view blanks[] = {" ", " ", " ", "\t", "  ", " \t ", "\t\t"};
        static constexpr std::string_view kinds[] = {"status",     "install",     "upgrade",   "remove",
                                                     "purge",      "a",           "configure", "trigproc",
                                                     "\"quoted\"", "back\\slash", "{}",        "x:y"};
        std::string out = stamp();
        out += after[below(std::size(after))];
        out += blanks[below(std::size(blanks))];
        std::size_t const kind = below(std::size(kinds) + 3);
        out += kind < std::size(kinds) ? std::string(kinds[kind]) : bytes(1 + below(70));
        if (below(4) != 0) {
            out += ' ' + bytes(below(60));
        }
        for (std::size_t broken = below(8); broken < 3; broken = below(4)) {
            break_somewhere(out);
        }
        return out;
    }

    /// Parts of the sizes at which a reader with blocks of 256 KiB, or one that keeps a megabyte, would go
    /// wrong.
    std::string long_line() {
        std::string out = below(8) == 0 ? bytes(19) : stamp();
        out += std::string(below(3) == 0 ? size() : below(3), '.');
        out += std::string(below(3) == 0 ? size() : below(3), below(2) == 0 ? ' ' : '\t');
        out += std::string(below(3) == 0 ? size() : below(60), static_cast<char>('a' + below(3)));
        if (below(2) == 0) {
            out += ' ' + std::string(below(2) == 0 ? size() : below(100), '#');
        }
        return out;
    }

    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

private:
    std::size_t size() {
        static constexpr std::size_t sizes[] = {40,     47,     48,     64,     4096,   65536,  262100, 262124,
                                                262143, 262144, 262145, 262163, 300000, 524288, 700000, 1000000};
        return sizes[below(std::size(sizes))] - below(2);
    }

    std::string bytes(std::size_t size) {
        std::string out(size, ' ');
        for (char& c : out) {
            c = byte();
        }
        return out;
    }

    char byte() { return static_cast<char>(any_byte_ ? below(256) : 33 + below(94)); }

    void break_somewhere(std::string& line) {
        static constexpr std::string_view telling = "09:-T \t/;AZz";
        std::size_t const where = below(below(2) == 0 ? line.size() + 1 : std::min<std::size_t>(line.size() + 1, 24));
        char const other = below(2) == 0 ? telling[below(telling.size())] : byte();
        switch (below(5)) {
            case 0: line.insert(where, 1, other); break;
            case 1: line.erase(where, 1); break;
            case 2: line.resize(where); break;
            default:
                if (where < line.size()) {
                    line[where] = other;
                }
        }
    }

    std::mt19937 random_;
    bool any_byte_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fputs("usage: make_log bytes|text|long|plain SEED LINES\n", stderr);
        return 2;
    }
    std::string_view const mode = argv[1];
    maker make(static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)), mode == "bytes");
    unsigned long const lines = std::strtoul(argv[3], nullptr, 10);
    for (unsigned long n = 0; n != lines; ++n) {
        std::string line;
        if (mode == "long") {
            line = make.long_line();
        } else if (mode == "plain") {
            static constexpr std::string_view kinds[] = {"status",  "status",    "status",   "install",
                                                         "upgrade", "configure", "trigproc", "remove"};
            line = "2026-02-03 04:05:06 " + std::string(kinds[make.below(8)]) + " installed libsomething" +
                   std::to_string(make.below(1000)) + ":amd64 1.2.3-4+deb12u1";
        } else {
            line = make.line();
        }
        // The last line has no newline with every other seed.
        if (n + 1 != lines || make.below(2) == 0) {
            line += '\n';
        }
        std::fwrite(line.data(), 1, line.size(), stdout);
    }
    return std::fflush(stdout) == 0 ? 0 : 1;
}
