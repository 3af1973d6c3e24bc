// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// metrics_page: the text that Prometheus reads, to the letter. promtool reads it too, where it is installed.
#include <evproc/metrics.hpp>

#include <chrono>
#include <clocale>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <sstream>
#include <string>
#include <thread>

#include <evproc/event_processor.hpp>
#include <evproc/wait/spin_wait.hpp>

#include "catch.hpp"

using namespace std::chrono_literals;
using evproc::metrics_page;

namespace {

/// The value of a sample, given all that stands before it on its line.
std::string value_of(std::string const& page, std::string const& sample) {
    std::size_t const at = page.find("\n" + sample + " ");
    if (at == std::string::npos) return "no such sample";
    std::size_t const from = at + sample.size() + 2;
    return page.substr(from, page.find('\n', from) - from);
}

std::string label_value(std::string_view value) {
    evproc::event_processor<int, 1> processor;
    metrics_page page;
    page.add(value, processor);
    std::string const text = page.text();
    std::size_t const from = text.find("{processor=\"") + 12;
    return text.substr(from, text.find("\"} 0\n", from) - from);
}

}  // namespace

TEST_CASE("metrics_page: a processor's counts, to the letter") {
    evproc::event_processor<int, 4, evproc::spin_wait> processor;
    for (int i = 0; i != 4; ++i) processor.publish(i);
    CHECK(processor.try_publish(4) == evproc::errc::full);
    CHECK(processor.try_publish(4) == evproc::errc::full);
    CHECK(processor.reserve_for(1ns).error() == evproc::errc::timed_out);
    processor.poll([](int) {}, 3);
    processor.reserve().discard();
    processor.publish(5);

    metrics_page page;
    page.add("orders", processor, {{"site", "A"}});
    CHECK(page.text() ==
          "# HELP evproc_committed_total Events made visible to the consumer.\n"
          "# TYPE evproc_committed_total counter\n"
          "evproc_committed_total{processor=\"orders\",site=\"A\"} 5\n"
          "# HELP evproc_consumed_total Events consumed.\n"
          "# TYPE evproc_consumed_total counter\n"
          "evproc_consumed_total{processor=\"orders\",site=\"A\"} 3\n"
          "# HELP evproc_discarded_total Places that were reserved and given up.\n"
          "# TYPE evproc_discarded_total counter\n"
          "evproc_discarded_total{processor=\"orders\",site=\"A\"} 1\n"
          "# HELP evproc_refused_total Reservations that were refused at once, by reason.\n"
          "# TYPE evproc_refused_total counter\n"
          "evproc_refused_total{processor=\"orders\",site=\"A\",reason=\"full\"} 2\n"
          "# HELP evproc_waits_total Reservations that had to wait for room.\n"
          "# TYPE evproc_waits_total counter\n"
          "evproc_waits_total{processor=\"orders\",site=\"A\"} 1\n"
          "# HELP evproc_parks_total How often a waiting thread, of either side, went to sleep.\n"
          "# TYPE evproc_parks_total counter\n"
          "evproc_parks_total{processor=\"orders\",site=\"A\"} 0\n"
          "# HELP evproc_depth Slots in use: reserved and not yet consumed.\n"
          "# TYPE evproc_depth gauge\n"
          "evproc_depth{processor=\"orders\",site=\"A\"} 3\n"
          "# HELP evproc_capacity Slots there are.\n"
          "# TYPE evproc_capacity gauge\n"
          "evproc_capacity{processor=\"orders\",site=\"A\"} 4\n"
          "# HELP evproc_depth_high_watermark The most slots in use that the consumer has seen.\n"
          "# TYPE evproc_depth_high_watermark gauge\n"
          "evproc_depth_high_watermark{processor=\"orders\",site=\"A\"} 4\n"
          "# HELP evproc_oldest_uncommitted_seconds How long the consumer has been standing before a place that is "
          "reserved and not committed; 0: it is not.\n"
          "# TYPE evproc_oldest_uncommitted_seconds gauge\n"
          "evproc_oldest_uncommitted_seconds{processor=\"orders\",site=\"A\"} 0\n");
}

