// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Storage: the words by which records are committed, and raw memory for the elements. The rings do the ordering.
#pragma once

#include <algorithm>
#include <bit>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>

#include <evproc/detail/cache_line.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/platform/atomic.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::detail::inline EVPROC_ABI {

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

enum class access { read, write };

/// Starts to fetch the lines of `Bytes` bytes; of large elements the first four.
template <std::size_t Bytes, access For> EVPROC_ALWAYS_INLINE void prefetch_lines(void const* p) noexcept {
    constexpr std::size_t lines = std::min<std::size_t>((Bytes + cache_line_size - 1) / cache_line_size, 4);
    for (std::size_t i = 0; i != lines; ++i) {
        auto const line = static_cast<std::byte const*>(p) + i * cache_line_size;
        For == access::write ? prefetch_for_write(line) : prefetch_for_read(line);
    }
}

/// The size of a reservation is a 32-bit number.
inline constexpr std::size_t max_capacity = std::size_t{1} << (sizeof(std::size_t) > 4 ? 31 : 30);

template <std::size_t N, std::size_t MaxBatch> class geometry {
public:
    static_assert(N > 0 && std::has_single_bit(N),
                  "evproc: the capacity N must be a power of two (1, 2, 4, ...): round it up, std::bit_ceil does so");
    static_assert(N <= max_capacity, "evproc: the capacity N is too large: at most 2^31 slots");
    static_assert(MaxBatch <= N,
                  "evproc: ring_options::max_batch must not exceed the capacity N, or no such batch could ever fit");

    constexpr explicit geometry(std::size_t = N) noexcept {}
    [[nodiscard]] static constexpr std::size_t capacity() noexcept { return N; }
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept { return MaxBatch == 0 ? N : MaxBatch; }
    [[nodiscard]] static constexpr std::size_t index(position at) noexcept {
        return static_cast<std::size_t>(at) & (N - 1);
    }

    using geometry_type = geometry;
};

