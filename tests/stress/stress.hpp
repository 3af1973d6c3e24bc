// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// The stress suite's engine: one configuration is a kind of processor, a payload, a wait strategy and a number of
// producers. Every producer mixes all verbs; every event is compared whole; at the end the books must balance.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <evproc/evproc.hpp>

#include "scale.hpp"

namespace stress {

using evproc::errc;
using evproc::poll_state;

// ---- what is sent ----

constexpr std::uint64_t mix(std::uint64_t x) {
    x ^= x >> 31;
    x *= 0x9e3779b97f4a7c15U;
    x ^= x >> 29;
    return x;
}

/// Eight bytes: the producer, the low bits of the sequence, the producer's own count. A longer payload repeats this word
/// and fills the rest with words derived from it, so that a torn or stale byte anywhere shows.
template <std::size_t Bytes> struct payload {
    static_assert(Bytes % 8 == 0);
    std::array<std::uint64_t, Bytes / 8> words;

    void write(std::uint64_t producer, std::uint64_t sequence, std::uint64_t count) {
        words[0] = producer << 60 | (sequence & 0xfffffffU) << 32 | (count & 0xffffffffU);
        for (std::size_t i = 1; i < words.size(); ++i) words[i] = mix(words[i - 1] + i);
    }
    std::size_t producer() const { return static_cast<std::size_t>(words[0] >> 60); }
    bool is_whole(std::uint64_t sequence, std::uint64_t count) const {
        if ((words[0] & 0xfffffffffffffffU) != ((sequence & 0xfffffffU) << 32 | (count & 0xffffffffU))) return false;
        for (std::size_t i = 1; i < words.size(); ++i) {
            if (words[i] != mix(words[i - 1] + i)) return false;
        }
        return true;
    }
};

class dice {
public:
    explicit dice(std::uint64_t seed) : state_(mix(seed + 1) | 1) {}
    std::uint32_t operator()(std::uint32_t below) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<std::uint32_t>((state_ >> 32) * below >> 32);
    }

private:
    std::uint64_t state_;
};

// ---- reporting ----

struct totals {
    std::uint64_t events = 0;
    std::uint64_t discarded = 0;
    int configurations = 0;
    int failures = 0;
};

/// How much of everything to do: 1 in a Release build. EVPROC_STRESS_SCALE, a number, changes it.
double scale();

inline bool expect(bool good, char const* what, std::string const& where, totals& t) {
    if (!good) {
        std::fprintf(stderr, "stress: FAILED: %s: %s\n", where.c_str(), what);
        ++t.failures;
    }
    return good;
}

// ---- one configuration ----

struct plan {
    int producers = 1;
    std::uint64_t events = 0;              // to be committed by all producers together
    std::chrono::milliseconds at_most{0};  // then the producers stop early: a busy machine does less, not longer
    bool singles_only = false;             // the fast path undiluted
};

