// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What the headers that mutate.awk has rewritten are made of. All mutants are compiled at once; EVPROC_MUTANT in the
// environment chooses the one that a run has, so that a thousand mutants cost one compilation. An operator becomes an
// infix of the same precedence: `a < b` is written `a < relation<7, less>{} < b`, and `n + 1` is `n + (1 + nudge(9))`.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <type_traits>

namespace evproc_mutants {

/// EVPROC_MUTANT chooses the mutant by its number; none: the headers as written. EVPROC_MUTANT_REACHED names a file that
/// gets the numbers of all mutants whose place was come by: only those can make a difference.
struct environment {
    static constexpr int most = 4096;

    environment() {
        if (char const* const text = std::getenv("EVPROC_MUTANT")) chosen = std::atoi(text);
        path = std::getenv("EVPROC_MUTANT_REACHED");
        if (path != nullptr) note();
    }
    /// Shared with forked children, which may end in any way.
    void note() {
        void* const memory = ::mmap(nullptr, most, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory != MAP_FAILED) reached = static_cast<char*>(memory);
    }
    ~environment() {
        std::FILE* const file = path != nullptr && reached != nullptr ? std::fopen(path, "w") : nullptr;
        if (file == nullptr) return;
        for (int i = 0; i != most; ++i)
            if (reached[i] != 0) std::fprintf(file, "%d\n", i);
        std::fclose(file);
    }
    environment(environment const&) = delete;
    environment& operator=(environment const&) = delete;

    int chosen = -1;
    char const* path = nullptr;
    char* reached = nullptr;
};
inline environment here;

constexpr bool is(int number) noexcept {
    if (std::is_constant_evaluated()) return false;
    if (here.reached != nullptr) __atomic_store_n(&here.reached[number], char{1}, __ATOMIC_RELAXED);
    return number == here.chosen;
}

/// Added to a literal: mutant n adds one, the next takes one away; or one of the two.
template <int N, int More, int Less> constexpr int nudge() noexcept {
    if constexpr (More != 0)
        if (is(N)) return 1;
    if constexpr (Less != 0)
        if (is(N + More)) return -1;
    return 0;
}

/// The same where the compiler would take a constant for one: a mutant is chosen when the program runs.
template <int N, int More, int Less> int nudge_now() noexcept { return nudge<N, More, Less>(); }

enum class op { less, less_equal, greater, greater_equal, equal, not_equal, plus, minus };

template <op Op, class L, class R> constexpr bool compare(L const& l, R const& r) noexcept {
    if constexpr (Op == op::less)
        return l < r;
    else if constexpr (Op == op::less_equal)
        return l <= r;
    else if constexpr (Op == op::greater)
        return l > r;
    else if constexpr (Op == op::greater_equal)
        return l >= r;
    else if constexpr (Op == op::equal)
        return l == r;
    else
        return l != r;
}

/// Each operator has two others, numbered N and N + 1: at the border, and the opposite.
template <int N, op Op, class L, class R> constexpr bool mutated(L const& l, R const& r) noexcept {
    if constexpr (Op == op::equal || Op == op::not_equal) {
        return is(N) ? !compare<Op>(l, r) : compare<Op>(l, r);
    } else {
        constexpr op border = Op == op::less         ? op::less_equal
                              : Op == op::less_equal ? op::less
                              : Op == op::greater    ? op::greater_equal
                                                     : op::greater;
        if (is(N)) return compare<border>(l, r);
        return is(N + 1) ? !compare<Op>(l, r) : compare<Op>(l, r);
    }
}

template <int N, op Op> struct relation {};
template <int N, op Op> struct equality {};
template <int N, op Op> struct sum {};

template <class L, int N, op Op> struct half {
    L const& left;
};

template <class L, int N, op Op> constexpr half<L, N, Op> operator<(L const& l, relation<N, Op>) noexcept {
    return {l};
}
template <class L, int N, op Op, class R> constexpr bool operator<(half<L, N, Op> h, R const& r) noexcept {
    return mutated<N, Op>(h.left, r);
}
template <class L, int N, op Op> constexpr half<L, N, Op> operator==(L const& l, equality<N, Op>) noexcept {
    return {l};
}
template <class L, int N, op Op, class R> constexpr bool operator==(half<L, N, Op> h, R const& r) noexcept {
    return mutated<N, Op>(h.left, r);
}
/// Mutant N: the other of plus and minus.
template <class L, int N, op Op> constexpr half<L, N, Op> operator+(L const& l, sum<N, Op>) noexcept { return {l}; }
template <class L, int N, op Op, class R> constexpr auto operator+(half<L, N, Op> h, R const& r) noexcept {
    if constexpr (Op == op::plus) {
        using type = decltype(h.left + r);
        // Two points in time have a difference and no sum: there is no such mutant.
        if constexpr (requires { static_cast<type>(h.left - r); }) {
            if (is(N)) return static_cast<type>(h.left - r);
        }
        return h.left + r;
    } else {
        using type = decltype(h.left - r);
        if constexpr (requires { static_cast<type>(h.left + r); }) {
            if (is(N)) return static_cast<type>(h.left + r);
        }
        return h.left - r;
    }
}

}  // namespace evproc_mutants
