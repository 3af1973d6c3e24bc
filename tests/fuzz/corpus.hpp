// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// A corpus file: one script a line, in hexadecimal. Lines that start with '#' are comments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace evproc_fuzz {

using script = std::vector<std::uint8_t>;

inline std::string to_line(script const& bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string line;
    for (std::uint8_t const byte : bytes) {
        line += digits[byte >> 4];
        line += digits[byte & 15u];
    }
    return line;
}

/// False if the line is not pairs of lower-case hexadecimal digits.
inline bool from_line(std::string_view line, script& bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    bytes.clear();
    if (line.size() % 2 != 0) return false;
    for (std::size_t i = 0; i != line.size(); i += 2) {
        std::size_t const high = digits.find(line[i]);
        std::size_t const low = digits.find(line[i + 1]);
        if (high == digits.npos || low == digits.npos) return false;
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return true;
}

/// Calls visit(script, line number) for every script of a corpus file. Exits with 2 if the file cannot be read, if a line
/// is not a script, or if there is none: a corpus that is lost must not pass.
template <class Visit> void for_each_script(char const* path, Visit visit) {
    std::ifstream file{path};
    std::string line;
    script bytes;
    std::size_t number = 0;
    std::size_t scripts = 0;
    while (std::getline(file, line)) {
        ++number;
        if (line.empty() || line.front() == '#') continue;
        if (!from_line(line, bytes)) {
            std::fprintf(stderr, "%s:%zu: not a script in hexadecimal\n", path, number);
            std::exit(2);
        }
        ++scripts;
        visit(bytes, number);
    }
    if (scripts == 0) {
        std::fprintf(stderr, "%s: no script could be read from it\n", path);
        std::exit(2);
    }
}

}  // namespace evproc_fuzz
