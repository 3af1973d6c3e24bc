// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// stress_records: four producers mix types, tails, prefixes and records that are given up; every byte is compared, and at
// the end the books balance. EVPROC_STRESS_SCALE in the environment: so many times as many records.
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <evproc/record_processor.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/spin_wait.hpp>

#include "overloads.hpp"
#include "scale.hpp"
#include "tracked.hpp"

namespace {

using evproc::errc;
using evproc_test::ledger;
using evproc_test::overloads;
using evproc_test::tracked;

constexpr std::size_t producers = 4;

/// Who sent it, and the how-manieth of that producer it is.
struct origin {
    std::uint32_t producer;
    std::uint32_t number;
};
struct small {
    origin from;
};
struct owner {
    origin from;
    std::unique_ptr<std::uint32_t> number;
};
struct large {
    origin from;
    tracked number;
    std::array<std::uint64_t, 20> words;

    explicit large(origin o) : from{o}, number{static_cast<int>(o.number)} {
        for (std::size_t i = 0; i != words.size(); ++i) words[i] = o.number * (i + 1);
    }
};

std::byte tail_byte(origin o, std::size_t i) { return static_cast<std::byte>(o.number + 31 * i + o.producer); }

template <class Wait> class configuration {
public:
    /// Returns the number of faults.
    int run(std::uint32_t each) {
        std::vector<std::thread> threads;
        for (std::uint32_t p = 0; p != producers; ++p) threads.emplace_back([this, p, each] { produce(p, each); });
        std::thread closer([&] {
            for (auto& thread : threads) thread.join();
            ring_.close();
        });
        auto const result =
            ring_.run(overloads{[&](small& e, std::span<std::byte> tail) { arrived(e.from, tail); },
                                [&](owner& e, std::span<std::byte> tail) {
                                    expect(*e.number == e.from.number, "an owner's number");
                                    arrived(e.from, tail);
                                },
                                [&](large& e, std::span<std::byte> tail) {
                                    expect(e.number.get() == static_cast<int>(e.from.number), "a large one's number");
                                    for (std::size_t i = 0; i != e.words.size(); ++i)
                                        expect(e.words[i] == e.from.number * (i + 1), "its words");
                                    arrived(e.from, tail);
                                }});
        closer.join();
        auto const s = ring_.stats();
        expect(result.events == committed_ && s.committed == committed_ && s.consumed == committed_,
               "the number of records");
        expect(s.discarded == given_up_, "the number of records given up");
        expect(ring_.empty_approx(), "an empty ring");
        return faults_;
    }
    std::uint64_t committed() const { return committed_; }

private:
    void produce(std::uint32_t producer, std::uint32_t each) {
        std::uint32_t state = producer * 2654435761U + 1;
        auto const below = [&](std::uint32_t n) {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            return state % n;
        };
        std::uint32_t sent = 0;
        while (sent != each) {
            origin const from{producer, sent};
            std::size_t const tail = below(4) == 0 ? below(700) : below(50);
            bool committed = false;
            switch (below(3)) {
                case 0: committed = send<small>(from, tail, below(8), from); break;
                case 1:
                    committed = send<owner>(from, tail, below(8), from, std::make_unique<std::uint32_t>(sent));
                    break;
                default: committed = send<large>(from, tail, below(8), from);
            }
            sent += committed;
        }
        committed_ += sent;
    }
    template <class E, class... Args> bool send(origin from, std::size_t tail, std::uint32_t fate, Args&&... args) {
        auto record = fate % 2 == 0 ? ring_.template reserve<E>(tail)
                                    : ring_.template reserve_for<E>(std::chrono::hours(1), tail);
        if (!record) std::abort();
        if (fate < 2) {  // dropped, built or not
            if (fate == 1) record.emplace(std::forward<Args>(args)...);
            ++given_up_;
            return false;
        }
        record.emplace(std::forward<Args>(args)...);
        for (std::size_t i = 0; i != tail; ++i) record.tail()[i] = tail_byte(from, i);
        if (fate == 2)
            record.commit(tail / 3);
        else
            record.commit();
        return true;
    }

    void arrived(origin from, std::span<std::byte> tail) {
        expect(from.number == next_[from.producer]++, "each producer's order");
        for (std::size_t i = 0; i != tail.size(); ++i) expect(tail[i] == tail_byte(from, i), "the bytes behind it");
    }
    void expect(bool good, char const* what) {
        if (good) return;
        if (faults_++ == 0) std::fprintf(stderr, "stress_records: FAILED: %s\n", what);
    }

    evproc::record_processor<evproc::one_of<small, owner, large>, 8192, Wait> ring_;
    std::array<std::uint32_t, producers> next_{};
    std::atomic<std::uint64_t> committed_{0};
    std::atomic<std::uint64_t> given_up_{0};
    int faults_ = 0;
};

}  // namespace

int main() {
    char const* const given = std::getenv("EVPROC_STRESS_SCALE");
    double const scale = given != nullptr ? std::strtod(given, nullptr) : 1;
    auto const each = static_cast<std::uint32_t>(evproc_test::scaled(500000) * (scale > 0 ? scale : 1));
    configuration<evproc::adaptive_wait> adaptive;
    configuration<evproc::spin_wait> spinning;
    int const faults = adaptive.run(each) + spinning.run(each / 2);
    bool const balanced = ledger::balanced();
    if (!balanced) std::fprintf(stderr, "stress_records: FAILED: events destroyed not once\n");
    std::printf("stress_records: %llu records, %d faults\n",
                static_cast<unsigned long long>(adaptive.committed() + spinning.committed()), faults);
    return faults == 0 && balanced ? 0 : 1;
}
