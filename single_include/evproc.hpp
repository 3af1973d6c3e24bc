// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// evproc in one file, generated from include/evproc: do not edit. The same names, macros and behaviour.
#pragma once

// ---- evproc/evproc.hpp
// The whole core; extras/, eventfd_wait and coroutine_wait are included by themselves.

// ---- evproc/broadcast_processor.hpp
#include <stdexcept>
#include <type_traits>
#include <utility>

// ---- evproc/broadcast_consumer.hpp
#include <span>
#include <type_traits>
#include <utility>

// ---- evproc/committed_batch.hpp
#include <utility>

// ---- evproc/detail/config.hpp
// What a user may set; the inline namespace's name carries it, so that checked and unchecked translation units link together.

#include <cstddef>  // with <cstdint>: for every header
#include <cstdint>
#include <cstdio>
#include <cstdlib>

/// 1: misuse (double commit, two consumers, ...) is reported and aborts. 0 (default): a documented no-op or precondition
/// violation. Independent of NDEBUG; to be set before the first include.
#ifndef EVPROC_CHECKED
#define EVPROC_CHECKED 0
#endif

// EVPROC_NO_FUTEX: sleep on a mutex and a condition variable even where there are futexes.
// EVPROC_NO_MEMBARRIER: a full fence for each commit, not membarrier (Linux) or FlushProcessWriteBuffers (Windows).

#if EVPROC_CHECKED
#define EVPROC_ABI_CHECKED _checked
#else
#define EVPROC_ABI_CHECKED
#endif
#ifdef EVPROC_NO_FUTEX
#define EVPROC_ABI_FUTEX _nofutex
#else
#define EVPROC_ABI_FUTEX
#endif
#ifdef EVPROC_NO_MEMBARRIER
#define EVPROC_ABI_MEMBARRIER _nomembarrier
#else
#define EVPROC_ABI_MEMBARRIER
#endif
#define EVPROC_ABI_JOIN_(a, b, c, d) a##b##c##d
#define EVPROC_ABI_JOIN(a, b, c, d) EVPROC_ABI_JOIN_(a, b, c, d)
#define EVPROC_ABI EVPROC_ABI_JOIN(v0, EVPROC_ABI_CHECKED, EVPROC_ABI_FUTEX, EVPROC_ABI_MEMBARRIER)

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define EVPROC_EXCEPTIONS 1
#else
#define EVPROC_EXCEPTIONS 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EVPROC_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define EVPROC_SANITIZED 1
#endif
#endif

#if defined(__GNUC__) || defined(__clang__)
#if defined(__OPTIMIZE__) && !defined(EVPROC_SANITIZED)
#define EVPROC_ALWAYS_INLINE [[gnu::always_inline]] inline
#else
#define EVPROC_ALWAYS_INLINE inline  // for debugging it would only be more code, and nothing to set a breakpoint on
#endif
#define EVPROC_COLD [[gnu::cold, gnu::noinline]]
#define EVPROC_NOINLINE [[gnu::noinline]]
#elif defined(_MSC_VER)
#define EVPROC_ALWAYS_INLINE __forceinline
#define EVPROC_COLD __declspec(noinline)
#define EVPROC_NOINLINE __declspec(noinline)
#else
#define EVPROC_ALWAYS_INLINE inline
#define EVPROC_COLD
#define EVPROC_NOINLINE
#endif

namespace evproc::detail {

// std::min and std::max need <algorithm>, which takes longer to compile than this library.
template <class T> [[nodiscard]] constexpr T min_of(T a, T b) noexcept { return b < a ? b : a; }
template <class T> [[nodiscard]] constexpr T max_of(T a, T b) noexcept { return a < b ? b : a; }

/// Reports a broken precondition on stderr and aborts.
[[noreturn]] EVPROC_COLD inline void check_failed(char const* sentence, char const* file, int line) noexcept {
    std::fprintf(stderr, "evproc: %s (%s:%d)\n", sentence, file, line);
    std::abort();
}

/// Throws Exception(details..., sentence); where exceptions are off, prints the sentence and aborts.
template <class Exception, class... Details>
[[noreturn]] EVPROC_COLD void fail(char const* sentence, [[maybe_unused]] Details const&... details) {
#if EVPROC_EXCEPTIONS
    throw Exception(details..., sentence);
#else
    std::fprintf(stderr, "%s\n", sentence);
    std::abort();
#endif
}

}  // namespace evproc::detail

// A macro, so that unchecked builds do not evaluate the condition.
#if EVPROC_CHECKED
#define EVPROC_CHECK(condition, sentence) \
    ((condition) ? static_cast<void>(0) : ::evproc::detail::check_failed(sentence, __FILE__, __LINE__))
#else
#define EVPROC_CHECK(condition, sentence) static_cast<void>(0)
#endif

// ---- evproc/detail/consumer.hpp
#include <memory>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

// ---- evproc/detail/pacer.hpp
#include <utility>

// ---- evproc/detail/platform/cpu.hpp
#include <thread>

#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
#include <intrin.h>
#endif

namespace evproc::detail {

/// In a spin loop: frees resources for the other hardware thread, and leaves the line to its writer for a while.
inline void cpu_relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");  // yield is a no-op on most cores; isb is what waits about as long as pause
#elif defined(__arm__)
    asm volatile("yield" ::: "memory");
#elif defined(__riscv)
    asm volatile(".insn i 0x0F, 0, x0, x0, 0x010" ::: "memory");  // pause, as a hint that old cores ignore
#elif defined(__powerpc__)
    asm volatile("or 27,27,27" ::: "memory");
#else
    std::this_thread::yield();
#endif
}

inline void brief_pause(unsigned rounds) noexcept {
    for (unsigned i = 0; i != rounds; ++i) cpu_relax();
}

inline void yield_thread() noexcept { std::this_thread::yield(); }

/// True where no other thread can run while this one spins.
[[nodiscard]] inline bool one_cpu() noexcept {
    static bool const one = std::thread::hardware_concurrency() == 1;
    return one;
}

}  // namespace evproc::detail

// ---- evproc/errc.hpp
#include <string>
#include <system_error>
#include <type_traits>

namespace evproc::inline EVPROC_ABI {

/// Why a verb did nothing. The first five are named as in the C++ concurrent-queue proposal P0260.
enum class errc : int {
    success = 0,
    empty,           ///< nothing is there to be taken
    full,            ///< at some instant of the call fewer slots were free than were asked for
    closed,          ///< close() was called; nothing more can be reserved
    busy,            ///< producer_kind::single: an earlier reservation is still live
    timed_out,       ///< the deadline passed first
    stopped,         ///< the stop_token asked to stop first
    would_deadlock,  ///< only the calling thread could make space, and it would be waiting
    too_large,       ///< more slots than one reservation may hold (max_batch())
    invalid_size,    ///< a reservation of no slots
    invalid_handle,  ///< the handle holds nothing that could be committed
};

/// The category "evproc"; its messages are whole sentences.
[[nodiscard]] inline std::error_category const& error_category() noexcept {
    struct category final : std::error_category {
        [[nodiscard]] char const* name() const noexcept override { return "evproc"; }
        [[nodiscard]] std::string message(int value) const override {
            switch (static_cast<errc>(value)) {
                case errc::success: return "The operation succeeded.";
                case errc::empty: return "The ring holds no event that could be taken.";
                case errc::full: return "The ring does not have enough free slots.";
                case errc::closed: return "The ring has been closed.";
                case errc::busy: return "The single producer still holds an uncommitted reservation.";
                case errc::timed_out: return "The deadline passed before the operation could complete.";
                case errc::stopped: return "A stop was requested before the operation could complete.";
                case errc::would_deadlock:
                    return "Waiting on the consumer's own thread for the consumer would never end.";
                case errc::too_large: return "The reservation asks for more slots than max_batch() allows.";
                case errc::invalid_size: return "A reservation must ask for at least one slot.";
                case errc::invalid_handle: return "The handle holds no event that could be committed.";
            }
            return "The value is not an evproc error code.";
        }
    };
    static category const instance;
    return instance;
}

/// Makes `errc` an std::error_code enum: `std::error_code ec = errc::full;`.
[[nodiscard]] inline std::error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), error_category()};
}

}  // namespace evproc::inline EVPROC_ABI

template <> struct std::is_error_code_enum<evproc::errc> : std::true_type {};

// ---- evproc/detail/sequence.hpp
namespace evproc::detail::inline EVPROC_ABI {

/// A slot's number in the global order, from 0, never wrapped: 146 years at 10^9 events a second. Compare by the signed
/// difference: of two read at different times either may be ahead.
using position = std::uint64_t;

/// The highest position handed out; the bits above are flags of the claim position and of the word.
inline constexpr position max_position = (position{1} << 62) - 1;

inline constexpr position no_limit = max_position + 1;

[[nodiscard]] constexpr std::int64_t distance(position a, position b) noexcept {
    return static_cast<std::int64_t>(a - b);
}

/// The word of a record: its end (where the next record starts) and a flag.
struct record_word {
    std::uint64_t bits = 0;

    static constexpr std::uint64_t discarded_bit = 1;

    [[nodiscard]] static constexpr std::uint64_t committed(position end) noexcept { return end << 1; }
    [[nodiscard]] static constexpr std::uint64_t discarded(position end) noexcept { return end << 1 | discarded_bit; }

    [[nodiscard]] constexpr position end() const noexcept { return bits >> 1; }
    [[nodiscard]] constexpr bool is_discarded() const noexcept { return (bits & discarded_bit) != 0; }
    /// A word left by an earlier lap ends at or before `at`.
    [[nodiscard]] constexpr bool is_ready(position at) const noexcept { return distance(end(), at) > 0; }
};

/// A claim's `size` slots from position `at`, or why there are none. Two machine words: returned in registers.
struct claim {
    position at = 0;
    std::uint32_t size = 0;
    errc error = errc::success;

    claim() = default;
    constexpr claim(position first, std::size_t count) noexcept : at{first}, size{static_cast<std::uint32_t>(count)} {}
    constexpr explicit claim(errc reason) noexcept : error{reason} {}
};

/// The claim position, and whether it is final.
struct claims {
    position at;
    bool closed;
};

/// Where a consumer stands. A copy may be moved ahead freely.
struct read_cursor {
    position at = 0;     ///< the next event
    position end = 0;    ///< beyond `at`: the end of the record that holds `at`; otherwise `at` is a record boundary
    position start = 0;  ///< where that record starts
    std::uint64_t discarded = 0;  ///< slots before `at` that were no event, or not the first of their record

    constexpr explicit read_cursor(position first = 0) noexcept : at{first}, end{first}, start{first} {}
    [[nodiscard]] constexpr bool is_in_record() const noexcept { return distance(end, at) > 0; }
};

template <class T> struct run {
    T* data = nullptr;
    std::size_t size = 0;
};

struct occupancy {
    position last_committed_end = 0;
    std::uint64_t committed = 0;
    std::uint64_t discarded = 0;
    std::uint64_t records = 0;  ///< number of the committed records, where the ring can tell
};

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

/// A poll of thousands of events that runs out of pauses goes on without: 4 of them cost 12 %.
inline constexpr unsigned pauses_per_poll = 16;

/// Lets a batch come together when the consumer is faster than its producers: otherwise both fight over the line that is being
/// written, and each event is transferred alone. A consumer that has caught up pauses before it looks again, and then stops
/// where the producers were when the pause ended. Whether that pays is measured: a pause that brought too few events makes the
/// next ones rarer, down to one in 4096 events.
///
/// Latency: a poll pauses only after it delivered something, never when it finds nothing again and again; at most 16 pauses
/// of 256 cpu_relax() (3 to 10 us), while they pay; else one of 32 (0.4 to 1.2 us) in 4096 events. ring_options{.pacing =
/// false} switches it off. Source: this library's; measured in benchmarks/README.md.
class pacer {
public:
    pacer(std::size_t capacity, position first) noexcept
        : good_{static_cast<unsigned>(
              min_of<std::size_t>(max_of(capacity / 4, min_of<std::size_t>(capacity / 2, 32)), 256))},
          caught_up_at_{first},
          quiet_until_{first} {}

    [[nodiscard]] EVPROC_ALWAYS_INLINE position limit() const noexcept { return front_; }
    /// Whether look_again(at) would do nothing, since the consumer has found nothing since it last caught up.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_at_rest(position at) const noexcept {
        return at == caught_up_at_ && !measuring_;
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_paying() const noexcept { return paying_; }

    /// Call when nothing is ready at `at`, or `at` is the limit. True: look again. `front()`: where the producers are, asked
    /// only while pauses pay. `budget`: pauses left to this poll.
    template <class Front>
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool look_again(position at, unsigned& budget, Front front) noexcept {
        bool again = distance(at, front_) >= 0;
        if (distance(at, quiet_until_) >= 0 && (at != caught_up_at_ || measuring_) && budget != 0) [[unlikely]] {
            --budget;
            again |= pause(at);
        }
        if (!again) return false;
        front_ = paying_ ? front() : no_limit;
        if (distance(front_, at) <= 0) front_ = no_limit;
        return true;
    }

private:
    // In cpu_relax(). A shorter pause is over before a cache line has come from another core: it never pays.
    static constexpr unsigned shortest = 32;
    static constexpr unsigned longest = 256;
    static constexpr position most_skipped = 4095;

    EVPROC_COLD bool pause(position at) noexcept {
        position const found = at - std::exchange(caught_up_at_, at);
        if (std::exchange(measuring_, false)) {
            // `found` is what the last pause brought, whatever polls that took.
            if (found < max_of(2U, pauses_ / 8)) {
                paying_ = false;
                pauses_ = max_of(pauses_ / 2, shortest);
                quiet_until_ = at + next_skip_;
                next_skip_ = min_of(2 * next_skip_ + 1, most_skipped);
                if (quiet_until_ != at) return false;
            } else {
                paying_ = true;
                next_skip_ = 0;
                if (found < good_)
                    pauses_ = min_of(2 * pauses_, longest);
                else if (found >= 2 * good_)
                    pauses_ = max_of(pauses_ / 2, shortest);
            }
        }
        if (found == 0) return false;
        brief_pause(pauses_);
        measuring_ = true;
        return true;
    }

    unsigned const good_;         ///< number of events worth a look; twice as many fill a small ring
    unsigned pauses_ = shortest;  ///< length of the next pause, in cpu_relax()
    position front_ = no_limit;   ///< where the producers were when a pause last paid
    position caught_up_at_;       ///< where the consumer last caught up
    position quiet_until_;        ///< no pause before this position
    position next_skip_ = 0;
    bool measuring_ = false;  ///< the last pause has not been judged yet
    bool paying_ = false;
};

class no_pacer {
public:
    constexpr no_pacer(std::size_t, position) noexcept {}
    [[nodiscard]] static constexpr position limit() noexcept { return no_limit; }
    [[nodiscard]] static constexpr bool is_at_rest(position) noexcept { return true; }
    [[nodiscard]] static constexpr bool is_paying() noexcept { return false; }
    template <class Front> [[nodiscard]] static constexpr bool look_again(position, unsigned&, Front) noexcept {
        return false;
    }
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/event_info.hpp
#include <chrono>

namespace evproc::inline EVPROC_ABI {

/// What a handler may ask to know about its event.
struct event_info {
    std::uint64_t sequence = 0;  ///< its position in the global order, from 0
    bool end_of_batch = false;   ///< the last event that is ready now, or that this poll delivers: the moment to flush
};

/// The same from a consumer of several rings, for the event's own ring; the last event of a ring's turn also ends a batch.
struct select_info : event_info {
    std::size_t source = 0;  ///< which ring: the selector's n-th processor, the level, the lane
};

/// What a handler wants next; void means `next`.
enum class event_action {
    next,  ///< the event is consumed; go on
    stop,  ///< the event is consumed; poll returns
    keep,  ///< poll returns; the event stays at the front and comes again
};

/// What is at the front: exact from state() and waiting verbs; poll: `idle` also where blocked, `more` if it stopped early.
enum class poll_state {
    idle,     ///< nothing is ready, and nothing is reserved
    more,     ///< an event is ready, or poll stopped before it had looked: call again
    blocked,  ///< the next slot is reserved and its producer has not committed it yet
    closed,   ///< closed and drained: nothing will ever come
};

struct poll_result {
    std::size_t events = 0;  ///< how many events were consumed
    poll_state state = poll_state::idle;
};

struct run_result {
    std::uint64_t events = 0;     ///< how many events were consumed
    errc reason = errc::success;  ///< errc::closed (everything was consumed) or errc::stopped
};

enum class error_action {
    skip,   ///< the event counts as consumed; go on with the next
    retry,  ///< call the handler again with the same event
    stop,   ///< close the processor, wake the producers, let the exception leave run()
};

/// Counts since construction: exact when nobody acts meanwhile, else each a recent value.
struct processor_stats {
    std::uint64_t committed = 0;   ///< events made visible
    std::uint64_t consumed = 0;    ///< events consumed
    std::uint64_t discarded = 0;   ///< slots given up
    std::uint64_t full_waits = 0;  ///< waiting verbs that found no space at first
    std::uint64_t refused = 0;     ///< try_ verbs that returned errc::full
    std::uint64_t max_depth = 0;   ///< the most slots in use that the consumer has seen
    std::uint64_t parks = 0;       ///< how often a waiting thread, of either side, went to sleep
};

/// The slot that everything behind it waits for.
struct stall_info {
    bool stalled = false;             ///< whether the consumer stands before a slot that is reserved and not committed
    std::uint64_t sequence = 0;       ///< that slot
    std::chrono::nanoseconds age{0};  ///< how long the consumer has found it so (resolution 1 us)

