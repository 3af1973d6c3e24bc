// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "support/works.hpp"

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace {

using namespace bench;

// What most programs have: a deque, a mutex and two condition variables. Both sides wait by themselves.
template <class Event> class mutex_deque {
public:
    static constexpr bool any_capacity = true;

    mutex_deque(std::size_t capacity, std::size_t /*producers*/) : capacity_{capacity} {}

    mutex_deque& producer() { return *this; }
    mutex_deque& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& /*wait*/) {
        Event event;
        write(event);
        {
            std::unique_lock lock{mutex_};
            room_.wait(lock, [this] { return events_.size() < capacity_; });
            events_.push_back(event);
        }
        some_.notify_one();
    }

    template <class Write> void send_batch(std::size_t n, Write& write, spin_then_yield& /*wait*/) {
        std::array<Event, 64> events;
        for (std::size_t place = 0; place != n; ++place) {
            write(events[place]);
        }
        {
            std::unique_lock lock{mutex_};
            room_.wait(lock, [this, n] { return events_.size() + n <= capacity_; });
            events_.insert(events_.end(), events.begin(), events.begin() + static_cast<std::ptrdiff_t>(n));
        }
        some_.notify_one();
    }

    template <class Read> std::size_t receive(Read& read) {
        receive_waiting(read);
        return 1;
    }

    template <class Read> void receive_waiting(Read& read) {
        Event event;
        {
            std::unique_lock lock{mutex_};
            some_.wait(lock, [this] { return !events_.empty(); });
            event = events_.front();
            events_.pop_front();
        }
        room_.notify_one();
        read(event);
    }

private:
    std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable some_;
    std::condition_variable room_;
    std::deque<Event> events_;
};

// The same idea done with care: a fixed ring, and the consumer copies out all that is there under one lock.
template <class Event> class mutex_ring {
public:
    mutex_ring(std::size_t /*capacity*/, std::size_t /*producers*/) {}

    mutex_ring& producer() { return *this; }
    mutex_ring& consumer() { return *this; }

    template <class Write> void send(Write& write, spin_then_yield& wait) { send_batch(1, write, wait); }

    template <class Write> void send_batch(std::size_t n, Write& write, spin_then_yield& wait) {
        std::array<Event, 64> events;
        for (std::size_t place = 0; place != n; ++place) {
            write(events[place]);
        }
        while (!push(events.data(), n)) {
            wait();
        }
    }

    template <class Read> std::size_t receive(Read& read) {
        std::size_t some = 0;
        {
            std::lock_guard const lock{mutex_};
            for (; some != taken_.size() && received_ != sent_; ++some, ++received_) {
                taken_[some] = ring_[received_ % queue_capacity];
            }
        }
        for (std::size_t place = 0; place != some; ++place) {
            read(taken_[place]);
        }
        return some;
    }

private:
    bool push(Event const* events, std::size_t n) {
        std::lock_guard const lock{mutex_};
        if (sent_ - received_ + n > queue_capacity) {
            return false;
        }
        for (std::size_t place = 0; place != n; ++place) {
            ring_[sent_++ % queue_capacity] = events[place];
        }
        return true;
    }

    std::mutex mutex_;
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
    std::array<Event, queue_capacity> ring_;
    alignas(128) std::array<Event, 256> taken_;
};

add_queue<mutex_deque> const deque{"mutex_deque", family::one_order, "std::deque, std::mutex, two condition variables"};
add_queue<mutex_ring> const ring{"mutex_ring", family::one_order,
                                 "array, std::mutex, up to 256 events copied out under one lock", taken::many};

}  // namespace
