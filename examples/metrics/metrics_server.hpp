// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// Counts for a Prometheus server to scrape over HTTP: --metrics of log_pipeline and nats_forwarder. The server is
// prometheus-cpp's; a build without that library has the same class, which refuses.

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include <evproc/extras/dwell_histogram.hpp>

#ifdef EXAMPLES_PROMETHEUS

#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include <prometheus/exposer.h>
#include <evproc/extras/prometheus.hpp>

/// Serves from its construction to its destruction. What is added must live longer. add() and its kin: one thread.
class metrics_server {
public:
    static constexpr bool is_available = true;

    /// The address is HOST:PORT or PORT; port 0 means any that is free. Throws std::runtime_error if it cannot be had.
    explicit metrics_server(std::string const& address) : exposer_(listen(address)) {
        exposer_->RegisterCollectable(events_);
        exposer_->RegisterCollectable(own_);
    }

    /// The counts of an event processor.
    template <class Processor> void add(std::string name, Processor const& events) {
        events_->add(std::move(name), events);
    }
    void add_dwell(std::string name, evproc::dwell_histogram const& dwell) {
        events_->add_dwell(std::move(name), dwell);
    }
    /// A counter of the program's own. The server's threads call `read`.
    void add_counter(std::string name, std::string help, std::function<double()> read) {
        own_->add({std::move(name), std::move(help), std::move(read)});
    }

    [[nodiscard]] int port() const { return exposer_->GetListeningPorts().front(); }

private:
    struct counter {
        std::string name;
        std::string help;
        std::function<double()> read;
    };
    class counters final : public prometheus::Collectable {
    public:
        void add(counter added) {
            std::lock_guard const lock(mutex_);
            all_.push_back(std::move(added));
        }
        [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
            std::vector<prometheus::MetricFamily> families;
            std::lock_guard const lock(mutex_);
            for (counter const& each : all_) {
                families.push_back({each.name, each.help, prometheus::MetricType::Counter, {}});
                families.back().metric.emplace_back().counter.value = each.read();
            }
            return families;
        }

    private:
        std::mutex mutable mutex_;
        std::vector<counter> all_;
    };

    static std::unique_ptr<prometheus::Exposer> listen(std::string const& address) {
        try {
            return std::make_unique<prometheus::Exposer>(address, 1);
        } catch (std::exception const&) {  // its text does not say which address
            throw std::runtime_error("cannot serve metrics at " + address);
        }
    }

    std::shared_ptr<evproc::prometheus_collectable> events_ = std::make_shared<evproc::prometheus_collectable>();
    std::shared_ptr<counters> own_ = std::make_shared<counters>();
    std::unique_ptr<prometheus::Exposer> exposer_;
};

#else

class metrics_server {
public:
    static constexpr bool is_available = false;

    explicit metrics_server(std::string const&) { throw std::logic_error("built without prometheus-cpp"); }
    template <class Processor> void add(std::string const&, Processor const&) {}
    void add_dwell(std::string const&, evproc::dwell_histogram const&) {}
    void add_counter(std::string const&, std::string const&, std::function<double()> const&) {}
    [[nodiscard]] int port() const noexcept { return 0; }
};

#endif
