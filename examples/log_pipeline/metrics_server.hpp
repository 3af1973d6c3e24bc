// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

// Counts for a Prometheus server to scrape over HTTP. The server is prometheus-cpp's; a build without that library has the
// same class, which refuses.

#include <stdexcept>
#include <string>

#include <evproc/extras/dwell_histogram.hpp>

#ifdef LOG_PIPELINE_PROMETHEUS

#include <exception>
#include <memory>

#include <prometheus/exposer.h>
#include <evproc/extras/prometheus.hpp>

/// Serves from its construction to its destruction. What it is given must live longer.
class metrics_server {
public:
    static constexpr bool is_available = true;

    /// The address is HOST:PORT or PORT; port 0 means any that is free. Throws std::runtime_error if it cannot be had.
    template <class Processor>
    metrics_server(std::string const& address, Processor const& events, evproc::dwell_histogram const& dwell)
        : exposer_(listen(address)) {
        metrics_->add("log_pipeline", events);
        metrics_->add_dwell("log_pipeline", dwell);
        exposer_->RegisterCollectable(metrics_);
    }

    [[nodiscard]] int port() const { return exposer_->GetListeningPorts().front(); }

private:
    static std::unique_ptr<prometheus::Exposer> listen(std::string const& address) {
        try {
            return std::make_unique<prometheus::Exposer>(address, 1);
        } catch (std::exception const&) {  // its text does not say which address
            throw std::runtime_error("cannot serve metrics at " + address);
        }
    }

    std::shared_ptr<evproc::prometheus_collectable> metrics_ = std::make_shared<evproc::prometheus_collectable>();
    std::unique_ptr<prometheus::Exposer> exposer_;
};

#else

class metrics_server {
public:
    static constexpr bool is_available = false;

    template <class Processor>
    metrics_server(std::string const&, Processor const&, evproc::dwell_histogram const&) {
        throw std::logic_error("built without prometheus-cpp");
    }
    [[nodiscard]] int port() const noexcept { return 0; }
};

#endif
