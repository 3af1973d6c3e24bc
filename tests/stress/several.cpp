// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// One consumer of several rings: every event is compared whole, in the order of its ring. Producers of a selector and a
// priority_processor choose another ring each time; those of a lane_processor are threads that come, take a lane, hand it to
// another thread now and then, and go.
#include <evproc/lane_processor.hpp>
#include <evproc/priority_processor.hpp>
#include <evproc/selector.hpp>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <mutex>

#include "stress.hpp"

namespace {

using namespace stress;
using evproc::event_action;
using evproc::select_info;

struct event {
    payload<24> body;
    std::uint64_t stream;
    std::uint64_t check;  // of all words before

    void write(std::uint64_t producer, std::uint64_t sequence, std::uint64_t of, std::uint64_t number) {
        body.write(producer, sequence, number);
        stream = of;
        check = mix(of + body.words.back());
    }
    bool is_whole(std::uint64_t sequence, std::uint64_t number) const {
        return body.is_whole(sequence, number) && check == mix(stream + body.words.back());
    }
};

/// The events of one producer in one ring; in a lane, those of one owner of that lane.
class streams {
public:
    explicit streams(std::size_t shared) : sent_(shared, 0) {}
    std::uint64_t open() {
        std::scoped_lock const lock{mutex_};
        sent_.push_back(0);
        return sent_.size() - 1;
    }
    void add(std::uint64_t stream, std::uint64_t events) {
        std::scoped_lock const lock{mutex_};
        sent_[stream] += events;
    }
    std::vector<std::uint64_t> const& sent() const { return sent_; }

private:
    std::mutex mutex_;
    std::vector<std::uint64_t> sent_;
};

template <class T, std::size_t> using same = T;

template <class Order, class Wait, std::size_t N, std::size_t Rings> class selected {
    using processor = evproc::event_processor<event, N, evproc::grouped_wait<Wait>>;
    template <class> struct consumer_of;
    template <std::size_t... I> struct consumer_of<std::index_sequence<I...>> {
        using type = evproc::selector<Order, same<processor, I>...>;
        static type make(Order const& order, std::vector<std::unique_ptr<processor>>& rings) {
            return type{order, *rings[I]...};
        }
    };
    using make = consumer_of<std::make_index_sequence<Rings>>;

    static std::vector<std::unique_ptr<processor>> make_rings(evproc::wait_group<Wait>& group) {
        std::vector<std::unique_ptr<processor>> rings;
        for (std::size_t i = 0; i != Rings; ++i) rings.push_back(std::make_unique<processor>(group));
        return rings;
    }

    evproc::wait_group<Wait> group_;
    std::vector<std::unique_ptr<processor>> rings_ = make_rings(group_);

public:
    explicit selected(Order const& order) : consumer{make::make(order, rings_)} {}

    static constexpr std::size_t capacity = N;
    static constexpr bool has_lanes = false;
    typename make::type consumer;

    static constexpr std::size_t rings() { return Rings; }
    processor& ring(std::size_t i) { return *rings_[i]; }
    evproc::processor_stats stats() const {
        evproc::processor_stats sum;
        for (auto const& r : rings_) evproc::detail::add(sum, r->stats());
        return sum;
    }
};

template <class Wait, std::size_t N, std::size_t Rings> struct prioritized {
    static constexpr std::size_t capacity = N;
    static constexpr bool has_lanes = false;
    evproc::priority_processor<event, Rings, N, Wait> consumer;

    static constexpr std::size_t rings() { return Rings; }
    auto& ring(std::size_t i) { return consumer.level(i); }
    evproc::processor_stats stats() const { return consumer.stats(); }
};

template <class Wait, std::size_t N, std::size_t Rings> struct in_lanes {
    static constexpr std::size_t capacity = N;
    static constexpr bool has_lanes = true;
    using lane = evproc::lane<event, N, Wait>;
    evproc::lane_processor<event, N, Wait> consumer{Rings};

    static constexpr std::size_t rings() { return Rings; }
    evproc::processor_stats stats() const { return consumer.stats(); }
};

template <class Rig> class several_configuration {
public:
    template <class... Args>
    several_configuration(plan const& p, std::string name, Args const&... args)
        : plan_(p),
          name_(std::move(name)),
          rig_{args...},
          streams_(Rig::has_lanes ? 0 : Rig::rings() * static_cast<std::size_t>(p.producers)) {}

    void run(totals& t) {
        std::thread consumer([this] { consume(); });
        std::vector<std::thread> producers;
        for (std::size_t i = 0; i != count(); ++i) producers.emplace_back([this, i] { produce(i); });
        for (auto& thread : producers) thread.join();
        rig_.consumer.close();
        consumer.join();

        std::uint64_t committed = 0;
        for (std::uint64_t const s : streams_.sent()) committed += s;
        seen_.resize(streams_.sent().size());
        expect(torn_ == 0, "events came torn, or with another sequence than they were reserved under", name_, t);
        expect(disordered_ == 0, "events came out of order in their ring", name_, t);
        expect(mixed_ == 0, "the events of two owners of a lane were mixed", name_, t);
        expect(wrong_answers_ == 0, "a verb gave an answer that it must not give here", name_, t);
        expect(seen_ == streams_.sent(), "events were lost or doubled", name_, t);
        auto const s = rig_.stats();
        expect(s.committed == committed && s.consumed == committed, "stats() counts other events than the test", name_,
               t);
        expect(s.discarded == discarded_, "stats() counts other discards than the test", name_, t);
        expect(rig_.consumer.state() == poll_state::closed, "something is left in a ring", name_, t);
        t.events += committed;
        t.discarded += discarded_;
        ++t.configurations;
    }

private:
    std::size_t count() const { return static_cast<std::size_t>(plan_.producers); }

    // ---- the producers ----

    struct turn {
        several_configuration& all;
        std::size_t me;
        dice& roll;
        std::uint64_t& sent;  // by this producer

        void refused(errc e) const {
            if (e != errc::full && e != errc::timed_out) ++all.wrong_answers_;
        }

        /// One event or a batch for `stream`, of which `number` have been sent.
        template <class Ring> void step(Ring& ring, std::uint64_t stream, std::uint64_t& number) const {
            std::uint32_t const kind = roll(8);
            if (kind < 5) {
                auto reserved = kind == 0   ? ring.try_reserve()
                                : kind == 1 ? ring.reserve_for(std::chrono::microseconds(roll(50)))
                                            : ring.reserve();
                if (!reserved) return refused(reserved.error());
                if (roll(10) == 0) {
                    if (roll(2) == 0) reserved.discard();
                    ++all.discarded_;  // else it is dropped
                    return;
                }
                reserved->write(me, reserved.sequence(), stream, number++);
                if (reserved.commit() != errc::success) ++all.wrong_answers_;
                ++sent;
                return;
            }
            std::size_t const n = roll(static_cast<std::uint32_t>(std::min<std::size_t>(Rig::capacity, 20))) + 1;
            auto batch = kind == 5 ? ring.try_reserve_batch_up_to(n) : ring.reserve_batch(n);
            if (!batch) return refused(batch.error());
            std::size_t const built =
                roll(3) == 0 ? roll(static_cast<std::uint32_t>(batch.capacity() + 1)) : batch.capacity();
            for (std::size_t i = 0; i != built; ++i)
                batch.append_uninitialized(1)[0].write(me, batch.sequence() + i, stream, number + i);
            all.discarded_ += batch.capacity() - built;
            if (built == 0)
                batch.discard();
            else if (batch.commit() != errc::success)
                ++all.wrong_answers_;
            number += built;
            sent += built;
        }
    };

    void produce(std::size_t me) {
        dice roll(me * 77 + plan_.events);
        auto const deadline = std::chrono::steady_clock::now() + plan_.at_most;
        std::uint64_t const quota = plan_.events / count() + 1;
        std::uint64_t sent = 0;
        turn const mine{*this, me, roll, sent};
        if constexpr (Rig::has_lanes) {
            while (sent < quota && std::chrono::steady_clock::now() < deadline)
                std::thread([&] { visit(mine); }).join();
        } else {
            std::vector<std::uint64_t> numbers(Rig::rings(), 0);
            for (std::uint32_t round = 0; sent < quota; ++round) {
                if (round % 8 == 0 && std::chrono::steady_clock::now() > deadline) break;
                std::size_t const ring = roll(static_cast<std::uint32_t>(Rig::rings()));
                mine.step(rig_.ring(ring), ring * count() + me, numbers[ring]);
                if (roll(200) == 0) rig_.consumer.wake();
            }
            for (std::size_t ring = 0; ring != Rig::rings(); ++ring) streams_.add(ring * count() + me, numbers[ring]);
        }
    }

    /// One thread's life: it takes a lane, uses it, perhaps leaves it to another thread.
    void visit(turn const& mine) {
        auto lane = rig_.consumer.producer();
        while (!lane) {
            if (lane.try_publish(event{}) != errc::busy) ++wrong_answers_;
            std::this_thread::yield();
            lane = rig_.consumer.producer();
        }
        std::uint64_t const stream = streams_.open();
        std::uint64_t number = 0;
        auto const use = [&](auto& l) {
            for (std::uint32_t steps = mine.roll(60); steps != 0; --steps) mine.step(l, stream, number);
        };
        use(lane);
        if (mine.roll(4) == 0) std::thread([&, left = std::move(lane)]() mutable { use(left); }).join();
        streams_.add(stream, number);
        if (mine.roll(8) == 0) rig_.consumer.wake();
    }

    // ---- the consumer ----

    void take(event const& e, select_info const& info) {
        if (e.stream >= max_streams) {
            ++torn_;
            return;
        }
        if (seen_.size() <= e.stream) seen_.resize(e.stream + 1, 0);
        std::uint64_t& number = seen_[e.stream];
        if (!e.is_whole(info.sequence, number)) ++torn_;
        if (info.sequence < next_[info.source]) ++disordered_;
        next_[info.source] = info.sequence + 1;
        if constexpr (Rig::has_lanes) {
            // An owner's events come in one go, from its first to its last.
            if (owner_[info.source] != e.stream && number != 0) ++mixed_;
            owner_[info.source] = e.stream;
        } else {
            if (e.stream / count() != info.source) ++torn_;
        }
        ++number;
    }

    void consume() {
        dice roll(4711);
        auto const handler = [this](event& e, select_info const& info) { take(e, info); };
        auto& consumer = rig_.consumer;
        for (poll_state state = poll_state::more; state != poll_state::closed;) {
            switch (roll(8)) {
                case 0: state = consumer.poll(handler, roll(8) + 1).state; break;
                case 1: state = consumer.poll_for(std::chrono::microseconds(roll(30)), handler).state; break;
                case 2:
                    if (consumer.wait() && consumer.state() != poll_state::more) ++wrong_answers_;
                    state = consumer.poll(handler).state;
                    break;
                case 3: {
                    // Handlers that stop, keep and throw on their way.
                    std::uint32_t const at = roll(20) + 1;
                    std::uint32_t const how = roll(3);
                    std::uint32_t calls = 0;
                    try {
                        state = consumer
                                    .poll([&](event& e, select_info const& info) {
                                        ++calls;
                                        if (calls == at && how == 0) return event_action::keep;
                                        take(e, info);
                                        if (calls == at && how == 1) throw calls;
                                        return calls == at ? event_action::stop : event_action::next;
                                    })
                                    .state;
                    } catch (std::uint32_t) {
                        state = poll_state::more;
                    }
                    break;
                }
                default: state = consumer.poll_wait(handler).state; break;
            }
        }
    }

    static constexpr std::uint64_t max_streams = 1U << 24;

    plan plan_;
    std::string name_;
    Rig rig_;
    streams streams_;
    std::atomic<std::uint64_t> wrong_answers_{0};
    std::atomic<std::uint64_t> discarded_{0};
    // The consumer's.
    std::vector<std::uint64_t> seen_;
    std::array<std::uint64_t, Rig::rings()> next_{};   // no sequence of the ring before it comes again
    std::array<std::uint64_t, Rig::rings()> owner_{};  // the stream of the lane's last event
    std::uint64_t torn_ = 0;
    std::uint64_t disordered_ = 0;
    std::uint64_t mixed_ = 0;
};

template <class Rig, class... Args>
void run_rig(std::string const& about, totals& t, std::initializer_list<int> producers, Args const&... args) {
    double const s = scale();
    plan p;
    p.events = static_cast<std::uint64_t>(100'000 * s) + 500;
    p.at_most = std::chrono::milliseconds(static_cast<int>(250 * (s < 1 ? 1 : s)));
    for (int const n : producers) {
        p.producers = n;
        std::string const name =
            about + ", " + std::to_string(Rig::rings()) + " rings, " + std::to_string(n) + " producers";
        several_configuration<Rig>(p, name, args...).run(t);
    }
}

template <class Wait> void run_several_over(std::string const& wait, totals& t) {
    using evproc::strict;
    using evproc::weighted;
    run_rig<selected<strict, Wait, 8, 3>>("selector, strict, " + wait, t, {1, 4}, strict{});
    run_rig<prioritized<Wait, 64, 4>>("priorities, " + wait, t, {8});
    run_rig<in_lanes<Wait, 8, 3>>("lanes, " + wait, t, {4});
    run_rig<in_lanes<Wait, 64, 64>>("lanes, " + wait, t, {8});
    if constexpr (!is_quick) {
        run_rig<selected<strict, Wait, 4, 1>>("selector, strict, " + wait, t, {1, 3}, strict{});
        run_rig<selected<weighted<3>, Wait, 8, 3>>("selector, weighted, " + wait, t, {1, 4}, weighted<3>{{5, 2, 1}});
        run_rig<selected<strict, Wait, 2, 64>>("selector, strict, " + wait, t, {8}, strict{});
        run_rig<prioritized<Wait, 1, 64>>("priorities, " + wait, t, {2});
        run_rig<in_lanes<Wait, 4, 1>>("lanes, " + wait, t, {1, 8});
    }
}

}  // namespace

void stress::run_several(std::uint64_t, totals& t) {
    run_several_over<evproc::adaptive_wait>("adaptive_wait", t);
    if constexpr (!is_quick) run_several_over<evproc::blocking_wait>("blocking_wait", t);
}
