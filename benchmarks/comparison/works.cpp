// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "work_list.hpp"

namespace comparison {

namespace {

using names = std::vector<std::string>;

// How ours is used is not to matter.
names const ways{"evproc", "evproc_256", "evproc_spans", "evproc_peek", "evproc_try", "evproc_ring"};
names const ways_and_singles{"evproc",     "evproc_256",  "evproc_spans", "evproc_peek",
                             "evproc_try", "evproc_ring", "evproc_one",   "evproc_queue"};

work transfer_work(std::string name, std::string title, std::size_t bytes, std::size_t producers, std::size_t batch,
                   names ours, std::vector<figure> figures) {
    work made{};
    made.name = std::move(name);
    made.title = std::move(title);
    made.what = kind::transfer;
    made.bytes = bytes;
    made.producers = producers;
    made.batch = batch;
    made.peers = family::one_order;
    made.ours = std::move(ours);
    made.figures = std::move(figures);
    // With more threads than CPUs a sample has to span many of the scheduler's turns.
    made.sample_ms = producers > 1 ? 60 : 40;
    return made;
}

// Single events, in each way of taking them.
work singles_work(std::string name, std::string const& title, std::size_t bytes, std::size_t producers, double least) {
    bool const one_at_a_time = bytes == 8 && (producers == 1 || producers == 4);
    work made =
        transfer_work(std::move(name), title, bytes, producers, 1, ways_and_singles,
                      {{title, "evproc", against::one_order, least},
                       {title + ", poll(handler, 1)", "evproc_one", against::one_order_singly, one_at_a_time ? 1.5 : 0},
                       {title + ", bounded_queue", "evproc_queue", against::one_order_singly, one_at_a_time ? 1.2 : 0},
                       {title + ", peers with an order per producer", "evproc", against::order_per_producer, 0},
                       {title + ", slowest of our ways", "", against::our_ways, 0.85},
                       {title + ", our poll(handler, 1)", "evproc_one", against::our_ways, 0.8}});
    made.ways = ways;
    return made;
}

work single_work(std::string name, std::string title, std::size_t bytes, std::size_t batch,
                 std::vector<figure> figures) {
    work made = transfer_work(std::move(name), std::move(title), bytes, 1, batch,
                              {"evproc_single", "evproc_single_one"}, std::move(figures));
    made.peers = family::single_producer;
    return made;
}

work small_work(std::size_t capacity, std::size_t producers) {
    std::string const size = std::to_string(capacity);
    std::string const count = std::to_string(producers);
    std::string const title = count + "P, 8 B, capacity " + size;
    work made = transfer_work("small_" + size + "_" + count + "p", title, 8, producers, 1,
                              {"evproc_small", "evproc_small_one", "evproc_queue"},
                              {{title, "evproc_small", against::one_order, 1.0},
                               {title + ", bounded_queue", "evproc_queue", against::one_order_singly, 1.0}});
    made.capacity = capacity;
    return made;
}

// One curve over the number of producers, for machines with many CPUs.
work many_work(std::size_t producers) {
    std::string const count = std::to_string(producers) + "p";
    std::string const title = std::to_string(producers) + "P, 8 B";
    return transfer_work(on_demand + count, title, 8, producers, 1, {"evproc", "evproc_one", "evproc_queue"},
                         {{title, "evproc", against::one_order, 0},
                          {title + ", poll(handler, 1)", "evproc_one", against::one_order_singly, 0},
                          {title + ", peers with an order per producer", "evproc", against::order_per_producer, 0}});
}

// Ours against ours: no peers, and more rounds, for the figures are close to 1.
work own_work(std::string name, std::string title, std::string ours, std::string other, double least) {
    work made =
        transfer_work(std::move(name), title, 8, 1, 1, {ours, other}, {{title, ours, against::named, least, other}});
    made.peers = family::ours;
    made.rounds_factor = 2;
    return made;
}

// What takes nanoseconds or is a median by itself.
work short_work(std::string name, std::string title, kind what, names ours, std::vector<figure> figures) {
    work made{};
    made.name = std::move(name);
    made.title = std::move(title);
    made.what = what;
    made.peers = family::one_order;
    made.ours = std::move(ours);
    made.figures = std::move(figures);
    made.sample_ms = 15;
    return made;
}

std::vector<work> make_works() {
    std::vector<work> all;
    all.push_back(singles_work("1p1c_8", "1P, 8 B", 8, 1, 1.8));
    all.push_back(singles_work("1p1c_64", "1P, 64 B", 64, 1, 1.8));
    all.push_back(singles_work("2p_8", "2P, 8 B", 8, 2, 1.7));
    all.push_back(singles_work("4p_8", "4P, 8 B", 8, 4, 1.6));
    all.push_back(singles_work("8p_8", "8P, 8 B", 8, 8, 1.5));
    for (std::size_t const batch : {8u, 64u}) {
        std::string const count = std::to_string(batch);
        std::string const title = "1P, 8 B, batches of " + count;
        all.push_back(transfer_work(
            "batch_" + count, title, 8, 1, batch, {"evproc", "evproc_spans", "evproc_ring"},
            {{title, "evproc", against::one_order, 0},
             {title + ", peers with an order per producer", "evproc", against::order_per_producer, 1.3}}));
    }
    for (std::size_t producers = 1; producers != 16; ++producers) all.push_back(many_work(producers));
    for (std::size_t const capacity : {8u, 64u, 256u}) {
        all.push_back(small_work(capacity, 1));
        all.push_back(small_work(capacity, 2));
    }
    all.push_back(
        single_work("single_8", "producer_kind::single, 8 B", 8, 1,
                    {{"producer_kind::single, 8 B", "evproc_single", against::one_producer, 1.0},
                     {"producer_kind::single, 8 B, poll(handler, 1)", "evproc_single_one", against::one_producer, 0}}));
    all.push_back(single_work("single_64", "producer_kind::single, 64 B", 64, 1,
                              {{"producer_kind::single, 64 B", "evproc_single", against::one_producer, 1.0}}));
    all.push_back(single_work("single_batch_8", "producer_kind::single, batches of 8", 8, 8,
                              {{"producer_kind::single, batches of 8", "evproc_single", against::one_producer, 1.0}}));
    all.push_back(single_work("single_batch_64", "producer_kind::single, batches of 64", 8, 64,
                              {{"producer_kind::single, batches of 64", "evproc_single", against::one_producer, 1.0}}));

    all.push_back(
        short_work("round_trip", "round trip p50, 8 B, through two rings", kind::round_trip,
                   {"evproc", "evproc_one", "evproc_max1", "evproc_max1_one", "evproc_queue"},
                   {{"round trip p50", "evproc", against::one_order, 0.9},
                    {"round trip p50, poll(handler, 1)", "evproc_one", against::one_order, 0.9},
                    {"round trip p50, max_batch = 1", "evproc_max1", against::one_order, 1.25},
                    {"round trip p50, max_batch = 1, poll(handler, 1)", "evproc_max1_one", against::one_order, 1.25},
                    {"round trip p50, our poll(handler, 1)", "evproc_one", against::named, 0.95, "evproc"}}));
    work trip = short_work("single_trip", "round trip p50, producer_kind::single", kind::round_trip,
                           {"evproc_single", "evproc_single_one"},
                           {{"round trip p50, producer_kind::single", "evproc_single", against::one_producer, 1.0}});
    trip.peers = family::single_producer;
    all.push_back(trip);
    all.push_back(short_work("uncontended", "one event sent and taken by one thread, 8 B", kind::uncontended,
                             {"evproc", "evproc_one", "evproc_max1", "evproc_ring", "evproc_queue", "evproc_single"},
                             {{"one thread, one event", "evproc", against::one_order, 1.0}}));
    all.push_back(short_work("empty", "an empty poll", kind::empty,
                             {"evproc", "evproc_max1", "evproc_queue", "evproc_single"},
                             {{"an empty poll", "evproc", against::one_order, 0}}));
    all.push_back(short_work("refused", "a refused try_publish", kind::refused,
                             {"evproc", "evproc_max1", "evproc_queue", "evproc_single"},
                             {{"a refused try_publish", "evproc", against::one_order, 0}}));

    all.push_back(
        own_work("handle", "event_processor handle over the bare ring_buffer", "evproc", "evproc_ring", 0.95));
    all.push_back(own_work("adaptive", "adaptive_wait over spin_wait, both busy", "evproc", "evproc_spin", 0.95));
    all.push_back(own_work("statistics", "statistics on, against none", "evproc", "evproc_nostats", 0.98));

    work wake = short_work("wake_up", "wake a parked consumer, p50", kind::wake_up, {"evproc"},
                           {{"wake a parked consumer, p50", "evproc", against::named, 1.0, "mutex_deque"}});
    wake.events = 25;
    all.push_back(wake);
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
            if ((what.batch > 1 && !queue.batches) || (what.capacity != queue_capacity && !queue.any_capacity)) {
                return nullptr;
            }
            return what.bytes == 64 ? queue.transfer_64 : queue.transfer_8;
        case kind::round_trip: return queue.round_trip;
        case kind::uncontended: return queue.uncontended;
        case kind::wake_up: return queue.wake_up;
        case kind::empty: return queue.empty;
        case kind::refused: return queue.refused;
    }
    return nullptr;
}

}  // namespace comparison