template <class Processor> class configuration {
    using event = typename Processor::event_type;

public:
    configuration(plan const& p, std::string name) : plan_(p), name_(std::move(name)) {}

    void run(totals& t) {
        std::thread consumer([this] { consume(); });
        std::vector<std::thread> producers;
        auto const count = static_cast<std::size_t>(plan_.producers);
        committed_by_.assign(count, 0);
        for (std::size_t i = 0; i < count; ++i) producers.emplace_back([this, i, count] { produce(i, count); });
        for (auto& thread : producers) thread.join();
        processor_.close();
        consumer.join();

        std::uint64_t committed = 0;
        for (std::uint64_t const c : committed_by_) committed += c;
        expect(torn_ == 0, "events came torn, or with another sequence than they were reserved under", name_, t);
        expect(disordered_ == 0, "events came out of order", name_, t);
        expect(wrong_answers_ == 0, "a verb gave an answer that it must not give here", name_, t);
        expect(seen_by_ == committed_by_, "events were lost or doubled", name_, t);
        expect(was_full_, "the ring was never full", name_, t);
        expect(was_empty_, "the ring was never empty", name_, t);
        auto const s = processor_.stats();
        expect(s.committed == committed && s.consumed == committed, "stats() counts other events than the test", name_,
               t);
        expect(s.discarded == discarded_, "stats() counts other discards than the test", name_, t);
        expect(processor_.size_approx() == 0, "something is left in the ring", name_, t);
        t.events += committed;
        t.discarded += discarded_;
        ++t.configurations;
    }

private:
    // ---- the producers ----

    void produce(std::size_t me, std::size_t count) {
        dice roll(me * 77 + plan_.events);
        std::uint64_t const quota = plan_.events / count + 1;
        std::uint64_t sent = 0;
        std::uint64_t dropped = 0;
        auto const deadline = std::chrono::steady_clock::now() + plan_.at_most;

        // The consumer has to see the ring empty before anything is in it, and takes nothing before it was full.
        while (!was_empty_) std::this_thread::yield();
        if (me == 0) {
            for (;;) {
                auto reserved = processor_.try_reserve();
                if (!reserved) {
                    if (reserved.error() != errc::full) ++wrong_answers_;
                    break;
                }
                reserved->write(me, reserved.sequence(), sent++);
                reserved.commit();
            }
            was_full_ = true;
        }
        while (!was_full_) std::this_thread::yield();

        std::uint32_t round = 0;
        while (sent < quota) {
            if ((++round & (plan_.singles_only ? 0x3ffU : 7U)) == 0 && std::chrono::steady_clock::now() > deadline)
                break;
            if (plan_.singles_only) {
                auto reserved = processor_.reserve();
                if (!reserved) {
                    ++wrong_answers_;
                    break;
                }
                reserved->write(me, reserved.sequence(), sent++);
                reserved.commit();
            } else {
                step(me, roll, sent, dropped);
            }
        }
        committed_by_[me] = sent;
        discarded_ += dropped;
    }

    void step(std::size_t me, dice& roll, std::uint64_t& sent, std::uint64_t& dropped) {
        std::uint32_t const kind = roll(20);
        if (kind < 9) {  // one event, reserved by one verb or the other
            auto reserved = reserve_somehow(roll);
            if (!reserved) return refused(reserved.error());
            if (roll(10) == 0) {
                if (roll(2) == 0) reserved.discard();
                ++dropped;  // else it is dropped
                return;
            }
            reserved->write(me, reserved.sequence(), sent++);
            if (reserved.commit() != errc::success) ++wrong_answers_;
        } else if (kind < 11) {
            // Built elsewhere and copied in.
            auto reserved = processor_.reserve_until(std::chrono::steady_clock::now() + std::chrono::seconds(3600));
            if (!reserved) return refused(reserved.error());
            event local;
            local.write(me, reserved.sequence(), sent++);
            reserved.emplace(local);
            reserved.commit();
        } else {
            auto const most = static_cast<std::uint32_t>(processor_.max_batch() < 40 ? processor_.max_batch() : 40);
            std::size_t const n = roll(most) + 1;
            auto batch = reserve_batch_somehow(roll, n);
            if (!batch) return refused(batch.error());
            std::size_t const places = batch.capacity();
            std::uint32_t const fate = roll(10);
            std::size_t build = places;
            if (fate == 0)
                build = 0;
            else if (fate < 4)
                build = roll(static_cast<std::uint32_t>(places + 1));
            std::uint64_t const first = batch.sequence();
            for (std::size_t i = 0; i < build; ++i) {
                if (i % 2 == 0) {
                    batch.append_uninitialized(1)[0].write(me, first + i, sent + i);
                } else {
                    event local;
                    local.write(me, first + i, sent + i);
                    batch.push_back(local);
                }
            }
            if (fate == 0) {
                if (roll(2) == 0) batch.discard();  // else it is dropped
                dropped += places;
                return;
            }
            if (batch.commit() != errc::success) ++wrong_answers_;
            sent += build;
            dropped += places - build;
        }
    }

    auto reserve_somehow(dice& roll) {
        switch (roll(6)) {
            case 0: return processor_.try_reserve();
            case 1: return processor_.reserve_for(std::chrono::microseconds(roll(50)));
            case 2: return processor_.reserve_for(std::chrono::nanoseconds(roll(2)));
            default: return processor_.reserve();
        }
    }
    auto reserve_batch_somehow(dice& roll, std::size_t n) {
        switch (roll(6)) {
            case 0: return processor_.try_reserve_batch(n);
            case 1: return processor_.reserve_batch_for(std::chrono::microseconds(roll(50)), n);
            case 2: return processor_.try_reserve_batch_up_to(n);
            default: return processor_.reserve_batch(n);
        }
    }
    void refused(errc e) {
        if (e != errc::full && e != errc::timed_out) ++wrong_answers_;
    }

    // ---- the consumer ----

    void take(event const& e, std::uint64_t sequence) {
        std::size_t const from = e.producer();
        if (from >= seen_by_.size()) {
            ++torn_;
            return;
        }
        if (!e.is_whole(sequence, seen_by_[from])) ++torn_;
        ++seen_by_[from];
        if (!any_ || sequence > last_)
            any_ = true;
        else
            ++disordered_;
        last_ = sequence;
    }

    void consume() {
        seen_by_.assign(static_cast<std::size_t>(plan_.producers), 0);
        dice roll(4711);
        auto const handler = [this](event& e, evproc::event_info const& info) { take(e, info.sequence); };
        if (processor_.poll(handler).state == poll_state::idle) was_empty_ = true;
        while (!was_full_) std::this_thread::yield();
        std::vector<event> copies;
        for (;;) {
            poll_state state = poll_state::more;
            switch (plan_.singles_only ? 0 : roll(8)) {
                case 0:
                case 1:
                case 2: state = processor_.poll_wait(handler).state; break;
                case 3: state = processor_.poll(handler, roll(8) + 1).state; break;
                case 4: state = processor_.poll_for(std::chrono::microseconds(roll(30)), handler).state; break;
                case 5: {
                    // A view, some of it released by hand, some kept for the next look.
                    auto view = processor_.peek(roll(100) + 1);
                    std::size_t const k = roll(static_cast<std::uint32_t>(view.size() + 1));
                    std::size_t i = 0;
                    for (auto at = view.begin(); at != view.end() && i < k; ++at, ++i) take(*at, at.sequence());
                    view.release(k);
                    view.keep();
                    break;
                }
                case 6:
                    // A run's events have neighbouring sequences; the info is the first one's.
                    state = processor_
                                .poll_batches([this](std::span<event> run, evproc::event_info const& info) {
                                    for (std::size_t i = 0; i < run.size(); ++i) take(run[i], info.sequence + i);
                                })
                                .state;
                    break;
                default: {
                    // Handlers that stop, keep and throw on their way.
                    std::uint32_t const at = roll(20) + 1;
                    std::uint32_t calls = 0;
                    std::uint32_t const how = roll(3);
                    try {
                        state = processor_
                                    .poll([&](event& e, evproc::event_info const& info) {
                                        ++calls;
                                        if (calls == at && how == 0) return evproc::event_action::keep;
                                        take(e, info.sequence);
                                        if (calls == at && how == 1) throw calls;
                                        return calls == at ? evproc::event_action::stop : evproc::event_action::next;
                                    })
                                    .state;
                    } catch (std::uint32_t) {
                        state = poll_state::more;
                    }
                    break;
                }
            }
            if (state == poll_state::closed) break;
        }
    }

    plan plan_;
    std::string name_;
    Processor processor_;
    std::atomic<bool> was_empty_{false};
    std::atomic<bool> was_full_{false};
    std::atomic<std::uint64_t> wrong_answers_{0};
    std::atomic<std::uint64_t> discarded_{0};
    std::vector<std::uint64_t> committed_by_;
    // The consumer's.
    std::vector<std::uint64_t> seen_by_;
    std::uint64_t last_ = 0;
    bool any_ = false;
    std::uint64_t torn_ = 0;
    std::uint64_t disordered_ = 0;
};

