// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "support/works.hpp"

#define _LGPL_SOURCE  // asks liburcu for its inline versions
#include <urcu/wfcqueue.h>

#include <atomic>
#include <memory>

namespace {

using namespace bench;

// An intrusive, unbounded queue: the bound is each producer's share of nodes, used in turn and given back by a flag.
// The consumer splices all that is there and walks it, the documentation's way to take many.
template <class Event> class wfcqueue {
    struct node {
        cds_wfcq_node link;
        std::atomic<bool> in_use{false};
        Event event;
    };

public:
    wfcqueue(std::size_t capacity, std::size_t producers) : share_{capacity / producers} {
        cds_wfcq_init(&head_, &tail_);
    }
    wfcqueue(wfcqueue const&) = delete;
    wfcqueue& operator=(wfcqueue const&) = delete;
    ~wfcqueue() { cds_wfcq_destroy(&head_, &tail_); }

    class producer_side {
    public:
        producer_side(wfcqueue& queue) : queue_{queue}, nodes_{queue.new_nodes()} {}

        template <class Write> void send(Write& write, spin_then_yield& wait) {
            node& next = nodes_[place_];
            while (next.in_use.load(std::memory_order_acquire)) {
                wait();
            }
            place_ = place_ + 1 == queue_.share_ ? 0 : place_ + 1;
            write(next.event);
            next.in_use.store(true, std::memory_order_relaxed);
            cds_wfcq_node_init(&next.link);
            cds_wfcq_enqueue(cds_wfcq_head_cast(&queue_.head_), &queue_.tail_, &next.link);
        }

    private:
        wfcqueue& queue_;
        node* nodes_;
        std::size_t place_ = 0;
    };

    producer_side producer() { return producer_side{*this}; }
    wfcqueue& consumer() { return *this; }

    template <class Read> std::size_t receive(Read& read) {
        cds_wfcq_head taken_head;
        cds_wfcq_tail taken_tail;
        cds_wfcq_init(&taken_head, &taken_tail);
        auto const taken = cds_wfcq_head_cast(&taken_head);
        if (__cds_wfcq_splice_blocking(taken, &taken_tail, cds_wfcq_head_cast(&head_), &tail_) ==
            CDS_WFCQ_RET_SRC_EMPTY) {
            return 0;
        }
        std::size_t some = 0;
        cds_wfcq_node* link;
        cds_wfcq_node* after;
        __cds_wfcq_for_each_blocking_safe(taken, &taken_tail, link, after) {
            node& here = *reinterpret_cast<node*>(link);
            read(here.event);
            here.in_use.store(false, std::memory_order_release);
            ++some;
        }
        return some;
    }

private:
    node* new_nodes() {
        std::size_t const mine = pools_taken_.fetch_add(1);
        pools_[mine] = std::make_unique<node[]>(share_);
        return pools_[mine].get();
    }

    std::size_t share_;
    std::atomic<std::size_t> pools_taken_{0};
    std::unique_ptr<node[]> pools_[bench::max_producers];
    alignas(128) cds_wfcq_head head_;
    alignas(128) cds_wfcq_tail tail_;
};

add_queue<wfcqueue> const queue{"urcu_wfcqueue", family::one_order,
                                "liburcu wfcqueue, nodes reused in turn, splice and walk", taken::many};

}  // namespace
