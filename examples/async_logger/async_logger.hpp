// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
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
#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <evproc/record_processor.hpp>

namespace logging {

enum class severity : unsigned char { debug, info, warning, error };

/// What a caller wants when there is no room.
struct when_full {
    enum class choice { block, drop_newest, wait_at_most };

    choice what = choice::block;
    std::chrono::nanoseconds limit{0};

    static constexpr when_full block() { return {}; }
    static constexpr when_full drop_newest() { return {choice::drop_newest}; }
    static constexpr when_full wait_at_most(std::chrono::nanoseconds limit) { return {choice::wait_at_most, limit}; }
};

/// A message. Its source's name and its text are the bytes behind it, so it takes the room that they need, and the text
/// is copied once, to where the writer reads it.
struct record {
    static constexpr std::size_t text_room = 120;
    static constexpr std::size_t name_room = 24;

    std::int64_t time;          // nanoseconds since 1970
    std::uint64_t lost_before;  // by this source, between its message before this one and this one
    severity level;
    bool only_losses;  // there is no message, only lost_before to be told
    unsigned char name_size;
};

/// Asks the writer to tell when everything before it is in the file.
struct flush_request {
    std::shared_ptr<std::promise<void>> done;
};

class async_logger {
    // Two cache lines for a short message, so that no two callers write to the same line or to the one that the processor fetches
    // along with it.
    using ring = evproc::record_processor<evproc::one_of<record, flush_request>, std::dynamic_extent,
                                          evproc::adaptive_wait, evproc::ring_options{.unit = 128}>;

public:
    class source;

    /// Appends to a file. Throws std::system_error if it cannot be opened. `capacity`, a power of two: the number of short
    /// messages that have room, name and text up to 96 characters. A longer one takes the room of several.
    explicit async_logger(std::string const& path, std::size_t capacity = 8192) : async_logger(open(path), capacity) {}

    /// Writes to an open descriptor, and closes it in the end.
    explicit async_logger(int descriptor, std::size_t capacity = 8192)
        : file_(descriptor), records_(capacity * ring::unit_size), writer_([this] { write_until_closed(); }) {}

    async_logger(async_logger const&) = delete;
    async_logger& operator=(async_logger const&) = delete;

    /// Everything that was accepted is in the file when this returns. The sources must be gone by then.
    ~async_logger() {
        records_.close();
        writer_.join();
        ::close(file_);
        if (not_written_ != 0) {
            std::fprintf(stderr, "log: %zu bytes could not be written: %s\n", not_written_, std::strerror(last_error_));
        }
    }

    /// Waits until everything that was accepted before is in the file. False if that took too long.
    bool flush(std::chrono::nanoseconds limit = std::chrono::hours(24)) {
        auto const give_up = std::chrono::steady_clock::now() + limit;
        auto request = records_.reserve_until<flush_request>(give_up);
        if (!request) {
            return false;
        }
        auto const done = std::make_shared<std::promise<void>>();
        request.emplace(done);
        request.commit();
        return done->get_future().wait_until(give_up) == std::future_status::ready;
    }

private:
    static int open(std::string const& path) {
        int const descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (descriptor < 0) {
            throw std::system_error(errno, std::generic_category(), "cannot open " + path);
        }
        return descriptor;
    }

    void write_until_closed() { records_.run(writer{*this}); }

    /// What is done with each. A disk that is full stops the writer inside a call: then the ring fills, and the callers' choices
    /// apply.
    struct writer {
        async_logger& log;

        void operator()(record& r, std::span<std::byte> bytes, evproc::event_info const& info) const {
            log.append(r, {reinterpret_cast<char const*>(bytes.data()), bytes.size()});
            log.unwritten_ += ring::record_size<record>(bytes.size());
            if (info.end_of_batch || log.unwritten_ >= log.records_.capacity() / 8) {
                log.write_out();
            }
        }
        void operator()(flush_request& request) const {
            log.write_out();
            request.done->set_value();
        }
    };

