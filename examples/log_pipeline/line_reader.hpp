// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// A producer: one file, read in blocks, each line parsed inside the event reserved for it.
//
// Nothing waits for input while it holds a reservation: what comes behind a reservation waits for it, so a
// slow pipe would hold up every other file. Therefore an event is reserved only when its line is at hand. A
// line that does not fit the block (256 KiB) is put together by long_line first, and gets its event at its
// end.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stop_token>
#include <string_view>
#include <utility>

#include <evproc/errc.hpp>

#include "input_file.hpp"
#include "log_event.hpp"
#include "log_line.hpp"

struct line_counts {
    std::uint64_t lines = 0;
    std::uint64_t malformed = 0;
};

template <class Processor> class line_reader {
public:
    /// Adds to `counts` as it goes, so that they are right even if reading fails half-way.
    line_reader(Processor& processor, long_kinds& kinds, std::stop_token stop, line_counts& counts)
        : processor_(processor), kinds_(kinds), stop_(std::move(stop)), counts_(counts) {}

    /// The file from where it stands to its end, or to the request to stop. False: stopped.
    /// `on_block(bytes)` is called after each block.
    template <class OnBlock> bool read(input_file& file, OnBlock&& on_block);

private:
    static constexpr std::size_t block_size = std::size_t{256} * 1024;
    static_assert(block_size >= stamp_size);

    bool take_line(std::string_view line) {
        return take([&] { return kind_of(line); });
    }
    bool take_long_line() {
        return take([&] { return long_line_.kind(); });
    }

    /// One line: `kind` finds its kind. False: a stop was asked for while there was no room for the line.
    template <class Kind> bool take(Kind&& kind) {
        auto event = processor_.try_reserve();
        if (event.error() == evproc::errc::full) {
            event = processor_.reserve(stop_);
        }
        if (!event) {
            return false;
        }
        event->reserved_at = nanoseconds_now();
        ++counts_.lines;
        if (std::string_view const found = kind(); !found.empty()) {
            event->set_kind(found, kinds_);
            event.commit();
        } else {
            ++counts_.malformed;
        }
        return true;  // an event that was not committed is given up here: the consumer skips its slot
    }

    Processor& processor_;
    long_kinds& kinds_;
    std::stop_token stop_;
    line_counts& counts_;
    long_line long_line_;
    std::unique_ptr<char[]> const block_ = std::make_unique_for_overwrite<char[]>(block_size);
};

template <class Processor>
template <class OnBlock>
bool line_reader<Processor>::read(input_file& file, OnBlock&& on_block) {
    std::size_t held = 0;  // bytes at the front of the block: the beginning of a line whose end was not read yet
    bool in_long_line = false;
    while (std::size_t const got = file.read(block_.get() + held, block_size - held)) {
        char const* line = block_.get();
        char const* unseen = line + held;
        char const* const end = unseen + got;
        while (auto const* newline =
                   static_cast<char const*>(std::memchr(unseen, '\n', static_cast<std::size_t>(end - unseen)))) {
            std::string_view const text(line, static_cast<std::size_t>(newline - line));
            if (in_long_line) {
                long_line_.add(text);
                in_long_line = false;
                if (!take_long_line()) {
                    return false;
                }
            } else if (!take_line(text)) {
                return false;
            }
            line = unseen = newline + 1;
        }
        std::string_view const rest(line, static_cast<std::size_t>(end - line));
        held = 0;
        if (in_long_line) {
            long_line_.add(rest);
        } else if (rest.size() == block_size) {
            long_line_.begin(rest);
            in_long_line = true;
        } else {
            held = rest.size();
            std::memmove(block_.get(), rest.data(), held);
        }
        on_block(got);
        if (stop_.stop_requested()) {
            return false;  // between blocks: what was read is counted
        }
    }
    if (stop_.stop_requested()) {
        return false;
    }
    // The last line needs no newline.
    if (in_long_line) {
        return take_long_line();
    }
    return held == 0 || take_line({block_.get(), held});
}
