// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// dwell_histogram: what it keeps of each value, and what it says about all of them.
#include <evproc/extras/dwell_histogram.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "catch.hpp"

using evproc::dwell_histogram;

namespace {

constexpr std::uint64_t largest = ~std::uint64_t{0};

/// Values of every size: the logarithm is what is spread evenly.
std::vector<std::uint64_t> log_uniform(std::size_t count, double bits) {
    std::mt19937_64 random{count};
    std::uniform_real_distribution<double> exponent{0, bits};
    std::vector<std::uint64_t> values(count);
    for (auto& value : values) value = static_cast<std::uint64_t>(std::exp2(exponent(random)));
    return values;
}

bool within_an_eighth(std::uint64_t said, std::uint64_t exact) { return said >= exact && said - exact <= exact / 8; }

}  // namespace

TEST_CASE("dwell_histogram: every value falls into a step that ends at most 12.5 % above it") {
    std::vector<std::uint64_t> values = log_uniform(100000, 63.99);
    for (std::uint64_t v = 0; v != 5000; ++v) values.push_back(v);
    for (unsigned bit = 0; bit != 64; ++bit) {
        values.push_back(std::uint64_t{1} << bit);
        values.push_back((std::uint64_t{1} << bit) - 1);
        values.push_back((std::uint64_t{1} << bit) + 1);
    }
    values.push_back(largest);
    std::size_t wrong = 0;
    for (std::uint64_t const value : values) {
        std::size_t const step = dwell_histogram::step_of(value);
        wrong += step >= dwell_histogram::steps() || !within_an_eighth(dwell_histogram::last_of(step), value);
    }
    CHECK(wrong == 0);
}

TEST_CASE("dwell_histogram: the steps follow each other without gap or overlap") {
    std::size_t wrong = 0;
    for (std::size_t step = 0; step + 1 != dwell_histogram::steps(); ++step) {
        std::uint64_t const last = dwell_histogram::last_of(step);
        wrong += dwell_histogram::step_of(last) != step || dwell_histogram::step_of(last + 1) != step + 1;
    }
    CHECK(wrong == 0);
    CHECK(dwell_histogram::last_of(dwell_histogram::steps() - 1) == largest);
    CHECK(dwell_histogram::step_of(0) == 0);
}

TEST_CASE("dwell_histogram: a percentile is never below the exact one and at most 12.5 % above") {
    for (std::size_t const count : {std::size_t{1}, std::size_t{2}, std::size_t{999}, std::size_t{20000}}) {
        std::vector<std::uint64_t> values = log_uniform(count, 40);
        dwell_histogram histogram;
        for (std::uint64_t const value : values) histogram.record(value);
        std::sort(values.begin(), values.end());
        REQUIRE(histogram.count() == count);
        for (unsigned const permille : {1u, 10u, 250u, 500u, 900u, 990u, 999u, 1000u}) {
            std::size_t const rank = std::max<std::size_t>(1, (count * permille + 999) / 1000);
            CAPTURE(count, permille);
            CHECK(within_an_eighth(histogram.percentile(permille / 10.0), values[rank - 1]));
        }
        CHECK(within_an_eighth(histogram.percentile(0), values.front()));
        CHECK(histogram.percentile(100) == values.back());
        CHECK(histogram.longest() == values.back());
    }
}

TEST_CASE("dwell_histogram: a percentile of round numbers is the value of that rank") {
    dwell_histogram histogram;
    for (int i = 0; i != 999; ++i) histogram.record(std::uint64_t{3});
    histogram.record(std::uint64_t{1000});
    CHECK(histogram.percentile(99.9) == 3);
    CHECK(histogram.percentile(99.91) == 1000);
    CHECK(histogram.sum() == 999 * 3 + 1000);
}

TEST_CASE("dwell_histogram: without values, and asked for nonsense, it answers something sensible") {
    dwell_histogram histogram;
    CHECK(histogram.percentile(50) == 0);
    CHECK(histogram.count() == 0);
    CHECK(histogram.longest() == 0);
    histogram.record(std::uint64_t{7});
    histogram.record(std::uint64_t{9});
    CHECK(histogram.percentile(-1) == 7);
    CHECK(histogram.percentile(-0.5) == 7);
    CHECK(histogram.percentile(0) == 7);
    CHECK(histogram.percentile(std::numeric_limits<double>::quiet_NaN()) == 7);
    CHECK(histogram.percentile(1e300) == 9);
    histogram.record(largest);
    CHECK(histogram.percentile(100) == largest);
}

TEST_CASE("dwell_histogram: a part of one percent is a share like any other") {
    dwell_histogram histogram;
    for (std::uint64_t i = 0; i != 10; ++i) histogram.record(i);
    for (int i = 0; i != 990; ++i) histogram.record(std::uint64_t{1000});
    CHECK(histogram.percentile(0.5) == 4);
    CHECK(histogram.percentile(1) == 9);
}

TEST_CASE("dwell_histogram: a duration of nothing counts and is merged") {
    dwell_histogram a;
    dwell_histogram b;
    a.record(std::uint64_t{0});
    b.record(std::uint64_t{0});
    CHECK(a.count() == 1);
    a.merge(b);
    CHECK(a.count() == 2);
    CHECK(a.count_in(0) == 2);
}

TEST_CASE("dwell_histogram: a negative duration counts as none") {
    dwell_histogram histogram;
    histogram.record(std::chrono::nanoseconds{-5});
    histogram.record(std::chrono::nanoseconds{5});
    histogram.record(std::chrono::milliseconds{1});
    CHECK(histogram.count_in(0) == 1);
    CHECK(histogram.count_in(5) == 1);
    CHECK(histogram.sum() == 1'000'005);
}

TEST_CASE("dwell_histogram: merging is as if all had been recorded in one") {
    dwell_histogram a;
    dwell_histogram b;
    dwell_histogram both;
    std::vector<std::uint64_t> const values = log_uniform(1000, 50);
    for (std::size_t i = 0; i != values.size(); ++i) {
        (i % 3 == 0 ? a : b).record(values[i]);
        both.record(values[i]);
    }
    a.merge(b);
    std::size_t different = 0;
    for (std::size_t step = 0; step != dwell_histogram::steps(); ++step)
        different += a.count_in(step) != both.count_in(step);
    CHECK(different == 0);
    CHECK(a.sum() == both.sum());
    CHECK(a.longest() == both.longest());
    CHECK(a.count() == values.size());
}

TEST_CASE("dwell_histogram: another thread may read while one records") {
    constexpr std::uint64_t records = 20000;
    dwell_histogram histogram;
    std::atomic<bool> done{false};
    std::uint64_t last = 0;
    std::size_t wrong = 0;
    std::thread reader([&] {
        while (!done.load()) {
            dwell_histogram copy;
            copy.merge(histogram);
            std::uint64_t const now = copy.count();
            wrong += now < last || now > records;
            last = now;
            wrong += histogram.percentile(99) > dwell_histogram::last_of(dwell_histogram::step_of(records));
        }
    });
    for (std::uint64_t i = 1; i <= records; ++i) histogram.record(i);
    done.store(true);
    reader.join();
    CHECK(wrong == 0);
    CHECK(histogram.count() == records);
    CHECK(histogram.sum() == records * (records + 1) / 2);
}

TEST_CASE("dwell_histogram: its memory is fixed, and 4 KiB") { CHECK(sizeof(dwell_histogram) <= 4096); }
