// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// metrics_page: the first and the last of each range of characters that a label may hold.
#include <evproc/metrics.hpp>

#include <string>
#include <string_view>

#include <evproc/event_processor.hpp>

#include "catch.hpp"

using evproc::metrics_page;

namespace {

/// The line of one sample of a page whose processor is called `value` and has one label more.
std::string sample(std::string_view value, std::string_view label) {
    evproc::event_processor<int, 1> processor;
    metrics_page page;
    page.add(value, processor, {{label, "v"}});
    std::string const text = page.text();
    std::size_t const from = text.find("\nevproc_capacity{") + 1;
    return text.substr(from, text.find('\n', from) - from);
}
std::string name_written(std::string_view name) {
    std::string const line = sample("p", name);
    std::size_t const from = line.find("\",") + 2;
    return line.substr(from, line.find('=', from) - from);
}
std::string value_written(std::string_view value) {
    std::string const line = sample(value, "l");
    std::size_t const from = line.find("processor=\"") + 11;
    return line.substr(from, line.find("\",l=", from) - from);
}

std::string const replaced = "\xEF\xBF\xBD";

}  // namespace

TEST_CASE("metrics_page: a label's name keeps letters, digits and underscores, and no digit at its beginning") {
    CHECK(name_written("azAZ_09") == "azAZ_09");
    // The neighbours of each range.
    CHECK(name_written("`{@[/:") == "______");
    CHECK(name_written("9lives") == "_lives");
    CHECK(name_written("") == "_");
}

TEST_CASE("metrics_page: characters of two, three and four bytes are kept at the ends of their ranges") {
    for (char const* kept : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                             "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
        CHECK(value_written(kept) == kept);
}

TEST_CASE("metrics_page: overlong forms, surrogates, what is beyond Unicode and what breaks off are replaced byte by byte") {
    CHECK(value_written("\xC1\xBF") == replaced + replaced);
    CHECK(value_written("\xC2") == replaced);
    CHECK(value_written("\xC2z") == replaced + "z");
    CHECK(value_written("\xE0\x9F\xBF") == replaced + replaced + replaced);
    CHECK(value_written("\xED\xA0\x80") == replaced + replaced + replaced);
    CHECK(value_written("\xE1\x80z") == replaced + replaced + "z");
    CHECK(value_written("\xF0\x8F\xBF\xBF") == replaced + replaced + replaced + replaced);
    CHECK(value_written("\xF4\x90\x80\x80") == replaced + replaced + replaced + replaced);
    CHECK(value_written("\xF1\x80z") == replaced + replaced + "z");
    CHECK(value_written("\xF1\x80\x80z") == replaced + replaced + replaced + "z");
    CHECK(value_written("\xF5") == replaced);
}

TEST_CASE("metrics_page: what lies behind the end of a label's value does not complete its last character") {
    CHECK(value_written(std::string_view{"\xC3\xA9", 1}) == replaced);
    CHECK(value_written(std::string_view{"\xE2\x82\xAC", 2}) == replaced + replaced);
}
