// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
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

template <class T, class... Types> inline constexpr bool is_one_of = (std::is_same_v<T, Types> || ...);

/// Exactly these types, not what converts to one.
template <class T>
concept printable =
    is_one_of<T, errc, poll_state, event_action, error_action, poll_result, run_result, stall_info, processor_stats>;

/// The name of an enumerator. Enumerators count up from 0, in the order of `names`.
template <class Enum>
[[nodiscard]] std::string name_of(Enum e, std::string_view type, std::initializer_list<std::string_view> names) {
    auto const at = static_cast<std::size_t>(e);
    if (at < names.size()) return std::string{names.begin()[at]};
    return std::string{type} + '(' + std::to_string(static_cast<int>(e)) + ')';
}

[[nodiscard]] inline std::string text(errc e) {
    return name_of(e, "errc",
                   {"success", "empty", "full", "closed", "busy", "timed_out", "stopped", "would_deadlock", "too_large",
                    "invalid_size", "invalid_handle"});
}
[[nodiscard]] inline std::string text(poll_state s) {
    return name_of(s, "poll_state", {"idle", "more", "blocked", "closed"});
}
[[nodiscard]] inline std::string text(event_action a) { return name_of(a, "event_action", {"next", "stop", "keep"}); }
[[nodiscard]] inline std::string text(error_action a) { return name_of(a, "error_action", {"skip", "retry", "stop"}); }
[[nodiscard]] inline std::string text(std::uint64_t n) { return std::to_string(n); }

/// line("events", 1, "state", poll_state::idle) is "events=1 state=idle".
template <class Value, class... More>
[[nodiscard]] std::string line(char const* name, Value const& value, More const&... more) {
    std::string all = std::string{name} + '=' + text(value);
    if constexpr (sizeof...(more) != 0) all += ' ' + line(more...);
    return all;
}

[[nodiscard]] inline std::string text(poll_result const& r) { return line("events", r.events, "state", r.state); }
[[nodiscard]] inline std::string text(run_result const& r) { return line("events", r.events, "reason", r.reason); }
[[nodiscard]] inline std::string text(stall_info const& s) {
    if (!s.stalled) return "stalled=false";
    return "stalled=true " + line("sequence", s.sequence, "age_ns", static_cast<std::uint64_t>(s.age.count()));
}
[[nodiscard]] inline std::string text(processor_stats const& s) {
    return line("committed", s.committed, "consumed", s.consumed, "discarded", s.discarded, "full_waits", s.full_waits,
                "refused", s.refused, "max_depth", s.max_depth, "parks", s.parks);
}

}  // namespace io_detail

template <io_detail::printable T> std::ostream& operator<<(std::ostream& os, T const& value) {
    return os << io_detail::text(value);
}

}  // namespace evproc::inline EVPROC_ABI

#if defined(__cpp_lib_format)
/// Takes the format specification of a string: "{:>12}".
template <evproc::io_detail::printable T> struct std::formatter<T> : std::formatter<std::string_view> {
    template <class Context> auto format(T const& value, Context& context) const {
        return std::formatter<std::string_view>::format(evproc::io_detail::text(value), context);
    }
};
#endif
