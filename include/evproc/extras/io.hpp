// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <string_view>
#include <version>

#include <evproc/detail/config.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>

#if defined(__cpp_lib_format)
#include <format>
#endif

/// \file
/// Not in the umbrella: needs `ostream` and `format`. `operator<<` and, where the library has it, `std::formatter` for
/// evproc's enums and result structs. An enumerator prints as its name, a struct as `name=value` pairs on one line; width and
/// alignment apply to the whole.

namespace evproc::inline EVPROC_ABI {
namespace io_detail {

[[nodiscard]] inline std::string unknown(char const* type, int value) {
    return std::string{type} + '(' + std::to_string(value) + ')';
}

[[nodiscard]] inline std::string text(errc e) {
    switch (e) {
        case errc::success: return "success";
        case errc::empty: return "empty";
        case errc::full: return "full";
        case errc::closed: return "closed";
        case errc::busy: return "busy";
        case errc::timed_out: return "timed_out";
        case errc::stopped: return "stopped";
        case errc::would_deadlock: return "would_deadlock";
        case errc::too_large: return "too_large";
        case errc::invalid_size: return "invalid_size";
        case errc::invalid_handle: return "invalid_handle";
    }
    return unknown("errc", static_cast<int>(e));
}

[[nodiscard]] inline std::string text(poll_state s) {
    switch (s) {
        case poll_state::idle: return "idle";
        case poll_state::more: return "more";
        case poll_state::blocked: return "blocked";
        case poll_state::closed: return "closed";
    }
    return unknown("poll_state", static_cast<int>(s));
}

[[nodiscard]] inline std::string text(event_action a) {
    switch (a) {
        case event_action::next: return "next";
        case event_action::stop: return "stop";
        case event_action::keep: return "keep";
    }
    return unknown("event_action", static_cast<int>(a));
}

[[nodiscard]] inline std::string text(error_action a) {
    switch (a) {
        case error_action::skip: return "skip";
        case error_action::retry: return "retry";
        case error_action::stop: return "stop";
    }
    return unknown("error_action", static_cast<int>(a));
}

inline void append_pair(std::string& line, std::string_view name, std::string_view value) {
    if (!line.empty()) line += ' ';
    line.append(name).append(1, '=').append(value);
}
inline void append_pair(std::string& line, std::string_view name, std::uint64_t value) {
    append_pair(line, name, std::string_view{std::to_string(value)});
}

[[nodiscard]] inline std::string text(poll_result const& r) {
    std::string line;
    append_pair(line, "events", r.events);
    append_pair(line, "state", std::string_view{text(r.state)});
    return line;
}

[[nodiscard]] inline std::string text(run_result const& r) {
    std::string line;
    append_pair(line, "events", r.events);
    append_pair(line, "reason", std::string_view{text(r.reason)});
    return line;
}

[[nodiscard]] inline std::string text(stall_info const& s) {
    std::string line;
    append_pair(line, "stalled", std::string_view{s.stalled ? "true" : "false"});
    if (s.stalled) {
        append_pair(line, "sequence", s.sequence);
        append_pair(line, "age_ns", static_cast<std::uint64_t>(s.age.count()));
    }
    return line;
}

[[nodiscard]] inline std::string text(processor_stats const& s) {
    std::string line;
    append_pair(line, "committed", s.committed);
    append_pair(line, "consumed", s.consumed);
    append_pair(line, "discarded", s.discarded);
    append_pair(line, "full_waits", s.full_waits);
    append_pair(line, "refused", s.refused);
    append_pair(line, "max_depth", s.max_depth);
    append_pair(line, "parks", s.parks);
    return line;
}

}  // namespace io_detail

inline std::ostream& operator<<(std::ostream& os, errc e) { return os << io_detail::text(e); }
inline std::ostream& operator<<(std::ostream& os, poll_state s) { return os << io_detail::text(s); }
inline std::ostream& operator<<(std::ostream& os, event_action a) { return os << io_detail::text(a); }
inline std::ostream& operator<<(std::ostream& os, error_action a) { return os << io_detail::text(a); }
inline std::ostream& operator<<(std::ostream& os, poll_result const& r) { return os << io_detail::text(r); }
inline std::ostream& operator<<(std::ostream& os, run_result const& r) { return os << io_detail::text(r); }
inline std::ostream& operator<<(std::ostream& os, stall_info const& s) { return os << io_detail::text(s); }
inline std::ostream& operator<<(std::ostream& os, processor_stats const& s) { return os << io_detail::text(s); }

#if defined(__cpp_lib_format)
namespace io_detail {

/// Takes the format specification of a string: "{:>12}".
template <class Value> struct formatter : std::formatter<std::string_view> {
    template <class Context> auto format(Value const& value, Context& context) const {
        std::string const line = text(value);
        return std::formatter<std::string_view>::format(line, context);
    }
};

}  // namespace io_detail
#endif

}  // namespace evproc::inline EVPROC_ABI

#if defined(__cpp_lib_format)
template <> struct std::formatter<evproc::errc> : evproc::io_detail::formatter<evproc::errc> {};
template <> struct std::formatter<evproc::poll_state> : evproc::io_detail::formatter<evproc::poll_state> {};
template <> struct std::formatter<evproc::event_action> : evproc::io_detail::formatter<evproc::event_action> {};
template <> struct std::formatter<evproc::error_action> : evproc::io_detail::formatter<evproc::error_action> {};
template <> struct std::formatter<evproc::poll_result> : evproc::io_detail::formatter<evproc::poll_result> {};
template <> struct std::formatter<evproc::run_result> : evproc::io_detail::formatter<evproc::run_result> {};
template <> struct std::formatter<evproc::stall_info> : evproc::io_detail::formatter<evproc::stall_info> {};
template <> struct std::formatter<evproc::processor_stats> : evproc::io_detail::formatter<evproc::processor_stats> {};
#endif
