// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// The report, for people and as JSON.
//
// A kind is any run of bytes. In JSON it is written as the text it is where it is valid UTF-8; each byte that
// is not part of a valid sequence is written as the character of the same number, \u0080 to \u00ff. Where
// that makes two kinds look alike, the one with the invalid bytes gets a "~" at its end (more, if that is
// taken), so distinct kinds are distinct names. On paper every byte that is not a printable character is
// written as \xHH.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <evproc/extras/dwell_histogram.hpp>

#include "log_event.hpp"

using kind_counts = std::unordered_map<std::string, std::uint64_t, text_hash, std::equal_to<>>;

struct summary {
    std::uint64_t files = 0;
    std::uint64_t lines = 0;
    std::uint64_t events = 0;
    std::uint64_t malformed = 0;
    double seconds = 0;
    bool interrupted = false;
    kind_counts const* kinds = nullptr;
    evproc::dwell_histogram const* dwell = nullptr;
};

namespace text {

/// How many bytes at the front of `s` are one valid UTF-8 character (RFC 3629); 0: none.
constexpr std::size_t utf8_size(std::string_view s) noexcept {
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
    auto const between = [&](std::size_t i, unsigned low, unsigned high) {
        return i < s.size() && byte(i) >= low && byte(i) <= high;
    };
    if (s.empty()) {
        return 0;
    }
    unsigned const first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return between(1, 0x80, 0xBF) ? 2 : 0;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        unsigned const low = first == 0xE0 ? 0xA0 : 0x80;   // not the long form of something shorter
        unsigned const high = first == 0xED ? 0x9F : 0xBF;  // not a surrogate
        return between(1, low, high) && between(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        unsigned const low = first == 0xF0 ? 0x90 : 0x80;
        unsigned const high = first == 0xF4 ? 0x8F : 0xBF;  // not above U+10FFFF
        return between(1, low, high) && between(2, 0x80, 0xBF) && between(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

/// Valid UTF-8, whatever the bytes: see the top of this file.
inline std::string to_utf8(std::string_view bytes) {
    std::string out;
    while (!bytes.empty()) {
        std::size_t const size = utf8_size(bytes);
        if (size != 0) {
            out.append(bytes.substr(0, size));
            bytes.remove_prefix(size);
        } else {
            unsigned const byte = static_cast<unsigned char>(bytes.front());
            out.push_back(static_cast<char>(0xC0 | (byte >> 6)));
            out.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
            bytes.remove_prefix(1);
        }
    }
    return out;
}

/// `utf8` between quotes.
inline std::string json_string(std::string_view utf8) {
    std::string out = "\"";
    for (char const c : utf8) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte < 0x20 || byte == 0x7F) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(byte));
            out.append(escape);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
    return out;
}

/// Safe to print on a terminal, and not longer than a line.
inline std::string printable(std::string_view bytes) {
    constexpr std::size_t longest = 60;
    std::string out;
    while (!bytes.empty()) {
        if (out.size() > longest) {
            return out + "...";
        }
        std::size_t const size = utf8_size(bytes);
        auto const byte = static_cast<unsigned char>(bytes.front());
        // U+0080 to U+009F are control characters too.
        bool const control =
            byte < 0x20 || byte == 0x7F || (byte == 0xC2 && size == 2 && static_cast<unsigned char>(bytes[1]) < 0xA0);
        if (size != 0 && !control) {
            out.append(bytes.substr(0, size));
            bytes.remove_prefix(size);
        } else {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\x%02X", static_cast<unsigned>(byte));
            out.append(escape);
            bytes.remove_prefix(1);
        }
    }
    return out;
}

inline std::string duration(std::uint64_t nanoseconds) {
    char out[32];
    auto const value = static_cast<double>(nanoseconds);
    if (nanoseconds < 1000) {
        std::snprintf(out, sizeof out, "%.0f ns", value);
    } else if (nanoseconds < 1000000) {
        std::snprintf(out, sizeof out, "%.1f us", value / 1e3);
    } else if (nanoseconds < 1000000000) {
        std::snprintf(out, sizeof out, "%.1f ms", value / 1e6);
    } else {
        std::snprintf(out, sizeof out, "%.2f s", value / 1e9);
    }
    return out;
}

}  // namespace text

class report {
public:
    explicit report(summary const& what) : what_(what) {
        by_count_.reserve(what.kinds->size());
        for (auto const& kind : *what.kinds) {
            by_count_.push_back(&kind);
        }
        std::sort(by_count_.begin(), by_count_.end(), [](auto const* a, auto const* b) {
            return a->second != b->second ? a->second > b->second : a->first < b->first;
        });
    }