    void append(record const& r, std::string_view bytes) {
        std::string_view const name = bytes.substr(0, r.name_size);
        if (r.lost_before != 0) {
            begin_line(r, severity::warning, name);
            lines_ += std::to_string(r.lost_before);
            lines_ += r.lost_before == 1 ? " message lost\n" : " messages lost\n";
        }
        if (r.only_losses) {
            return;
        }
        begin_line(r, r.level, name);
        for (char const c : bytes.substr(r.name_size)) {
            // A message is a line, whatever is in it.
            if (c == '\n') {
                lines_ += "\\n";
            } else {
                lines_ += c;
            }
        }
        lines_ += '\n';
    }

    void begin_line(record const& r, severity level, std::string_view name) {
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
        lines_ += name;
        lines_ += "] ";
    }

    /// A disk that is full may have room later, so this tries again; for one second only once no one can log
    /// any more.
    void write_out() {
        std::string_view left = lines_;
        while (!left.empty()) {
            ssize_t const written = ::write(file_, left.data(), left.size());
            if (written >= 0) {
                left.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno != EINTR) {
                if (records_.is_closed() && ++failures_at_end_ > 10) {
                    not_written_ += left.size();
                    last_error_ = errno;
                    break;
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
            }
        }
        lines_.clear();
        unwritten_ = 0;
    }

    int const file_;
    ring records_;
    // The writer's own.
    std::string lines_;
    std::size_t unwritten_ = 0;  // the room in the ring of what they tell
    int failures_at_end_ = 0;
    std::size_t not_written_ = 0;
    int last_error_ = 0;
    std::int64_t formatted_second_ = -1;
    char formatted_[32] = {};

    std::thread writer_;  // last: it uses all the others
};

/// Where messages come from: one for each thread, with a name. What could not be logged is counted here, so the
/// count and its place are exact: it goes into the slot of the source's next message.
class async_logger::source {
public:
    source(async_logger& to, std::string_view name) : records_(to.records_), name_(name.substr(0, record::name_room)) {}

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
        std::size_t const most = std::min(longest_text, records_.max_tail<record>() - name_.size());
        bool const cut = text.size() > most;
        text = text.substr(0, most);
        auto message = reserve(name_.size() + text.size(), choice);
        if (!message) {
            ++lost_;
            return false;
        }
        *message = {nanoseconds_now(), std::exchange(lost_, 0), level, false, name_size()};
        char* const bytes = copy(name_, message.tail());
        std::memcpy(bytes, text.data(), text.size());
        if (cut) {
            std::memcpy(bytes + most - 3, "...", 3);
        }
        message.commit();
        return true;
    }

    /// Puts what was lost since the last message into the log now. False if there was no room for so long.
    bool tell_losses(std::chrono::nanoseconds limit = std::chrono::seconds(1)) {
        if (lost_ == 0) {
            return true;
        }
        auto message = records_.reserve_for<record>(limit, name_.size());
        if (!message) {
            return false;
        }
        *message = {nanoseconds_now(), std::exchange(lost_, 0), severity::warning, true, name_size()};
        copy(name_, message.tail());
        message.commit();
        return true;
    }

    /// How many messages were lost and not told yet.
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }

private:
    static constexpr std::size_t longest_text = 16 * record::text_room;

    ring::reserved_record<record> reserve(std::size_t bytes, when_full choice) {
        switch (choice.what) {
            case when_full::choice::drop_newest: return records_.try_reserve<record>(bytes);
            case when_full::choice::wait_at_most: return records_.reserve_for<record>(choice.limit, bytes);
            case when_full::choice::block: break;
        }
        return records_.reserve<record>(bytes);
    }

    unsigned char name_size() const noexcept { return static_cast<unsigned char>(name_.size()); }

    /// Returns where the copy ends.
    static char* copy(std::string const& name, std::span<std::byte> to) noexcept {
        std::memcpy(to.data(), name.data(), name.size());
        return reinterpret_cast<char*>(to.data()) + name.size();
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