TEST_CASE("metrics_page: the samples of several processors stand together, under one HELP and TYPE") {
    evproc::event_processor<int, 4> first;
    evproc::event_processor<std::string, std::dynamic_extent> second(64);
    first.publish(1);
    metrics_page page;
    page.add("first", first);
    page.add("second", second, {{"site", "A"}, {"rack", "7"}});
    std::string const text = page.text();
    CHECK(text.find("# TYPE evproc_committed_total counter\n"
                    "evproc_committed_total{processor=\"first\"} 1\n"
                    "evproc_committed_total{processor=\"second\",site=\"A\",rack=\"7\"} 0\n"
                    "# HELP evproc_consumed_total") != std::string::npos);
    CHECK(text.find("# TYPE evproc_committed_total") == text.rfind("# TYPE evproc_committed_total"));
    CHECK(value_of(text, "evproc_capacity{processor=\"second\",site=\"A\",rack=\"7\"}") == "64");
}

TEST_CASE("metrics_page: a stall shows as the seconds it has lasted") {
    evproc::event_processor<int, 4> processor;
    auto stalled = processor.reserve();
    processor.publish(2);
    processor.poll([](int) {});
    std::this_thread::sleep_for(2ms);
    metrics_page during;
    during.add("p", processor);
    double const age = std::strtod(value_of(during.text(), "evproc_oldest_uncommitted_seconds{processor=\"p\"}").c_str(), nullptr);
    CHECK(age >= 0.002);
    CHECK(age < 600);
    stalled.discard();
    processor.poll([](int) {});
    metrics_page after;
    after.add("p", processor);
    CHECK(value_of(after.text(), "evproc_oldest_uncommitted_seconds{processor=\"p\"}") == "0");
}

TEST_CASE("metrics_page: a dwell-time histogram has exact cumulative buckets, its sum and its count") {
    evproc::dwell_histogram dwell;
    dwell.record(1us);
    dwell.record(std::uint64_t{1023});
    dwell.record(std::uint64_t{1024});
    dwell.record(1ms);
    dwell.record(1h);
    metrics_page page;
    page.add_dwell("p", dwell, {{"site", "A"}});
    std::string const text = page.text();
    CHECK(text.starts_with("# HELP evproc_dwell_seconds How long events were on the way.\n"
                           "# TYPE evproc_dwell_seconds histogram\n"
                           "evproc_dwell_seconds_bucket{processor=\"p\",site=\"A\",le=\"0.000001023\"} 2\n"
                           "evproc_dwell_seconds_bucket{processor=\"p\",site=\"A\",le=\"0.000002047\"} 3\n"
                           "evproc_dwell_seconds_bucket{processor=\"p\",site=\"A\",le=\"0.000004095\"} 3\n"));
    CHECK(text.ends_with("evproc_dwell_seconds_bucket{processor=\"p\",site=\"A\",le=\"17.179869183\"} 4\n"
                         "evproc_dwell_seconds_bucket{processor=\"p\",site=\"A\",le=\"+Inf\"} 5\n"
                         "evproc_dwell_seconds_sum{processor=\"p\",site=\"A\"} 3600.001003047\n"
                         "evproc_dwell_seconds_count{processor=\"p\",site=\"A\"} 5\n"));
    CHECK(value_of(text, "evproc_dwell_seconds_bucket{processor=\"p\",site=\"A\",le=\"0.000524287\"}") == "3");
    CHECK(value_of(text, "evproc_dwell_seconds_bucket{processor=\"p\",site=\"A\",le=\"0.001048575\"}") == "4");
}

TEST_CASE("metrics_page: a dwell time of nothing is in every bucket, and 31 years are exact to the nanosecond") {
    evproc::dwell_histogram dwell;
    dwell.record(std::uint64_t{0});
    dwell.record(std::uint64_t{1'000'000'000'000'000'001});
    metrics_page page;
    page.add_dwell("p", dwell);
    std::string const text = page.text();
    CHECK(value_of(text, "evproc_dwell_seconds_bucket{processor=\"p\",le=\"0.000001023\"}") == "1");
    CHECK(value_of(text, "evproc_dwell_seconds_bucket{processor=\"p\",le=\"17.179869183\"}") == "1");
    CHECK(value_of(text, "evproc_dwell_seconds_sum{processor=\"p\"}") == "1000000000.000000001");
    CHECK(value_of(text, "evproc_dwell_seconds_count{processor=\"p\"}") == "2");
}

