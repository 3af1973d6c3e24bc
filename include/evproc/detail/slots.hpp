// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// Storage: the words by which records are committed, and raw memory for the elements. Nothing here is ordered; the
// cores own that.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>

#include <evproc/detail/atomic.hpp>
#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/check.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/prefetch.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Aligned raw memory.
class raw_memory {
public:
    raw_memory(std::size_t bytes, std::size_t alignment)
        : alignment_{alignment}, data_{static_cast<std::byte*>(::operator new(bytes, alignment_))} {}
    ~raw_memory() { ::operator delete(data_, alignment_); }
    raw_memory(raw_memory const&) = delete;
    raw_memory& operator=(raw_memory const&) = delete;

    [[nodiscard]] std::byte* data() const noexcept { return data_; }

private:
    std::align_val_t alignment_;
    std::byte* data_;
};

/// How many slots there are, and how long a batch may be. Constants where the type says so.
template <std::size_t N, std::size_t MaxBatch>
class geometry {
public:
    static_assert(N > 0 && std::has_single_bit(N),
                  "evproc: the capacity N must be a power of two (1, 2, 4, ...): round it up, std::bit_ceil does so");
    static_assert(N <= std::size_t{1} << (sizeof(std::size_t) * 8 - 2), "evproc: the capacity N is too large");
    static_assert(MaxBatch <= N,
                  "evproc: ring_options::max_batch must not exceed the capacity N, or no such batch could ever fit");

    constexpr explicit geometry(std::size_t = N) noexcept {}
    [[nodiscard]] static constexpr std::size_t capacity() noexcept { return N; }
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept { return MaxBatch == 0 ? N : MaxBatch; }
};

template <std::size_t MaxBatch>
class geometry<std::dynamic_extent, MaxBatch> {
public:
    explicit geometry(std::size_t capacity) : capacity_{capacity} {
        if (!std::has_single_bit(capacity)) fail("evproc: the capacity must be a power of two");
        if (MaxBatch > capacity) fail("evproc: ring_options::max_batch must not exceed the capacity");
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t max_batch() const noexcept { return MaxBatch == 0 ? capacity_ : MaxBatch; }

private:
    [[noreturn]] static void fail(char const* sentence) {
#if EVPROC_EXCEPTIONS
        throw std::invalid_argument(sentence);
#else
        check_failed(sentence, __FILE__, __LINE__);
#endif
    }

    std::size_t capacity_;
};

/// Words and elements apart, so that a batch is one array of elements. A record that starts at index i owns the
/// elements [i, i + n) even where that goes past the capacity: for this the elements have max_batch - 1 places more.
template <class T, std::size_t N, std::size_t MaxBatch, bool HasWords>
class separate_slots : public geometry<N, MaxBatch> {
    using word_type = atomic<std::uint64_t>;
    static constexpr std::size_t alignment = alignof(T) > cache_line_size ? alignof(T) : cache_line_size;

public:
    using element_type = T;

    explicit separate_slots(std::size_t capacity)
        : geometry<N, MaxBatch>{capacity},
          memory_{elements_offset() + (this->capacity() + this->max_batch() - 1) * sizeof(T), alignment},
          elements_{reinterpret_cast<T*>(memory_.data() + elements_offset())} {
        if constexpr (HasWords) {
            for (std::size_t i = 0; i != this->capacity(); ++i)
                ::new (static_cast<void*>(memory_.data() + i * sizeof(word_type))) word_type{0};
            words_ = std::launder(reinterpret_cast<word_type*>(memory_.data()));
        }
    }
    ~separate_slots() {
        if constexpr (HasWords) std::destroy_n(words_, this->capacity());
    }
    separate_slots(separate_slots const&) = delete;
    separate_slots& operator=(separate_slots const&) = delete;

    [[nodiscard]] word_type& word(position at) const noexcept { return words_[index(at)]; }
    /// Raw storage; `offset` elements behind the one of `at`.
    [[nodiscard]] T* element(position at, std::size_t offset = 0) const noexcept {
        return elements_ + index(at) + offset;
    }

    /// Starts to fetch, for writing, what a reservation at `at` will write.
    void prefetch(position at) const noexcept {
        if constexpr (HasWords) {
            if (at % (cache_line_size / sizeof(word_type)) == 0) prefetch_for_write(&word(at));
        }
        constexpr std::size_t per_line = sizeof(T) < cache_line_size ? std::bit_floor(cache_line_size / sizeof(T)) : 1;
        if (at % per_line == 0) {
            constexpr std::size_t lines = sizeof(T) <= cache_line_size ? 1 : sizeof(T) <= 2 * cache_line_size ? 2 : 4;
            for (std::size_t i = 0; i != lines; ++i)
                prefetch_for_write(reinterpret_cast<std::byte*>(element(at)) + i * cache_line_size);
        }
    }

private:
    [[nodiscard]] std::size_t index(position at) const noexcept {
        return static_cast<std::size_t>(at) & (this->capacity() - 1);
    }
    [[nodiscard]] std::size_t elements_offset() const noexcept {
        std::size_t const bytes = HasWords ? this->capacity() * sizeof(word_type) : 0;
        return (bytes + alignment - 1) / alignment * alignment;
    }

    raw_memory memory_;
    word_type* words_ = nullptr;
    T* elements_;
};

/// Each word beside its element, for max_batch = 1: a small event and its word are one cache line to transfer.
template <class T, std::size_t N>
class inline_slots : public geometry<N, 1> {
    using word_type = atomic<std::uint64_t>;
    struct cell {
        word_type word{0};
        alignas(T) std::byte element[sizeof(T)];
    };
    static constexpr std::size_t alignment = alignof(cell) > cache_line_size ? alignof(cell) : cache_line_size;

public:
    using element_type = T;

    explicit inline_slots(std::size_t capacity)
        : geometry<N, 1>{capacity}, memory_{this->capacity() * sizeof(cell), alignment} {
        for (std::size_t i = 0; i != this->capacity(); ++i)
            ::new (static_cast<void*>(memory_.data() + i * sizeof(cell))) cell;
        cells_ = std::launder(reinterpret_cast<cell*>(memory_.data()));
    }
    ~inline_slots() { std::destroy_n(cells_, this->capacity()); }
    inline_slots(inline_slots const&) = delete;
    inline_slots& operator=(inline_slots const&) = delete;

    [[nodiscard]] word_type& word(position at) const noexcept { return cells_[index(at)].word; }
    [[nodiscard]] T* element(position at, std::size_t = 0) const noexcept {
        return reinterpret_cast<T*>(cells_[index(at)].element);
    }
    void prefetch(position at) const noexcept {
        constexpr std::size_t per_line = sizeof(cell) < cache_line_size ? std::bit_floor(cache_line_size / sizeof(cell)) : 1;
        if (at % per_line == 0) {
            constexpr std::size_t lines = sizeof(cell) <= cache_line_size ? 1 : 2;
            for (std::size_t i = 0; i != lines; ++i)
                prefetch_for_write(reinterpret_cast<std::byte*>(&cells_[index(at)]) + i * cache_line_size);
        }
    }

private:
    [[nodiscard]] std::size_t index(position at) const noexcept {
        return static_cast<std::size_t>(at) & (this->capacity() - 1);
    }

    raw_memory memory_;
    cell* cells_ = nullptr;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail
