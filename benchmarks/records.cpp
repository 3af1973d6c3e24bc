// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Messages of 16 to 512 bytes from several producers to one consumer, in three ways: as records of their own size, in slots
// as large as the largest, and as std::unique_ptr to a base class. Every word is written and checked, and the order of each
// producer's messages too. The time is that of one message; bytes_per_second is what that makes.

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <evproc/event_processor.hpp>
#include <evproc/record_processor.hpp>

#include "support/gbench.hpp"

namespace {

/// Which producer, which number; the words behind depend on it.
using words_t = std::uint64_t;

constexpr words_t first_word(std::size_t producer, std::uint64_t number) {
    return std::uint64_t{producer} << 48 | number;
}

void write(words_t* words, std::size_t count, words_t word) {
    for (std::size_t i = 0; i != count; ++i) words[i] = word + i * 0x9e3779b97f4a7c15U;
}

/// Checks what arrives.
class checker {
public:
    explicit checker(std::size_t producers) : next_(producers, 0) {}

    void operator()(words_t const* words, std::size_t count) {
        std::size_t const producer = static_cast<std::size_t>(words[0] >> 48);
        std::uint64_t wrong = words[0] ^ first_word(producer, next_[producer]++);
        for (std::size_t i = 1; i != count; ++i) wrong |= words[i] ^ (words[0] + i * 0x9e3779b97f4a7c15U);
        faults_ += wrong != 0;
        bytes_ += count * sizeof(words_t);
    }
    std::uint64_t faults() const { return faults_; }
    std::uint64_t bytes() const { return bytes_; }

private:
    std::vector<std::uint64_t> next_;
    std::uint64_t faults_ = 0;
    std::uint64_t bytes_ = 0;
};

/// Calls f with the size, in words, of a producer's message of this number: 16, 32, 64, 128, 256 or 512 bytes, each as often.
template <class F> void with_size(std::uint64_t number, F f) {
    switch ((number * 0x9e3779b97f4a7c15U >> 32) % 6) {
        case 0: return f(std::integral_constant<std::size_t, 2>{});
        case 1: return f(std::integral_constant<std::size_t, 4>{});
        case 2: return f(std::integral_constant<std::size_t, 8>{});
        case 3: return f(std::integral_constant<std::size_t, 16>{});
        case 4: return f(std::integral_constant<std::size_t, 32>{});
        default: return f(std::integral_constant<std::size_t, 64>{});
    }
}

template <std::size_t Words> struct message {
    std::array<words_t, Words> words;
};

template <evproc::ring_options O, std::size_t Bytes = std::size_t{1} << 20> struct as_records {
    evproc::record_processor<evproc::one_of<message<2>, message<4>, message<8>, message<16>, message<32>, message<64>>,
                             Bytes, evproc::adaptive_wait, O>
        ring;

    template <std::size_t Words> void send(words_t word) {
        auto record = ring.template reserve<message<Words>>();
        write(record->words.data(), Words, word);
        record.commit();
    }
    std::size_t receive(checker& check) {
        return ring.poll_wait([&]<std::size_t Words>(message<Words>& m) { check(m.words.data(), Words); }).events;
    }
};

/// Bytes made of tails: the length is known at run time only.
struct as_tails {
    struct blob {
        std::uint32_t words;
    };
    evproc::record_processor<evproc::one_of<blob>> ring;

    template <std::size_t Words> void send(words_t word) {
        auto record = ring.template reserve<blob>(4 + Words * sizeof(words_t));
        record->words = Words;
        write(reinterpret_cast<words_t*>(record.tail().data() + 4), Words,
              word);  // 8 bytes of header, 4 of blob, 4 of these
        record.commit();
    }
    std::size_t receive(checker& check) {
        return ring
            .poll_wait([&](blob& b, std::span<std::byte> tail) {
                check(reinterpret_cast<words_t const*>(tail.data() + 4), b.words);
            })
            .events;
    }
};

template <std::size_t N> struct in_largest_slots {
    struct slot {
        std::uint64_t size;
        std::array<words_t, 64> words;
    };
    evproc::event_processor<slot, N> ring;

    template <std::size_t Words> void send(words_t word) {
        auto event = ring.reserve();
        event->size = Words;
        write(event->words.data(), Words, word);
        event.commit();
    }
    std::size_t receive(checker& check) {
        return ring.poll_wait([&](slot& s) { check(s.words.data(), s.size); }).events;
    }
};

struct on_the_heap {
    struct base {
        virtual ~base() = default;
        virtual void visit(checker& check) = 0;
    };
    template <std::size_t Words> struct of final : base {
        std::array<words_t, Words> words;
        void visit(checker& check) override { check(words.data(), Words); }
    };
    evproc::event_processor<std::unique_ptr<base>, 4096> ring;

    template <std::size_t Words> void send(words_t word) {
        std::unique_ptr<of<Words>> made(new of<Words>);
        write(made->words.data(), Words, word);
        ring.publish(std::move(made));
    }
    std::size_t receive(checker& check) {
        return ring.poll_wait([&](std::unique_ptr<base>& event) { event->visit(check); }).events;
    }
};

template <class Way> void transfer(benchmark::State& state) {
    auto const producers = static_cast<std::size_t>(state.range(0));
    auto const each = static_cast<std::uint64_t>(bench::sample_ns() / 100 / static_cast<double>(producers)) + 1;
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;
    for (auto _ : state) {
        auto way = std::make_unique<Way>();
        checker check(producers);
        std::vector<std::thread> threads;
        auto const start = std::chrono::steady_clock::now();
        for (std::size_t p = 0; p != producers; ++p) {
            threads.emplace_back([&, p] {
                for (std::uint64_t n = 0; n != each; ++n)
                    with_size(n, [&]<class Words>(Words) { way->template send<Words::value>(first_word(p, n)); });
            });
        }
        std::uint64_t received = 0;
        while (received != producers * each) received += way->receive(check);
        double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        for (auto& thread : threads) thread.join();
        state.SetIterationTime(seconds / static_cast<double>(received));
        bytes += check.bytes();
        messages += received;
        bench::faults() += check.faults();
        if (check.faults() != 0) state.SkipWithError("messages were torn, lost or out of order");
    }
    // Per message, as the time is.
    state.SetBytesProcessed(
        static_cast<std::int64_t>(bytes / (messages / static_cast<std::uint64_t>(state.iterations()))));
}

constexpr evproc::ring_options unit(std::size_t bytes) { return {.unit = bytes}; }

#define WAY(...)                     \
    BENCHMARK(transfer<__VA_ARGS__>) \
        ->Name(#__VA_ARGS__)         \
        ->ArgName("producers")       \
        ->Arg(1)                     \
        ->Arg(2)                     \
        ->Arg(4)                     \
        ->UseManualTime()            \
        ->Iterations(1)
WAY(as_records<unit(0)>);
WAY(as_records<unit(16)>);
WAY(as_records<unit(64)>);
WAY(as_tails);
WAY(in_largest_slots<2048>);
WAY(in_largest_slots<4096>);
WAY(on_the_heap);

}  // namespace