TEST_CASE("metrics_page: the same as a summary, to the letter") {
    evproc::dwell_histogram dwell;
    for (std::uint64_t i = 1; i <= 10; ++i) dwell.record(i);
    dwell.record(std::uint64_t{2'500'000'000});
    metrics_page page;
    page.add_dwell_summary("p", dwell);
    CHECK(page.text() ==
          "# HELP evproc_dwell_quantile_seconds How long events were on the way, since the beginning.\n"
          "# TYPE evproc_dwell_quantile_seconds summary\n"
          "evproc_dwell_quantile_seconds{processor=\"p\",quantile=\"0.5\"} 0.000000006\n"
          "evproc_dwell_quantile_seconds{processor=\"p\",quantile=\"0.9\"} 0.00000001\n"
          "evproc_dwell_quantile_seconds{processor=\"p\",quantile=\"0.99\"} 2.5\n"
          "evproc_dwell_quantile_seconds{processor=\"p\",quantile=\"0.999\"} 2.5\n"
          "evproc_dwell_quantile_seconds{processor=\"p\",quantile=\"1\"} 2.5\n"
          "evproc_dwell_quantile_seconds_sum{processor=\"p\"} 2.500000055\n"
          "evproc_dwell_quantile_seconds_count{processor=\"p\"} 11\n");
}

TEST_CASE("metrics_page: label values are escaped, and what is not UTF-8 is replaced") {
    std::string const replaced = "\xEF\xBF\xBD";
    CHECK(label_value("a\\b\"c\nd") == "a\\\\b\\\"c\\nd");
    CHECK(label_value("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") == "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
    CHECK(label_value("x\xFFy") == "x" + replaced + "y");
    CHECK(label_value("\xC0\xAF") == replaced + replaced);                  // a long form of '/'
    CHECK(label_value("\xED\xA0\x80") == replaced + replaced + replaced);   // a surrogate
    CHECK(label_value("\xE2\x82") == replaced + replaced);                  // cut off
    CHECK(label_value("\xF4\x90\x80\x80") == replaced + replaced + replaced + replaced);  // above U+10FFFF
    CHECK(label_value("") == "");
}

TEST_CASE("metrics_page: a label's name is made one that Prometheus allows") {
    evproc::event_processor<int, 1> processor;
    metrics_page page;
    page.add("p", processor, {{"data-center 1", "a"}, {"9lives", "b"}, {"", "c"}});
    CHECK(page.text().find("{processor=\"p\",data_center_1=\"a\",_lives=\"b\",_=\"c\"} 0\n") != std::string::npos);
}

TEST_CASE("metrics_page: no locale changes a number") {
    struct back_to_c {
        ~back_to_c() { std::setlocale(LC_ALL, "C"); }
    } const guard;
    // Without a locale with a decimal comma on this machine there is nothing to see here, but nothing wrong either.
    for (char const* name : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"})
        if (std::setlocale(LC_ALL, name) != nullptr) break;
    evproc::dwell_histogram dwell;
    dwell.record(std::uint64_t{1'500'000'000});
    metrics_page page;
    page.add_dwell("p", dwell);
    CHECK(value_of(page.text(), "evproc_dwell_seconds_sum{processor=\"p\"}") == "1.5");
}

TEST_CASE("metrics_page: goes to a stream as it is, and an empty page is empty") {
    evproc::event_processor<int, 1> processor;
    metrics_page page;
    CHECK(page.text().empty());
    page.add("p", processor);
    std::ostringstream stream;
    page.write_to(stream);
    CHECK(stream.str() == page.text());
    CHECK(stream.str().back() == '\n');
}

TEST_CASE("metrics_page: may be made while the processor is at work") {
    evproc::event_processor<std::uint64_t, 64> processor;
    constexpr std::uint64_t events = 20000;
    std::jthread producer([&] {
        for (std::uint64_t i = 0; i != events; ++i) processor.publish(i);
        processor.close();
    });
    std::jthread consumer([&] { processor.run([](std::uint64_t) {}); });
    std::uint64_t last = 0;
    std::size_t went_back = 0;
    while (last != events) {
        metrics_page page;
        page.add("p", processor);
        std::string const consumed = value_of(page.text(), "evproc_consumed_total{processor=\"p\"}");
        std::uint64_t const now = std::strtoull(consumed.c_str(), nullptr, 10);
        went_back += now < last;
        last = now;
    }
    CHECK(went_back == 0);
}
