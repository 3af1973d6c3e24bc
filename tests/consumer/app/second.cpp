// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// A second translation unit with the same headers: a definition that is not inline would clash in the link.
#ifndef APP_HEADER
#define APP_HEADER <evproc/evproc.hpp>
#endif
#include APP_HEADER

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <utility>

std::uint64_t sum_by_ring(std::uint64_t count) {
    evproc::ring_buffer<std::uint64_t, 16> ring;
    std::thread producer([&ring, count] {
        for (std::uint64_t i = 0; i < count; ++i) {
            auto slots = ring.reserve();
            if (!slots) break;
            std::construct_at(slots.data(), i);
            ring.commit(slots);
        }
        ring.close();
    });
    std::uint64_t sum = 0;
    while (ring.wait()) {
        auto ready = ring.peek();
        for (std::uint64_t value : ready) sum += value;
        ring.release(ready.size());
    }
    producer.join();
    return sum;
}

// Each processor once: what a template leaves out shows in the link only.
bool every_processor_delivers() {
    using evproc::errc;
    std::uint64_t sum = 0;
    auto const add = [&sum](std::uint64_t& value) { sum += value; };
    auto const add_from = [&sum](std::uint64_t& value, evproc::select_info const& info) { sum += value + info.source; };

    evproc::broadcast_processor<std::uint64_t, evproc::stages<2, 1>, 16> broadcast;
    {
        auto first = broadcast.consumer<0>(0);
        auto sibling = broadcast.consumer<0>(1);
        auto last = broadcast.consumer<1>();
        if (broadcast.publish(1U) != errc::success) return false;
        broadcast.close();
        first.poll([&sum](std::uint64_t const& value) { sum += value; });
        for (std::uint64_t const& value : sibling.peek()) sum += value;
        if (last.run(add).events != 1) return false;
    }

    evproc::priority_processor<std::uint64_t, 2, 16> priorities;
    evproc::lane_processor<std::uint64_t, 16> lanes{2};
    auto lane = lanes.producer();
    if (priorities.publish(1, 10U) != errc::success || lane.publish(20U) != errc::success) return false;
    priorities.poll(add_from);
    lanes.poll(add);

    evproc::wait_group<> group;
    evproc::event_processor<std::uint64_t, 16, evproc::grouped_wait<>> left{group};
    evproc::event_processor<std::uint64_t, 16, evproc::grouped_wait<>> right{group};
    evproc::selector selector{evproc::strict{}, left, right};
    if (right.publish(30U) != errc::success) return false;
    selector.poll_wait(add_from);

    evproc::record_processor<evproc::one_of<std::uint64_t, std::unique_ptr<std::uint64_t>>> records;
    auto record = records.reserve<std::uint64_t>(3);
    record.emplace(40U);
    if (record.commit() != errc::success) return false;
    if (records.publish<std::unique_ptr<std::uint64_t>>(std::make_unique<std::uint64_t>(50U)) != errc::success)
        return false;
    records.poll([&sum](auto& event, std::span<std::byte> tail) {
        if constexpr (requires { *event; })
            sum += *event;
        else
            sum += event + tail.size();
    });
    return sum == 3 + 11 + 20 + 31 + 43 + 50;
}
