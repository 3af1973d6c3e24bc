// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// What a scenario sees of the explorer, and what stands in for std::atomic inside the library.
//
// A scenario is a function that builds what it wants to check, names its threads, calls world::run() and then says what
// must hold. It is run once for every way the C++20 memory model lets those threads' steps fall; see README.md.

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

namespace model {

/// Where in the source an operation is written. Sites are what the mutants weaken.
struct place {
    char const* file;
    int line;
    char const* function;
};

/// What a scenario allows. Each bound that is not a limit is a choice of the scenario and is printed with its result.
struct options {
    unsigned stutters = 0;          // how many rounds a waiting loop may count before it does something else
    unsigned spurious_wakes = 1;    // per thread: sleeps that end for no reason
    unsigned ticks = 0;             // how often the clock may leap past every deadline while somebody looks at it
    bool spurious_failures = true;  // a weak compare-exchange may fail for no reason, once before each success
    bool fences = false;            // the scenario uses stand-alone acquire and release fences
    bool one_cpu = false;           // what the library is told when it asks
    bool claim_hints = false;  // a thread remembers where its last claim ended; otherwise it reads the claim position
    bool check_leaks = true;   // off where a thread dies holding something
    std::uint64_t max_states = 60'000'000;
    unsigned max_steps = 4000;  // of one execution
};

// ---- for scenarios ----

class world {
public:
    /// Adds a thread; it starts with run(). The name shows in traces.
    void thread(char const* name, std::function<void()> body);
    /// Lets all threads run to their end. What follows sees all they did.
    void run();
    /// Records what this execution came to; litmus tests compare the set of all outcomes.
    void outcome(std::string const& what);
};

/// One of n ways to go on, all of which are explored.
unsigned choose(unsigned n);
/// Says that all the calling thread knows at this point, besides memory, is where it stands and these values: ways to
/// come here that differ in nothing else are one. That covers the private data of what it calls, too.
void settled(std::initializer_list<std::uint64_t> knows);
/// The calling thread stops here for ever, as if descheduled; whatever it holds stays held.
[[noreturn]] void die();
/// Stops the exploration with a counterexample.
[[noreturn]] void fail(char const* format, ...) __attribute__((format(printf, 1, 2)));
void check(bool holds, char const* otherwise);
void check_equal(std::uint64_t got, std::uint64_t wanted, char const* what);
/// One round of a waiting loop is over: the thread goes on when something it read may have changed.
void pause();
/// Runs `action` in one indivisible step. For what the explorer does not model but other threads look at without any
/// atomic of ours (std::stop_source): every thread's next look is taken to depend on it.
void external_step(std::function<void()> const& action,
                   place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()});
/// Which seeded bug this run carries (0: none). Read by the mutated copies of the headers.
extern int seeded_bug;
inline bool is_seeded_bug(int which) noexcept { return seeded_bug == which; }

// ---- for the platform shim ----

namespace detail {

enum class kind : std::uint8_t {
    load,
    store,
    exchange,
    fetch_add,
    fetch_sub,
    fetch_and,
    fetch_or,
    fetch_xor,
    cas_weak,
    cas_strong,
    fence,
    light,
    heavy,
    sleep,
    wake,
    wake_some,
    now,
    external
};

unsigned register_atomic(std::uint64_t initial, place at) noexcept;
void forget_atomic(unsigned id) noexcept;
std::uint64_t load(unsigned id, std::memory_order order, place at) noexcept;
void store(unsigned id, std::uint64_t value, std::memory_order order, place at) noexcept;
std::uint64_t modify(unsigned id, kind how, std::uint64_t operand, std::uint64_t mask, std::memory_order order,
                     place at) noexcept;
bool compare_exchange(unsigned id, bool weak, std::uint64_t& expected, std::uint64_t desired, std::memory_order success,
                      std::memory_order failure, place at) noexcept;
void fence(std::memory_order order, place at) noexcept;
void light_fence(place at) noexcept;
void heavy_fence(place at) noexcept;
bool sleep(unsigned id, std::uint64_t expected, std::int64_t until, bool for_ever, bool for_some, place at) noexcept;
void wake_all(unsigned id, place at) noexcept;
unsigned wake_some(unsigned id, std::size_t n, place at) noexcept;
std::int64_t now(place at) noexcept;
std::uintptr_t thread_token() noexcept;
bool one_cpu() noexcept;
/// The end of the calling thread's last claim, if that was in `ring` or in what stood at its address before.
bool claim_hint(void const* ring, std::uint64_t& end) noexcept;
void keep_claim_hint(void const* ring, std::uint64_t end) noexcept;

enum class access : std::uint8_t { construct, read, write, destroy };
void touch(void const* address, access how, bool has_lifetime, char const* what) noexcept;

constexpr std::memory_order failure_of(std::memory_order success) noexcept {
    if (success == std::memory_order_acq_rel) return std::memory_order_acquire;
    if (success == std::memory_order_release) return std::memory_order_relaxed;
    return success;
}

}  // namespace detail

