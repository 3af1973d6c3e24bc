// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Several consumers in stages: every consumer compares every event whole, a lone one marks it in place for the stages behind.
#include <evproc/broadcast_processor.hpp>

#include <algorithm>
#include <memory>

#include "stress.hpp"

namespace {

using namespace stress;
using evproc::broadcast_processor;
using evproc::stages;

struct event {
    payload<16> body;
    std::uint64_t mark;  // by each lone consumer on its way: the sequence, times its stage + 1
};

constexpr std::size_t producers = 2;

template <class Processor, std::size_t... Consumers> class broadcast_configuration {
    static constexpr std::array<std::size_t, sizeof...(Consumers)> size{Consumers...};

public:
    broadcast_configuration(plan const& p, std::string name) : plan_(p), name_(std::move(name)) {}

    void run(totals& t) {
        std::vector<std::thread> consumers;
        books_.reserve((std::size_t{0} + ... + Consumers));
        [&]<std::size_t... Stage>(std::index_sequence<Stage...>) {
            (start<Stage>(consumers), ...);
        }(std::make_index_sequence<sizeof...(Consumers)>{});
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i != producers; ++i) threads.emplace_back([this, i] { produce(i); });
        for (auto& thread : threads) thread.join();
        processor_.close();
        for (auto& thread : consumers) thread.join();

        std::uint64_t const committed = sent_by_[0] + sent_by_[1];
        for (auto const& b : books_) {
            expect(b->torn == 0, "events came torn, unmarked, or with another sequence than they were reserved under",
                   name_, t);
            expect(b->disordered == 0, "events came out of order", name_, t);
            expect(b->seen_by == sent_by_, "events were lost or doubled", name_, t);
        }
        expect(wrong_answers_ == 0, "a verb gave an answer that it must not give here", name_, t);
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
    /// What one consumer has seen.
    struct book {
        std::array<std::uint64_t, producers> seen_by{};
        std::uint64_t next = 0;  // no sequence before it comes again
        std::uint64_t torn = 0;
        std::uint64_t disordered = 0;
    };

    template <std::size_t Stage> void start(std::vector<std::thread>& threads) {
        for (std::size_t i = 0; i != size[Stage]; ++i) {
            books_.push_back(std::make_unique<book>());
            threads.emplace_back([this, i, &b = *books_.back()] { consume<Stage>(i, b); });
        }
    }

    /// The marks of the lone consumers before a stage.
    static constexpr std::uint64_t marks_before(std::size_t stage) {
        std::uint64_t marks = 0;
        for (std::size_t s = 0; s != stage; ++s) marks += size[s] == 1 ? s + 1 : 0;
        return marks;
    }

    template <std::size_t Stage, class Event> static void take(book& b, Event& e, std::uint64_t sequence) {
        std::size_t const from = e.body.producer();
        if (from >= producers || !e.body.is_whole(sequence, b.seen_by[from]) ||
            e.mark != sequence * marks_before(Stage))
            ++b.torn;
        if (from < producers) ++b.seen_by[from];
        if (sequence < b.next) ++b.disordered;
        b.next = sequence + 1;
        if constexpr (size[Stage] == 1) e.mark += sequence * (Stage + 1);
    }

    template <std::size_t Stage> void consume(std::size_t i, book& b) {
        auto consumer = processor_.template consumer<Stage>(i);
        dice roll(Stage * 10 + i);
        auto const handler = [&](auto& e, evproc::event_info const& info) { take<Stage>(b, e, info.sequence); };
        for (poll_state state = poll_state::more; state != poll_state::closed;) {
            switch (roll(7)) {
                case 0: state = consumer.poll(handler, roll(8) + 1).state; break;
                case 1: state = consumer.poll_for(std::chrono::microseconds(roll(30)), handler).state; break;
                case 2: {
                    auto view = consumer.peek(roll(100) + 1);
                    std::size_t const k = roll(static_cast<std::uint32_t>(view.size() + 1));
                    auto at = view.begin();
                    for (std::size_t n = 0; n != k; ++n, ++at) take<Stage>(b, *at, at.sequence());
                    view.release(k);
                    view.keep();
                    break;
                }
                case 3:
                    state = consumer
                                .poll_batches([&](auto run, evproc::event_info const& info) {
                                    for (std::size_t n = 0; n != run.size(); ++n)
                                        take<Stage>(b, run[n], info.sequence + n);
                                })
                                .state;
                    break;
                default: state = consumer.poll_wait(handler).state; break;
            }
        }
    }

    void produce(std::size_t me) {
        dice roll(me * 77 + plan_.events);
        auto const deadline = std::chrono::steady_clock::now() + plan_.at_most;
        auto const most = static_cast<std::uint32_t>(std::min<std::size_t>(processor_.max_batch(), 40));
        std::uint64_t const quota = plan_.events / producers + 1;
        std::uint64_t sent = 0;
        for (std::uint32_t round = 0; sent < quota; ++round) {
            if (round % 8 == 0 && std::chrono::steady_clock::now() > deadline) break;
            if (roll(2) == 0) {
                auto reserved = roll(4) == 0 ? processor_.try_reserve() : processor_.reserve();
                if (!reserved) {
                    if (reserved.error() != errc::full) ++wrong_answers_;
                } else if (roll(10) == 0) {
                    reserved.discard();
                    ++discarded_;
                } else {
                    reserved->body.write(me, reserved.sequence(), sent++);
                    reserved->mark = 0;
                    reserved.commit();
                }
                continue;
            }
            std::size_t const n = roll(most) + 1;
            auto batch = roll(4) == 0 ? processor_.try_reserve_batch_up_to(n) : processor_.reserve_batch(n);
            if (!batch) {
                if (batch.error() != errc::full) ++wrong_answers_;
                continue;
            }
            // All of it, or a prefix, or nothing.
            std::size_t const built =
                roll(3) == 0 ? roll(static_cast<std::uint32_t>(batch.capacity() + 1)) : batch.capacity();
            for (std::size_t i = 0; i != built; ++i) {
                event& e = batch.append_uninitialized(1)[0];
                e.body.write(me, batch.sequence() + i, sent + i);
                e.mark = 0;
            }
            discarded_ += batch.capacity() - built;
            if (built == 0)
                batch.discard();
            else if (batch.commit() != errc::success)
                ++wrong_answers_;
            sent += built;
        }
        sent_by_[me] = sent;
    }

    plan plan_;
    std::string name_;
    Processor processor_;
    std::vector<std::unique_ptr<book>> books_;
    std::array<std::uint64_t, producers> sent_by_{};
    std::atomic<std::uint64_t> discarded_{0};
    std::atomic<std::uint64_t> wrong_answers_{0};
};

template <class Wait, std::size_t N, std::size_t... Consumers> void run_stages(std::string const& about, totals& t) {
    double const s = scale();
    plan p;
    p.events = static_cast<std::uint64_t>((N == 1 ? 10'000 : N == 2 ? 20'000 : 200'000) * s) + 200;
    p.at_most = std::chrono::milliseconds(static_cast<int>(250 * (s < 1 ? 1 : s)));
    std::string name = about + ", N = " + std::to_string(N) + ", stages";
    ((name += ' ' + std::to_string(Consumers)), ...);
    broadcast_configuration<broadcast_processor<event, stages<Consumers...>, N, Wait>, Consumers...>(p, name).run(t);
}

template <class Wait, std::size_t N> void run_capacity_of(std::string const& about, totals& t) {
    run_stages<Wait, N, 1, 2, 1>(about, t);
    if constexpr (!is_quick) {
        run_stages<Wait, N, 1>(about, t);
        run_stages<Wait, N, 3>(about, t);
        run_stages<Wait, N, 4, 1>(about, t);
    }
}

}  // namespace

void stress::run_broadcast(std::uint64_t, totals& t) {
    run_capacity_of<evproc::adaptive_wait, 2>("broadcast, adaptive_wait", t);
    run_capacity_of<evproc::adaptive_wait, 4096>("broadcast, adaptive_wait", t);
    if constexpr (!is_quick) {
        run_capacity_of<evproc::adaptive_wait, 1>("broadcast, adaptive_wait", t);
        run_capacity_of<evproc::adaptive_wait, 64>("broadcast, adaptive_wait", t);
        run_capacity_of<evproc::blocking_wait, 64>("broadcast, blocking_wait", t);
    }
}