    explicit operator bool() const noexcept { return stalled; }
};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <class H, class Arg> inline constexpr bool takes_info = std::is_invocable_v<H&, Arg, event_info const&>;

template <class H, class Arg>
concept handler_of = takes_info<H, Arg> || std::is_invocable_v<H&, Arg>;

/// std::invoke, without <functional>.
template <class H, class... Args> EVPROC_ALWAYS_INLINE decltype(auto) call(H& handler, Args&&... args) {
    if constexpr (std::is_member_pointer_v<H>)
        return std::apply(handler, std::forward_as_tuple(std::forward<Args>(args)...));
    else
        return handler(std::forward<Args>(args)...);
}

template <class H, class Arg>
EVPROC_ALWAYS_INLINE event_action invoke_handler(H& handler, Arg&& arg, event_info const& info) {
    auto const call = [&]() -> decltype(auto) {
        if constexpr (takes_info<H, Arg>)
            return detail::call(handler, std::forward<Arg>(arg), info);
        else
            return detail::call(handler, std::forward<Arg>(arg));
    };
    using result = decltype(call());
    static_assert(std::is_void_v<result> || std::is_same_v<std::remove_cvref_t<result>, event_action>,
                  "evproc: a handler must return void or evproc::event_action");
    if constexpr (std::is_void_v<result>) {
        call();
        return event_action::next;
    } else {
        return call();
    }
}

/// What a handler gets: each event, each run as one std::span, or the first slot of each record, whose header tells its length.
enum class delivery { events, spans, records };

/// What becomes of a delivered event.
enum class afterwards { destroy, leave };

/// One consumer of a ring: acquire a run of ready events, deliver it, release it; every consumer's verb is made of these. Its
/// cursor and what it has learnt live over polls. It touches no atomic but the words that next_run() reads: its owner publishes
/// the cursor and notifies. One thread at a time. Wait-free for each event.
template <class Ring, class Pacer> class consumer {
    using element_type = typename Ring::element_type;
    using run_type = run<element_type>;

public:
    consumer(std::size_t capacity, position first) noexcept : cursor_{first}, pacer_{capacity, first} {}

    [[nodiscard]] EVPROC_ALWAYS_INLINE read_cursor const& cursor() const noexcept { return cursor_; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE Pacer const& pace() const noexcept { return pacer_; }

    /// The next ready events, side by side, at most `max`, none at or beyond `limit`. Skips what was discarded.
    EVPROC_ALWAYS_INLINE run_type acquire(Ring const& ring, std::size_t max, position limit = no_limit) noexcept {
        return ring.next_run(cursor_, max, limit);
    }

    /// After an acquire() came back empty. Pauses where that pays; true: acquire again.
    EVPROC_ALWAYS_INLINE bool look_again(Ring const& ring, unsigned& budget) noexcept {
        return pacer_.look_again(cursor_.at, budget, [&]() noexcept { return ring.front_approx(); });
    }

    /// Calls `handler` for what acquire() gave, and moves on by what was consumed however it ends: `keep` excludes its event,
    /// an exception does not. `most`: events that the poll may still deliver; the last ends a batch. Records are never cut: the
    /// run may hold more than `most`, and up to a quarter of the ring is delivered at a time.
    template <delivery How, afterwards Then, class Arg = element_type&, class H>
    EVPROC_ALWAYS_INLINE event_action deliver(Ring const& ring, run_type const& run, H& handler, std::size_t most,
                                              position limit = no_limit) {
        using argument = std::conditional_t<How == delivery::spans, std::span<std::remove_reference_t<Arg>>, Arg>;
        constexpr bool with_info = takes_info<H, argument>;
        constexpr bool by_record = How == delivery::records;
        std::size_t step = How == delivery::spans ? run.size : 1;
        std::size_t taken = 0;  // the slots of the current call included
        std::size_t inner = 0;  // those of them that are not the first of their record
        advance<by_record> const moves_on{cursor_, taken, inner};
        event_action action = event_action::next;
        element_type* event = run.data;
        while (taken != run.size) {
            event_info info{cursor_.at + taken, false};
            if constexpr (by_record) {
                step = event->header.units;
                inner += step - 1;
            }
            taken += step;
            bool const is_the_last = by_record && taken - inner == most;
            if constexpr (with_info) {
                if (taken == run.size || is_the_last)
                    info.end_of_batch = taken - inner == most || is_last(ring, taken, limit);
            }
            consumed<Then> done{event, step};
            if constexpr (How == delivery::spans)
                action = invoke_handler(handler, argument{event, step}, info);
            else
                action = invoke_handler(handler, static_cast<argument>(*event), info);
            if (action == event_action::keep) {
                done.count = 0;
                taken -= step;
                if constexpr (by_record) inner -= step - 1;
            }
            if (action != event_action::next) break;
            if constexpr (by_record) {
                if (is_the_last || taken >= ring.view().capacity() / 4) break;
            }
            event = Ring::view_type::next(event, step);
        }
        return action;
    }

    void skip_to(read_cursor const& cursor) noexcept { cursor_ = cursor; }

private:
    template <bool ByRecord> struct advance {
        read_cursor& cursor;
        std::size_t const& taken;
        std::size_t const& inner;
        EVPROC_ALWAYS_INLINE ~advance() {
            cursor.at += taken;
            if constexpr (ByRecord) cursor.discarded += inner;
        }
    };
    template <afterwards Then> struct consumed {
        element_type* event;
        std::size_t count;
        EVPROC_ALWAYS_INLINE ~consumed() {
            if constexpr (Then == afterwards::destroy) std::destroy_n(event, count);
        }
    };

    [[nodiscard]] bool is_last(Ring const& ring, std::size_t count, position limit) const noexcept {
        read_cursor ahead = cursor_;
        ahead.at += count;
        return ring.next_run(ahead, 1, limit).size == 0;
    }

    read_cursor cursor_;
    [[no_unique_address]] Pacer pacer_;
};

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// The events that event_processor::peek() found, in order: a forward range of Event&, read in place. Destruction, also by an
/// exception, destroys the events and frees their slots; release(k) does so with the first k at once; keep() releases nothing,
/// so they come again. The next peek releases what an earlier batch still holds, which is then void: `batch =
/// processor.peek(1)` in a loop is safe. Move-only; for the consumer's thread; must not outlive the processor. No other
/// consumer's verb may be called while it holds events. Wait-free per event.
template <class Ring> class [[nodiscard]] committed_batch {
    using range_type = typename Ring::ready_type;

public:
    using value_type = typename Ring::value_type;
    using iterator = typename range_type::iterator;

    committed_batch() = default;
    committed_batch(Ring& ring, std::size_t max) noexcept : ring_{&ring} {
        if (ring.left() != 0) {
            EVPROC_CHECK(ring.thread().is_this(), "two threads consume from one ring at once");
            ring.template release<detail::afterwards::destroy>(ring.left());
            ring.thread().leave();
        }
        ring.thread().enter();
        events_ = ring.peek(max);
        if (empty()) ring.thread().leave();
    }

    committed_batch(committed_batch&& other) noexcept
        : ring_{other.ring_}, events_{std::exchange(other.events_, range_type{})} {}

    committed_batch& operator=(committed_batch&& other) noexcept {
        if (this != &other) {
            release();
            ring_ = other.ring_;
            events_ = std::exchange(other.events_, range_type{});
        }
        return *this;
    }

    ~committed_batch() { release(); }

    explicit operator bool() const noexcept { return !empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
    [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
    [[nodiscard]] iterator begin() const noexcept { return events_.begin(); }
    [[nodiscard]] iterator end() const noexcept { return events_.end(); }
    /// Precondition: !empty().
    [[nodiscard]] value_type& front() const noexcept { return events_.front(); }
    /// The first event's number in the global order. Precondition: !empty().
    [[nodiscard]] std::uint64_t sequence() const noexcept { return events_.sequence(); }

    /// Destroys the first k events (default: all) and frees their slots; the others stay. Precondition: k <= size().
    void release() noexcept { release(events_.size()); }
    void release(std::size_t k) noexcept {
        if (is_current()) {
            ring_->template release<detail::afterwards::destroy>(k);
            events_ = ring_->rest();
            if (empty()) ring_->thread().leave();
        } else {
            events_ = range_type{};
        }
    }

    /// Empties the range without releasing: its events come again with the next peek.
    void keep() noexcept {
        if (is_current()) {
            ring_->keep();
            ring_->thread().leave();
        }
        events_ = range_type{};
    }

private:
    /// False once a later peek has released what this held.
    [[nodiscard]] bool is_current() const noexcept {
        return !empty() && ring_->left() != 0 && ring_->cursor().at == events_.sequence();
    }

    Ring* ring_ = nullptr;  ///< of interest while there are events
    range_type events_{};
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/consumer_verbs.hpp
#include <exception>
#include <tuple>
#include <type_traits>

// ---- evproc/detail/deadline.hpp
// What ends a wait: deadlines, of durations and of any clock's time points; std::stop_token (libc++: from 18) or a stand-in.

#include <chrono>
#include <version>

// ---- evproc/detail/platform/clock.hpp
#include <chrono>

namespace evproc::detail {

using clock_type = std::chrono::steady_clock;

[[nodiscard]] inline clock_type::time_point now() noexcept { return clock_type::now(); }

}  // namespace evproc::detail

#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

namespace evproc {

using wait_deadline = std::chrono::steady_clock::time_point;

namespace detail {

inline constexpr wait_deadline no_deadline = (wait_deadline::max)();

/// What the _for verbs take: a duration of any type.
struct any_duration {
    wait_deadline until;  ///< now plus it, rounded up to the clock's tick; no_deadline where that does not fit

    template <class Rep, class Period> any_duration(std::chrono::duration<Rep, Period> d) noexcept : until{now()} {
        using ticks = wait_deadline::duration;
        if (!(d > d.zero())) return;
        // As long double, because the conversion itself could overflow.
        using wide = std::chrono::duration<long double, ticks::period>;
        until = wide(d) < wide(no_deadline - until) ? until + std::chrono::ceil<ticks>(d) : no_deadline;
    }
};

/// What the _until verbs take: a time point of any clock; time_point::max(): no deadline.
struct any_time_point {
    wait_deadline until;

    any_time_point(wait_deadline t) noexcept : until{t} {}
    template <class Clock, class Duration>
    any_time_point(std::chrono::time_point<Clock, Duration> t) noexcept : until{no_deadline} {
        if (t == (std::chrono::time_point<Clock, Duration>::max)()) return;
        using wide = std::chrono::duration<long double, std::nano>;
        until = any_duration{wide(t.time_since_epoch()) - wide(Clock::now().time_since_epoch())}.until;
    }
};

struct never_stops {
    [[nodiscard]] static constexpr bool stop_requested() noexcept { return false; }
};

/// Calls a wait strategy's notify() when a stop is requested.
template <class Stop, class Wait> class stop_notifier {
public:
    stop_notifier(Stop const&, Wait&) noexcept {}
};

#if defined(__cpp_lib_jthread)
using stop_token = std::stop_token;

template <class Wait> class stop_notifier<std::stop_token, Wait> {
public:
    stop_notifier(std::stop_token const& stop, Wait& wait) : callback_{stop, call{&wait}} {}

private:
    struct call {
        Wait* wait;
        void operator()() const noexcept { wait->notify(); }
    };
    std::stop_callback<call> callback_;
};
#else
struct stop_token : never_stops {
    stop_token() = delete;
};
#endif

}  // namespace detail
}  // namespace evproc

// ---- evproc/detail/ring.hpp
#include <span>
#include <type_traits>
#include <utility>

// ---- evproc/detail/consumer_position.hpp
// How far one consumer has come, and on which thread. One writer, any number of readers. Wait-free.
//   E2  publish -> consumed: the reader sees the consumer's last reads and destructions, and the partial_end_ with it.
//   X1  everywhere below: of the thread only "this very one" matters, which sees its own stores; hints promise a recent value,
//       statistics carry no data; E2 carries partial_end_ where it matters.

// ---- evproc/detail/cache_line.hpp
// Keeps data apart. Not std::hardware_destructive_interference_size: that varies with tuning flags, so translation units could
// disagree about a layout. 64 suits x86 and most Arm cores (128 was measured and gained nothing), 128 Apple's and POWER.
#ifndef EVPROC_CACHE_LINE_SIZE
#if (defined(__APPLE__) && defined(__aarch64__)) || defined(__powerpc64__)
#define EVPROC_CACHE_LINE_SIZE 128
#elif defined(__s390x__)
#define EVPROC_CACHE_LINE_SIZE 256
#else
#define EVPROC_CACHE_LINE_SIZE 64
#endif
#endif

namespace evproc::detail {

inline constexpr std::size_t cache_line_size = EVPROC_CACHE_LINE_SIZE;

/// For data that its owner writes all the time: x86 fetches lines in pairs.
inline constexpr std::size_t false_sharing_range = 2 * cache_line_size;

static_assert(cache_line_size >= 16 && (cache_line_size & (cache_line_size - 1)) == 0,
              "evproc: EVPROC_CACHE_LINE_SIZE must be a power of two of at least 16 bytes");

/// Fetches the line of `p` for writing. In assembly for x86, where compilers make __builtin_prefetch(p, 1) a prefetch for
/// reading without -mprfchw: the write would still wait.
inline void prefetch_for_write([[maybe_unused]] void const* p) noexcept {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    asm volatile("prefetchw %0" : : "m"(*static_cast<char const*>(p)));
#elif defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p, 1, 3);
#endif
}

/// Inlined always: g++ 12 takes a call of a function that only prefetches for one without effect, and drops it.
EVPROC_ALWAYS_INLINE void prefetch_for_read([[maybe_unused]] void const* p) noexcept {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p);
#endif
}

}  // namespace evproc::detail

// ---- evproc/detail/platform/atomic.hpp
// The only include of <atomic>. tests/model puts files of these names (asymmetric_fence, futex, cpu, thread, clock too) first
// on the include path and explores the library under the C++ memory model.

#include <atomic>
#include <cstdint>

namespace evproc::detail {

template <class T> using atomic = std::atomic<T>;

#ifndef EVPROC_ALLOW_LOCKED_ATOMICS
static_assert(std::atomic<std::uint64_t>::is_always_lock_free,
              "evproc: 64-bit atomics take a lock on this target, so nothing here would be lock-free; choose a target "
              "that has them (for x86: -march=i586 or newer), or define EVPROC_ALLOW_LOCKED_ATOMICS to accept it");
#endif

}  // namespace evproc::detail

// ---- evproc/detail/platform/thread.hpp
namespace evproc::detail {

using thread_token = std::uintptr_t;

/// Unique among live threads, not 0: the address of a thread-local object, as asking the system would be a call.
[[nodiscard]] inline thread_token this_thread_token() noexcept {
    static thread_local constinit char anchor = 0;
    return reinterpret_cast<thread_token>(&anchor);
}

/// Where this thread's last claim ended, and in which ring: sooner at hand than the line that it has just written. The TLS
/// model is the compiler's: initial-exec uses up a table of fixed size, and then dlopen() refuses the library.
class claim_hint {
public:
#if defined(__ELF__) && !defined(__ANDROID__) && (defined(__GNUC__) || defined(__clang__))
    template <class Otherwise>
    [[nodiscard]] EVPROC_ALWAYS_INLINE static std::uint64_t get(void const* ring, Otherwise otherwise) noexcept {
        if (here.ring == ring) [[likely]]
            return here.end;
        return otherwise();
    }
    EVPROC_ALWAYS_INLINE static void set(void const* ring, std::uint64_t end) noexcept { here = {ring, end}; }

private:
    struct last_claim {
        void const* ring;
        std::uint64_t end;
    };
    static inline constinit thread_local last_claim here{};
#else  // thread-local storage is dear
    template <class Otherwise> [[nodiscard]] static std::uint64_t get(void const*, Otherwise otherwise) noexcept {
        return otherwise();
    }
    static void set(void const*, std::uint64_t) noexcept {}
#endif
};

}  // namespace evproc::detail

namespace evproc::detail::inline EVPROC_ABI {

/// Which thread consumes: a blocking reserve() on it fails, not deadlocks; checked builds report a second one. Wait-free.
class consuming_thread {
public:
    /// This thread holds events that it has not released.
    void set_holder() noexcept { holder_.store(this_thread_token(), std::memory_order_relaxed); }
    void clear_holder() noexcept { holder_.store(0, std::memory_order_relaxed); }
    [[nodiscard]] bool is_this() const noexcept {
        return holder_.load(std::memory_order_relaxed) == this_thread_token();
    }

    void enter() noexcept {
        if constexpr (EVPROC_CHECKED == 0) return;
        thread_token nobody = 0;
        [[maybe_unused]] bool const alone = inside_.compare_exchange_strong(
            nobody, this_thread_token(), std::memory_order_relaxed, std::memory_order_relaxed);
        EVPROC_CHECK(
            alone || nobody != this_thread_token(),
            "a consumer's verb was called from inside a handler, or while this thread holds a committed_batch");
        EVPROC_CHECK(alone, "two threads consume from one ring at once");
    }
    void leave() noexcept {
        if constexpr (EVPROC_CHECKED != 0) inside_.store(0, std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_entered() const noexcept { return inside_.load(std::memory_order_relaxed) != 0; }

private:
    atomic<thread_token> holder_{0};
    atomic<thread_token> inside_{0};  ///< in checked builds
};

/// The calling thread consumes while this lives.
class consumer_scope {
public:
    EVPROC_ALWAYS_INLINE explicit consumer_scope(consuming_thread& thread) noexcept : thread_{thread} {
        thread_.enter();
        thread_.set_holder();
    }
    EVPROC_ALWAYS_INLINE ~consumer_scope() {
        thread_.clear_holder();
        thread_.leave();
    }
    consumer_scope(consumer_scope const&) = delete;
    consumer_scope& operator=(consumer_scope const&) = delete;

private:
    consuming_thread& thread_;
};

class consumer_position {
public:
    explicit consumer_position(position first) noexcept : consumed_{first} {}

    [[nodiscard]] consuming_thread& thread() noexcept { return thread_; }

    EVPROC_ALWAYS_INLINE void publish(read_cursor const& c) noexcept {
        if (c.is_in_record()) [[unlikely]]
            partial_end_.store(c.end, std::memory_order_relaxed);
        if (c.discarded != discarded_.load(std::memory_order_relaxed)) [[unlikely]]
            discarded_.store(c.discarded, std::memory_order_relaxed);
        // E2 release: reads and destructions of everything before it happen before its next use.
        consumed_.store(c.at, std::memory_order_release);
    }

    [[nodiscard]] bool is_consuming_here() const noexcept { return thread_.is_this(); }

    /// Everything before this is consumed, and the consumer's work on it is visible.
    [[nodiscard]] position consumed() const noexcept {
        // E2 acquire: the consumer's work on everything before this position.
        return consumed_.load(std::memory_order_acquire);
    }

    [[nodiscard]] static constexpr bool is_abandoned() noexcept { return false; }

    [[nodiscard]] EVPROC_ALWAYS_INLINE position consumed_approx() const noexcept {
        return consumed_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t discarded_approx() const noexcept { return discarded_.load(std::memory_order_relaxed); }
    /// Where the record ends that was last consumed in part.
    [[nodiscard]] position partial_end() const noexcept { return partial_end_.load(std::memory_order_relaxed); }

private:
    alignas(false_sharing_range) atomic<position> consumed_;
    atomic<position> partial_end_{0};
    atomic<std::uint64_t> discarded_{0};
    consuming_thread thread_;
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/detail/producers.hpp
#include <type_traits>
#include <utility>

// ---- evproc/detail/storage.hpp
// Storage: the words by which records are committed, and raw memory for the elements. The rings do the ordering.

#include <bit>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <type_traits>

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

// ---- evproc/detail/mpsc_ring.hpp
namespace evproc::detail::inline EVPROC_ABI {

/// THE PROTOCOL: a bounded queue of records from many producers, read in the order of reservation.
///
/// A producer claims positions [p, p+n) by CAS when there is space, writes its elements, and commits by one store into the word
/// of p: the position where the record ends. A consumer at c reads the word of c: the record is ready if and only if its end is
/// beyond c. A word of an earlier lap ends at or before c, so nothing is ever reset and a consumer writes no slot. Discard is
/// the same store with a flag. The consumer publishes how far it has come; that makes space.
///
/// Variables (written by -> read by)
///   next_to_reserve_  producers, close() -> all             bit 63: closed
///   limit_            producers -> producers                a copy of the gate's position + capacity, never ahead of it
///   words             the producer that owns the record -> consumers
///   elements          the producer that owns the record -> consumers -> the next lap's producer
///   gate_             consumers -> producers                everything before it is free (E2 of consumer_position.hpp)
/// Edges: if the acquire reads what the release stored, then ...
///   E1  commit, discard -> next_run: the consumer sees the elements, and the rest-word of a prefix; and, through E2, the next
///       lap's producer sees that a discarding one is done with its elements.
///   E3  refresh_limit -> claim_slots: the gate's E2, for a producer that learns of the space from another one's refresh of limit_.
///   E4  close -> claimed: a thread that is told "closed" sees what the closing thread did before.
///   E5  claim_slots -> claim_slots: a producer that sees a claim also sees the consumer position that allowed it. Prevents a
///       spurious "full".
/// Relaxed, because
///   X1  next_to_reserve_ hands out numbers: E1 and E2 carry the memory. A stale value, as a claim_hint may be, costs a failed
///       CAS or a refresh in refresh_limit(): positions are compared by signed difference, and "full" is said after both were read (E5).
///   X2  is_closed() and the hints promise a recent value only.
///   X3  statistics carry no data; each producer sees its own claims in count() by coherence.
///   X4  is_ready() only ends a wait or starts a prefetch: next_run() reads the word again, by coherence no older value.
///   X5  the rest-word of a prefix: the commit that follows carries it to next_run().
///   X6  count() reads no elements. A word of a later lap only says that the consumer has passed the slot (E2).
/// Invariants (tests/model)
///   I1  at + n <= gate + capacity for every claim [at, at + n)                      "full ring"
///   I2  words change only between a claim and its commit or discard, by its owner   "two laps"
///   I3  no position is claimed after close() has set the flag                       "close"
///
/// Progress: claim_slots lock-free; commit, discard and close wait-free; next_run wait-free for each record.
/// Sources: claim and cached limit: DPDK's rte_ring, Aeron's many-to-one ring; sequence words: D. Vyukov's bounded queue, the
/// LMAX Disruptor. Records that name their end are this library's.
template <class View, class Gate = consumer_position> class mpsc_ring {
public:
    using view_type = View;
    using element_type = typename View::element_type;
    using run_type = run<element_type>;
    using gate_type = Gate;

    mpsc_ring(std::size_t capacity, position first)
        : slots_{capacity}, next_to_reserve_{first}, limit_{first + view().capacity()}, gate_{first} {}

    [[nodiscard]] View const& view() const noexcept { return slots_.view(); }
    [[nodiscard]] Gate& gate() noexcept { return gate_; }
    [[nodiscard]] Gate const& gate() const noexcept { return gate_; }

    // ---- producers: any thread ----

    /// Claims `most` slots, or at least `least` if there is no space for more; 1 <= least <= most <= max_batch. errc::full: at
    /// some instant of the call fewer than `least` were free; errc::closed.
    EVPROC_ALWAYS_INLINE claim claim_slots(std::size_t least, std::size_t most) noexcept {
        // X1 relaxed: the CAS decides.
        std::uint64_t at =
            claim_hint::get(this, [&]() noexcept { return next_to_reserve_.load(std::memory_order_relaxed); });
        for (;;) {
            if (at > max_position) [[unlikely]]
                return claim{errc::closed};
            // E3 acquire: what refresh_limit() knew when it stored the limit.
            position limit = limit_.load(std::memory_order_acquire);
            std::int64_t free = distance(limit, at);
            if (free < static_cast<std::int64_t>(most)) [[unlikely]] {
                // E5 acquire: whoever made this claim had seen the space for it, and so does refresh_limit() now.
                at = next_to_reserve_.load(std::memory_order_acquire);
                if (at > max_position) return claim{errc::closed};
                limit = refresh_limit(limit);
                free = distance(limit, at);
                if (free < static_cast<std::int64_t>(least)) return claim{errc::full};
            }
            std::size_t size = most;
            if (least != most && free < static_cast<std::int64_t>(most)) size = static_cast<std::size_t>(free);
            // E5 release, X1 relaxed: hands on what was known of the space; failure goes round with the value it saw.
            if (next_to_reserve_.compare_exchange_weak(at, at + size, std::memory_order_release,
                                                       std::memory_order_relaxed)) [[likely]] {
                claim_hint::set(this, at + size);
                slots_.prefetch_ahead(at, limit);
                return {at, size};
            }
        }
    }

    EVPROC_ALWAYS_INLINE void commit(claim const& c, std::size_t built) noexcept {
        if (built != c.size) {
            if (built == 0) return discard(c);
            // X5 relaxed: the commit below carries it.
            view().word(c.at + built).store(record_word::discarded(c.at + c.size), std::memory_order_relaxed);
        }
        // E1 release: publishes the elements, and the rest-word, to next_run().
        view().word(c.at).store(record_word::committed(c.at + built), std::memory_order_release);
    }

    void discard(claim const& c) noexcept {
        // E1 release: whatever was built and destroyed here happens before the slots' next use.
        view().word(c.at).store(record_word::discarded(c.at + c.size), std::memory_order_release);
    }

    void close() noexcept {
        // E4 release: what the closing thread did before is seen by whoever is told that this is the end.
        next_to_reserve_.fetch_or(closed_bit, std::memory_order_release);
    }

    [[nodiscard]] bool is_closed() const noexcept {
        // X2 relaxed: a hint.
        return next_to_reserve_.load(std::memory_order_relaxed) > max_position;
    }

    // ---- consumers ----

    /// The next ready events at `c` that lie side by side: the rest of one record, or records of one event each; at most `most`
    /// (not 0), none at or beyond `limit`. Empty if the record at `c.at` is not committed. Moves `c` over discarded records
    /// only; a consumer of k events adds k to `c.at`.
    EVPROC_ALWAYS_INLINE run_type next_run(read_cursor& c, std::size_t most, position limit) const noexcept {
        auto const v = view();
        position const at = c.at;
        if (c.is_in_record() || distance(limit, at) <= 0) [[unlikely]]
            return next_record(c, most, limit);
        // E1 acquire: the elements of this record, and what its producer did before.
        record_word word{v.word(at).load(std::memory_order_acquire)};
        if (word.bits != record_word::committed(at + 1)) {
            if (!word.is_ready(at)) [[likely]]
                return {};
            return next_record(c, most, limit);
        }
        std::size_t bound = v.capacity() - v.index(at);
        if (bound > run_length) bound = run_length;
        if (bound > most) bound = most;
        if (bound > limit - at) bound = static_cast<std::size_t>(limit - at);
        if constexpr (View::fetch_ahead != 0) {
            // Only if it is committed; otherwise its line would be taken from the producer.
            if (read_cursor const later{at + View::fetch_ahead}; most == 1 && is_ready(later)) v.fetch(later.at);
        }
        std::size_t size = 1;
        for (; size != bound; ++size) {
            // E1 acquire: as above, for the next record.
            word.bits = v.word(at + size).load(std::memory_order_acquire);
            if (word.bits != record_word::committed(at + size + 1)) break;
        }
        return {v.element(at), size};
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_ready(read_cursor const& c) const noexcept {
        if (c.is_in_record()) return true;
        // X4 relaxed: next_run() acquires.
        return record_word{view().word(c.at).load(std::memory_order_relaxed)}.is_ready(c.at);
    }

    [[nodiscard]] claims claimed() const noexcept {
        // E4 acquire: pairs with close().
        std::uint64_t const r = next_to_reserve_.load(std::memory_order_acquire);
        return {r & ~closed_bit, (r & closed_bit) != 0};
    }

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] EVPROC_ALWAYS_INLINE position claimed_approx() const noexcept {
        // X2 relaxed: a hint.
        return next_to_reserve_.load(std::memory_order_relaxed) & ~closed_bit;
    }
    /// Where a consumer stops rather than run into the line that is being written.
    [[nodiscard]] EVPROC_ALWAYS_INLINE position front_approx() const noexcept { return claimed_approx(); }

    [[nodiscard]] bool is_uncommitted_approx(position at, position partial_end) const noexcept {
        if (distance(partial_end, at) > 0 || distance(claimed_approx(), at) <= 0) return false;
        // X3 relaxed: a statistic.
        return !record_word{view().word(at).load(std::memory_order_relaxed)}.is_ready(at);
    }

    /// Counts what is claimed and not consumed, from `at`, the consumer's position. Exact when nobody acts meanwhile; includes
    /// the calling thread's commits. Lock-free; takes time in proportion to what the ring holds.
    [[nodiscard]] occupancy count(position at, position partial_end) const noexcept {
        position const claimed = claimed_approx();
        occupancy result{at, 0, 0};
        for (;;) {
            if (distance(partial_end, at) > 0) {
                result.committed += partial_end - at;
                ++result.records;
                result.last_committed_end = at = partial_end;
            }
            for (;;) {
                if (distance(claimed, at) <= 0) return result;
                // X6 relaxed: a word of a later lap is not trusted.
                record_word const word{view().word(at).load(std::memory_order_relaxed)};
                std::int64_t const size = distance(word.end(), at);
                if (size > static_cast<std::int64_t>(view().capacity())) break;
                if (size <= 0) {
                    ++at;  // not a committed record's first slot
                    continue;
                }
                at = word.end();
                (word.is_discarded() ? result.discarded : result.committed) += static_cast<std::uint64_t>(size);
                if (!word.is_discarded()) {
                    ++result.records;
                    result.last_committed_end = at;
                }
            }
            // The slot belongs to a later lap: the consumer has passed it, perhaps within a record. Go on from where it is.
            while (distance(gate_.consumed(), at) <= 0) cpu_relax();
            at = gate_.consumed();
            partial_end = gate_.partial_end();
        }
    }

private:
    /// next_run() where a record of several events, or a discarded one, stands at `c` or holds it.
    EVPROC_NOINLINE run_type next_record(read_cursor& c, std::size_t most, position limit) const noexcept {
        while (!c.is_in_record()) {
            if (distance(limit, c.at) <= 0) return {};
            // E1 acquire: as in next_run().
            record_word const word{view().word(c.at).load(std::memory_order_acquire)};
            if (!word.is_ready(c.at)) return {};
            c.start = c.at;
            c.end = word.end();
            if (!word.is_discarded()) break;
            c.discarded += c.end - c.at;
            c.at = c.end;
        }
        if (distance(limit, c.at) <= 0) return {};
        std::size_t const size = static_cast<std::size_t>(min_of(c.end, limit) - c.at);
        return {view().element(c.start, static_cast<std::size_t>(c.at - c.start)), min_of(size, most)};
    }

    static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63;
    /// Longest run of single events: their words and elements are still in the nearest cache when they are delivered.
    static constexpr std::size_t run_length = 64;

    /// Asks the consumers how far they have come, and tells the other producers.
    EVPROC_COLD position refresh_limit(position known) noexcept {
        // The gate's E2: the consumers have let go of everything before this position.
        position const limit = gate_.consumed() + view().capacity();
        // E3 release: hands on what the acquire above saw. Going back behind a newer limit only costs another refresh.
        if (limit != known) limit_.store(limit, std::memory_order_release);
        return limit;
    }

    alignas(cache_line_size) slots<View> slots_;
    // Written and read by producers; a consumer looks only when a pause has paid, or to tell its state.
    alignas(cache_line_size) atomic<std::uint64_t> next_to_reserve_;
    atomic<position> limit_;
    Gate gate_;
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/detail/signals.hpp
namespace evproc::detail::inline EVPROC_ABI {

/// What a waiting consumer is told besides events: close() and wake(). On a line of its own, so that a spinning consumer stays
/// off the claims' line. Wait-free.
///   E1  raise_wake -> take_wake: a consumer whose wait ends by wake() sees what was done before wake().
///   X1  a hint: the closed flag says that the ring's own is worth a look (the notification after it orders the two for a
///       consumer about to sleep); the wake flag is taken by the exchange that E1 orders.
class signals {
public:
    void raise_closed() noexcept {
        // X1 relaxed: a hint.
        closed_.store(true, std::memory_order_relaxed);
    }
    [[nodiscard]] bool closed() const noexcept {
        // X1 relaxed: a hint.
        return closed_.load(std::memory_order_relaxed);
    }

    void raise_wake() noexcept {
        // E1 release: to take_wake().
        wake_.store(1, std::memory_order_release);
    }
    /// True once for the wake() calls since the last call.
    [[nodiscard]] bool take_wake() noexcept {
        // X1 relaxed: the exchange below decides.
        if (wake_.load(std::memory_order_relaxed) == 0) [[likely]]
            return false;
        // E1 acquire: from raise_wake().
        return wake_.exchange(0, std::memory_order_acquire) != 0;
    }

private:
    alignas(cache_line_size) atomic<bool> closed_{false};
    atomic<std::uint32_t> wake_{0};  // not a byte, whose exchange is a call into libatomic on RISC-V
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/detail/platform/asymmetric_fence.hpp
// A pair of fences of which the frequent side costs nothing; the library's only stand-alone fences. Between two threads that
// each store to one variable and then load the other's, light() on one side and heavy() on the other forbid that both loads
// miss both stores, as two seq_cst fences would. Where the system has a barrier for a whole process, light() is a compiler
// barrier, and heavy() makes every running thread of the process execute a full barrier: the private expedited membarrier of
// Linux (0.1 to 1 us), FlushProcessWriteBuffers of Windows. Elsewhere, under wine, or with EVPROC_NO_MEMBARRIER, both are
// seq_cst fences. All data travels over release and acquire, so ThreadSanitizer needs no fences. membarrier may be refused
// later (a sandbox). heavy() sees that and makes both sides seq_cst fences for good. A thread may have run light() just
// before, without a fence: its store is in a store buffer for less than a microsecond, or until it is descheduled; the first
// heavy() waits 10 ms, so nothing is lost. Source: folly's asymmetricLightBarrier; C++ paper P1202.
//   X1  light() needs the compiler only: heavy() supplies the processor's half.
//   X2  around the system's barrier the compiler must not move accesses; the barrier itself orders memory.
//   X3  the mode carries no data: see above for what may be missed while it changes.
//   S1  without such a barrier: of two threads that store, fence and load, one load sees the other thread's store.

#include <chrono>

#if defined(__linux__) && !defined(EVPROC_NO_MEMBARRIER) && __has_include(<linux/membarrier.h>)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(SYS_membarrier)
#define EVPROC_HAS_MEMBARRIER 1
#endif
#elif defined(_WIN32) && !defined(EVPROC_NO_MEMBARRIER)
#define EVPROC_HAS_FLUSH_PROCESS 1
struct HINSTANCE__;  // what a handle of <windows.h> points to
#endif

namespace evproc::detail::inline EVPROC_ABI {

// Whether the system has a barrier for a whole process, asked once; and that barrier: false where it is refused.
#if defined(EVPROC_HAS_MEMBARRIER)
[[nodiscard]] inline bool has_process_barrier() noexcept {
    // Registration lasts for the process and is inherited over fork.
    static bool const registered = ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
    return registered;
}
[[nodiscard]] inline bool process_barrier() noexcept {
    return ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}
#elif defined(EVPROC_HAS_FLUSH_PROCESS)
// As <processthreadsapi.h> and <libloaderapi.h> declare them, so that a program may include both.
extern "C" {
#if defined(NO_STRICT)
using module_handle = void*;
#else
using module_handle = ::HINSTANCE__*;
#endif
using system_function = std::intptr_t(__stdcall*)();
__declspec(dllimport) void __stdcall FlushProcessWriteBuffers();
__declspec(dllimport) module_handle __stdcall GetModuleHandleA(char const* name);
__declspec(dllimport) system_function __stdcall GetProcAddress(module_handle module, char const* name);
}
[[nodiscard]] inline bool has_process_barrier() noexcept {
    // Wine has the function, but up to version 8.0 at least it does nothing.
    static bool const is_windows = GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") == nullptr;
    return is_windows;
}
[[nodiscard]] inline bool process_barrier() noexcept {
    FlushProcessWriteBuffers();
    return true;
}
#else
[[nodiscard]] inline bool has_process_barrier() noexcept { return false; }
[[nodiscard]] inline bool process_barrier() noexcept { return false; }
#endif

class asymmetric_fence {
public:
    // X3 relaxed: whoever misses the refusal learns it from heavy().
    asymmetric_fence() noexcept
        : mode_{has_process_barrier() && !is_refused_.load(std::memory_order_relaxed) ? asymmetric : symmetric} {}
    asymmetric_fence(asymmetric_fence const&) = delete;
    asymmetric_fence& operator=(asymmetric_fence const&) = delete;

    /// The frequent side: after its store, before its load.
    void light() const noexcept {
        // X1 signal: orders the compiler only; heavy() supplies the processor's half.
        std::atomic_signal_fence(std::memory_order_seq_cst);
        // X3 relaxed: the mode.
        if (mode_.load(std::memory_order_relaxed) != asymmetric) [[unlikely]]
            full();
    }

    /// The rare side: after its store, before its load.
    void heavy() const noexcept {
        // X3 relaxed: the mode.
        if (mode_.load(std::memory_order_relaxed) == symmetric) return full();
        // X2 signal: the system's barrier orders memory; the compiler must not move accesses over the call.
        std::atomic_signal_fence(std::memory_order_seq_cst);
        bool const done = process_barrier();
        // X2 signal: likewise after it.
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if (!done) [[unlikely]]
            become_symmetric();
    }

private:
    enum : unsigned char { asymmetric, changing, symmetric };

    /// Out of line: the hot path with membarrier holds no fence instruction.
    EVPROC_COLD static void full() noexcept {
#if defined(__SANITIZE_THREAD__) && (defined(__x86_64__) || defined(__i386__))
        // g++ refuses stand-alone fences under ThreadSanitizer (-Wtsan). Any locked instruction is a full barrier here.
        static constinit std::atomic<int> any{0};
        // S1 seq_cst: stands for the fence below.
        any.fetch_add(1, std::memory_order_seq_cst);
#else
        // S1 seq_cst: either this side's load sees the other side's store, or the other side's load sees this one's.
        std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
    }

    /// Returns when each light() that was no fence is long over. Concurrent calls of heavy() wait as long.
    EVPROC_COLD void become_symmetric() const noexcept {
        // X3 relaxed: the mode; the fence makes both visible before the pause begins.
        is_refused_.store(true, std::memory_order_relaxed);
        mode_.store(changing, std::memory_order_relaxed);
        full();
        // By the clock, because a sandbox may refuse to yield as well.
        for (auto const start = now(); now() - start < std::chrono::milliseconds{10};) yield_thread();
        // X3 relaxed: the mode.
        mode_.store(symmetric, std::memory_order_relaxed);
        full();
    }

    // One for each fence, because it stands in the line that light()'s caller reads anyway.
    mutable std::atomic<unsigned char> mode_;
    static inline constinit std::atomic<bool> is_refused_{false};
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/detail/spsc_ring.hpp
namespace evproc::detail::inline EVPROC_ABI {

/// The protocol for one producer with one live reservation: no words, no read-modify-writes. The producer publishes what it has
/// committed, the consumer what it has consumed; a discard returns slots and leaves no gap. Interface of mpsc_ring. Batches are
/// contiguous by storage beyond the capacity: for each lap the producer notes how many of its first elements lie beyond the
/// end; two notes suffice, as unconsumed records meet at most two ends.
/// Variables (written by -> read by)
///   committed_, gate_ producer -> consumer, and back        gate_'s E2 hands slots back (consumer_position.hpp)
///   reserved_         producer -> consumer                  beyond committed_ while a reservation is live
///   spilled_          producer -> consumer                  plain: travels with E1, back with E2
///   closing_, closed_ any thread -> producer; consumer
///   discarded_, owner_ producer -> all                      statistic; checked builds
/// Edges: if the acquire reads what the release stored, then ...; relaxations; invariants (tests/model)
///   E1  commit -> next_run: the consumer sees the elements, spilled_ and the reserved_ that goes with them.
///   E4  close -> claimed: the reader of "closed" sees what the closing thread did before, and (E5) the last reservation.
///   E5  claim_slots -> close: light fence between reserved_ and closing_, heavy fence between closing_ and closed_.
///       Either the claim sees closing_ and is taken back, or the reader of closed_ sees reserved_.
///   X1  reserved_ and closing_ are ordered by E5's fences, and by E1 where both travel.
///   X3  is_closed() and the hints promise a recent value only.
///   X4  statistics carry no data.
///   X5  is_ready() only ends a wait; next_run() reads committed_ again, by coherence no older value.
///   I1  at + n <= gate + capacity for every claim [at, at + n)                  "single producer"
///   I3  no claim succeeds that a consumer told "closed" could miss              "single close"
/// Wait-free. Source: Lamport's one-reader-one-writer ring with the cached positions of rigtorp's SPSCQueue.
template <class View> class spsc_ring {
public:
    using view_type = View;
    using element_type = typename View::element_type;
    using run_type = run<element_type>;
    using gate_type = consumer_position;

    spsc_ring(std::size_t capacity, position first)
        : slots_{capacity},
          next_{first},
          limit_{first + view().capacity()},
          reserved_{first},
          committed_{first},
          gate_{first} {}

    [[nodiscard]] View const& view() const noexcept { return slots_.view(); }
    [[nodiscard]] gate_type& gate() noexcept { return gate_; }
    [[nodiscard]] gate_type const& gate() const noexcept { return gate_; }

    EVPROC_ALWAYS_INLINE claim claim_slots(std::size_t least, std::size_t most) noexcept {
        [[maybe_unused]] producer_check const check{*this};
        if (live_) [[unlikely]]
            return claim{is_closed() ? errc::closed : errc::busy};
        std::int64_t free = distance(limit_, next_);
        if (free < static_cast<std::int64_t>(most)) [[unlikely]] {
            // The gate's E2: the consumer has left everything before this position.
            limit_ = gate_.consumed() + view().capacity();
            free = distance(limit_, next_);
            if (free < static_cast<std::int64_t>(least)) return claim{is_closed() ? errc::closed : errc::full};
        }
        std::size_t size = most;
        if (least != most && free < static_cast<std::int64_t>(most)) size = static_cast<std::size_t>(free);
        // X1 relaxed: E5's light fence follows.
        reserved_.store(next_ + size, std::memory_order_relaxed);
        fence_.light();  // E5
        if (is_closed()) [[unlikely]] {
            // X1 relaxed: the consumer only waits for it to be equal to committed_.
            reserved_.store(next_, std::memory_order_relaxed);
            return claim{errc::closed};
        }
        live_ = true;
        slots_.prefetch_ahead(next_, limit_);
        return {next_, size};
    }

    EVPROC_ALWAYS_INLINE void commit(claim const& c, std::size_t built) noexcept {
        if (built != c.size) {
            if (built == 0) return discard(c);
            shrink_claim(c.at + built, c.size - built);
        }
        next_ = c.at + built;
        live_ = false;
        clear_owner();
        position const lap_end = next_ & ~static_cast<position>(view().capacity() - 1);
        if (lap_end > c.at) [[unlikely]]
            spilled_[note(lap_end)] = static_cast<std::size_t>(next_ - lap_end);
        // E1 release: publishes the elements, the note and reserved_ to next_run().
        committed_.store(next_, std::memory_order_release);
    }

    void discard(claim const& c) noexcept {
        live_ = false;
        clear_owner();
        shrink_claim(c.at, c.size);
    }

    void close() noexcept {
        // X1 relaxed: E5's heavy fence follows.
        closing_.store(true, std::memory_order_relaxed);
        fence_.heavy();  // E5
        // E4 release: no claim can succeed from here on that claimed() would not see.
        closed_.store(true, std::memory_order_release);
    }

    [[nodiscard]] bool is_closed() const noexcept {
        // X1 relaxed: E5's light fence stands before it where it decides. X3 elsewhere.
        return closing_.load(std::memory_order_relaxed);
    }

    /// All that is committed counts as one record.
    EVPROC_ALWAYS_INLINE run_type next_run(read_cursor& c, std::size_t most, position limit) const noexcept {
        if (!c.is_in_record()) {
            // E1 acquire: the elements and notes before this position.
            c.end = committed_.load(std::memory_order_acquire);
        }
        position until = min_of(c.end, limit);
        if (distance(until, c.at) <= 0) return {};
        if (until - c.at > most) until = c.at + most;
        position const capacity = view().capacity();
        position const lap = c.at & ~(capacity - 1);
        position const lap_end = lap + capacity;
        auto const run_to = [&](position end, std::size_t offset = 0) noexcept -> run_type {
            return {view().element(c.at, offset), static_cast<std::size_t>(min_of(until, end) - c.at)};
        };
        if (view().max_batch() == 1) return run_to(lap_end);  // nothing is spilled
        position const spilled_end = lap + spilled_[note(lap)];
        if (c.at < spilled_end) [[unlikely]]
            return run_to(spilled_end, view().capacity());
        return run_to(until > lap_end ? lap_end + spilled_[note(lap_end)] : until);
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_ready(read_cursor const& c) const noexcept {
        // X5 relaxed: next_run() acquires.
        return c.is_in_record() || committed_.load(std::memory_order_relaxed) != c.at;
    }

    [[nodiscard]] claims claimed() const noexcept {
        // E4 acquire: pairs with close(); read first, so that reserved_ is final if this is set.
        bool const closed = closed_.load(std::memory_order_acquire);
        // X1 relaxed: E4 and E5 make it the last one where that matters.
        return {reserved_.load(std::memory_order_relaxed), closed};
    }

    [[nodiscard]] position claimed_approx() const noexcept {
        // X3 relaxed: a hint.
        return reserved_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE position front_approx() const noexcept {
        // X3 relaxed: a hint; next_run() acquires.
        return committed_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_uncommitted_approx(position at, position) const noexcept {
        // X4 relaxed: a statistic.
        return committed_.load(std::memory_order_relaxed) == at && claimed_approx() != at;
    }
    /// Returned slots were never claimed; discarded_ counts them.
    [[nodiscard]] occupancy count(position at, position) const noexcept {
        // X4 relaxed: a statistic; each thread sees its own commits by coherence.
        position const committed = committed_.load(std::memory_order_relaxed);
        return {committed, distance(committed, at) > 0 ? committed - at : 0,
                discarded_.load(std::memory_order_relaxed)};
    }

private:
    /// Which note is of the storage's end at position `lap_end`.
    [[nodiscard]] std::size_t note(position lap_end) const noexcept {
        return (lap_end & static_cast<position>(view().capacity())) != 0 ? 1 : 0;
    }

    void shrink_claim(position from, std::size_t size) noexcept {
        // X4 relaxed: a statistic with one writer.
        discarded_.store(discarded_.load(std::memory_order_relaxed) + size, std::memory_order_relaxed);
        // X1 relaxed: where something is committed as well, E1 carries it.
        reserved_.store(from, std::memory_order_relaxed);
    }

    /// Finds a second thread that reserves while one does or holds a reservation. Handing the ring over is allowed.
    struct producer_check {
        spsc_ring& ring;

        explicit producer_check(spsc_ring& r) noexcept : ring{r} {
            if constexpr (EVPROC_CHECKED == 0) return;
            thread_token const self = this_thread_token();
            thread_token owner = 0;
            // X4 relaxed: no data goes with it.
            [[maybe_unused]] bool const free =
                ring.owner_.compare_exchange_strong(owner, self, std::memory_order_relaxed, std::memory_order_relaxed);
            EVPROC_CHECK(free || owner == self, "two threads reserve from a ring of producer_kind::single");
        }
        ~producer_check() {
            if (!ring.live_) ring.clear_owner();
        }
    };
    EVPROC_ALWAYS_INLINE void clear_owner() noexcept {
        // X4 relaxed: no data goes with it.
        if constexpr (EVPROC_CHECKED != 0) owner_.store(0, std::memory_order_relaxed);
    }

    alignas(cache_line_size) slots<View> slots_;
    asymmetric_fence const fence_{};
    atomic<bool> closing_{false};
    atomic<bool> closed_{false};
    alignas(cache_line_size) position next_;
    position limit_;
    bool live_ = false;
    atomic<position> reserved_;
    atomic<std::uint64_t> discarded_{0};
    atomic<thread_token> owner_{0};
    // Written by the producer, read by the consumer that has run out of events.
    alignas(false_sharing_range) atomic<position> committed_;
    // Read with each run, written once a lap.
    alignas(cache_line_size) std::size_t spilled_[2] = {0, 0};
    gate_type gate_;
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/detail/statistics.hpp
#include <chrono>

namespace evproc::detail::inline EVPROC_ABI {

/// Counts of what happens off the hot path.
///   X1  everywhere below: statistics carry no data and order nothing; of two that differ the smaller may win.
template <bool Enabled> class statistics {
public:
    void count_full_wait(std::uint64_t depth) noexcept {
        if constexpr (Enabled) full_waits_.fetch_add(1, std::memory_order_relaxed);
        raise(full_depth_, depth);
    }
    void count_refusal(std::uint64_t depth) noexcept {
        if constexpr (Enabled) refused_.fetch_add(1, std::memory_order_relaxed);
        raise(full_depth_, depth);
    }
    EVPROC_ALWAYS_INLINE void note_depth(std::uint64_t depth) noexcept { raise(max_depth_, depth); }

    [[nodiscard]] std::uint64_t full_waits() const noexcept { return full_waits_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }
    /// The most that the consumer, or a producer that found too little space, has seen.
    [[nodiscard]] std::uint64_t max_depth() const noexcept {
        return max_of(max_depth_.load(std::memory_order_relaxed), full_depth_.load(std::memory_order_relaxed));
    }

private:
    EVPROC_ALWAYS_INLINE static void raise(atomic<std::uint64_t>& most, std::uint64_t depth) noexcept {
        if (Enabled && depth > most.load(std::memory_order_relaxed)) [[unlikely]]
            most.store(depth, std::memory_order_relaxed);
    }

    alignas(cache_line_size) atomic<std::uint64_t> full_waits_{0};
    atomic<std::uint64_t> refused_{0};
    atomic<std::uint64_t> full_depth_{0};
    alignas(cache_line_size) atomic<std::uint64_t> max_depth_{0};
};

/// Since when a record at the consumer's position was seen uncommitted: a diagnosis, wrong if two threads note at once.
class stall_clock {
public:
    /// True if it is news that the record at `at` is reserved and not committed.
    EVPROC_COLD bool note(position at) noexcept {
        if (at_.load(std::memory_order_relaxed) == at) return false;
        since_.store(nanoseconds(), std::memory_order_relaxed);
        at_.store(at, std::memory_order_relaxed);
        return true;
    }
    [[nodiscard]] std::chrono::nanoseconds age() const noexcept {
        // Another core's clock may be a tick behind.
        std::int64_t const age = nanoseconds() - since_.load(std::memory_order_relaxed);
        return std::chrono::nanoseconds{age < 0 ? 0 : age};
    }

private:
    [[nodiscard]] static std::int64_t nanoseconds() noexcept {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(now().time_since_epoch()).count();
    }

    atomic<position> at_{~position{0}};
    atomic<std::int64_t> since_{0};
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/observer.hpp
#include <type_traits>
#include <utility>

namespace evproc::inline EVPROC_ABI {

enum class wait_side {
    producer,  ///< a thread that waits for space, or in flush(): for the consumer
    consumer,  ///< the consumer waits for events
};

/// Observes nothing: the base of every observer, the last template argument, which hides the hooks it wants. All are noexcept.
/// Called after the step, on its thread: on_batch and on_stall on the consumer's, the others on several at a time. Hooks may
/// only use stats(), oldest_uncommitted() and the hints of their processor. An empty hook costs nothing.
struct no_observer {
    /// Fewer than n slots are free: a producer is refused, or is about to wait. Once a verb.
    void on_full(std::size_t) noexcept {}
    /// n slots from `sequence` on were given up.
    void on_discard(std::uint64_t, std::size_t) noexcept {}
    /// n events were consumed in one go, from `sequence` on. Once a poll that consumed something, also if it throws, and a release.
    void on_batch(std::uint64_t, std::size_t) noexcept {}
    /// A waiting consumer stands before this sequence, which is not committed. Once a sequence.
    void on_stall(std::uint64_t) noexcept {}
    /// A thread is about to wait. What this returns, if anything, lives as long as the wait.
    void on_wait(wait_side) noexcept {}
};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <class O>
concept has_noexcept_hooks = requires(O& o, std::size_t n, std::uint64_t at, wait_side side) {
    { o.on_full(n) } noexcept;
    { o.on_discard(at, n) } noexcept;
    { o.on_batch(at, n) } noexcept;
    { o.on_stall(at) } noexcept;
    { o.on_wait(side) } noexcept;
    requires std::is_void_v<decltype(o.on_wait(side))> || std::is_nothrow_destructible_v<decltype(o.on_wait(side))>;
};

/// Calls on_wait; what it returns lives as long as the result.
template <class O> EVPROC_ALWAYS_INLINE auto tell_of_wait(O& observer, wait_side side) noexcept {
    if constexpr (std::is_void_v<decltype(observer.on_wait(side))>) {
        observer.on_wait(side);
        return nullptr;
    } else {
        return observer.on_wait(side);
    }
}

/// Calls on_batch for what is consumed while this lives, however that ends.
template <class Consumer, class Observer> class batch_watch {
public:
    EVPROC_ALWAYS_INLINE batch_watch(Consumer const& consumer, Observer& observer) noexcept
        : consumer_{consumer}, observer_{observer} {}
    EVPROC_ALWAYS_INLINE ~batch_watch() {
        std::uint64_t const events = (consumer_.cursor().at - at_) - (consumer_.cursor().discarded - discarded_);
        if (events != 0) observer_.on_batch(at_, static_cast<std::size_t>(events));
    }
    batch_watch(batch_watch const&) = delete;

private:
    Consumer const& consumer_;
    Observer& observer_;
    std::uint64_t const at_ = consumer_.cursor().at;
    std::uint64_t const discarded_ = consumer_.cursor().discarded;
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/ring_options.hpp
namespace evproc::inline EVPROC_ABI {

enum class producer_kind {
    multi,   ///< any number of threads
    single,  ///< one thread at a time, with one live reservation: no atomic read-modify-write at all
};

/// Named template arguments: `ring_buffer<tick, 65536, spin_wait, ring_options{.max_batch = 512}>`.
struct ring_options {
    /// Most slots of one reservation; 0: the capacity. The ring allocates max_batch - 1 more elements than its capacity,
    /// untouched until a batch crosses the end. 1 puts each slot's word beside its element: the lowest latency.
    std::size_t max_batch = 0;
    /// How many threads reserve.
    producer_kind producers = producer_kind::multi;
    /// Whether stats() counts waits, refusals, depth and parks, all off the hot path.
    bool statistics = true;
    /// Whether a consumer that has caught up may pause some microseconds so that a batch comes together, where that was
    /// measured to pay. Raises the throughput of single events several times; `false` for low latency. Bounds: pacer.hpp.
    bool pacing = true;
    /// record_processor only: a record takes a multiple of this many bytes, a power of two; 0: 32. Smaller wastes less behind
    /// small records; from a cache line on, no two producers write to the same line.
    std::size_t unit = 0;
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/slot_range.hpp
namespace evproc::inline EVPROC_ABI {

/// What ring_buffer's reserve verbs return: raw storage for size() contiguous elements, or why not. A plain value: its holder
/// must commit or discard it exactly once.
template <class T> class slot_range {
public:
    slot_range() = default;
    slot_range(detail::claim const& c, T* data) noexcept : claim_{c}, data_{data} {}

    explicit operator bool() const noexcept { return claim_.error == errc::success; }
    /// errc::success, or why nothing was reserved.
    [[nodiscard]] errc error() const noexcept { return claim_.error; }
    /// The first slot's number in the global order; the others follow.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return claim_.at; }
    [[nodiscard]] std::size_t size() const noexcept { return claim_.size; }
    /// Storage for size() objects of T, none of which is alive; null if nothing was reserved.
    [[nodiscard]] T* data() const noexcept { return data_; }

private:
    detail::claim claim_{errc::invalid_handle};
    T* data_ = nullptr;
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/wait/wait_strategy.hpp
#include <concepts>

namespace evproc {

/// A way to wait; a ring keeps one for its consumer and one for its producers, default-constructed (but see grouped_wait).
/// - `wait(ready, until)` calls `ready()` until it is true, returns true and calls it no more: a waiting producer claims in
///   it. At `until` (`wait_deadline::max()`: never) it returns ready() once more.
/// - `notify()` follows each step that may make a `ready()` true, and close(), wake(), stop requests: either `ready()` has
///   seen the step, or `notify()` ends the sleep. `parks()`: number of sleeps, for statistics.
template <class W>
concept wait_strategy =
    std::destructible<W> && requires(W& w, W const& c, bool (*ready)() noexcept, wait_deadline until) {
        { w.wait(ready, until) } -> std::same_as<bool>;
        { w.notify() } noexcept -> std::same_as<void>;
        { c.parks() } noexcept -> std::convertible_to<std::uint64_t>;
    };

/// Optional: wakes as many waiters as there is space for.
/// - `wait_one(ready, until)`: as wait(), for a `ready()` that claims one slot, if one is free.
/// - `notify(n)`: as notify(), after a step that only freed n slots: ends all waits, but only n of those in wait_one(), each
///   of which takes a slot or finds that another did.
template <class W>
concept counting_wait =
    wait_strategy<W> && requires(W& w, bool (*ready)() noexcept, wait_deadline until, std::size_t n) {
        { w.wait_one(ready, until) } -> std::same_as<bool>;
        { w.notify(n) } noexcept -> std::same_as<void>;
    };

/// A strategy whose consumer can sleep in an event loop, which watches `native_handle()`: eventfd_wait. Consumer's thread.
/// - `arm(ready)`: true: the handle becomes readable with the next step, or is already. False: `ready()` is true, or a step
///   came in between. `disarm()` undoes that and makes the handle unreadable again.
template <class W>
concept armable_wait = wait_strategy<W> && requires(W& w, bool (*ready)() noexcept) {
    w.native_handle();
    { w.arm(ready) } -> std::same_as<bool>;
    { w.disarm() } noexcept -> std::same_as<void>;
};

/// A strategy whose consumer may be a coroutine, resumed by an executor E: coroutine_wait.
template <class W, class E>
concept resuming_wait = wait_strategy<W> && W::template resumes_by<E>;

namespace detail {

/// What a ring with Wait keeps for its producers: Wait, or what it names.
template <class Wait> struct producers_wait {
    using type = Wait;
};
template <class Wait> requires requires { typename Wait::producers_wait; }
struct producers_wait<Wait> {
    using type = typename Wait::producers_wait;
};
template <class Wait> using producers_wait_t = typename producers_wait<Wait>::type;

template <class W, class Ready> bool wait_for_slots(W& w, std::size_t n, Ready&& ready, wait_deadline until) {
    if constexpr (counting_wait<W>) {
        if (n == 1) return w.wait_one(ready, until);
    }
    return w.wait(ready, until);
}

template <class W> EVPROC_ALWAYS_INLINE void notify_of_slots(W& w, std::size_t n) noexcept {
    if constexpr (counting_wait<W>)
        w.notify(n);
    else
        w.notify();
}

/// Alternates ready() and pause(): true once ready() is; false after `until` or `rounds`. Reads the clock every eighth time.
template <class Ready, class Pause>
bool spin_until(Ready& ready, Pause pause, wait_deadline until, std::uint64_t rounds = UINT64_MAX) {
    for (std::uint64_t i = 0; i != rounds; ++i) {
        if (ready()) return true;
        if ((i & 7) == 0 && until != no_deadline && now() >= until) return false;
        pause();
    }
    return false;
}

}  // namespace detail
}  // namespace evproc

namespace evproc::detail::inline EVPROC_ABI {

template <class T, std::size_t N, ring_options Options>
using view_for =
    std::conditional_t<Options.producers == producer_kind::single, separate_view<T, N, Options.max_batch, false>,
                       std::conditional_t<(Options.max_batch == 1 || N == 1) && fits_inline<T>, inline_view<T, N>,
                                          separate_view<T, N, Options.max_batch, true>>>;

template <class T, std::size_t N, ring_options Options, class Gate>
using core_for = std::conditional_t<Options.producers == producer_kind::single, spsc_ring<view_for<T, N, Options>>,
                                    mpsc_ring<view_for<T, N, Options>, Gate>>;

/// In cpu_relax(): 0.8 to 2.5 us, in which a consumer that takes one event at a time frees hundreds of slots.
inline constexpr std::size_t longest_full_pause = 64;

/// The producers' side of every ring and processor: claim, commit and discard with waiting, statistics and hooks. The public
/// classes document the verbs; derived classes consume.
template <class T, std::size_t N, class Wait, ring_options Options, class Observer, class Gate> class producers {
    static_assert(std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T>,
                  "evproc: T must be an object type, neither const nor an array: wrap an array in a struct");
    static_assert(std::is_nothrow_destructible_v<T>,
                  "evproc: the destructor of T must not throw, since it runs as slots are released: make it noexcept");
    static_assert(wait_strategy<Wait>,
                  "evproc: Wait must satisfy evproc::wait_strategy (evproc/wait/wait_strategy.hpp)");
    static_assert(std::is_base_of_v<no_observer, Observer> && std::is_nothrow_destructible_v<Observer>,
                  "evproc: an observer must derive from evproc::no_observer, and its destructor must not throw");
    static_assert(
        has_noexcept_hooks<Observer>,
        "evproc: an observer's hooks must have the parameters of no_observer's and be noexcept, and so must be "
        "the destructor of what on_wait returns");

public:
    using value_type = T;
    using wait_type = Wait;
    using observer_type = Observer;
    using range_type = slot_range<T>;
    using core_type = core_for<T, N, Options, Gate>;

    template <class Group, class... O>
    producers(position first, std::size_t capacity, Group group, O&&... observer)
        : core_{capacity, first},
          for_consumer_(make_wait(group)),
          first_{first},
          observer_(std::forward<O>(observer)...) {}
    producers(producers const&) = delete;
    producers& operator=(producers const&) = delete;

    [[nodiscard]] errc check_size(std::size_t n) const noexcept {
        if (n - 1 < core_.view().max_batch()) [[likely]]
            return errc::success;
        return n == 0 ? errc::invalid_size : errc::too_large;
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n) noexcept {
        if (errc const e = check_size(n); e != errc::success) [[unlikely]]
            return refuse(e);
        return to_range(try_claim(n, n));
    }
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept {
        if (n == 0) return refuse(errc::invalid_size);
        return to_range(try_claim(1, min_of(n, core_.view().max_batch())));
    }
    template <class Stop = never_stops>
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n, wait_deadline until = no_deadline,
                                                          Stop const& stop = {}) {
        if (errc const e = check_size(n); e != errc::success) [[unlikely]]
            return refuse(e);
        claim c = claim_slots(n, n);
        if (c.error == errc::full) [[unlikely]] {
            c = wait_for_space(n, until, stop);
            // The compiler knows the size of a success on the other path; now on this one too.
            if (c.error == errc::success) c.size = static_cast<std::uint32_t>(n);
        }
        return to_range(c);
    }

    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept {
        if (!r) [[unlikely]]
            return;
        check_live(r, built);
        core_.commit({r.sequence(), r.size()}, built);
        for_consumer_.notify();
        if (built != r.size()) observer_.on_discard(r.sequence() + built, r.size() - built);
    }
    void discard(range_type const& r) noexcept { commit(r, 0); }

    void close() noexcept {
        // In this order each poll reports an end that state() has shown.
        signals_.raise_closed();
        core_.close();
        for_consumer_.notify();
        for_producers_.notify();
    }
    [[nodiscard]] bool is_closed() const noexcept { return core_.is_closed(); }

    void wake() noexcept {
        signals_.raise_wake();
        for_consumer_.notify();
    }

    errc flush(wait_deadline until = no_deadline) {
        auto& gate = core_.gate();
        position const at = gate.consumed();
        position const target = core_.count(at, gate.partial_end()).last_committed_end;
        auto const done = [&]() noexcept { return distance(gate.consumed(), target) >= 0; };
        if (done()) return errc::success;
        if (is_consuming_here()) return errc::would_deadlock;
        [[maybe_unused]] auto const zone = tell_of_wait(observer_, wait_side::producer);
        auto const over = [&]() noexcept { return gate.is_abandoned() || done(); };
        if (!for_producers_.wait(over, until)) return errc::timed_out;
        return gate.is_abandoned() && !done() ? errc::closed : errc::success;
    }

    template <std::uint64_t occupancy::* Counted = &occupancy::committed>
    [[nodiscard]] processor_stats stats() const noexcept {
        auto const& gate = core_.gate();
        processor_stats s;
        // Read first, so that consumption meanwhile cannot make the difference negative.
        std::uint64_t const skipped = gate.discarded_approx();
        position const at = gate.consumed();
        occupancy const waiting = core_.count(at, gate.partial_end());
        s.consumed = at - first_ - min_of(at - first_, skipped);
        s.committed = s.consumed + waiting.*Counted;
        s.discarded = skipped + waiting.discarded;
        s.full_waits = statistics_.full_waits();
        s.refused = statistics_.refused();
        s.max_depth = Options.statistics ? max_of<std::uint64_t>(statistics_.max_depth(), size_approx()) : 0;
        s.parks = for_consumer_.parks() + for_producers_.parks();
        return s;
    }

    [[nodiscard]] stall_info oldest_uncommitted() const noexcept {
        auto const& gate = core_.gate();
        position const at = gate.consumed();
        if (!core_.is_uncommitted_approx(at, gate.partial_end())) return {};
        stall_.note(at);
        return {true, at, stall_.age()};
    }

    [[nodiscard]] std::size_t size_approx() const noexcept {
        // In this order the difference can be too large, but not negative.
        position const consumed = core_.gate().consumed_approx();
        std::int64_t const held = distance(core_.claimed_approx(), consumed);
        return min_of(static_cast<std::size_t>(max_of<std::int64_t>(held, 0)), core_.view().capacity());
    }

    [[nodiscard]] core_type& core() noexcept { return core_; }
    [[nodiscard]] core_type const& core() const noexcept { return core_; }
    [[nodiscard]] position first() const noexcept { return first_; }
    [[nodiscard]] Wait& consumer_wait() noexcept { return for_consumer_; }
    [[nodiscard]] Observer& observer() noexcept { return observer_; }

protected:
    ~producers() = default;

    static Wait make_wait(std::nullptr_t) { return Wait(); }
    template <class Group> static Wait make_wait(Group* group) { return Wait(*group); }

    [[nodiscard]] bool is_consuming_here() const noexcept {
        if constexpr (requires { for_consumer_.group(); })
            return for_consumer_.group().thread().is_this();
        else
            return core_.gate().is_consuming_here();
    }

    [[nodiscard]] static range_type refuse(errc e) noexcept { return {claim{e}, nullptr}; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type to_range(claim const& c) noexcept {
        return {c, c.error == errc::success ? core_.view().element(c.at) : nullptr};
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE claim claim_slots(std::size_t least, std::size_t most) noexcept {
        claim const c = core_.claim_slots(least, most);
        if constexpr (Options.producers == producer_kind::single) {
            // The claim taken back may have hidden the end from a consumer that went back to sleep.
            if (c.error == errc::closed) [[unlikely]]
                for_consumer_.notify();
        }
        return c;
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE claim try_claim(std::size_t least, std::size_t most) noexcept {
        claim const c = claim_slots(least, most);
        if (c.error == errc::full) [[unlikely]] {
            // One slot refused: none was free. A batch has to ask.
            statistics_.count_refusal(least == 1 ? core_.view().capacity() : size_approx());
            observer_.on_full(least);
        }
        return c;
    }
    template <class Stop> EVPROC_COLD claim wait_for_space(std::size_t n, wait_deadline until, Stop const& stop) {
        observer_.on_full(n);
        if (is_consuming_here()) return claim{errc::would_deadlock};
        statistics_.count_full_wait(size_approx());
        // Each look takes the line that the consumer writes with each poll: one look for many slots, not for each.
        brief_pause(static_cast<unsigned>(min_of(core_.view().capacity() / 32, longest_full_pause)));
        [[maybe_unused]] auto const zone = tell_of_wait(observer_, wait_side::producer);
        stop_notifier<Stop, producers_wait_t<Wait>> const notifier{stop, for_producers_};
        claim c{errc::full};
        bool stopped = false;
        wait_for_slots(
            for_producers_, n,
            [&]() noexcept {
                c = claim_slots(n, n);
                return c.error != errc::full || (stopped = stop.stop_requested());
            },
            until);
        if (c.error == errc::full) c.error = stopped ? errc::stopped : errc::timed_out;
        return c;
    }

    void check_live([[maybe_unused]] range_type const& r, [[maybe_unused]] std::size_t built) const noexcept {
        EVPROC_CHECK(core_.is_uncommitted_approx(r.sequence(), core_.gate().partial_end()),
                     "a reservation was committed or discarded twice, or through another ring");
        EVPROC_CHECK(built <= r.size(), "more slots were committed than were reserved");
    }

    core_type core_;
    Wait for_consumer_;
    producers_wait_t<Wait> for_producers_;
    signals signals_;
    statistics<Options.statistics> statistics_;
    mutable stall_clock stall_;
    position const first_;
    [[no_unique_address]] Observer observer_;
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/ready_range.hpp
#include <iterator>
#include <type_traits>

namespace evproc::inline EVPROC_ABI {

/// The events that a peek() found, in order: a forward range of T&. Valid until they are released. Iterating: a load a record.
template <class Core, class Element = typename Core::element_type> class ready_range {
    using element_type = Element;

public:
    class iterator {
    public:
        using value_type = std::remove_const_t<element_type>;
        using difference_type = std::ptrdiff_t;
        using reference = element_type&;
        using pointer = element_type*;
        using iterator_category = std::forward_iterator_tag;

        iterator() = default;
        [[nodiscard]] reference operator*() const noexcept { return *run_.data; }
        [[nodiscard]] pointer operator->() const noexcept { return run_.data; }
        /// The event's number in the global order.
        [[nodiscard]] std::uint64_t sequence() const noexcept { return cursor_.at; }

        iterator& operator++() noexcept {
            ++cursor_.at;
            --left_;
            if (--run_.size != 0)
                run_.data = Core::view_type::next(run_.data);
            else
                look();
            return *this;
        }
        iterator operator++(int) noexcept {
            iterator const before = *this;
            ++*this;
            return before;
        }
        [[nodiscard]] bool operator==(iterator const& other) const noexcept { return left_ == other.left_; }

    private:
        friend class ready_range;
        iterator(Core const* core, detail::read_cursor const& c, std::size_t left) noexcept
            : core_{core}, cursor_{c}, left_{left} {
            look();
        }
        void look() noexcept {
            if (left_ != 0) run_ = core_->next_run(cursor_, left_, detail::no_limit);
        }

        Core const* core_ = nullptr;
        detail::read_cursor cursor_{};
        detail::run<typename Core::element_type> run_{};
        std::size_t left_ = 0;
    };

    ready_range() = default;
    ready_range(Core const& core, detail::read_cursor const& from, std::size_t size) noexcept
        : core_{&core}, from_{from}, size_{size} {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] iterator begin() const noexcept { return {core_, from_, size_}; }
    [[nodiscard]] iterator end() const noexcept { return {core_, from_, 0}; }
    /// Precondition: !empty().
    [[nodiscard]] element_type& front() const noexcept { return *begin(); }
    /// The first event's number in the global order. Precondition: !empty().
    [[nodiscard]] std::uint64_t sequence() const noexcept { return from_.at; }

private:
    Core const* core_ = nullptr;
    detail::read_cursor from_{};
    std::size_t size_ = 0;
};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

struct test_access;
struct ring_access;

enum class wake_reason { ready, over, woken, stopped, timed_out, elsewhere };

struct poll_outcome {
    poll_result polled;
    event_action last = event_action::next;
};

/// Registers a callback instead of sleeping: `arm(look)` asks to be told of the next step, unless `look()`. True: it was
/// registered, and another thread may be the consumer from that moment on. False: a wait would be over.
template <class Source, class Arm, class Stop> bool arm_unless_ready(Source& source, Arm arm, Stop const& stop) {
    for (;;) {
        if (source.skip_discarded()) return false;
        bool is_finished = false;
        bool const armed = arm([&]() noexcept {
            if (source.is_ready()) return true;
            is_finished = source.is_over() || source.take_wake() || stop.stop_requested();
            return is_finished;
        });
        if (armed) return true;
        if (is_finished) return false;
    }
}

/// Waits by `wait` until the consumer `source` has an event or another reason to go on. `elsewhere`: `moved()`, so it has to
/// wait at another place.
template <class Source, class Wait, class Stop, class Moved>
wake_reason await_at(Source& source, Wait& wait, wait_deadline until, Stop const& stop, Moved moved) {
    using enum wake_reason;
    struct condition {
        Source& source;
        Stop const& stop;
        Moved moved;
        bool was_woken = false;
        unsigned looks = 0;

        bool operator()() noexcept {
            if (source.is_ready() || source.is_over()) return true;
            was_woken = source.take_wake();
            if (++looks == 64) source.note_stall();
            return was_woken || stop.stop_requested() || moved();
        }
        void before_sleep() noexcept { source.note_stall(); }
    };
    stop_notifier<Stop, Wait> const notifier{stop, wait};
    for (;;) {
        condition over_at{source, stop, moved};
        bool const in_time = wait.wait(over_at, until);
        if (source.skip_discarded()) return ready;
        if (over_at.was_woken) return woken;
        if (source.is_over()) return over;
        if (stop.stop_requested()) return stopped;
        if (!in_time) {
            source.note_stall();
            return timed_out;
        }
        if (moved()) return elsewhere;
    }
}

/// A ring with one consumer, behind ring_buffer and event_processor, which document the verbs.
template <class T, std::size_t N, class Wait, ring_options Options, class Observer>
class ring : public producers<T, N, Wait, Options, Observer, consumer_position> {
    using base = producers<T, N, Wait, Options, Observer, consumer_position>;

public:
    using core_type = typename base::core_type;
    using ready_type = ready_range<core_type>;

    template <class Group, class... O>
    ring(position first, std::size_t capacity, Group group, O&&... observer)
        : base{first, capacity, group, std::forward<O>(observer)...}, consumer_{capacity, first} {}

    // ---- consumer: one thread ----

    /// `Then`: what becomes of an event after the handler. Inlined: the captures stay in registers. `InRound`: one turn of a
    /// consumer of several rings, which pauses and finds the end itself. `to_front`: stay off the line being written.
    template <delivery How, bool InRound = false, class H>
    EVPROC_ALWAYS_INLINE poll_outcome poll(H& handler, std::size_t max, [[maybe_unused]] bool to_front = false) {
        if ((InRound || consumer_.pace().is_at_rest(cursor().at)) && !this->core_.is_ready(cursor()) && max != 0)
            return {{0, !InRound && is_over() ? poll_state::closed : poll_state::idle}, event_action::next};
        [[maybe_unused]] std::conditional_t<InRound, no_scope, consumer_scope> const scope{thread()};
        batch_watch const watch{consumer_, this->observer_};
        on_exit const releases{*this};
        std::size_t events = 0;
        position due = cursor().at + quota();  // where to release at the latest
        unsigned pauses_left = pauses_per_poll;
        event_action last = event_action::next;
        [[maybe_unused]] position const front = InRound && to_front ? this->core_.front_approx() : no_limit;
        while (events != max && last == event_action::next) {
            std::size_t const most = max - events;
            position const before = cursor().at;
            auto const run = consumer_.acquire(this->core_, run_limit<How>(most, due - before),
                                               InRound ? front : consumer_.pace().limit());
            position const from = cursor().at;
            if (from != before) [[unlikely]]
                due = release_midway();  // what was discarded is free at once
            if (run.size == 0) {
                if constexpr (InRound) return {{events, poll_state::idle}, last};
                release();  // the producers must not wait for this thread to pause
                if (consumer_.look_again(this->core_, pauses_left)) continue;
                return {{events, is_over() ? poll_state::closed : poll_state::idle}, last};
            }
            [[maybe_unused]] std::uint64_t const skipped = cursor().discarded;
            last = consumer_.template deliver<How, afterwards::destroy>(this->core_, run, handler, most);
            events += static_cast<std::size_t>(cursor().at - from);
            if constexpr (How == delivery::records) events -= static_cast<std::size_t>(cursor().discarded - skipped);
            if (distance(cursor().at, due) >= 0) [[unlikely]]
                due = release_midway();
        }
        return {{events, poll_state::more}, last};
    }

    [[nodiscard]] ready_type peek(std::size_t max) noexcept {
        // After a peek that saw the end: pause, if that pays, so that a batch comes together.
        unsigned one = 1;
        if (drained_) static_cast<void>(consumer_.look_again(this->core_, one));
        std::size_t size = 0;
        if (skip_discarded()) {
            peeked_to_ = consumer_.cursor();
            position const limit = consumer_.pace().is_paying() ? this->core_.front_approx() : no_limit;
            while (size < max) {
                std::size_t const found = this->core_.next_run(peeked_to_, max - size, limit).size;
                if (found == 0) break;
                peeked_to_.at += found;
                size += found;
            }
        }
        left_ = size;
        drained_ = size < max;
        if (size == 0) {
            thread().clear_holder();
            return {};
        }
        thread().set_holder();
        return {this->core_, consumer_.cursor(), size};
    }

    template <afterwards Then> void release(std::size_t k) noexcept {
        EVPROC_CHECK(k <= left_, "more events were released than the last peek showed");
        k = min_of(k, left_);
        left_ -= k;
        batch_watch const watch{consumer_, this->observer_};
        if (left_ == 0 && k != 0 && (Then == afterwards::leave || std::is_trivially_destructible_v<T>)) {
            consumer_.skip_to(peeked_to_);
        } else {
            auto ignore = [](T&) noexcept {};
            while (k != 0) {
                auto const run = consumer_.acquire(this->core_, k);
                consumer_.template deliver<delivery::events, Then>(this->core_, run, ignore, k);
                k -= run.size;
            }
        }
        skip_discarded();  // a discarded record right behind would otherwise keep its space until the next look
        if (left_ == 0) thread().clear_holder();
    }
    void keep() noexcept {
        left_ = 0;
        thread().clear_holder();
    }
    [[nodiscard]] ready_type rest() const noexcept { return {this->core_, cursor(), left_}; }
    [[nodiscard]] std::size_t left() const noexcept { return left_; }

    [[nodiscard]] poll_state state() const noexcept {
        read_cursor ahead = consumer_.cursor();
        for (;;) {
            if (this->core_.next_run(ahead, 1, no_limit).size != 0) return poll_state::more;
            auto const claimed = this->core_.claimed();
            if (claimed.at == ahead.at) return claimed.closed ? poll_state::closed : poll_state::idle;
            // Only now is it known to be reserved; it may have been committed before that.
            if (!this->core_.is_ready(ahead)) return poll_state::blocked;
        }
    }

    template <class Stop> wake_reason await(wait_deadline until, Stop const& stop) {
        if (skip_discarded()) return wake_reason::ready;
        [[maybe_unused]] auto const zone = tell_of_wait(this->observer_, wait_side::consumer);
        return await_at(*this, this->for_consumer_, until, stop, []() noexcept { return false; });
    }

    /// Skips and releases discarded slots. True if an event is ready.
    bool skip_discarded() noexcept {
        bool const ready = consumer_.acquire(this->core_, 1).size != 0;
        release();
        return ready;
    }

    void destroy_all() noexcept {
        auto ignore = [](T&) noexcept {};
        destroy_all<delivery::events>(ignore);
    }
    template <delivery How, class H> void destroy_all(H& last) noexcept {
        for (;;) {
            auto const run = consumer_.acquire(this->core_, capacity());
            if (run.size == 0) break;
            consumer_.template deliver<How, afterwards::destroy>(this->core_, run, last, run.size);
        }
        EVPROC_CHECK(consumer_.cursor().at == this->core_.claimed_approx(),
                     "a processor was destroyed while a reservation was live");
    }

    // ---- consumer of several rings ----

    static constexpr bool paces = Options.pacing;
    [[nodiscard]] bool is_ready() const noexcept { return this->core_.is_ready(cursor()); }
    [[nodiscard]] bool is_over() const noexcept {
        if (!this->signals_.closed()) [[likely]]
            return false;
        auto const claimed = this->core_.claimed();
        return claimed.closed && claimed.at == consumer_.cursor().at;
    }
    [[nodiscard]] bool take_wake() noexcept { return this->signals_.take_wake(); }
    /// Starts the stall clock if the consumer waits for a commit.
    EVPROC_COLD void note_stall() noexcept {
        read_cursor const& at = cursor();
        if (this->core_.claimed_approx() == at.at || this->core_.is_ready(at) || !this->stall_.note(at.at)) return;
        this->observer_.on_stall(at.at);
    }

    [[nodiscard]] bool arm() {
        return arm_unless_ready(*this, [this](auto look) { return this->for_consumer_.arm(look); }, never_stops{});
    }
    void disarm() noexcept {
        this->for_consumer_.disarm();
        static_cast<void>(this->signals_.take_wake());  // it has done its work: the consumer is awake
    }

    [[nodiscard]] consuming_thread& thread() noexcept {
        if constexpr (requires { this->for_consumer_.group(); })
            return this->for_consumer_.group().thread();
        else
            return this->core_.gate().thread();
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return this->core_.view().capacity(); }
    [[nodiscard]] read_cursor const& cursor() const noexcept { return consumer_.cursor(); }

private:
    struct no_scope {
        explicit no_scope(consuming_thread&) noexcept {}
    };
    struct on_exit {
        ring& self;
        EVPROC_ALWAYS_INLINE ~on_exit() { self.release(); }
    };

    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t quota() const noexcept {
        return max_of<std::size_t>(capacity() / 4, 1);
    }

    template <delivery How>
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t run_limit(std::size_t most, std::uint64_t until_due) const noexcept {
        if constexpr (How == delivery::events) return most < until_due ? most : static_cast<std::size_t>(until_due);
        // A record is never cut, and `most` counts records.
        if constexpr (How == delivery::records) return capacity();
        // A batch that was committed as one is handed out as one.
        return core_type::view_type::is_contiguous ? most : 1;
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t unreleased() const noexcept {
        return static_cast<std::size_t>(cursor().at - this->core_.gate().consumed_approx());
    }
    EVPROC_ALWAYS_INLINE void release() noexcept {
        std::size_t const freed = unreleased();
        if (freed == 0) return;
        this->statistics_.note_depth(freed);
        this->core_.gate().publish(consumer_.cursor());
        notify_of_slots(this->for_producers_, freed);
    }
    /// release() within a poll: there was more than it has consumed. Returns where to release next at the latest.
    EVPROC_COLD position release_midway() noexcept {
        if constexpr (Options.statistics) {
            if (this->statistics_.max_depth() < capacity()) this->statistics_.note_depth(this->size_approx());
        }
        release();
        return cursor().at + quota();
    }

    alignas(false_sharing_range) consumer<core_type, std::conditional_t<Options.pacing, pacer, no_pacer>> consumer_;
    read_cursor peeked_to_{};  ///< end of the last peek
    std::size_t left_ = 0;     ///< its events not released
    bool drained_ = false;     ///< it saw all there was
};

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

/// Evaluated only when a verb is called: clang 14 would look into the incomplete Self.
template <class Self, class Handler> inline constexpr bool is_accepted = Self::template accepts<Handler>;

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// A consumer's waits, for one thread at a time. They end early at a stop request, after `d`, or at `t` of any clock, and
/// consume nothing. `Self` derives from this; its `source()` points to what it consumes from, or is null where nothing is left.
template <class Self, class Wait> class waiting_verbs {
public:
    /// Waits until an event is ready: true. False: closed and drained, wake(), a stop request or the deadline. Blocking.
    bool wait() { return await(detail::no_deadline); }
    bool wait(detail::stop_token stop) { return await(detail::no_deadline, stop); }
    bool wait_for(detail::any_duration d) { return await(d.until); }
    bool wait_until(detail::any_time_point t) { return await(t.until); }

    /// Ends the consumer's wait; if it does not wait, its next one; the consumer then sees what was done before. Any thread.
    void wake() noexcept {
        if (auto* const source = self().source(); source != nullptr) source->wake();
    }

    // ---- in an event loop, where the wait strategy can (eventfd_wait) ----

    /// Readable when the armed consumer has something to do. For the event loop to watch, not to read.
    [[nodiscard]] auto native_handle() requires armable_wait<Wait>
    {
        return self().source()->consumer_wait().native_handle();
    }
    /// Call before sleeping in the event loop. False: poll instead. True: native_handle() will be readable, perhaps without cause.
    [[nodiscard]] bool arm() requires armable_wait<Wait>
    {
        return self().source()->arm();
    }
    /// Call after sleeping in the event loop: makes native_handle() unreadable again.
    void disarm() noexcept requires armable_wait<Wait>
    {
        self().source()->disarm();
    }

protected:
    waiting_verbs() = default;
    ~waiting_verbs() = default;
    [[nodiscard]] EVPROC_ALWAYS_INLINE Self& self() noexcept { return static_cast<Self&>(*this); }

private:
    template <class Stop = detail::never_stops> bool await(wait_deadline until, Stop const& stop = {}) {
        auto* const source = self().source();
        return source != nullptr && source->await(until, stop) == detail::wake_reason::ready;
    }
};

/// A consumer's polls, for one thread at a time: of each processor and of broadcast_consumer. Handlers take (Event&) or (Event&,
/// event_info const&); with several rings (Event&, select_info const&); records: see record_processor. They return void or
/// event_action. `Self` also has `accepts<Handler>`, `poll_limit()`, `poll_some(handler, max)`, which finds nothing and says
/// `closed` where nothing is left, and `call(handler, event, ..., info)`.
template <class Self, class Wait> class consumer_verbs : public waiting_verbs<Self, Wait> {
public:
    /// Calls `handler` for each ready event in order, at most `max` (default: the capacity); never waits. If it throws, its
    /// event counts as consumed, and the exception leaves poll. The state is `closed` if closed and drained, `more` if poll
    /// stopped at `max` or on the handler's request, else `idle`, also where state() is blocked. Wait-free per event.
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler, std::size_t max) {
        return this->self().poll_some(handler, max).polled;
    }
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler) {
        return poll_all(handler).polled;
    }

    /// As poll, but waits first: for an event, closed and drained, or wake(). Without an event the state is exact. Blocking.
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_wait(Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline);
    }
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_wait(detail::stop_token stop, Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, stop);
    }
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_for(detail::any_duration d, Handler&& handler) {
        return poll_waiting(handler, d.until);
    }
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    poll_result poll_until(detail::any_time_point t, Handler&& handler) {
        return poll_waiting(handler, t.until);
    }

    /// Polls until closed and drained (errc::closed), or the handler returns `stop` or a stop is requested (errc::stopped; the
    /// rest stays in the ring). If the handler throws, `on_error(std::exception_ptr, Event&, info)` returns an error_action;
    /// without it, run closes the processor, so that no producer waits for ever, and rethrows. Blocking.
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    run_result run(Handler&& handler) {
        return run_until_stopped(handler, detail::never_stops{});
    }
    template <class Handler> requires(detail::is_accepted<Self, Handler>)
    run_result run(detail::stop_token stop, Handler&& handler) {
        return run_until_stopped(handler, stop);
    }
#if EVPROC_EXCEPTIONS
    template <class Handler, class OnError> requires(detail::is_accepted<Self, Handler>)
    run_result run(detail::stop_token stop, Handler&& handler, OnError&& on_error) {
        auto guarded = [&](auto& event, auto const&... rest) -> event_action {
            auto const& info = std::get<sizeof...(rest) - 1>(std::tie(rest...));
            static_assert(
                std::is_invocable_r_v<error_action, OnError&, std::exception_ptr, decltype(event), decltype(info)>,
                "evproc: on_error takes (std::exception_ptr, Event&, info) and returns an error_action");
            for (;;) {
                try {
                    return Self::call(handler, event, rest...);
                } catch (...) {
                    switch (on_error(std::current_exception(), event, info)) {
                        case error_action::skip: return event_action::next;
                        case error_action::retry:
                            if (stop.stop_requested()) return event_action::keep;
                            break;
                        case error_action::stop: throw;
                    }
                }
            }
        };
        return run_until_stopped(guarded, stop);
    }
#endif

protected:
    template <class Handler, class Event>
    EVPROC_ALWAYS_INLINE static event_action call(Handler& handler, Event& event, event_info const& info) {
        return detail::invoke_handler(handler, event, info);
    }

private:
    template <class Handler> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_all(Handler& handler) {
        return this->self().poll_some(handler, this->self().poll_limit());
    }

    template <class Handler, class Stop = detail::never_stops>
    poll_result poll_waiting(Handler& handler, wait_deadline until, Stop const& stop = {}) {
        for (auto reason = detail::wake_reason::ready;;) {
            poll_result const polled = poll_all(handler).polled;
            if (polled.events != 0 || polled.state != poll_state::idle) return polled;
            // Whatever ended the wait, the state is read after it.
            if (reason != detail::wake_reason::ready) return {0, this->self().source()->state()};
            reason = this->self().source()->await(until, stop);
        }
    }

    template <class Handler, class Stop> run_result run_until_stopped(Handler& handler, Stop const& stop) {
        struct closer {
            Self* self;
            ~closer() {
                if (self != nullptr) self->source()->close();
            }
        } on_exception{&this->self()};

        run_result result{0, errc::stopped};
        while (!stop.stop_requested()) {
            detail::poll_outcome const outcome = poll_all(handler);
            result.events += outcome.polled.events;
            if (outcome.last == event_action::stop) break;
            if (outcome.polled.state == poll_state::closed) {
                result.reason = errc::closed;
                break;
            }
            // An event that is kept comes again, after other threads had a turn.
            if (outcome.last == event_action::keep) detail::yield_thread();
            if (outcome.polled.state == poll_state::idle) this->self().source()->await(detail::no_deadline, stop);
        }
        on_exception.self = nullptr;
        return result;
    }
};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

struct consumer_stats {
    std::uint64_t consumed = 0;   ///< events consumed by it
    std::uint64_t discarded = 0;  ///< slots it has skipped
    std::uint64_t lag = 0;        ///< as broadcast_consumer::lag()
};

/// One consumer of a broadcast_processor, made by consumer<Stage>(i), with event_processor's consumer verbs. It gets every
/// event in order, once all consumers of the stage before have handled it: alone in its stage as Event&, whose changes later
/// stages see, else as Event const&. Move-only; one thread at a time. Must not outlive the processor. After leave(), and when
/// moved from, it is empty: its verbs find nothing, `closed`. poll and peek are wait-free per event.
template <class Follower> class broadcast_consumer : public consumer_verbs<broadcast_consumer<Follower>, void> {
    using event_type = typename Follower::value_type;

public:
    using committed_batch = evproc::committed_batch<Follower>;
    template <class H> static constexpr bool accepts = detail::handler_of<std::remove_reference_t<H>, event_type&>;

    explicit broadcast_consumer(Follower& follower) noexcept : follower_{&follower} {}
    broadcast_consumer(broadcast_consumer&& other) noexcept : follower_{std::exchange(other.follower_, nullptr)} {}
    broadcast_consumer& operator=(broadcast_consumer&& other) noexcept {
        if (this != &other) {
            leave();
            follower_ = std::exchange(other.follower_, nullptr);
        }
        return *this;
    }
    ~broadcast_consumer() { leave(); }

    explicit operator bool() const noexcept { return follower_ != nullptr; }

    /// Makes nobody wait for this consumer any more; it gets no further event. The last consumer that leaves, and one that
    /// destroys the events, closes the processor, since nobody else makes space. Precondition: not in its own handler, and no
    /// committed_batch of it is live (asserted in checked builds). Idempotent.
    void leave() noexcept {
        if (follower_ != nullptr) std::exchange(follower_, nullptr)->leave();
    }

    /// As event_processor::poll_batches. A later stage's batch is divided where the stage before has not handled the rest.
    template <class Handler> requires detail::handler_of<Handler, std::span<event_type>>
    poll_result poll_batches(Handler&& handler, std::size_t max) {
        return poll_as<detail::delivery::spans>(handler, max).polled;
    }
    template <class Handler> requires detail::handler_of<Handler, std::span<event_type>>
    poll_result poll_batches(Handler&& handler) {
        return poll_batches(handler, capacity());
    }

    /// The ready events, at most `max`, to be read in place. Released when the view is destroyed, or by the next peek.
    committed_batch peek() { return peek(capacity()); }
    committed_batch peek(std::size_t max) {
        if (follower_ == nullptr) return {};
        return {*follower_, max};
    }

    /// As event_processor::state(); `blocked` also if the stage before has not handled the event.
    [[nodiscard]] poll_state state() const noexcept {
        return follower_ != nullptr ? follower_->state() : poll_state::closed;
    }

    // ---- hints: any thread, stale at once ----

    /// Slots reserved that this consumer has not consumed, committed or not; between 0 and the capacity.
    [[nodiscard]] std::size_t lag() const noexcept {
        if (follower_ == nullptr) return 0;
        // Loaded in this order, the difference may be too large but not negative.
        detail::position const at = follower_->published().consumed_approx();
        std::int64_t const behind = detail::distance(follower_->ring().core().claimed_approx(), at);
        return detail::min_of(static_cast<std::size_t>(detail::max_of<std::int64_t>(behind, 0)), capacity());
    }
    [[nodiscard]] consumer_stats stats() const noexcept {
        if (follower_ == nullptr) return {};
        std::uint64_t const skipped = follower_->published().discarded_approx();
        detail::position const at = follower_->published().consumed();
        std::uint64_t const passed = at - follower_->ring().first();
        return {passed - detail::min_of(passed, skipped), skipped, lag()};
    }

private:
    [[nodiscard]] std::size_t capacity() const noexcept {
        return follower_ != nullptr ? follower_->ring().core().view().capacity() : 0;
    }

    template <detail::delivery How, class Handler>
    EVPROC_ALWAYS_INLINE detail::poll_outcome poll_as(Handler& handler, std::size_t max) {
        if (follower_ == nullptr) [[unlikely]]
            return {{0, poll_state::closed}};
        return follower_->template poll<How>(handler, max);
    }

    friend waiting_verbs<broadcast_consumer, void>;
    friend consumer_verbs<broadcast_consumer, void>;
    [[nodiscard]] Follower* source() noexcept { return follower_; }
    [[nodiscard]] std::size_t poll_limit() const noexcept { return capacity(); }
    template <class Handler> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_some(Handler& handler, std::size_t max) {
        return poll_as<detail::delivery::events>(handler, max);
    }

    Follower* follower_;
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/detail/broadcast_ring.hpp
#include <array>
#include <utility>

// ---- evproc/detail/follower.hpp
#include <type_traits>

namespace evproc::detail::inline EVPROC_ABI {

/// One consumer of a broadcast_ring, behind broadcast_consumer. One thread, but for wake() and the hints. A later stage stops
/// at `limit_`, a copy of the slowest position of the stage before, refreshed when reached; it may lie inside a record.
template <class Ring, class Core, bool Paces, std::size_t Stage> class follower {
    using element_type = typename Core::element_type;
    using gate_type = typename Core::gate_type;
    static constexpr bool is_first = Stage == 0;
    static constexpr bool destroys = gate_type::is_last(Stage) && !std::is_trivially_destructible_v<element_type>;
    static constexpr afterwards then = destroys ? afterwards::destroy : afterwards::leave;

public:
    using value_type = std::conditional_t<gate_type::size(Stage) == 1, element_type, element_type const>;
    using ready_type = ready_range<Core, value_type>;

    follower(Ring& ring, std::size_t i, std::size_t capacity, position first) noexcept
        : consumer_{capacity, first}, ring_{ring}, index_{i}, limit_{is_first ? no_limit : first} {}

    template <delivery How, class H> EVPROC_ALWAYS_INLINE poll_outcome poll(H& handler, std::size_t max) {
        consumer_scope const scope{thread()};
        on_exit const releases{*this};
        std::size_t events = 0;
        unsigned pauses_left = pauses_per_poll;
        event_action last = event_action::next;
        while (events != max && last == event_action::next) {
            std::size_t const most = max - events;
            if (unreleased() >= quota()) release_midway();
            position const before = cursor().at;
            auto const run = consumer_.acquire(core(), run_limit<How>(most), limit());
            if (run.size == 0) {
                release();  // followers must not wait for a pause
                if (look_again(pauses_left)) continue;
                return {{events, is_over() ? poll_state::closed : poll_state::idle}, last};
            }
            position const from = cursor().at;
            if (from != before) [[unlikely]]
                release_midway();
            if (from + run.size == limit_) static_cast<void>(refresh());  // before end_of_batch is said
            last = consumer_.template deliver<How, then, value_type&>(core(), run, handler, most, limit_);
            events += static_cast<std::size_t>(cursor().at - from);
        }
        return {{events, poll_state::more}, last};
    }

    [[nodiscard]] ready_type peek(std::size_t max) noexcept {
        std::size_t size = 0;
        if (skip_discarded()) {
            peeked_to_ = cursor();
            while (size < max) {
                std::size_t const found = core().next_run(peeked_to_, max - size, limit_).size;
                if (found == 0 && peeked_to_.at == limit_ && refresh()) continue;
                if (found == 0) break;
                peeked_to_.at += found;
                size += found;
            }
        }
        left_ = size;
        if (size == 0) {
            thread().clear_holder();
            return {};
        }
        thread().set_holder();
        return rest();
    }
    /// What becomes of the first k events is up to the stage.
    template <afterwards> void release(std::size_t k) noexcept {
        EVPROC_CHECK(k <= left_, "more events were released than the last peek showed");
        k = min_of(k, left_);
        left_ -= k;
        if (left_ == 0 && k != 0 && !destroys) {
            consumer_.skip_to(peeked_to_);
        } else {
            auto ignore = [](element_type&) noexcept {};
            while (k != 0) {
                auto const run = consumer_.acquire(core(), k, limit_);
                consumer_.template deliver<delivery::events, then>(core(), run, ignore, k);
                k -= run.size;
            }
        }
        skip_discarded();
        if (left_ == 0) thread().clear_holder();
    }
    void keep() noexcept {
        left_ = 0;
        thread().clear_holder();
    }
    [[nodiscard]] ready_type rest() const noexcept { return {core(), cursor(), left_}; }
    [[nodiscard]] std::size_t left() const noexcept { return left_; }

    [[nodiscard]] poll_state state() const noexcept {
        read_cursor ahead = cursor();
        for (;;) {
            if (core().next_run(ahead, 1, gate().handled_before(Stage)).size != 0) return poll_state::more;
            auto const claimed = core().claimed();
            if (claimed.at == ahead.at) return claimed.closed ? poll_state::closed : poll_state::idle;
            if (!is_ready(ahead)) return poll_state::blocked;
        }
    }

    template <class Stop> wake_reason await(wait_deadline until, Stop const& stop) {
        auto reason = skip_discarded() ? wake_reason::ready : wake_reason::elsewhere;
        while (reason == wake_reason::elsewhere) {
            // Changes when the stage before leaves.
            std::size_t const followed = gate().followed_by(Stage);
            reason = await_at(*this, ring_.wait_for(followed), until, stop,
                              [&]() noexcept { return gate().followed_by(Stage) != followed; });
        }
        return reason;
    }
    [[nodiscard]] bool is_ready() const noexcept { return is_ready(cursor()); }
    [[nodiscard]] bool is_over() const noexcept {
        if (!ring_.is_closing()) [[likely]]
            return false;
        auto const claimed = core().claimed();
        return claimed.closed && claimed.at == cursor().at;
    }
    [[nodiscard]] bool take_wake() noexcept { return wake_.take_wake(); }
    void note_stall() noexcept {
        if constexpr (is_first) ring_.note_stall(cursor());
    }
    bool skip_discarded() noexcept {
        if (!is_first && distance(limit_, cursor().at) <= 0) static_cast<void>(refresh());
        bool const ready = consumer_.acquire(core(), 1, limit_).size != 0;
        release();
        return ready;
    }

    void wake() noexcept {
        wake_.raise_wake();
        for (std::size_t stage = 0; stage <= Stage; ++stage) ring_.wait_for(stage).notify();
    }

    void close() noexcept { ring_.close(); }

    void leave() noexcept {
        EVPROC_CHECK(!thread().is_entered(),
                     "a broadcast_consumer left inside its own handler, or while a committed_batch was live");
        keep();
        if (gate().leave(Stage, index_, destroys))
            ring_.close();
        else
            ring_.template notify_behind<Stage>();
    }

    void destroy_all() noexcept {
        if constexpr (destroys) {
            auto ignore = [](element_type&) noexcept {};
            for (;;) {
                auto const run = consumer_.acquire(core(), core().view().capacity());
                if (run.size == 0) return;
                consumer_.template deliver<delivery::events, afterwards::destroy>(core(), run, ignore, run.size);
            }
        }
    }

    [[nodiscard]] consumer_position& published() const noexcept { return gate().of(Stage, index_); }
    [[nodiscard]] consuming_thread& thread() noexcept { return published().thread(); }
    [[nodiscard]] read_cursor const& cursor() const noexcept { return consumer_.cursor(); }
    [[nodiscard]] Ring& ring() const noexcept { return ring_; }

private:
    struct on_exit {
        follower& self;
        EVPROC_ALWAYS_INLINE ~on_exit() { self.release(); }
    };

    [[nodiscard]] Core& core() const noexcept { return ring_.core(); }
    [[nodiscard]] gate_type& gate() const noexcept { return core().gate(); }

    [[nodiscard]] EVPROC_ALWAYS_INLINE position limit() const noexcept {
        if constexpr (is_first)
            return consumer_.pace().limit();
        else
            return limit_;
    }
    /// Asks the stage before. True if it has advanced.
    bool refresh() noexcept {
        if constexpr (is_first) return false;
        position const before = limit_;
        limit_ = gate().handled_before(Stage);
        return limit_ != before;
    }
    EVPROC_ALWAYS_INLINE bool look_again(unsigned& pauses_left) noexcept {
        if constexpr (is_first)
            return consumer_.look_again(core(), pauses_left);
        else
            return refresh();
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t quota() const noexcept {
        std::size_t const quarter = max_of<std::size_t>(core().view().capacity() / 4, 1);
        return gate_type::is_last(Stage) ? quarter : min_of<std::size_t>(quarter, 64);
    }
    template <delivery How> [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t run_limit(std::size_t most) const noexcept {
        if constexpr (How == delivery::events) return min_of(most, quota() - unreleased());
        // A batch that was committed as one is handed out as one, up to the limit.
        return Core::view_type::is_contiguous ? most : 1;
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t unreleased() const noexcept {
        return static_cast<std::size_t>(cursor().at - published().consumed_approx());
    }
    EVPROC_ALWAYS_INLINE void release() noexcept {
        if (unreleased() == 0) return;
        if constexpr (gate_type::is_last(Stage)) ring_.note_depth(unreleased());
        published().publish(cursor());
        ring_.template notify_behind<Stage>();
    }
    EVPROC_COLD void release_midway() noexcept {
        if constexpr (gate_type::is_last(Stage)) ring_.note_depth();
        release();
    }

    [[nodiscard]] bool is_ready(read_cursor const& at) const noexcept {
        if (!is_first && distance(gate().handled_before(Stage), at.at) <= 0) return false;
        return core().is_ready(at);
    }

    alignas(false_sharing_range) consumer<Core, std::conditional_t<is_first && Paces, pacer, no_pacer>> consumer_;
    Ring& ring_;
    std::size_t const index_;  ///< in its stage
    position limit_;           ///< how far the stage before had come when asked last
    read_cursor peeked_to_{};  ///< end of the last peek
    std::size_t left_ = 0;     ///< its events not released
    signals wake_;             ///< its wake(); the closed flag is the ring's
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/detail/stage_gate.hpp
#include <array>
#include <bit>
#include <utility>

namespace evproc::detail::inline EVPROC_ABI {

/// The positions of several consumers in stages, `Consumers...` in each: the gate of a ring that all of them follow. A
/// consumer follows the slowest of the nearest earlier stage that still has consumers; the producers the slowest of the last
/// such stage. A consumer not taken yet stands at position 0; one that left is ignored. When nobody is left to make space, the
/// gate is abandoned and stays where it is. Wait-free, but for leave(), which is lock-free. Variables: positions_, each
/// written by its consumer, read by the next stage or the producers (consumer_position.hpp, E2); present_, a bit for each
/// consumer that counts; taken_, and handles_, the number of those who have not left.
///   E1  leave -> present: a thread that ignores a consumer sees its last reads; later read-modify-writes carry it on.
///   X1  frees_space() only decides whom to notify. A thread that waits because later consumers left was notified by them, or
///       checks after a fence that pairs with the notification before frees_space() (event_count.hpp, E1).
///   X2  taken_ hands out consumers, whose contents precede the processor's publication; handles_ is best effort.
///   X3  the exchange in leave() decides; a leaving consumer reads nothing of the others.
///   X4  is_abandoned() ends a wait, and says nothing of what was consumed.
///   I1  no stage passes the slowest of the stage before, no claim that of the last + capacity (tests/model, "broadcast")
template <std::size_t... Consumers> class stage_gate {
public:
    static constexpr std::size_t stage_count = sizeof...(Consumers);
    static constexpr std::size_t total = (std::size_t{0} + ... + Consumers);
    static_assert(stage_count != 0 && ((Consumers != 0) && ...),
                  "evproc: stages<...> needs at least one stage, and at least one consumer in each");
    static_assert(total < 64, "evproc: a broadcast_processor has at most 63 consumers in all of its stages");

    [[nodiscard]] static constexpr std::size_t size(std::size_t stage) noexcept {
        return std::array<std::size_t, stage_count>{Consumers...}[stage];
    }
    [[nodiscard]] static constexpr std::size_t first_of(std::size_t stage) noexcept {
        std::size_t sum = 0;
        for (std::size_t s = 0; s != stage; ++s) sum += size(s);
        return sum;
    }
    [[nodiscard]] static constexpr bool is_last(std::size_t stage) noexcept { return stage + 1 == stage_count; }

    explicit stage_gate(position first) noexcept : stage_gate{first, std::make_index_sequence<total>{}} {}

    [[nodiscard]] consumer_position& of(std::size_t stage, std::size_t i) noexcept {
        return positions_[first_of(stage) + i];
    }

    [[nodiscard]] bool take(std::size_t stage, std::size_t i) noexcept {
        std::uint64_t const bit = std::uint64_t{1} << (first_of(stage) + i);
        // X2 relaxed: one caller gets it; handles_ is for has_consumers().
        if ((taken_.fetch_or(bit, std::memory_order_relaxed) & bit) != 0) return false;
        handles_.fetch_add(1, std::memory_order_relaxed);
        return true;
    }
    [[nodiscard]] bool has_consumers() const noexcept {
        // X2 relaxed: best effort.
        return handles_.load(std::memory_order_relaxed) != 0;
    }

    /// Ignores this consumer from now on. The last one, or `for_all`, still counts and abandons the gate: true.
    bool leave(std::size_t stage, std::size_t i, bool for_all) noexcept {
        std::uint64_t const bit = std::uint64_t{1} << (first_of(stage) + i);
        // X2 relaxed, X3 relaxed: for has_consumers(); a guess, for the exchange.
        handles_.fetch_sub(1, std::memory_order_relaxed);
        std::uint64_t before = present_.load(std::memory_order_relaxed);
        for (;;) {
            bool const abandoned = for_all || (before & ~bit) == 0;
            std::uint64_t const after = abandoned ? before | abandoned_bit : before & ~bit;
            // E1 release, X3 relaxed: the last reads of this consumer; on failure, a newer guess.
            if (present_.compare_exchange_weak(before, after, std::memory_order_release, std::memory_order_relaxed))
                return abandoned;
        }
    }

    [[nodiscard]] position handled_before(std::size_t stage) const noexcept {
        std::uint64_t const before = present_before(stage);
        return before == 0 ? no_limit : slowest(before).at;
    }
    /// Number of the stage whose steps a consumer has to wait for, plus one; 0: the producers.
    [[nodiscard]] std::size_t followed_by(std::size_t stage) const noexcept {
        std::uint64_t const before = present_before(stage);
        return before == 0 ? 0 : stage_of_last(before) + 1;
    }
    /// Whether the producers may wait for this stage: no later one is left.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool frees_space(std::size_t stage) const noexcept {
        // X1 relaxed: whom to notify.
        return ((present_.load(std::memory_order_relaxed) & all_of_them) >> first_of(stage + 1)) == 0;
    }

    [[nodiscard]] position consumed() const noexcept { return slowest(present()).at; }
    [[nodiscard]] position consumed_approx() const noexcept { return consumed(); }
    [[nodiscard]] std::uint64_t discarded_approx() const noexcept { return slowest(present()).who->discarded_approx(); }
    [[nodiscard]] position partial_end() const noexcept { return slowest(present()).who->partial_end(); }
    [[nodiscard]] bool is_consuming_here() const noexcept {
        for (auto const& p : positions_) {
            if (p.is_consuming_here()) return true;
        }
        return false;
    }
    [[nodiscard]] bool is_abandoned() const noexcept {
        // X4 relaxed: nothing is read on the strength of it.
        return (present_.load(std::memory_order_relaxed) & abandoned_bit) != 0;
    }

private:
    static constexpr std::uint64_t abandoned_bit = std::uint64_t{1} << 63;
    static constexpr std::uint64_t all_of_them = (std::uint64_t{1} << total) - 1;

    template <std::size_t... I>
    stage_gate(position first, std::index_sequence<I...>) noexcept : positions_{{at(first, I)...}} {}
    static consumer_position at(position first, std::size_t) noexcept { return consumer_position{first}; }

    [[nodiscard]] std::uint64_t present() const noexcept {
        // E1 acquire: the last reads of consumers that are ignored.
        return present_.load(std::memory_order_acquire) & all_of_them;
    }
    [[nodiscard]] std::uint64_t present_before(std::size_t stage) const noexcept {
        return present() & ((std::uint64_t{1} << first_of(stage)) - 1);
    }
    [[nodiscard]] static constexpr std::size_t stage_of_last(std::uint64_t consumers) noexcept {
        std::size_t const last = static_cast<std::size_t>(std::bit_width(consumers)) - 1;
        std::size_t stage = 0;
        while (first_of(stage + 1) <= last) ++stage;
        return stage;
    }

    struct candidate {
        position at;
        consumer_position const* who;
    };
    [[nodiscard]] candidate slowest(std::uint64_t consumers) const noexcept {
        candidate result{no_limit, nullptr};
        for (std::size_t i = first_of(stage_of_last(consumers)); (consumers >> i) != 0; ++i) {
            if ((consumers >> i & 1) == 0) continue;
            position const at = positions_[i].consumed();
            if (at < result.at) result = {at, &positions_[i]};
        }
        return result;
    }

    std::array<consumer_position, total> positions_;
    alignas(cache_line_size) atomic<std::uint64_t> present_{all_of_them};
    atomic<std::uint64_t> taken_{0};
    atomic<std::uint32_t> handles_{0};
};

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <class Follower, std::size_t Size> struct stage {
    template <class Ring>
    stage(Ring& ring, std::size_t capacity, position first)
        : stage{ring, capacity, first, std::make_index_sequence<Size>{}} {}

    template <class Ring, std::size_t... I>
    stage(Ring& ring, std::size_t capacity, position first, std::index_sequence<I...>)
        : followers{{Follower{ring, I, capacity, first}...}} {}

    std::array<Follower, Size> followers;
};

template <class T, std::size_t N, class Wait, ring_options Options, class Indices, std::size_t... Consumers>
class broadcast_ring;

/// A ring that several consumers follow in stages, `Consumers...` in each; behind broadcast_processor. Waits: for_consumer_:
/// consumers of the first stage, or behind left stages; stage_waits_: those of later stages; for_producers_: producers and
/// flush(), for the last stage.
template <class T, std::size_t N, class Wait, ring_options Options, std::size_t... Stage, std::size_t... Consumers>
class broadcast_ring<T, N, Wait, Options, std::index_sequence<Stage...>, Consumers...>
    : public producers<T, N, Wait, Options, no_observer, stage_gate<Consumers...>> {
    using base = producers<T, N, Wait, Options, no_observer, stage_gate<Consumers...>>;

public:
    using core_type = typename base::core_type;
    using gate_type = stage_gate<Consumers...>;
    template <std::size_t S> using follower_type = follower<broadcast_ring, core_type, Options.pacing, S>;

    broadcast_ring(position first, std::size_t capacity, std::nullptr_t)
        : base{first, capacity, nullptr}, stages_{*this, capacity, first} {}

    template <std::size_t S> [[nodiscard]] follower_type<S>& consumer(std::size_t i) noexcept {
        return static_cast<stage<follower_type<S>, gate_type::size(S)>&>(stages_).followers[i];
    }

    void close() noexcept {
        base::close();
        for (Wait& wait : stage_waits_) wait.notify();
    }

    [[nodiscard]] processor_stats stats() const noexcept {
        processor_stats s = base::stats();
        for (Wait const& wait : stage_waits_) s.parks += wait.parks();
        return s;
    }

    void destroy_all() noexcept {
        auto& gate = this->core_.gate();
        [[maybe_unused]] position const at = gate.consumed();
        [[maybe_unused]] auto const left = this->core_.count(at, gate.partial_end());
        EVPROC_CHECK(left.committed + left.discarded == this->core_.claimed_approx() - at,
                     "a broadcast_processor was destroyed while a reserved_event or reserved_batch was live");
        consumer<gate_type::stage_count - 1>(0).destroy_all();
    }

    /// Where the steps of stage `followed - 1` are waited for; 0: those of the producers.
    [[nodiscard]] Wait& wait_for(std::size_t followed) noexcept {
        return followed == 0 ? this->for_consumer_ : stage_waits_[followed - 1];
    }
    template <std::size_t S> EVPROC_ALWAYS_INLINE void notify_behind() noexcept {
        if constexpr (!gate_type::is_last(S)) {
            stage_waits_[S].notify();
            if (!this->core_.gate().frees_space(S)) [[likely]]
                return;
        }
        this->for_producers_.notify();
    }
    [[nodiscard]] bool is_closing() const noexcept { return this->signals_.closed(); }

    EVPROC_COLD void note_stall(read_cursor const& c) noexcept {
        if (this->core_.claimed_approx() != c.at && !this->core_.is_ready(c))
            static_cast<void>(this->stall_.note(c.at));
    }
    void note_depth(std::size_t depth) noexcept { this->statistics_.note_depth(depth); }
    void note_depth() noexcept {
        if (Options.statistics && this->statistics_.max_depth() < this->core_.view().capacity())
            note_depth(this->size_approx());
    }

private:
    struct all_stages : stage<follower_type<Stage>, Consumers>... {
        all_stages(broadcast_ring& ring, std::size_t capacity, position first)
            : stage<follower_type<Stage>, Consumers>{ring, capacity, first}... {}
    };

    std::array<Wait, sizeof...(Consumers) - 1> stage_waits_;  ///< [s]: for stage s
    all_stages stages_;
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/producer_verbs.hpp
#include <type_traits>
#include <utility>

// ---- evproc/reservation.hpp
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace evproc::detail::inline EVPROC_ABI {

/// An argument for an aggregate's member: converts to its type without a cast, so braces narrow as round brackets do.
template <class Arg> struct as_member {
    Arg&& arg;

    template <class Member> requires std::is_convertible_v<Arg&&, Member>
    EVPROC_ALWAYS_INLINE operator Member() const {
        return static_cast<Member>(std::forward<Arg>(arg));
    }
};

/// Builds T(args...) at `address`, also an aggregate with compilers that lack round brackets for those (clang before 16).
template <class T, class... Args> EVPROC_ALWAYS_INLINE T* construct(T* address, Args&&... args) {
    if constexpr (std::is_constructible_v<T, Args...>) {
        return std::construct_at(address, std::forward<Args>(args)...);
    } else {
        static_assert(std::is_aggregate_v<T>, "evproc: an event cannot be built from these arguments");
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wmissing-field-initializers"  // as in round brackets, the others have their defaults
#endif
        return ::new (static_cast<void*>(address)) T{as_member<Args>{std::forward<Args>(args)}...};
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
    }
}

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// What reserved_event and reserved_batch have in common: slots, the events built in them so far, and who owns both.
/// Destruction before commit() destroys the events and gives the slots up. What is reserved behind them waits: keep it short.
/// Move-only; any thread may commit. Must not outlive the processor. Wait-free, but for the events' constructors.
template <class Ring> class reservation {
public:
    /// True while this holds slots.
    explicit operator bool() const noexcept { return static_cast<bool>(slots_); }
    /// errc::success, or why nothing was reserved; errc::invalid_handle once it is committed, discarded or moved from.
    [[nodiscard]] errc error() const noexcept { return slots_.error(); }
    /// The first event's number in the global order; the others follow.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return slots_.sequence(); }

    /// Destroys what was built and gives the slots up. No effect if this holds nothing.
    EVPROC_ALWAYS_INLINE void discard() noexcept {
        if (!*this) return;
        destroy();
        ring_->discard(slots_);
        forget();
    }

protected:
    using event_type = typename Ring::value_type;
    using range_type = typename Ring::range_type;

    reservation() = default;
    reservation(Ring& ring, range_type const& slots) noexcept : ring_{&ring}, slots_{slots} {}
    reservation(reservation&& other) noexcept { take(other); }
    reservation& operator=(reservation&& other) noexcept {
        if (this != &other) {
            discard();
            take(other);
        }
        return *this;
    }
    ~reservation() { discard(); }

    [[nodiscard]] event_type* data() const noexcept { return slots_.data(); }
    void destroy() noexcept { std::destroy_n(data(), std::exchange(built_, 0)); }
    EVPROC_ALWAYS_INLINE errc commit(std::size_t count) noexcept {
        ring_->commit(slots_, count);
        forget();
        return errc::success;
    }

    Ring* ring_ = nullptr;  ///< of interest while slots_ holds some
    range_type slots_{};
    std::size_t built_ = 0;

private:
    void take(reservation& other) noexcept {
        ring_ = other.ring_;
        slots_ = other.slots_;
        built_ = other.built_;
        other.forget();
    }
    void forget() noexcept {
        slots_ = range_type{};
        built_ = 0;
    }
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/reserved_batch.hpp
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace evproc::inline EVPROC_ABI {

/// A run of reserved slots and the events built in it so far: a vector of fixed capacity.
template <class Ring> class [[nodiscard]] reserved_batch : public reservation<Ring> {
    using base = reservation<Ring>;
    using event_type = typename Ring::value_type;

public:
    using value_type = event_type;
    using iterator = event_type*;

    /// Holds nothing; error() is errc::invalid_handle.
    reserved_batch() = default;

    reserved_batch(Ring& ring, typename Ring::range_type const& slots) noexcept : base{ring, slots} {}

    /// Number of events built so far.
    [[nodiscard]] std::size_t size() const noexcept { return this->built_; }
    /// Number of slots reserved.
    [[nodiscard]] std::size_t capacity() const noexcept { return this->slots_.size(); }
    [[nodiscard]] bool empty() const noexcept { return this->built_ == 0; }

    /// Builds the next event. Precondition: size() < capacity(). If the constructor throws, nothing has changed.
    template <class... Args> event_type& emplace_back(Args&&... args) {
        EVPROC_CHECK(size() < capacity(), "emplace_back() on a reserved_batch that is full or holds nothing");
        event_type* const event = detail::construct(this->data() + this->built_, std::forward<Args>(args)...);
        ++this->built_;
        return *event;
    }
    void push_back(event_type const& event) { emplace_back(event); }
    void push_back(event_type&& event) { emplace_back(std::move(event)); }

    /// Appends k events, uninitialised: write to them before commit(). Precondition: size() + k <= capacity().
    std::span<event_type> append_uninitialized(std::size_t k) noexcept
        requires std::is_trivially_default_constructible_v<event_type>
    {
        EVPROC_CHECK(k <= capacity() - size(), "append_uninitialized() beyond the capacity of a reserved_batch");
        event_type* const first = this->data() + this->built_;
        std::uninitialized_default_construct_n(first, k);
        this->built_ += k;
        return {first, k};
    }

    /// Precondition: i < size().
    [[nodiscard]] event_type& operator[](std::size_t i) const noexcept {
        EVPROC_CHECK(i < this->built_, "a reserved_batch was indexed beyond the events built so far");
        return this->data()[i];
    }
    [[nodiscard]] iterator begin() const noexcept { return this->data(); }
    [[nodiscard]] iterator end() const noexcept { return this->data() + this->built_; }
    /// The events built so far, contiguous.
    [[nodiscard]] std::span<event_type> span() const noexcept { return {this->data(), this->built_}; }

    /// Makes the built events visible in one step and gives up the other slots; errc::success also with none built.
    /// errc::invalid_handle if this holds nothing (asserted in checked builds).
    EVPROC_ALWAYS_INLINE errc commit() noexcept {
        EVPROC_CHECK(*this,
                     "commit() of a reserved_batch that holds nothing (committed, discarded, moved from or refused)");
        if (!*this) [[unlikely]]
            return errc::invalid_handle;
        return base::commit(this->built_);
    }
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/reserved_event.hpp
#include <new>
#include <type_traits>
#include <utility>

namespace evproc::inline EVPROC_ABI {

/// A reserved slot and the event that is being built in it; commit() makes it visible. A trivially default constructible
/// Event is alive from the start, uninitialised; any other must be emplaced first.
template <class Ring> class [[nodiscard]] reserved_event : public reservation<Ring> {
    using base = reservation<Ring>;
    using event_type = typename Ring::value_type;

public:
    /// Holds nothing; error() is errc::invalid_handle.
    reserved_event() = default;

    reserved_event(Ring& ring, typename Ring::range_type const& slot) noexcept : base{ring, slot} {
        if constexpr (std::is_trivially_default_constructible_v<event_type>) {
            if (!*this) return;
            ::new (static_cast<void*>(this->data())) event_type;
            this->built_ = 1;
        }
    }

    /// Builds the event, destroying one built before. If the constructor throws, the slot is held still and is empty.
    template <class... Args> event_type& emplace(Args&&... args) {
        EVPROC_CHECK(*this, "emplace() on a reserved_event that holds nothing");
        this->destroy();
        event_type* const event = detail::construct(this->data(), std::forward<Args>(args)...);
        this->built_ = 1;
        return *event;
    }

    /// The event. Precondition: it has been built.
    [[nodiscard]] event_type& operator*() const noexcept { return *get(); }
    [[nodiscard]] event_type* operator->() const noexcept { return get(); }
    [[nodiscard]] event_type* get() const noexcept {
        EVPROC_CHECK(*this, "use of a reserved_event that holds nothing (committed, discarded, moved from or refused)");
        EVPROC_CHECK(this->built_ != 0, "use of a reserved_event whose event has not been emplaced");
        return this->data();
    }

    /// Makes the event visible to the consumer. errc::invalid_handle if this holds nothing (asserted in checked builds), or if
    /// the event was never built; the slot is then discarded.
    EVPROC_ALWAYS_INLINE errc commit() noexcept {
        EVPROC_CHECK(*this,
                     "commit() of a reserved_event that holds nothing (committed, discarded, moved from or refused)");
        if (this->built_ == 0) [[unlikely]] {
            this->discard();
            return errc::invalid_handle;
        }
        return base::commit(1);
    }
};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// The producers' verbs of a processor `Self`, which derives from this and has `ring()`. Any thread; try_ verbs are
/// lock-free. Errors: errc::closed, also if closed during a wait; errc::full (try_ verbs); errc::stopped,
/// errc::timed_out, errc::would_deadlock (waiting verbs; the last in a handler while full); errc::busy
/// (producer_kind::single, one is live); errc::too_large for n > max_batch(), errc::invalid_size for 0.
template <class Self, class Ring> class producer_verbs {
    using value_type = typename Ring::value_type;

    template <class... Args>
    static constexpr bool is_nothrow =
        noexcept(detail::construct(std::declval<value_type*>(), std::declval<Args>()...));

public:
    using reserved_event = evproc::reserved_event<Ring>;
    using reserved_batch = evproc::reserved_batch<Ring>;

    // ---- producers: any thread ----

    /// Reserves a slot, if one is free.
    EVPROC_ALWAYS_INLINE reserved_event try_reserve() noexcept { return {ring(), ring().try_reserve(1)}; }

    /// Reserves a slot, waiting until one is free.
    EVPROC_ALWAYS_INLINE reserved_event reserve() { return {ring(), ring().reserve(1)}; }
    reserved_event reserve(detail::stop_token stop) { return {ring(), ring().reserve(1, detail::no_deadline, stop)}; }
    reserved_event reserve_for(detail::any_duration d) { return {ring(), ring().reserve(1, d.until)}; }
    reserved_event reserve_until(detail::any_time_point t) { return {ring(), ring().reserve(1, t.until)}; }

    /// Reserves n slots, all or none: consecutive in the order and side by side in memory.
    EVPROC_ALWAYS_INLINE reserved_batch try_reserve_batch(std::size_t n) noexcept {
        return {ring(), ring().try_reserve(n)};
    }
    /// Reserves as many of n slots as are free, at least one and at most max_batch(); the batch's capacity() tells.
    reserved_batch try_reserve_batch_up_to(std::size_t n) noexcept { return {ring(), ring().try_reserve_up_to(n)}; }
    /// As try_reserve_batch, waiting until n slots are free.
    EVPROC_ALWAYS_INLINE reserved_batch reserve_batch(std::size_t n) { return {ring(), ring().reserve(n)}; }
    reserved_batch reserve_batch(detail::stop_token stop, std::size_t n) {
        return {ring(), ring().reserve(n, detail::no_deadline, stop)};
    }
    reserved_batch reserve_batch_for(detail::any_duration d, std::size_t n) {
        return {ring(), ring().reserve(n, d.until)};
    }
    reserved_batch reserve_batch_until(detail::any_time_point t, std::size_t n) {
        return {ring(), ring().reserve(n, t.until)};
    }

    /// Reserves, builds Event(args...) and commits; publish() waits. If the constructor throws, the slot is discarded.
    template <class... Args> EVPROC_ALWAYS_INLINE errc try_publish(Args&&... args) noexcept(is_nothrow<Args...>) {
        return build(try_reserve(), std::forward<Args>(args)...);
    }
    template <class... Args> EVPROC_ALWAYS_INLINE errc publish(Args&&... args) {
        return build(reserve(), std::forward<Args>(args)...);
    }

    /// Makes every reserve verb return errc::closed, waiting ones too. What was reserved before may still be committed and is
    /// still consumed; after it poll says `closed`. Idempotent; also from the handler.
    void close() noexcept { ring().close(); }
    [[nodiscard]] bool is_closed() const noexcept { return ring().is_closed(); }

    /// Waits until what was committed before is consumed; sees the handlers' writes. In a handler errc::would_deadlock, if not so.
    errc flush() { return ring().flush(); }
    errc flush_for(detail::any_duration d) { return ring().flush(d.until); }

protected:
    producer_verbs() = default;
    ~producer_verbs() = default;

private:
    [[nodiscard]] EVPROC_ALWAYS_INLINE Ring& ring() const noexcept { return static_cast<Self const&>(*this).ring(); }

    template <class... Args>
    EVPROC_ALWAYS_INLINE static errc build(reserved_event event, Args&&... args) noexcept(is_nothrow<Args...>) {
        if (!event) [[unlikely]]
            return event.error();
        event.emplace(std::forward<Args>(args)...);
        return event.commit();
    }
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/ring_buffer.hpp
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

// ---- evproc/wait/adaptive_wait.hpp
#include <chrono>

// ---- evproc/detail/event_count.hpp
#include <optional>

// ---- evproc/detail/platform/futex.hpp
// How a thread sleeps until a 32-bit word changes: a futex on Linux, WaitOnAddress on Windows (8 or newer; link library
// `synchronization`), a mutex and a condition variable elsewhere or with EVPROC_NO_FUTEX. All take absolute deadlines, which
// std::atomic::wait does not. <windows.h> is not included: it would define its macros in every program.
//   P1  the word is compared under the mutex that wake_all() takes, which orders the two.

#if defined(__linux__) && !defined(EVPROC_NO_FUTEX)
#include <cerrno>
#include <climits>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(SYS_futex)
#define EVPROC_HAS_FUTEX 1
#endif
#elif defined(_WIN32) && !defined(EVPROC_NO_FUTEX)
#define EVPROC_HAS_WAIT_ON_ADDRESS 1
#endif
#if !defined(EVPROC_HAS_FUTEX) && !defined(EVPROC_HAS_WAIT_ON_ADDRESS)
#include <condition_variable>
#include <mutex>
#endif

namespace evproc::detail::inline EVPROC_ABI {

/// What a sleeper is woken by: wake_all() alone, or wake_some() too.
enum class sleeper : std::uint32_t { of_all = 1, of_some = 2 };

static_assert(sizeof(atomic<std::uint32_t>) == sizeof(std::uint32_t), "the system compares the bare 32-bit word");

#if defined(EVPROC_HAS_FUTEX)

class futex {
public:
    /// Sleeps while `word` holds `expected`, until woken or the deadline; may return early. False: deadline passed, not woken.
    bool wait(atomic<std::uint32_t>& word, std::uint32_t expected, clock_type::time_point until,
              sleeper kind) noexcept {
        auto const ns = std::chrono::duration_cast<std::chrono::nanoseconds>(until.time_since_epoch()).count();
        if (ns <= 0) return false;
        auto const seconds = ns / 1'000'000'000;
        // The kernel's own layout for SYS_futex, whatever this program's time_t is.
        long const timeout[]{static_cast<long>(seconds), static_cast<long>(ns % 1'000'000'000)};
        bool const ends = until != (clock_type::time_point::max)() && seconds < LONG_MAX;
        long const result = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                                      ends ? timeout : nullptr, nullptr, static_cast<std::uint32_t>(kind));
        return result == 0 || errno != ETIMEDOUT;
    }

    /// Call after the word has changed.
    void wake_all(atomic<std::uint32_t>& word) noexcept {
        ::syscall(SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, nullptr, nullptr, 0);
    }

    /// Wakes up to `n` of those that sleep as sleeper::of_some, those first that have slept longest. Returns how many.
    std::size_t wake_some(atomic<std::uint32_t>& word, std::size_t n) noexcept {
        long const woken = ::syscall(SYS_futex, &word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG,
                                     static_cast<int>(n < INT_MAX ? n : INT_MAX), nullptr, nullptr,
                                     static_cast<std::uint32_t>(sleeper::of_some));
        return woken > 0 ? static_cast<std::size_t>(woken) : 0;
    }
};

#elif defined(EVPROC_HAS_WAIT_ON_ADDRESS)

// As <synchapi.h> declares them, so that a program may include both.
extern "C" {
using byte_count = std::conditional_t<sizeof(void*) == 8, unsigned long long, unsigned long>;
int __stdcall WaitOnAddress(void volatile* address, void* expected, byte_count size, unsigned long milliseconds);
void __stdcall WakeByAddressAll(void* address);
}

class futex {
public:
    bool wait(atomic<std::uint32_t>& word, std::uint32_t expected, clock_type::time_point until, sleeper) noexcept {
        unsigned long time = for_ever;
        if (until != (clock_type::time_point::max)()) {
            auto const start = now();
            if (until <= start) return false;
            // Rounded up: a shorter sleep would end before the deadline, over and over.
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - start).count();
            time = left < longest ? static_cast<unsigned long>(left) : longest;
        }
        // Fails when the time is over. The clock decides, because the system measures the time in ticks of up to 16 ms.
        return WaitOnAddress(&word, &expected, sizeof expected, time) != 0 || now() < until;
    }

    void wake_all(atomic<std::uint32_t>& word) noexcept { WakeByAddressAll(&word); }

    /// WakeByAddressSingle does not tell whether anybody slept: wake all instead.
    std::size_t wake_some(atomic<std::uint32_t>&, std::size_t) noexcept { return 0; }

private:
    static constexpr unsigned long for_ever = 0xFFFFFFFF;
    static constexpr unsigned long longest = for_ever - 1;
};

#else

class futex {
public:
    bool wait(atomic<std::uint32_t>& word, std::uint32_t expected, clock_type::time_point until, sleeper) noexcept {
        std::unique_lock lock(mutex_);
        // P1 relaxed: the mutex orders this check against wake_all().
        if (word.load(std::memory_order_relaxed) != expected) return true;
        if (until == (clock_type::time_point::max)()) {
            changed_.wait(lock);
            return true;
        }
        return changed_.wait_until(lock, until) == std::cv_status::no_timeout;
    }

    void wake_all(atomic<std::uint32_t>&) noexcept {
        // Taken and dropped, so that a thread which saw the old word is asleep by now and hears the notification.
        std::unique_lock(mutex_).unlock();
        changed_.notify_all();
    }

    /// A condition variable does not tell how many it has woken: wake all.
    std::size_t wake_some(atomic<std::uint32_t>&, std::size_t) noexcept { return 0; }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

#endif

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

/// Lets threads wait for a condition that others make true by lock-free steps. notify() costs one load when nobody waits. A
/// waiter calls await() with its condition. Or it calls prepare_wait(), checks the condition again, and registers a callback
/// or cancels: one at a time, and only where nobody else waits. A notifier calls notify() after each step; where waiters
/// compete for units (of_some), notify(n) wakes as many as there are units. Wait-free, but for await() and system calls: the
/// heavy fence of prepare_wait(), the wake-up of notify(). Source: the event counts of folly and Vyukov; the callback and the
/// asymmetric fence are ours. word_: bit 0: somebody waits or is about to; bit 1: for more than one unit; bit 2: a callback is
/// registered; then an epoch.
///   E1  prepare_wait -> notify: heavy fence after the flag is set, light fence before it is read. If notify() misses the
///       flag, the check after prepare_wait() sees the step before notify().
///   E2  register_callback -> notify: the notifier that takes the callback sees what was stored before it was registered.
///   E3  notify -> cancel_wait, notify: a waiter that finds a notifier faster sees that notifier's step.
///   X1  word_ elsewhere: the fences order it against the condition, sleeping and registering compare the whole word, and no
///       other data travels through it. Statistics carry no data.
///   I1  a full notification changes the word, so nobody waits or registers with an old one (tests/model: lost wake-up).
///   I2  n units make n sleepers check that take a unit if there is one, or all. notify(n) leaves the word if n of them slept
///       and were woken, for whom the units are: others may go on to sleep. Else it notifies all.
class event_count {
public:
    using key = std::uint32_t;

    /// From now on the check that follows sees a step, or the step calls the callback that is registered then.
    [[nodiscard]] key prepare_wait(sleeper kind = sleeper::of_all) noexcept {
        key const bits = kind == sleeper::of_all ? waiting | for_more : waiting;
        // X1 relaxed: E1's fence follows.
        key const word = word_.fetch_or(bits, std::memory_order_relaxed) | bits;
        fence_.heavy();  // E1
        return word;
    }

    /// True: the first notification after prepare_wait() calls back once, perhaps already. False: it came before; check again.
    [[nodiscard]] bool register_callback(key prepared) noexcept {
        // E2 release, X1 relaxed: hands over what the callback needs; on failure nothing is handed over.
        return word_.compare_exchange_strong(prepared, prepared | callback, std::memory_order_release,
                                             std::memory_order_relaxed);
    }

    /// Undoes prepare_wait() and register_callback(). False: a notifier was faster; it has called back, or is about to.
    bool cancel_wait() noexcept {
        return take([]() noexcept {}) != 0;
    }

    /// All three: registers unless `look()`, else cancels. True and false as register_callback().
    template <class Look> [[nodiscard]] bool register_unless(Look&& look) {
        key const prepared = prepare_wait();
        if (look()) {
            cancel_wait();
            return false;
        }
        count_park();
        return register_callback(prepared);
    }

    /// Until `ready()`: true; at the deadline ready() once more. Calls `ready.before_sleep()`, if any, before each sleep.
    /// of_some: for a `ready` that takes one unit if there is one.
    template <class Ready> bool await(Ready&& ready, clock_type::time_point until, sleeper kind = sleeper::of_all) {
        for (;;) {
            if (auto const over = sleep(ready, until, kind)) return *over;
        }
    }

    /// One turn of await(): nothing after a wake-up.
    template <class Ready> std::optional<bool> sleep(Ready& ready, clock_type::time_point until, sleeper kind) {
        if (kind == sleeper::of_all) return sleep_as(kind, ready, until);
        // X1 relaxed: a hint.
        for_one_.fetch_add(1, std::memory_order_relaxed);
        auto const over = sleep_as(kind, ready, until);
        // X1 relaxed: a hint.
        for_one_.fetch_sub(1, std::memory_order_relaxed);
        return over;
    }

    [[nodiscard]] std::uint64_t parks() const noexcept {
        // X1 relaxed: a statistic.
        return parks_.load(std::memory_order_relaxed);
    }

    /// notify(): wakes everybody. notify(std::size_t n), after a step that only made n units: of those that wait for one, only
    /// n. notify(read, call), where a callback may be registered: the notifier that takes it calls `call(read())`. What
    /// `read()` reads is that callback's, and may be overwritten after the taking.
    template <class... How> EVPROC_ALWAYS_INLINE void notify(How... how) noexcept {
        if (has_waiter()) [[unlikely]]
            wake(how...);
    }

private:
    static constexpr std::uint32_t waiting = 1;
    static constexpr std::uint32_t for_more = 2;
    static constexpr std::uint32_t callback = 4;
    static constexpr std::uint32_t flags = waiting | for_more | callback;

    void count_park() noexcept {
        // X1 relaxed: a statistic.
        parks_.fetch_add(1, std::memory_order_relaxed);
    }

    template <class Ready> std::optional<bool> sleep_as(sleeper kind, Ready& ready, clock_type::time_point until) {
        key const prepared = prepare_wait(kind);
        if (ready()) return true;
        if constexpr (requires { ready.before_sleep(); }) ready.before_sleep();
        count_park();
        if (futex_.wait(word_, prepared, until, kind)) return std::nullopt;
        return ready();
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE bool has_waiter() const noexcept {
        fence_.light();  // E1
        // X1 relaxed: E1's fence stands before it.
        return (word_.load(std::memory_order_relaxed) & waiting) != 0;
    }

    EVPROC_COLD void wake() noexcept {
        if (cancel_wait()) futex_.wake_all(word_);
    }

    EVPROC_COLD void wake(std::size_t n) noexcept {
        if (n == 0) return;
        // X1 relaxed: a waiter for more that is not seen here sees the step (E1).
        bool const each_for_one = (word_.load(std::memory_order_relaxed) & for_more) == 0;
        // X1 relaxed: a hint. If n is enough for all, the flag is cleared and the next step wakes nobody.
        if (each_for_one && n < for_one_.load(std::memory_order_relaxed) && futex_.wake_some(word_, n) == n) return;
        wake();
    }

    template <class Read, class Call> EVPROC_COLD void wake(Read read, Call call) noexcept {
        decltype(read()) what{};
        std::uint32_t const taken = take([&]() noexcept { what = read(); });
        if ((taken & callback) != 0)
            call(what);
        else if (taken != 0)
            futex_.wake_all(word_);
    }

    /// Clears the flags and returns those that were set; 0 if another thread was faster. Calls `before()` before each attempt.
    template <class Before> std::uint32_t take(Before before) noexcept {
        // E2 acquire, E3 acquire: from register_callback(), and from the faster thread.
        std::uint32_t word = word_.load(std::memory_order_acquire);
        std::uint32_t const last = word | flags;
        // At most three attempts. A waiter of a new epoch sees the caller's step (E1).
        while ((word & waiting) != 0 && (word | flags) == last) {
            before();
            // The last word of an epoch plus one clears the flags and begins the next (I1).
            // E3 release: passes the step on. Acquires nothing: prepare_wait() may write the word again, to no effect.
            // E2 acquire, E3 acquire: on failure, for the next attempt and for the answer 0.
            if (word_.compare_exchange_strong(word, last + 1, std::memory_order_release, std::memory_order_acquire))
                return word & flags;
        }
        return 0;
    }

    alignas(cache_line_size) atomic<std::uint32_t> word_{0};
    asymmetric_fence const fence_{};
    alignas(cache_line_size) atomic<std::uint64_t> parks_{0};
    atomic<std::uint32_t> for_one_{0};  // threads in sleep() for one unit
    [[no_unique_address]] futex futex_{};
};

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// The default: spins a little (not on a one-CPU machine), then yields, then sleeps. Under load it acts like a spin; an idle
/// thread uses no processor time. The other side pays one load, and a system call when somebody sleeps.
class adaptive_wait {
public:
    template <class Ready> bool wait(Ready&& ready, wait_deadline until) {
        return wait(ready, until, {}, detail::sleeper::of_all);
    }
    template <class Ready> bool wait_one(Ready&& ready, wait_deadline until) {
        return wait(ready, until, for_space, detail::sleeper::of_some);
    }
    EVPROC_ALWAYS_INLINE void notify() noexcept { event_count_.notify(); }
    EVPROC_ALWAYS_INLINE void notify(std::size_t n) noexcept { event_count_.notify(n); }
    [[nodiscard]] std::uint64_t parks() const noexcept { return event_count_.parks(); }

private:
    static constexpr unsigned spins = 32;
    static constexpr unsigned yields = 16;
    // A consumer has taken thousands of small events by then: while it works a sleep would not pay.
    static constexpr std::chrono::microseconds for_space{50};

    // Awake again after each sleep: another producer may have taken the slots first, and a sleep for each such loss is dear.
    template <class Ready>
    bool wait(Ready& ready, wait_deadline until, std::chrono::microseconds awake, detail::sleeper kind) {
        for (;;) {
            if (!detail::one_cpu() && detail::spin_until(ready, [] { detail::cpu_relax(); }, until, spins)) return true;
            wait_deadline before = detail::now();
            wait_deadline const begin = before;
            for (unsigned i = 0; i < yields || before - begin < awake; ++i) {
                if (ready()) return true;
                if (before >= until) return false;
                detail::yield_thread();
                // Another program had the processor for a time slice: a wake-up gets ahead of it, a yield does not.
                wait_deadline const after = detail::now();
                if (after - before > std::chrono::milliseconds{1}) break;
                before = after;
            }
            if (auto const over = event_count_.sleep(ready, until, kind)) return *over;
        }
    }

    detail::event_count event_count_;
};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// What ring_buffer, event_processor and broadcast_processor have in common: a ring on the heap. Neither copyable nor movable.
template <class Ring, std::size_t N, std::size_t MaxBatch> class ring_owner {
    static constexpr bool is_static = N != std::dynamic_extent;

public:
    using wait_type = typename Ring::wait_type;
    using observer_type = typename Ring::observer_type;

private:
    static constexpr bool makes_observer = std::is_default_constructible_v<observer_type>;
    static constexpr bool takes_observer =
        !std::is_same_v<observer_type, no_observer> && std::is_move_constructible_v<observer_type>;
    template <class Group>
    static constexpr bool takes_group =
        std::is_constructible_v<wait_type, Group&> && !std::is_base_of_v<ring_owner, Group>;

public:
    /// Allocates all storage, for good. `group` makes the Wait (grouped_wait) and must outlive this. Throws std::bad_alloc;
    /// std::invalid_argument unless `capacity` (see N) is a power of two >= Options.max_batch.
    ring_owner() requires(is_static && makes_observer && std::is_default_constructible_v<wait_type>)
        : ring_owner{0, N} {}
    explicit ring_owner(std::size_t capacity) requires(!is_static && makes_observer)
        : ring_owner{0, capacity} {}
    explicit ring_owner(observer_type observer) requires(is_static && takes_observer)
        : ring_owner{0, N, std::move(observer)} {}
    ring_owner(std::size_t capacity, observer_type observer) requires(!is_static && takes_observer)
        : ring_owner{0, capacity, std::move(observer)} {}
    template <class Group> requires(is_static && takes_group<Group>)
    explicit ring_owner(Group& group) : ring_{std::make_unique<Ring>(0, N, &group)} {}
    template <class Group> requires(!is_static && takes_group<Group>)
    ring_owner(Group& group, std::size_t capacity) : ring_{std::make_unique<Ring>(0, capacity, &group)} {}

    ring_owner(ring_owner const&) = delete;
    ring_owner& operator=(ring_owner const&) = delete;

    // ---- any thread ----

    /// Counts since construction. Reads every slot in use; costs the hot path nothing.
    [[nodiscard]] processor_stats stats() const noexcept { return ring_->stats(); }

    /// Whether the next slot is reserved, not committed, and since when a waiting consumer or an earlier call has seen it so.
    [[nodiscard]] stall_info oldest_uncommitted() const noexcept { return ring_->oldest_uncommitted(); }

    // ---- hints: any thread, stale at once ----

    /// Slots reserved and not yet released, committed or not; between 0 and capacity().
    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_->size_approx(); }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }

    /// The number of slots: exactly N.
    [[nodiscard]] static constexpr std::size_t capacity() noexcept requires is_static
    {
        return N;
    }
    [[nodiscard]] std::size_t capacity() const noexcept requires(!is_static)
    {
        return ring_->core().view().capacity();
    }
    /// The most slots of one reservation.
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept requires is_static
    {
        return MaxBatch == 0 ? N : MaxBatch;
    }
    [[nodiscard]] std::size_t max_batch() const noexcept requires(!is_static)
    {
        return ring_->core().view().max_batch();
    }

    /// The strategy object that the consumer waits with.
    [[nodiscard]] wait_type& consumer_wait() noexcept { return ring_->consumer_wait(); }

    [[nodiscard]] observer_type& observer() noexcept { return ring_->observer(); }
    [[nodiscard]] observer_type const& observer() const noexcept { return ring_->observer(); }

protected:
    friend struct detail::test_access;

    template <class... O>
    ring_owner(detail::position first, std::size_t capacity, O&&... observer)
        : ring_{std::make_unique<Ring>(first, capacity, nullptr, std::forward<O>(observer)...)} {}
    ~ring_owner() = default;

    [[nodiscard]] EVPROC_ALWAYS_INLINE Ring& ring() const noexcept { return *ring_; }
    [[nodiscard]] Ring* source() const noexcept { return ring_.get(); }

private:
    std::unique_ptr<Ring> ring_;
};

/// A bounded queue of slots from many producer threads to one consumer thread, in one global order. Producers reserve n
/// contiguous slots, construct objects in their raw storage, and commit them in one step or discard them. The consumer peeks
/// at what is committed, in the order of reservation, and releases it. The producer constructs, the consumer destroys;
/// event_processor does both for you. Threads, progress, waiting: as event_processor. Errors: see producer_verbs. `T`: any
/// object type whose destructor does not throw. `N`: number of slots, a power of two, or std::dynamic_extent to give it to the
/// constructor. `Wait`: a wait_strategy for the waiting verbs. `Observer`: a class whose hooks are called (no_observer).
template <class T, std::size_t N = 4096, class Wait = adaptive_wait, ring_options Options = ring_options{},
          class Observer = no_observer>
class ring_buffer : public ring_owner<detail::ring<T, N, Wait, Options, Observer>, N, Options.max_batch>,
                    public waiting_verbs<ring_buffer<T, N, Wait, Options, Observer>, Wait> {
    using ring_type = detail::ring<T, N, Wait, Options, Observer>;
    using owner = ring_owner<ring_type, N, Options.max_batch>;

public:
    using value_type = T;
    using range_type = slot_range<T>;
    using ready_type = typename ring_type::ready_type;

    using owner::owner;

    // ---- producers: any thread ----

    /// Reserves n contiguous slots, if they are free.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n = 1) noexcept {
        return ring().try_reserve(n);
    }

    /// Reserves as many of n slots as are free, at least one and at most max_batch().
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept { return ring().try_reserve_up_to(n); }

    /// Reserves n contiguous slots, waiting until they are free. errc::would_deadlock if this thread holds events it has not
    /// released. Claims nothing before there is space, so waiting reservations may overtake each other. Blocking.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n = 1) { return ring().reserve(n); }
    [[nodiscard]] range_type reserve(detail::stop_token stop, std::size_t n = 1) {
        return ring().reserve(n, detail::no_deadline, stop);
    }
    [[nodiscard]] range_type reserve_for(detail::any_duration d, std::size_t n = 1) {
        return ring().reserve(n, d.until);
    }
    [[nodiscard]] range_type reserve_until(detail::any_time_point t, std::size_t n = 1) {
        return ring().reserve(n, t.until);
    }

    /// Makes the first `built` slots of `r` (default: all), which must hold constructed objects, visible in one step, and
    /// gives up the rest. Precondition: `r` was neither committed nor discarded. An empty `r` is ignored.
    void commit(range_type const& r) noexcept { commit(r, r.size()); }
    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept { ring().commit(r, built); }

    /// Gives up the slots of `r`; the consumer skips them. What was constructed there must have been destroyed.
    void discard(range_type const& r) noexcept { ring().discard(r); }

    /// Makes every reserve verb return errc::closed, waiting ones too; earlier reservations may still be committed. Idempotent.
    void close() noexcept { ring().close(); }

    /// Whether close() was called: a hint, unless the caller knows that it was.
    [[nodiscard]] bool is_closed() const noexcept { return ring().is_closed(); }

    // ---- consumer: one thread ----

    /// The committed events, in order, at most `max`. Releases nothing: a second peek begins with the same event.
    [[nodiscard]] ready_type peek() noexcept { return peek(this->capacity()); }
    [[nodiscard]] ready_type peek(std::size_t max) noexcept { return ring().peek(max); }

    /// Frees the first k events' slots of the last peek, and discarded ones there. Precondition: k <= events left.
    void release(std::size_t k) noexcept { ring().template release<detail::afterwards::leave>(k); }

    /// more (an event is ready), idle, blocked (reserved, not committed), closed (and drained): exact. Wait-free; costs producers.
    [[nodiscard]] poll_state state() const noexcept { return ring().state(); }

private:
    friend struct detail::test_access;
    friend waiting_verbs<ring_buffer, Wait>;
    using owner::ring;
    using owner::source;
};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// Consumers per stage. A stage sees an event when all of the stage before have handled it; stages<1, 2, 1>: one, two, one.
template <std::size_t... Consumers> struct stages {};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <class Event, class Stages, std::size_t N, class Wait, ring_options Options> struct broadcast_ring_for {
    static_assert(!std::is_same_v<Stages, Stages>,
                  "evproc: write the number of consumers of each stage as evproc::stages<1, 2>");
};

template <class Event, std::size_t... Consumers, std::size_t N, class Wait, ring_options Options>
struct broadcast_ring_for<Event, stages<Consumers...>, N, Wait, Options> {
    using gate = stage_gate<Consumers...>;
    static_assert(
        Options.producers == producer_kind::multi,
        "evproc: a broadcast_processor has no form for a single producer: leave ring_options::producers at multi");
    static_assert(std::is_trivially_destructible_v<Event> || gate::size(gate::stage_count - 1) == 1,
                  "evproc: an Event with a destructor needs a last stage of one consumer, which destroys it: stages<2, "
                  "1> instead "
                  "of stages<2>");
    using type = broadcast_ring<Event, N, Wait, Options, std::make_index_sequence<sizeof...(Consumers)>, Consumers...>;
};
template <class Event, class Stages, std::size_t N, class Wait, ring_options Options>
using broadcast_ring_t = typename broadcast_ring_for<Event, Stages, N, Wait, Options>::type;

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// Passes events from many threads to several consumers, each of which gets every event, in one global order and in place.
/// consumer<1>(0) gets an event once every consumer of stage 0 has handled it, in steps of at most 64 events. A slot is free
/// again when the slowest of the last stage has handled its event: a slow consumer holds up the producers. For consumers that
/// may lose events, or come and go, use a queue each. A consumer is taken once and may leave; one not taken yet holds its place
/// from sequence 0. A handler that throws consumes the event for its consumer alone. An Event with a destructor needs a last
/// stage of one, which destroys it. Producers' verbs (producer_verbs) from any thread and handler; flush() waits for the last
/// stage (errc::closed if all of it left); errc::would_deadlock in the handler of any consumer. After close() each consumer
/// still gets what was reserved before. The ring is on the heap. Neither copyable nor movable. See ring_buffer; producer_kind::multi only.
template <class Event, class Stages, std::size_t N = 4096, class Wait = adaptive_wait,
          ring_options Options = ring_options{}>
class broadcast_processor
    : public ring_owner<detail::broadcast_ring_t<Event, Stages, N, Wait, Options>, N, Options.max_batch>,
      public producer_verbs<broadcast_processor<Event, Stages, N, Wait, Options>,
                            detail::broadcast_ring_t<Event, Stages, N, Wait, Options>> {
    using ring_type = detail::broadcast_ring_t<Event, Stages, N, Wait, Options>;
    using gate_type = typename ring_type::gate_type;
    using owner = ring_owner<ring_type, N, Options.max_batch>;

public:
    using event_type = Event;
    template <std::size_t Stage>
    using broadcast_consumer = evproc::broadcast_consumer<typename ring_type::template follower_type<Stage>>;

    using owner::owner;

    /// Destroys the events left. Precondition: no thread uses this; no consumer or handle is live (asserted in checked builds).
    ~broadcast_processor() {
        EVPROC_CHECK(!ring().core().gate().has_consumers(),
                     "a broadcast_processor was destroyed before one of its consumers");
        ring().destroy_all();
    }

    // ---- consumers ----

    /// Consumer i of a stage. Any thread. Throws std::logic_error if it was taken before or does not exist.
    template <std::size_t Stage> [[nodiscard]] broadcast_consumer<Stage> consumer(std::size_t i = 0) {
        static_assert(Stage < gate_type::stage_count, "evproc: this broadcast_processor has fewer stages");
        if (i >= gate_type::size(Stage))
            detail::fail<std::logic_error>("evproc: there are fewer consumers in this stage");
        if (!ring().core().gate().take(Stage, i))
            detail::fail<std::logic_error>("evproc: this consumer was taken before");
        return broadcast_consumer<Stage>{ring().template consumer<Stage>(i)};
    }

private:
    friend struct detail::test_access;
    friend producer_verbs<broadcast_processor, ring_type>;
    using owner::ring;
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/event_processor.hpp
#include <span>
#include <type_traits>
#include <utility>

namespace evproc::inline EVPROC_ABI {

/// Passes events from many threads to one, in one global order, without locks and without copies. A producer reserves a
/// slot, builds the event in it and commits; the consumer handles events in place, in the order of reservation. An event
/// that is not committed, or whose constructor throws, is destroyed and its slot skipped; a consumed one is destroyed.
/// Threads: producers' verbs (producer_verbs) from any thread (producer_kind::single: from one) and from the handler; the
/// consumer's (also consumer_verbs) from one thread at a time. Progress: try_ verbs are lock-free; commit, discard, and poll
/// per event are wait-free. A producer that stalls between reserve and commit holds up all events behind it: see state(),
/// oldest_uncommitted(). Waiting verbs end early at a stop request, after `d`, or at `t` of any clock. Neither copyable nor
/// movable. Parameters: see ring_buffer.
template <class Event, std::size_t N = 4096, class Wait = adaptive_wait, ring_options Options = ring_options{},
          class Observer = no_observer>
class event_processor : public ring_owner<detail::ring<Event, N, Wait, Options, Observer>, N, Options.max_batch>,
                        public producer_verbs<event_processor<Event, N, Wait, Options, Observer>,
                                              detail::ring<Event, N, Wait, Options, Observer>>,
                        public consumer_verbs<event_processor<Event, N, Wait, Options, Observer>, Wait> {
    using ring_type = detail::ring<Event, N, Wait, Options, Observer>;
    using owner = ring_owner<ring_type, N, Options.max_batch>;

public:
    using event_type = Event;
    using committed_batch = evproc::committed_batch<ring_type>;
    template <class H> static constexpr bool accepts = detail::handler_of<std::remove_reference_t<H>, Event&>;

    using owner::owner;

    /// Destroys the events left. Precondition: no other thread uses this, no handle is live (asserted in checked builds).
    ~event_processor() {
        EVPROC_CHECK(!ring().thread().is_entered(),
                     "an event_processor was destroyed inside its own handler or while a committed_batch was live");
        ring().destroy_all();
    }

    // ---- consumer: one thread ----

    /// As poll, with std::span<Event>: events side by side in memory. A span is one event for `keep`, an exception and
    /// event_info (its first event's). Only `max` divides a batch that was committed as one.
    template <class Handler> requires detail::handler_of<Handler, std::span<Event>>
    poll_result poll_batches(Handler&& handler, std::size_t max) {
        return ring().template poll<detail::delivery::spans>(handler, max).polled;
    }
    template <class Handler> requires detail::handler_of<Handler, std::span<Event>>
    poll_result poll_batches(Handler&& handler) {
        return poll_batches(handler, this->capacity());
    }

    /// The ready events, at most `max`, read in place. Released when the view is destroyed or by the next peek. Wait-free.
    committed_batch peek() { return peek(this->capacity()); }
    committed_batch peek(std::size_t max) { return {ring(), max}; }

    /// more (an event is ready), idle, blocked (reserved, not committed), closed (and drained): exact. Wait-free; costs producers.
    [[nodiscard]] poll_state state() const noexcept { return ring().state(); }

    // ---- consumer in a coroutine, where the wait strategy can (coroutine_wait) ----

    /// co_await it: suspends until events are ready and gives them as peek() does; none: closed and drained, wake() or a stop
    /// request. `executor` (see coroutine_wait) must live as long as producers use the processor. One coroutine at a time.
    template <class Executor> requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto next_batch(Executor& executor) {
        return this->consumer_wait().next_batch(ring(), executor, detail::never_stops{});
    }
    template <class Executor> requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto next_batch(detail::stop_token stop, Executor& executor) {
        return this->consumer_wait().next_batch(ring(), executor, std::move(stop));
    }

private:
    friend struct detail::test_access;
    friend struct detail::ring_access;
    friend producer_verbs<event_processor, ring_type>;
    friend waiting_verbs<event_processor, Wait>;
    friend consumer_verbs<event_processor, Wait>;

    using owner::ring;
    using owner::source;
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t poll_limit() const noexcept { return this->capacity(); }
    template <class Handler> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_some(Handler& handler, std::size_t max) {
        return ring().template poll<detail::delivery::events>(handler, max);
    }
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/lane_processor.hpp
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>

// ---- evproc/detail/lane_ring.hpp
#include <memory>
#include <utility>

// ---- evproc/wait/grouped_wait.hpp
namespace evproc::inline EVPROC_ABI {

/// The one place where the consumer of several rings sleeps; example: docs/pages/selecting.md. A step in any ring wakes it, as
/// W does it (also eventfd_wait, coroutine_wait). The group must outlive its rings. One thread at a time consumes all of them.
template <class W = adaptive_wait> class wait_group {
    static_assert(wait_strategy<W>, "evproc: W must satisfy evproc::wait_strategy (evproc/wait/wait_strategy.hpp)");

public:
    using wait_type = W;

    wait_group() = default;
    wait_group(wait_group const&) = delete;
    wait_group& operator=(wait_group const&) = delete;

    [[nodiscard]] EVPROC_ALWAYS_INLINE W& consumer_wait() noexcept { return wait_; }
    [[nodiscard]] std::uint64_t parks() const noexcept { return wait_.parks(); }
    /// The consuming thread, the same for all rings: reserving in a full sibling from a handler does not deadlock.
    [[nodiscard]] detail::consuming_thread& thread() noexcept { return thread_; }

private:
    W wait_;
    detail::consuming_thread thread_;
};

/// Makes a ring notify its group. For rings with one common consumer; for a single ring it only costs: one more load for each
/// commit, of a pointer that never changes. Producers that wait for space wait on a W of their ring.
template <class W = adaptive_wait> class grouped_wait {
public:
    using group_type = wait_group<W>;
    using producers_wait = W;

    explicit grouped_wait(wait_group<W>& group) noexcept : group_{&group} {}

    template <class Ready> bool wait(Ready&& ready, wait_deadline until) {
        return group_->consumer_wait().wait(ready, until);
    }
    EVPROC_ALWAYS_INLINE void notify() noexcept { group_->consumer_wait().notify(); }
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }

    [[nodiscard]] group_type& group() const noexcept { return *group_; }

private:
    group_type* group_;
};

static_assert(wait_strategy<grouped_wait<>>);

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

/// One lane's ring, of a single producer, and whether somebody owns it. Without a ring: the lane of those who got none.
/// Wait-free, but for the waiting verbs.
///   E1  release -> take: the next owner sees the producer's words as the last owner left them. (The end of the consumer's
///       work on the last owner's events is E2 of consumer_position.hpp.)
///   X1  the exchange carries no data: the load before it acquired, and the number tells that nothing happened since.
///   X2  (lane_table) used_ is raised before lane i is used, so before the events and notifications that a sleeping consumer
///       has to see: their fences order it too.
///   X3  a check: the thread that destroys the lanes has waited for their owners to end.
template <class T, std::size_t N, class Wait> class lane_ring {
public:
    using ring_type =
        detail::ring<T, N, grouped_wait<Wait>, ring_options{.producers = producer_kind::single}, no_observer>;
    using value_type = T;
    using range_type = typename ring_type::range_type;

    void open(lane_ring& none, std::size_t capacity, wait_group<Wait>& group) {
        none_ = &none;
        ring_ = std::make_unique<ring_type>(0, capacity, &group);
    }
    [[nodiscard]] lane_ring& none() noexcept { return none_ != nullptr ? *none_ : *this; }
    [[nodiscard]] bool has_ring() const noexcept { return ring_ != nullptr; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE ring_type& ring() const noexcept { return *ring_; }

    /// Takes the lane if nobody owns it and all its events are consumed.
    [[nodiscard]] bool take() noexcept {
        // E1 acquire: what the last owner reserved, and the producer's words.
        std::uint32_t turn = turn_.load(std::memory_order_acquire);
        if (is_taken(turn) || !is_drained()) return false;
        // X1 relaxed: if it succeeds, nobody has had the lane since the load above.
        return turn_.compare_exchange_strong(turn, turn + 1, std::memory_order_relaxed, std::memory_order_relaxed);
    }
    void release() noexcept {
        if (!has_ring()) return;
        EVPROC_CHECK(ring_->core().front_approx() == ring_->core().claimed_approx(),
                     "a lane was dropped while a reservation of it was live");
        // E1 release: to take().
        turn_.fetch_add(1, std::memory_order_release);
    }
    [[nodiscard]] bool has_owner() const noexcept {
        // X3 relaxed: for a check.
        return is_taken(turn_.load(std::memory_order_relaxed));
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n) noexcept {
        if (!has_ring()) [[unlikely]]
            return refused();
        return ring_->try_reserve(n);
    }
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept {
        if (!has_ring()) return refused();
        return ring_->try_reserve_up_to(n);
    }
    template <class Stop = never_stops>
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n, wait_deadline until = no_deadline,
                                                          Stop const& stop = {}) {
        if (!has_ring()) [[unlikely]]
            return refused();
        return ring_->reserve(n, until, stop);
    }
    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept { ring_->commit(r, built); }
    void discard(range_type const& r) noexcept { ring_->discard(r); }
    void close() noexcept {
        if (has_ring()) ring_->close();
    }
    [[nodiscard]] bool is_closed() const noexcept { return has_ring() && ring_->is_closed(); }
    errc flush(wait_deadline until = no_deadline) { return has_ring() ? ring_->flush(until) : errc::busy; }

private:
    [[nodiscard]] static range_type refused() noexcept { return {claim{errc::busy}, nullptr}; }

    [[nodiscard]] static constexpr bool is_taken(std::uint32_t turn) noexcept { return turn % 2 != 0; }
    [[nodiscard]] bool is_drained() const noexcept {
        auto const& core = ring_->core();
        return core.gate().consumed() == core.claimed_approx();
    }

    std::unique_ptr<ring_type> ring_;
    lane_ring* none_ = nullptr;
    atomic<std::uint32_t> turn_{0};  ///< goes up by one when taken or given back; odd: taken
};

/// All lanes of a processor, as the sources of a round. Those never taken are not looked at.
template <class T, std::size_t N, class Wait> class lane_table {
public:
    using lane_type = lane_ring<T, N, Wait>;
    using group_type = wait_group<Wait>;

    lane_table(std::size_t max_lanes, std::size_t capacity)
        : lanes_{std::make_unique<lane_type[]>(max_lanes)}, all_{max_lanes} {
        for (std::size_t i = 0; i != all_; ++i) lanes_[i].open(none_, capacity, group_);
    }
    ~lane_table() {
        EVPROC_CHECK(!group_.thread().is_entered(), "a lane_processor was destroyed inside its own handler");
        for (std::size_t i = 0; i != all_; ++i) {
            EVPROC_CHECK(!lanes_[i].has_owner(), "a lane_processor was destroyed before one of its lanes");
            lanes_[i].ring().destroy_all();
        }
    }
    lane_table(lane_table const&) = delete;
    lane_table& operator=(lane_table const&) = delete;

    /// A free lane, preferably one that is not closed; else the one without a ring.
    [[nodiscard]] lane_type& take() noexcept {
        for (bool const closed : {false, true}) {
            for (std::size_t i = 0; i != all_; ++i) {
                if (lanes_[i].is_closed() != closed || !lanes_[i].take()) continue;
                // X2 relaxed: raised before the lane is used.
                std::size_t used = used_.load(std::memory_order_relaxed);
                while (used <= i && !used_.compare_exchange_weak(used, i + 1, std::memory_order_relaxed,
                                                                 std::memory_order_relaxed)) {
                }
                return lanes_[i];
            }
        }
        return none_;
    }

    [[nodiscard]] group_type& group() const noexcept { return group_; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t size() const noexcept {
        // X2 relaxed: a sleep is ordered by its own fences.
        return used_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t all() const noexcept { return all_; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto& ring(std::size_t i) const noexcept { return lanes_[i].ring(); }

private:
    mutable group_type group_;
    lane_type none_;
    std::unique_ptr<lane_type[]> const lanes_;
    std::size_t const all_;
    atomic<std::size_t> used_{0};
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/detail/round.hpp
#include <memory>
#include <type_traits>
#include <utility>

namespace evproc::detail::inline EVPROC_ABI {

/// `strict`: the first ring that has something; earlier rings are looked at again every `burst` events.
template <class Order> class turns {
public:
    explicit turns(Order const& order) noexcept : burst_{max_of<std::size_t>(order.burst, 1)} {}

    void begin() noexcept { at_ = since_first_ = 0; }
    /// Whether all `n` rings came back empty, one right after the other.
    [[nodiscard]] bool all_empty(std::size_t n) noexcept {
        if (at_ < n) return false;
        at_ = 0;
        return std::exchange(since_first_, 0) == 0;
    }
    [[nodiscard]] std::size_t source() const noexcept { return at_; }
    [[nodiscard]] std::size_t quantum() const noexcept { return at_ == 0 ? SIZE_MAX : burst_ - since_first_; }
    void start() noexcept {}
    void end(std::size_t events, bool has_more) noexcept {
        if (at_ != 0) since_first_ += events;
        if (!has_more) ++at_;
        if (since_first_ == burst_) begin();
    }

private:
    std::size_t const burst_;
    std::size_t at_ = 0;
    std::size_t since_first_ = 0;  ///< events of other rings since the first was looked at
};

/// `weighted`: each ring in turn gives its share, or what it has. Turns go on over polls.
template <class Order> requires requires(Order const& order) { order.share; }
class turns<Order> {
public:
    explicit turns(Order const& order) noexcept : order_{order} {}

    void begin() noexcept { misses_ = 0; }
    [[nodiscard]] bool all_empty(std::size_t n) noexcept {
        if (at_ >= n) at_ = 0;
        return misses_ >= n;
    }
    [[nodiscard]] std::size_t source() const noexcept { return at_; }
    [[nodiscard]] std::size_t quantum() const noexcept { return left_ != 0 ? left_ : share(at_); }
    /// The next ring's turn from here on: a ring whose handler throws does not stay in front.
    void start() noexcept {
        turn_of_ = at_++;
        given_ = std::exchange(left_, 0);
        if (given_ == 0) given_ = share(turn_of_);
    }
    void end(std::size_t events, bool has_more) noexcept {
        // A ring that gave all it had counts as looked at: another look would meet the line being written.
        misses_ = has_more ? 0 : events == 0 ? misses_ + 1 : 1;
        if (!has_more || events >= given_) return;
        at_ = turn_of_;
        left_ = given_ - events;
    }

private:
    [[nodiscard]] std::size_t share(std::size_t i) const noexcept {
        if constexpr (requires { order_.share[i]; })
            return max_of<std::size_t>(order_.share[i], 1);
        else
            return order_.share;
    }

    Order const order_;
    std::size_t at_ = 0;
    std::size_t left_ = 0;  ///< of this turn, begun by an earlier poll; 0: not begun
    std::size_t turn_of_ = 0;
    std::size_t given_ = 0;
    std::size_t misses_ = 0;  ///< rings that gave nothing, one after the other
};

struct ring_access {
    template <class Processor> [[nodiscard]] static auto& ring(Processor& processor) noexcept {
        return processor.ring();
    }
};

/// One consumer of several rings of one wait_group: n rings, one place to sleep, an order of looking. `Sources`: `size()`
/// rings in use of `all()`; `visit(i, f)` calls f(ring); `group()`. It pauses (pacer.hpp) only after all rings came back
/// empty, so none waits for another's batch.
template <class Sources, class Order, bool Paces> class round {
    using group_type = typename Sources::group_type;
    using wait_type = typename group_type::wait_type;

public:
    round(Sources sources, Order const& order)
        : sources_{sources},
          turns_{order},
          kept_in_{std::make_unique<std::uint64_t[]>(sources_.all())},
          capacity_{sum_of_capacities()},
          pacer_{capacity_, 0} {}

    /// `take(i, most, to_front)` polls ring i and returns a poll_outcome.
    template <class Take> EVPROC_ALWAYS_INLINE poll_outcome poll(Take take, std::size_t max) {
        consumer_scope const scope{sources_.group().thread()};
        ++polls_;
        std::size_t events = 0;
        unsigned pauses_left = pauses_per_poll;
        event_action last = event_action::next;
        bool to_front = pacer_.is_paying();
        position before = delivered_;  // when the first ring was looked at
        turns_.begin();
        while (events != max) {
            if (turns_.all_empty(sources_.size())) {
                if (last == event_action::keep) break;
                bool const has_paused = pacer_.look_again(delivered_, pauses_left, [] { return no_limit; });
                if (has_paused || to_front) {
                    // Without a pause, and with nothing left before the fronts: once more, as far as there is something.
                    to_front = pacer_.is_paying() && (has_paused || delivered_ != before);
                    before = delivered_;
                    turns_.begin();
                    continue;
                }
                return {{events, is_over() ? poll_state::closed : poll_state::idle}, last};
            }
            std::size_t const i = turns_.source();
            std::size_t const most = min_of(turns_.quantum(), max - events);
            turns_.start();
            if (last == event_action::keep && kept_in_[i] == polls_) [[unlikely]] {
                turns_.end(0, false);
                continue;
            }
            poll_outcome const turn = take(i, most, to_front);
            events += turn.polled.events;
            delivered_ += turn.polled.events;
            bool const kept = turn.last == event_action::keep;
            turns_.end(turn.polled.events, turn.polled.state == poll_state::more && !kept);
            if (turn.last == event_action::stop) return {{events, poll_state::more}, turn.last};
            if (kept) {
                kept_in_[i] = polls_;
                last = event_action::keep;
            }
        }
        return {{events, poll_state::more}, last};
    }

    [[nodiscard]] poll_state state() const noexcept {
        poll_state all = poll_state::closed;
        for (std::size_t i = 0; i != sources_.all(); ++i) {
            poll_state const one = sources_.visit(i, [](auto& ring) { return ring.state(); });
            if (one == poll_state::more) return one;
            if (one == poll_state::blocked || all == poll_state::closed) all = one;
        }
        return all;
    }

    [[nodiscard]] bool skip_discarded() noexcept {
        bool ready = false;
        for (std::size_t i = 0; i != sources_.size(); ++i)
            ready |= sources_.visit(i, [](auto& ring) { return ring.skip_discarded(); });
        return ready;
    }

    [[nodiscard]] bool is_ready() const noexcept {
        for (std::size_t i = 0; i != sources_.size(); ++i) {
            if (sources_.visit(i, [](auto& ring) { return ring.is_ready(); })) return true;
        }
        return false;
    }
    [[nodiscard]] bool is_over() const noexcept {
        for (std::size_t i = 0; i != sources_.all(); ++i) {
            if (!sources_.visit(i, [](auto& ring) { return ring.is_over(); })) return false;
        }
        return true;
    }
    [[nodiscard]] bool take_wake() noexcept {
        bool woken = signals_.take_wake();
        for (std::size_t i = 0; i != sources_.all(); ++i)
            woken |= sources_.visit(i, [](auto& ring) { return ring.take_wake(); });
        return woken;
    }

    EVPROC_COLD void note_stall() noexcept {
        for (std::size_t i = 0; i != sources_.size(); ++i)
            sources_.visit(i, [](auto& ring) {
                ring.note_stall();
                return true;
            });
    }

    template <class Stop> wake_reason await(wait_deadline until, Stop const& stop) {
        if (skip_discarded()) return wake_reason::ready;
        return await_at(*this, consumer_wait(), until, stop, []() noexcept { return false; });
    }

    void wake() noexcept {
        signals_.raise_wake();
        consumer_wait().notify();
    }
    void close() noexcept {
        for (std::size_t i = 0; i != sources_.all(); ++i) {
            sources_.visit(i, [](auto& ring) {
                ring.close();
                return true;
            });
        }
    }

    [[nodiscard]] bool arm() {
        return arm_unless_ready(*this, [this](auto look) { return consumer_wait().arm(look); }, never_stops{});
    }
    void disarm() noexcept {
        consumer_wait().disarm();
        static_cast<void>(take_wake());
    }

    [[nodiscard]] wait_type& consumer_wait() noexcept { return sources_.group().consumer_wait(); }
    [[nodiscard]] Sources const& sources() const noexcept { return sources_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    [[nodiscard]] std::size_t sum_of_capacities() const noexcept {
        std::size_t sum = 0;
        for (std::size_t i = 0; i != sources_.all(); ++i)
            sum += sources_.visit(i, [](auto& ring) { return ring.capacity(); });
        return sum;
    }

    // The consumer's own, but for signals_: producers read what stands before it (a ring's address) for each event.
    alignas(false_sharing_range) Sources const sources_;
    turns<Order> turns_;
    std::uint64_t polls_ = 0;
    std::unique_ptr<std::uint64_t[]> const kept_in_;  ///< for each ring: the last poll that kept its event
    std::size_t const capacity_;
    position delivered_ = 0;  ///< number of events, for the pacer
    [[no_unique_address]] std::conditional_t<Paces, pacer, no_pacer> pacer_;
    signals signals_;
};

inline void add(processor_stats& sum, processor_stats const& s) noexcept {
    sum.committed += s.committed;
    sum.consumed += s.consumed;
    sum.discarded += s.discarded;
    sum.full_waits += s.full_waits;
    sum.refused += s.refused;
    sum.max_depth = max_of(sum.max_depth, s.max_depth);
    sum.parks += s.parks;
}

template <class Event, class H>
inline constexpr bool takes_selected =
    std::is_invocable_v<H&, Event&, select_info const&> || std::is_invocable_v<H&, Event&>;

template <class Event, class H>
EVPROC_ALWAYS_INLINE event_action invoke_selected(H& handler, Event& event, select_info const& info) {
    if constexpr (std::is_invocable_v<H&, Event&, select_info const&>) {
        auto bound = [&](Event& e) -> decltype(auto) { return detail::call(handler, e, info); };
        return invoke_handler(bound, event, info);
    } else {
        return invoke_handler(handler, event, info);
    }
}

template <class Ring, class H>
EVPROC_ALWAYS_INLINE poll_outcome take_turn(Ring& ring, H& handler, std::size_t source, std::size_t most,
                                            bool to_front = false) {
    using event = typename Ring::value_type;
    if constexpr (std::is_invocable_v<H&, event&, select_info const&>) {
        auto with_source = [&](event& e, event_info const& info) {
            return invoke_selected(handler, e, select_info{info, source});
        };
        return ring.template poll<delivery::events, true>(with_source, most, to_front);
    } else {
        return ring.template poll<delivery::events, true>(handler, most, to_front);
    }
}

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/selecting_verbs.hpp
#include <utility>

namespace evproc::inline EVPROC_ABI {

/// The consumer's verbs over several rings, for one thread at a time: of selector, priority_processor and lane_processor.
/// Events come in the order of looking; select_info::source tells the ring; for different types, the handler is an overload set.
/// `closed`: all rings are closed and drained; wake() of any ring is heard. `stop` and exceptions act at once for all rings; `keep` rests its ring until the
/// next poll. `Self` derives from this, has `round()`, and waits by `Wait`.
template <class Self, class Wait> class selecting_verbs : public consumer_verbs<Self, Wait> {
public:
    /// `more` if an event is ready in any ring; else `blocked` if in any the next slot is reserved and not committed; `closed`
    /// if all are closed and drained; else `idle`. Reads the producers' cache lines.
    [[nodiscard]] poll_state state() noexcept { return round().state(); }

    /// Closes all rings. Idempotent; any thread, also in the handler.
    void close() noexcept { round().close(); }

    // ---- in a coroutine, where the wait strategy can (coroutine_wait) ----

    /// co_await it: suspends until poll has something to take: true. False: all closed and drained, wake() or a stop request.
    /// `executor` (see coroutine_wait) must live as long as producers use the rings. One coroutine at a time.
    template <class Executor> requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto when_ready(Executor& executor) {
        return round().consumer_wait().when_ready(round(), executor, detail::never_stops{});
    }
    template <class Executor> requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto when_ready(detail::stop_token stop, Executor& executor) {
        return round().consumer_wait().when_ready(round(), executor, std::move(stop));
    }

    /// The strategy object that the consumer waits with.
    [[nodiscard]] Wait& consumer_wait() noexcept { return round().consumer_wait(); }

protected:
    selecting_verbs() = default;
    ~selecting_verbs() = default;

private:
    friend waiting_verbs<Self, Wait>;
    friend consumer_verbs<Self, Wait>;

    [[nodiscard]] EVPROC_ALWAYS_INLINE auto& round() noexcept { return this->self().round(); }
    [[nodiscard]] auto* source() noexcept { return &round(); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t poll_limit() noexcept { return round().capacity(); }
    template <class Handler> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_some(Handler& handler, std::size_t max) {
        auto const take = [&](std::size_t i, std::size_t most, bool to_front) {
            return round().sources().visit(
                i, [&](auto& ring) { return detail::take_turn(ring, handler, i, most, to_front); });
        };
        return round().poll(take, max);
    }
    template <class Handler, class Event>
    EVPROC_ALWAYS_INLINE static event_action call(Handler& handler, Event& event, select_info const& info) {
        return detail::invoke_selected(handler, event, info);
    }
};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// A producer's own ring in a lane_processor, with producer_verbs. Move-only; one thread and one reservation at a time (else
/// errc::busy). Destruction returns it; what was committed still arrives. Precondition then: no live reservation (asserted in
/// checked builds). Must not outlive its processor. An empty lane is false and says errc::busy. close() ends this lane only.
template <class Event, std::size_t N, class Wait>
class [[nodiscard]] lane : public producer_verbs<lane<Event, N, Wait>, detail::lane_ring<Event, N, Wait>> {
    using ring_type = detail::lane_ring<Event, N, Wait>;

public:
    lane(lane&& other) noexcept : ring_{std::exchange(other.ring_, &other.ring_->none())} {}
    lane& operator=(lane&& other) noexcept {
        if (this != &other) {
            ring_->release();
            ring_ = std::exchange(other.ring_, &other.ring_->none());
        }
        return *this;
    }
    ~lane() { ring_->release(); }

    explicit operator bool() const noexcept { return ring_->has_ring(); }

private:
    template <class E, std::size_t M, class W> friend class lane_processor;
    friend producer_verbs<lane, ring_type>;

    explicit lane(ring_type& ring) noexcept : ring_{&ring} {}
    [[nodiscard]] EVPROC_ALWAYS_INLINE ring_type& ring() const noexcept { return *ring_; }

    ring_type* ring_;
};

/// Passes events from many threads to one, each over a ring of its own: producers share no claim and do not slow each other
/// down. The price: order is kept within a lane only. A thread takes a lane by producer() and drops it when done; its ring is
/// given out again once all its events are consumed. Each lane is full, or stalled, by itself. The consumer (selecting_verbs;
/// select_info::source is the lane) takes at most 64 events from each lane in turn, so none starves; poll says `closed` after
/// close(), once all are drained. An empty poll looks at each lane ever taken. Neither copyable nor movable. `N`: capacity of
/// each lane, or std::dynamic_extent. `Wait`: for the consumer, and for producers in a lane.
template <class Event, std::size_t N = 4096, class Wait = adaptive_wait>
class lane_processor : public selecting_verbs<lane_processor<Event, N, Wait>, Wait> {
    static constexpr bool is_static = N != std::dynamic_extent;

public:
    using event_type = Event;
    using wait_type = Wait;
    using lane = evproc::lane<Event, N, Wait>;
    template <class H> static constexpr bool accepts = detail::takes_selected<Event, std::remove_reference_t<H>>;

    /// Allocates all rings, for good. std::bad_alloc; std::invalid_argument if max_lanes is 0, `capacity` no power of two.
    explicit lane_processor(std::size_t max_lanes) requires(is_static)
        : lanes_{checked(max_lanes), N}, round_{row{&lanes_}, turn{}} {}
    lane_processor(std::size_t max_lanes, std::size_t capacity) requires(!is_static)
        : lanes_{checked(max_lanes), capacity}, round_{row{&lanes_}, turn{}} {}
    lane_processor(lane_processor const&) = delete;
    lane_processor& operator=(lane_processor const&) = delete;
    /// Destroys the events left. Precondition: no other thread uses this, no lane is live (asserted in checked builds).
    ~lane_processor() = default;

    /// A lane for one thread: false if none is free and drained; after close(), one whose verbs say errc::closed, if any is
    /// free. Any thread; lock-free; looks at each lane.
    lane producer() noexcept { return lane{lanes_.take()}; }
    [[nodiscard]] std::size_t max_lanes() const noexcept { return lanes_.all(); }

    /// Sums over all lanes since construction; `max_depth` is the deepest lane's. Any thread.
    [[nodiscard]] processor_stats stats() const noexcept {
        processor_stats sum;
        for (std::size_t i = 0; i != lanes_.all(); ++i) detail::add(sum, lanes_.ring(i).stats());
        sum.parks += lanes_.group().parks();
        return sum;
    }

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] std::size_t size_approx() const noexcept {
        std::size_t sum = 0;
        for (std::size_t i = 0; i != lanes_.size(); ++i) sum += lanes_.ring(i).size_approx();
        return sum;
    }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }

private:
    friend selecting_verbs<lane_processor, Wait>;
    using table = detail::lane_table<Event, N, Wait>;
    struct turn {
        std::size_t share = 64;
    };
    struct row {
        using group_type = typename table::group_type;
        table* lanes;

        [[nodiscard]] group_type& group() const noexcept { return lanes->group(); }
        [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t size() const noexcept { return lanes->size(); }
        [[nodiscard]] std::size_t all() const noexcept { return lanes->all(); }
        template <class F> EVPROC_ALWAYS_INLINE auto visit(std::size_t i, F f) const { return f(lanes->ring(i)); }
    };

    [[nodiscard]] static std::size_t checked(std::size_t max_lanes) {
        if (max_lanes != 0) return max_lanes;
        detail::fail<std::invalid_argument>("evproc: a lane_processor needs a lane");
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE auto& round() noexcept { return round_; }

    table lanes_;
    detail::round<row, turn, true> round_;
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/priority_processor.hpp
#include <array>
#include <span>
#include <type_traits>
#include <utility>

// ---- evproc/selector.hpp
#include <array>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

namespace evproc::inline EVPROC_ABI {

/// The first ring that has something; earlier rings are looked at again every `burst` events. May starve later rings.
struct strict {
    std::size_t burst = 16;  ///< 0 counts as 1
};

/// Round robin; ring i gives at most share[i] events (0: 1) a turn. Nothing starves. `weighted{3, 1}` is weighted<2>.
template <std::size_t N> struct weighted {
    std::array<std::size_t, N> share;
};
template <class... Shares> requires(std::is_convertible_v<Shares, std::size_t> && ...)
weighted(Shares...) -> weighted<sizeof...(Shares)>;
template <std::size_t N> weighted(std::array<std::size_t, N>) -> weighted<N>;

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <class Group, class... Rings> class ring_tuple {
public:
    using group_type = Group;

    ring_tuple(Group& group, Rings&... rings) noexcept : group_{&group}, rings_{&rings...} {}

    [[nodiscard]] Group& group() const noexcept { return *group_; }
    [[nodiscard]] static constexpr std::size_t size() noexcept { return sizeof...(Rings); }
    [[nodiscard]] static constexpr std::size_t all() noexcept { return sizeof...(Rings); }
    template <class F> EVPROC_ALWAYS_INLINE auto visit(std::size_t i, F f) const {
        return visit(i, f, std::index_sequence_for<Rings...>{});
    }

private:
    template <class F, std::size_t... I>
    EVPROC_ALWAYS_INLINE auto visit(std::size_t i, F& f, std::index_sequence<I...>) const {
        decltype(f(*std::get<0>(rings_))) result{};
        static_cast<void>(((i == I && (static_cast<void>(result = f(*std::get<I>(rings_))), true)) || ...));
        return result;
    }

    Group* group_;
    std::tuple<Rings*...> rings_;
};

template <class Processor>
using ring_of = std::remove_reference_t<decltype(ring_access::ring(std::declval<Processor&>()))>;
template <class Processor>
using wait_of = std::remove_reference_t<decltype(std::declval<Processor&>().consumer_wait())>;
template <class Processor>
concept in_group = requires(Processor& p) { typename wait_of<Processor>::group_type; };

template <class Processor, class... Others> struct selectable {
    static_assert((in_group<Processor> && ... && in_group<Others>),
                  "evproc: a selector takes event_processors that wait in a group: event_processor<E, N, "
                  "evproc::grouped_wait<>> p{group}");
    using group = typename wait_of<Processor>::group_type;
    static_assert((std::is_same_v<group, typename wait_of<Others>::group_type> && ...),
                  "evproc: all processors of a selector have to be in one wait_group");
    using sources = ring_tuple<group, ring_of<Processor>, ring_of<Others>...>;
};

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// The one consumer of several event_processors, also of different types, which it borrows: `Order` is strict or weighted. Example: docs/pages/selecting.md.
/// Each ring keeps its own order, capacity and end; a full or stalled one holds up no other. A waiting reserve in the handler
/// says errc::would_deadlock if its ring is full. Nothing else may consume from the processors. An empty poll looks at each.
template <class Order, class... Processors>
class selector : public selecting_verbs<selector<Order, Processors...>,
                                        typename detail::selectable<Processors...>::group::wait_type> {
    static_assert(sizeof...(Processors) != 0, "evproc: a selector needs a processor");
    using sources_type = typename detail::selectable<Processors...>::sources;
    using group_type = typename sources_type::group_type;
    static constexpr bool paces = (detail::ring_of<Processors>::paces && ...);
    using round_type = detail::round<sources_type, Order, paces>;

public:
    using wait_type = typename group_type::wait_type;
    template <class H>
    static constexpr bool accepts =
        (detail::takes_selected<typename Processors::event_type, std::remove_reference_t<H>> && ...);

    /// Throws std::invalid_argument if the processors are not all in one wait_group; std::bad_alloc.
    selector(Order order, Processors&... processors)
        : round_{sources_type{common_group(processors...), detail::ring_access::ring(processors)...}, order} {
        if constexpr (requires { order.share.size(); })
            static_assert(order.share.size() == sizeof...(Processors),
                          "evproc: weighted needs one share for each processor");
    }
    selector(selector const&) = delete;
    selector& operator=(selector const&) = delete;
    /// Leaves the processors as they are. Precondition: not in the handler (asserted in checked builds).
    ~selector() {
        EVPROC_CHECK(!round_.sources().group().thread().is_entered(),
                     "a selector was destroyed inside its own handler");
    }

private:
    friend selecting_verbs<selector, wait_type>;

    template <class First, class... Others> static group_type& common_group(First& first, Others&... others) {
        group_type& group = first.consumer_wait().group();
        if ((... && (&others.consumer_wait().group() == &group))) return group;
        detail::fail<std::invalid_argument>("evproc: the processors of a selector have to be in one wait_group");
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE round_type& round() noexcept { return round_; }

    round_type round_;
};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <class Group, class Processor> class processor_row {
public:
    using group_type = Group;

    processor_row(Group& group, Processor* first, std::size_t size) noexcept
        : group_{&group}, first_{first}, size_{size} {}

    [[nodiscard]] Group& group() const noexcept { return *group_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t all() const noexcept { return size_; }
    template <class F> EVPROC_ALWAYS_INLINE auto visit(std::size_t i, F f) const {
        return f(ring_access::ring(first_[i]));
    }

private:
    Group* group_;
    Processor* first_;
    std::size_t size_;
};

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// Passes events from many threads to one, urgent ones first: an event_processor for each level; level 0 is the most urgent.
/// The handler gets the most urgent ready event; in a running poll one overtakes after at most 16 less urgent ones (strict).
/// Order, capacity and end are per level: a full or stalled level holds up no other. Urgent levels may starve the rest.
/// Producers' verbs are event_processor's with the level in front: publish(1, args...). Precondition: level < Levels (asserted
/// in checked builds). Consumer's verbs: selecting_verbs; select_info::source is the level. Neither copyable nor movable. `N`:
/// capacity of each level, or std::dynamic_extent. `Wait`: for the consumer, and for producers in a level.
template <class Event, std::size_t Levels, std::size_t N = 4096, class Wait = adaptive_wait>
class priority_processor : public selecting_verbs<priority_processor<Event, Levels, N, Wait>, Wait> {
    static_assert(Levels != 0, "evproc: a priority_processor needs a level");
    static constexpr bool is_static = N != std::dynamic_extent;

public:
    using event_type = Event;
    using wait_type = Wait;
    using level_type = event_processor<Event, N, grouped_wait<Wait>>;
    template <class H> static constexpr bool accepts = detail::takes_selected<Event, std::remove_reference_t<H>>;

    /// Allocates all storage, for good. Throws std::bad_alloc; std::invalid_argument unless `capacity` is a power of two.
    priority_processor() requires(is_static)
        : priority_processor{std::make_index_sequence<Levels>{}} {}
    explicit priority_processor(std::size_t capacity) requires(!is_static)
        : priority_processor{std::make_index_sequence<Levels>{}, capacity} {}
    priority_processor(priority_processor const&) = delete;
    priority_processor& operator=(priority_processor const&) = delete;

    /// The ring of a level, with all producers' verbs and hints. Only the priority_processor consumes from it.
    [[nodiscard]] EVPROC_ALWAYS_INLINE level_type& level(std::size_t i) noexcept {
        EVPROC_CHECK(i < Levels, "a priority_processor has fewer levels");
        return levels_[i];
    }
    [[nodiscard]] level_type const& level(std::size_t i) const noexcept {
        EVPROC_CHECK(i < Levels, "a priority_processor has fewer levels");
        return levels_[i];
    }
    [[nodiscard]] static constexpr std::size_t level_count() noexcept { return Levels; }

    // ---- producers: any thread; see producer_verbs for each ----

    [[nodiscard]] EVPROC_ALWAYS_INLINE auto try_reserve(std::size_t i) noexcept { return level(i).try_reserve(); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto reserve(std::size_t i) { return level(i).reserve(); }
    [[nodiscard]] auto reserve(std::size_t i, detail::stop_token stop) { return level(i).reserve(std::move(stop)); }
    [[nodiscard]] auto reserve_for(std::size_t i, detail::any_duration d) { return level(i).reserve_for(d); }
    [[nodiscard]] auto reserve_until(std::size_t i, detail::any_time_point t) { return level(i).reserve_until(t); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto try_reserve_batch(std::size_t i, std::size_t n) noexcept {
        return level(i).try_reserve_batch(n);
    }
    [[nodiscard]] auto try_reserve_batch_up_to(std::size_t i, std::size_t n) noexcept {
        return level(i).try_reserve_batch_up_to(n);
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto reserve_batch(std::size_t i, std::size_t n) {
        return level(i).reserve_batch(n);
    }
    [[nodiscard]] auto reserve_batch(std::size_t i, detail::stop_token stop, std::size_t n) {
        return level(i).reserve_batch(std::move(stop), n);
    }
    [[nodiscard]] auto reserve_batch_for(std::size_t i, detail::any_duration d, std::size_t n) {
        return level(i).reserve_batch_for(d, n);
    }
    [[nodiscard]] auto reserve_batch_until(std::size_t i, detail::any_time_point t, std::size_t n) {
        return level(i).reserve_batch_until(t, n);
    }
    template <class... Args>
    EVPROC_ALWAYS_INLINE errc try_publish(std::size_t i, Args&&... args) noexcept(
        noexcept(std::declval<level_type&>().try_publish(std::forward<Args>(args)...))) {
        return level(i).try_publish(std::forward<Args>(args)...);
    }
    template <class... Args> EVPROC_ALWAYS_INLINE errc publish(std::size_t i, Args&&... args) {
        return level(i).publish(std::forward<Args>(args)...);
    }
    errc flush(std::size_t i) { return level(i).flush(); }
    errc flush_for(std::size_t i, detail::any_duration d) { return level(i).flush_for(d); }

    // ---- any thread ----

    /// Whether close() was called for all levels. A hint.
    [[nodiscard]] bool is_closed() const noexcept {
        for (level_type const& l : levels_) {
            if (!l.is_closed()) return false;
        }
        return true;
    }
    /// Sums over all levels since construction; `max_depth` is the deepest level's.
    [[nodiscard]] processor_stats stats() const noexcept {
        processor_stats sum;
        for (level_type const& l : levels_) detail::add(sum, l.stats());
        sum.parks += group_.parks();
        return sum;
    }

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] std::size_t size_approx() const noexcept {
        std::size_t sum = 0;
        for (level_type const& l : levels_) sum += l.size_approx();
        return sum;
    }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }

private:
    friend selecting_verbs<priority_processor, Wait>;
    using row_type = detail::processor_row<wait_group<Wait>, level_type>;
    using round_type = detail::round<row_type, strict, true>;

    template <std::size_t... I, class... Capacity>
    explicit priority_processor(std::index_sequence<I...>, Capacity... capacity)
        : levels_{{(static_cast<void>(I), level_type(group_, capacity...))...}},
          round_{row_type{group_, levels_.data(), Levels}, strict{}} {}

    [[nodiscard]] EVPROC_ALWAYS_INLINE round_type& round() noexcept { return round_; }

    wait_group<Wait> group_;
    std::array<level_type, Levels> levels_;
    round_type round_;
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/record_processor.hpp
#include <bit>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

// ---- evproc/detail/record_ring.hpp
#include <bit>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

namespace evproc::detail::inline EVPROC_ABI {

struct record_header {
    std::uint32_t units;   ///< how many slots the record has
    std::uint16_t type;    ///< which of the types
    std::uint16_t unused;  ///< number of bytes behind the tail
};

template <std::size_t Size> struct alignas(Size) record_unit {
    record_header header;
};

/// The types of a record_processor. A slot has at least `Unit` bytes and the largest alignment of the types.
template <std::size_t Unit, class... Events> struct record_types {
    static_assert(sizeof...(Events) != 0, "evproc: one_of<> needs at least one type");
    static_assert(sizeof...(Events) <= (std::numeric_limits<std::uint16_t>::max)(),
                  "evproc: one_of<> has too many types");
    static_assert(
        ((std::is_object_v<Events> && !std::is_array_v<Events> && !std::is_const_v<Events>) && ...),
        "evproc: each type of one_of must be an object type, neither const nor an array: wrap an array in a struct");
    static_assert(
        (std::is_nothrow_destructible_v<Events> && ...),
        "evproc: the destructors of all types of one_of must not throw, since they run while slots are released");

    template <class E> static constexpr std::size_t count_of = (std::size_t{std::is_same_v<E, Events>} + ...);
    static_assert(((count_of<Events> == 1) && ...), "evproc: the types of one_of must differ from each other");

    static constexpr std::size_t unit_size = [] {
        std::size_t size = Unit == 0 ? 32 : Unit;
        ((size = max_of(size, alignof(Events))), ...);
        return size;
    }();
    static_assert(std::has_single_bit(unit_size) && unit_size >= sizeof(record_header),
                  "evproc: ring_options::unit must be a power of two, at least 8");
    static_assert(unit_size <= 65536, "evproc: a unit or an alignment beyond 65536 is not supported");
    using unit = record_unit<unit_size>;

    template <class E> static constexpr bool contains = count_of<E> == 1;
    template <class E>
    static constexpr std::uint16_t index = [] {
        std::uint16_t i = 0;
        static_cast<void>(((!std::is_same_v<E, Events> && (++i, true)) && ...));
        return i;
    }();

    template <class E>
    static constexpr std::size_t event_at = (sizeof(record_header) + alignof(E) - 1) / alignof(E) * alignof(E);
    template <class E> static constexpr std::size_t tail_at = event_at<E> + sizeof(E);

    /// Slots of a record; if it is too large to count, more than any ring has.
    template <class E> [[nodiscard]] static constexpr std::size_t units(std::size_t tail) noexcept {
        constexpr std::size_t most = (std::numeric_limits<std::size_t>::max)();
        if (tail > most - tail_at<E> - unit_size) return most;
        return (tail_at<E> + tail + unit_size - 1) / unit_size;
    }

    [[nodiscard]] static std::byte* bytes(unit* first) noexcept { return reinterpret_cast<std::byte*>(first); }

    template <class E> [[nodiscard]] static E* event(unit* first) noexcept {
        return std::launder(reinterpret_cast<E*>(bytes(first) + event_at<E>));
    }
    template <class E> [[nodiscard]] static std::span<std::byte> tail(unit* first) noexcept {
        return {bytes(first) + tail_at<E>, first->header.units * unit_size - tail_at<E> - first->header.unused};
    }

    /// Calls `f(E&, tail)` for a committed record.
    template <class F> EVPROC_ALWAYS_INLINE static event_action visit(unit* first, F&& f) {
        std::uint16_t const type = first->header.type;
        event_action result = event_action::next;
        static_cast<void>(
            ((type == index<Events> && (result = f(*event<Events>(first), tail<Events>(first)), true)) || ...));
        return result;
    }
};

using record_tail = std::span<std::byte>;

template <class H, class E>
inline constexpr bool takes_tail_and_info = std::is_invocable_v<H&, E&, record_tail, event_info const&>;
template <class H, class E>
inline constexpr bool takes_tail = takes_tail_and_info<H, E> || std::is_invocable_v<H&, E&, record_tail>;
template <class H, class E>
inline constexpr bool wants_info = takes_tail<H, E> ? takes_tail_and_info<H, E> : takes_info<H, E&>;

/// One sentence for each type that a handler does not accept: the compiler names E.
template <class H, class E> struct accepts {
    static_assert(takes_tail<H, E> || handler_of<H, E&>,
                  "evproc: the handler of a record_processor does not accept this one of its types: add an overload "
                  "(E&) or (E&, std::span<std::byte> tail), with or without event_info const& behind it");
    static constexpr bool value = true;
};

template <class H, class E>
EVPROC_ALWAYS_INLINE event_action invoke_with_tail(H& handler, E& event, record_tail tail, event_info const& info) {
    if constexpr (takes_tail_and_info<H, E>) {
        auto with_tail = [&](E& e, event_info const& i) -> decltype(auto) { return detail::call(handler, e, tail, i); };
        return invoke_handler(with_tail, event, info);
    } else if constexpr (takes_tail<H, E>) {
        auto with_tail = [&](E& e) -> decltype(auto) { return detail::call(handler, e, tail); };
        return invoke_handler(with_tail, event, info);
    } else {
        return invoke_handler(handler, event, info);
    }
}

/// A handler of records: calls the user's overload for each, then destroys the event.
template <class Types, class H> class record_handler;
template <std::size_t Unit, class... Events, class H> class record_handler<record_types<Unit, Events...>, H> {
    using types = record_types<Unit, Events...>;
    using unit = typename types::unit;
    static_assert((accepts<H, Events>::value && ...));
    static constexpr bool needs_info = (wants_info<H, Events> || ...);

public:
    explicit record_handler(H& handler) noexcept : handler_{handler} {}

    EVPROC_ALWAYS_INLINE event_action operator()(unit& first, event_info const& info) requires needs_info
    {
        return call(first, info);
    }
    EVPROC_ALWAYS_INLINE event_action operator()(unit& first) requires(!needs_info)
    {
        return call(first, {});
    }

private:
    // Not within the lambda: clang 19 would leave its destructor out.
    template <class E> struct destroyer {
        E* event;
        EVPROC_ALWAYS_INLINE ~destroyer() {
            if (event != nullptr) std::destroy_at(event);
        }
    };

    EVPROC_ALWAYS_INLINE event_action call(unit& first, event_info const& info) {
        return types::visit(&first, [&]<class E>(E& event, record_tail tail) {
            destroyer<E> done{&event};
            event_action const action = invoke_with_tail(handler_, event, tail, info);
            if (action == event_action::keep) done.event = nullptr;
            return action;
        });
    }

    H& handler_;
};

/// The ring of a record_processor: a record of n slots is a batch of n. Counts records, not slots.
///   X1  everywhere below: the counts carry no data and order nothing.
template <class Types, std::size_t N, class Wait, ring_options Options>
class record_ring : public ring<typename Types::unit, N, Wait, Options, no_observer> {
    using base = ring<typename Types::unit, N, Wait, Options, no_observer>;
    static constexpr bool is_single = Options.producers == producer_kind::single;

public:
    using types = Types;
    using range_type = typename base::range_type;

    record_ring(position first, std::size_t capacity) : base{first, capacity, nullptr} {}

    /// Commits with a tail of that many bytes; gives up the slots not needed.
    template <class E> EVPROC_ALWAYS_INLINE void commit_record(range_type const& slots, std::size_t tail) noexcept {
        std::size_t const units = Types::template units<E>(tail);
        slots.data()->header = {
            static_cast<std::uint32_t>(units), Types::template index<E>,
            static_cast<std::uint16_t>(units * Types::unit_size - Types::template tail_at<E> - tail)};
        if constexpr (is_single)
            committed_.store(committed_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        base::commit(slots, units);
    }
    void discard_record(range_type const& slots) noexcept {
        discarded_.fetch_add(1, std::memory_order_relaxed);
        base::discard(slots);
    }

    template <class H> EVPROC_ALWAYS_INLINE poll_outcome poll_records(H& handler, std::size_t max) {
        record_handler<Types, H> by_type{handler};
        return base::template poll<delivery::records>(by_type, max);
    }

    void destroy_all() noexcept {
        auto ignore = [](auto&) noexcept {};
        record_handler<Types, decltype(ignore)> by_type{ignore};
        base::template destroy_all<delivery::records>(by_type);
    }

    [[nodiscard]] processor_stats stats() const noexcept {
        processor_stats s = base::template stats<&occupancy::records>();
        if constexpr (is_single) s.committed = committed_.load(std::memory_order_relaxed);
        s.discarded = discarded_.load(std::memory_order_relaxed);
        s.max_depth *= Types::unit_size;
        return s;
    }

private:
    alignas(cache_line_size) atomic<std::uint64_t> committed_{0};
    atomic<std::uint64_t> discarded_{0};
};

}  // namespace evproc::detail::inline EVPROC_ABI

// ---- evproc/reserved_record.hpp
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace evproc::inline EVPROC_ABI {

/// A reserved record: space for an event of type E and for its tail, the bytes behind it. commit() makes the record visible;
/// destruction before that destroys the event, if built, and gives the space up. What is reserved behind it waits: keep it
/// short. A trivially default constructible E is alive from the start, uninitialised; any other must be emplaced first.
/// Move-only; any thread may commit. Must not outlive the processor. Wait-free.
template <class E, class Ring> class [[nodiscard]] reserved_record {
    using types = typename Ring::types;
    using range_type = typename Ring::range_type;
    static constexpr bool alive_from_the_start = std::is_trivially_default_constructible_v<E>;

public:
    using event_type = E;

    /// Holds nothing; error() is errc::invalid_handle.
    reserved_record() = default;

    reserved_record(Ring& ring, range_type const& slots, std::size_t tail) noexcept
        : ring_{slots ? &ring : nullptr}, slots_{slots}, tail_{tail} {
        if constexpr (alive_from_the_start) {
            if (ring_ != nullptr) ::new (static_cast<void*>(storage())) E;
        }
    }

    reserved_record(reserved_record&& other) noexcept
        : ring_{std::exchange(other.ring_, nullptr)},
          slots_{std::exchange(other.slots_, range_type{})},
          tail_{other.tail_},
          built_{std::exchange(other.built_, alive_from_the_start)} {}

    reserved_record& operator=(reserved_record&& other) noexcept {
        if (this != &other) {
            discard();
            ring_ = std::exchange(other.ring_, nullptr);
            slots_ = std::exchange(other.slots_, range_type{});
            tail_ = other.tail_;
            built_ = std::exchange(other.built_, alive_from_the_start);
        }
        return *this;
    }

    ~reserved_record() { discard(); }

    explicit operator bool() const noexcept { return ring_ != nullptr; }
    /// errc::success, or why nothing was reserved; errc::invalid_handle once it is committed, discarded or moved from.
    [[nodiscard]] errc error() const noexcept { return slots_.error(); }
    /// The record's number in the global order. It grows from record to record by the slots that each takes.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return slots_.sequence(); }

    /// Builds the event, destroying one built before. If the constructor throws, the record is held still and is empty.
    template <class... Args> E& emplace(Args&&... args) {
        EVPROC_CHECK(ring_ != nullptr, "emplace() on a reserved_record that holds nothing");
        destroy();
        E* const event = detail::construct(storage(), std::forward<Args>(args)...);
        built_ = true;
        return *event;
    }

    /// The event. Precondition: it has been built.
    [[nodiscard]] E& operator*() const noexcept { return *get(); }
    [[nodiscard]] E* operator->() const noexcept { return get(); }
    [[nodiscard]] E* get() const noexcept {
        EVPROC_CHECK(ring_ != nullptr,
                     "use of a reserved_record that holds nothing (committed, discarded, moved from, or refused)");
        EVPROC_CHECK(built_, "use of a reserved_record whose event has not been emplaced");
        return types::template event<E>(slots_.data());
    }

    /// The raw bytes behind the event, as many as reserved: uninitialised, not aligned. Empty if this holds nothing.
    [[nodiscard]] std::span<std::byte> tail() const noexcept {
        if (ring_ == nullptr) return {};
        return {types::bytes(slots_.data()) + types::template tail_at<E>, tail_};
    }

    /// Makes the record visible with the first `tail_used` bytes of its tail (default: all); slots behind them are given up.
    /// errc::invalid_handle if this holds nothing (asserted in checked builds), or if the event was never built; the record is
    /// then discarded. Precondition: tail_used <= tail().size() (asserted in checked builds; else the whole tail).
    EVPROC_ALWAYS_INLINE errc commit() noexcept { return commit(tail_); }
    EVPROC_ALWAYS_INLINE errc commit(std::size_t tail_used) noexcept {
        EVPROC_CHECK(
            ring_ != nullptr,
            "commit() of a reserved_record that holds nothing (committed twice, discarded, moved from, or refused)");
        if (ring_ == nullptr || !built_) [[unlikely]] {
            discard();
            return errc::invalid_handle;
        }
        EVPROC_CHECK(tail_used <= tail_, "a reserved_record was committed with a longer tail than was reserved");
        ring_->template commit_record<E>(slots_, detail::min_of(tail_used, tail_));
        forget();
        return errc::success;
    }

    /// Destroys the event, if built, and gives the record up. No effect if this holds nothing.
    EVPROC_ALWAYS_INLINE void discard() noexcept {
        if (ring_ == nullptr) return;
        destroy();
        ring_->discard_record(slots_);
        forget();
    }

private:
    [[nodiscard]] E* storage() const noexcept {
        return reinterpret_cast<E*>(types::bytes(slots_.data()) + types::template event_at<E>);
    }
    void destroy() noexcept {
        if (built_) std::destroy_at(storage());
        built_ = false;
    }
    void forget() noexcept {
        ring_ = nullptr;
        slots_ = range_type{};
        built_ = alive_from_the_start;
    }

    Ring* ring_ = nullptr;
    range_type slots_{};
    std::size_t tail_ = 0;
    bool built_ = alive_from_the_start;
};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

template <class... Events> struct one_of {};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <std::size_t Unit, class Events> struct listed {
    static_assert(sizeof(Events) == 0, "evproc: name a record_processor's types as one_of<first, second, ...>");
};
template <std::size_t Unit, class... Events> struct listed<Unit, one_of<Events...>> {
    using types = record_types<Unit, Events...>;
    template <class H> static constexpr bool accepted_by = (accepts<std::remove_reference_t<H>, Events>::value && ...);
};

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// Typed events of different sizes from many threads to one, in one global order. Each takes the space of its own type, not of
/// the largest, and may have a tail: raw bytes of a length known at run time. A record is contiguous: 8 bytes of header, the
/// event, its tail, rounded up to slots of unit_size bytes (32 or Options.unit, at least the largest alignment). Lifetimes,
/// exceptions, order, threads, waiting, close and progress are event_processor's. Sequences grow by a record's slots;
/// poll_result::events, `max` and stats() count records; size_approx(), max_depth and capacity() bytes. Options.max_batch:
/// slots of the longest record (0: the whole ring); storage for one more lies behind the ring, untouched until a record
/// crosses its end. Handlers are overload sets for each type: (E&) or (E&, std::span<std::byte> tail), with or without
/// event_info const&, returning void or event_action; the one with most parameters is called. `Bytes`: space for all records, a
/// power of two, or std::dynamic_extent.
template <class Events, std::size_t Bytes = 1024 * 1024, class Wait = adaptive_wait,
          ring_options Options = ring_options{}>
class record_processor : public consumer_verbs<record_processor<Events, Bytes, Wait, Options>, Wait> {
    using listed = detail::listed<Options.unit, Events>;
    using types = typename listed::types;
    static constexpr bool is_static = Bytes != std::dynamic_extent;
    static_assert(
        !is_static || std::has_single_bit(Bytes),
        "evproc: Bytes, the space of a record_processor, must be a power of two: round it up, std::bit_ceil does so");
    static_assert(Bytes >= types::unit_size, "evproc: Bytes must be at least record_processor::unit_size");
    static constexpr std::size_t slot_count = is_static ? Bytes / types::unit_size : Bytes;
    using ring_type = detail::record_ring<types, slot_count, Wait, Options>;

    template <class E, class... Args>
    static constexpr bool is_nothrow = noexcept(detail::construct(std::declval<E*>(), std::declval<Args>()...));

public:
    template <class E> using reserved_record = evproc::reserved_record<E, ring_type>;
    template <class H> static constexpr bool accepts = listed::template accepted_by<H>;

    /// A record takes a multiple of this many bytes.
    static constexpr std::size_t unit_size = types::unit_size;

    /// Bytes that an E with a tail of `tail` bytes takes in the ring.
    template <class E> [[nodiscard]] static constexpr std::size_t record_size(std::size_t tail = 0) noexcept {
        return units<E>(tail) * unit_size;
    }

    /// Allocates all storage; nothing is allocated later. Throws std::bad_alloc; std::invalid_argument unless `capacity`, in
    /// bytes, is a power of two that holds a slot, and Options.max_batch slots.
    record_processor() requires(is_static)
        : record_processor{0, slot_count} {}
    explicit record_processor(std::size_t capacity) requires(!is_static)
        : record_processor{0, std::has_single_bit(capacity) ? capacity / unit_size : 0} {}

    record_processor(record_processor const&) = delete;
    record_processor& operator=(record_processor const&) = delete;

    /// Destroys the events left. Precondition: no other thread uses this, no handle is live (asserted in checked builds).
    ~record_processor() {
        EVPROC_CHECK(!ring_->thread().is_entered(), "a record_processor was destroyed inside its own handler");
        ring_->destroy_all();
    }

    // ---- producers: any thread ----

    /// Reserves space for an E and `tail` bytes. Errors as producer_verbs; errc::too_large: no ring of this size holds it.
    template <class E> EVPROC_ALWAYS_INLINE reserved_record<E> try_reserve(std::size_t tail = 0) noexcept {
        return {*ring_, ring_->try_reserve(units<E>(tail)), tail};
    }
    /// As try_reserve, waiting for space.
    template <class E> EVPROC_ALWAYS_INLINE reserved_record<E> reserve(std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::no_deadline);
    }
    template <class E> reserved_record<E> reserve(detail::stop_token stop, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::no_deadline, stop);
    }
    template <class E> reserved_record<E> reserve_for(detail::any_duration d, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, d.until);
    }
    template <class E> reserved_record<E> reserve_until(detail::any_time_point t, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, t.until);
    }

    /// Reserves, builds E(args...), commits, without a tail; publish() waits. If the constructor throws, discards.
    template <class E, class... Args>
    EVPROC_ALWAYS_INLINE errc try_publish(Args&&... args) noexcept(is_nothrow<E, Args...>) {
        return build(try_reserve<E>(), std::forward<Args>(args)...);
    }
    template <class E, class... Args> EVPROC_ALWAYS_INLINE errc publish(Args&&... args) {
        return build(reserve<E>(), std::forward<Args>(args)...);
    }

    /// As producer_verbs::close().
    void close() noexcept { ring_->close(); }
    [[nodiscard]] bool is_closed() const noexcept { return ring_->is_closed(); }

    /// As producer_verbs::flush().
    errc flush() { return ring_->flush(); }
    errc flush_for(detail::any_duration d) { return ring_->flush(d.until); }

    // ---- consumer: one thread ----

    /// more (a record is ready), idle, blocked (reserved, not committed) or closed (and drained), as event_processor::state().
    [[nodiscard]] poll_state state() const noexcept { return ring_->state(); }

    // ---- any thread ----

    /// Counts of records since construction (max_depth: bytes). Reads every slot in use; costs the hot path nothing.
    [[nodiscard]] processor_stats stats() const noexcept { return ring_->stats(); }

    /// As event_processor::oldest_uncommitted.
    [[nodiscard]] stall_info oldest_uncommitted() const noexcept { return ring_->oldest_uncommitted(); }

    // ---- hints: any thread, stale at once ----

    /// Bytes in use.
    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_->size_approx() * unit_size; }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }
    /// Bytes for records, with headers and padding.
    [[nodiscard]] static constexpr std::size_t capacity() noexcept requires(Bytes != std::dynamic_extent)
    {
        return Bytes;
    }
    [[nodiscard]] std::size_t capacity() const noexcept requires(Bytes == std::dynamic_extent)
    {
        return ring_->capacity() * unit_size;
    }
    /// Bytes of the longest tail of an E; a longer one is errc::too_large.
    template <class E> [[nodiscard]] std::size_t max_tail() const noexcept {
        std::size_t const space = ring_->core().view().max_batch() * unit_size;
        return space < record_size<E>() ? 0 : space - types::template tail_at<E>;
    }

    /// The strategy object that the consumer waits with.
    [[nodiscard]] Wait& consumer_wait() noexcept { return ring_->consumer_wait(); }

private:
    friend struct detail::test_access;
    record_processor(detail::position first, std::size_t slots) : ring_{std::make_unique<ring_type>(first, slots)} {}
    template <class E> [[nodiscard]] static constexpr std::size_t units(std::size_t tail) noexcept {
        static_assert(types::template contains<E>,
                      "evproc: this type is not among the one_of<...> of the record_processor");
        return types::template units<E>(tail);
    }

    template <class E, class Stop = detail::never_stops>
    EVPROC_ALWAYS_INLINE reserved_record<E> reserve_waiting(std::size_t tail, wait_deadline until,
                                                            Stop const& stop = {}) {
        return {*ring_, ring_->reserve(units<E>(tail), until, stop), tail};
    }
    template <class E, class... Args>
    EVPROC_ALWAYS_INLINE static errc build(reserved_record<E> record, Args&&... args) noexcept(is_nothrow<E, Args...>) {
        if (!record) [[unlikely]]
            return record.error();
        record.emplace(std::forward<Args>(args)...);
        return record.commit();
    }

    friend waiting_verbs<record_processor, Wait>;
    friend consumer_verbs<record_processor, Wait>;
    [[nodiscard]] ring_type* source() noexcept { return ring_.get(); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t poll_limit() const noexcept { return ring_->capacity(); }
    template <class Handlers> EVPROC_ALWAYS_INLINE detail::poll_outcome poll_some(Handlers& handlers, std::size_t max) {
        return ring_->poll_records(handlers, max);
    }
    template <class Handlers, class E>
    static event_action call(Handlers& handlers, E& event, std::span<std::byte> tail, event_info const& info) {
        return detail::invoke_with_tail(handlers, event, tail, info);
    }

    std::unique_ptr<ring_type> ring_;
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/version.hpp
#include <compare>

// The version of these headers. CMakeLists.txt states the same number; a test compares the two.
#define EVPROC_VERSION_MAJOR 0
#define EVPROC_VERSION_MINOR 2
#define EVPROC_VERSION_PATCH 0

// One number to compare with: #if EVPROC_VERSION >= 10203 asks for 1.2.3 or later.
#define EVPROC_VERSION (EVPROC_VERSION_MAJOR * 10000 + EVPROC_VERSION_MINOR * 100 + EVPROC_VERSION_PATCH)
#define EVPROC_VERSION_STRING "0.2.0"

namespace evproc {

struct version_number {
    int major_number;
    int minor_number;
    int patch_number;

    friend constexpr auto operator<=>(version_number const&, version_number const&) = default;
};

inline constexpr version_number version{EVPROC_VERSION_MAJOR, EVPROC_VERSION_MINOR, EVPROC_VERSION_PATCH};

}  // namespace evproc

// ---- evproc/wait/backoff_wait.hpp
namespace evproc::inline EVPROC_ABI {

/// Spins a little, then yields: for low latency where threads may outnumber cores. It lets others run, but an idle core stays
/// at 100 %. A check costs a system call (about 0.7 us) once the spinning is over. Costs the other side nothing.
class backoff_wait {
public:
    template <class Ready> bool wait(Ready&& ready, wait_deadline until) {
        if (!detail::one_cpu() && detail::spin_until(ready, [] { detail::cpu_relax(); }, until, spins)) return true;
        return detail::spin_until(ready, [] { detail::yield_thread(); }, until);
    }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }

private:
    static constexpr unsigned spins = 32;
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/wait/blocking_wait.hpp
namespace evproc::inline EVPROC_ABI {

/// Sleeps at once: for rare events or dear processor time; a waiting thread uses none. Each sleep and wake-up costs a system
/// call on either side and the scheduler's latency (some 5 to 50 us). Without a sleeper the other side pays one load.
class blocking_wait {
public:
    template <class Ready> bool wait(Ready&& ready, wait_deadline until) { return event_count_.await(ready, until); }
    template <class Ready> bool wait_one(Ready&& ready, wait_deadline until) {
        return event_count_.await(ready, until, detail::sleeper::of_some);
    }
    EVPROC_ALWAYS_INLINE void notify() noexcept { event_count_.notify(); }
    EVPROC_ALWAYS_INLINE void notify(std::size_t n) noexcept { event_count_.notify(n); }
    [[nodiscard]] std::uint64_t parks() const noexcept { return event_count_.parks(); }

private:
    detail::event_count event_count_;
};

}  // namespace evproc::inline EVPROC_ABI

// ---- evproc/wait/spin_wait.hpp
namespace evproc::inline EVPROC_ABI {

/// Spins: for a waiting thread with a core of its own; an event takes one cache line transfer. With more busy threads than
/// cores a spinning thread keeps the one it waits for off the processor for milliseconds. Costs the other side nothing.
class spin_wait {
public:
    template <class Ready> bool wait(Ready&& ready, wait_deadline until) {
        return detail::spin_until(ready, [] { detail::cpu_relax(); }, until);
    }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }
};

}  // namespace evproc::inline EVPROC_ABI
