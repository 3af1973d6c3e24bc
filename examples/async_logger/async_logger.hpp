// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

// A logger whose callers choose what happens when they are faster than the disk: wait, drop the new message,
// or wait for a while and then drop it. What was dropped is told in the log, by a line where it is missing.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <evproc/event_processor.hpp>

namespace logging {

enum class severity : unsigned char { debug, info, warning, error };

/// What a caller wants when there is no room.
struct when_full {
    enum class choice { block, drop_newest, wait_at_most };

    choice what = choice::block;
    std::chrono::nanoseconds limit{0};

    static constexpr when_full block() { return {}; }
    static constexpr when_full drop_newest() { return {choice::drop_newest}; }
    static constexpr when_full wait_at_most(std::chrono::nanoseconds limit) {
        return {choice::wait_at_most, limit};
    }
};

/// A message, or a part of one: a longer one takes several slots, which lie side by side in the ring because
/// they were reserved together. Trivially default constructible, so that text is copied once, into the slot
/// where the writer reads it.
struct record {
    static constexpr std::size_t text_room = 200;
    static constexpr std::size_t name_room = 24;

    std::int64_t time;          // nanoseconds since 1970
    std::uint64_t lost_before;  // by this source, between its message before this one and this one
    severity level;
    bool goes_on;      // the next slot holds more of this message
    bool only_losses;  // there is no message, only lost_before to be told
    unsigned char name_size;
    unsigned short text_size;
    char name[name_room];
    char text[text_room];
};

class async_logger {
    using ring = evproc::event_processor<record, std::dynamic_extent>;

public:
    class source;

    /// Appends to a file. Throws std::system_error if it cannot be opened.
    explicit async_logger(std::string const& path, std::size_t capacity = 8192)
        : async_logger(open(path), capacity) {}

    /// Writes to an open descriptor, and closes it in the end.
    explicit async_logger(int descriptor, std::size_t capacity = 8192)
        : file_(descriptor), records_(capacity), writer_([this] { write_until_closed(); }) {}

    async_logger(async_logger const&) = delete;
    async_logger& operator=(async_logger const&) = delete;

    /// Everything that was accepted is in the file when this returns. The sources must be gone by then.
    ~async_logger() {
        records_.close();
        writer_.join();
        ::close(file_);
    }

    /// Waits until everything that was accepted before is in the file. False if that took too long.
    bool flush(std::chrono::nanoseconds limit = std::chrono::hours(24)) {
        return records_.flush_for(limit) == evproc::errc::success;
    }

private:
    static int open(std::string const& path) {
        int const descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (descriptor < 0) {
            throw std::system_error(errno, std::generic_category(), "cannot open " + path);
        }
        return descriptor;
    }

    void write_until_closed() {
        for (;;) {
            // Waits for something, and leaves it where it is.
            auto const found = records_.poll_wait([](record&) { return evproc::event_action::keep; });
            if (found.state == evproc::poll_state::closed) {
                return;
            }
            auto const batch = records_.peek();
            for (record const& each : batch) {
                append(each);
            }
            // The slots are released after this: so flush() means what it says, and while the disk is full
            // the ring is, and the callers' choices apply.
            write_out();
        }
    }

    void append(record const& r) {
        if (r.lost_before != 0) {
            begin_line(r, severity::warning);
            lines_ += std::to_string(r.lost_before);
            lines_ += r.lost_before == 1 ? " message lost\n" : " messages lost\n";
        }
        if (r.only_losses) {
            return;
        }
        if (!inside_message_) {
            begin_line(r, r.level);
        }
        for (char const c : std::string_view(r.text, r.text_size)) {
            // A message is a line, whatever is in it.
            if (c == '\n') {
                lines_ += "\\n";
            } else {
                lines_ += c;
            }
        }
        inside_message_ = r.goes_on;
        if (!inside_message_) {
            lines_ += '\n';
        }
    }

    void begin_line(record const& r, severity level) {
        static constexpr char const* names[] = {"debug", "info", "warning", "error"};
        constexpr std::int64_t second = 1'000'000'000;
        if (r.time / second != formatted_second_) {
            formatted_second_ = r.time / second;
            std::time_t const seconds = static_cast<std::time_t>(formatted_second_);
            std::tm parts{};
            ::gmtime_r(&seconds, &parts);
            std::strftime(formatted_, sizeof formatted_, "%Y-%m-%dT%H:%M:%S", &parts);
        }
        char fraction[16];
        std::snprintf(fraction, sizeof fraction, ".%06lldZ ", static_cast<long long>(r.time % second / 1000));
        lines_ += formatted_;
        lines_ += fraction;
        lines_ += names[static_cast<std::size_t>(level)];
        lines_ += " [";
        lines_.append(r.name, r.name_size);
        lines_ += "] ";
    }

