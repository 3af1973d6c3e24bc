// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// io.hpp: what the enums and the result structs look like in a log.
#include <evproc/extras/io.hpp>

#include <chrono>
#include <iomanip>
#include <sstream>
#include <string>

#include "catch.hpp"

#include <evproc/event_processor.hpp>

using namespace std::chrono_literals;

namespace {

template <class Value> std::string printed(Value const& value) {
    std::ostringstream out;
    out << value;
#if defined(__cpp_lib_format)
    CHECK(std::format("{}", value) == out.str());
#endif
    return out.str();
}

/// The compiler warns here of an enumerator that these tests, and so maybe io.hpp, do not have.
constexpr bool is_tested(evproc::errc e) {
    using evproc::errc;
    switch (e) {
        case errc::success:
        case errc::empty:
        case errc::full:
        case errc::closed:
        case errc::busy:
        case errc::timed_out:
        case errc::stopped:
        case errc::would_deadlock:
        case errc::too_large:
        case errc::invalid_size:
        case errc::invalid_handle: return true;
    }
    return false;
}
constexpr bool is_tested(evproc::poll_state s) {
    using evproc::poll_state;
    switch (s) {
        case poll_state::idle:
        case poll_state::more:
        case poll_state::blocked:
        case poll_state::closed: return true;
    }
    return false;
}
constexpr bool is_tested(evproc::event_action a) {
    using evproc::event_action;
    switch (a) {
        case event_action::next:
        case event_action::stop:
        case event_action::keep: return true;
    }
    return false;
}
constexpr bool is_tested(evproc::error_action a) {
    using evproc::error_action;
    switch (a) {
        case error_action::skip:
        case error_action::retry:
        case error_action::stop: return true;
    }
    return false;
}

struct converts {
    operator evproc::errc() const { return evproc::errc::full; }
};
static_assert(!evproc::io_detail::printable<int> && !evproc::io_detail::printable<converts>);

}  // namespace

TEST_CASE("io: an errc prints as its name, and not as a number") {
    using evproc::errc;
    CHECK(printed(errc::success) == "success");
    CHECK(printed(errc::empty) == "empty");
    CHECK(printed(errc::full) == "full");
    CHECK(printed(errc::closed) == "closed");
    CHECK(printed(errc::busy) == "busy");
    CHECK(printed(errc::timed_out) == "timed_out");
    CHECK(printed(errc::stopped) == "stopped");
    CHECK(printed(errc::would_deadlock) == "would_deadlock");
    CHECK(printed(errc::too_large) == "too_large");
    CHECK(printed(errc::invalid_size) == "invalid_size");
    CHECK(printed(errc::invalid_handle) == "invalid_handle");
}

TEST_CASE("io: the other enums print as their names") {
    using evproc::error_action;
    using evproc::event_action;
    using evproc::poll_state;
    CHECK(printed(poll_state::idle) == "idle");
    CHECK(printed(poll_state::more) == "more");
    CHECK(printed(poll_state::blocked) == "blocked");
    CHECK(printed(poll_state::closed) == "closed");
    CHECK(printed(event_action::next) == "next");
    CHECK(printed(event_action::stop) == "stop");
    CHECK(printed(event_action::keep) == "keep");
    CHECK(printed(error_action::skip) == "skip");
    CHECK(printed(error_action::retry) == "retry");
    CHECK(printed(error_action::stop) == "stop");
}

TEST_CASE("io: a value that is no enumerator prints with its type and number") {
    CHECK(printed(static_cast<evproc::errc>(99)) == "errc(99)");
    CHECK(printed(static_cast<evproc::poll_state>(-1)) == "poll_state(-1)");
    CHECK(printed(static_cast<evproc::event_action>(7)) == "event_action(7)");
    CHECK(printed(static_cast<evproc::error_action>(3)) == "error_action(3)");
}

TEST_CASE("io: every enumerator has a name, and no other value has") {
    auto const agree = []<class Enum>(Enum) {
        for (int i = -2; i != 20; ++i) {
            auto const value = static_cast<Enum>(i);
            CHECK(is_tested(value) == (printed(value).find('(') == std::string::npos));
        }
    };
    agree(evproc::errc{});
    agree(evproc::poll_state{});
    agree(evproc::event_action{});
    agree(evproc::error_action{});
}

TEST_CASE("io: results print as pairs of name and value") {
    CHECK(printed(evproc::poll_result{3, evproc::poll_state::blocked}) == "events=3 state=blocked");
    CHECK(printed(evproc::run_result{12345678901234567890u, evproc::errc::stopped}) ==
          "events=12345678901234567890 reason=stopped");
    CHECK(printed(evproc::stall_info{}) == "stalled=false");
    CHECK(printed(evproc::stall_info{true, 7, 1500us}) == "stalled=true sequence=7 age_ns=1500000");
    CHECK(printed(evproc::processor_stats{1, 2, 3, 4, 5, 6, 7}) ==
          "committed=1 consumed=2 discarded=3 full_waits=4 refused=5 max_depth=6 parks=7");
}

TEST_CASE("io: the stream's width holds for the whole, its number base for nothing") {
    std::ostringstream out;
    out << std::hex << std::setw(8) << evproc::errc::full << '|' << std::left << std::setw(24)
        << evproc::poll_result{255, evproc::poll_state::idle} << '|';
    CHECK(out.str() == "    full|events=255 state=idle   |");
#if defined(__cpp_lib_format)
    CHECK(std::format("{:>8}|{:*<9}|", evproc::errc::full, evproc::poll_state::more) == "    full|more*****|");
#endif
}

TEST_CASE("io: what a processor returns can be printed as it is") {
    evproc::event_processor<int, 2> p;
    CHECK(printed(p.try_publish(1)) == "success");
    CHECK(printed(p.poll([](int&) {})) == "events=1 state=idle");
    CHECK(printed(p.stats()) == "committed=1 consumed=1 discarded=0 full_waits=0 refused=0 max_depth=1 parks=0");
    CHECK(printed(p.oldest_uncommitted()) == "stalled=false");
}
