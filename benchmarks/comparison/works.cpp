// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT

#include "work_list.hpp"

namespace comparison {

namespace {

work transfer_work(std::string name, std::string title, std::size_t bytes, std::size_t producers, std::size_t batch,
                   std::vector<std::string> ours, std::vector<figure> figures) {
    work made{};
    made.name = std::move(name);
    made.title = std::move(title);
    made.what = kind::transfer;
    made.bytes = bytes;
    made.producers = producers;
    made.batch = batch;
    made.peers = family::multi_producer;
    made.ours = std::move(ours);
    made.figures = std::move(figures);
    // With more threads than CPUs a sample has to span many of the scheduler's turns.
    made.sample_ms = producers > 1 ? 60 : 40;
    return made;
}

work single_work(std::string name, std::string title, std::size_t bytes, std::size_t batch,
                 std::vector<figure> figures) {
    work made =
        transfer_work(std::move(name), std::move(title), bytes, 1, batch, {"evproc_single"}, std::move(figures));
    made.peers = family::single_producer;
    return made;
}

// Ours against ours: no peers, and more rounds, for the figures are close to 1.
work own_work(std::string name, std::string title, std::string ours, std::string other, double least) {
    work made = transfer_work(std::move(name), title, 8, 1, 1, {ours, other}, {{title, ours, other, least}});
    made.peers = family::ours;
    made.rounds_factor = 2;
    return made;
}

std::vector<work> make_works() {
    std::vector<work> all;
    all.push_back(transfer_work("1p1c_8", "1P1C, 8 B, single events", 8, 1, 1, {"evproc", "evproc_max1", "evproc_ring"},
                                {{"1P1C, 8 B, single events", "evproc", "", 2.0}}));
    all.push_back(transfer_work("1p1c_64", "1P1C, 64 B, single events", 64, 1, 1,
                                {"evproc", "evproc_max1", "evproc_ring"},
                                {{"1P1C, 64 B, single events", "evproc", "", 1.15}}));
    for (std::size_t const producers : {2u, 4u, 8u}) {
        std::string const count = std::to_string(producers);
        all.push_back(transfer_work(count + "p_8", count + "P, 8 B", 8, producers, 1, {"evproc"},
                                    {{count + "P, 8 B", "evproc", "", 1.5}}));
    }
    for (std::size_t const batch : {8u, 64u}) {
        std::string const count = std::to_string(batch);
        all.push_back(transfer_work("batch_" + count, "1P1C, 8 B, batches of " + count, 8, 1, batch,
                                    {"evproc", "evproc_ring"},
                                    {{"1P1C, 8 B, batches of " + count, "evproc", "moodycamel*", 1.6}}));
    }
    all.push_back(single_work("single_8", "1P1C, producer_kind::single, 8 B", 8, 1,
                              {{"1P1C, producer_kind::single", "evproc_single", "", 1.0}}));
    all.push_back(single_work("single_64", "1P1C, producer_kind::single, 64 B", 64, 1, {}));
    all.push_back(single_work("single_batch_8", "1P1C, producer_kind::single, 8 B, batches of 8", 8, 8, {}));
    all.push_back(single_work("single_batch_64", "1P1C, producer_kind::single, 8 B, batches of 64", 8, 64, {}));

    work trip{};
    trip.name = "round_trip";
    trip.title = "round trip p50, 8 B, through two rings";
    trip.what = kind::round_trip;
    trip.peers = family::multi_producer;
    trip.ours = {"evproc_max1", "evproc"};
    trip.figures = {{"round trip p50, 8 B, max_batch = 1", "evproc_max1", "", 1.0},
                    {"round trip p50, 8 B, default layout", "evproc", "", 0.8}};
    trip.sample_ms = 15;
    all.push_back(trip);

    work alone{};
    alone.name = "uncontended";
    alone.title = "uncontended reserve + commit + poll on one thread, 8 B";
    alone.what = kind::uncontended;
    alone.peers = family::multi_producer;
    alone.ours = {"evproc", "evproc_max1", "evproc_ring", "evproc_single"};
    alone.figures = {{"uncontended reserve+commit+poll on one thread, 8 B", "evproc", "", 1.0}};
    alone.sample_ms = 15;
    all.push_back(alone);

    all.push_back(
        own_work("handle", "event_processor handle over the bare ring_buffer", "evproc", "evproc_ring", 0.95));
    all.push_back(own_work("adaptive", "adaptive_wait over spin_wait, both busy", "evproc", "evproc_spin", 0.95));

    work wake{};
    wake.name = "wake_up";
    wake.title = "wake a parked consumer, p50";
    wake.what = kind::wake_up;
    wake.peers = family::multi_producer;
    wake.ours = {"evproc"};
    wake.figures = {{"wake a parked consumer, p50", "evproc", "mutex_deque", 1.0}};
    wake.events = 25;
    all.push_back(wake);

    all.push_back(own_work("statistics", "statistics on, against none", "evproc", "evproc_nostats", 0.98));
    return all;
}

}  // namespace

std::vector<work> const& works() {
    static std::vector<work> const all = make_works();
    return all;
}

measurement measurement_of(work const& what, queue_entry const& queue) {
    switch (what.what) {
        case kind::transfer:
            if (what.batch > 1 && !queue.batches) {
                return nullptr;
            }
            return what.bytes == 64 ? queue.transfer_64 : queue.transfer_8;
        case kind::round_trip: return queue.round_trip;
        case kind::uncontended: return queue.uncontended;
        case kind::wake_up: return queue.wake_up;
    }
    return nullptr;
}

}  // namespace comparison
