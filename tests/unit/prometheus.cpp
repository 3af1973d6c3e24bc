// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// prometheus_collectable: what prometheus-cpp gets, and what its serializer makes of it.
#include <evproc/extras/prometheus.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <thread>

#include <prometheus/text_serializer.h>

#include <evproc/event_processor.hpp>
#include <evproc/wait/spin_wait.hpp>

#include "catch.hpp"

using namespace std::chrono_literals;
using evproc::prometheus_collectable;

namespace {

std::string text(prometheus_collectable const& metrics) {
    return prometheus::TextSerializer().Serialize(metrics.Collect());
}

double value_of(std::string const& page, std::string const& sample) {
    std::size_t const at = page.find("\n" + sample + " ");
    REQUIRE(at != std::string::npos);
    return std::strtod(page.c_str() + at + sample.size() + 2, nullptr);
}

}  // namespace

TEST_CASE("prometheus_collectable: a processor's counts under the names of the contract") {
    evproc::event_processor<int, 4, evproc::spin_wait> processor;
    for (int i = 0; i != 4; ++i) processor.publish(i);
    CHECK(processor.try_publish(4) == evproc::errc::full);
    CHECK(processor.try_publish(4) == evproc::errc::full);
    CHECK(processor.reserve_for(1ns).error() == evproc::errc::timed_out);
    processor.poll([](int) {}, 3);
    processor.reserve().discard();
    processor.publish(5);

    prometheus_collectable metrics;
    metrics.add("orders", processor);
    std::string const page = text(metrics);
    struct expected {
        char const* name;
        char const* type;
        double value;
    };
    for (auto const& [name, type, value] :
         {expected{"evproc_committed_total", "counter", 5}, expected{"evproc_consumed_total", "counter", 3},
          expected{"evproc_discarded_total", "counter", 1}, expected{"evproc_refused_total", "counter", 2},
          expected{"evproc_waits_total", "counter", 1}, expected{"evproc_depth", "gauge", 3},
          expected{"evproc_capacity", "gauge", 4}, expected{"evproc_depth_high_watermark", "gauge", 4},
          expected{"evproc_oldest_uncommitted_seconds", "gauge", 0}}) {
        INFO(name << " in\n" << page);
        CHECK(page.find(std::string("# TYPE ") + name + " " + type + "\n") != std::string::npos);
        CHECK(value_of(page, std::string(name) + "{processor=\"orders\"}") == value);
    }
    CHECK(metrics.Collect().size() == 9);
}

TEST_CASE("prometheus_collectable: each family stands once, with the samples of all processors and their labels") {
    evproc::event_processor<int, 4> first;
    evproc::event_processor<std::string, std::dynamic_extent> second(64);
    first.publish(1);
    prometheus_collectable metrics;
    metrics.add("first", first);
    metrics.add("second", second, {{"rack", "7"}, {"site", "A"}});
    std::string const page = text(metrics);
    CHECK(page.find("# TYPE evproc_committed_total counter\n"
                    "evproc_committed_total{processor=\"first\"} 1\n"
                    "evproc_committed_total{processor=\"second\",rack=\"7\",site=\"A\"} 0\n"
                    "# HELP evproc_consumed_total") != std::string::npos);
    CHECK(page.find("# TYPE evproc_committed_total") == page.rfind("# TYPE evproc_committed_total"));
}

TEST_CASE("prometheus_collectable: a stall shows as the seconds it has lasted") {
    evproc::event_processor<int, 4> processor;
    prometheus_collectable metrics;
    metrics.add("p", processor);
    auto stalled = processor.reserve();
    processor.publish(2);
    REQUIRE(processor.poll_for(1ns, [](int) {}).state == evproc::poll_state::blocked);
    std::this_thread::sleep_for(2ms);
    double const age = value_of(text(metrics), "evproc_oldest_uncommitted_seconds{processor=\"p\"}");
    CHECK(age >= 0.002);
    CHECK(age < 600);
    stalled.discard();
    processor.poll([](int) {});
    CHECK(value_of(text(metrics), "evproc_oldest_uncommitted_seconds{processor=\"p\"}") == 0);
}

TEST_CASE("prometheus_collectable: a dwell-time histogram has exact cumulative buckets, its sum and its count") {
    evproc::dwell_histogram dwell;
    dwell.record(std::uint64_t{0});
    dwell.record(1us);
    dwell.record(std::uint64_t{1023});
    dwell.record(std::uint64_t{1024});
    dwell.record(1ms);
    dwell.record(1h);
    prometheus_collectable metrics;
    metrics.add_dwell("p", dwell);
    auto const families = metrics.Collect();
    REQUIRE(families.size() == 1);
    CHECK(families[0].name == "evproc_dwell_seconds");
    CHECK(families[0].type == prometheus::MetricType::Histogram);
    REQUIRE(families[0].metric.at(0).label.size() == 1);
    CHECK(families[0].metric[0].label[0].value == "p");
    auto const& histogram = families[0].metric[0].histogram;
    REQUIRE(histogram.bucket.size() == 25);
    CHECK(histogram.bucket[0].cumulative_count == 3);
    CHECK(histogram.bucket[0].upper_bound == 1023 * 1e-9);
    CHECK(histogram.bucket[1].cumulative_count == 4);
    CHECK(histogram.bucket[9].cumulative_count == 4);  // below 524 us
    CHECK(histogram.bucket[10].cumulative_count == 5);
    CHECK(histogram.bucket[24].cumulative_count == 5);
    CHECK(histogram.bucket[24].upper_bound == 17179869183 * 1e-9);
    CHECK(histogram.sample_count == 6);
    CHECK(histogram.sample_sum > 3600.0010029);
    CHECK(histogram.sample_sum < 3600.0010031);
}

TEST_CASE("prometheus_collectable: what was removed is not read any more, and may be gone") {
    evproc::event_processor<int, 4> stays;
    evproc::dwell_histogram dwell;
    prometheus_collectable metrics;
    metrics.add("stays", stays);
    {
        auto const goes = std::make_unique<evproc::event_processor<int, 4>>();
        metrics.add("goes", *goes);
        metrics.add_dwell("goes", dwell);
        CHECK(metrics.Collect().size() == 10);
        metrics.remove("goes");
    }
    auto const families = metrics.Collect();
    REQUIRE(families.size() == 9);
    REQUIRE(families[0].metric.size() == 1);
    CHECK(families[0].metric[0].label.at(0).value == "stays");
    metrics.remove("stays");
    CHECK(metrics.Collect().empty());
}

TEST_CASE("prometheus_collectable: collecting while producers and consumer work never sees a counter go back") {
    evproc::event_processor<int, 64> processor;
    prometheus_collectable metrics;
    metrics.add("p", processor);
    std::jthread producer([&] {
        for (int i = 0; i != 20000; ++i) processor.publish(i);
        processor.close();
    });
    std::jthread consumer([&] { processor.run([](int) {}); });
    int went_back = 0;
    for (double last = 0; last != 20000;) {
        double const now = metrics.Collect().at(1).metric.at(0).counter.value;
        went_back += now < last;
        last = now;
    }
    CHECK(went_back == 0);
}