template <std::size_t MaxBatch> class geometry<std::dynamic_extent, MaxBatch> {
public:
    explicit geometry(std::size_t capacity) : capacity_{capacity} {
        if (!std::has_single_bit(capacity)) fail("evproc: the capacity must be a power of two");
        if (capacity > max_capacity) fail("evproc: the capacity must be at most 2^31 slots");
        if (MaxBatch > capacity) fail("evproc: ring_options::max_batch must not exceed the capacity");
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t max_batch() const noexcept { return MaxBatch == 0 ? capacity_ : MaxBatch; }
    [[nodiscard]] std::size_t index(position at) const noexcept {
        return static_cast<std::size_t>(at) & (capacity_ - 1);
    }

    using geometry_type = geometry;

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

/// Words and elements apart: a batch is one array, also beyond the capacity, by max_batch - 1 more elements. A view: copied
/// into a loop, its pointers are not read again after each atomic access.
template <class T, std::size_t N, std::size_t MaxBatch, bool HasWords>
class separate_view : public geometry<N, MaxBatch> {
public:
    using element_type = T;
    using word_type = atomic<std::uint64_t>;

    static constexpr std::size_t alignment = alignof(T) > cache_line_size ? alignof(T) : cache_line_size;

    [[nodiscard]] static std::size_t bytes(geometry<N, MaxBatch> const& g) noexcept {
        return elements_offset(g) + (g.capacity() + g.max_batch() - 1) * sizeof(T);
    }

    separate_view(geometry<N, MaxBatch> const& g, std::byte* memory) noexcept
        : geometry<N, MaxBatch>{g}, elements_{reinterpret_cast<T*>(memory + elements_offset(g))} {
        if constexpr (HasWords) {
            for (std::size_t i = 0; i != this->capacity(); ++i)
                ::new (static_cast<void*>(memory + i * sizeof(word_type))) word_type{0};
            words_ = std::launder(reinterpret_cast<word_type*>(memory));
        }
    }
    void destroy() const noexcept {
        if constexpr (HasWords) std::destroy_n(words_, this->capacity());
    }

    [[nodiscard]] word_type& word(position at) const noexcept { return words_[this->index(at)]; }
    [[nodiscard]] T* element(position at, std::size_t offset = 0) const noexcept {
        return elements_ + this->index(at) + offset;
    }
    static constexpr bool is_contiguous = true;
    [[nodiscard]] static T* next(T* element, std::size_t n = 1) noexcept { return element + n; }

    static constexpr std::size_t elements_per_line =
        std::bit_floor(std::max<std::size_t>(cache_line_size / sizeof(T), 1));
    static constexpr std::size_t words_per_line = HasWords ? cache_line_size / sizeof(word_type) : elements_per_line;
    static constexpr std::size_t prefetch_every = (std::min)(elements_per_line, words_per_line);

    /// Fetches, for writing, what a reservation at `at`, a multiple of prefetch_every, will write (neighbours share lines).
    EVPROC_ALWAYS_INLINE void prefetch(position at) const noexcept {
        if constexpr (HasWords) {
            if (at % words_per_line == 0) prefetch_for_write(&word(at));
        }
        if (at % elements_per_line == 0) prefetch_lines<sizeof(T), access::write>(element(at));
    }

    /// A consumer that takes one event at a time has too few loads under way to hide how long each line takes from another
    /// core. So it fetches elements of a line or more this many positions early; 0: not worth it.
    static constexpr std::size_t fetch_ahead = sizeof(T) >= cache_line_size && sizeof(T) <= 256 ? 768 / sizeof(T) : 0;
    EVPROC_ALWAYS_INLINE void fetch(position at) const noexcept {
        prefetch_lines<sizeof(T), access::read>(element(at));
    }

private:
    [[nodiscard]] static std::size_t elements_offset([[maybe_unused]] geometry<N, MaxBatch> const& g) noexcept {
        if constexpr (HasWords) {
            std::size_t const bytes = g.capacity() * sizeof(word_type);
            // At the same page offset, x86 would take the load of an element for one of the word just stored.
            std::size_t const apart = bytes % 4096 == 0 ? 2048 : 0;
            return (bytes + apart + alignment - 1) / alignment * alignment;
        } else {
            return 0;
        }
    }

    word_type* words_ = nullptr;
    T* elements_;
};

/// Whether two events of T and their words share a cache line. Larger ones are faster apart: 56 bytes take 8 ns, not 14.
template <class T> inline constexpr bool fits_inline = sizeof(T) + sizeof(std::uint64_t) <= cache_line_size / 2;

/// Each word beside its element, for max_batch = 1: a small event and its word are one cache line to transfer.
template <class T, std::size_t N> class inline_view : public geometry<N, 1> {
public:
    using element_type = T;
    using word_type = atomic<std::uint64_t>;

private:
    struct cell {
        word_type word{0};
        alignas(T) std::byte element[sizeof(T)];
    };

public:
    static constexpr std::size_t alignment = alignof(cell) > cache_line_size ? alignof(cell) : cache_line_size;

    [[nodiscard]] static std::size_t bytes(geometry<N, 1> const& g) noexcept { return g.capacity() * sizeof(cell); }

    inline_view(geometry<N, 1> const& g, std::byte* memory) noexcept : geometry<N, 1>{g} {
        for (std::size_t i = 0; i != this->capacity(); ++i) ::new (static_cast<void*>(memory + i * sizeof(cell))) cell;
        cells_ = std::launder(reinterpret_cast<cell*>(memory));
    }
    void destroy() const noexcept { std::destroy_n(cells_, this->capacity()); }

    [[nodiscard]] word_type& word(position at) const noexcept { return cells_[this->index(at)].word; }
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
    cell* cells_;
};

template <class View> class slots {
public:
    using element_type = typename View::element_type;
    using view_type = View;

    explicit slots(std::size_t capacity) : slots{typename View::geometry_type{capacity}} {}
    ~slots() { view_.destroy(); }
    slots(slots const&) = delete;
    slots& operator=(slots const&) = delete;

    [[nodiscard]] View const& view() const noexcept { return view_; }

private:
    explicit slots(typename View::geometry_type const& g)
        : memory_{View::bytes(g), View::alignment}, view_{g, memory_.data()} {}

    raw_memory memory_;
    View view_;
};

}  // namespace evproc::detail::inline EVPROC_ABI