/// The same for a bare ring: slots and protocol without the processor's handles.
template <class Ring> class ring_configuration {
    using event = typename Ring::value_type;

public:
    ring_configuration(plan const& p, std::string name) : plan_(p), name_(std::move(name)) {}

    void run(totals& t) {
        auto const count = static_cast<std::size_t>(plan_.producers);
        sent_by_.assign(count, 0);
        seen_by_.assign(count, 0);
        std::thread consumer([this] { consume(); });
        std::vector<std::thread> producers;
        for (std::size_t i = 0; i < count; ++i) producers.emplace_back([this, i, count] { produce(i, count); });
        for (auto& thread : producers) thread.join();
        ring_.close();
        consumer.join();
        std::uint64_t sent = 0;
        for (std::uint64_t const s : sent_by_) sent += s;
        expect(torn_ == 0, "events came torn, or with another sequence than they were reserved under", name_, t);
        expect(disordered_ == 0, "events came out of order", name_, t);
        expect(wrong_answers_ == 0, "a verb gave an answer that it must not give here", name_, t);
        expect(seen_by_ == sent_by_, "events were lost or doubled", name_, t);
        expect(was_full_, "the ring was never full", name_, t);
        expect(was_empty_, "the ring was never empty", name_, t);
        expect(ring_.size_approx() == 0, "something is left in the ring", name_, t);
        t.events += sent;
        t.discarded += discarded_;
        ++t.configurations;
    }

private:
    void produce(std::size_t me, std::size_t count) {
        dice roll(me * 91 + plan_.events);
        std::uint64_t const quota = plan_.events / count + 1;
        std::uint64_t sent = 0;
        auto const deadline = std::chrono::steady_clock::now() + plan_.at_most;
        while (!was_empty_) std::this_thread::yield();
        if (me == 0) {
            for (;;) {
                auto const place = ring_.try_reserve();
                if (!place) {
                    if (place.error() != errc::full) ++wrong_answers_;
                    break;
                }
                place.data()->write(me, place.sequence(), sent++);
                ring_.commit(place);
            }
            was_full_ = true;
        }
        while (!was_full_) std::this_thread::yield();
        std::uint32_t round = 0;
        std::uint64_t dropped = 0;
        while (sent < quota) {
            if ((++round & 7U) == 0 && std::chrono::steady_clock::now() > deadline) break;
            auto const most = static_cast<std::uint32_t>(ring_.max_batch() < 40 ? ring_.max_batch() : 40);
            std::size_t const n = roll(2) == 0 ? 1 : roll(most) + 1;
            typename Ring::range_type place;
            switch (roll(6)) {
                case 0: place = ring_.try_reserve(n); break;
                case 1: place = ring_.try_reserve_up_to(n); break;
                case 2: place = ring_.reserve_for(std::chrono::nanoseconds(roll(20'000)), n); break;
                default: place = ring_.reserve(n); break;
            }
            if (!place) {
                if (place.error() != errc::full && place.error() != errc::timed_out) ++wrong_answers_;
                continue;
            }
            std::size_t const places = place.size();
            std::uint32_t const fate = roll(10);
            std::size_t const built = fate == 0 ? 0 : fate < 4 ? roll(static_cast<std::uint32_t>(places + 1)) : places;
            for (std::size_t i = 0; i < built; ++i) place.data()[i].write(me, place.sequence() + i, sent + i);
            if (fate == 0)
                ring_.discard(place);
            else if (built == places)
                ring_.commit(place);
            else
                ring_.commit(place, built);
            sent += built;
            dropped += places - built;
        }
        sent_by_[me] = sent;
        discarded_ += dropped;
    }

    void consume() {
        dice roll(815);
        if (ring_.peek().empty()) was_empty_ = true;
        while (!was_full_) std::this_thread::yield();
        for (;;) {
            bool ready = false;
            bool over = false;
            switch (roll(4)) {
                case 0: ready = !ring_.peek(1).empty(); break;
                case 1: ready = ring_.wait_for(std::chrono::nanoseconds(roll(20'000))); break;
                default:
                    ready = ring_.wait();
                    over = !ready;  // nobody calls wake() or stops here, so it is closed and drained
                    break;
            }
            if (over) break;
            auto const view = ring_.peek(roll(64) + 1);
            if (ready && view.empty()) ++wrong_answers_;
            std::size_t const k = roll(static_cast<std::uint32_t>(view.size() + 1));
            std::size_t i = 0;
            for (auto at = view.begin(); at != view.end() && i < k; ++at, ++i) {
                std::size_t const from = at->producer();
                if (from >= seen_by_.size() || !at->is_whole(at.sequence(), seen_by_[from])) ++torn_;
                if (from < seen_by_.size()) ++seen_by_[from];
                if (any_ && at.sequence() <= last_) ++disordered_;
                any_ = true;
                last_ = at.sequence();
            }
            ring_.release(k);
        }
    }

    plan plan_;
    std::string name_;
    Ring ring_;
    std::atomic<bool> was_empty_{false};
    std::atomic<bool> was_full_{false};
    std::atomic<std::uint64_t> wrong_answers_{0};
    std::atomic<std::uint64_t> discarded_{0};
    std::vector<std::uint64_t> sent_by_;
    // The consumer's.
    std::vector<std::uint64_t> seen_by_;
    std::uint64_t last_ = 0;
    bool any_ = false;
    std::uint64_t torn_ = 0;
    std::uint64_t disordered_ = 0;
};

// ---- all configurations of one wait strategy ----

using evproc_test::is_quick;

inline constexpr evproc::ring_options single{.producers = evproc::producer_kind::single};
inline constexpr evproc::ring_options one_by_one{.max_batch = 1};

template <class Wait, std::size_t N, std::size_t Bytes> void run_payload(std::string const& wait, totals& t) {
    using std::to_string;
    double const s = scale();
    plan p;
    p.events = static_cast<std::uint64_t>((N == 1 ? 20'000 : N == 2 ? 40'000 : 300'000) * s) + 200;
    p.at_most = std::chrono::milliseconds(static_cast<int>(250 * (s < 1 ? 1 : s)));
    std::string const about = wait + ", N = " + to_string(N) + ", " + to_string(Bytes) + " bytes, ";
    for (int const producers : {1, 2, 4, 8}) {
        p.producers = producers;
        configuration<evproc::event_processor<payload<Bytes>, N, Wait>>(p, about + to_string(producers) + " producers")
            .run(t);
    }
    p.producers = 1;
    configuration<evproc::event_processor<payload<Bytes>, N, Wait, single>>(p, about + "single-producer kind").run(t);
}

template <class Wait, std::size_t N> void run_capacity(std::string const& wait, totals& t) {
    run_payload<Wait, N, 8>(wait, t);
    if constexpr (!is_quick) {
        run_payload<Wait, N, 64>(wait, t);
        run_payload<Wait, N, 200>(wait, t);
    }
    double const s = scale();
    plan p;
    p.events = static_cast<std::uint64_t>((N == 1 ? 20'000 : N == 2 ? 40'000 : 300'000) * s) + 200;
    p.at_most = std::chrono::milliseconds(static_cast<int>(250 * (s < 1 ? 1 : s)));
    p.producers = 3;
    std::string const about = wait + ", N = " + std::to_string(N) + ", ";
    ring_configuration<evproc::ring_buffer<payload<8>, N, Wait>>(p, about + "bare ring").run(t);
    if constexpr (!is_quick)
        ring_configuration<evproc::ring_buffer<payload<8>, N, Wait, one_by_one>>(p, about + "bare ring without batches")
            .run(t);
    p.producers = 1;
    ring_configuration<evproc::ring_buffer<payload<64>, N, Wait, single>>(p, about + "bare single-producer ring")
        .run(t);
}

/// Everything under one wait strategy, and then the fast path of it until `events` are through.
template <class Wait> void run_wait(std::string const& wait, std::uint64_t events, totals& t) {
    run_capacity<Wait, 1>(wait, t);
    if constexpr (!is_quick) {
        run_capacity<Wait, 2>(wait, t);
        run_capacity<Wait, 64>(wait, t);
    }
    run_capacity<Wait, 4096>(wait, t);
    while (t.events < events && t.failures == 0) {
        plan p;
        p.singles_only = true;
        p.at_most = std::chrono::seconds(600);
        p.events = events - t.events;
        p.producers = 1;
        if (p.events > 2'000'000) p.events /= 2;
        configuration<evproc::event_processor<payload<8>, 4096, Wait>>(p, wait + ", fast path, 1 producer").run(t);
        p.producers = 2;
        if (t.events < events) {
            p.events /= 2;
            configuration<evproc::event_processor<payload<8>, 4096, Wait>>(p, wait + ", fast path, 2 producers").run(t);
        }
    }
}

void run_spin(std::uint64_t events, totals& t);
void run_backoff(std::uint64_t events, totals& t);
void run_blocking(std::uint64_t events, totals& t);
void run_adaptive(std::uint64_t events, totals& t);
void run_broadcast(std::uint64_t events, totals& t);
void run_several(std::uint64_t events, totals& t);

}  // namespace stress