    /// A disk that is full may have room later, so this tries again; for one second only once no one can log
    /// any more.
    void write_out() {
        std::string_view left = lines_;
        int failures_at_end = 0;
        while (!left.empty()) {
            ssize_t const written = ::write(file_, left.data(), left.size());
            if (written >= 0) {
                left.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno != EINTR) {
                if (records_.is_closed() && ++failures_at_end > 10) {
                    std::fprintf(stderr, "log: %zu bytes could not be written: %s\n", left.size(),
                                 std::strerror(errno));
                    break;
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
            }
        }
        lines_.clear();
    }

    int const file_;
    ring records_;
    // The writer's own.
    std::string lines_;
    bool inside_message_ = false;
    std::int64_t formatted_second_ = -1;
    char formatted_[32] = {};

    std::thread writer_;  // last: it uses all the others
};

/// Where messages come from: one for each thread, with a name. What could not be logged is counted here, so the
/// count and its place are exact: it goes into the slot of the source's next message.
class async_logger::source {
public:
    source(async_logger& to, std::string_view name)
        : records_(to.records_), name_(name.substr(0, record::name_room)) {}

    source(source const&) = delete;
    source& operator=(source const&) = delete;
    ~source() {
        if (!tell_losses()) {
            std::fprintf(stderr, "log: %llu messages of %s were lost, and the log takes no line about it\n",
                         static_cast<unsigned long long>(lost_), name_.c_str());
        }
    }

    /// True if the message will be in the log.
    bool write(severity level, std::string_view text, when_full choice = when_full::block()) {
        std::size_t const most = std::min(records_.max_batch(), longest_message);
        std::size_t const slots =
            std::clamp((text.size() + record::text_room - 1) / record::text_room, std::size_t{1}, most);
        auto places = reserve(slots, choice);
        if (!places) {
            ++lost_;
            return false;
        }
        std::int64_t const now = nanoseconds_now();
        bool const cut = text.size() > slots * record::text_room;
        std::span<record> const parts = places.append_uninitialized(slots);
        for (record& part : parts) {
            begin(part, now, level);
            std::string_view const here = text.substr(0, record::text_room);
            text.remove_prefix(here.size());
            part.goes_on = &part != &parts.back();
            part.text_size = static_cast<unsigned short>(here.size());
            std::memcpy(part.text, here.data(), here.size());
        }
        if (cut) {
            std::memcpy(parts.back().text + record::text_room - 3, "...", 3);
        }
        parts.front().lost_before = std::exchange(lost_, 0);
        places.commit();
        return true;
    }

    /// Puts what was lost since the last message into the log now. False if there was no room for so long.
    bool tell_losses(std::chrono::nanoseconds limit = std::chrono::seconds(1)) {
        if (lost_ == 0) {
            return true;
        }
        auto place = records_.reserve_for(limit);
        if (!place) {
            return false;
        }
        begin(*place, nanoseconds_now(), severity::warning);
        place->only_losses = true;
        place->lost_before = std::exchange(lost_, 0);
        place.commit();
        return true;
    }

    /// How many messages were lost and not told yet.
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }

private:
    static constexpr std::size_t longest_message = 16;  // slots

    ring::reserved_batch reserve(std::size_t slots, when_full choice) {
        switch (choice.what) {
            case when_full::choice::drop_newest: return records_.try_reserve_batch(slots);
            case when_full::choice::wait_at_most: return records_.reserve_batch_for(choice.limit, slots);
            case when_full::choice::block: break;
        }
        return records_.reserve_batch(slots);
    }

    void begin(record& r, std::int64_t now, severity level) const {
        r.time = now;
        r.lost_before = 0;
        r.level = level;
        r.goes_on = false;
        r.only_losses = false;
        r.text_size = 0;
        r.name_size = static_cast<unsigned char>(name_.size());
        std::memcpy(r.name, name_.data(), name_.size());
    }

    static std::int64_t nanoseconds_now() {
        auto const now = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
    }

    ring& records_;
    std::string name_;
    std::uint64_t lost_ = 0;
};

}  // namespace logging
