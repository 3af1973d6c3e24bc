// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "snippets.hpp"

#include <cstdint>
#include <thread>

#include <evproc/broadcast_processor.hpp>

namespace {

struct trade {
    std::uint32_t raw;
    std::uint32_t price;
};

using trades = evproc::broadcast_processor<trade, evproc::stages<1, 2, 1>, 1024>;

void stages_in_threads() {
    std::uint64_t written = 0, checked = 0, published = 0;

    trades feed;
    {
        std::jthread decode([&, c = feed.consumer<0>()]() mutable { c.run([](trade& t) { t.price = t.raw / 100; }); });
        std::jthread journal([&, c = feed.consumer<1>(0)]() mutable { c.run([&](trade const&) { ++written; }); });
        std::jthread risk(
            [&, c = feed.consumer<1>(1)]() mutable { c.run([&](trade const& t) { checked += t.price; }); });
        std::jthread publish([&, c = feed.consumer<2>()]() mutable { c.run([&](trade& t) { published += t.price; }); });

        for (std::uint32_t n = 0; n != 1000; ++n) {
            feed.publish(n * 100, 0U);
        }
        feed.close();  // each stage handles what is left, and ends
    }

    expect(written == 1000 && checked == 499500 && published == 499500);
}

}  // namespace

void broadcast() { stages_in_threads(); }
