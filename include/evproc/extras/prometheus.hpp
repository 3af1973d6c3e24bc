// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/labels.h>
#include <prometheus/metric_family.h>

#include <evproc/detail/config.hpp>
#include <evproc/event_info.hpp>
#include <evproc/extras/dwell_histogram.hpp>

// Not in the umbrella: needs prometheus-cpp 1.0 (Debian: prometheus-cpp-dev; its CMake target `core`).

namespace evproc::inline EVPROC_ABI {

/// The counts of a program's event processors, for prometheus-cpp to expose: give RegisterCollectable() a std::shared_ptr
/// (example: docs/pages/metrics.md). One object for all processors: the text format allows a metric family once. The name,
/// valid UTF-8 and unique, is the label `processor`. Collect() reads existing counters, at no cost for producers and consumer.
/// A processor must outlive the exposer, or be removed first. Any thread; members take a mutex. Throws std::bad_alloc only.
class prometheus_collectable final : public ::prometheus::Collectable {
public:
    /// Adds an event_processor, or anything with its stats(), oldest_uncommitted(), size_approx() and capacity().
    template <class Processor>
    void add(std::string name, Processor const& processor, ::prometheus::Labels const& more = {}) {
        std::lock_guard const lock(mutex_);
        processors_.push_back({to_labels(std::move(name), more), [&processor] {
                                   return counts{processor.stats(), processor.oldest_uncommitted(),
                                                 processor.size_approx(), processor.capacity()};
                               }});
    }

    /// Adds a dwell-time histogram as `evproc_dwell_seconds`, with one bucket for each power of two from 1 us to 17 s.
    void add_dwell(std::string name, dwell_histogram const& dwell, ::prometheus::Labels const& more = {}) {
        std::lock_guard const lock(mutex_);
        dwells_.push_back({to_labels(std::move(name), more), &dwell});
    }

    /// Takes out what was added under this name; no Collect() reads it afterwards.
    void remove(std::string_view name) {
        std::lock_guard const lock(mutex_);
        auto const has_name = [name](auto const& each) { return each.labels.front().value == name; };
        std::erase_if(processors_, has_name);
        std::erase_if(dwells_, has_name);
    }

    [[nodiscard]] std::vector<::prometheus::MetricFamily> Collect() const override;

private:
    using type = ::prometheus::MetricType;
    using labels = std::vector<::prometheus::ClientMetric::Label>;

    struct counts {
        processor_stats stats;
        stall_info stall;
        std::size_t depth;
        std::size_t capacity;
    };
    struct processor_source {
        prometheus_collectable::labels labels;
        std::function<counts()> read;
    };
    struct dwell_source {
        prometheus_collectable::labels labels;
        dwell_histogram const* dwell;
    };

    struct family {
        char const* name;
        char const* help;
        prometheus_collectable::type type;
        double (*value)(counts const&);
    };
    template <class Integer> static double number(Integer value) { return static_cast<double>(value); }
    static constexpr family families[] = {
        {"evproc_committed_total", "Events made visible to the consumer.", type::Counter,
         [](counts const& c) { return number(c.stats.committed); }},
        {"evproc_consumed_total", "Events consumed.", type::Counter,
         [](counts const& c) { return number(c.stats.consumed); }},
        {"evproc_discarded_total", "Slots reserved and given up.", type::Counter,
         [](counts const& c) { return number(c.stats.discarded); }},
        {"evproc_refused_total", "Reservations refused because the ring was full.", type::Counter,
         [](counts const& c) { return number(c.stats.refused); }},
        {"evproc_waits_total", "Reservations that had to wait because the ring was full.", type::Counter,
         [](counts const& c) { return number(c.stats.full_waits); }},
        {"evproc_depth", "Slots in use: reserved and not yet consumed.", type::Gauge,
         [](counts const& c) { return number(c.depth); }},
        {"evproc_capacity", "Slots of the ring.", type::Gauge, [](counts const& c) { return number(c.capacity); }},
        {"evproc_depth_high_watermark", "The most slots in use that the consumer has seen.", type::Gauge,
         [](counts const& c) { return number(c.stats.max_depth); }},
        {"evproc_oldest_uncommitted_seconds",
         "How long the consumer has found its next slot reserved and not committed; 0: it has not.", type::Gauge,
         [](counts const& c) { return c.stall ? std::chrono::duration<double>(c.stall.age).count() : 0; }},
    };

    // Buckets end where steps of dwell_histogram end, so their counts are exact: at 2^10 - 1 ns, 2^11 - 1 ns, ...
    static constexpr unsigned first_bucket = 10;
    static constexpr unsigned bucket_count = 25;

    static labels to_labels(std::string name, ::prometheus::Labels const& more) {
        labels all{{"processor", std::move(name)}};
        for (auto const& [key, value] : more) all.push_back({key, value});
        return all;
    }
    static ::prometheus::ClientMetric::Histogram to_histogram(dwell_histogram const& dwell);

    std::mutex mutable mutex_;
    std::vector<processor_source> processors_;
    std::vector<dwell_source> dwells_;
};

inline std::vector<::prometheus::MetricFamily> prometheus_collectable::Collect() const {
    std::vector<::prometheus::MetricFamily> all;
    std::lock_guard const lock(mutex_);
    if (!processors_.empty()) {
        for (family const& each : families) all.push_back({each.name, each.help, each.type, {}});
    }
    for (processor_source const& source : processors_) {
        counts const now = source.read();
        std::size_t i = 0;
        for (family const& each : families) {
            ::prometheus::ClientMetric& sample = all[i++].metric.emplace_back();
            sample.label = source.labels;
            (each.type == type::Counter ? sample.counter.value : sample.gauge.value) = each.value(now);
        }
    }
    if (!dwells_.empty()) {
        all.push_back({"evproc_dwell_seconds", "Time from reservation to consumption.", type::Histogram, {}});
    }
    for (dwell_source const& source : dwells_) {
        ::prometheus::ClientMetric& sample = all.back().metric.emplace_back();
        sample.label = source.labels;
        sample.histogram = to_histogram(*source.dwell);
    }
    return all;
}

inline ::prometheus::ClientMetric::Histogram prometheus_collectable::to_histogram(dwell_histogram const& dwell) {
    ::prometheus::ClientMetric::Histogram to;
    constexpr double nanosecond = 1e-9;
    for (std::size_t step = 0; step != dwell_histogram::steps(); ++step) {
        to.sample_count += dwell.count_in(step);
        std::uint64_t const limit = (std::uint64_t{1} << (first_bucket + to.bucket.size())) - 1;
        if (to.bucket.size() != bucket_count && dwell_histogram::last_of(step) == limit)
            to.bucket.push_back({to.sample_count, number(limit) * nanosecond});
    }
    to.sample_sum = number(dwell.sum()) * nanosecond;
    return to;
}

}  // namespace evproc::inline EVPROC_ABI
