// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace bench {

inline constexpr std::size_t max_producers = 64;

// An event that is all payload. Every word of it depends on the first, so that a reader can tell a whole event
// from a torn one.
template <std::size_t Bytes> struct payload {
    static_assert(Bytes % sizeof(std::uint64_t) == 0, "payloads are made of 64-bit words");
    std::array<std::uint64_t, Bytes / sizeof(std::uint64_t)> words;
};

namespace detail {
inline constexpr std::uint64_t word_step = 0x9e3779b97f4a7c15u;
inline constexpr unsigned producer_shift = 48;
inline constexpr std::uint64_t last_mark = std::uint64_t{1} << 47;
}  // namespace detail

// Writes one producer's events: the first word holds producer and number, never zero (some queues keep zero for
// "empty").
class payload_writer {
public:
    explicit payload_writer(std::size_t producer) noexcept
        : next_{(static_cast<std::uint64_t>(producer) << detail::producer_shift) + 1} {}

    template <std::size_t Bytes> void operator()(payload<Bytes>& event) noexcept {
        std::uint64_t word = next_++ | mark_;
        for (std::uint64_t& place : event.words) {
            place = word;
            word += detail::word_step;
        }
    }

    // What is written from here on says that it is this producer's last.
    void begin_last() noexcept { mark_ = detail::last_mark; }

    // Events written so far.
    [[nodiscard]] std::uint64_t events() const noexcept { return (next_ & (detail::last_mark - 1)) - 1; }

private:
    std::uint64_t next_;
    std::uint64_t mark_ = 0;
};

// Reads every word of every event; counts events that are torn, lost, doubled or out of their producer's order.
class payload_reader {
public:
    payload_reader() noexcept {
        for (std::size_t producer = 0; producer != max_producers; ++producer) {
            expected_[producer] = (static_cast<std::uint64_t>(producer) << detail::producer_shift) + 1;
        }
    }

    template <std::size_t Bytes> void operator()(payload<Bytes> const& event) noexcept {
        std::uint64_t const first = event.words[0];
        std::uint64_t& expected = expected_[(first >> detail::producer_shift) % max_producers];
        std::uint64_t const difference = first ^ expected;
        std::uint64_t torn = 0;
        expected = (first & ~detail::last_mark) + 1;
        std::uint64_t word = first;
        for (std::uint64_t const place : event.words) {
            torn |= place ^ word;
            word += detail::word_step;
        }
        if ((difference | torn) != 0) [[unlikely]] {
            last_ += (first & detail::last_mark) != 0 ? 1u : 0u;
            faults_ += ((difference & ~detail::last_mark) | torn) != 0 ? 1u : 0u;
        }
    }

    // How many events said that they are their producer's last.
    [[nodiscard]] std::uint64_t last() const noexcept { return last_; }

    [[nodiscard]] std::uint64_t faults() const noexcept { return faults_; }

private:
    std::array<std::uint64_t, max_producers> expected_{};
    std::uint64_t last_ = 0;
    std::uint64_t faults_ = 0;
};

}  // namespace bench
