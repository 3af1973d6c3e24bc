// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// The rule: which lines are well-formed, and what their kind is. As an extended regular expression, in the C
// locale:
//
//   ^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}[^ \t]*[ \t]+([^ \t]+)
//
// Bytes, not characters: a blank is a space or a tab and nothing else, so a NUL, a carriage return or a byte
// above 127 is part of the word it stands in. Digits are digits and no more: the 99th of month 77 is a date
// here, as it is to grep. A line is what lies between two newlines; the last one needs none.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr std::size_t stamp_size = std::string_view("YYYY-MM-DD HH:MM:SS").size();

/// Reads stamp_size bytes at `p`.
constexpr bool is_stamp(char const* p) noexcept {
    return is_digit(p[0]) && is_digit(p[1]) && is_digit(p[2]) && is_digit(p[3]) && p[4] == '-' && is_digit(p[5]) &&
           is_digit(p[6]) && p[7] == '-' && is_digit(p[8]) && is_digit(p[9]) && (p[10] == ' ' || p[10] == 'T') &&
           is_digit(p[11]) && is_digit(p[12]) && p[13] == ':' && is_digit(p[14]) && is_digit(p[15]) && p[16] == ':' &&
           is_digit(p[17]) && is_digit(p[18]);
}

/// The kind of a line (without its newline), a part of `line`; empty if the line is malformed.
constexpr std::string_view kind_of(std::string_view line) noexcept {
    if (line.size() < stamp_size || !is_stamp(line.data())) {
        return {};
    }
    char const* p = line.data() + stamp_size;
    char const* const end = line.data() + line.size();
    while (p != end && !is_blank(*p)) {
        ++p;
    }
    while (p != end && is_blank(*p)) {
        ++p;
    }
    char const* const kind = p;
    while (p != end && !is_blank(*p)) {
        ++p;
    }
    return {kind, static_cast<std::size_t>(p - kind)};
}

/// The same rule for a line that comes in pieces because it does not fit the reader's block. However long it
/// is, this holds `whole_kind` bytes of its kind at most. A kind longer than that is named by its first
/// `whole_kind` bytes, its length and a hash of the rest: still counted apart from every other one, in
/// bounded memory.
class long_line {
public:
    static constexpr std::size_t whole_kind = std::size_t{1} << 20;

    /// `first`: the line's first bytes, at least stamp_size of them.
    void begin(std::string_view first) {
        kind_.clear();
        size_ = 0;
        rest_hash_ = 14695981039346656037U;
        if (is_stamp(first.data())) {
            place_ = place::after_stamp;
            add(first.substr(stamp_size));
        } else {
            place_ = place::decided;
        }
    }

    void add(std::string_view piece) {
        auto p = piece.begin();
        if (place_ == place::after_stamp) {
            p = std::find_if(p, piece.end(), is_blank);
            if (p != piece.end()) {
                place_ = place::blanks;
            }
        }
        if (place_ == place::blanks) {
            p = std::find_if_not(p, piece.end(), is_blank);
            if (p != piece.end()) {
                place_ = place::kind;
            }
        }
        if (place_ == place::kind) {
            auto const end = std::find_if(p, piece.end(), is_blank);
            add_to_kind(piece.substr(static_cast<std::size_t>(p - piece.begin()), static_cast<std::size_t>(end - p)));
            if (end != piece.end()) {
                place_ = place::decided;
            }
        }
    }

    /// After the last piece: as kind_of(). Valid until the next begin().
    std::string_view kind() {
        if (size_ > whole_kind && kind_.size() == whole_kind) {
            char hash[16];
            auto const hash_end = std::to_chars(std::begin(hash), std::end(hash), rest_hash_, 16).ptr;
            kind_.append("...[").append(std::to_string(size_)).append(" bytes, ").append(hash, hash_end);
            kind_.push_back(']');
        }
        return kind_;
    }

private:
    enum class place { after_stamp, blanks, kind, decided };

    void add_to_kind(std::string_view piece) {
        size_ += piece.size();
        auto const kept = piece.substr(0, whole_kind - kind_.size());
        kind_.append(kept);
        for (char const c : piece.substr(kept.size())) {
            rest_hash_ = (rest_hash_ ^ static_cast<unsigned char>(c)) * 1099511628211U;  // FNV-1a
        }
    }

    place place_ = place::decided;
    std::string kind_;
    std::uint64_t size_ = 0;
    std::uint64_t rest_hash_ = 0;
};
