// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#include <evproc/errc.hpp>

#include <cctype>
#include <set>
#include <string>
#include <system_error>
#include <type_traits>

#include "catch.hpp"

using evproc::errc;

namespace {

constexpr errc every[] = {errc::success,   errc::empty,        errc::full,          errc::closed,
                          errc::busy,      errc::timed_out,    errc::stopped,       errc::would_deadlock,
                          errc::too_large, errc::invalid_size, errc::invalid_handle};

}  // namespace

TEST_CASE("errc: it is an error code enum of its own category") {
    STATIC_REQUIRE(std::is_error_code_enum_v<errc>);
    STATIC_REQUIRE_FALSE(std::is_error_condition_enum_v<errc>);
    std::error_code const code = errc::full;
    CHECK(std::string(code.category().name()) == "evproc");
    CHECK(code.category() != std::generic_category());
    CHECK(code.category() != std::system_category());
    CHECK(&make_error_code(errc::full).category() == &make_error_code(errc::closed).category());
    CHECK(code.value() == static_cast<int>(errc::full));
}

TEST_CASE("errc: success and only success is no error") {
    for (errc const e : every) {
        std::error_code const code = e;
        CHECK(static_cast<bool>(code) == (e != errc::success));
    }
    CHECK(static_cast<int>(errc::success) == 0);
}

TEST_CASE("errc: codes compare equal to their own enumerator and to no other") {
    for (errc const a : every) {
        for (errc const b : every) {
            std::error_code const code = a;
            CHECK((code == b) == (a == b));
            CHECK((code == make_error_code(b)) == (a == b));
        }
        CHECK(std::error_code(a) != std::make_error_code(std::errc::timed_out));
        // The same number in another category is another error.
        CHECK(std::error_code(a) != std::error_code(static_cast<int>(a), std::generic_category()));
    }
}

TEST_CASE("errc: each message is a whole sentence and no two are the same") {
    std::set<std::string> messages;
    for (errc const e : every) {
        std::string const message = make_error_code(e).message();
        INFO(message);
        REQUIRE(message.size() > 12);
        CHECK(std::isupper(static_cast<unsigned char>(message.front())) != 0);
        CHECK(message.back() == '.');
        CHECK(message.find(' ') != std::string::npos);
        messages.insert(message);
    }
    CHECK(messages.size() == std::size(every));
}

TEST_CASE("errc: a number that is none of them has a message too") {
    std::string const message = make_error_code(static_cast<errc>(12345)).message();
    CHECK(message.size() > 12);
    CHECK(message.back() == '.');
}

TEST_CASE("errc: it can be thrown as a system_error") {
    try {
        throw std::system_error(errc::would_deadlock);
    } catch (std::system_error const& error) {
        CHECK(error.code() == errc::would_deadlock);
        CHECK(std::string(error.what()).find(make_error_code(errc::would_deadlock).message()) != std::string::npos);
    }
}
