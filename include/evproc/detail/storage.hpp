// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Storage: the words by which records are committed, and raw memory for the elements. The rings do the ordering.
#pragma once

#include <bit>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <type_traits>

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail::inline EVPROC_ABI {

enum class access { read, write };

/// Starts to fetch the lines of `Bytes` bytes; of large elements the first four.
template <std::size_t Bytes, access For> EVPROC_ALWAYS_INLINE void prefetch_lines(void const* p) noexcept {
    constexpr std::size_t lines = min_of<std::size_t>((Bytes + cache_line_size - 1) / cache_line_size, 4);
    for (std::size_t i = 0; i != lines; ++i) {
        auto const line = static_cast<std::byte const*>(p) + i * cache_line_size;
        For == access::write ? prefetch_for_write(line) : prefetch_for_read(line);
    }
}

/// The size of a reservation is a 32-bit number.
inline constexpr std::size_t max_capacity = std::size_t{1} << (sizeof(std::size_t) > 4 ? 31 : 30);

template <std::size_t N> struct fixed_capacity {
    constexpr explicit fixed_capacity(std::size_t) noexcept {}
    constexpr operator std::size_t() const noexcept { return N; }
};

template <std::size_t N, std::size_t MaxBatch> class geometry {
    static constexpr bool is_fixed = N != std::dynamic_extent;
    static_assert(!is_fixed || std::has_single_bit(N),
                  "evproc: the capacity N must be a power of two (1, 2, 4, ...): round it up, std::bit_ceil does so");
    static_assert(!is_fixed || N <= max_capacity, "evproc: the capacity N is too large: at most 2^31 slots");
    static_assert(MaxBatch <= N,
                  "evproc: ring_options::max_batch must not exceed the capacity N, or no such batch could ever fit");

public:
    explicit geometry(std::size_t given) : capacity_{given} {
        if (!std::has_single_bit(capacity()))
            fail<std::invalid_argument>("evproc: the capacity must be a power of two");
        if (capacity() > max_capacity) fail<std::invalid_argument>("evproc: the capacity must be at most 2^31 slots");
        if (MaxBatch > capacity())
            fail<std::invalid_argument>("evproc: ring_options::max_batch must not exceed the capacity");
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t max_batch() const noexcept { return MaxBatch == 0 ? capacity() : MaxBatch; }
    [[nodiscard]] std::size_t index(position at) const noexcept {
        return static_cast<std::size_t>(at) & (capacity() - 1);
    }

private:
    [[no_unique_address]] std::conditional_t<is_fixed, fixed_capacity<N>, std::size_t> capacity_;
};

using atomic_word = atomic<std::uint64_t>;

/// Words and elements apart: a batch is one array, also beyond the capacity, by max_batch - 1 more elements. A view: copied
/// into a loop, its pointers are not read again after each atomic access.
template <class T, std::size_t N, std::size_t MaxBatch, bool HasWords>
class separate_view : public geometry<N, MaxBatch> {
public:
    using element_type = T;
    using geometry<N, MaxBatch>::geometry;

    static constexpr std::size_t alignment = max_of(alignof(T), cache_line_size);

    [[nodiscard]] std::size_t bytes() const noexcept {
        return elements_offset() + (this->capacity() + this->max_batch() - 1) * sizeof(T);
    }
    void construct(std::byte* memory) noexcept {
        elements_ = reinterpret_cast<T*>(memory + elements_offset());
        if constexpr (HasWords) {
            words_ = reinterpret_cast<atomic_word*>(memory);
            std::uninitialized_value_construct_n(words_, this->capacity());
        }
    }
    void destroy() const noexcept {
        if constexpr (HasWords) std::destroy_n(words_, this->capacity());
    }

    [[nodiscard]] atomic_word& word(position at) const noexcept { return words_[this->index(at)]; }
    [[nodiscard]] T* element(position at, std::size_t offset = 0) const noexcept {
        return elements_ + this->index(at) + offset;
    }
    static constexpr bool is_contiguous = true;
    [[nodiscard]] static T* next(T* element, std::size_t n = 1) noexcept { return element + n; }

    static constexpr std::size_t elements_per_line =
        std::bit_floor(max_of<std::size_t>(cache_line_size / sizeof(T), 1));
    static constexpr std::size_t words_per_line = HasWords ? cache_line_size / sizeof(atomic_word) : elements_per_line;
    static constexpr std::size_t prefetch_every = min_of(elements_per_line, words_per_line);

    /// Fetches, for writing, what a reservation at `at`, a multiple of prefetch_every, will write (neighbours share lines).
    EVPROC_ALWAYS_INLINE void prefetch(position at) const noexcept {
        if (HasWords && at % words_per_line == 0) prefetch_for_write(&word(at));
        if (at % elements_per_line == 0) prefetch_lines<sizeof(T), access::write>(element(at));
    }

    /// A consumer that takes one event at a time has too few loads under way to hide how long each line takes from another
    /// core. So it fetches elements of a line or more this many positions early; 0: not worth it.
    static constexpr std::size_t fetch_ahead = sizeof(T) >= cache_line_size && sizeof(T) <= 256 ? 768 / sizeof(T) : 0;
    EVPROC_ALWAYS_INLINE void fetch(position at) const noexcept {
        prefetch_lines<sizeof(T), access::read>(element(at));
    }

private:
    [[nodiscard]] std::size_t elements_offset() const noexcept {
        if (!HasWords) return 0;
        std::size_t const words = this->capacity() * sizeof(atomic_word);
        // At the same page offset, x86 would take the load of an element for one of the word just stored.
        std::size_t const apart = words % 4096 == 0 ? 2048 : 0;
        return (words + apart + alignment - 1) / alignment * alignment;
    }

    atomic_word* words_ = nullptr;
    T* elements_ = nullptr;
};

/// Whether two events of T and their words share a cache line. Larger ones are faster apart: 56 bytes take 8 ns, not 14.
template <class T> inline constexpr bool fits_inline = sizeof(T) + sizeof(std::uint64_t) <= cache_line_size / 2;

/// Each word beside its element, for max_batch = 1: a small event and its word are one cache line to transfer.
template <class T, std::size_t N> class inline_view : public geometry<N, 1> {
    struct cell {
        atomic_word word{0};
        alignas(T) std::byte element[sizeof(T)];
    };

public:
    using element_type = T;
    using geometry<N, 1>::geometry;

    static constexpr std::size_t alignment = max_of(alignof(cell), cache_line_size);

    [[nodiscard]] std::size_t bytes() const noexcept { return this->capacity() * sizeof(cell); }
    void construct(std::byte* memory) noexcept {
        cells_ = reinterpret_cast<cell*>(memory);
        std::uninitialized_default_construct_n(cells_, this->capacity());
    }
    void destroy() const noexcept { std::destroy_n(cells_, this->capacity()); }

    [[nodiscard]] atomic_word& word(position at) const noexcept { return cells_[this->index(at)].word; }
    [[nodiscard]] T* element(position at, std::size_t = 0) const noexcept {
        return reinterpret_cast<T*>(cells_[this->index(at)].element);
    }
    static constexpr bool is_contiguous = false;
    [[nodiscard]] static T* next(T* element, std::size_t n = 1) noexcept {
        return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(element) + n * sizeof(cell));
    }

    static constexpr std::size_t prefetch_every = std::bit_floor(cache_line_size / sizeof(cell));
    static constexpr std::size_t fetch_ahead = 0;

    EVPROC_ALWAYS_INLINE void prefetch(position at) const noexcept { prefetch_for_write(&cells_[this->index(at)]); }

private:
    cell* cells_ = nullptr;
};

template <class View> class slots {
    static constexpr std::align_val_t alignment{View::alignment};

public:
    explicit slots(std::size_t capacity)
        : view_{capacity}, memory_{static_cast<std::byte*>(::operator new(view_.bytes(), alignment))} {
        view_.construct(memory_);
    }
    ~slots() {
        view_.destroy();
        ::operator delete(memory_, alignment);
    }
    slots(slots const&) = delete;
    slots& operator=(slots const&) = delete;

    [[nodiscard]] View const& view() const noexcept { return view_; }

    /// A locked instruction waits for the stores before it: the next claim would pay for the cache misses of this commit. So
    /// fetch lines early; only where they are known to be free, else they would be taken from the consumer.
    EVPROC_ALWAYS_INLINE void prefetch_ahead(position at, position limit) const noexcept {
        constexpr position ahead = 16;
        if (at % View::prefetch_every == 0 && distance(limit, at) > static_cast<std::int64_t>(ahead)) [[unlikely]]
            view_.prefetch(at + ahead);
    }

private:
    View view_;
    std::byte* const memory_;
};

}  // namespace evproc::detail::inline EVPROC_ABI