    void print_text(std::FILE* to) const {
        constexpr std::size_t most = 10;
        if (what_.interrupted) {
            std::fprintf(to, "interrupted: what follows is what was read by then\n");
        }
        print_count(to, "files", what_.files);
        print_count(to, "lines", what_.lines);
        print_count(to, "events", what_.events);
        print_count(to, "malformed", what_.malformed);
        std::fprintf(to, "%-12s %14.0f   in %.3f s\n", "events/s", rate(), what_.seconds);
        std::fprintf(to, "%-12s p50 %s, p99 %s, p99.9 %s\n", "dwell", text::duration(p50()).c_str(),
                     text::duration(p99()).c_str(), text::duration(p999()).c_str());
        std::size_t const shown = std::min(most, by_count_.size());
        std::fprintf(to, "%-12s %14zu%s\n", "kinds", by_count_.size(),
                     shown < by_count_.size() ? ", of which the ten most frequent" : "");
        for (std::size_t i = 0; i < shown; ++i) {
            std::fprintf(to, "%27llu   %s\n", static_cast<unsigned long long>(by_count_[i]->second),
                         text::printable(by_count_[i]->first).c_str());
        }
    }

    void print_json(std::FILE* to) const {
        std::fprintf(to, "{\n  \"files\": %llu,\n  \"lines\": %llu,\n  \"events\": %llu,\n  \"malformed\": %llu,\n",
                     static_cast<unsigned long long>(what_.files), static_cast<unsigned long long>(what_.lines),
                     static_cast<unsigned long long>(what_.events), static_cast<unsigned long long>(what_.malformed));
        std::fputs("  \"kinds\": {", to);
        std::unordered_set<std::string> taken;  // names that are not the bytes of their kind
        char const* before = "\n    ";
        for (auto const* kind : by_count_) {
            std::string name = text::to_utf8(kind->first);
            if (name != kind->first) {
                while (what_.kinds->contains(name) || !taken.insert(name).second) {
                    name.push_back('~');
                }
            }
            std::fprintf(to, "%s%s: %llu", before, text::json_string(name).c_str(),
                         static_cast<unsigned long long>(kind->second));
            before = ",\n    ";
        }
        std::fprintf(to, "%s},\n", by_count_.empty() ? "" : "\n  ");
        std::fprintf(to, "  \"events_per_second\": %.1f,\n", rate());
        std::fprintf(to, "  \"dwell_ns\": {\"p50\": %llu, \"p99\": %llu, \"p999\": %llu}\n}\n",
                     static_cast<unsigned long long>(p50()), static_cast<unsigned long long>(p99()),
                     static_cast<unsigned long long>(p999()));
    }

private:
    static void print_count(std::FILE* to, char const* name, std::uint64_t count) {
        std::fprintf(to, "%-12s %14llu\n", name, static_cast<unsigned long long>(count));
    }

    [[nodiscard]] double rate() const noexcept {
        return what_.seconds > 0 ? static_cast<double>(what_.events) / what_.seconds : 0;
    }
    [[nodiscard]] std::uint64_t p50() const noexcept { return what_.dwell->percentile(50); }
    [[nodiscard]] std::uint64_t p99() const noexcept { return what_.dwell->percentile(99); }
    [[nodiscard]] std::uint64_t p999() const noexcept { return what_.dwell->percentile(99.9); }

    summary what_;
    std::vector<kind_counts::value_type const*> by_count_;
};