/// An atomic whose every operation is a step of the explorer. It holds no value, only the number of its location, and
/// has the size and alignment of T so that layouts are the shipped ones. Orders must be written out.
template <class T> class atomic {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8);

public:
    using value_type = T;
    static constexpr bool is_always_lock_free = true;

    atomic(place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept : atomic(T{}, at) {}
    atomic(T initial, place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept
        : id_(static_cast<id_type>(detail::register_atomic(pack(initial), at))) {}
    ~atomic() { detail::forget_atomic(id_); }
    atomic(atomic const&) = delete;
    atomic& operator=(atomic const&) = delete;

    T load(std::memory_order order,
           place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) const noexcept {
        return unpack(detail::load(id_, order, at));
    }
    void store(T value, std::memory_order order,
               place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept {
        detail::store(id_, pack(value), order, at);
    }
    T exchange(T value, std::memory_order order,
               place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept {
        return modified(detail::kind::exchange, pack(value), order, at);
    }
    bool compare_exchange_weak(T& expected, T desired, std::memory_order success, std::memory_order failure,
                               place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept {
        return compare(true, expected, desired, success, failure, at);
    }
    bool compare_exchange_weak(T& expected, T desired, std::memory_order order,
                               place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept {
        return compare(true, expected, desired, order, detail::failure_of(order), at);
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order success, std::memory_order failure,
                                 place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept {
        return compare(false, expected, desired, success, failure, at);
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order order,
                                 place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept {
        return compare(false, expected, desired, order, detail::failure_of(order), at);
    }
    T fetch_add(T value, std::memory_order order,
                place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept
        requires std::integral<T>
    {
        return modified(detail::kind::fetch_add, pack(value), order, at);
    }
    T fetch_sub(T value, std::memory_order order,
                place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept
        requires std::integral<T>
    {
        return modified(detail::kind::fetch_sub, pack(value), order, at);
    }
    T fetch_and(T value, std::memory_order order,
                place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept
        requires std::integral<T>
    {
        return modified(detail::kind::fetch_and, pack(value), order, at);
    }
    T fetch_or(T value, std::memory_order order,
               place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept requires std::integral<T>
    {
        return modified(detail::kind::fetch_or, pack(value), order, at);
    }
    T fetch_xor(T value, std::memory_order order,
                place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept
        requires std::integral<T>
    {
        return modified(detail::kind::fetch_xor, pack(value), order, at);
    }

    /// The number of this location, for the modelled futex.
    unsigned model_id() const noexcept { return id_; }

private:
    using id_type = std::conditional_t<sizeof(T) == 1, std::uint8_t,
                                       std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint32_t>>;

    static std::uint64_t pack(T value) noexcept {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof value);
        return bits;
    }
    static T unpack(std::uint64_t bits) noexcept {
        T value{};
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    static constexpr std::uint64_t mask =
        sizeof(T) == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * (sizeof(T) % 8))) - 1;

    T modified(detail::kind how, std::uint64_t operand, std::memory_order order, place at) noexcept {
        return unpack(detail::modify(id_, how, operand, mask, order, at));
    }
    bool compare(bool weak, T& expected, T desired, std::memory_order success, std::memory_order failure,
                 place at) noexcept {
        std::uint64_t wanted = pack(expected);
        bool const swapped = detail::compare_exchange(id_, weak, wanted, pack(desired), success, failure, at);
        if (!swapped) expected = unpack(wanted);
        return swapped;
    }

    alignas(T) id_type id_;
};

/// Payload under watch: every access is checked for races, use outside its life, double destruction and leaks.
template <class T> class var {
public:
    var() noexcept : var(T{}) {}
    var(T value) noexcept : value_(std::move(value)) { touch(detail::access::construct); }
    var(var const& other) noexcept : value_((other.touch(detail::access::read), other.value_)) {
        touch(detail::access::construct);
    }
    var& operator=(var const& other) noexcept {
        T copy = other.get();
        set(std::move(copy));
        return *this;
    }
    ~var() { touch(detail::access::destroy); }

    T get() const noexcept {
        touch(detail::access::read);
        return value_;
    }
    void set(T value) noexcept {
        touch(detail::access::write);
        value_ = std::move(value);
    }

private:
    void touch(detail::access how) const noexcept { detail::touch(this, how, true, "payload"); }

    T value_;
};

/// The same for payload that is alive without construction: trivial, so it may be written where it lies.
template <class T> struct plain {
    T value;

    T get() const noexcept {
        detail::touch(this, detail::access::read, false, "payload");
        return value;
    }
    void set(T to) noexcept {
        detail::touch(this, detail::access::write, false, "payload");
        value = to;
    }
};

inline void fence(std::memory_order order,
                  place at = {__builtin_FILE(), __builtin_LINE(), __builtin_FUNCTION()}) noexcept {
    detail::fence(order, at);
}

}  // namespace model
