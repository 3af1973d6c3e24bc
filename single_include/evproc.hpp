// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
// evproc in one file, generated from include/evproc: do not edit. The same names, macros and behaviour.
#pragma once

// ---- evproc/evproc.hpp
/// \file
/// Everything there is.

// ---- evproc/broadcast_processor.hpp
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>

// ---- evproc/broadcast_consumer.hpp
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <type_traits>
#include <utility>

// ---- evproc/committed_batch.hpp
#include <cstddef>
#include <cstdint>
#include <utility>

// ---- evproc/detail/check.hpp
#include <cstdio>
#include <cstdlib>

// ---- evproc/detail/config.hpp
// The compile-time switches that a user may set, and the inline namespace that carries those which change layouts or
// behaviour, so that a checked and an unchecked translation unit can be linked together.

/// 1: misuse (double commit, two consumers, ...) is reported and aborts. 0 (default): it is a documented no-op or a
/// precondition violation. Independent of NDEBUG. Has to be set before the first include of evproc.
#ifndef EVPROC_CHECKED
#define EVPROC_CHECKED 0
#endif

// EVPROC_NO_FUTEX: sleep on a mutex and a condition variable even where there are futexes.
// EVPROC_NO_MEMBARRIER: pay a full fence for each commit even where there is membarrier (asymmetric_fence.hpp).

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

/// Reports a broken precondition in one line on stderr and aborts.
[[noreturn]] EVPROC_COLD inline void check_failed(char const* sentence, char const* file, int line) noexcept {
    std::fprintf(stderr, "evproc: %s (%s:%d)\n", sentence, file, line);
    std::abort();
}

}  // namespace evproc::detail

// A macro and not a function, so that an unchecked build does not even evaluate the condition.
#if EVPROC_CHECKED
#define EVPROC_CHECK(condition, sentence) \
    ((condition) ? static_cast<void>(0) : ::evproc::detail::check_failed(sentence, __FILE__, __LINE__))
#else
#define EVPROC_CHECK(condition, sentence) static_cast<void>(0)
#endif

// ---- evproc/detail/consumer.hpp
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

// ---- evproc/detail/cursor.hpp
#include <cstddef>
#include <cstdint>

// ---- evproc/detail/sequence.hpp
// Positions, and the word by which a record tells the consumer where it ends.

#include <cstddef>
#include <cstdint>

namespace evproc::detail {

/// The number of a slot in the one global order, from 0, never wrapped: at a thousand million events a second the
/// range lasts for 146 years. Two positions are compared by their signed difference, never by subtracting unsigned
/// ones: where one of the two was read later than the other, "used" would be negative, and huge.
using position = std::uint64_t;

/// The highest position that may be handed out. The bits above are taken: by the flags of the claim position, and
/// one by the discarded flag of the word.
inline constexpr position max_position = (position{1} << 62) - 1;

/// Beyond every position.
inline constexpr position no_limit = max_position + 1;

/// a - b, negative where b is ahead.
[[nodiscard]] constexpr std::int64_t distance(position a, position b) noexcept {
    return static_cast<std::int64_t>(a - b);
}

/// The word of a record: its end (the position where the next record starts) and a flag.
struct record_word {
    std::uint64_t bits = 0;

    static constexpr std::uint64_t discarded_bit = 1;

    [[nodiscard]] static constexpr std::uint64_t committed(position end) noexcept { return end << 1; }
    [[nodiscard]] static constexpr std::uint64_t discarded(position end) noexcept { return end << 1 | discarded_bit; }

    [[nodiscard]] constexpr position end() const noexcept { return bits >> 1; }
    [[nodiscard]] constexpr bool is_discarded() const noexcept { return (bits & discarded_bit) != 0; }
    /// A word that an earlier lap left behind ends at or before `at`.
    [[nodiscard]] constexpr bool is_ready(position at) const noexcept { return distance(end(), at) > 0; }
};

}  // namespace evproc::detail

// ---- evproc/errc.hpp
#include <string>
#include <system_error>
#include <type_traits>

namespace evproc {
inline namespace EVPROC_ABI {

/// Why a verb did not do what it was asked to. `success`, `empty`, `full`, `closed` and `busy` are named as in
/// the C++ concurrent-queue proposal P0260.
enum class errc : int {
    success = 0,
    empty,           ///< nothing is there to be taken
    full,            ///< at some instant of the call fewer slots were free than were asked for
    closed,          ///< close() was called; nothing more can be reserved
    busy,            ///< producer_kind::single: an earlier reservation is still live
    timed_out,       ///< the deadline passed first
    stopped,         ///< the stop_token asked to stop first
    would_deadlock,  ///< only the calling thread could make room, and it would be waiting
    too_large,       ///< more slots than one reservation may hold (max_batch())
    invalid_size,    ///< a reservation of no slots
    invalid_handle,  ///< the handle holds nothing that could be committed
};

/// The category of evproc's error codes: name "evproc", messages that are whole sentences.
[[nodiscard]] inline std::error_category const& error_category() noexcept {
    class category final : public std::error_category {
    public:
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

}  // namespace EVPROC_ABI
}  // namespace evproc

template <>
struct std::is_error_code_enum<evproc::errc> : std::true_type {};

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// What a claim got: `size` slots from position `at`, or the reason why none. Two machine words, so that a call that is
/// not inlined returns it in registers.
struct claim {
    position at = 0;
    std::uint32_t size = 0;
    errc error = errc::success;

    claim() = default;
    constexpr claim(position first, std::size_t count) noexcept : at{first}, size{static_cast<std::uint32_t>(count)} {}
    constexpr explicit claim(errc reason) noexcept : error{reason} {}
};

/// Where a consumer stands. A copy may be moved ahead without consequences.
struct cursor {
    position at = 0;              ///< the next event
    position end = 0;             ///< beyond `at`: the end of the record that holds `at`; otherwise `at` is a record boundary
    position start = 0;           ///< where that record starts
    std::uint64_t discarded = 0;  ///< number of slots before `at` that were no event: discarded, or not the first of their record

    constexpr explicit cursor(position first = 0) noexcept : at{first}, end{first}, start{first} {}
    [[nodiscard]] constexpr bool is_in_record() const noexcept { return distance(end, at) > 0; }
};

/// Events that are ready. They lie side by side, View::stride bytes apart.
template <class T>
struct run {
    T* data = nullptr;
    std::size_t size = 0;
};

/// The slots between the consumer and the producers at some moment.
struct occupancy {
    position last_committed_end = 0;
    std::uint64_t committed = 0;
    std::uint64_t discarded = 0;
    std::uint64_t records = 0;  ///< number of the committed records, where the ring can tell
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/detail/pacer.hpp
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

// ---- evproc/detail/platform/cpu.hpp
#include <thread>

#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
#include <intrin.h>
#endif

namespace evproc::detail {

/// Tells the processor that this is a spin loop: frees its resources for the other hardware thread and for a while
/// leaves the line that is spun on to whoever writes it.
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

/// Lets some time pass, whatever the others do meanwhile: `rounds` of cpu_relax().
inline void brief_pause(unsigned rounds) noexcept {
    for (unsigned i = 0; i != rounds; ++i) cpu_relax();
}

/// Gives the rest of this thread's turn to another thread.
inline void yield_thread() noexcept { std::this_thread::yield(); }

/// True where no other thread can run while this one spins.
[[nodiscard]] inline bool one_cpu() noexcept {
    static bool const one = std::thread::hardware_concurrency() == 1;
    return one;
}

}  // namespace evproc::detail

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Lets a batch come together when the consumer is faster than its producers. Otherwise both fight over the cache line
/// that is being written, and each event is transferred alone.
///
/// A consumer that has caught up pauses before it looks again, and then stops where the producers were when the pause ended.
/// Whether that pays is measured: a pause that brought too few events makes the next ones rarer, down to one in 4096 events.
///
/// Cost in latency: a poll pauses only after it has delivered something, and never when it finds nothing again and again. The
/// longest pause is 256 cpu_relax() (3 to 10 us), at most four of them a poll, and only while pauses pay. Where they do not
/// (a poll a frame, one answer at a time), it is one pause of 32 cpu_relax() (0.4 to 1.2 us) in 4096 events.
/// ring_options{.pacing = false} switches it off.
///
/// The consumer's own. Source: this library's; measured in docs/pages/performance.md.
class pacer {
public:
    pacer(std::size_t capacity, position first) noexcept
        : good_{static_cast<unsigned>(std::clamp<std::size_t>(capacity / 4, 2, 256))},
          pauses_{shortest()},
          caught_up_at_{first},
          quiet_until_{first} {}

    /// Read no further than this position for now.
    [[nodiscard]] EVPROC_ALWAYS_INLINE position limit() const noexcept { return front_; }
    /// Whether look_again(at) would do nothing, since the consumer has found nothing since it last caught up.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_at_rest(position at) const noexcept {
        return at == caught_up_at_ && !measuring_;
    }
    /// Whether the last pause brought a batch.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_paying() const noexcept { return paying_; }

    /// To be called when nothing is ready at `at`, or `at` is the limit. True: look again. `front()` tells where the producers
    /// are; it is asked only while pauses pay. `budget`: the number of pauses left to this poll.
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
    static constexpr unsigned longest = 256;
    static constexpr position most_skipped = 4095;

    [[nodiscard]] unsigned shortest() const noexcept { return (std::max)(good_ / 8, 1U); }

    /// True if it has paused.
    EVPROC_COLD bool pause(position at) noexcept {
        position const found = at - std::exchange(caught_up_at_, at);
        if (std::exchange(measuring_, false)) {
            // `found` is what the last pause brought, whatever polls that took.
            if (found < (std::max)(2U, pauses_ / 8)) {
                paying_ = false;
                pauses_ = (std::max)(pauses_ / 2, shortest());
                quiet_until_ = at + next_skip_;
                next_skip_ = (std::min)(2 * next_skip_ + 1, most_skipped);
                if (quiet_until_ != at) return false;
            } else {
                paying_ = true;
                next_skip_ = 0;
                if (found < good_)
                    pauses_ = (std::min)(2 * pauses_, (std::min)(good_, longest));
                else if (found > 2 * good_)
                    pauses_ = (std::max)(pauses_ / 2, shortest());
            }
        }
        if (found == 0) return false;
        brief_pause(pauses_);
        measuring_ = true;
        return true;
    }

    unsigned const good_;           ///< number of events worth a look
    unsigned pauses_;               ///< length of the next pause, in cpu_relax()
    position front_ = no_limit;     ///< where the producers were when a pause last paid
    position caught_up_at_;         ///< where the consumer last caught up
    position quiet_until_;          ///< no pause before this position
    position next_skip_ = 0;
    bool measuring_ = false;        ///< the last pause has not been judged yet
    bool paying_ = false;
};

/// Never pauses.
class no_pacer {
public:
    constexpr no_pacer(std::size_t, position) noexcept {}
    [[nodiscard]] static constexpr position limit() noexcept { return no_limit; }
    [[nodiscard]] static constexpr bool is_at_rest(position) noexcept { return true; }
    [[nodiscard]] static constexpr bool is_paying() noexcept { return false; }
    template <class Front>
    [[nodiscard]] static constexpr bool look_again(position, unsigned&, Front) noexcept {
        return false;
    }
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/event_info.hpp
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace evproc {
inline namespace EVPROC_ABI {

/// What a handler may want to know about the event it gets.
struct event_info {
    std::uint64_t sequence = 0;  ///< its place in the global order, from 0
    bool end_of_batch = false;   ///< the last event that is ready now, or that this poll delivers: the moment to flush
};

/// The same from a consumer of several rings (selector, priority_processor, lane_processor). `sequence` and `end_of_batch` are of
/// the event's own ring; the last event of a ring's turn is the end of a batch too.
struct select_info : event_info {
    std::size_t source = 0;  ///< which ring: the selector's n-th processor, the level, the lane
};

/// What a handler wants next. A handler that returns void means `next`.
enum class event_action {
    next,  ///< the event is consumed; go on
    stop,  ///< the event is consumed; poll returns
    keep,  ///< poll returns; the event stays at the front and comes again
};

/// What stands at the front. state() and the waiting verbs tell it exactly; poll says `idle` also where it is blocked, and
/// `more` where it stopped early, without looking further.
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

/// What run() does with an event whose handler threw.
enum class error_action {
    skip,   ///< the event counts as consumed; go on with the next
    retry,  ///< call the handler again with the same event
    stop,   ///< close the processor, wake the producers, let the exception leave run()
};

/// Counts since construction. Exact when nobody moves meanwhile, else a value of some recent moment for each.
struct processor_stats {
    std::uint64_t committed = 0;   ///< events made visible
    std::uint64_t consumed = 0;    ///< events consumed
    std::uint64_t discarded = 0;   ///< places given up
    std::uint64_t full_waits = 0;  ///< waiting verbs that found no room at first
    std::uint64_t refused = 0;     ///< try_ verbs that returned errc::full
    std::uint64_t max_depth = 0;   ///< the most slots in use that the consumer has seen
    std::uint64_t parks = 0;       ///< how often a waiting thread, of either side, went to sleep
};

/// The place that everything behind it waits for.
struct stall_info {
    bool stalled = false;          ///< whether the consumer stands before a place that is reserved and not committed
    std::uint64_t sequence = 0;    ///< that place
    std::chrono::nanoseconds age{0};  ///< how long the consumer has found it so (resolution 1 us)

    explicit operator bool() const noexcept { return stalled; }
};

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc::detail {
inline namespace EVPROC_ABI {

template <class H, class Arg>
inline constexpr bool takes_info = std::is_invocable_v<H&, Arg, event_info const&>;

template <class H, class Arg>
concept handler_of = takes_info<H, Arg> || std::is_invocable_v<H&, Arg>;

/// Calls a handler of any of the allowed shapes.
template <class H, class Arg>
EVPROC_ALWAYS_INLINE event_action invoke_handler(H& handler, Arg&& arg, event_info const& info) {
    auto const call = [&]() -> decltype(auto) {
        if constexpr (takes_info<H, Arg>)
            return std::invoke(handler, std::forward<Arg>(arg), info);
        else
            return std::invoke(handler, std::forward<Arg>(arg));
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

/// What a handler is called with: each event, each run as one std::span, or the first slot of each record, whose header says
/// how many slots the record has.
enum class delivery { events, spans, records };

/// What becomes of an event that was delivered.
enum class afterwards { destroy, leave };

/// One consumer of a ring: acquire a run of ready events, deliver it, release it. Every consumer's verb is made of these three.
///
/// What it has learnt (its place, where it last caught up) lives over polls, so it does not matter how many events a poll
/// takes. It touches no atomic but the words that next_run() reads: to publish its place is its owner's part, which also
/// knows whom to notify. One thread at a time. Progress: wait-free for each event.
template <class Ring, class Pacer>
class consumer {
    using element_type = typename Ring::element_type;
    using run_type = run<element_type>;

public:
    consumer(std::size_t capacity, position first) noexcept : place_{first}, pacer_{capacity, first} {}

    [[nodiscard]] EVPROC_ALWAYS_INLINE cursor const& place() const noexcept { return place_; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE Pacer const& pace() const noexcept { return pacer_; }

    /// The next ready events, side by side, at most `max`, none at or beyond `limit`. Skips what was discarded.
    EVPROC_ALWAYS_INLINE run_type acquire(Ring const& ring, std::size_t max, position limit = no_limit) noexcept {
        return ring.next_run(place_, max, limit);
    }

    /// After an acquire() up to pace().limit() came back empty. Pauses where that pays; true: acquire again.
    EVPROC_ALWAYS_INLINE bool look_again(Ring const& ring, unsigned& budget) noexcept {
        return pacer_.look_again(place_.at, budget, [&]() noexcept { return ring.front_approx(); });
    }

    /// Calls `handler` for what acquire() gave; the one place where a handler is called. Moves on by what was consumed, whatever
    /// way the handler ends: by `keep` not the event it kept, by an exception the event that threw too.
    /// `most`: the number of events that the poll may still deliver; the last of them is the end of a batch too. Records are
    /// never cut: the run may hold more of them than `most`, and they are delivered up to a quarter of the ring at a time.
    template <delivery How, afterwards Then, class Arg = element_type&, class H>
    EVPROC_ALWAYS_INLINE event_action deliver(Ring const& ring, run_type const& run, H& handler, std::size_t most,
                                                position limit = no_limit) {
        using argument = std::conditional_t<How == delivery::spans, std::span<std::remove_reference_t<Arg>>, Arg>;
        constexpr bool with_info = takes_info<H, argument>;
        constexpr bool by_record = How == delivery::records;
        std::size_t step = How == delivery::spans ? run.size : 1;
        std::size_t taken = 0;  // the slots of the current call included
        std::size_t inner = 0;  // those of them that are not the first of their record
        advance<by_record> const moves_on{place_, taken, inner};
        event_action action = event_action::next;
        element_type* event = run.data;
        while (taken != run.size) {
            event_info info{place_.at + taken, false};
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

    /// Moves to `place`, which is ahead.
    void skip_to(cursor const& place) noexcept { place_ = place; }

private:
    template <bool ByRecord>
    struct advance {
        cursor& place;
        std::size_t const& taken;
        std::size_t const& inner;
        EVPROC_ALWAYS_INLINE ~advance() {
            place.at += taken;
            if constexpr (ByRecord) place.discarded += inner;
        }
    };
    template <afterwards Then>
    struct consumed {
        element_type* event;
        std::size_t count;
        EVPROC_ALWAYS_INLINE ~consumed() {
            if constexpr (Then == afterwards::destroy) std::destroy_n(event, count);
        }
    };

    /// Whether nothing is ready behind the next `count` events.
    [[nodiscard]] bool is_last(Ring const& ring, std::size_t count, position limit) const noexcept {
        cursor ahead = place_;
        ahead.at += count;
        return ring.next_run(ahead, 1, limit).size == 0;
    }

    cursor place_;
    [[no_unique_address]] Pacer pacer_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc {
inline namespace EVPROC_ABI {

/// The events that event_processor::peek() found, in order: a forward range of Event&, read in place.
///
/// Its destructor releases them, also during stack unwinding: they are destroyed, and their slots are free again. release(k)
/// does so with the first k at once and leaves the others in the range; keep() lets go of the rest without releasing, so that
/// they come again with the next peek. The next peek of the processor releases what a batch still holds, which is then void:
/// `batch = processor.peek(1)` in a loop is safe. Move-only, for the consumer's thread; must not outlive the processor, and no
/// other consumer's verb may be called while it holds events. Every verb is wait-free for each event.
template <class Ring>
class [[nodiscard]] committed_batch {
    using range_type = typename Ring::ready_type;

public:
    using value_type = typename Ring::value_type;
    using iterator = typename range_type::iterator;

    committed_batch() = default;
    /// Looks for at most `max` events.
    committed_batch(Ring& ring, std::size_t max) noexcept {
        if (ring.left() != 0) {
            EVPROC_CHECK(ring.thread().is_this(), "two threads consume from one ring at once");
            ring.template release<detail::afterwards::destroy>(ring.left());
            ring.thread().leave();
        }
        ring.thread().enter();
        events_ = ring.peek(max);
        if (events_.empty())
            ring.thread().leave();
        else
            ring_ = &ring;
    }

    committed_batch(committed_batch&& other) noexcept
        : ring_{std::exchange(other.ring_, nullptr)}, events_{std::exchange(other.events_, range_type{})} {}

    /// Releases what this holds, then takes over.
    committed_batch& operator=(committed_batch&& other) noexcept {
        if (this != &other) {
            release();
            ring_ = std::exchange(other.ring_, nullptr);
            events_ = std::exchange(other.events_, range_type{});
        }
        return *this;
    }

    ~committed_batch() { release(); }

    /// True while this holds events.
    explicit operator bool() const noexcept { return !empty(); }
    /// Number of events in the range.
    [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
    [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
    [[nodiscard]] iterator begin() const noexcept { return events_.begin(); }
    [[nodiscard]] iterator end() const noexcept { return events_.end(); }
    /// Precondition: !empty().
    [[nodiscard]] value_type& front() const noexcept { return events_.front(); }
    /// The sequence of the first event. Precondition: !empty().
    [[nodiscard]] std::uint64_t sequence() const noexcept { return events_.sequence(); }

    /// Destroys all events of the range and frees their slots.
    void release() noexcept { release(events_.size()); }

    /// Destroys the first k events and frees their slots; the others stay. Precondition: k <= size().
    void release(std::size_t k) noexcept {
        if (!is_current()) return forget();
        ring_->template release<detail::afterwards::destroy>(k);
        events_ = ring_->rest();
        if (events_.empty()) {
            ring_->thread().leave();
            forget();
        }
    }

    /// Releases nothing: the events that are still in the range come again with the next peek.
    void keep() noexcept {
        if (is_current()) {
            ring_->keep();
            ring_->thread().leave();
        }
        forget();
    }

private:
    /// False once a later peek has released what this held.
    [[nodiscard]] bool is_current() const noexcept {
        return ring_ != nullptr && ring_->left() != 0 && ring_->place().at == events_.sequence();
    }

    void forget() noexcept {
        ring_ = nullptr;
        events_ = range_type{};
    }

    Ring* ring_ = nullptr;
    range_type events_{};
};

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/detail/consume.hpp
// The loops around poll() that every processor has: poll and wait, run, and what becomes of a handler's exception in run.

#include <exception>

// ---- evproc/detail/deadline.hpp
// Turns what users give, a duration or a time point of any clock, into the one kind of deadline that waits take.

#include <chrono>
#include <type_traits>

// ---- evproc/detail/platform/clock.hpp
#include <chrono>

namespace evproc::detail {

using clock_type = std::chrono::steady_clock;

[[nodiscard]] inline clock_type::time_point now() noexcept { return clock_type::now(); }

}  // namespace evproc::detail

namespace evproc {

/// When a wait has to give up. `wait_deadline::max()`: never.
using wait_deadline = std::chrono::steady_clock::time_point;

namespace detail {

inline constexpr wait_deadline no_deadline = (wait_deadline::max)();

/// Now plus `d`, rounded up to the clock's tick; no_deadline where that would not fit.
template <class Rep, class Period>
[[nodiscard]] wait_deadline deadline_after(std::chrono::duration<Rep, Period> d) noexcept {
    using ticks = wait_deadline::duration;
    if (!(d > d.zero())) return now();
    wait_deadline const start = now();
    // Compared as long double, because the conversion itself is what could overflow.
    using wide = std::chrono::duration<long double, ticks::period>;
    if (wide(d) >= wide(no_deadline - start)) return no_deadline;
    return start + std::chrono::ceil<ticks>(d);
}

/// The deadline of any clock's time point; time_point::max() means none.
template <class Clock, class Duration>
[[nodiscard]] wait_deadline deadline_at(std::chrono::time_point<Clock, Duration> t) noexcept {
    if constexpr (std::is_same_v<Clock, wait_deadline::clock> && std::is_same_v<Duration, wait_deadline::duration>) {
        return t;
    } else {
        if (t == (std::chrono::time_point<Clock, Duration>::max)()) return no_deadline;
        using wide = std::chrono::duration<long double, std::nano>;
        wide const left = wide(t.time_since_epoch()) - wide(Clock::now().time_since_epoch());
        return deadline_after(left);
    }
}

}  // namespace detail
}  // namespace evproc

// ---- evproc/detail/ring.hpp
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

// ---- evproc/detail/consumer_position.hpp
#include <cstdint>

// ---- evproc/detail/cache_line.hpp
#include <cstddef>

// The distance that keeps two groups of data from sharing a cache line. Not
// std::hardware_destructive_interference_size: that one varies with tuning flags, so two translation units of one
// program could disagree about a layout. 64 is right for x86 and most Arm cores (128 was measured there too and gained
// nothing); Apple's cores and POWER have 128.
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

/// For data that its owner writes all the time: x86 fetches lines in pairs, so the neighbour would travel along.
inline constexpr std::size_t false_sharing_range = 2 * cache_line_size;

static_assert(cache_line_size >= 16 && (cache_line_size & (cache_line_size - 1)) == 0,
              "evproc: EVPROC_CACHE_LINE_SIZE must be a power of two of at least 16 bytes");

}  // namespace evproc::detail

// ---- evproc/detail/platform/atomic.hpp
// The only place of the library that includes <atomic>. tests/model puts a file of this name first on the include
// path and explores the library under the C++ memory model; the same goes for the other five headers that touch the
// machine: asymmetric_fence.hpp, futex.hpp, cpu_relax.hpp, this_thread.hpp and clock.hpp.

#include <atomic>
#include <cstdint>

namespace evproc::detail {

template <class T>
using atomic = std::atomic<T>;

#ifndef EVPROC_ALLOW_LOCKED_ATOMICS
static_assert(std::atomic<std::uint64_t>::is_always_lock_free,
              "evproc: 64-bit atomics take a lock on this target, so nothing here would be lock-free; choose a target "
              "that has them (for x86: -march=i586 or newer), or define EVPROC_ALLOW_LOCKED_ATOMICS to accept it");
#endif

}  // namespace evproc::detail

// ---- evproc/detail/platform/thread.hpp
#include <cstdint>

// In a program a thread-local variable costs no call. In a shared library it may cost one: the model is left to the
// compiler, because initial-exec uses up a table of fixed size, and then the library cannot be loaded by dlopen().
#if defined(__ELF__) && !defined(__ANDROID__) && (defined(__GNUC__) || defined(__clang__))
#define EVPROC_HAS_CHEAP_TLS 1
#else
#define EVPROC_HAS_CHEAP_TLS 0
#endif

namespace evproc::detail {

using thread_token = std::uintptr_t;

/// A non-zero number that no other live thread has. The address of a thread-local object, because asking the system
/// would be a call.
[[nodiscard]] inline thread_token this_thread_token() noexcept {
    static thread_local constinit char anchor = 0;
    return reinterpret_cast<thread_token>(&anchor);
}

/// Where this thread's last claim ended, and in which ring. A locked instruction holds up the loads behind it, so who
/// claims again at once has the position sooner from here than from the line that it has just written.
class claim_hint {
public:
    /// The end of this thread's last claim if it was in `ring`; otherwise `otherwise()`.
    template <class Otherwise>
    [[nodiscard]] EVPROC_ALWAYS_INLINE static std::uint64_t get(void const* ring, Otherwise otherwise) noexcept {
#if EVPROC_HAS_CHEAP_TLS
        if (here.ring_ == ring) [[likely]] return here.end_;
#else
        static_cast<void>(ring);
#endif
        return otherwise();
    }
    EVPROC_ALWAYS_INLINE static void set(void const* ring, std::uint64_t end) noexcept {
#if EVPROC_HAS_CHEAP_TLS
        here.ring_ = ring;
        here.end_ = end;
#else
        static_cast<void>(ring);
        static_cast<void>(end);
#endif
    }

private:
#if EVPROC_HAS_CHEAP_TLS
    void const* ring_ = nullptr;
    std::uint64_t end_ = 0;

    static thread_local claim_hint here;
#endif
};

#if EVPROC_HAS_CHEAP_TLS
inline constinit thread_local claim_hint claim_hint::here{};
#endif

}  // namespace evproc::detail

// ---- evproc/detail/consumer_scope.hpp
namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Which thread is consuming. A blocking reserve() on that thread fails instead of deadlocking; checked builds report a
/// second consumer.
///
/// Relaxed, because
///   X1  the only answer that matters is "this very thread", and a thread sees its own stores.
///   X2  the check for two consumers is best effort and orders nothing.
/// Progress: wait-free.
class consuming_thread {
public:
    /// This thread holds events that it has not released.
    void hold() noexcept {
        // X1 relaxed: read by this thread.
        holder_.store(this_thread_token(), std::memory_order_relaxed);
    }
    void let_go() noexcept {
        // X1 relaxed: read by this thread.
        holder_.store(0, std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_this() const noexcept {
        // X1 relaxed: written by this thread if the answer is yes.
        return holder_.load(std::memory_order_relaxed) == this_thread_token();
    }

#if EVPROC_CHECKED
    void enter() noexcept {
        thread_token nobody = 0;
        // X2 relaxed: best effort.
        bool const alone = inside_.compare_exchange_strong(nobody, this_thread_token(), std::memory_order_relaxed,
                                                           std::memory_order_relaxed);
        EVPROC_CHECK(alone || nobody != this_thread_token(),
                     "a consumer's verb was called from inside a handler, or while this thread holds a committed_batch");
        EVPROC_CHECK(alone, "two threads consume from one ring at once");
    }
    void leave() noexcept {
        // X2 relaxed: best effort.
        inside_.store(0, std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_entered() const noexcept {
        // X2 relaxed: best effort.
        return inside_.load(std::memory_order_relaxed) != 0;
    }
#else
    void enter() noexcept {}
    void leave() noexcept {}
#endif

private:
    atomic<thread_token> holder_{0};
#if EVPROC_CHECKED
    atomic<thread_token> inside_{0};
#endif
};

/// This thread consumes for as long as this lives.
class consumer_scope {
public:
    EVPROC_ALWAYS_INLINE explicit consumer_scope(consuming_thread& thread) noexcept : thread_{thread} {
        thread_.enter();
        thread_.hold();
    }
    EVPROC_ALWAYS_INLINE ~consumer_scope() {
        thread_.let_go();
        thread_.leave();
    }
    consumer_scope(consumer_scope const&) = delete;
    consumer_scope& operator=(consumer_scope const&) = delete;

private:
    consuming_thread& thread_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// How far one consumer has come, and on which thread: everything before it belongs to whoever follows, the producers or
/// the next stage. One writer, any number of readers.
///
/// Edges: if the acquire reads what the release stored, then ...
///   E2  publish -> consumed: the reader sees the consumer's last reads and destructions, and the partial_end_ that goes with it.
/// Relaxed, because
///   X3  the hints promise no more than a value of some recent moment.
///   X4  statistics carry no data.
/// Progress: wait-free.
class consumer_position {
public:
    explicit consumer_position(position first) noexcept : consumed_{first} {}

    // ---- the consumer ----

    [[nodiscard]] consuming_thread& thread() noexcept { return thread_; }

    /// Gives up everything before `c`.
    EVPROC_ALWAYS_INLINE void publish(cursor const& c) noexcept {
        if (c.is_in_record()) [[unlikely]] {
            // X4 relaxed: a statistic; E2 carries it where it matters.
            partial_end_.store(c.end, std::memory_order_relaxed);
        }
        // X4 relaxed: a statistic with one writer.
        if (c.discarded != discarded_.load(std::memory_order_relaxed)) [[unlikely]] {
            // X4 relaxed: as above.
            discarded_.store(c.discarded, std::memory_order_relaxed);
        }
        // E2 release: the last reads and the destructions of everything before happen before its next use.
        consumed_.store(c.at, std::memory_order_release);
    }

    // ---- any thread ----

    /// Whether the calling thread is the consumer, in the middle of its work: it must not wait for room.
    [[nodiscard]] bool is_consuming_here() const noexcept { return thread_.is_this(); }

    /// Everything before this has been consumed, and what the consumer did with it is seen.
    [[nodiscard]] position consumed() const noexcept {
        // E2 acquire: the consumer's work on everything before this position.
        return consumed_.load(std::memory_order_acquire);
    }

    /// Whether nobody will ever consume again.
    [[nodiscard]] static constexpr bool is_abandoned() noexcept { return false; }

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] EVPROC_ALWAYS_INLINE position consumed_approx() const noexcept {
        // X3 relaxed: a hint.
        return consumed_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t discarded_approx() const noexcept {
        // X4 relaxed: a statistic.
        return discarded_.load(std::memory_order_relaxed);
    }
    /// Where the record ends that was last consumed in part.
    [[nodiscard]] position partial_end() const noexcept {
        // X4 relaxed: a statistic.
        return partial_end_.load(std::memory_order_relaxed);
    }

private:
    alignas(false_sharing_range) atomic<position> consumed_;
    atomic<position> partial_end_{0};
    atomic<std::uint64_t> discarded_{0};
    consuming_thread thread_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/detail/producers.hpp
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

// ---- evproc/detail/mpsc_ring.hpp
#include <algorithm>
#include <cstddef>
#include <cstdint>

// ---- evproc/detail/storage.hpp
// Storage: the words by which records are committed, and raw memory for the elements. Nothing here is ordered; the
// cores own that.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>

// ---- evproc/detail/prefetch.hpp
namespace evproc::detail {

/// Starts fetching the cache line of `p` for writing. On x86 the instruction itself is written out, because the
/// compilers turn __builtin_prefetch(p, 1) into a prefetch for reading unless built with -mprfchw; that one leaves
/// the line shared, so that the write still has to wait.
inline void prefetch_for_write(void const* p) noexcept {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    asm volatile("prefetchw %0" : : "m"(*static_cast<char const*>(p)));
#elif defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p, 1, 3);
#else
    static_cast<void>(p);
#endif
}

}  // namespace evproc::detail

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

/// Starts to fetch, for writing, the lines of `bytes` bytes; of large elements the first four.
template <std::size_t Bytes>
EVPROC_ALWAYS_INLINE void prefetch_lines(void const* p) noexcept {
    constexpr std::size_t lines = std::min<std::size_t>((Bytes + cache_line_size - 1) / cache_line_size, 4);
    for (std::size_t i = 0; i != lines; ++i) prefetch_for_write(static_cast<std::byte const*>(p) + i * cache_line_size);
}

/// The size of a reservation is a 32-bit number.
inline constexpr std::size_t max_capacity = std::size_t{1} << (sizeof(std::size_t) > 4 ? 31 : 30);

/// How many slots there are, and how long a batch may be. Constants where the type says so.
template <std::size_t N, std::size_t MaxBatch>
class geometry {
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

template <std::size_t MaxBatch>
class geometry<std::dynamic_extent, MaxBatch> {
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

/// Words and elements apart, so that a batch is one array of elements. A record that starts at index i owns the
/// elements [i, i + n) even where that goes past the capacity: for this the elements have max_batch - 1 places more.
/// A view: copied into a loop, it spares the loop to read the pointers again after each atomic access.
template <class T, std::size_t N, std::size_t MaxBatch, bool HasWords>
class separate_view : public geometry<N, MaxBatch> {
public:
    using element_type = T;
    using word_type = atomic<std::uint64_t>;

    static constexpr std::size_t alignment = alignof(T) > cache_line_size ? alignof(T) : cache_line_size;

    /// How much memory it takes.
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
    /// Raw storage; `offset` elements behind the one of `at`.
    [[nodiscard]] T* element(position at, std::size_t offset = 0) const noexcept {
        return elements_ + this->index(at) + offset;
    }
    static constexpr bool is_contiguous = true;
    /// The element `n` places behind `element`.
    [[nodiscard]] static T* next(T* element, std::size_t n = 1) noexcept { return element + n; }

    /// Neighbours share lines: only every so many positions is there something to prefetch.
    static constexpr std::size_t elements_per_line = std::bit_floor(std::max<std::size_t>(cache_line_size / sizeof(T), 1));
    static constexpr std::size_t words_per_line = HasWords ? cache_line_size / sizeof(word_type) : elements_per_line;
    static constexpr std::size_t prefetch_every = (std::min)(elements_per_line, words_per_line);

    /// Starts to fetch, for writing, what a reservation at `at`, a multiple of prefetch_every, will write.
    EVPROC_ALWAYS_INLINE void prefetch(position at) const noexcept {
        if constexpr (HasWords) {
            if (at % words_per_line == 0) prefetch_for_write(&word(at));
        }
        if (at % elements_per_line == 0) prefetch_lines<sizeof(T)>(element(at));
    }

private:
    [[nodiscard]] static std::size_t elements_offset([[maybe_unused]] geometry<N, MaxBatch> const& g) noexcept {
        if constexpr (HasWords) {
            std::size_t const bytes = g.capacity() * sizeof(word_type);
            // Where an element and its word had the same place in their pages, x86 would take the load of the one for a load
            // of the other, just stored.
            std::size_t const apart = bytes % 4096 == 0 ? 2048 : 0;
            return (bytes + apart + alignment - 1) / alignment * alignment;
        } else {
            return 0;
        }
    }

    word_type* words_ = nullptr;
    T* elements_;
};

/// Each word beside its element, for max_batch = 1: a small event and its word are one cache line to transfer.
template <class T, std::size_t N>
class inline_view : public geometry<N, 1> {
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

    static constexpr std::size_t prefetch_every = std::bit_floor(std::max<std::size_t>(cache_line_size / sizeof(cell), 1));

    EVPROC_ALWAYS_INLINE void prefetch(position at) const noexcept {
        prefetch_lines<sizeof(cell)>(&cells_[this->index(at)]);
    }

private:
    cell* cells_;
};

/// A view and the memory behind it.
template <class View>
class slots {
public:
    using element_type = typename View::element_type;
    using view_type = View;

    /// Throws std::invalid_argument for a capacity that cannot be, std::bad_alloc.
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

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// THE PROTOCOL: a bounded queue of records from many producers, read in the order of reservation.
///
/// A producer claims positions [p, p+n) by CAS when there is room for them, writes its elements, and commits by one store
/// into the word of p: the position where the record ends. A consumer at c reads the word of c: the record is ready if and
/// only if its end is beyond c. A word of an earlier lap ends at or before c, so nothing is ever reset and a consumer writes
/// no slot. Discard is the same store with a flag. The consumer publishes how far it has come; that makes room.
/// The claim position, the limit, the words, the elements and the gate are all there is. Waiting is not part of it.
///
/// Variables (written by -> read by)
///   next_to_reserve_  producers, close() -> all             bit 63: closed
///   limit_            producers -> producers                a copy of the gate's position + capacity, never ahead of it
///   words             the producer that owns the record -> consumers
///   elements          the producer that owns the record -> consumers -> the next lap's producer
///   gate_             consumers -> producers                everything before it is free
///
/// Edges: if the acquire reads what the release stored, then ... (E2, from the consumer's last reads and destructions to the
/// producer that claims the slots again, is the gate's: consumer_position.hpp.)
///   E1  commit, discard -> next_run: the consumer sees the elements, and the rest-word of a prefix; and, through E2, the next
///       lap's producer sees that a discarding one is done with its elements.
///   E3  room -> claim_slots: likewise for a producer that learns of the room from another one's refresh of limit_.
///   E4  close -> claimed: who is told "closed" sees what the closing thread did before.
///   E5  claim_slots -> claim_slots: a producer that sees a claim also sees the consumer position that allowed it. Prevents a
///       spurious "full".
///
/// Relaxed, because
///   X1  next_to_reserve_ hands out numbers: E1 and E2 carry the memory. A stale value costs a failed CAS, or a refresh in
///       room(): positions are compared by signed difference, and "full" is said only after both were read again (E5). A
///       claim_hint is such a value: one that this thread wrote itself, perhaps into an earlier ring at this address.
///   X2  is_closed() and the hints promise no more than a value of some recent moment.
///   X3  statistics carry no data; each producer sees its own claims in count() by coherence.
///   X4  is_ready() only ends a wait: next_run() reads the word again, and by coherence not an older one.
///   X5  the rest-word of a prefix: the commit that follows carries it to next_run().
///   X6  count() reads no elements. A word of a later lap tells it only that the consumer has passed the slot; it goes on from
///       the consumer's position as soon as it sees that (E2).
///
/// Invariants
///   I1  at + n <= gate + capacity for every claim [at, at + n)                      (tests/model, "full ring")
///   I2  words change only between a claim and its commit or discard, by its owner   (tests/model, "two laps")
///   I3  no position is claimed after close() has set the flag                       (tests/model, "close")
///
/// Progress: claim_slots lock-free; commit, discard and close wait-free; next_run wait-free for each record.
/// Sources: the claim and the cached limit are those of DPDK's rte_ring and Aeron's many-to-one ring; sequence words
/// of D. Vyukov's bounded queue and the LMAX Disruptor. Records that name their end are this library's.
template <class View, class Gate = consumer_position>
class mpsc_ring {
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

    /// Claims `most` slots, or at least `least` if there is no room for more; 1 <= least <= most <= max_batch.
    /// errc::full only if at some instant of the call fewer than `least` were free; errc::closed after close().
    EVPROC_ALWAYS_INLINE claim claim_slots(std::size_t least, std::size_t most) noexcept {
        // X1 relaxed: the CAS decides.
        std::uint64_t at = claim_hint::get(this, [&]() noexcept { return next_to_reserve_.load(std::memory_order_relaxed); });
        for (;;) {
            if (at > max_position) [[unlikely]] return claim{errc::closed};
            // E3 acquire: what room() knew when it stored the limit.
            position limit = limit_.load(std::memory_order_acquire);
            std::int64_t free = distance(limit, at);
            if (free < static_cast<std::int64_t>(most)) [[unlikely]] {
                // E5 acquire: whoever made this claim had seen the room for it, and so does room() now.
                at = next_to_reserve_.load(std::memory_order_acquire);
                if (at > max_position) return claim{errc::closed};
                limit = room(limit);
                free = distance(limit, at);
                if (free < static_cast<std::int64_t>(least)) return claim{errc::full};
            }
            std::size_t size = most;
            if (least != most && free < static_cast<std::int64_t>(most)) size = static_cast<std::size_t>(free);
            // E5 release, X1 relaxed: hands on what was known of the room; failure goes round with the value it saw.
            if (next_to_reserve_.compare_exchange_weak(at, at + size, std::memory_order_release, std::memory_order_relaxed))
                [[likely]] {
                claim_hint::set(this, at + size);
                prefetch_ahead(at, limit);
                return {at, size};
            }
        }
    }

    /// Makes the first `built` of the claimed slots visible in one step and gives up the rest.
    EVPROC_ALWAYS_INLINE void commit(claim const& c, std::size_t built) noexcept {
        if (built != c.size) {
            if (built == 0) return discard(c);
            // X5 relaxed: the commit below carries it.
            view().word(c.at + built).store(record_word::discarded(c.at + c.size), std::memory_order_relaxed);
        }
        // E1 release: publishes the elements, and the rest-word, to next_run().
        view().word(c.at).store(record_word::committed(c.at + built), std::memory_order_release);
    }

    /// Gives the claimed slots up. The consumer skips them.
    void discard(claim const& c) noexcept {
        // E1 release: whatever was built and destroyed here happens before the slots' next use.
        view().word(c.at).store(record_word::discarded(c.at + c.size), std::memory_order_release);
    }

    /// Ends the order at the position of this instant. Idempotent.
    void close() noexcept {
        // E4 release: what the closing thread did before is seen by whoever is told that this is the end.
        next_to_reserve_.fetch_or(closed_bit, std::memory_order_release);
    }

    [[nodiscard]] bool is_closed() const noexcept {
        // X2 relaxed: a hint.
        return next_to_reserve_.load(std::memory_order_relaxed) > max_position;
    }

    // ---- consumers ----

    /// The next ready events at `c` that lie side by side: the rest of one record, or records of one event each. At most `most`
    /// (not 0), none at or beyond `limit`. Skips discarded records. Empty if the record at `c.at` is not committed.
    /// Moves `c` over discarded records only: whoever consumes k events adds k to `c.at`.
    EVPROC_ALWAYS_INLINE run_type next_run(cursor& c, std::size_t most, position limit) const noexcept {
        auto const v = view();
        position const at = c.at;
        if (c.is_in_record() || distance(limit, at) <= 0) [[unlikely]] return next_record(c, most, limit);
        // E1 acquire: the elements of this record, and what its producer did before.
        record_word word{v.word(at).load(std::memory_order_acquire)};
        if (word.bits != record_word::committed(at + 1)) {
            if (!word.is_ready(at)) [[likely]] return {};
            return next_record(c, most, limit);
        }
        std::size_t bound = v.capacity() - v.index(at);
        if (bound > run_length) bound = run_length;
        if (bound > most) bound = most;
        if (bound > limit - at) bound = static_cast<std::size_t>(limit - at);
        std::size_t size = 1;
        for (; size != bound; ++size) {
            // E1 acquire: as above, for the next record.
            word.bits = v.word(at + size).load(std::memory_order_acquire);
            if (word.bits != record_word::committed(at + size + 1)) break;
        }
        return {v.element(at), size};
    }

    /// Whether the record at `c` is committed or discarded.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_ready(cursor const& c) const noexcept {
        if (c.is_in_record()) return true;
        // X4 relaxed: next_run() acquires.
        return record_word{view().word(c.at).load(std::memory_order_relaxed)}.is_ready(c.at);
    }

    /// The claim position, and whether it is final.
    struct claims {
        position at;
        bool closed;
    };
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
    /// Where a consumer may expect the last event: it stops there rather than run into the line that is being written.
    [[nodiscard]] EVPROC_ALWAYS_INLINE position front_approx() const noexcept { return claimed_approx(); }

    /// Whether the record at `at`, the consumer's position, waits for its commit.
    [[nodiscard]] bool is_uncommitted_approx(position at, position partial_end) const noexcept {
        if (distance(partial_end, at) > 0 || distance(claimed_approx(), at) <= 0) return false;
        // X3 relaxed: a statistic.
        return !record_word{view().word(at).load(std::memory_order_relaxed)}.is_ready(at);
    }

    /// Counts what is claimed and not consumed, from `at` on, the consumer's position. Exact when nobody moves meanwhile; the
    /// calling thread's own commits are in it, or before the consumer's position. Lock-free; takes time in proportion to what the
    /// ring holds.
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
    EVPROC_NOINLINE run_type next_record(cursor& c, std::size_t most, position limit) const noexcept {
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
        std::size_t const size = static_cast<std::size_t>((std::min)(c.end, limit) - c.at);
        return {view().element(c.start, static_cast<std::size_t>(c.at - c.start)), (std::min)(size, most)};
    }

    static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63;
    /// Longest run of single events: their words and elements are still in the nearest cache when they are delivered.
    static constexpr std::size_t run_length = 64;

    /// Asks the consumers how far they have come, and tells the other producers if that is not the limit that they know.
    EVPROC_COLD position room(position known) noexcept {
        // The gate's E2: the consumers have let go of everything before this position.
        position const limit = gate_.consumed() + view().capacity();
        // E3 release: hands on what the acquire above saw. Going back behind a newer limit only costs another refresh.
        if (limit != known) limit_.store(limit, std::memory_order_release);
        return limit;
    }

    /// A locked instruction waits until the stores before it have left the store buffer, so the cache misses of one
    /// commit would be paid by the next claim. Fetching the lines some way ahead starts them early; only where that place is
    /// known to be free, else it would be taken from the consumer that is about to read it.
    EVPROC_ALWAYS_INLINE void prefetch_ahead(position at, position limit) const noexcept {
        constexpr position ahead = 16;
        if (at % View::prefetch_every == 0 && distance(limit, at) > static_cast<std::int64_t>(ahead)) [[unlikely]]
            view().prefetch(at + ahead);
    }

    // Read by all, written by nobody.
    alignas(cache_line_size) slots<View> slots_;
    // Written and read by producers; a consumer looks only when a pause has paid, or to tell its state.
    alignas(cache_line_size) atomic<std::uint64_t> next_to_reserve_;
    atomic<position> limit_;
    // Written by the consumers; read by producers that run out of room.
    Gate gate_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/detail/signals.hpp
#include <cstdint>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// What a waiting consumer has to be told besides events: that the ring was closed, that wake() was called. A line that
/// is written only then, so that a consumer which spins does not have to look at the line of the claims.
///
/// Edges: if the acquire reads what the release stored, then ...
///   E1  raise_wake -> take_wake: who returns from a wait because of wake() sees what was done before wake().
/// Relaxed, because
///   X1  a hint: the closed flag only says that the ring's own is worth a look (the notification that follows it orders the
///       two for a consumer that is about to sleep); the wake flag is taken by the exchange that E1 orders.
/// Progress: wait-free.
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
    /// True once for each time that wake() was called since the last call (several may be taken as one).
    [[nodiscard]] bool take_wake() noexcept {
        // X1 relaxed: the exchange below decides.
        if (wake_.load(std::memory_order_relaxed) == 0) [[likely]] return false;
        // E1 acquire: from raise_wake().
        return wake_.exchange(0, std::memory_order_acquire) != 0;
    }

private:
    // Written by close() and wake(), read by a waiting consumer.
    alignas(cache_line_size) atomic<bool> closed_{false};
    atomic<std::uint32_t> wake_{0};  // not a byte, whose exchange is a call into libatomic on RISC-V
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/detail/spsc_ring.hpp
#include <algorithm>
#include <cstddef>
#include <cstdint>

// ---- evproc/detail/platform/asymmetric_fence.hpp
// A pair of fences of which the frequent side costs nothing. This file holds the library's only stand-alone fences.
//
// Between two threads that each store to one variable and then load the other's, light() on one side and heavy() on
// the other forbid that both loads miss both stores, as two seq_cst fences would. Where the system has a barrier for a
// whole process, light() is a compiler barrier, and heavy() makes every running thread of the process execute a full
// barrier: the private expedited membarrier of Linux (0.1 to 1 us), or FlushProcessWriteBuffers of Windows. Elsewhere,
// under wine, or with EVPROC_NO_MEMBARRIER, both are seq_cst fences. Nothing but that either/or is asked of them:
// all data travels over release and acquire, so ThreadSanitizer, which does not model fences, needs none of them.
//
// membarrier may also be refused later (a sandbox that is put on). heavy() sees that and makes both sides seq_cst fences for
// good. One thing is left to time: a thread may have run light() just before, without a fence. Its store is in a store
// buffer for less than a microsecond, or until the thread is descheduled, which is a fence; the first heavy() waits 10 ms. So
// nothing is lost, and neither side pays for this before it happens.
//
// Source: the same pair is folly's asymmetricLightBarrier/asymmetricHeavyBarrier and C++ paper P1202.
//
//   X1  light() needs the compiler only: heavy() supplies the processor's half.
//   X2  around the system's barrier the compiler must not move accesses; the barrier itself orders memory.
//   X3  the mode carries no data: see above for what may be missed while it changes.
//   S1  without such a barrier: of two threads that store, fence and load, one load sees the other thread's store.

#include <chrono>

#if defined(__linux__) && !defined(EVPROC_NO_MEMBARRIER) && __has_include(<linux/membarrier.h>)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if defined(SYS_membarrier)
#define EVPROC_HAS_MEMBARRIER 1
#endif
#endif
#ifndef EVPROC_HAS_MEMBARRIER
#define EVPROC_HAS_MEMBARRIER 0
#endif
#if defined(_WIN32) && !defined(EVPROC_NO_MEMBARRIER)
#define EVPROC_HAS_FLUSH_PROCESS 1
#include <cstdint>
struct HINSTANCE__;  // what a handle of <windows.h> points to
#else
#define EVPROC_HAS_FLUSH_PROCESS 0
#endif

namespace evproc::detail {
inline namespace EVPROC_ABI {

#if EVPROC_HAS_FLUSH_PROCESS
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
#endif

class asymmetric_fence {
public:
    asymmetric_fence() noexcept : mode_{available() ? asymmetric : symmetric} {}
    asymmetric_fence(asymmetric_fence const&) = delete;
    asymmetric_fence& operator=(asymmetric_fence const&) = delete;

    /// The frequent side: after its store, before its load.
    void light() const noexcept {
        // X1 signal: orders the compiler only; heavy() supplies the processor's half.
        std::atomic_signal_fence(std::memory_order_seq_cst);
        // X3 relaxed: the mode.
        if (mode_.load(std::memory_order_relaxed) != asymmetric) [[unlikely]] full();
    }

    /// The rare side: after its store, before its load.
    void heavy() const noexcept {
#if EVPROC_HAS_MEMBARRIER || EVPROC_HAS_FLUSH_PROCESS
        // X3 relaxed: the mode.
        if (mode_.load(std::memory_order_relaxed) != symmetric) {
            // X2 signal: the system's barrier orders memory; the compiler must not move accesses over the call either.
            std::atomic_signal_fence(std::memory_order_seq_cst);
#if EVPROC_HAS_MEMBARRIER
            bool const done = ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
#else
            FlushProcessWriteBuffers();  // cannot fail
#endif
            // X2 signal: likewise after it.
            std::atomic_signal_fence(std::memory_order_seq_cst);
#if EVPROC_HAS_MEMBARRIER
            if (!done) [[unlikely]] become_symmetric();
#endif
            return;
        }
#endif
        full();
    }

private:
    enum : unsigned char { asymmetric, changing, symmetric };

    /// Out of line, so that the hot path of those who have membarrier holds no fence instruction.
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

#if EVPROC_HAS_MEMBARRIER
    /// Returns when each light() that was no fence is long over. Whoever calls heavy() meanwhile waits as long.
    EVPROC_COLD void become_symmetric() const noexcept {
        // X3 relaxed: the mode.
        is_refused_.store(true, std::memory_order_relaxed);
        // X3 relaxed: the fence makes it visible before the pause begins.
        mode_.store(changing, std::memory_order_relaxed);
        full();
        // By the clock, because a sandbox may refuse to sleep as well.
        for (auto const start = now(); now() - start < std::chrono::milliseconds{10};) {
            timespec const moment{0, 1'000'000};
            ::nanosleep(&moment, nullptr);
        }
        // X3 relaxed: the mode.
        mode_.store(symmetric, std::memory_order_relaxed);
        full();
    }
#endif

    [[nodiscard]] static bool available() noexcept {
#if EVPROC_HAS_MEMBARRIER
        // Asked once, at first use. Registration lasts for the process and is inherited over fork.
        static bool const registered =
            ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
        // X3 relaxed: whoever misses it learns it from heavy().
        return registered && !is_refused_.load(std::memory_order_relaxed);
#elif EVPROC_HAS_FLUSH_PROCESS
        // Wine has the function, but up to version 8.0 at least it does nothing.
        static bool const is_windows = GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") == nullptr;
        return is_windows;
#else
        return false;
#endif
    }

    // One for each fence, because it stands in the line that light()'s caller reads anyway.
    mutable std::atomic<unsigned char> mode_;
#if EVPROC_HAS_MEMBARRIER
    static inline constinit std::atomic<bool> is_refused_{false};
#endif
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// The protocol for one producer that holds one reservation at a time: there is nothing to order, so there are no
/// words and no read-modify-writes. The producer publishes how far it has committed, the consumer how far it has
/// consumed. A discard gives the slots back and leaves no gap. Same face as mpsc_ring.
///
/// A batch is contiguous as in mpsc_ring, by storage beyond the capacity. With no words to tell the consumer which
/// record straddles the end of the storage, the producer notes for each lap how many of its first elements lie beyond
/// the end; two notes are enough, since unconsumed records meet at most two ends.
///
/// Variables (written by -> read by)
///   committed_        producer -> consumer
///   reserved_         producer -> consumer                  beyond committed_ while a reservation is live
///   spilled_          producer -> consumer                  plain: travels with E1 and back with E2
///   gate_             consumer -> producer
///   closing_, closed_ any thread -> producer; consumer
///   discarded_, owner_ producer -> all                       a statistic; checked builds
///
/// Edges: if the acquire reads what the release stored, then ... (E2, from the consumer's last reads and destructions to the
/// producer that claims the slots again, is the gate's: consumer_position.hpp.)
///   E1  commit -> next_run: the consumer sees the elements, spilled_ and the reserved_ that goes with them.
///   E4  close -> claimed: who is told "closed" sees what the closing thread did before, and (by E5) the last reservation.
///   E5  claim_slots -> close: light fence between reserved_ and closing_, heavy fence between closing_ and closed_.
///       Either the claim sees closing_ and is taken back, or whoever sees closed_ sees reserved_.
///
/// Relaxed, because
///   X1  reserved_ and closing_ are ordered by E5's fences, and by E1 where both travel.
///   X3  is_closed() and the hints promise no more than a value of some recent moment.
///   X4  statistics carry no data.
///   X5  is_ready() only ends a wait: next_run() reads committed_ again, and by coherence not an older value.
///
/// Invariants
///   I1  at + n <= gate + capacity for every claim [at, at + n)                (tests/model, "single producer")
///   I3  no claim succeeds that the consumer could miss after it was told "closed"   (tests/model, "single close")
///
/// Progress: every verb wait-free.
/// Source: L. Lamport's one-reader-one-writer ring with the cached positions of rigtorp's SPSCQueue.
template <class View>
class spsc_ring {
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

    // ---- producer: one thread ----

    /// As mpsc_ring::claim_slots; errc::busy while a reservation is live.
    EVPROC_ALWAYS_INLINE claim claim_slots(std::size_t least, std::size_t most) noexcept {
        [[maybe_unused]] producer_check const check{*this};
        if (live_) [[unlikely]] return claim{is_closed() ? errc::closed : errc::busy};
        std::int64_t free = distance(limit_, next_);
        if (free < static_cast<std::int64_t>(most)) [[unlikely]] {
            // The gate's E2: the consumer has let go of everything before this position.
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
        prefetch_ahead();
        return {next_, size};
    }

    /// As mpsc_ring::commit; the rest is not given up but given back.
    EVPROC_ALWAYS_INLINE void commit(claim const& c, std::size_t built) noexcept {
        if (built != c.size) {
            if (built == 0) return discard(c);
            give_back(c.at + built, c.size - built);
        }
        next_ = c.at + built;
        live_ = false;
        let_go();
        position const border = next_ & ~static_cast<position>(view().capacity() - 1);
        if (border > c.at) [[unlikely]] spilled_[note(border)] = static_cast<std::size_t>(next_ - border);
        // E1 release: publishes the elements, the note and reserved_ to next_run().
        committed_.store(next_, std::memory_order_release);
    }

    void discard(claim const& c) noexcept {
        live_ = false;
        let_go();
        give_back(c.at, c.size);
    }

    void close() noexcept {
        // X1 relaxed: E5's heavy fence follows.
        closing_.store(true, std::memory_order_relaxed);
        fence_.heavy();  // E5
        // E4 release: from here on no claim can succeed that frontier() would not see.
        closed_.store(true, std::memory_order_release);
    }

    [[nodiscard]] bool is_closed() const noexcept {
        // X1 relaxed: E5's light fence stands before it where it decides. X3 elsewhere.
        return closing_.load(std::memory_order_relaxed);
    }

    // ---- consumer ----

    /// As mpsc_ring::next_run. What is known to be committed counts as one record.
    EVPROC_ALWAYS_INLINE run_type next_run(cursor& c, std::size_t most, position limit) const noexcept {
        if (!c.is_in_record()) {
            // E1 acquire: the elements and notes of everything before this position.
            c.end = committed_.load(std::memory_order_acquire);
        }
        position until = (std::min)(c.end, limit);
        if (distance(until, c.at) <= 0) return {};
        if (until - c.at > most) until = c.at + most;
        position const capacity = view().capacity();
        position const lap = c.at & ~(capacity - 1);
        if (view().max_batch() == 1) {  // nothing is spilled
            until = (std::min)(until, lap + capacity);
            return {view().element(c.at), static_cast<std::size_t>(until - c.at)};
        }
        std::size_t const index = static_cast<std::size_t>(c.at - lap);
        if (std::size_t const spilled = spilled_[note(lap)]; index < spilled) [[unlikely]] {
            until = (std::min)(until, lap + spilled);
            return {view().element(lap, view().capacity() + index), static_cast<std::size_t>(until - c.at)};
        }
        position const border = lap + capacity;
        if (until > border) until = (std::min)(until, border + spilled_[note(border)]);
        return {view().element(c.at), static_cast<std::size_t>(until - c.at)};
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE bool is_ready(cursor const& c) const noexcept {
        // X5 relaxed: next_run() acquires.
        return c.is_in_record() || committed_.load(std::memory_order_relaxed) != c.at;
    }

    struct claims {
        position at;
        bool closed;
    };
    [[nodiscard]] claims claimed() const noexcept {
        // E4 acquire: pairs with close(); read first, so that reserved_ is the final one if this is set.
        bool const closed = closed_.load(std::memory_order_acquire);
        // X1 relaxed: E4 and E5 make it the last one where that matters.
        return {reserved_.load(std::memory_order_relaxed), closed};
    }

    // ---- hints: any thread, stale at once ----

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
    /// As mpsc_ring::count. What was given back was never claimed; discarded_approx() counts it.
    [[nodiscard]] occupancy count(position at, position) const noexcept {
        // X4 relaxed: a statistic; each thread sees its own commits by coherence.
        position const committed = committed_.load(std::memory_order_relaxed);
        return {committed, distance(committed, at) > 0 ? committed - at : 0, discarded_approx()};
    }

private:
    [[nodiscard]] std::uint64_t discarded_approx() const noexcept {
        // X4 relaxed: a statistic.
        return discarded_.load(std::memory_order_relaxed);
    }

    /// Which of the two notes speaks of the end of the storage at position `border`.
    [[nodiscard]] std::size_t note(position border) const noexcept {
        return (border & static_cast<position>(view().capacity())) != 0 ? 1 : 0;
    }

    void give_back(position from, std::size_t size) noexcept {
        // X4 relaxed: a statistic with one writer.
        discarded_.store(discarded_.load(std::memory_order_relaxed) + size, std::memory_order_relaxed);
        // X1 relaxed: where something is committed as well, E1 carries it.
        reserved_.store(from, std::memory_order_relaxed);
    }

    EVPROC_ALWAYS_INLINE void prefetch_ahead() const noexcept {
        constexpr position ahead = 16;
        if (next_ % View::prefetch_every == 0 && distance(limit_, next_) > static_cast<std::int64_t>(ahead)) [[unlikely]]
            view().prefetch(next_ + ahead);
    }

    /// Finds a second thread that reserves while one does so or holds a reservation. One after the other they may: whoever hands
    /// the ring over orders the two.
    struct producer_check {
#if EVPROC_CHECKED
        spsc_ring& ring;

        explicit producer_check(spsc_ring& r) noexcept : ring{r} {
            thread_token const self = this_thread_token();
            thread_token owner = 0;
            // X4 relaxed: no data goes with it.
            bool const free = ring.owner_.compare_exchange_strong(owner, self, std::memory_order_relaxed, std::memory_order_relaxed);
            EVPROC_CHECK(free || owner == self, "two threads reserve from a ring of producer_kind::single");
        }
        ~producer_check() {
            if (!ring.live_) ring.let_go();
        }
#else
        explicit producer_check(spsc_ring&) noexcept {}
#endif
    };
    /// No reservation is live any more.
    EVPROC_ALWAYS_INLINE void let_go() noexcept {
#if EVPROC_CHECKED
        // X4 relaxed: no data goes with it.
        owner_.store(0, std::memory_order_relaxed);
#endif
    }

    // Read by all, written once.
    alignas(cache_line_size) slots<View> slots_;
    asymmetric_fence const fence_{};
    atomic<bool> closing_{false};
    atomic<bool> closed_{false};
    // The producer's own.
    alignas(cache_line_size) position next_;
    position limit_;
    bool live_ = false;
    atomic<position> reserved_;
    atomic<std::uint64_t> discarded_{0};
    atomic<thread_token> owner_{0};
    // Written by the producer, read by the consumer that has run out of events.
    alignas(false_sharing_range) atomic<position> committed_;
    // Read with each run, but written once a lap.
    alignas(cache_line_size) std::size_t spilled_[2] = {0, 0};
    // Written by the consumer, read by the producer that has run out of room.
    gate_type gate_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/detail/statistics.hpp
#include <algorithm>
#include <chrono>
#include <cstdint>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Counts of what happens off the hot path.
///
/// Relaxed, because
///   X1  statistics carry no data and order nothing.
template <bool Enabled>
class statistics {
public:
    void count_full_wait(std::uint64_t depth) noexcept {
        // X1 relaxed: a statistic.
        if constexpr (Enabled) full_waits_.fetch_add(1, std::memory_order_relaxed);
        note_full(depth);
    }
    void count_refusal(std::uint64_t depth) noexcept {
        // X1 relaxed: a statistic.
        if constexpr (Enabled) refused_.fetch_add(1, std::memory_order_relaxed);
        note_full(depth);
    }
    /// Called by the consumer only.
    EVPROC_ALWAYS_INLINE void note_depth(std::uint64_t depth) noexcept {
        if constexpr (Enabled) {
            // X1 relaxed: a statistic with one writer.
            if (depth > max_depth_.load(std::memory_order_relaxed)) [[unlikely]]
                // X1 relaxed: a statistic with one writer.
                max_depth_.store(depth, std::memory_order_relaxed);
        }
    }

    // X1 relaxed: a statistic.
    [[nodiscard]] std::uint64_t full_waits() const noexcept { return full_waits_.load(std::memory_order_relaxed); }
    // X1 relaxed: a statistic.
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }
    /// The most that the consumer, or a producer that found too little room, has seen.
    [[nodiscard]] std::uint64_t max_depth() const noexcept {
        // X1 relaxed: a statistic.
        return (std::max)(max_depth_.load(std::memory_order_relaxed), full_depth_.load(std::memory_order_relaxed));
    }

private:
    void note_full(std::uint64_t depth) noexcept {
        if constexpr (Enabled) {
            // X1 relaxed: a statistic; of two that differ the smaller may win.
            if (depth > full_depth_.load(std::memory_order_relaxed)) full_depth_.store(depth, std::memory_order_relaxed);
        }
    }

    // Written by producers that find the ring full.
    alignas(cache_line_size) atomic<std::uint64_t> full_waits_{0};
    atomic<std::uint64_t> refused_{0};
    atomic<std::uint64_t> full_depth_{0};
    // Written by the consumer.
    alignas(cache_line_size) atomic<std::uint64_t> max_depth_{0};
};

/// Counts of records, for a ring whose slots are no measure of them.
///
/// Relaxed, because
///   X1  statistics carry no data and order nothing.
class record_counts {
public:
    /// By a single producer only.
    EVPROC_ALWAYS_INLINE void count_commit() noexcept {
        // X1 relaxed: a statistic with one writer.
        committed_.store(committed_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    // X1 relaxed: a statistic.
    void count_discard() noexcept { discarded_.fetch_add(1, std::memory_order_relaxed); }

    // X1 relaxed: a statistic.
    [[nodiscard]] std::uint64_t committed() const noexcept { return committed_.load(std::memory_order_relaxed); }
    // X1 relaxed: a statistic.
    [[nodiscard]] std::uint64_t discarded() const noexcept { return discarded_.load(std::memory_order_relaxed); }

private:
    // Written by producers.
    alignas(cache_line_size) atomic<std::uint64_t> committed_{0};
    atomic<std::uint64_t> discarded_{0};
};

/// Since when somebody has found a record uncommitted at the consumer's position.
///
/// Relaxed, because
///   X1  it is a diagnosis: nothing is done on the strength of it. Two threads that note different positions at once may
///       mix them up.
class stall_clock {
public:
    /// The record at `at` is reserved and not committed. True if that is news.
    EVPROC_COLD bool note(position at) noexcept {
        // X1 relaxed: a diagnosis.
        if (at_.load(std::memory_order_relaxed) == at) return false;
        // X1 relaxed: a diagnosis.
        since_.store(nanoseconds(), std::memory_order_relaxed);
        // X1 relaxed: a diagnosis.
        at_.store(at, std::memory_order_relaxed);
        return true;
    }
    /// The time since `at` was noted, the latest position that was.
    [[nodiscard]] std::chrono::nanoseconds age() const noexcept {
        // X1 relaxed: a diagnosis. Another core's clock may be a tick behind.
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

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/detail/stop.hpp
// std::stop_token where the standard library has it (libc++ lacks it up to version 17), and a stand-in that never stops.

#include <version>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#define EVPROC_HAS_STOP_TOKEN 1
#else
#define EVPROC_HAS_STOP_TOKEN 0
#endif

namespace evproc::detail {

/// For the verbs without a stop_token.
struct never_stops {
    [[nodiscard]] static constexpr bool stop_requested() noexcept { return false; }
};

/// Calls notify() of a wait strategy as soon as a stop is requested, for as long as this lives.
template <class Stop, class Wait>
class stop_notifier {
public:
    stop_notifier(Stop const&, Wait&) noexcept {}
};

#if EVPROC_HAS_STOP_TOKEN
template <class Wait>
class stop_notifier<std::stop_token, Wait> {
public:
    stop_notifier(std::stop_token const& stop, Wait& wait) : callback_{stop, call{&wait}} {}

private:
    struct call {
        Wait* wait;
        void operator()() const noexcept { wait->notify(); }
    };
    std::stop_callback<call> callback_;
};
#endif

}  // namespace evproc::detail

// ---- evproc/observer.hpp
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace evproc {
inline namespace EVPROC_ABI {

/// Which side of the ring waits.
enum class wait_side {
    producer,  ///< a thread that waits for room, or in flush(): for the consumer
    consumer,  ///< the consumer waits for events
};

/// Observes nothing: the default. And the description of what an observer may have, the last template argument of
/// ring_buffer and event_processor, for whoever wants a log, a trace or a counter of his own there.
///
/// Each hook is optional; one that is not there costs nothing. They are members, and noexcept:
///
///     void on_full(std::size_t n)                               // a producer found less than n slots free: it is refused, or waits
///     void on_discard(std::uint64_t sequence, std::size_t n)    // n places from `sequence` on were given up
///     void on_batch(std::uint64_t sequence, std::size_t n)      // n events were consumed in one go, from `sequence` on
///     void on_stall(std::uint64_t sequence)                     // the consumer stands before this place, which is not committed
///     auto on_wait(wait_side side)                              // a thread is about to wait
///
/// Who calls them: on_full and on_discard the producer's thread that it happens to, on_batch and on_stall the consumer's,
/// on_wait the thread that waits. So all but on_batch and on_stall are called by several threads at a time. They are
/// called when the step is done and seen by the other side, and they hold up the thread that they are called by, no other.
///
/// on_full is called once for each call of a verb; on_batch once for each poll that consumed something (by run for each of
/// its polls, also when a handler throws) and for each release; what was discarded among the events is not counted in n.
/// on_stall is called by a consumer that waits, once for a sequence: how long it lasts is told by oldest_uncommitted(). What on_wait returns, if it is not void, is kept until the
/// wait is over, and then destroyed: a zone of a profiler, or a stopwatch.
///
/// A hook must not use the processor that calls it, but for stats(), oldest_uncommitted() and the hints.
struct no_observer {};

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc::detail {
inline namespace EVPROC_ABI {

template <class O>
concept sees_full = requires(O& o, std::size_t n) { o.on_full(n); };
template <class O>
concept sees_discard = requires(O& o, std::uint64_t at, std::size_t n) { o.on_discard(at, n); };
template <class O>
concept sees_batch = requires(O& o, std::uint64_t at, std::size_t n) { o.on_batch(at, n); };
template <class O>
concept sees_stall = requires(O& o, std::uint64_t at) { o.on_stall(at); };
template <class O>
concept sees_wait = requires(O& o, wait_side side) { o.on_wait(side); };

/// A hook that takes something else would never be called, and nobody would know. A name that a class shares with another
/// of its bases is found in neither, whatever its parameters are.
struct hook_names {
    int on_full, on_discard, on_batch, on_stall, on_wait;
};
template <class O>
struct with_hook_names : O, hook_names {};

/// One sentence for each way in which an observer can be wrong.
template <class O>
struct checked_observer {
    static_assert(std::is_class_v<O> && std::is_nothrow_destructible_v<O>,
                  "evproc: an observer must be a class, whose destructor does not throw");

    static constexpr bool full() {
        if constexpr (sees_full<O>) return noexcept(std::declval<O&>().on_full(std::size_t{}));
        return true;
    }
    static constexpr bool discard() {
        if constexpr (sees_discard<O>) return noexcept(std::declval<O&>().on_discard(std::uint64_t{}, std::size_t{}));
        return true;
    }
    static constexpr bool batch() {
        if constexpr (sees_batch<O>) return noexcept(std::declval<O&>().on_batch(std::uint64_t{}, std::size_t{}));
        return true;
    }
    static constexpr bool stall() {
        if constexpr (sees_stall<O>) return noexcept(std::declval<O&>().on_stall(std::uint64_t{}));
        return true;
    }
    static constexpr bool wait() {
        if constexpr (sees_wait<O>) {
            using zone = decltype(std::declval<O&>().on_wait(wait_side{}));
            return noexcept(std::declval<O&>().on_wait(wait_side{})) && (std::is_void_v<zone> || std::is_nothrow_destructible_v<zone>);
        }
        return true;
    }
    static constexpr bool understood() {
        if constexpr (std::is_class_v<O> && !std::is_final_v<O>) {
            using both = with_hook_names<O>;
            return (sees_full<O> || requires { &both::on_full; }) && (sees_discard<O> || requires { &both::on_discard; }) &&
                   (sees_batch<O> || requires { &both::on_batch; }) && (sees_stall<O> || requires { &both::on_stall; }) &&
                   (sees_wait<O> || requires { &both::on_wait; });
        }
        return true;
    }

    static_assert(full() && discard() && batch() && stall() && wait(),
                  "evproc: an observer's hooks must be noexcept, and so must be the destructor of what on_wait returns");
    static_assert(understood(), "evproc: an observer's hook is there, but cannot be called as evproc/observer.hpp says");
    static constexpr bool value = true;
};

struct nothing {};

/// Calls on_wait, if it is there. What is returned has to live until the wait is over.
template <class O>
EVPROC_ALWAYS_INLINE auto tell_of_wait([[maybe_unused]] O& observer, [[maybe_unused]] wait_side side) noexcept {
    if constexpr (!sees_wait<O>) {
        return nothing{};
    } else if constexpr (std::is_void_v<decltype(observer.on_wait(side))>) {
        observer.on_wait(side);
        return nothing{};
    } else {
        return observer.on_wait(side);
    }
}

/// Calls on_batch, if it is there, for what was consumed while this lives, whatever way that ends.
template <class Consumer, class Observer, bool = sees_batch<Observer>>
class batch_watch {
public:
    EVPROC_ALWAYS_INLINE batch_watch(Consumer const&, Observer&) noexcept {}
};
template <class Consumer, class Observer>
class batch_watch<Consumer, Observer, true> {
public:
    batch_watch(Consumer const& consumer, Observer& observer) noexcept
        : consumer_{consumer}, observer_{observer}, at_{consumer.place().at}, discarded_{consumer.place().discarded} {}
    ~batch_watch() {
        std::uint64_t const events = (consumer_.place().at - at_) - (consumer_.place().discarded - discarded_);
        if (events != 0) observer_.on_batch(at_, static_cast<std::size_t>(events));
    }
    batch_watch(batch_watch const&) = delete;
    batch_watch& operator=(batch_watch const&) = delete;

private:
    Consumer const& consumer_;
    Observer& observer_;
    std::uint64_t at_;
    std::uint64_t discarded_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/ring_options.hpp
#include <cstddef>

namespace evproc {
inline namespace EVPROC_ABI {

/// How many threads reserve.
enum class producer_kind {
    multi,   ///< any number of threads
    single,  ///< one thread at a time, with one live reservation: no atomic read-modify-write at all
};

/// Named template arguments of ring_buffer and event_processor:
/// `ring_buffer<tick, 65536, spin_wait, ring_options{.max_batch = 512}>`.
struct ring_options {
    /// The most slots of one reservation, at most the capacity; 0 means the capacity. The ring allocates
    /// max_batch - 1 elements beyond its capacity (untouched until a batch straddles the end). 1 puts each slot's word
    /// beside its element: the layout with the lowest latency.
    std::size_t max_batch = 0;
    /// Who reserves.
    producer_kind producers = producer_kind::multi;
    /// Whether stats() counts waits, refusals, depth and parks. Nothing of it touches the hot path.
    bool statistics = true;
    /// Whether a consumer that has caught up may pause a little (some microseconds) so that a batch comes together, where that
    /// has been measured to pay. It raises the throughput of single events several times; false suits a consumer for which
    /// each microsecond of latency counts. See detail/pacer.hpp for the bounds.
    bool pacing = true;
    /// record_processor only: a record takes a multiple of this many bytes, a power of two; 0 means 32. Smaller ones waste less
    /// room behind small records; with a cache line or more no two producers write to the same line.
    std::size_t unit = 0;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/slot_range.hpp
#include <cstddef>
#include <cstdint>

namespace evproc {
inline namespace EVPROC_ABI {

/// What ring_buffer's reserve verbs return: raw storage for `size()` elements, side by side, or the reason why not.
/// A plain value: whoever holds it has to commit or discard it exactly once.
template <class T>
class slot_range {
public:
    slot_range() = default;
    slot_range(detail::claim const& c, T* data) noexcept : claim_{c}, data_{data} {}

    /// True if slots were reserved.
    explicit operator bool() const noexcept { return claim_.error == errc::success; }
    /// errc::success, or why nothing was reserved.
    [[nodiscard]] errc error() const noexcept { return claim_.error; }
    /// The place of the first slot in the global order; the others follow.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return claim_.at; }
    [[nodiscard]] std::size_t size() const noexcept { return claim_.size; }
    /// Storage for size() objects of T, none of which is alive; null if nothing was reserved.
    [[nodiscard]] T* data() const noexcept { return data_; }

private:
    detail::claim claim_{errc::invalid_handle};
    T* data_ = nullptr;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/wait/wait_strategy.hpp
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace evproc {

/// What a way to wait has to offer. A ring keeps one object of it for its consumer and one for its producers, both
/// default-constructed (but see grouped_wait).
///
/// - `wait(ready, until)` calls `ready()` until it returns true, and returns true; or gives up at `until` and returns
///   what `ready()` says then. `ready` may have effects once (a waiting producer claims in it), so after it has
///   returned true it must not be called again. `wait_deadline::max()` means no deadline.
/// - `notify()` is called by the other side after each step that may make a `ready()` true, and by close(), wake() and
///   stop requests. If `wait` sleeps, then after a step either `ready()` has seen it or `notify()` ends the sleep.
/// - `parks()`: how often a wait went to sleep, for statistics.
template <class W>
concept wait_strategy =
    std::destructible<W> && requires(W& w, W const& c, bool (*ready)() noexcept, wait_deadline until) {
        { w.wait(ready, until) } -> std::same_as<bool>;
        { w.notify() } noexcept -> std::same_as<void>;
        { c.parks() } noexcept -> std::convertible_to<std::uint64_t>;
    };

/// A strategy that can wake as many waiters as there is room for, instead of all. Not needed of a strategy: where it is
/// missing, the ring uses wait() and notify().
///
/// - `wait_one(ready, until)`: as wait(), for a producer that waits for one slot. Its `ready()` claims a slot if one is
///   free, whatever else would end the wait.
/// - `notify(n)`: as notify(), after a step that freed n slots and did nothing else. It has to end all waits, but only n of
///   those in wait_one(): each of them that it ends takes a slot, or has found that somebody else did.
template <class W>
concept counting_wait = wait_strategy<W> && requires(W& w, bool (*ready)() noexcept, wait_deadline until, std::size_t n) {
    { w.wait_one(ready, until) } -> std::same_as<bool>;
    { w.notify(n) } noexcept -> std::same_as<void>;
};

/// A strategy whose consumer can go away and be told through something that an event loop watches: eventfd_wait. The ring
/// and the processor then offer native_handle(), arm() and disarm(). All three are for the consumer's thread.
///
/// - `native_handle()`: what the loop watches.
/// - `arm(ready)`: asks to be told of the next step. False: `ready()` has returned true, or a step came in between, and
///   nobody will tell. True: the handle becomes readable with the next step, or is already.
/// - `disarm()`: takes that back and makes the handle unreadable again.
template <class W>
concept armable_wait = wait_strategy<W> && requires(W& w, bool (*ready)() noexcept) {
    w.native_handle();
    { w.arm(ready) } -> std::same_as<bool>;
    { w.disarm() } noexcept -> std::same_as<void>;
};

/// A strategy whose consumer may be a coroutine, resumed by an executor of type E: coroutine_wait. For a consumer of several
/// rings (selecting_verbs), which then has when_ready().
template <class W, class E>
concept resuming_wait = wait_strategy<W> && W::template resumes_by<E>;

namespace detail {

/// What a ring with Wait keeps for its producers: Wait itself, but where it names another.
template <class Wait>
struct producers_wait {
    using type = Wait;
};
template <class Wait>
    requires requires { typename Wait::producers_wait; }
struct producers_wait<Wait> {
    using type = typename Wait::producers_wait;
};
template <class Wait>
using producers_wait_t = typename producers_wait<Wait>::type;

/// Waits with a `ready` that claims n slots.
template <class W, class Ready>
bool wait_for_slots(W& w, std::size_t n, Ready&& ready, wait_deadline until) {
    if constexpr (counting_wait<W>) {
        if (n == 1) return w.wait_one(ready, until);
    }
    return w.wait(ready, until);
}

/// Notifies producers of n slots that were freed.
template <class W>
EVPROC_ALWAYS_INLINE void notify_of_slots(W& w, std::size_t n) noexcept {
    if constexpr (counting_wait<W>)
        w.notify(n);
    else
        w.notify();
}

/// Calls `ready()` and then `pause()` in turn. True as soon as ready() is; false when `until` has passed or `rounds`
/// are over. The clock is read in every eighth round only.
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

namespace evproc::detail {
inline namespace EVPROC_ABI {

template <class T, std::size_t N, ring_options Options>
using view_for =
    std::conditional_t<Options.producers == producer_kind::single, separate_view<T, N, Options.max_batch, false>,
                       std::conditional_t<Options.max_batch == 1 || N == 1, inline_view<T, N>,
                                          separate_view<T, N, Options.max_batch, true>>>;

template <class T, std::size_t N, ring_options Options, class Gate>
using core_for = std::conditional_t<Options.producers == producer_kind::single, spsc_ring<view_for<T, N, Options>>,
                                    mpsc_ring<view_for<T, N, Options>, Gate>>;

/// The producers' side of every ring and processor: the protocol's claim, commit and discard, with waiting, statistics
/// and hooks around them. The faces document the verbs; what consumes is in the classes that derive from this.
template <class T, std::size_t N, class Wait, ring_options Options, class Observer, class Gate>
class producers {
    static_assert(std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T>,
                  "evproc: T must be an object type, neither const nor an array: wrap an array in a struct");
    static_assert(std::is_nothrow_destructible_v<T>,
                  "evproc: the destructor of T must not throw, since it runs while slots are released: make it noexcept");
    static_assert(wait_strategy<Wait>, "evproc: Wait must satisfy evproc::wait_strategy (evproc/wait/wait_strategy.hpp)");
    static_assert(checked_observer<Observer>::value);

public:
    using value_type = T;
    using observer_type = Observer;
    using range_type = slot_range<T>;
    using core_type = core_for<T, N, Options, Gate>;

    /// `group`: what the consumer's wait strategy is constructed from, or nullptr. `observer`: one, or none.
    template <class Group, class... O>
    producers(position first, std::size_t capacity, Group group, O&&... observer)
        : core_{capacity, first},
          for_consumer_(make_wait(group)),
          first_{first},
          observer_(std::forward<O>(observer)...) {}
    producers(producers const&) = delete;
    producers& operator=(producers const&) = delete;

    [[nodiscard]] errc check_size(std::size_t n) const noexcept {
        if (n - 1 < core_.view().max_batch()) [[likely]] return errc::success;
        return n == 0 ? errc::invalid_size : errc::too_large;
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n) noexcept {
        if (errc const e = check_size(n); e != errc::success) [[unlikely]] return refuse(e);
        return to_range(try_claim(n, n));
    }
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept {
        if (n == 0) return refuse(errc::invalid_size);
        return to_range(try_claim(1, (std::min)(n, core_.view().max_batch())));
    }
    template <class Stop>
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n, wait_deadline until, Stop const& stop) {
        if (errc const e = check_size(n); e != errc::success) [[unlikely]] return refuse(e);
        claim c = claim_slots(n, n);
        if (c.error == errc::full) [[unlikely]] {
            c = wait_for_room(n, until, stop);
            // The compiler knows the size of a success on the other path; now on this one too.
            if (c.error == errc::success) c.size = static_cast<std::uint32_t>(n);
        }
        return to_range(c);
    }

    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept {
        if (!r) [[unlikely]] return;
        check_live(r, built);
        core_.commit({r.sequence(), r.size()}, built);
        for_consumer_.notify();
        if constexpr (sees_discard<Observer>) {
            if (built != r.size()) observer_.on_discard(r.sequence() + built, r.size() - built);
        }
    }
    void discard(range_type const& r) noexcept {
        if (!r) return;
        check_live(r, 0);
        core_.discard({r.sequence(), r.size()});
        for_consumer_.notify();
        if constexpr (sees_discard<Observer>) observer_.on_discard(r.sequence(), r.size());
    }

    void close() noexcept {
        // In this order whoever has seen the end, by state(), is told of it by each poll.
        signals_.raise_closed();
        core_.close();
        for_consumer_.notify();
        for_producers_.notify();
    }
    [[nodiscard]] bool is_closed() const noexcept { return core_.is_closed(); }

    /// Makes a waiting consumer return; if none waits, the next wait returns at once.
    void wake() noexcept {
        signals_.raise_wake();
        for_consumer_.notify();
    }

    /// Waits until everything that was committed before the call has been consumed.
    errc flush(wait_deadline until) {
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

    /// `Counted`: what counts as one, a slot or a record.
    template <std::uint64_t occupancy::*Counted = &occupancy::committed>
    [[nodiscard]] processor_stats stats() const noexcept {
        auto const& gate = core_.gate();
        processor_stats s;
        // Read first, so that what is consumed meanwhile cannot make the difference negative.
        std::uint64_t const skipped = gate.discarded_approx();
        position const at = gate.consumed();
        occupancy const waiting = core_.count(at, gate.partial_end());
        s.consumed = at - first_ - (std::min)(at - first_, skipped);
        s.committed = s.consumed + waiting.*Counted;
        s.discarded = skipped + waiting.discarded;
        s.full_waits = statistics_.full_waits();
        s.refused = statistics_.refused();
        s.max_depth = Options.statistics ? std::max<std::uint64_t>(statistics_.max_depth(), size_approx()) : 0;
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
        return (std::min)(static_cast<std::size_t>(std::max<std::int64_t>(held, 0)), core_.view().capacity());
    }

    [[nodiscard]] core_type& core() noexcept { return core_; }
    [[nodiscard]] core_type const& core() const noexcept { return core_; }
    [[nodiscard]] position first() const noexcept { return first_; }
    [[nodiscard]] Wait& consumer_wait() noexcept { return for_consumer_; }
    [[nodiscard]] Observer& observer() noexcept { return observer_; }

protected:
    ~producers() = default;

    static Wait make_wait(std::nullptr_t) { return Wait(); }
    template <class Group>
    static Wait make_wait(Group* group) {
        return Wait(*group);
    }

    /// Whether this thread is the consumer, of this ring or of its group, in the middle of its work: it must not wait for room.
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
            // The claim that was taken back may have hidden the end from a consumer that went back to sleep.
            if (c.error == errc::closed) [[unlikely]] for_consumer_.notify();
        }
        return c;
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE claim try_claim(std::size_t least, std::size_t most) noexcept {
        claim const c = claim_slots(least, most);
        if (c.error == errc::full) [[unlikely]] {
            // One slot was refused: none was free. Of a batch it has to be asked.
            statistics_.count_refusal(least == 1 ? core_.view().capacity() : size_approx());
            if constexpr (sees_full<Observer>) observer_.on_full(least);
        }
        return c;
    }
    template <class Stop>
    EVPROC_COLD claim wait_for_room(std::size_t n, wait_deadline until, Stop const& stop);

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

template <class T, std::size_t N, class Wait, ring_options Options, class Observer, class Gate>
template <class Stop>
claim producers<T, N, Wait, Options, Observer, Gate>::wait_for_room(std::size_t n, wait_deadline until, Stop const& stop) {
    if constexpr (sees_full<Observer>) observer_.on_full(n);
    if (is_consuming_here()) return claim{errc::would_deadlock};
    statistics_.count_full_wait(size_approx());
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

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/ready_range.hpp
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>

namespace evproc {
inline namespace EVPROC_ABI {

/// The events that were ready when ring_buffer::peek() or event_processor::peek() looked, in order: a forward range of
/// T&. Valid until they are released. Iterating costs one load a record; `size()` is known.
template <class Core, class Element = typename Core::element_type>
class ready_range {
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
        /// The event's place in the global order.
        [[nodiscard]] std::uint64_t sequence() const noexcept { return cursor_.at; }

        iterator& operator++() noexcept {
            ++cursor_.at;
            if (--left_ != 0) {
                if (--run_.size != 0)
                    run_.data = Core::view_type::next(run_.data);
                else
                    run_ = core_->next_run(cursor_, left_, detail::no_limit);
            }
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
        iterator(Core const* core, detail::cursor const& c, std::size_t left) noexcept
            : core_{core}, cursor_{c}, left_{left} {
            if (left_ != 0) run_ = core_->next_run(cursor_, left_, detail::no_limit);
        }

        Core const* core_ = nullptr;
        detail::cursor cursor_{};
        detail::run<typename Core::element_type> run_{};
        std::size_t left_ = 0;
    };

    ready_range() = default;
    ready_range(Core const& core, detail::cursor const& from, std::size_t size) noexcept
        : core_{&core}, from_{from}, size_{size} {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] iterator begin() const noexcept { return {core_, from_, size_}; }
    [[nodiscard]] iterator end() const noexcept { return {core_, from_, 0}; }
    /// The first event. Precondition: !empty().
    [[nodiscard]] element_type& front() const noexcept { return *begin(); }
    /// The place of the first event in the global order. Precondition: !empty().
    [[nodiscard]] std::uint64_t sequence() const noexcept { return from_.at; }

private:
    Core const* core_ = nullptr;
    detail::cursor from_{};
    std::size_t size_ = 0;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Defined by the tests, which start rings at positions of their own.
struct test_access;
/// The ring of a processor, for a consumer of several (round.hpp).
struct ring_access;

/// Why a consumer's wait ended.
enum class wake_reason { ready, over, woken, stopped, timed_out };

struct poll_outcome {
    poll_result polled;
    event_action last = event_action::next;
};

/// For a consumer of `source`, a ring or a round of rings, that goes away instead of sleeping: `arm(look)` asks to be told of the
/// next step, unless `look()` is true. Returns true if it did so; from that moment on another thread may be the consumer. False: a
/// wait would be over.
template <class Source, class Arm, class Stop>
bool go_away(Source& source, Arm arm, Stop const& stop) {
    for (;;) {
        if (source.settle()) return false;
        bool is_finished = false;
        bool const armed = arm([&]() noexcept {
            if (source.is_ready()) return true;
            is_finished = source.is_over() || source.take_wake() || stop.stop_requested();
            return is_finished;
        });
        if (armed) return true;
        if (is_finished) return false;
        // Only something discarded was there, or a step that is not the one to wait for came in between.
    }
}

/// A ring with one consumer: what ring_buffer and event_processor are two faces of. They document the verbs.
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

    /// `Then`: what becomes of an event after the handler. Not to be called out of line: what the handler has captured would
    /// live in memory then. `InRound`: one turn of a consumer of several rings, who pauses and looks for the end itself; with
    /// `to_front` the turn ends where the producers are now, instead of running into the line that is being written.
    template <delivery How, bool InRound = false, class H>
    EVPROC_ALWAYS_INLINE poll_outcome poll(H& handler, std::size_t max, [[maybe_unused]] bool to_front = false) {
        // Nothing to do must be cheap.
        if ((InRound || consumer_.pace().is_at_rest(place().at)) && !this->core_.is_ready(place()) && max != 0)
            return {{0, !InRound && is_over() ? poll_state::closed : poll_state::idle}, event_action::next};
        [[maybe_unused]] std::conditional_t<InRound, no_scope, consumer_scope> const scope{thread()};
        [[maybe_unused]] batch_watch const watch{consumer_, this->observer_};
        on_exit const releases{*this};
        std::size_t events = 0;
        position due = place().at + quota();  // where to release at the latest
        unsigned pauses_left = 4;
        event_action last = event_action::next;
        [[maybe_unused]] position const front = InRound && to_front ? this->core_.front_approx() : no_limit;
        while (events != max && last == event_action::next) {
            std::size_t const most = max - events;
            position const before = place().at;
            auto const run = consumer_.acquire(this->core_, run_limit<How>(most, due - before), InRound ? front : consumer_.pace().limit());
            position const from = place().at;
            if (from != before) [[unlikely]] due = release_midway();  // what was discarded is free at once
            if (run.size == 0) {
                if constexpr (InRound) return {{events, poll_state::idle}, last};
                release();  // the producers must not wait for this thread to pause
                if (consumer_.look_again(this->core_, pauses_left)) continue;
                return {{events, is_over() ? poll_state::closed : poll_state::idle}, last};
            }
            [[maybe_unused]] std::uint64_t const skipped = place().discarded;
            last = consumer_.template deliver<How, afterwards::destroy>(this->core_, run, handler, most);
            events += static_cast<std::size_t>(place().at - from);
            if constexpr (How == delivery::records) events -= static_cast<std::size_t>(place().discarded - skipped);
            if (distance(place().at, due) >= 0) [[unlikely]] due = release_midway();
        }
        return {{events, poll_state::more}, last};
    }

    [[nodiscard]] ready_type peek(std::size_t max) noexcept;
    template <afterwards Then>
    void release(std::size_t k) noexcept;
    /// Forgets the last peek.
    void keep() noexcept {
        left_ = 0;
        thread().let_go();
    }
    /// What is left of the last peek.
    [[nodiscard]] ready_type rest() const noexcept { return {this->core_, place(), left_}; }
    [[nodiscard]] std::size_t left() const noexcept { return left_; }

    [[nodiscard]] poll_state state() const noexcept;

    template <class Stop>
    wake_reason await(wait_deadline until, Stop const& stop);

    /// Skips what was discarded, and releases it. True if an event is ready.
    bool settle() noexcept {
        bool const ready = consumer_.acquire(this->core_, 1).size != 0;
        release();
        return ready;
    }

    /// Destroys what nobody consumed.
    void destroy_all() noexcept {
        auto ignore = [](T&) noexcept {};
        destroy_all<delivery::events>(ignore);
    }
    /// The same; `last` is called for each.
    template <delivery How, class H>
    void destroy_all(H& last) noexcept {
        for (;;) {
            auto const run = consumer_.acquire(this->core_, capacity());
            if (run.size == 0) break;
            consumer_.template deliver<How, afterwards::destroy>(this->core_, run, last, run.size);
        }
        EVPROC_CHECK(consumer_.place().at == this->core_.claimed_approx(),
                     "a processor was destroyed while a reservation was live");
    }

    // ---- consumer of several rings ----

    static constexpr bool paces = Options.pacing;
    /// Whether the next slot is worth a look: an event is there, or something discarded.
    [[nodiscard]] bool is_ready() const noexcept { return this->core_.is_ready(place()); }
    /// Whether the ring is closed and everything before the end has been released.
    [[nodiscard]] bool is_over() const noexcept {
        if (!this->signals_.closed()) [[likely]] return false;
        auto const claimed = this->core_.claimed();
        return claimed.closed && claimed.at == consumer_.place().at;
    }
    [[nodiscard]] bool take_wake() noexcept { return this->signals_.take_wake(); }
    /// For oldest_uncommitted() and on_stall, if the consumer waits for a commit.
    EVPROC_COLD void note_stall() noexcept {
        cursor const& at = place();
        if (this->core_.claimed_approx() == at.at || this->core_.is_ready(at) || !this->stall_.note(at.at)) return;
        if constexpr (sees_stall<Observer>) this->observer_.on_stall(at.at);
    }

    // ---- consumer in an event loop ----

    [[nodiscard]] bool arm() {
        return go_away(*this, [this](auto look) { return this->for_consumer_.arm(look); }, never_stops{});
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
    [[nodiscard]] cursor const& place() const noexcept { return consumer_.place(); }

private:
    struct no_scope {
        explicit no_scope(consuming_thread&) noexcept {}
    };
    struct on_exit {
        ring& self;
        EVPROC_ALWAYS_INLINE ~on_exit() { self.release(); }
    };

    /// Most events between two publications of the consumer's position.
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t quota() const noexcept { return std::max<std::size_t>(capacity() / 4, 1); }

    template <delivery How>
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t run_limit(std::size_t most, std::uint64_t until_due) const noexcept {
        if constexpr (How == delivery::events) return most < until_due ? most : static_cast<std::size_t>(until_due);
        // A record is never cut, and `most` counts records.
        if constexpr (How == delivery::records) return capacity();
        // A batch that was committed as one is handed out as one.
        return core_type::view_type::is_contiguous ? most : 1;
    }

    /// Number of slots between what was published and the consumer's place.
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t unreleased() const noexcept {
        return static_cast<std::size_t>(place().at - this->core_.gate().consumed_approx());
    }
    /// Publishes the consumer's place, if it has moved.
    EVPROC_ALWAYS_INLINE void release() noexcept {
        std::size_t const freed = unreleased();
        if (freed == 0) return;
        this->statistics_.note_depth(freed);
        this->core_.gate().publish(consumer_.place());
        notify_of_slots(this->for_producers_, freed);
    }
    /// The same within a poll: then there was more than it has consumed. Returns where to release next at the latest.
    EVPROC_COLD position release_midway() noexcept {
        if constexpr (Options.statistics) {
            // Not asked again once it is known that the ring was full.
            if (this->statistics_.max_depth() < capacity()) this->statistics_.note_depth(this->size_approx());
        }
        release();
        return place().at + quota();
    }

    /// What a waiting consumer waits for.
    template <class Stop>
    struct wait_condition {
        ring& self;
        Stop const& stop;
        bool was_woken = false;
        unsigned looks = 0;

        bool operator()() noexcept {
            if (self.core_.is_ready(self.place()) || self.is_over()) return true;
            was_woken = self.signals_.take_wake();
            if (++looks == 64) self.note_stall();
            return was_woken || stop.stop_requested();
        }
        /// Called by a strategy that is about to put the thread to sleep.
        void before_sleep() noexcept { self.note_stall(); }
    };

    // The consumer's own.
    alignas(false_sharing_range) consumer<core_type, std::conditional_t<Options.pacing, pacer, no_pacer>> consumer_;
    cursor peeked_to_{};     ///< where the last peek ended
    std::size_t left_ = 0;   ///< number of its events that have not been released
    bool drained_ = false;   ///< it saw all there was
};

template <class T, std::size_t N, class Wait, ring_options Options, class Observer>
auto ring<T, N, Wait, Options, Observer>::peek(std::size_t max) noexcept -> ready_type {
    // The last peek saw the end of what there was: let a batch come together where that pays.
    unsigned one = 1;
    if (drained_) static_cast<void>(consumer_.look_again(this->core_, one));
    std::size_t size = 0;
    if (settle()) {
        peeked_to_ = consumer_.place();
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
        thread().let_go();
        return {};
    }
    thread().hold();
    return {this->core_, consumer_.place(), size};
}

template <class T, std::size_t N, class Wait, ring_options Options, class Observer>
template <afterwards Then>
void ring<T, N, Wait, Options, Observer>::release(std::size_t k) noexcept {
    EVPROC_CHECK(k <= left_, "more events were released than the last peek showed");
    k = (std::min)(k, left_);
    left_ -= k;
    [[maybe_unused]] batch_watch const watch{consumer_, this->observer_};
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
    settle();  // a discarded record right behind would otherwise keep its room until the next look
    if (left_ == 0) thread().let_go();
}

template <class T, std::size_t N, class Wait, ring_options Options, class Observer>
poll_state ring<T, N, Wait, Options, Observer>::state() const noexcept {
    cursor ahead = consumer_.place();
    for (;;) {
        if (this->core_.next_run(ahead, 1, no_limit).size != 0) return poll_state::more;
        auto const claimed = this->core_.claimed();
        if (claimed.at == ahead.at) return claimed.closed ? poll_state::closed : poll_state::idle;
        // Only now is it known to be reserved; it may have been committed before that.
        if (!this->core_.is_ready(ahead)) return poll_state::blocked;
    }
}

template <class T, std::size_t N, class Wait, ring_options Options, class Observer>
template <class Stop>
wake_reason ring<T, N, Wait, Options, Observer>::await(wait_deadline until, Stop const& stop) {
    using enum wake_reason;
    if (settle()) return ready;
    [[maybe_unused]] auto const zone = tell_of_wait(this->observer_, wait_side::consumer);
    stop_notifier<Stop, Wait> const notifier{stop, this->for_consumer_};
    for (;;) {
        wait_condition<Stop> condition{*this, stop};
        bool const in_time = this->for_consumer_.wait(condition, until);
        if (settle()) return ready;
        if (condition.was_woken) return woken;
        if (is_over()) return over;
        if (stop.stop_requested()) return stopped;
        if (!in_time) {
            note_stall();
            return timed_out;
        }
        // Only something discarded was there.
    }
}

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// poll_wait, poll_for, poll_until. `poll()` gives a poll_outcome.
template <class Ring, class Poll, class Stop>
poll_result poll_waiting(Ring& ring, Poll poll, wait_deadline until, Stop const& stop) {
    for (auto reason = wake_reason::ready;;) {
        poll_result const polled = poll().polled;
        if (polled.events != 0 || polled.state != poll_state::idle) return polled;
        // Whatever ended the wait: the state is looked at after it, not before.
        if (reason != wake_reason::ready) return {0, ring.state()};
        reason = ring.await(until, stop);
    }
}

/// run(). Closes the ring if the handler throws: a consumer that died must not leave producers waiting for ever.
template <class Ring, class Poll, class Stop>
run_result run_until_stopped(Ring& ring, Poll poll, Stop const& stop) {
    struct closer {
        Ring* ring;
        ~closer() {
            if (ring != nullptr) ring->close();
        }
    } on_exception{&ring};

    run_result result;
    for (;;) {
        if (stop.stop_requested()) {
            result.reason = errc::stopped;
            break;
        }
        poll_outcome const outcome = poll();
        result.events += outcome.polled.events;
        if (outcome.last == event_action::stop) {
            result.reason = errc::stopped;
            break;
        }
        if (outcome.polled.state == poll_state::closed) {
            result.reason = errc::closed;
            break;
        }
        // An event that is kept comes again, but not before the others have had a turn.
        if (outcome.last == event_action::keep) yield_thread();
        if (outcome.polled.state == poll_state::idle) ring.await(no_deadline, stop);
    }
    on_exception.ring = nullptr;
    return result;
}

#if EVPROC_EXCEPTIONS
/// Calls the handler by `call()`; if it throws, `on_error(std::exception_ptr)` decides.
template <class Call, class OnError, class Stop>
event_action call_guarded(Call call, OnError on_error, Stop const& stop) {
    for (;;) {
        try {
            return call();
        } catch (...) {
            switch (on_error(std::current_exception())) {
                case error_action::skip: return event_action::next;
                case error_action::retry:
                    // A stop must be heard here too: a handler may fail for ever.
                    if (stop.stop_requested()) return event_action::keep;
                    break;
                case error_action::stop: throw;
            }
        }
    }
}
#endif

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc {
inline namespace EVPROC_ABI {

/// What one consumer of a broadcast_processor has done.
struct consumer_stats {
    std::uint64_t consumed = 0;   ///< events consumed by it
    std::uint64_t discarded = 0;  ///< places it has skipped
    std::uint64_t lag = 0;        ///< as broadcast_consumer::lag()
};

/// One of the consumers of a broadcast_processor: made by its consumer<Stage>(i). Every verb of event_processor's consumer.
///
/// It sees every event, in order, once all consumers of the stage before have handled it. Alone in its stage it gets
/// Event&, and what it changes the later stages see; siblings get Event const&. An event that it has handled stays where
/// it is for the others.
///
/// Move-only; one thread at a time, and each thread may have any number of them. Must not outlive the processor. After leave(),
/// and when moved from, it is empty: its verbs find nothing, `closed`. poll and peek are wait-free for each event.
template <class Follower>
class broadcast_consumer {
    using event_type = typename Follower::value_type;

public:
    using committed_batch = evproc::committed_batch<Follower>;

    explicit broadcast_consumer(Follower& follower) noexcept : follower_{&follower} {}
    broadcast_consumer(broadcast_consumer&& other) noexcept : follower_{std::exchange(other.follower_, nullptr)} {}
    /// Leaves, then takes over.
    broadcast_consumer& operator=(broadcast_consumer&& other) noexcept {
        if (this != &other) {
            leave();
            follower_ = std::exchange(other.follower_, nullptr);
        }
        return *this;
    }
    ~broadcast_consumer() { leave(); }

    /// False after leave(), and when moved from.
    explicit operator bool() const noexcept { return follower_ != nullptr; }

    /// Nobody waits for this consumer any more: it gets no further event, and the stage after it, or the producers, go on without
    /// it. The last consumer that leaves closes the processor, and so does one that destroys the events: nobody would make room
    /// any more. What is in the ring then is destroyed with the processor. Not in its own handler, and not while a
    /// committed_batch of it is live (asserted in checked builds). Idempotent.
    void leave() noexcept {
        if (follower_ != nullptr) std::exchange(follower_, nullptr)->leave();
    }

    /// Hands what is ready to `handler`, in order, at most `max` events (default: the capacity), and never waits. Handlers, and
    /// the result, as for event_processor::poll. If the handler throws, the event counts as consumed by this consumer alone.
    template <class Handler>
        requires detail::handler_of<Handler, event_type&>
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler, std::size_t max) {
        return poll_as<detail::delivery::events>(handler, max).polled;
    }
    template <class Handler>
        requires detail::handler_of<Handler, event_type&>
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler) {
        return poll(handler, capacity());
    }

    /// As poll, but waits until there is something to hand out, the processor is closed and drained by the stages before and by
    /// this consumer, or wake(). Without an event the state is exact: idle, blocked or closed.
    template <class Handler>
        requires detail::handler_of<Handler, event_type&>
    poll_result poll_wait(Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As poll_wait, or until `stop` requests a stop.
    template <class Handler>
        requires detail::handler_of<Handler, event_type&>
    poll_result poll_wait(std::stop_token stop, Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, stop);
    }
#endif
    /// As poll_wait, for at most `d`.
    template <class Rep, class Period, class Handler>
        requires detail::handler_of<Handler, event_type&>
    poll_result poll_for(std::chrono::duration<Rep, Period> d, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_after(d), detail::never_stops{});
    }
    /// As poll_wait, until `t` of any clock.
    template <class Clock, class Duration, class Handler>
        requires detail::handler_of<Handler, event_type&>
    poll_result poll_until(std::chrono::time_point<Clock, Duration> t, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_at(t), detail::never_stops{});
    }

    /// As poll, but hands out std::span<Event> (siblings: std::span<Event const>), as event_processor::poll_batches. In a later
    /// stage a batch is divided where the stage before has not handled the rest of it.
    template <class Handler>
        requires detail::handler_of<Handler, std::span<event_type>>
    poll_result poll_batches(Handler&& handler, std::size_t max) {
        return poll_as<detail::delivery::spans>(handler, max).polled;
    }
    template <class Handler>
        requires detail::handler_of<Handler, std::span<event_type>>
    poll_result poll_batches(Handler&& handler) {
        return poll_batches(handler, capacity());
    }

    /// The events that are ready, at most `max`, to be read in place. Released when the view is destroyed, or by the next peek.
    committed_batch peek() { return peek(capacity()); }
    committed_batch peek(std::size_t max) {
        if (follower_ == nullptr) return {};
        return {*follower_, max};
    }

    /// What stands at the front: more (an event is ready), idle, blocked (reserved, and not committed or not handled by the stage
    /// before), closed (and drained). Exact at that moment. It reads the producers' cache line.
    [[nodiscard]] poll_state state() const noexcept {
        return follower_ != nullptr ? follower_->state() : poll_state::closed;
    }

    /// Waits until something is ready, for peek, poll or poll_batches to take; nothing is consumed. False: the processor is
    /// closed and drained, or wake().
    bool wait() { return await(detail::no_deadline, detail::never_stops{}); }
#if EVPROC_HAS_STOP_TOKEN
    /// As wait(), or until a stop is requested.
    bool wait(std::stop_token stop) { return await(detail::no_deadline, stop); }
#endif
    /// As wait(), for at most `d`.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> d) {
        return await(detail::deadline_after(d), detail::never_stops{});
    }
    /// As wait(), until `t` of any clock.
    template <class Clock, class Duration>
    bool wait_until(std::chrono::time_point<Clock, Duration> t) {
        return await(detail::deadline_at(t), detail::never_stops{});
    }

    /// Polls until the processor is closed and drained (errc::closed), or the handler returns event_action::stop
    /// (errc::stopped). If the handler throws: closes the processor, and lets the exception out.
    template <class Handler>
        requires detail::handler_of<Handler, event_type&>
    run_result run(Handler&& handler) {
        return run_until_stopped(detail::never_stops{}, handler);
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As run(handler), or until `stop` requests a stop (errc::stopped).
    template <class Handler>
        requires detail::handler_of<Handler, event_type&>
    run_result run(std::stop_token stop, Handler&& handler) {
        return run_until_stopped(stop, handler);
    }
#if EVPROC_EXCEPTIONS
    /// As run(stop, handler); if the handler throws, `on_error(std::exception_ptr, Event&, event_info const&)` decides (siblings:
    /// Event const&).
    template <class Handler, class OnError>
        requires detail::handler_of<Handler, event_type&> &&
                 std::is_invocable_r_v<error_action, OnError&, std::exception_ptr, event_type&, event_info const&>
    run_result run(std::stop_token stop, Handler&& handler, OnError&& on_error) {
        auto guarded = [&](event_type& event, event_info const& info) {
            return detail::call_guarded([&] { return detail::invoke_handler(handler, event, info); },
                                        [&](std::exception_ptr error) { return on_error(error, event, info); }, stop);
        };
        return run_until_stopped(stop, guarded);
    }
#endif
#endif

    /// Makes this consumer return if it waits; if it does not, its next wait returns at once. Any thread.
    void wake() noexcept {
        if (follower_ != nullptr) follower_->wake();
    }

    // ---- hints: any thread, stale at once ----

    /// How many places are reserved that this consumer has not consumed, committed or not; between 0 and the capacity.
    [[nodiscard]] std::size_t lag() const noexcept {
        if (follower_ == nullptr) return 0;
        // In this order the difference can be too large, but not negative.
        detail::position const at = follower_->published().consumed_approx();
        std::int64_t const behind = detail::distance(follower_->ring().core().claimed_approx(), at);
        return (std::min)(static_cast<std::size_t>(std::max<std::int64_t>(behind, 0)), capacity());
    }
    /// Counts since construction. All 0 when empty.
    [[nodiscard]] consumer_stats stats() const noexcept {
        if (follower_ == nullptr) return {};
        std::uint64_t const skipped = follower_->published().discarded_approx();
        detail::position const at = follower_->published().consumed();
        std::uint64_t const passed = at - follower_->ring().first();
        return {passed - (std::min)(passed, skipped), skipped, lag()};
    }

private:
    [[nodiscard]] std::size_t capacity() const noexcept {
        return follower_ != nullptr ? follower_->ring().core().view().capacity() : 0;
    }

    template <detail::delivery How, class Handler>
    EVPROC_ALWAYS_INLINE detail::poll_outcome poll_as(Handler& handler, std::size_t max) {
        if (follower_ == nullptr) [[unlikely]] return {{0, poll_state::closed}};
        return follower_->template poll<How>(handler, max);
    }

    template <class Stop>
    bool await(wait_deadline until, Stop const& stop) {
        return follower_ != nullptr && follower_->await(until, stop) == detail::wake_reason::ready;
    }

    template <class Handler, class Stop>
    poll_result poll_waiting(Handler& handler, wait_deadline until, Stop const& stop) {
        if (follower_ == nullptr) return {0, poll_state::closed};
        return detail::poll_waiting(*follower_, poll_once(handler), until, stop);
    }
    template <class Stop, class Handler>
    run_result run_until_stopped(Stop const& stop, Handler& handler) {
        if (follower_ == nullptr) return {0, errc::closed};
        return detail::run_until_stopped(*follower_, poll_once(handler), stop);
    }
    template <class Handler>
    auto poll_once(Handler& handler) {
        return [this, &handler] { return poll_as<detail::delivery::events>(handler, capacity()); };
    }

    Follower* follower_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/detail/broadcast_ring.hpp
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

// ---- evproc/detail/follower.hpp
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// One consumer of a broadcast_ring, in stage `Stage`. What broadcast_consumer is the face of; it documents the verbs.
///
/// It follows the words of the ring as any consumer does. In a later stage it goes no further than `limit_`, a copy of the
/// slowest position of the stage before, which may lie inside a record. The copy is refreshed when a run reaches it.
/// One thread at a time, but for wake() and the hints.
template <class Ring, class Core, bool Paces, std::size_t Stage>
class follower {
    using element_type = typename Core::element_type;
    using gate_type = typename Core::gate_type;
    static constexpr bool is_first = Stage == 0;
    static constexpr bool destroys = gate_type::is_last(Stage) && !std::is_trivially_destructible_v<element_type>;
    static constexpr afterwards then = destroys ? afterwards::destroy : afterwards::leave;

public:
    /// Siblings may only read.
    using value_type = std::conditional_t<gate_type::size(Stage) == 1, element_type, element_type const>;
    using ready_type = ready_range<Core, value_type>;

    follower(Ring& ring, std::size_t i, std::size_t capacity, position first) noexcept
        : consumer_{capacity, first}, ring_{ring}, index_{i}, limit_{is_first ? no_limit : first} {}

    template <delivery How, class H>
    EVPROC_ALWAYS_INLINE poll_outcome poll(H& handler, std::size_t max) {
        consumer_scope const scope{thread()};
        on_exit const releases{*this};
        std::size_t events = 0;
        unsigned pauses_left = 4;
        event_action last = event_action::next;
        while (events != max && last == event_action::next) {
            std::size_t const most = max - events;
            if (unreleased() >= quota()) release_midway();
            position const before = place().at;
            auto const run = consumer_.acquire(core(), run_limit<How>(most), limit());
            if (run.size == 0) {
                release();  // whoever follows must not wait for this thread to pause
                if (look_again(pauses_left)) continue;
                return {{events, is_over() ? poll_state::closed : poll_state::idle}, last};
            }
            position const from = place().at;
            if (from != before) [[unlikely]] release_midway();  // what was discarded is free at once
            if (from + run.size == limit_) static_cast<void>(refresh());  // so that end_of_batch is not said too early
            last = consumer_.template deliver<How, then, value_type&>(core(), run, handler, most, limit_);
            events += static_cast<std::size_t>(place().at - from);
        }
        return {{events, poll_state::more}, last};
    }

    [[nodiscard]] ready_type peek(std::size_t max) noexcept {
        std::size_t size = 0;
        if (settle()) {
            peeked_to_ = place();
            while (size < max) {
                std::size_t const found = core().next_run(peeked_to_, max - size, limit_).size;
                if (found == 0) break;
                peeked_to_.at += found;
                size += found;
            }
        }
        left_ = size;
        if (size == 0) {
            thread().let_go();
            return {};
        }
        thread().hold();
        return rest();
    }
    /// The first k events of the last peek. What becomes of them is the stage's, not the caller's.
    template <afterwards>
    void release(std::size_t k) noexcept {
        EVPROC_CHECK(k <= left_, "more events were released than the last peek showed");
        k = (std::min)(k, left_);
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
        settle();
        if (left_ == 0) thread().let_go();
    }
    /// Forgets the last peek.
    void keep() noexcept {
        left_ = 0;
        thread().let_go();
    }
    [[nodiscard]] ready_type rest() const noexcept { return {core(), place(), left_}; }
    [[nodiscard]] std::size_t left() const noexcept { return left_; }

    [[nodiscard]] poll_state state() const noexcept {
        cursor ahead = place();
        for (;;) {
            if (core().next_run(ahead, 1, gate().handled_before(Stage)).size != 0) return poll_state::more;
            auto const claimed = core().claimed();
            if (claimed.at == ahead.at) return claimed.closed ? poll_state::closed : poll_state::idle;
            if (!is_ready(ahead)) return poll_state::blocked;
        }
    }

    template <class Stop>
    wake_reason await(wait_deadline until, Stop const& stop) {
        using enum wake_reason;
        if (settle()) return ready;
        for (;;) {
            // Whose steps to wait for changes when the stage before leaves.
            std::size_t const followed = gate().followed_by(Stage);
            auto& wait = ring_.wait_for(followed);
            stop_notifier<Stop, std::remove_reference_t<decltype(wait)>> const notifier{stop, wait};
            wait_condition<Stop> condition{*this, stop, followed};
            bool const in_time = wait.wait(condition, until);
            if (settle()) return ready;
            if (condition.was_woken) return woken;
            if (is_over()) return over;
            if (stop.stop_requested()) return stopped;
            if (!in_time) {
                note_stall();
                return timed_out;
            }
            // Something discarded, or another stage to wait for.
        }
    }

    /// Any thread.
    void wake() noexcept {
        wake_.raise_wake();
        for (std::size_t stage = 0; stage <= Stage; ++stage) ring_.wait_for(stage).notify();
    }

    /// Any thread: closes the ring.
    void close() noexcept { ring_.close(); }

    /// Stops gating.
    void leave() noexcept {
        EVPROC_CHECK(!thread().is_entered(),
                     "a broadcast_consumer left inside its own handler, or while a committed_batch was live");
        keep();
        if (gate().leave(Stage, index_, destroys))
            ring_.close();
        else
            ring_.template notify_behind<Stage>();
    }

    /// Destroys what nobody consumed.
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
    [[nodiscard]] cursor const& place() const noexcept { return consumer_.place(); }
    [[nodiscard]] Ring& ring() const noexcept { return ring_; }

private:
    struct on_exit {
        follower& self;
        EVPROC_ALWAYS_INLINE ~on_exit() { self.release(); }
    };

    /// What a waiting consumer waits for.
    template <class Stop>
    struct wait_condition {
        follower& self;
        Stop const& stop;
        std::size_t followed;
        bool was_woken = false;
        unsigned looks = 0;

        bool operator()() noexcept {
            if (self.is_ready(self.place()) || self.is_over()) return true;
            was_woken = self.wake_.take_wake();
            if (++looks == 64) self.note_stall();
            return was_woken || stop.stop_requested() || self.gate().followed_by(Stage) != followed;
        }
        void before_sleep() noexcept { self.note_stall(); }
    };

    void note_stall() noexcept {
        if constexpr (is_first) ring_.note_stall(place());
    }

    [[nodiscard]] Core& core() const noexcept { return ring_.core(); }
    [[nodiscard]] gate_type& gate() const noexcept { return core().gate(); }

    /// Read no further than this for now.
    [[nodiscard]] EVPROC_ALWAYS_INLINE position limit() const noexcept {
        if constexpr (is_first)
            return consumer_.pace().limit();
        else
            return limit_;
    }
    /// Asks the stage before. True if it has gone on.
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

    /// Most events between two publications of the position.
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t quota() const noexcept {
        std::size_t const quarter = std::max<std::size_t>(core().view().capacity() / 4, 1);
        return gate_type::is_last(Stage) ? quarter : std::min<std::size_t>(quarter, 64);
    }
    template <delivery How>
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t run_limit(std::size_t most) const noexcept {
        if constexpr (How == delivery::events) return (std::min)(most, quota() - unreleased());
        // A batch that was committed as one is handed out as one, as far as the stage before has come.
        return Core::view_type::is_contiguous ? most : 1;
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t unreleased() const noexcept {
        return static_cast<std::size_t>(place().at - published().consumed_approx());
    }
    /// Publishes the place, if it has moved.
    EVPROC_ALWAYS_INLINE void release() noexcept {
        if (unreleased() == 0) return;
        if constexpr (gate_type::is_last(Stage)) ring_.note_depth(unreleased());
        published().publish(place());
        ring_.template notify_behind<Stage>();
    }
    /// The same within a poll: then there was more than it has consumed.
    EVPROC_COLD void release_midway() noexcept {
        if constexpr (gate_type::is_last(Stage)) ring_.note_depth();
        release();
    }

    /// Skips what was discarded, and releases it. True if an event is ready.
    bool settle() noexcept {
        if (!is_first && distance(limit_, place().at) <= 0) static_cast<void>(refresh());
        bool const ready = consumer_.acquire(core(), 1, limit_).size != 0;
        release();
        return ready;
    }

    [[nodiscard]] bool is_ready(cursor const& at) const noexcept {
        if (!is_first && distance(gate().handled_before(Stage), at.at) <= 0) return false;
        return core().is_ready(at);
    }
    /// Whether the ring is closed and this consumer has released everything before the end.
    [[nodiscard]] bool is_over() const noexcept {
        if (!ring_.is_closing()) [[likely]] return false;
        auto const claimed = core().claimed();
        return claimed.closed && claimed.at == place().at;
    }

    // The consumer's own.
    alignas(false_sharing_range) consumer<Core, std::conditional_t<is_first && Paces, pacer, no_pacer>> consumer_;
    Ring& ring_;
    std::size_t const index_;  ///< in its stage
    position limit_;           ///< how far the stage before had come when asked last
    cursor peeked_to_{};       ///< where the last peek ended
    std::size_t left_ = 0;     ///< number of its events that have not been released
    signals wake_;             ///< its wake(); the closed flag is the ring's
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/detail/stage_gate.hpp
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// The positions of several consumers in stages, `Consumers...` in each: the gate of a ring that all of them follow.
///
/// A consumer follows the slowest of the nearest stage before its own that still has consumers; the producers follow the slowest
/// of the last such stage. A consumer that has not been taken yet stands at the first position. One that has left is
/// not asked any more. When nobody is left to make room, the gate is abandoned: it stays where it is.
///
/// Variables (written by -> read by)
///   positions_   each by its consumer -> the next stage, or the producers       (consumer_position.hpp, E2)
///   present_     a consumer that leaves -> all                                  a bit for each consumer that is asked
///   taken_       whoever takes a consumer                                       handles_ counts those who have not left
///
/// Edges: if the acquire reads what the release stored, then ...
///   E1  leave -> present: who does not ask a consumer any more sees its last reads. Later changes carry it on, for they are
///       read-modify-write.
/// Relaxed, because
///   X1  makes_room() only decides whom to notify. Whoever waits for a consumer because later ones have left was notified by
///       them, or looks after a fence that the notification before makes_room() pairs with (event_count.hpp, E1).
///   X2  taken_ hands out consumers; what is in them was there before the processor was given to any thread.
///   X3  the exchange in leave() decides; a consumer that leaves reads nothing of the others.
///   X4  is_abandoned() ends a wait, and says nothing of what was consumed.
///
/// Invariants
///   I1  no stage passes the slowest of the stage before, no claim passes the slowest of the last + capacity
///                                                                                     (tests/model, "broadcast")
/// Progress: wait-free, but for leave(), which is lock-free.
template <std::size_t... Consumers>
class stage_gate {
public:
    static constexpr std::size_t stage_count = sizeof...(Consumers);
    static constexpr std::size_t total = (std::size_t{0} + ... + Consumers);
    static_assert(stage_count != 0 && ((Consumers != 0) && ...),
                  "evproc: stages<...> needs at least one stage, and at least one consumer in each");
    static_assert(total < 64, "evproc: a broadcast_processor has at most 63 consumers in all of its stages");

    [[nodiscard]] static constexpr std::size_t size(std::size_t stage) noexcept {
        return std::array<std::size_t, stage_count>{Consumers...}[stage];
    }
    /// The number of consumers in the stages before `stage`.
    [[nodiscard]] static constexpr std::size_t first_of(std::size_t stage) noexcept {
        std::size_t sum = 0;
        for (std::size_t s = 0; s != stage; ++s) sum += size(s);
        return sum;
    }
    [[nodiscard]] static constexpr bool is_last(std::size_t stage) noexcept { return stage + 1 == stage_count; }

    explicit stage_gate(position first) noexcept : stage_gate{first, std::make_index_sequence<total>{}} {}

    [[nodiscard]] consumer_position& of(std::size_t stage, std::size_t i) noexcept { return positions_[first_of(stage) + i]; }

    /// False if this consumer was taken before.
    [[nodiscard]] bool take(std::size_t stage, std::size_t i) noexcept {
        std::uint64_t const bit = std::uint64_t{1} << (first_of(stage) + i);
        // X2 relaxed: one caller gets it.
        if ((taken_.fetch_or(bit, std::memory_order_relaxed) & bit) != 0) return false;
        // X2 relaxed: for has_consumers().
        handles_.fetch_add(1, std::memory_order_relaxed);
        return true;
    }
    /// Whether a consumer was taken and has not left: best effort, for checks.
    [[nodiscard]] bool has_consumers() const noexcept {
        // X2 relaxed: best effort.
        return handles_.load(std::memory_order_relaxed) != 0;
    }

    /// This consumer is not asked any more. If it is the last, or `for_all`, it still is, and the gate is abandoned: true.
    bool leave(std::size_t stage, std::size_t i, bool for_all) noexcept {
        std::uint64_t const bit = std::uint64_t{1} << (first_of(stage) + i);
        // X2 relaxed: for has_consumers().
        handles_.fetch_sub(1, std::memory_order_relaxed);
        // X3 relaxed: a guess, for the exchange.
        std::uint64_t before = present_.load(std::memory_order_relaxed);
        for (;;) {
            bool const abandoned = for_all || (before & ~bit) == 0;
            std::uint64_t const after = abandoned ? before | abandoned_bit : before & ~bit;
            // E1 release, X3 relaxed: the last reads of this consumer; on failure, a newer guess.
            if (present_.compare_exchange_weak(before, after, std::memory_order_release, std::memory_order_relaxed))
                return abandoned;
        }
    }

    // ---- the consumers of `stage` ----

    /// Everything before this has been handled by the stages before.
    [[nodiscard]] position handled_before(std::size_t stage) const noexcept {
        std::uint64_t const before = present_before(stage);
        return before == 0 ? no_limit : slowest(before).at;
    }
    /// The number of the stage whose steps a consumer has to wait for, plus one; 0: the producers.
    [[nodiscard]] std::size_t followed_by(std::size_t stage) const noexcept {
        std::uint64_t const before = present_before(stage);
        return before == 0 ? 0 : stage_of_last(before) + 1;
    }
    /// Whether the producers may be waiting for this stage: no later one is left.
    [[nodiscard]] EVPROC_ALWAYS_INLINE bool makes_room(std::size_t stage) const noexcept {
        // X1 relaxed: whom to notify.
        return ((present_.load(std::memory_order_relaxed) & all_of_them) >> first_of(stage + 1)) == 0;
    }

    // ---- the producers: as consumer_position ----

    [[nodiscard]] position consumed() const noexcept { return slowest(present()).at; }
    [[nodiscard]] position consumed_approx() const noexcept { return consumed(); }
    [[nodiscard]] std::uint64_t discarded_approx() const noexcept { return slowest(present()).who->discarded_approx(); }
    [[nodiscard]] position partial_end() const noexcept { return slowest(present()).who->partial_end(); }
    [[nodiscard]] bool is_consuming_here() const noexcept {
        return std::any_of(positions_.begin(), positions_.end(), [](auto const& p) { return p.is_consuming_here(); });
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
        // E1 acquire: the last reads of those who are not asked any more.
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

    struct place {
        position at;
        consumer_position const* who;
    };
    /// The slowest of the last stage among `consumers`, of which there is at least one.
    [[nodiscard]] place slowest(std::uint64_t consumers) const noexcept {
        place result{no_limit, nullptr};
        for (std::size_t i = first_of(stage_of_last(consumers)); (consumers >> i) != 0; ++i) {
            if ((consumers >> i & 1) == 0) continue;
            position const at = positions_[i].consumed();
            if (at < result.at) result = {at, &positions_[i]};
        }
        return result;
    }

    std::array<consumer_position, total> positions_;
    // Written when a consumer leaves.
    alignas(cache_line_size) atomic<std::uint64_t> present_{all_of_them};
    atomic<std::uint64_t> taken_{0};
    atomic<std::uint32_t> handles_{0};
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// The consumers of one stage.
template <class Follower, std::size_t Size>
struct stage {
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

/// A ring that several consumers follow in stages, `Consumers...` in each. What broadcast_processor is the face of.
///
/// Who waits where: a consumer of the first stage, or of one behind stages that have left, for the producers: for_consumer_.
/// One of a later stage for the stage before: stage_waits_. A producer, and flush(), for the last stage: for_producers_.
template <class T, std::size_t N, class Wait, ring_options Options, std::size_t... Stage, std::size_t... Consumers>
class broadcast_ring<T, N, Wait, Options, std::index_sequence<Stage...>, Consumers...>
    : public producers<T, N, Wait, Options, no_observer, stage_gate<Consumers...>> {
    using base = producers<T, N, Wait, Options, no_observer, stage_gate<Consumers...>>;

public:
    using core_type = typename base::core_type;
    using gate_type = stage_gate<Consumers...>;
    template <std::size_t S>
    using follower_type = follower<broadcast_ring, core_type, Options.pacing, S>;

    broadcast_ring(position first, std::size_t capacity)
        : base{first, capacity, nullptr}, stages_{*this, capacity, first} {}

    template <std::size_t S>
    [[nodiscard]] follower_type<S>& consumer(std::size_t i) noexcept {
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

    /// Destroys what nobody consumed.
    void destroy_all() noexcept {
        auto& gate = this->core_.gate();
        [[maybe_unused]] position const at = gate.consumed();
        [[maybe_unused]] auto const left = this->core_.count(at, gate.partial_end());
        EVPROC_CHECK(left.committed + left.discarded == this->core_.claimed_approx() - at,
                     "a broadcast_processor was destroyed while a reserved_event or reserved_batch was live");
        consumer<gate_type::stage_count - 1>(0).destroy_all();
    }

    // ---- for its followers ----

    /// Where the steps of stage `followed - 1` are waited for; 0: those of the producers.
    [[nodiscard]] Wait& wait_for(std::size_t followed) noexcept {
        return followed == 0 ? this->for_consumer_ : stage_waits_[followed - 1];
    }
    /// Wakes who waits for stage S.
    template <std::size_t S>
    EVPROC_ALWAYS_INLINE void notify_behind() noexcept {
        if constexpr (!gate_type::is_last(S)) {
            stage_waits_[S].notify();
            if (!this->core_.gate().makes_room(S)) [[likely]] return;
        }
        this->for_producers_.notify();
    }
    [[nodiscard]] bool is_closing() const noexcept { return this->signals_.closed(); }

    /// For oldest_uncommitted(), if the consumer at `c` waits for a commit.
    EVPROC_COLD void note_stall(cursor const& c) noexcept {
        if (this->core_.claimed_approx() != c.at && !this->core_.is_ready(c)) static_cast<void>(this->stall_.note(c.at));
    }
    void note_depth(std::size_t depth) noexcept { this->statistics_.note_depth(depth); }
    void note_depth() noexcept {
        // Not asked again once it is known that the ring was full.
        if (Options.statistics && this->statistics_.max_depth() < this->core_.view().capacity()) note_depth(this->size_approx());
    }

private:
    struct all_stages : stage<follower_type<Stage>, Consumers>... {
        all_stages(broadcast_ring& ring, std::size_t capacity, position first)
            : stage<follower_type<Stage>, Consumers>{ring, capacity, first}... {}
    };

    std::array<Wait, sizeof...(Consumers) - 1> stage_waits_;  ///< [s]: for stage s
    all_stages stages_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/producer_verbs.hpp
#include <chrono>
#include <cstddef>
#include <type_traits>
#include <utility>

// ---- evproc/detail/construct.hpp
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// An argument on its way to a member of an aggregate: becomes whatever type the member has, if it can be converted to it
/// without a cast. In braces this makes of the argument what it would be in round brackets: a narrowing one is taken too.
template <class Arg>
struct as_member {
    Arg&& arg;

    template <class Member>
        requires std::is_convertible_v<Arg&&, Member>
    EVPROC_ALWAYS_INLINE operator Member() const {
        return static_cast<Member>(std::forward<Arg>(arg));
    }
};

/// Builds T(args...) at `place`, also where T is an aggregate and the compiler has no round brackets for those (clang
/// before 16).
template <class T, class... Args>
EVPROC_ALWAYS_INLINE T* construct(T* place, Args&&... args) {
    if constexpr (std::is_constructible_v<T, Args...>) {
        return std::construct_at(place, std::forward<Args>(args)...);
    } else {
        static_assert(std::is_aggregate_v<T>, "evproc: an event cannot be built from these arguments");
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wmissing-field-initializers"  // as in round brackets, the others have their defaults
#endif
        return ::new (static_cast<void*>(place)) T{as_member<Args>{std::forward<Args>(args)}...};
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
    }
}

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/reserved_batch.hpp
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace evproc {
inline namespace EVPROC_ABI {

/// An unbroken run of reserved places, and the events that have been built in it so far: a vector of fixed capacity.
///
/// commit() makes what was built visible in one step, all or none, and gives up the rest. Dropped before that, it
/// destroys what was built and gives up all places. Move-only; may be committed from another thread than the one that
/// reserved. Must not outlive the processor. Every verb is wait-free (but for what the events' constructors do).
template <class Ring>
class [[nodiscard]] reserved_batch {
    using event_type = typename Ring::value_type;
    using range_type = typename Ring::range_type;

public:
    using value_type = event_type;
    using iterator = event_type*;

    /// Holds nothing; error() is errc::invalid_handle.
    reserved_batch() = default;

    reserved_batch(Ring& ring, range_type const& places) noexcept : ring_{places ? &ring : nullptr}, places_{places} {}

    reserved_batch(reserved_batch&& other) noexcept
        : ring_{std::exchange(other.ring_, nullptr)},
          places_{std::exchange(other.places_, range_type{})},
          built_{std::exchange(other.built_, 0)} {}

    /// Discards what this holds, then takes over.
    reserved_batch& operator=(reserved_batch&& other) noexcept {
        if (this != &other) {
            discard();
            ring_ = std::exchange(other.ring_, nullptr);
            places_ = std::exchange(other.places_, range_type{});
            built_ = std::exchange(other.built_, 0);
        }
        return *this;
    }

    ~reserved_batch() { discard(); }

    /// True while this holds places.
    explicit operator bool() const noexcept { return ring_ != nullptr; }
    /// errc::success, or why nothing was reserved; errc::invalid_handle once it is committed, discarded or moved from.
    [[nodiscard]] errc error() const noexcept { return places_.error(); }
    /// The place of the first event in the global order; the others follow.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return places_.sequence(); }

    /// How many events have been built so far.
    [[nodiscard]] std::size_t size() const noexcept { return built_; }
    /// How many places were reserved.
    [[nodiscard]] std::size_t capacity() const noexcept { return places_.size(); }
    [[nodiscard]] bool empty() const noexcept { return built_ == 0; }

    /// Builds the next event. Precondition: size() < capacity(). If the constructor throws, nothing has changed.
    template <class... Args>
    event_type& emplace_back(Args&&... args) {
        EVPROC_CHECK(built_ < places_.size(), "emplace_back() on a reserved_batch that is full or holds nothing");
        event_type* const event = detail::construct(places_.data() + built_, std::forward<Args>(args)...);
        ++built_;
        return *event;
    }
    void push_back(event_type const& event) { emplace_back(event); }
    void push_back(event_type&& event) { emplace_back(std::move(event)); }

    /// Appends k events, uninitialised: write to them before commit(). Precondition: size() + k <= capacity().
    std::span<event_type> append_uninitialized(std::size_t k) noexcept
        requires std::is_trivially_default_constructible_v<event_type>
    {
        EVPROC_CHECK(k <= places_.size() - built_, "append_uninitialized() beyond the capacity of a reserved_batch");
        event_type* const first = places_.data() + built_;
        std::uninitialized_default_construct_n(first, k);
        built_ += k;
        return {first, k};
    }

    /// Precondition: i < size().
    [[nodiscard]] event_type& operator[](std::size_t i) const noexcept {
        EVPROC_CHECK(i < built_, "a reserved_batch was indexed beyond the events built so far");
        return places_.data()[i];
    }
    [[nodiscard]] iterator begin() const noexcept { return places_.data(); }
    [[nodiscard]] iterator end() const noexcept { return places_.data() + built_; }
    /// The events built so far, side by side.
    [[nodiscard]] std::span<event_type> span() const noexcept { return {places_.data(), built_}; }

    /// Makes the events built so far visible in one step, all or none, and gives up the places behind them.
    /// errc::success (also with nothing built: then all places are given up); errc::invalid_handle if this holds
    /// nothing (asserted in checked builds).
    EVPROC_ALWAYS_INLINE errc commit() noexcept {
        EVPROC_CHECK(ring_ != nullptr, "commit() of a reserved_batch that holds nothing (committed twice, discarded, moved from, or refused)");
        if (ring_ == nullptr) [[unlikely]] return errc::invalid_handle;
        ring_->commit(places_, built_);
        forget();
        return errc::success;
    }

    /// Destroys what was built and gives all places up. No effect if this holds nothing.
    EVPROC_ALWAYS_INLINE void discard() noexcept {
        if (ring_ == nullptr) return;
        std::destroy_n(places_.data(), built_);
        ring_->discard(places_);
        forget();
    }

private:
    void forget() noexcept {
        ring_ = nullptr;
        places_ = range_type{};
        built_ = 0;
    }

    Ring* ring_ = nullptr;
    range_type places_{};
    std::size_t built_ = 0;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/reserved_event.hpp
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace evproc {
inline namespace EVPROC_ABI {

/// One reserved place in the order, and the event that is being built in it.
///
/// Owns the place until commit() makes the event visible; dropped before that, it destroys the event if it was built
/// and gives the place up, so that the consumer steps over it. Whatever is reserved behind it waits until then: keep
/// it short. An Event that is trivially default constructible is alive from the start, uninitialised; any other has to
/// be emplaced first. Move-only; may be committed from another thread than the one that reserved. Must not outlive the
/// processor. Every verb is wait-free.
template <class Ring>
class [[nodiscard]] reserved_event {
    using event_type = typename Ring::value_type;
    using range_type = typename Ring::range_type;
    static constexpr bool alive_from_the_start = std::is_trivially_default_constructible_v<event_type>;

public:
    /// Holds nothing; error() is errc::invalid_handle.
    reserved_event() = default;

    reserved_event(Ring& ring, range_type const& place) noexcept : ring_{place ? &ring : nullptr}, place_{place} {
        if constexpr (alive_from_the_start) {
            if (ring_ != nullptr) ::new (static_cast<void*>(place_.data())) event_type;
        }
    }

    reserved_event(reserved_event&& other) noexcept
        : ring_{std::exchange(other.ring_, nullptr)},
          place_{std::exchange(other.place_, range_type{})},
          built_{std::exchange(other.built_, alive_from_the_start)} {}

    /// Discards what this holds, then takes over.
    reserved_event& operator=(reserved_event&& other) noexcept {
        if (this != &other) {
            discard();
            ring_ = std::exchange(other.ring_, nullptr);
            place_ = std::exchange(other.place_, range_type{});
            built_ = std::exchange(other.built_, alive_from_the_start);
        }
        return *this;
    }

    ~reserved_event() { discard(); }

    /// True while this holds a place.
    explicit operator bool() const noexcept { return ring_ != nullptr; }
    /// errc::success, or why nothing was reserved; errc::invalid_handle once it is committed, discarded or moved from.
    [[nodiscard]] errc error() const noexcept { return place_.error(); }
    /// The event's place in the global order.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return place_.sequence(); }

    /// Builds the event in its place; an event that was built before is destroyed first. If the constructor throws, the
    /// place is held still and holds no event.
    template <class... Args>
    event_type& emplace(Args&&... args) {
        EVPROC_CHECK(ring_ != nullptr, "emplace() on a reserved_event that holds nothing");
        destroy();
        event_type* const event = detail::construct(place_.data(), std::forward<Args>(args)...);
        built_ = true;
        return *event;
    }

    /// The event. Precondition: this holds a place, and the event has been built.
    [[nodiscard]] event_type& operator*() const noexcept { return *get(); }
    [[nodiscard]] event_type* operator->() const noexcept { return get(); }
    [[nodiscard]] event_type* get() const noexcept {
        EVPROC_CHECK(ring_ != nullptr, "use of a reserved_event that holds nothing (committed, discarded, moved from, or refused)");
        EVPROC_CHECK(built_, "use of a reserved_event whose event has not been emplaced");
        return place_.data();
    }

    /// Makes the event visible to the consumer. errc::success; errc::invalid_handle if this holds nothing (asserted in
    /// checked builds) or if the event was never built, whose place is then discarded.
    EVPROC_ALWAYS_INLINE errc commit() noexcept {
        EVPROC_CHECK(ring_ != nullptr, "commit() of a reserved_event that holds nothing (committed twice, discarded, moved from, or refused)");
        if (ring_ == nullptr || !built_) [[unlikely]] {
            discard();
            return errc::invalid_handle;
        }
        ring_->commit(place_, 1);
        forget();
        return errc::success;
    }

    /// Destroys the event if it was built and gives its place up. No effect if this holds nothing.
    EVPROC_ALWAYS_INLINE void discard() noexcept {
        if (ring_ == nullptr) return;
        destroy();
        ring_->discard(place_);
        forget();
    }

private:
    void destroy() noexcept {
        if (built_) std::destroy_at(place_.data());
        built_ = false;
    }
    void forget() noexcept {
        ring_ = nullptr;
        place_ = range_type{};
        built_ = alive_from_the_start;
    }

    Ring* ring_ = nullptr;
    range_type place_{};
    bool built_ = alive_from_the_start;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc {
inline namespace EVPROC_ABI {

/// The producers' verbs of a processor. `Self` derives from it and has `ring()`, whose Ring they work on.
template <class Self, class Ring>
class producer_verbs {
    using value_type = typename Ring::value_type;

    template <class... Args>
    static constexpr bool is_nothrow = noexcept(detail::construct(std::declval<value_type*>(), std::declval<Args>()...));

public:
    using reserved_event = evproc::reserved_event<Ring>;
    using reserved_batch = evproc::reserved_batch<Ring>;

    // ---- producers: any thread ----

    /// Reserves a slot, or says why not: errc::full, only if at some instant of the call no slot was free;
    /// errc::closed; errc::busy (producer_kind::single). Lock-free.
    EVPROC_ALWAYS_INLINE reserved_event try_reserve() noexcept { return {ring(), ring().try_reserve(1)}; }

    /// Reserves a slot, waiting for room as long as it takes. errc::closed (also if closed while it waits);
    /// errc::would_deadlock on the consumer's own thread, in a handler, while the ring is full; errc::busy.
    EVPROC_ALWAYS_INLINE reserved_event reserve() { return {ring(), ring().reserve(1, detail::no_deadline, detail::never_stops{})}; }
#if EVPROC_HAS_STOP_TOKEN
    /// As reserve(), until `stop` requests a stop: errc::stopped.
    reserved_event reserve(std::stop_token stop) { return {ring(), ring().reserve(1, detail::no_deadline, stop)}; }
#endif
    /// As reserve(), for at most `d`: errc::timed_out.
    template <class Rep, class Period>
    reserved_event reserve_for(std::chrono::duration<Rep, Period> d) {
        return {ring(), ring().reserve(1, detail::deadline_after(d), detail::never_stops{})};
    }
    /// As reserve(), until `t` of any clock: errc::timed_out.
    template <class Clock, class Duration>
    reserved_event reserve_until(std::chrono::time_point<Clock, Duration> t) {
        return {ring(), ring().reserve(1, detail::deadline_at(t), detail::never_stops{})};
    }

    /// Reserves n slots, one unbroken run of the order, side by side in memory; all or none. Errors as try_reserve, and
    /// errc::too_large for n > max_batch(), errc::invalid_size for 0. Lock-free.
    EVPROC_ALWAYS_INLINE reserved_batch try_reserve_batch(std::size_t n) noexcept { return {ring(), ring().try_reserve(n)}; }
    /// Reserves as many of n slots as are free, at least one and at most max_batch(): capacity() tells. Lock-free.
    reserved_batch try_reserve_batch_up_to(std::size_t n) noexcept { return {ring(), ring().try_reserve_up_to(n)}; }
    /// As try_reserve_batch, waiting as reserve() does.
    EVPROC_ALWAYS_INLINE reserved_batch reserve_batch(std::size_t n) { return {ring(), ring().reserve(n, detail::no_deadline, detail::never_stops{})}; }
#if EVPROC_HAS_STOP_TOKEN
    /// As reserve_batch(n), until `stop` requests a stop: errc::stopped.
    reserved_batch reserve_batch(std::stop_token stop, std::size_t n) {
        return {ring(), ring().reserve(n, detail::no_deadline, stop)};
    }
#endif
    /// As reserve_batch(n), for at most `d`: errc::timed_out.
    template <class Rep, class Period>
    reserved_batch reserve_batch_for(std::chrono::duration<Rep, Period> d, std::size_t n) {
        return {ring(), ring().reserve(n, detail::deadline_after(d), detail::never_stops{})};
    }
    /// As reserve_batch(n), until `t` of any clock: errc::timed_out.
    template <class Clock, class Duration>
    reserved_batch reserve_batch_until(std::chrono::time_point<Clock, Duration> t, std::size_t n) {
        return {ring(), ring().reserve(n, detail::deadline_at(t), detail::never_stops{})};
    }

    /// Reserves, builds Event(args...), commits. If the constructor throws, the slot is discarded and the exception
    /// goes to the caller. Errors as try_reserve.
    template <class... Args>
    EVPROC_ALWAYS_INLINE errc try_publish(Args&&... args) noexcept(is_nothrow<Args...>) {
        return build(try_reserve(), std::forward<Args>(args)...);
    }
    /// The same, waiting as reserve() does.
    template <class... Args>
    EVPROC_ALWAYS_INLINE errc publish(Args&&... args) {
        return build(reserve(), std::forward<Args>(args)...);
    }

    /// Ends the order here: every reserve verb returns errc::closed from now on, those already waiting too. What was
    /// reserved before may still be committed, and the consumer gets it; after the last of it poll says `closed`.
    /// Idempotent; from any thread, and from the handler.
    void close() noexcept { ring().close(); }
    [[nodiscard]] bool is_closed() const noexcept { return ring().is_closed(); }

    /// Waits until everything that was committed before the call has been consumed, and sees what the handler did with
    /// it. errc::success; errc::would_deadlock if the caller is the consumer's thread in a handler and something is left.
    errc flush() { return ring().flush(detail::no_deadline); }
    /// As flush(), for at most `d`: errc::timed_out.
    template <class Rep, class Period>
    errc flush_for(std::chrono::duration<Rep, Period> d) {
        return ring().flush(detail::deadline_after(d));
    }

protected:
    producer_verbs() = default;
    ~producer_verbs() = default;

private:
    [[nodiscard]] EVPROC_ALWAYS_INLINE Ring& ring() const noexcept { return static_cast<Self const&>(*this).ring(); }

    template <class... Args>
    EVPROC_ALWAYS_INLINE static errc build(reserved_event event, Args&&... args) noexcept(is_nothrow<Args...>) {
        if (!event) [[unlikely]] return event.error();
        event.emplace(std::forward<Args>(args)...);
        return event.commit();
    }
};

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/wait/adaptive_wait.hpp
#include <chrono>
#include <cstddef>
#include <cstdint>

// ---- evproc/detail/event_count.hpp
#include <cstddef>
#include <cstdint>

// ---- evproc/detail/platform/futex.hpp
// How a thread sleeps until a 32-bit word changes: a futex on Linux, WaitOnAddress on Windows (8 or newer; link library
// `synchronization`), a mutex and a condition variable elsewhere or with EVPROC_NO_FUTEX. All take absolute deadlines, which
// std::atomic::wait does not. <windows.h> is not included: it would define its macros in every program.
//
//   P1  the word is compared under the mutex that wake_all() takes, which orders the two.

#include <cstddef>
#include <cstdint>

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
#ifndef EVPROC_HAS_FUTEX
#define EVPROC_HAS_FUTEX 0
#endif
#ifndef EVPROC_HAS_WAIT_ON_ADDRESS
#define EVPROC_HAS_WAIT_ON_ADDRESS 0
#endif

#if !EVPROC_HAS_FUTEX && !EVPROC_HAS_WAIT_ON_ADDRESS
#include <condition_variable>
#include <mutex>
#endif

namespace evproc::detail {

inline namespace EVPROC_ABI {

/// What a sleeper is woken by: wake_all() alone, or wake_some() too.
enum class sleeper : std::uint32_t { of_all = 1, of_some = 2 };

#if EVPROC_HAS_FUTEX

class futex {
public:
    /// Sleeps while `word` holds `expected`, until it is woken or the deadline. May return early for no reason.
    /// Returns false if and only if the deadline has passed and nobody has woken this thread before.
    bool wait(atomic<std::uint32_t>& word, std::uint32_t expected, clock_type::time_point until,
              sleeper kind = sleeper::of_all) noexcept {
        // The kernel's own layout for SYS_futex, whatever this program's time_t is.
        struct {
            long seconds;
            long nanoseconds;
        } timeout{};
        void* when = nullptr;
        if (until != (clock_type::time_point::max)()) {
            auto const ns = std::chrono::duration_cast<std::chrono::nanoseconds>(until.time_since_epoch()).count();
            if (ns <= 0) return false;
            auto const seconds = ns / 1'000'000'000;
            if (seconds < LONG_MAX) {
                timeout.seconds = static_cast<long>(seconds);
                timeout.nanoseconds = static_cast<long>(ns % 1'000'000'000);
                when = &timeout;
            }
        }
        long const result = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected, when, nullptr,
                                      static_cast<std::uint32_t>(kind));
        return result == 0 || errno != ETIMEDOUT;
    }

    /// Wakes every thread that sleeps on `word`. Call it after the word has changed.
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

private:
    static_assert(sizeof(atomic<std::uint32_t>) == sizeof(std::uint32_t), "a futex is the bare 32-bit word");
};

#elif EVPROC_HAS_WAIT_ON_ADDRESS

// As <synchapi.h> declares them, so that a program may include both.
extern "C" {
#if defined(_WIN64)
int __stdcall WaitOnAddress(void volatile* address, void* expected, unsigned long long size, unsigned long milliseconds);
#else
int __stdcall WaitOnAddress(void volatile* address, void* expected, unsigned long size, unsigned long milliseconds);
#endif
void __stdcall WakeByAddressAll(void* address);
}

class futex {
public:
    bool wait(atomic<std::uint32_t>& word, std::uint32_t expected, clock_type::time_point until,
              sleeper = sleeper::of_all) noexcept {
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
    static_assert(sizeof(atomic<std::uint32_t>) == sizeof(std::uint32_t), "WaitOnAddress compares the bare 32-bit word");
};

#else

class futex {
public:
    bool wait(atomic<std::uint32_t>& word, std::uint32_t expected, clock_type::time_point until,
              sleeper = sleeper::of_all) noexcept {
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
        {
            std::scoped_lock const lock(mutex_);
        }
        changed_.notify_all();
    }

    /// A condition variable does not tell how many it has woken: wake all instead.
    std::size_t wake_some(atomic<std::uint32_t>&, std::size_t) noexcept { return 0; }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

#endif

}  // namespace EVPROC_ABI

}  // namespace evproc::detail

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Lets threads wait for a condition that other threads make true by lock-free steps. notify() costs one load of a
/// line that nobody writes while nobody waits.
///
/// A waiter calls await() with its condition and sleeps. Or it calls prepare_wait(), looks at its condition once more, and
/// then registers a callback and goes away, or cancels. A notifier calls notify() after each step that may make a
/// condition true. Any number of threads may wait and notify; one at a time may register a callback or cancel, and only where
/// nobody else waits. Where waiters compete for units, of which each takes one (await_one), notify(n) wakes as many as
/// there are units.
/// Source: the event counts of folly and Vyukov; the callback, and the fence that notify() does not pay for, are ours.
///
/// Memory orders. The variables are `word_` (bit 0: somebody waits or is about to; bit 1: for more than one unit; bit 2: a
/// callback is registered; the bits above: an epoch, so that each full notification makes a new value) and, outside this
/// file, the condition.
///   E1  prepare_wait -> notify: heavy fence after the flag is set, light fence before it is read. If notify() does not
///       see the flag, then the look that follows prepare_wait() sees the step before notify().
///   E2  register_callback -> notify: who takes the callback sees what was stored before it was registered.
///   E3  notify -> cancel_wait, notify: a waiter that cancels and finds that a notifier was faster sees that notifier's
///       step.
///   X1  word_ is relaxed elsewhere: the fences order it against the condition, sleeping and registering compare the
///       whole word atomically, and no other data travels through it. Statistics carry no data.
///   I1  a full notification changes the word, so that a waiter that is about to wait or to register with the old one does
///       not (the lost wake-up cases of tests/model hold it).
///   I2  n units make n sleepers look that take a unit if there is one, whatever else ends their wait; or they make
///       all look. notify(n) leaves the word as it is when n of them slept and were woken: a waiter that is about to sleep
///       may do so, since the units are for those. Else it notifies everybody.
/// Progress: wait-free, but for await(), which blocks, the heavy fence of prepare_wait() and the wake-up of notify(), which
/// are system calls.
class event_count {
public:
    /// What a waiter holds between prepare_wait() and register_callback().
    using key = std::uint32_t;

    // ---- waiters ----

    /// From now on a step is either seen by the look that follows, or calls the callback that is registered then.
    [[nodiscard]] key prepare_wait() noexcept { return prepare(waiting | for_more); }

    /// True: the first notification after prepare_wait() calls back, once; it may have done so when this returns. False: it
    /// came before this; look again.
    [[nodiscard]] bool register_callback(key prepared) noexcept {
        // E2 release, X1 relaxed: hands over what the callback needs; on failure nothing is handed over.
        return word_.compare_exchange_strong(prepared, prepared | callback, std::memory_order_release,
                                             std::memory_order_relaxed);
    }

    /// Takes back prepare_wait(), and register_callback(): the next step then wakes nobody. False: a notifier was faster;
    /// it has called back, or is about to.
    bool cancel_wait() noexcept {
        return take([]() noexcept {}) != 0;
    }

    /// Waits until `ready()` returns true, and returns true; or until the deadline, and returns ready() once more.
    /// `ready.before_sleep()`, if there is such a function, is called each time before the thread sleeps.
    template <class Ready>
    bool await(Ready&& ready, clock_type::time_point until) {
        return await(ready, until, waiting | for_more, sleeper::of_all);
    }

    /// The same for a `ready` that takes one unit if there is one, whatever else may make it true.
    template <class Ready>
    bool await_one(Ready&& ready, clock_type::time_point until) {
        // X1 relaxed: a hint.
        for_one_.fetch_add(1, std::memory_order_relaxed);
        bool const is_ready = await(ready, until, waiting, sleeper::of_some);
        // X1 relaxed: a hint.
        for_one_.fetch_sub(1, std::memory_order_relaxed);
        return is_ready;
    }

    /// How often a thread went to sleep here, or registered a callback and went away.
    [[nodiscard]] std::uint64_t parks() const noexcept {
        // X1 relaxed: a statistic.
        return parks_.load(std::memory_order_relaxed);
    }
    void count_park() noexcept {
        // X1 relaxed: a statistic.
        parks_.fetch_add(1, std::memory_order_relaxed);
    }

    // ---- notifiers ----

    /// Wakes everybody who waits. To be called after every step that can make a condition true.
    EVPROC_ALWAYS_INLINE void notify() noexcept {
        if (has_waiter()) [[unlikely]] wake();
    }

    /// The same after a step that made n units, and can make no other condition true: wakes everybody in await(), but only n
    /// of those in await_one().
    EVPROC_ALWAYS_INLINE void notify(std::size_t n) noexcept {
        if (has_waiter()) [[unlikely]] wake(n);
    }

    /// As notify() where a callback may be registered: then the one notifier that takes it calls `call(read())`. What `read()`
    /// reads before the callback is taken belongs to that callback, and may be overwritten afterwards.
    template <class Read, class Call>
    EVPROC_ALWAYS_INLINE void notify(Read read, Call call) noexcept {
        if (has_waiter()) [[unlikely]] wake_or_call(read, call);
    }

private:
    static constexpr std::uint32_t waiting = 1;
    static constexpr std::uint32_t for_more = 2;
    static constexpr std::uint32_t callback = 4;
    static constexpr std::uint32_t flags = waiting | for_more | callback;

    [[nodiscard]] key prepare(std::uint32_t bits) noexcept {
        // X1 relaxed: E1's fence follows.
        key const word = word_.fetch_or(bits, std::memory_order_relaxed) | bits;
        fence_.heavy();  // E1
        return word;
    }

    template <class Ready>
    bool await(Ready& ready, clock_type::time_point until, std::uint32_t bits, sleeper kind) {
        for (;;) {
            key const prepared = prepare(bits);
            if (ready()) return true;
            if constexpr (requires { ready.before_sleep(); }) ready.before_sleep();
            count_park();
            if (!futex_.wait(word_, prepared, until, kind)) return ready();
        }
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE bool has_waiter() const noexcept {
        fence_.light();  // E1
        // X1 relaxed: E1's fence stands before it.
        return (word_.load(std::memory_order_relaxed) & waiting) != 0;
    }

    EVPROC_COLD void wake() noexcept {
        if (take([]() noexcept {}) != 0) futex_.wake_all(word_);
    }

    EVPROC_COLD void wake(std::size_t n) noexcept {
        if (n == 0) return;
        // X1 relaxed: who waits for more and is not seen here sees the step (E1).
        bool const each_for_one = (word_.load(std::memory_order_relaxed) & for_more) == 0;
        // X1 relaxed: a hint. Where n is enough for all, the flag is cleared, and the next step wakes nobody.
        if (each_for_one && n < for_one_.load(std::memory_order_relaxed) && futex_.wake_some(word_, n) == n) return;
        wake();
    }

    template <class Read, class Call>
    EVPROC_COLD void wake_or_call(Read read, Call call) noexcept {
        decltype(read()) what{};
        std::uint32_t const taken = take([&]() noexcept { what = read(); });
        if ((taken & callback) != 0)
            call(what);
        else if (taken != 0)
            futex_.wake_all(word_);
    }

    /// Clears the flags and returns those that were set; 0 if another thread was faster. Calls `before()` before each
    /// attempt.
    template <class Before>
    std::uint32_t take(Before before) noexcept {
        // E2 acquire, E3 acquire: from register_callback(), and from whoever was faster.
        std::uint32_t word = word_.load(std::memory_order_acquire);
        std::uint32_t const last = word | flags;
        // At most three attempts. Once another thread has begun a new epoch, whoever waits in it does not concern the
        // caller: that waiter's look sees the caller's step (E1).
        while ((word & waiting) != 0 && (word | flags) == last) {
            before();
            // Adding one to the last word of an epoch clears the flags and begins the next (I1).
            // E3 release: hands the caller's step on. Nothing is left to acquire: this is the word read before, or
            // the same one written again by prepare_wait(), which adds nothing.
            // E2 acquire, E3 acquire: on failure, for the next attempt and for the answer 0.
            if (word_.compare_exchange_strong(word, last + 1, std::memory_order_release, std::memory_order_acquire))
                return word & flags;
        }
        return 0;
    }

    // Written when somebody waits or is notified, read after every step: a line of its own, shared by all readers.
    alignas(cache_line_size) atomic<std::uint32_t> word_{0};
    asymmetric_fence const fence_{};
    // Written by those who sleep.
    alignas(cache_line_size) atomic<std::uint64_t> parks_{0};
    atomic<std::uint32_t> for_one_{0};  // how many are in await_one()
    [[no_unique_address]] futex futex_{};
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc {
inline namespace EVPROC_ABI {

/// Spins a little, then yields, then sleeps: the default.
///
/// Use it unless you know better. Under load it behaves like a spin, with threads that outnumber cores like a yield, and
/// an idle thread uses no processor time at all. On a one-CPU machine it does not spin. The other side pays one load of a
/// line that nobody writes while nobody sleeps, and a system call when somebody does.
class adaptive_wait {
public:
    template <class Ready>
    bool wait(Ready&& ready, wait_deadline until) {
        awake const a = stay_awake(ready, until);
        return a == awake::no_longer ? event_count_.await(ready, until) : a == awake::ready;
    }
    template <class Ready>
    bool wait_one(Ready&& ready, wait_deadline until) {
        awake const a = stay_awake(ready, until);
        return a == awake::no_longer ? event_count_.await_one(ready, until) : a == awake::ready;
    }
    EVPROC_ALWAYS_INLINE void notify() noexcept { event_count_.notify(); }
    EVPROC_ALWAYS_INLINE void notify(std::size_t n) noexcept { event_count_.notify(n); }
    [[nodiscard]] std::uint64_t parks() const noexcept { return event_count_.parks(); }

private:
    static constexpr unsigned spins = 32;
    static constexpr unsigned yields = 16;

    enum class awake { ready, too_late, no_longer };

    template <class Ready>
    static awake stay_awake(Ready& ready, wait_deadline until) {
        if (!detail::one_cpu() && detail::spin_until(ready, [] { detail::cpu_relax(); }, until, spins)) return awake::ready;
        for (unsigned i = 0; i != yields; ++i) {
            if (ready()) return awake::ready;
            wait_deadline const before = detail::now();
            if (before >= until) return awake::too_late;
            detail::yield_thread();
            // Another program had the processor for a time slice: a wake-up gets ahead of it, a yield does not.
            if (detail::now() - before > std::chrono::milliseconds{1}) break;
        }
        return awake::no_longer;
    }

    detail::event_count event_count_;
};

static_assert(wait_strategy<adaptive_wait>);

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc {
inline namespace EVPROC_ABI {

/// How many consumers there are in each stage. A stage sees an event when all of the stage before have handled it:
/// stages<1, 2, 1> is one consumer, then two side by side, then one.
template <std::size_t... Consumers>
struct stages {};

}  // namespace EVPROC_ABI

namespace detail {
inline namespace EVPROC_ABI {

template <class Event, class Stages, std::size_t N, class Wait, ring_options Options>
struct broadcast_ring_for {
    static_assert(!std::is_same_v<Stages, Stages>, "evproc: write the number of consumers of each stage as evproc::stages<1, 2>");
};

template <class Event, std::size_t... Consumers, std::size_t N, class Wait, ring_options Options>
struct broadcast_ring_for<Event, stages<Consumers...>, N, Wait, Options> {
    using gate = stage_gate<Consumers...>;
    static_assert(Options.producers == producer_kind::multi,
                  "evproc: a broadcast_processor has no form for a single producer: leave ring_options::producers at multi");
    static_assert(std::is_trivially_destructible_v<Event> || gate::size(gate::stage_count - 1) == 1,
                  "evproc: an Event with a destructor needs a last stage of one consumer, which destroys it: stages<2, 1> instead "
                  "of stages<2>");
    using type = broadcast_ring<Event, N, Wait, Options, std::make_index_sequence<sizeof...(Consumers)>, Consumers...>;
};
template <class Event, class Stages, std::size_t N, class Wait, ring_options Options>
using broadcast_ring_t = typename broadcast_ring_for<Event, Stages, N, Wait, Options>::type;

}  // namespace EVPROC_ABI
}  // namespace detail

inline namespace EVPROC_ABI {

/// Gets events from many threads to several consumers, each of which sees every event, in one global order and in place.
///
/// The consumers stand in stages: consumer<1>(0) sees an event once every consumer of stage 0 has handled it. All follow one ring;
/// nothing is copied. A slot is free again when the slowest of the last stage has handled its event, so a consumer that falls
/// behind holds up the producers: for consumers that may lose events, or that come and go, use a queue each.
///
/// Consumers are taken by consumer<Stage>(i), each once, and may leave; there is no joining at run time. One that has not been
/// taken yet holds its place from sequence 0 on, so nobody misses anything. A handler that throws consumes the event for its
/// consumer alone. An Event with a destructor needs a last stage of one consumer, which destroys it.
///
/// Producers' verbs (producer_verbs) as for event_processor, from any thread and from every handler; flush() waits for the last
/// stage, and says errc::closed if nobody is left there. A verb that would wait for room in a handler of any of the
/// consumers says errc::would_deadlock. close(): each consumer still gets what was reserved before.
/// A later stage gets on in steps of the stage before, which come at least every 64 events.
///
/// The ring lives on the heap. Neither copyable nor movable. Parameters as for ring_buffer; producer_kind::multi only.
template <class Event, class Stages, std::size_t N = 4096, class Wait = adaptive_wait, ring_options Options = ring_options{}>
class broadcast_processor : public producer_verbs<broadcast_processor<Event, Stages, N, Wait, Options>,
                                                  detail::broadcast_ring_t<Event, Stages, N, Wait, Options>> {
    using ring_type = detail::broadcast_ring_t<Event, Stages, N, Wait, Options>;
    using gate_type = typename ring_type::gate_type;
    static constexpr bool is_static = N != std::dynamic_extent;

public:
    using event_type = Event;
    template <std::size_t Stage>
    using broadcast_consumer = evproc::broadcast_consumer<typename ring_type::template follower_type<Stage>>;

    /// Allocates all storage; nothing is allocated later. Throws std::bad_alloc.
    broadcast_processor()
        requires(is_static)
        : broadcast_processor{0, N} {}

    /// The same with a capacity given at run time. Throws std::invalid_argument if it is not a power of two or is
    /// less than Options.max_batch; std::bad_alloc.
    explicit broadcast_processor(std::size_t capacity)
        requires(!is_static)
        : broadcast_processor{0, capacity} {}

    broadcast_processor(broadcast_processor const&) = delete;
    broadcast_processor& operator=(broadcast_processor const&) = delete;

    /// Destroys the events that the last stage did not consume. Precondition: no other thread uses the processor, and no
    /// consumer and no handle is live (asserted in checked builds).
    ~broadcast_processor() {
        EVPROC_CHECK(!ring_->core().gate().has_consumers(), "a broadcast_processor was destroyed before one of its consumers");
        ring_->destroy_all();
    }

    // ---- consumers ----

    /// Consumer i of a stage. Any thread; each once: std::logic_error for one that was taken before, or that there is not.
    template <std::size_t Stage>
    [[nodiscard]] broadcast_consumer<Stage> consumer(std::size_t i = 0) {
        static_assert(Stage < gate_type::stage_count, "evproc: this broadcast_processor has fewer stages");
        if (i >= gate_type::size(Stage)) fail("evproc: there are fewer consumers in this stage");
        if (!ring_->core().gate().take(Stage, i)) fail("evproc: this consumer was taken before");
        return broadcast_consumer<Stage>{ring_->template consumer<Stage>(i)};
    }

    // ---- any thread ----

    /// Counts since construction, `consumed` as the slowest of the last stage has it. Looks at every slot in use.
    [[nodiscard]] processor_stats stats() const noexcept { return ring_->stats(); }

    /// Whether the slowest of the last stage stands before a slot that is reserved and not committed; its sequence, and for how
    /// long somebody has found it so: a waiting consumer of the first stage, or an earlier call.
    [[nodiscard]] stall_info oldest_uncommitted() const noexcept { return ring_->oldest_uncommitted(); }

    // ---- hints: any thread, stale at once ----

    /// How many slots are reserved and not yet free again; between 0 and capacity().
    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_->size_approx(); }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }
    [[nodiscard]] static constexpr std::size_t capacity() noexcept
        requires(N != std::dynamic_extent)
    {
        return N;
    }
    [[nodiscard]] std::size_t capacity() const noexcept
        requires(N == std::dynamic_extent)
    {
        return ring_->core().view().capacity();
    }
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept
        requires(N != std::dynamic_extent)
    {
        return Options.max_batch == 0 ? N : Options.max_batch;
    }
    [[nodiscard]] std::size_t max_batch() const noexcept
        requires(N == std::dynamic_extent)
    {
        return ring_->core().view().max_batch();
    }

private:
    friend struct detail::test_access;
    friend producer_verbs<broadcast_processor, ring_type>;

    broadcast_processor(detail::position first, std::size_t capacity) : ring_{std::make_unique<ring_type>(first, capacity)} {}

    [[nodiscard]] EVPROC_ALWAYS_INLINE ring_type& ring() const noexcept { return *ring_; }

    [[noreturn]] static void fail(char const* sentence) {
#if EVPROC_EXCEPTIONS
        throw std::logic_error(sentence);
#else
        detail::check_failed(sentence, __FILE__, __LINE__);
#endif
    }

    std::unique_ptr<ring_type> ring_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/event_processor.hpp
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

// ---- evproc/ring_buffer.hpp
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

namespace evproc {
inline namespace EVPROC_ABI {

/// A bounded queue of slots from many producer threads to one consumer thread, in one global order.
///
/// Producers reserve n slots side by side, construct objects in their raw storage and commit them in one step, or
/// discard them. The consumer peeks at what is committed, in the order of reservation, and releases it. The ring knows
/// nothing of the lifetime of T: who reserves constructs, who releases destroys. event_processor does that for you.
///
/// Producers' verbs may be called from any thread (producer_kind::single: from one), the consumer's from one thread at
/// a time. reserve is lock-free (try_), commit and discard are wait-free, peek and release are wait-free for each event;
/// but order has its price: behind a reservation that its producer neither commits nor discards, everything waits.
///
/// \tparam T        any object type whose destructor does not throw
/// \tparam N        number of slots: a power of two, or std::dynamic_extent to give it to the constructor
/// \tparam Wait     how the waiting verbs wait: a wait_strategy
/// \tparam Options  see ring_options
/// \tparam Observer a class whose hooks are told what happens: see no_observer
template <class T, std::size_t N = 4096, class Wait = adaptive_wait, ring_options Options = ring_options{},
          class Observer = no_observer>
class ring_buffer {
    using ring_type = detail::ring<T, N, Wait, Options, Observer>;
    static constexpr bool is_static = N != std::dynamic_extent;
    static constexpr bool takes_observer = !std::is_same_v<Observer, no_observer> && std::is_move_constructible_v<Observer>;

public:
    using value_type = T;
    using wait_type = Wait;
    using observer_type = Observer;
    using range_type = slot_range<T>;
    using ready_type = typename ring_type::ready_type;

    /// Allocates all storage; nothing is allocated later. Throws std::bad_alloc.
    ring_buffer()
        requires(is_static && std::is_default_constructible_v<Observer> && std::is_default_constructible_v<Wait>)
        : ring_{0, N, nullptr} {}

    /// The same with a capacity given at run time. Throws std::invalid_argument if it is not a power of two or is
    /// less than Options.max_batch; std::bad_alloc.
    explicit ring_buffer(std::size_t capacity)
        requires(!is_static && std::is_default_constructible_v<Observer>)
        : ring_{0, capacity, nullptr} {}

    /// The same with an observer.
    explicit ring_buffer(Observer observer)
        requires(is_static && takes_observer)
        : ring_{0, N, nullptr, std::move(observer)} {}
    ring_buffer(std::size_t capacity, Observer observer)
        requires(!is_static && takes_observer)
        : ring_{0, capacity, nullptr, std::move(observer)} {}

    /// The same for a wait strategy that is made from something, as grouped_wait is from its wait_group, which has to live longer.
    template <class Group>
        requires(is_static && std::is_constructible_v<Wait, Group&> && !std::is_same_v<Group, ring_buffer>)
    explicit ring_buffer(Group& group)
        : ring_{0, N, &group} {}
    template <class Group>
        requires(!is_static && std::is_constructible_v<Wait, Group&>)
    ring_buffer(Group& group, std::size_t capacity)
        : ring_{0, capacity, &group} {}

    ring_buffer(ring_buffer const&) = delete;
    ring_buffer& operator=(ring_buffer const&) = delete;
    ~ring_buffer() = default;

    // ---- producers: any thread ----

    /// Reserves n slots side by side, or none. errc::full only if at some instant of the call fewer than n slots were
    /// free; errc::closed, errc::too_large, errc::invalid_size; errc::busy (producer_kind::single). Lock-free.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n = 1) noexcept {
        return ring_.try_reserve(n);
    }

    /// Reserves as many of n slots as are free, at least one and at most max_batch(). Errors as try_reserve, but never
    /// errc::too_large. Lock-free.
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept { return ring_.try_reserve_up_to(n); }

    /// Reserves n slots side by side, waiting for room as long as it takes. errc::closed (also if closed while it waits),
    /// errc::would_deadlock if this thread holds events that it has not released, errc::too_large, errc::invalid_size,
    /// errc::busy. A claim is made only when its room is there, so waiting reservations overtake each other freely.
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n = 1) {
        return ring_.reserve(n, detail::no_deadline, detail::never_stops{});
    }

#if EVPROC_HAS_STOP_TOKEN
    /// As reserve(n), until `stop` requests a stop: errc::stopped.
    [[nodiscard]] range_type reserve(std::stop_token stop, std::size_t n = 1) {
        return ring_.reserve(n, detail::no_deadline, stop);
    }
#endif

    /// As reserve(n), for at most `d`: errc::timed_out.
    template <class Rep, class Period>
    [[nodiscard]] range_type reserve_for(std::chrono::duration<Rep, Period> d, std::size_t n = 1) {
        return ring_.reserve(n, detail::deadline_after(d), detail::never_stops{});
    }

    /// As reserve(n), until `t` of any clock: errc::timed_out.
    template <class Clock, class Duration>
    [[nodiscard]] range_type reserve_until(std::chrono::time_point<Clock, Duration> t, std::size_t n = 1) {
        return ring_.reserve(n, detail::deadline_at(t), detail::never_stops{});
    }

    /// Makes all slots of `r` visible to the consumer in one step. Every element must have been constructed.
    /// Precondition: `r` has been neither committed nor discarded; an empty `r` is ignored. Wait-free.
    void commit(range_type const& r) noexcept { commit(r, r.size()); }

    /// Makes the first `built` slots of `r` visible in one step, all or none, and gives up the rest. Wait-free.
    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept {
        ring_.commit(r, built);
    }

    /// Gives the slots of `r` up; the consumer steps over them. What was constructed there must have been destroyed.
    /// Wait-free.
    void discard(range_type const& r) noexcept { ring_.discard(r); }

    /// Ends the order here: every reserve verb returns errc::closed from now on, those already waiting too. What was reserved
    /// before may still be committed, and the consumer gets it. Idempotent; from any thread.
    void close() noexcept { ring_.close(); }

    /// Whether close() was called. A hint, unless the caller knows otherwise that it was.
    [[nodiscard]] bool is_closed() const noexcept { return ring_.is_closed(); }

    // ---- consumer: one thread ----

    /// The events that are committed now, in order, at most `max`. Nothing is released; a second peek begins with the
    /// same event.
    [[nodiscard]] ready_type peek() noexcept { return peek(capacity()); }
    [[nodiscard]] ready_type peek(std::size_t max) noexcept { return ring_.peek(max); }

    /// Gives the slots of the first k events of the last peek back to the producers, and those discarded among and
    /// right behind them. Precondition: k is at most the size of the last peek, less what has been released since.
    void release(std::size_t k) noexcept { ring_.template release<detail::afterwards::leave>(k); }

    /// What stands at the front: more (an event is ready), idle, blocked (reserved and not committed), closed (and drained).
    /// Exact at that moment. It reads the producers' cache line.
    [[nodiscard]] poll_state state() const noexcept { return ring_.state(); }

    /// Waits until something is ready, the ring is closed and drained, or wake(). True if something is ready.
    bool wait() { return ring_.await(detail::no_deadline, detail::never_stops{}) == detail::wake_reason::ready; }

#if EVPROC_HAS_STOP_TOKEN
    /// As wait(), or until a stop is requested.
    bool wait(std::stop_token stop) { return ring_.await(detail::no_deadline, stop) == detail::wake_reason::ready; }
#endif

    /// As wait(), for at most `d`.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> d) {
        return ring_.await(detail::deadline_after(d), detail::never_stops{}) == detail::wake_reason::ready;
    }

    /// As wait(), until `t` of any clock.
    template <class Clock, class Duration>
    bool wait_until(std::chrono::time_point<Clock, Duration> t) {
        return ring_.await(detail::deadline_at(t), detail::never_stops{}) == detail::wake_reason::ready;
    }

    /// Makes a waiting consumer return; if none waits, the next wait returns at once. Any thread. What was done before
    /// wake() is seen by the consumer that it wakes.
    void wake() noexcept { ring_.wake(); }

    // ---- consumer in an event loop, where the wait strategy can (eventfd_wait) ----

    /// What the event loop watches; it becomes readable when the armed consumer has something to do. Do not read it.
    [[nodiscard]] auto native_handle()
        requires armable_wait<Wait>
    {
        return ring_.consumer_wait().native_handle();
    }

    /// To be called before sleeping in the event loop. False: there is something to do already, an event, the end of a
    /// closed ring, or a wake(): look, and do not sleep. True: native_handle() becomes readable as soon as there is. It
    /// may do so without cause, for one: when something behind an uncommitted reservation is committed.
    [[nodiscard]] bool arm()
        requires armable_wait<Wait>
    {
        return ring_.arm();
    }

    /// To be called after sleeping in the event loop: makes native_handle() unreadable again.
    void disarm() noexcept
        requires armable_wait<Wait>
    {
        ring_.disarm();
    }

    // ---- hints: any thread, stale at once ----

    /// How many slots are reserved and not yet released, committed or not; between 0 and capacity().
    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_.size_approx(); }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }

    /// How many slots there are: exactly N.
    [[nodiscard]] static constexpr std::size_t capacity() noexcept
        requires(N != std::dynamic_extent)
    {
        return N;
    }
    [[nodiscard]] std::size_t capacity() const noexcept
        requires(N == std::dynamic_extent)
    {
        return ring_.core().view().capacity();
    }
    /// The most slots that one reservation may hold.
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept
        requires(N != std::dynamic_extent)
    {
        return Options.max_batch == 0 ? N : Options.max_batch;
    }
    [[nodiscard]] std::size_t max_batch() const noexcept
        requires(N == std::dynamic_extent)
    {
        return ring_.core().view().max_batch();
    }

    /// The object that the consumer waits on. For wait strategies that offer more than waiting.
    [[nodiscard]] Wait& consumer_wait() noexcept { return ring_.consumer_wait(); }

    /// The observer whose hooks are called.
    [[nodiscard]] Observer& observer() noexcept { return ring_.observer(); }

private:
    friend struct detail::test_access;
    ring_buffer(detail::position first, std::size_t capacity) : ring_{first, capacity, nullptr} {}

    ring_type ring_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc {
inline namespace EVPROC_ABI {

/// Gets events from many threads to one, in one global order, without locks and without copies.
///
/// A producer reserves a slot, builds the event in it, and commits; the consumer handles events in place, in the order
/// of reservation. The handles clean up: an event that is never committed is destroyed and its slot skipped, and
/// so it is when a constructor or anything between reserve and commit throws. An event is destroyed when it has been
/// consumed, and what nobody consumed is destroyed with the processor.
///
/// Producers' verbs (producer_verbs) may be called from any thread (producer_kind::single: from one) and from the handler, the
/// consumer's from one thread at a time. try_ verbs are lock-free, commit and discard wait-free, poll is wait-free for each
/// event and never waits. But order has its price: behind a slot that its producer neither commits nor discards, everything
/// waits; state() says `blocked` then, and oldest_uncommitted() says which sequence it is and for how long.
///
/// The ring lives on the heap. Neither copyable nor movable. Parameters as for ring_buffer.
template <class Event, std::size_t N = 4096, class Wait = adaptive_wait, ring_options Options = ring_options{},
          class Observer = no_observer>
class event_processor
    : public producer_verbs<event_processor<Event, N, Wait, Options, Observer>, detail::ring<Event, N, Wait, Options, Observer>> {
    using ring_type = detail::ring<Event, N, Wait, Options, Observer>;
    static constexpr bool is_static = N != std::dynamic_extent;
    static constexpr bool takes_observer = !std::is_same_v<Observer, no_observer> && std::is_move_constructible_v<Observer>;

public:
    using event_type = Event;
    using committed_batch = evproc::committed_batch<ring_type>;

    /// Allocates all storage; nothing is allocated later. Throws std::bad_alloc.
    event_processor()
        requires(is_static && std::is_default_constructible_v<Observer> && std::is_default_constructible_v<Wait>)
        : event_processor{0, N} {}

    /// The same with a capacity given at run time. Throws std::invalid_argument if it is not a power of two or is
    /// less than Options.max_batch; std::bad_alloc.
    explicit event_processor(std::size_t capacity)
        requires(!is_static && std::is_default_constructible_v<Observer>)
        : event_processor{0, capacity} {}

    /// The same with an observer (no_observer says what that is).
    explicit event_processor(Observer observer)
        requires(is_static && takes_observer)
        : event_processor{0, N, std::move(observer)} {}
    event_processor(std::size_t capacity, Observer observer)
        requires(!is_static && takes_observer)
        : event_processor{0, capacity, std::move(observer)} {}

    /// The same for a wait strategy that is made from something, as grouped_wait is from its wait_group, which has to live longer.
    template <class Group>
        requires(is_static && std::is_constructible_v<Wait, Group&> && !std::is_same_v<Group, event_processor>)
    explicit event_processor(Group& group)
        : ring_{std::make_unique<ring_type>(0, N, &group)} {}
    template <class Group>
        requires(!is_static && std::is_constructible_v<Wait, Group&>)
    event_processor(Group& group, std::size_t capacity)
        : ring_{std::make_unique<ring_type>(0, capacity, &group)} {}

    event_processor(event_processor const&) = delete;
    event_processor& operator=(event_processor const&) = delete;

    /// Destroys the events that nobody consumed. Precondition: no other thread uses the processor, and no handle is
    /// live (asserted in checked builds).
    ~event_processor() {
        EVPROC_CHECK(!ring_->thread().is_entered(),
                     "an event_processor was destroyed inside its own handler or while a committed_batch was live");
        ring_->destroy_all();
    }

    // ---- consumer: one thread ----

    /// Hands what is ready to `handler`, in order, at most `max` events, and never waits. The handler takes (Event&) or
    /// (Event&, event_info const&) and returns void or event_action. An event is destroyed when the handler is done with
    /// it. If the handler throws, that event counts as consumed, none after it is touched, and the exception leaves poll.
    ///
    /// The state is `idle` if nothing more is ready (state() tells idle from blocked), `more` if poll stopped at `max` or because
    /// the handler said so: call again; `closed` if the processor is closed and drained.
    template <class Handler>
        requires detail::handler_of<Handler, Event&>
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler, std::size_t max) {
        return ring_->template poll<detail::delivery::events>(handler, max).polled;
    }
    template <class Handler>
        requires detail::handler_of<Handler, Event&>
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler) {
        return poll(handler, capacity());
    }

    /// As poll, but waits until there is something to hand out, the processor is closed and drained, or wake(). Without
    /// an event the state is exact: idle, blocked or closed.
    template <class Handler>
        requires detail::handler_of<Handler, Event&>
    poll_result poll_wait(Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As poll_wait, or until `stop` requests a stop.
    template <class Handler>
        requires detail::handler_of<Handler, Event&>
    poll_result poll_wait(std::stop_token stop, Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, stop);
    }
#endif
    /// As poll_wait, for at most `d`.
    template <class Rep, class Period, class Handler>
        requires detail::handler_of<Handler, Event&>
    poll_result poll_for(std::chrono::duration<Rep, Period> d, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_after(d), detail::never_stops{});
    }
    /// As poll_wait, until `t` of any clock.
    template <class Clock, class Duration, class Handler>
        requires detail::handler_of<Handler, Event&>
    poll_result poll_until(std::chrono::time_point<Clock, Duration> t, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_at(t), detail::never_stops{});
    }

    /// As poll, but hands out std::span<Event>: events that lie side by side. The span counts as one: event_info is of its
    /// first event, `keep` keeps all of it, and if the handler throws, all of it is consumed. A batch that was committed as one
    /// is never divided, except by `max`.
    template <class Handler>
        requires detail::handler_of<Handler, std::span<Event>>
    poll_result poll_batches(Handler&& handler, std::size_t max) {
        return ring_->template poll<detail::delivery::spans>(handler, max).polled;
    }
    template <class Handler>
        requires detail::handler_of<Handler, std::span<Event>>
    poll_result poll_batches(Handler&& handler) {
        return poll_batches(handler, capacity());
    }

    /// The events that are ready, at most `max`, to be read in place. Released when the view is destroyed, or by the next peek.
    committed_batch peek() { return peek(capacity()); }
    committed_batch peek(std::size_t max) { return {*ring_, max}; }

    /// What stands at the front: more (an event is ready), idle, blocked (reserved and not committed), closed (and drained).
    /// Exact at that moment. It reads the producers' cache line.
    [[nodiscard]] poll_state state() const noexcept { return ring_->state(); }

    /// Waits until something is ready, for peek, poll or poll_batches to take; nothing is consumed. False: the processor is
    /// closed and drained, or wake().
    bool wait() { return await(detail::no_deadline, detail::never_stops{}); }
#if EVPROC_HAS_STOP_TOKEN
    /// As wait(), or until a stop is requested.
    bool wait(std::stop_token stop) { return await(detail::no_deadline, stop); }
#endif
    /// As wait(), for at most `d`.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> d) {
        return await(detail::deadline_after(d), detail::never_stops{});
    }
    /// As wait(), until `t` of any clock.
    template <class Clock, class Duration>
    bool wait_until(std::chrono::time_point<Clock, Duration> t) {
        return await(detail::deadline_at(t), detail::never_stops{});
    }

    /// Polls until the processor is closed and drained (errc::closed), or the handler returns event_action::stop
    /// (errc::stopped). If the handler throws: closes the processor, wakes the producers, and lets the exception out.
    template <class Handler>
        requires detail::handler_of<Handler, Event&>
    run_result run(Handler&& handler) {
        return run_until_stopped(detail::never_stops{}, handler);
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As run(handler), or until `stop` requests a stop (errc::stopped); events that are ready then are left in the ring.
    template <class Handler>
        requires detail::handler_of<Handler, Event&>
    run_result run(std::stop_token stop, Handler&& handler) {
        return run_until_stopped(stop, handler);
    }
#if EVPROC_EXCEPTIONS
    /// As run(stop, handler); if the handler throws, `on_error(std::exception_ptr, Event&, event_info const&)` decides.
    template <class Handler, class OnError>
        requires detail::handler_of<Handler, Event&> &&
                 std::is_invocable_r_v<error_action, OnError&, std::exception_ptr, Event&, event_info const&>
    run_result run(std::stop_token stop, Handler&& handler, OnError&& on_error) {
        auto guarded = [&](Event& event, event_info const& info) -> event_action {
            return detail::call_guarded([&] { return detail::invoke_handler(handler, event, info); },
                                        [&](std::exception_ptr error) { return on_error(error, event, info); }, stop);
        };
        return run_until_stopped(stop, guarded);
    }
#endif
#endif

    /// Makes a waiting consumer return; if none waits, its next wait returns at once. Any thread.
    void wake() noexcept { ring_->wake(); }

    // ---- consumer in an event loop, where the wait strategy can (eventfd_wait) ----

    /// What the event loop watches; it becomes readable when the armed consumer has something to do. Do not read it.
    [[nodiscard]] auto native_handle()
        requires armable_wait<Wait>
    {
        return consumer_wait().native_handle();
    }
    /// To be called before sleeping in the event loop. False: there is something to do already: poll, and do not sleep.
    /// True: native_handle() becomes readable as soon as there is; it may do so without cause.
    [[nodiscard]] bool arm()
        requires armable_wait<Wait>
    {
        return ring_->arm();
    }
    /// To be called after sleeping in the event loop: makes native_handle() unreadable again.
    void disarm() noexcept
        requires armable_wait<Wait>
    {
        ring_->disarm();
    }

    // ---- consumer in a coroutine, where the wait strategy can (coroutine_wait) ----

    /// co_await it: suspends until events are ready, and gives them as peek() does; an empty batch means that the processor
    /// is closed and drained, or wake(). The coroutine is resumed by what `executor` is given to run, which has to live as
    /// long as producers use the processor. One coroutine at a time. See coroutine.hpp.
    template <class Executor>
    [[nodiscard]] auto next_batch(Executor& executor)
        requires requires(Wait& wait, ring_type& ring) { wait.next_batch(ring, executor, detail::never_stops{}); }
    {
        return consumer_wait().next_batch(*ring_, executor, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As next_batch(executor); a request to stop gives an empty batch.
    template <class Executor>
    [[nodiscard]] auto next_batch(std::stop_token stop, Executor& executor)
        requires requires(Wait& wait, ring_type& ring) { wait.next_batch(ring, executor, stop); }
    {
        return consumer_wait().next_batch(*ring_, executor, std::move(stop));
    }
#endif

    // ---- any thread ----

    /// Counts since construction. Looks at every slot in use; costs the hot path nothing.
    [[nodiscard]] processor_stats stats() const noexcept { return ring_->stats(); }

    /// Whether the consumer's next slot is reserved and not committed; its sequence, and for how long somebody has found it so:
    /// a waiting consumer, or an earlier call.
    [[nodiscard]] stall_info oldest_uncommitted() const noexcept { return ring_->oldest_uncommitted(); }

    // ---- hints: any thread, stale at once ----

    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_->size_approx(); }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }
    [[nodiscard]] static constexpr std::size_t capacity() noexcept
        requires(N != std::dynamic_extent)
    {
        return N;
    }
    [[nodiscard]] std::size_t capacity() const noexcept
        requires(N == std::dynamic_extent)
    {
        return ring_->capacity();
    }
    [[nodiscard]] static constexpr std::size_t max_batch() noexcept
        requires(N != std::dynamic_extent)
    {
        return Options.max_batch == 0 ? N : Options.max_batch;
    }
    [[nodiscard]] std::size_t max_batch() const noexcept
        requires(N == std::dynamic_extent)
    {
        return ring_->core().view().max_batch();
    }

    /// The object that the consumer waits on. For wait strategies that offer more than waiting.
    [[nodiscard]] Wait& consumer_wait() noexcept { return ring_->consumer_wait(); }

    /// The observer whose hooks are called.
    [[nodiscard]] Observer& observer() noexcept { return ring_->observer(); }
    [[nodiscard]] Observer const& observer() const noexcept { return ring_->observer(); }

private:
    friend struct detail::test_access;
    friend struct detail::ring_access;
    friend producer_verbs<event_processor, ring_type>;

    template <class... O>
    event_processor(detail::position first, std::size_t capacity, O&&... observer)
        : ring_{std::make_unique<ring_type>(first, capacity, nullptr, std::forward<O>(observer)...)} {}

    [[nodiscard]] EVPROC_ALWAYS_INLINE ring_type& ring() const noexcept { return *ring_; }

    template <class Stop>
    bool await(wait_deadline until, Stop const& stop) {
        return ring_->await(until, stop) == detail::wake_reason::ready;
    }

    template <class Handler, class Stop>
    poll_result poll_waiting(Handler& handler, wait_deadline until, Stop const& stop) {
        return detail::poll_waiting(*ring_, [&] { return poll_once(handler); }, until, stop);
    }
    template <class Stop, class Handler>
    run_result run_until_stopped(Stop const& stop, Handler& handler) {
        return detail::run_until_stopped(*ring_, [&] { return poll_once(handler); }, stop);
    }
    template <class Handler>
    EVPROC_ALWAYS_INLINE detail::poll_outcome poll_once(Handler& handler) {
        return ring_->template poll<detail::delivery::events>(handler, capacity());
    }

    std::unique_ptr<ring_type> ring_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/lane_processor.hpp
#include <cstddef>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>

// ---- evproc/detail/lane_ring.hpp
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

// ---- evproc/wait/grouped_wait.hpp
#include <cstdint>

namespace evproc {
inline namespace EVPROC_ABI {

/// The one place where the consumer of several rings sleeps.
///
///     evproc::wait_group<> group;
///     evproc::event_processor<order, 1024, evproc::grouped_wait<>> orders{group};
///     evproc::event_processor<command, 64, evproc::grouped_wait<>> commands{group};
///
/// A step of a producer of any of these rings wakes the consumer that waits in the group, as W does it. The group must
/// outlive its rings. One thread at a time consumes all of them (selector).
///
/// \tparam W how the consumer waits; eventfd_wait and coroutine_wait too: one eventfd, one suspension for all rings
template <class W = adaptive_wait>
class wait_group {
    static_assert(wait_strategy<W>, "evproc: W must satisfy evproc::wait_strategy (evproc/wait/wait_strategy.hpp)");

public:
    using wait_type = W;

    wait_group() = default;
    wait_group(wait_group const&) = delete;
    wait_group& operator=(wait_group const&) = delete;

    /// The object that the consumer waits on and that every ring of the group notifies.
    [[nodiscard]] EVPROC_ALWAYS_INLINE W& consumer_wait() noexcept { return wait_; }
    /// How often the consumer went to sleep here.
    [[nodiscard]] std::uint64_t parks() const noexcept { return wait_.parks(); }
    /// Which thread consumes: the same for all rings, so that a handler which reserves in a full sibling does not deadlock.
    [[nodiscard]] detail::consuming_thread& thread() noexcept { return thread_; }

private:
    W wait_;
    detail::consuming_thread thread_;
};

/// Makes a ring notify its group instead of a place of its own.
///
/// Use it for rings that one consumer takes events from; for a single ring it only costs: one more load for each commit,
/// of a pointer that never changes. Producers that wait for room in such a ring wait on a W of that ring.
template <class W = adaptive_wait>
class grouped_wait {
public:
    using group_type = wait_group<W>;
    /// What the ring keeps for its producers.
    using producers_wait = W;

    explicit grouped_wait(wait_group<W>& group) noexcept : group_{&group} {}

    /// Waits in the group, for this ring alone: steps in the other rings only make it look again.
    template <class Ready>
    bool wait(Ready&& ready, wait_deadline until) {
        return group_->consumer_wait().wait(ready, until);
    }
    EVPROC_ALWAYS_INLINE void notify() noexcept { group_->consumer_wait().notify(); }
    /// 0: the group counts, once for all its rings.
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }

    [[nodiscard]] group_type& group() const noexcept { return *group_; }

private:
    group_type* group_;
};

static_assert(wait_strategy<grouped_wait<>>);

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// One lane's ring, of a single producer, and whether somebody has it. Without a ring it is the lane of those who got none.
///
/// Edges: if the acquire reads what the release stored, then ...
///   E1  give_back -> take: the next owner sees the producer's own words as the last owner left them.
///   (That the consumer is done with the last owner's events is E2 of consumer_position.hpp.)
/// Relaxed, because
///   X1  the exchange carries no data: the load before it has acquired, and the number tells that nothing has happened since.
///   X2  (lane_table) used_ is raised before lane i is used, so before the events and the notifications that a sleeping consumer
///       has to see: their fences order it too.
///   X3  for a check: who destroys the lanes has waited for their owners to end.
/// Progress: wait-free, but for the waiting verbs.
template <class T, std::size_t N, class Wait>
class lane_ring {
public:
    using ring_type = detail::ring<T, N, grouped_wait<Wait>, ring_options{.producers = producer_kind::single}, no_observer>;
    using value_type = T;
    using range_type = typename ring_type::range_type;

    /// `none`: the lane that a moved-from handle has.
    void open(lane_ring& none, std::size_t capacity, wait_group<Wait>& group) {
        none_ = &none;
        ring_ = std::make_unique<ring_type>(0, capacity, &group);
    }
    [[nodiscard]] lane_ring& none() noexcept { return none_ != nullptr ? *none_ : *this; }
    [[nodiscard]] bool has_ring() const noexcept { return ring_ != nullptr; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE ring_type& ring() const noexcept { return *ring_; }

    // ---- ownership: any thread ----

    /// Takes the lane if nobody has it and all that was committed in it has been consumed.
    [[nodiscard]] bool take() noexcept {
        // E1 acquire: what the last owner reserved, and the producer's words.
        std::uint32_t turn = turn_.load(std::memory_order_acquire);
        if (is_taken(turn) || !is_drained()) return false;
        // X1 relaxed: if it succeeds, nobody has had the lane since the load above.
        return turn_.compare_exchange_strong(turn, turn + 1, std::memory_order_relaxed, std::memory_order_relaxed);
    }
    void give_back() noexcept {
        if (!has_ring()) return;
        EVPROC_CHECK(ring_->core().front_approx() == ring_->core().claimed_approx(),
                     "a lane was dropped while a reservation of it was live");
        // E1 release: to take().
        turn_.fetch_add(1, std::memory_order_release);
    }
#if EVPROC_CHECKED
    [[nodiscard]] bool has_owner() const noexcept {
        // X3 relaxed: for a check.
        return is_taken(turn_.load(std::memory_order_relaxed));
    }
#endif

    // ---- the owner: as producers' ----

    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type try_reserve(std::size_t n) noexcept {
        if (!has_ring()) [[unlikely]] return refused();
        return ring_->try_reserve(n);
    }
    [[nodiscard]] range_type try_reserve_up_to(std::size_t n) noexcept {
        if (!has_ring()) return refused();
        return ring_->try_reserve_up_to(n);
    }
    template <class Stop>
    [[nodiscard]] EVPROC_ALWAYS_INLINE range_type reserve(std::size_t n, wait_deadline until, Stop const& stop) {
        if (!has_ring()) [[unlikely]] return refused();
        return ring_->reserve(n, until, stop);
    }
    EVPROC_ALWAYS_INLINE void commit(range_type const& r, std::size_t built) noexcept { ring_->commit(r, built); }
    void discard(range_type const& r) noexcept { ring_->discard(r); }
    void close() noexcept {
        if (has_ring()) ring_->close();
    }
    [[nodiscard]] bool is_closed() const noexcept { return has_ring() && ring_->is_closed(); }
    errc flush(wait_deadline until) { return has_ring() ? ring_->flush(until) : errc::busy; }

private:
    [[nodiscard]] static range_type refused() noexcept { return {claim{errc::busy}, nullptr}; }

    [[nodiscard]] static constexpr bool is_taken(std::uint32_t turn) noexcept { return turn % 2 != 0; }
    /// Whether all that was reserved has been consumed, or given up.
    [[nodiscard]] bool is_drained() const noexcept {
        auto const& core = ring_->core();
        return core.gate().consumed() == core.claimed_approx();
    }

    std::unique_ptr<ring_type> ring_;
    lane_ring* none_ = nullptr;
    atomic<std::uint32_t> turn_{0};  ///< goes up by one whenever the lane is taken or given back
};

/// All lanes of a processor, as the sources of a round. Those that were never taken are not looked at.
///
template <class T, std::size_t N, class Wait>
class lane_table {
public:
    using lane_type = lane_ring<T, N, Wait>;
    using group_type = wait_group<Wait>;

    lane_table(std::size_t max_lanes, std::size_t capacity) : lanes_{std::make_unique<lane_type[]>(max_lanes)}, all_{max_lanes} {
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

    /// A lane that is free, one that is not closed if there is any; else the one without a ring.
    [[nodiscard]] lane_type& take() noexcept {
        for (bool const closed : {false, true}) {
            for (std::size_t i = 0; i != all_; ++i) {
                if (lanes_[i].is_closed() != closed || !lanes_[i].take()) continue;
                // X2 relaxed: its own store comes after.
                std::size_t used = used_.load(std::memory_order_relaxed);
                // X2 relaxed: before the lane is used.
                while (used <= i && !used_.compare_exchange_weak(used, i + 1, std::memory_order_relaxed, std::memory_order_relaxed)) {
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

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/detail/round.hpp
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>

// ---- evproc/detail/turns.hpp
// Whose turn it is, for a consumer of several rings: the two orders of looking.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// The first ring that has something; the ones before it are looked at again every `burst` events.
template <class Order>
class turns {
public:
    explicit turns(Order const& order) noexcept : burst_{std::max<std::size_t>(order.burst, 1)} {}

    void begin() noexcept { at_ = since_first_ = 0; }
    /// Whether all `n` rings came back empty, one right after the other.
    [[nodiscard]] bool all_empty(std::size_t n) noexcept {
        if (at_ < n) return false;
        at_ = 0;
        return std::exchange(since_first_, 0) == 0;
    }
    [[nodiscard]] std::size_t source() const noexcept { return at_; }
    /// The most events of this turn. Nobody comes before the first ring.
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

/// Round robin: each ring in turn gives as many events as its share, or what it has. The turn goes on over polls.
template <class Order>
    requires requires(Order const& order) { order.share; }
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
    /// From here on it is the next ring's turn, so that one whose events make the handler throw does not stay in front.
    void start() noexcept {
        turn_of_ = at_++;
        given_ = std::exchange(left_, 0);
        if (given_ == 0) given_ = share(turn_of_);
    }
    void end(std::size_t events, bool has_more) noexcept {
        // A ring that gave all it had counts as looked at: another look right away would meet the line that is being written.
        misses_ = has_more ? 0 : events == 0 ? misses_ + 1 : 1;
        if (!has_more || events >= given_) return;
        at_ = turn_of_;
        left_ = given_ - events;
    }

private:
    [[nodiscard]] std::size_t share(std::size_t i) const noexcept {
        if constexpr (requires { order_.share[i]; })
            return std::max<std::size_t>(order_.share[i], 1);
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

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc::detail {
inline namespace EVPROC_ABI {

struct ring_access {
    template <class Processor>
    [[nodiscard]] static auto& ring(Processor& processor) noexcept {
        return processor.ring();
    }
};

/// One consumer of several rings of one wait_group: n rings, one place to sleep, an order of looking. Every consumer of several
/// rings is a face over it.
///
/// `Sources`: `size()` rings may have something, `all()` there are; `visit(i, f)` calls f(ring); `group()`.
/// A pause (pacer.hpp) is taken only after all of them came back empty, so none is held up for another's batch.
template <class Sources, class Order, bool Paces>
class round {
    using group_type = typename Sources::group_type;
    using wait_type = typename group_type::wait_type;

public:
    round(Sources sources, Order const& order)
        : sources_{sources}, turns_{order}, kept_in_{std::make_unique<std::uint64_t[]>(sources_.all())}, pacer_{capacity(), 0} {}

    /// `take(i, most, to_front)` polls ring i, in a round, and gives a poll_outcome.
    template <class Take>
    EVPROC_ALWAYS_INLINE poll_outcome poll(Take take, std::size_t max) {
        consumer_scope const scope{sources_.group().thread()};
        ++polls_;
        std::size_t events = 0;
        unsigned pauses_left = 4;
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
            std::size_t const most = (std::min)(turns_.quantum(), max - events);
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

    /// As ring::state(), of all rings: what a consumer of any of them could do.
    [[nodiscard]] poll_state state() const noexcept {
        poll_state all = poll_state::closed;
        for (std::size_t i = 0; i != sources_.all(); ++i) {
            poll_state const one = sources_.visit(i, [](auto& ring) { return ring.state(); });
            if (one == poll_state::more) return one;
            if (one == poll_state::blocked || all == poll_state::closed) all = one;
        }
        return all;
    }

    /// Skips what was discarded in any ring, and releases it. True if an event is ready.
    [[nodiscard]] bool settle() noexcept {
        bool ready = false;
        for (std::size_t i = 0; i != sources_.size(); ++i) ready |= sources_.visit(i, [](auto& ring) { return ring.settle(); });
        return ready;
    }

    [[nodiscard]] bool is_ready() const noexcept {
        for (std::size_t i = 0; i != sources_.size(); ++i) {
            if (sources_.visit(i, [](auto& ring) { return ring.is_ready(); })) return true;
        }
        return false;
    }
    /// Whether every ring is closed and drained.
    [[nodiscard]] bool is_over() const noexcept {
        for (std::size_t i = 0; i != sources_.all(); ++i) {
            if (!sources_.visit(i, [](auto& ring) { return ring.is_over(); })) return false;
        }
        return true;
    }
    /// wake() of this, or of one of the rings.
    [[nodiscard]] bool take_wake() noexcept {
        bool woken = signals_.take_wake();
        for (std::size_t i = 0; i != sources_.all(); ++i) woken |= sources_.visit(i, [](auto& ring) { return ring.take_wake(); });
        return woken;
    }

    /// As ring::await().
    template <class Stop>
    wake_reason await(wait_deadline until, Stop const& stop) {
        using enum wake_reason;
        if (settle()) return ready;
        stop_notifier<Stop, wait_type> const notifier{stop, consumer_wait()};
        for (;;) {
            wait_condition<Stop> condition{*this, stop};
            bool const in_time = consumer_wait().wait(condition, until);
            if (settle()) return ready;
            if (condition.was_woken) return woken;
            if (is_over()) return over;
            if (stop.stop_requested()) return stopped;
            if (!in_time) {
                note_stalls();
                return timed_out;
            }
            // Only something discarded was there.
        }
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
        return go_away(*this, [this](auto look) { return consumer_wait().arm(look); }, never_stops{});
    }
    void disarm() noexcept {
        consumer_wait().disarm();
        static_cast<void>(take_wake());
    }

    [[nodiscard]] wait_type& consumer_wait() noexcept { return sources_.group().consumer_wait(); }
    [[nodiscard]] Sources const& sources() const noexcept { return sources_; }
    /// The sum over all rings.
    [[nodiscard]] std::size_t capacity() const noexcept {
        std::size_t sum = 0;
        for (std::size_t i = 0; i != sources_.all(); ++i) sum += sources_.visit(i, [](auto& ring) { return ring.capacity(); });
        return sum;
    }

private:
    template <class Stop>
    struct wait_condition {
        round& self;
        Stop const& stop;
        bool was_woken = false;
        unsigned looks = 0;

        bool operator()() noexcept {
            if (self.is_ready() || self.is_over()) return true;
            was_woken = self.take_wake();
            if (++looks == 64) self.note_stalls();
            return was_woken || stop.stop_requested();
        }
        void before_sleep() noexcept { self.note_stalls(); }
    };

    EVPROC_COLD void note_stalls() noexcept {
        for (std::size_t i = 0; i != sources_.size(); ++i)
            sources_.visit(i, [](auto& ring) {
                ring.note_stall();
                return true;
            });
    }

    // The consumer's own, but for signals_: what stands before it (a ring's address) is read by producers for each event.
    alignas(false_sharing_range) Sources const sources_;
    turns<Order> turns_;
    std::uint64_t polls_ = 0;
    std::unique_ptr<std::uint64_t[]> const kept_in_;  ///< for each ring: the number of the last poll that kept its event
    position delivered_ = 0;                          ///< number of events, for the pacer
    [[no_unique_address]] std::conditional_t<Paces, pacer, no_pacer> pacer_;
    signals signals_;
};

/// For the statistics of several rings.
inline void add(processor_stats& sum, processor_stats const& s) noexcept {
    sum.committed += s.committed;
    sum.consumed += s.consumed;
    sum.discarded += s.discarded;
    sum.full_waits += s.full_waits;
    sum.refused += s.refused;
    sum.max_depth = (std::max)(sum.max_depth, s.max_depth);
    sum.parks += s.parks;
}

/// Whether H is a handler for the Events of one of several rings.
template <class Event, class H>
inline constexpr bool takes_selected =
    std::is_invocable_v<H&, Event&, select_info const&> || std::is_invocable_v<H&, Event&>;

template <class Event, class H>
EVPROC_ALWAYS_INLINE event_action invoke_selected(H& handler, Event& event, select_info const& info) {
    if constexpr (std::is_invocable_v<H&, Event&, select_info const&>) {
        auto bound = [&](Event& e) -> decltype(auto) { return std::invoke(handler, e, info); };
        return invoke_handler(bound, event, info);
    } else {
        return invoke_handler(handler, event, info);
    }
}

/// One turn of ring `source`.
template <class Ring, class H>
EVPROC_ALWAYS_INLINE poll_outcome take_turn(Ring& ring, H& handler, std::size_t source, std::size_t most, bool to_front = false) {
    using event = typename Ring::value_type;
    if constexpr (std::is_invocable_v<H&, event&, select_info const&>) {
        auto with_source = [&](event& e, event_info const& info) { return invoke_selected(handler, e, select_info{info, source}); };
        return ring.template poll<delivery::events, true>(with_source, most, to_front);
    } else {
        return ring.template poll<delivery::events, true>(handler, most, to_front);
    }
}

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/selecting_verbs.hpp
#include <chrono>
#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

namespace evproc {
namespace detail {
inline namespace EVPROC_ABI {

/// Asked only when a verb is called: clang 14 would look into Self while it is incomplete.
template <class Self, class Handler>
inline constexpr bool is_accepted = Self::template accepts<Handler>;

}  // namespace EVPROC_ABI
}  // namespace detail

inline namespace EVPROC_ABI {

/// The consumer's verbs over several rings: of selector, priority_processor and lane_processor. For one thread at a time.
///
/// A handler is called with (Event&) or (Event&, select_info const&) and returns void or event_action; for rings of different
/// types it is an overload set. `stop` and an exception act as in event_processor, at once and for all rings. `keep` rests the
/// ring of that event until the next poll, and poll goes on with the others.
///
/// \tparam Self derives from this
/// \tparam Wait how its consumer waits
template <class Self, class Wait>
class selecting_verbs {
public:
    /// Hands out what is ready, in the order of looking, at most `max` events, and never waits. If the handler throws, that event
    /// counts as consumed, none after it is touched, and the exception leaves poll. Wait-free for each event.
    ///
    /// The state is `idle` if nothing more is ready (state() tells idle from blocked), `more` if poll stopped at `max` or because
    /// the handler said so; `closed` if all rings are closed and drained.
    template <class Handler>
        requires(detail::is_accepted<Self, Handler>)
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler, std::size_t max) {
        return self().poll_round(handler, max).polled;
    }
    /// The same; at most as many events as all rings together have slots.
    template <class Handler>
        requires(detail::is_accepted<Self, Handler>)
    EVPROC_ALWAYS_INLINE poll_result poll(Handler&& handler) {
        return poll_all(handler).polled;
    }

    /// As poll, but waits until there is something to hand out, all is closed and drained, or wake(). Without an event the state
    /// is exact: idle, blocked or closed.
    template <class Handler>
        requires(detail::is_accepted<Self, Handler>)
    poll_result poll_wait(Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As poll_wait, or until `stop` requests a stop.
    template <class Handler>
        requires(detail::is_accepted<Self, Handler>)
    poll_result poll_wait(std::stop_token stop, Handler&& handler) {
        return poll_waiting(handler, detail::no_deadline, stop);
    }
#endif
    /// As poll_wait, for at most `d`.
    template <class Rep, class Period, class Handler>
        requires(detail::is_accepted<Self, Handler>)
    poll_result poll_for(std::chrono::duration<Rep, Period> d, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_after(d), detail::never_stops{});
    }
    /// As poll_wait, until `t` of any clock.
    template <class Clock, class Duration, class Handler>
        requires(detail::is_accepted<Self, Handler>)
    poll_result poll_until(std::chrono::time_point<Clock, Duration> t, Handler&& handler) {
        return poll_waiting(handler, detail::deadline_at(t), detail::never_stops{});
    }

    /// `more` if an event is ready in any ring; else `blocked` if in any of them the next slot is reserved and not committed;
    /// `closed` if all are closed and drained; else `idle`. It reads the producers' cache lines.
    [[nodiscard]] poll_state state() noexcept { return round().state(); }

    /// Waits until something is ready in any ring; nothing is consumed. False: all is closed and drained, or wake().
    bool wait() { return await(detail::no_deadline, detail::never_stops{}); }
#if EVPROC_HAS_STOP_TOKEN
    /// As wait(), or until a stop is requested.
    bool wait(std::stop_token stop) { return await(detail::no_deadline, stop); }
#endif
    /// As wait(), for at most `d`.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> d) {
        return await(detail::deadline_after(d), detail::never_stops{});
    }
    /// As wait(), until `t` of any clock.
    template <class Clock, class Duration>
    bool wait_until(std::chrono::time_point<Clock, Duration> t) {
        return await(detail::deadline_at(t), detail::never_stops{});
    }

    /// Polls until all is closed and drained (errc::closed), or the handler returns event_action::stop (errc::stopped). If the
    /// handler throws: closes all rings, wakes the producers, and lets the exception out.
    template <class Handler>
        requires(detail::is_accepted<Self, Handler>)
    run_result run(Handler&& handler) {
        return run_until_stopped(detail::never_stops{}, handler);
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As run(handler), or until `stop` requests a stop (errc::stopped); events that are ready then are left in their rings.
    template <class Handler>
        requires(detail::is_accepted<Self, Handler>)
    run_result run(std::stop_token stop, Handler&& handler) {
        return run_until_stopped(stop, handler);
    }
#if EVPROC_EXCEPTIONS
    /// As run(stop, handler); if the handler throws, `on_error(std::exception_ptr, Event&, select_info const&)` decides.
    template <class Handler, class OnError>
        requires(detail::is_accepted<Self, Handler>)
    run_result run(std::stop_token stop, Handler&& handler, OnError&& on_error) {
        auto guarded = [&](auto& event, select_info const& info) -> event_action {
            return detail::call_guarded([&] { return detail::invoke_selected(handler, event, info); },
                                        [&](std::exception_ptr error) { return on_error(error, event, info); }, stop);
        };
        return run_until_stopped(stop, guarded);
    }
#endif
#endif

    /// Makes a waiting consumer return; if none waits, its next wait returns at once. Any thread. So does wake() of one of the rings.
    void wake() noexcept { round().wake(); }

    /// Closes all rings. Idempotent; any thread, and from the handler.
    void close() noexcept { round().close(); }

    // ---- in an event loop, where the wait strategy can (eventfd_wait): as event_processor's, for all rings ----

    [[nodiscard]] auto native_handle()
        requires armable_wait<Wait>
    {
        return round().consumer_wait().native_handle();
    }
    [[nodiscard]] bool arm()
        requires armable_wait<Wait>
    {
        return round().arm();
    }
    void disarm() noexcept
        requires armable_wait<Wait>
    {
        round().disarm();
    }

    // ---- in a coroutine, where the wait strategy can (coroutine_wait) ----

    /// co_await it: suspends until something is ready in any ring, for poll to take, and gives true. False: all is closed and
    /// drained, or wake(). The coroutine is resumed by what `executor` is given to run, which has to live as long as producers
    /// use the rings. One coroutine at a time: one suspension for all rings.
    template <class Executor>
        requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto when_ready(Executor& executor) {
        return round().consumer_wait().when_ready(round(), executor, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As when_ready(executor); a request to stop gives false.
    template <class Executor>
        requires resuming_wait<Wait, Executor>
    [[nodiscard]] auto when_ready(std::stop_token stop, Executor& executor) {
        return round().consumer_wait().when_ready(round(), executor, std::move(stop));
    }
#endif

protected:
    selecting_verbs() = default;
    ~selecting_verbs() = default;

private:
    [[nodiscard]] EVPROC_ALWAYS_INLINE Self& self() noexcept { return static_cast<Self&>(*this); }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto& round() noexcept { return self().round(); }

    template <class Handler>
    EVPROC_ALWAYS_INLINE detail::poll_outcome poll_all(Handler& handler) {
        return self().poll_round(handler, self().total_capacity());
    }
    template <class Stop>
    bool await(wait_deadline until, Stop const& stop) {
        return round().await(until, stop) == detail::wake_reason::ready;
    }
    template <class Handler, class Stop>
    poll_result poll_waiting(Handler& handler, wait_deadline until, Stop const& stop) {
        return detail::poll_waiting(round(), [&] { return poll_all(handler); }, until, stop);
    }
    template <class Stop, class Handler>
    run_result run_until_stopped(Stop const& stop, Handler& handler) {
        return detail::run_until_stopped(round(), [&] { return poll_all(handler); }, stop);
    }
};

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc {
inline namespace EVPROC_ABI {

/// A producer's own ring in a lane_processor, with the producers' verbs. Move-only; for one thread at a time, one reservation at a
/// time (errc::busy while one is live). Dropped, it is given back: what was committed still arrives. No reservation may be live
/// then (asserted in checked builds). Must not outlive its processor.
///
/// A lane that was not to be had, or was moved from, is false: its verbs return errc::busy. close() ends this lane only.
template <class Event, std::size_t N, class Wait>
class [[nodiscard]] lane : public producer_verbs<lane<Event, N, Wait>, detail::lane_ring<Event, N, Wait>> {
    using ring_type = detail::lane_ring<Event, N, Wait>;

public:
    lane(lane&& other) noexcept : ring_{std::exchange(other.ring_, &other.ring_->none())} {}
    /// Gives back what this has, then takes over.
    lane& operator=(lane&& other) noexcept {
        if (this != &other) {
            ring_->give_back();
            ring_ = std::exchange(other.ring_, &other.ring_->none());
        }
        return *this;
    }
    ~lane() { ring_->give_back(); }

    /// Whether there is a ring.
    explicit operator bool() const noexcept { return ring_->has_ring(); }

private:
    template <class E, std::size_t M, class W>
    friend class lane_processor;
    friend producer_verbs<lane, ring_type>;

    explicit lane(ring_type& ring) noexcept : ring_{&ring} {}
    [[nodiscard]] EVPROC_ALWAYS_INLINE ring_type& ring() const noexcept { return *ring_; }

    ring_type* ring_;
};

/// Gets events from many threads to one, each over a ring of its own: no claim is shared, so producers do not slow each other
/// down. The price is the global order: order is kept within a lane only.
///
/// A thread takes a lane by producer() and drops it when it is done; threads may come and go. The ring of a dropped lane is given
/// out again once all that was committed in it has been consumed. Each lane is full, or stalled, by itself. The consumer goes round
/// the lanes, at most 64 events from each in turn, so none starves.
///
/// Consumer's verbs: selecting_verbs; select_info::source is the lane, a number below max_lanes(). poll says `closed` after close(),
/// once all lanes are drained. An empty poll looks at each lane that was ever taken. Neither copyable nor movable.
///
/// \tparam N capacity of each lane; std::dynamic_extent: given to the constructor
/// \tparam Wait how the consumer waits for all lanes, and how a producer waits for room in its own
template <class Event, std::size_t N = 4096, class Wait = adaptive_wait>
class lane_processor : public selecting_verbs<lane_processor<Event, N, Wait>, Wait> {
    static constexpr bool is_static = N != std::dynamic_extent;

public:
    using event_type = Event;
    using wait_type = Wait;
    using lane = evproc::lane<Event, N, Wait>;
    template <class H>
    static constexpr bool accepts = detail::takes_selected<Event, std::remove_reference_t<H>>;

    /// Allocates the rings of all lanes; nothing is allocated later. Throws std::invalid_argument if max_lanes is 0;
    /// std::bad_alloc.
    explicit lane_processor(std::size_t max_lanes)
        requires(is_static)
        : lanes_{checked(max_lanes), N}, round_{row{&lanes_}, turn{}} {}
    /// The same with a capacity of each lane given at run time. Throws std::invalid_argument also if it is not a power of two.
    lane_processor(std::size_t max_lanes, std::size_t capacity)
        requires(!is_static)
        : lanes_{checked(max_lanes), capacity}, round_{row{&lanes_}, turn{}} {}
    lane_processor(lane_processor const&) = delete;
    lane_processor& operator=(lane_processor const&) = delete;
    /// Destroys the events that nobody consumed. Precondition: no other thread uses the processor, and no lane is live (asserted
    /// in checked builds).
    ~lane_processor() = default;

    /// A lane for the calling thread, or for the one that it is moved to. Without one that is free and drained: a lane that is
    /// false. After close(): a lane whose verbs say errc::closed, if one is free. Any thread; lock-free; looks at each lane.
    lane producer() noexcept { return lane{lanes_.take()}; }
    [[nodiscard]] std::size_t max_lanes() const noexcept { return lanes_.all(); }

    /// The sum over all lanes since construction; `max_depth` is the deepest lane's. Any thread.
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

    /// What the consumer waits on. For wait strategies that offer more than waiting.
    [[nodiscard]] Wait& consumer_wait() noexcept { return lanes_.group().consumer_wait(); }

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
        template <class F>
        EVPROC_ALWAYS_INLINE auto visit(std::size_t i, F f) const {
            return f(lanes->ring(i));
        }
    };

    [[nodiscard]] static std::size_t checked(std::size_t max_lanes) {
        if (max_lanes != 0) return max_lanes;
#if EVPROC_EXCEPTIONS
        throw std::invalid_argument("evproc: a lane_processor needs a lane");
#else
        detail::check_failed("a lane_processor needs a lane", __FILE__, __LINE__);
#endif
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE auto& round() noexcept { return round_; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t total_capacity() const noexcept {
        return lanes_.all() * lanes_.ring(0).capacity();
    }
    template <class Handler>
    EVPROC_ALWAYS_INLINE detail::poll_outcome poll_round(Handler& handler, std::size_t max) {
        return round_.poll(
            [&](std::size_t i, std::size_t most, bool to_front) {
                return detail::take_turn(lanes_.ring(i), handler, i, most, to_front);
            },
            max);
    }

    table lanes_;
    detail::round<row, turn, true> round_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/priority_processor.hpp
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

// ---- evproc/selector.hpp
#include <array>
#include <cstddef>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

namespace evproc {
inline namespace EVPROC_ABI {

/// Order of looking: the first ring that has something comes first. While the later rings are served, the ones before are looked
/// at again every `burst` events. The first ring may starve the later ones: that is what it is for.
struct strict {
    std::size_t burst = 16;  ///< 0 counts as 1
};

/// Order of looking: round robin; ring i gives at most share[i] events (0 counts as 1) before it is the next one's turn. Nothing
/// starves. `weighted{3, 1}` is weighted<2>.
template <std::size_t N>
struct weighted {
    std::array<std::size_t, N> share;
};
template <class... Shares>
    requires(std::is_convertible_v<Shares, std::size_t> && ...)
weighted(Shares...) -> weighted<sizeof...(Shares)>;
template <std::size_t N>
weighted(std::array<std::size_t, N>) -> weighted<N>;

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// The rings of processors of different types.
template <class Group, class... Rings>
class ring_tuple {
public:
    using group_type = Group;

    ring_tuple(Group& group, Rings&... rings) noexcept : group_{&group}, rings_{&rings...} {}

    [[nodiscard]] Group& group() const noexcept { return *group_; }
    [[nodiscard]] static constexpr std::size_t size() noexcept { return sizeof...(Rings); }
    [[nodiscard]] static constexpr std::size_t all() noexcept { return sizeof...(Rings); }
    /// Calls f(ring i), which returns a value.
    template <class F>
    EVPROC_ALWAYS_INLINE auto visit(std::size_t i, F f) const {
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

template <class Processor, class... Others>
struct selectable {
    static_assert((in_group<Processor> && ... && in_group<Others>),
                  "evproc: a selector takes event_processors that wait in a group: event_processor<E, N, evproc::grouped_wait<>> p{group}");
    using group = typename wait_of<Processor>::group_type;
    static_assert((std::is_same_v<group, typename wait_of<Others>::group_type> && ...),
                  "evproc: all processors of a selector have to be in one wait_group");
    using sources = ring_tuple<group, ring_of<Processor>, ring_of<Others>...>;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc {
inline namespace EVPROC_ABI {

/// The one consumer of several event_processors, which may be of different types. Borrows them; they have to live longer.
///
///     evproc::wait_group<> group;
///     evproc::event_processor<order, 1024, evproc::grouped_wait<>> orders{group};
///     evproc::event_processor<command, 64, evproc::grouped_wait<>> commands{group};
///     evproc::selector events{evproc::strict{}, commands, orders};
///     events.run(overloads{[](command&) { ... }, [](order&) { ... }});
///
/// Each ring keeps its own order, room and end; a full ring and a stalled producer hold up their own ring only. A verb that would
/// wait for room in any of the rings, in the handler, says errc::would_deadlock. While a selector is used, nothing else consumes
/// from its processors. An empty poll looks at each ring once. Neither copyable nor movable.
///
/// \tparam Order strict, or weighted with one share for each processor
template <class Order, class... Processors>
class selector
    : public selecting_verbs<selector<Order, Processors...>, typename detail::selectable<Processors...>::group::wait_type> {
    static_assert(sizeof...(Processors) != 0, "evproc: a selector needs a processor");
    using sources_type = typename detail::selectable<Processors...>::sources;
    using group_type = typename sources_type::group_type;
    static constexpr bool paces = (detail::ring_of<Processors>::paces && ...);
    using round_type = detail::round<sources_type, Order, paces>;

public:
    using wait_type = typename group_type::wait_type;
    /// Whether H can handle the events of all processors.
    template <class H>
    static constexpr bool accepts =
        (detail::takes_selected<typename Processors::event_type, std::remove_reference_t<H>> && ...);

    /// Throws std::invalid_argument if the processors are not all in one wait_group; std::bad_alloc.
    selector(Order order, Processors&... processors)
        : round_{sources_type{common_group(processors...), detail::ring_access::ring(processors)...}, order} {
        if constexpr (requires { order.share.size(); })
            static_assert(order.share.size() == sizeof...(Processors), "evproc: weighted needs one share for each processor");
    }
    selector(selector const&) = delete;
    selector& operator=(selector const&) = delete;
    /// The processors stay as they are. Precondition: not in the handler (asserted in checked builds).
    ~selector() { EVPROC_CHECK(!round_.sources().group().thread().is_entered(), "a selector was destroyed inside its own handler"); }

    /// What the consumer waits on. For wait strategies that offer more than waiting.
    [[nodiscard]] wait_type& consumer_wait() noexcept { return round_.consumer_wait(); }

private:
    friend selecting_verbs<selector, wait_type>;

    template <class First, class... Others>
    static group_type& common_group(First& first, Others&... others) {
        group_type& group = first.consumer_wait().group();
        if ((... && (&others.consumer_wait().group() == &group))) return group;
#if EVPROC_EXCEPTIONS
        throw std::invalid_argument("evproc: the processors of a selector have to be in one wait_group");
#else
        detail::check_failed("the processors of a selector have to be in one wait_group", __FILE__, __LINE__);
#endif
    }

    [[nodiscard]] EVPROC_ALWAYS_INLINE round_type& round() noexcept { return round_; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t total_capacity() const noexcept { return round_.capacity(); }
    template <class Handler>
    EVPROC_ALWAYS_INLINE detail::poll_outcome poll_round(Handler& handler, std::size_t max) {
        return round_.poll(
            [&](std::size_t i, std::size_t most, bool to_front) {
                return round_.sources().visit(i, [&](auto& ring) { return detail::take_turn(ring, handler, i, most, to_front); });
            },
            max);
    }

    round_type round_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// Processors of one type, side by side.
template <class Group, class Processor>
class processor_row {
public:
    using group_type = Group;

    processor_row(Group& group, Processor* first, std::size_t size) noexcept : group_{&group}, first_{first}, size_{size} {}

    [[nodiscard]] Group& group() const noexcept { return *group_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t all() const noexcept { return size_; }
    template <class F>
    EVPROC_ALWAYS_INLINE auto visit(std::size_t i, F f) const {
        return f(ring_access::ring(first_[i]));
    }

private:
    Group* group_;
    Processor* first_;
    std::size_t size_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc {
inline namespace EVPROC_ABI {

/// Gets events from many threads to one, the urgent ones first: an event_processor for each level, level 0 the most urgent.
///
/// The handler gets the most urgent event that is ready; in a running poll, an urgent event overtakes within 16 events of less
/// urgent levels (selector, strict). Order, room and end are per level: a full level holds up its own producers only, and a stalled
/// producer its own level. Urgent levels may starve the others: that is what they are for.
///
/// Producers' verbs are event_processor's with the level in front: publish(1, args...). Precondition: level < Levels (asserted in
/// checked builds). Consumer's verbs: selecting_verbs; select_info::source is the level. Neither copyable nor movable.
///
/// \tparam N capacity of each level; std::dynamic_extent: given to the constructor
/// \tparam Wait how the consumer waits for all levels, and how producers wait for room in one
template <class Event, std::size_t Levels, std::size_t N = 4096, class Wait = adaptive_wait>
class priority_processor : public selecting_verbs<priority_processor<Event, Levels, N, Wait>, Wait> {
    static_assert(Levels != 0, "evproc: a priority_processor needs a level");
    static constexpr bool is_static = N != std::dynamic_extent;

public:
    using event_type = Event;
    using wait_type = Wait;
    using level_type = event_processor<Event, N, grouped_wait<Wait>>;
    template <class H>
    static constexpr bool accepts = detail::takes_selected<Event, std::remove_reference_t<H>>;

    /// Allocates all storage; nothing is allocated later. Throws std::bad_alloc.
    priority_processor()
        requires(is_static)
        : priority_processor{std::make_index_sequence<Levels>{}} {}
    /// The same with a capacity of each level given at run time. Throws std::invalid_argument if it is not a power of two;
    /// std::bad_alloc.
    explicit priority_processor(std::size_t capacity)
        requires(!is_static)
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
#if EVPROC_HAS_STOP_TOKEN
    [[nodiscard]] auto reserve(std::size_t i, std::stop_token stop) { return level(i).reserve(std::move(stop)); }
#endif
    template <class Rep, class Period>
    [[nodiscard]] auto reserve_for(std::size_t i, std::chrono::duration<Rep, Period> d) {
        return level(i).reserve_for(d);
    }
    template <class Clock, class Duration>
    [[nodiscard]] auto reserve_until(std::size_t i, std::chrono::time_point<Clock, Duration> t) {
        return level(i).reserve_until(t);
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto try_reserve_batch(std::size_t i, std::size_t n) noexcept {
        return level(i).try_reserve_batch(n);
    }
    [[nodiscard]] auto try_reserve_batch_up_to(std::size_t i, std::size_t n) noexcept {
        return level(i).try_reserve_batch_up_to(n);
    }
    [[nodiscard]] EVPROC_ALWAYS_INLINE auto reserve_batch(std::size_t i, std::size_t n) { return level(i).reserve_batch(n); }
#if EVPROC_HAS_STOP_TOKEN
    [[nodiscard]] auto reserve_batch(std::size_t i, std::stop_token stop, std::size_t n) {
        return level(i).reserve_batch(std::move(stop), n);
    }
#endif
    template <class Rep, class Period>
    [[nodiscard]] auto reserve_batch_for(std::size_t i, std::chrono::duration<Rep, Period> d, std::size_t n) {
        return level(i).reserve_batch_for(d, n);
    }
    template <class Clock, class Duration>
    [[nodiscard]] auto reserve_batch_until(std::size_t i, std::chrono::time_point<Clock, Duration> t, std::size_t n) {
        return level(i).reserve_batch_until(t, n);
    }
    template <class... Args>
    EVPROC_ALWAYS_INLINE errc try_publish(std::size_t i, Args&&... args) noexcept(
        noexcept(std::declval<level_type&>().try_publish(std::forward<Args>(args)...))) {
        return level(i).try_publish(std::forward<Args>(args)...);
    }
    template <class... Args>
    EVPROC_ALWAYS_INLINE errc publish(std::size_t i, Args&&... args) {
        return level(i).publish(std::forward<Args>(args)...);
    }
    errc flush(std::size_t i) { return level(i).flush(); }
    template <class Rep, class Period>
    errc flush_for(std::size_t i, std::chrono::duration<Rep, Period> d) {
        return level(i).flush_for(d);
    }

    // ---- any thread ----

    /// Whether close() was called for all levels; level(i).is_closed() tells of one.
    [[nodiscard]] bool is_closed() const noexcept {
        return std::all_of(levels_.begin(), levels_.end(), [](level_type const& l) { return l.is_closed(); });
    }
    /// The sum over all levels; level(i).stats() has those of one. `max_depth` is the deepest level's.
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

    /// What the consumer waits on. For wait strategies that offer more than waiting.
    [[nodiscard]] Wait& consumer_wait() noexcept { return group_.consumer_wait(); }

private:
    friend selecting_verbs<priority_processor, Wait>;
    using row_type = detail::processor_row<wait_group<Wait>, level_type>;
    using round_type = detail::round<row_type, strict, true>;

    template <std::size_t... I, class... Capacity>
    explicit priority_processor(std::index_sequence<I...>, Capacity... capacity)
        : levels_{{(static_cast<void>(I), level_type(group_, capacity...))...}},
          round_{row_type{group_, levels_.data(), Levels}, strict{}} {}

    [[nodiscard]] EVPROC_ALWAYS_INLINE round_type& round() noexcept { return round_; }
    [[nodiscard]] EVPROC_ALWAYS_INLINE std::size_t total_capacity() const noexcept { return Levels * levels_[0].capacity(); }
    template <class Handler>
    EVPROC_ALWAYS_INLINE detail::poll_outcome poll_round(Handler& handler, std::size_t max) {
        return round_.poll(
            [&](std::size_t i, std::size_t most, bool to_front) {
                return detail::take_turn(detail::ring_access::ring(levels_[i]), handler, i, most, to_front);
            },
            max);
    }

    wait_group<Wait> group_;
    std::array<level_type, Levels> levels_;
    round_type round_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/record_processor.hpp
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

// ---- evproc/detail/record_ring.hpp
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>

// ---- evproc/detail/record_types.hpp
// How a typed record lies in the slots of a ring: a header, the event, and the bytes of its tail.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <type_traits>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// The first bytes of a record. Written by commit.
struct record_header {
    std::uint32_t units;   ///< how many slots the record has
    std::uint16_t type;    ///< which of the types
    std::uint16_t unused;  ///< number of bytes behind the tail
};

/// A slot: raw memory, but for the header if it is the first of a record.
template <std::size_t Size>
struct alignas(Size) record_unit {
    record_header header;
};

/// What is known at compile time of the types of a record_processor. A slot has at least `Unit` bytes, and is as aligned as the
/// most aligned type, so each type is honoured.
template <std::size_t Unit, class... Events>
struct record_types {
    static_assert(sizeof...(Events) != 0, "evproc: one_of<> needs at least one type");
    static_assert(sizeof...(Events) <= (std::numeric_limits<std::uint16_t>::max)(), "evproc: one_of<> has too many types");
    static_assert(((std::is_object_v<Events> && !std::is_array_v<Events> && !std::is_const_v<Events>) && ...),
                  "evproc: each type of one_of must be an object type, neither const nor an array: wrap an array in a struct");
    static_assert((std::is_nothrow_destructible_v<Events> && ...),
                  "evproc: the destructors of all types of one_of must not throw, since they run while slots are released");

    template <class E>
    static constexpr std::size_t count_of = (std::size_t{std::is_same_v<E, Events>} + ...);
    static_assert(((count_of<Events> == 1) && ...), "evproc: the types of one_of must differ from each other");

    static constexpr std::size_t unit_size = (std::max)({Unit == 0 ? std::size_t{32} : Unit, alignof(Events)...});
    static_assert(std::has_single_bit(unit_size) && unit_size >= sizeof(record_header),
                  "evproc: ring_options::unit must be a power of two, at least 8");
    static_assert(unit_size <= 65536, "evproc: a unit or an alignment beyond 65536 is not supported");
    using unit = record_unit<unit_size>;

    template <class E>
    static constexpr bool contains = count_of<E> == 1;
    template <class E>
    static constexpr std::uint16_t index = [] {
        std::uint16_t i = 0;
        static_cast<void>(((!std::is_same_v<E, Events> && (++i, true)) && ...));
        return i;
    }();

    /// Where the event and its tail stand in the record, in bytes.
    template <class E>
    static constexpr std::size_t event_at = (sizeof(record_header) + alignof(E) - 1) / alignof(E) * alignof(E);
    template <class E>
    static constexpr std::size_t tail_at = event_at<E> + sizeof(E);

    /// How many slots a record takes. A number that no ring has, if there is none.
    template <class E>
    [[nodiscard]] static constexpr std::size_t units(std::size_t tail) noexcept {
        constexpr std::size_t most = (std::numeric_limits<std::size_t>::max)();
        if (tail > most - tail_at<E> - unit_size) return most;
        return (tail_at<E> + tail + unit_size - 1) / unit_size;
    }

    [[nodiscard]] static std::byte* bytes(unit* first) noexcept { return reinterpret_cast<std::byte*>(first); }

    template <class E>
    [[nodiscard]] static E* event(unit* first) noexcept {
        return std::launder(reinterpret_cast<E*>(bytes(first) + event_at<E>));
    }
    /// The tail of a committed record.
    template <class E>
    [[nodiscard]] static std::span<std::byte> tail(unit* first) noexcept {
        return {bytes(first) + tail_at<E>, first->header.units * unit_size - tail_at<E> - first->header.unused};
    }

    /// Calls `f(E&, tail)` with the event of a committed record.
    template <class F>
    EVPROC_ALWAYS_INLINE static event_action visit(unit* first, F&& f) {
        std::uint16_t const type = first->header.type;
        event_action result = event_action::next;
        static_cast<void>(((type == index<Events> && (result = f(*event<Events>(first), tail<Events>(first)), true)) || ...));
        return result;
    }
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

namespace evproc::detail {
inline namespace EVPROC_ABI {

using record_tail = std::span<std::byte>;

template <class H, class E>
inline constexpr bool takes_tail_and_info = std::is_invocable_v<H&, E&, record_tail, event_info const&>;
template <class H, class E>
inline constexpr bool takes_tail = takes_tail_and_info<H, E> || std::is_invocable_v<H&, E&, record_tail>;
template <class H, class E>
inline constexpr bool wants_info = takes_tail<H, E> ? takes_tail_and_info<H, E> : takes_info<H, E&>;

/// One sentence for each type that a handler does not accept: the compiler names E.
template <class H, class E>
struct accepts {
    static_assert(takes_tail<H, E> || handler_of<H, E&>,
                  "evproc: the handler of a record_processor does not accept this one of its types: add an overload "
                  "(E&) or (E&, std::span<std::byte> tail), with or without event_info const& behind it");
    static constexpr bool value = true;
};

/// Calls the overload for E: the one that takes most.
template <class H, class E>
EVPROC_ALWAYS_INLINE event_action invoke_with_tail(H& handler, E& event, record_tail tail, event_info const& info) {
    if constexpr (takes_tail_and_info<H, E>) {
        auto with_tail = [&](E& e, event_info const& i) -> decltype(auto) { return std::invoke(handler, e, tail, i); };
        return invoke_handler(with_tail, event, info);
    } else if constexpr (takes_tail<H, E>) {
        auto with_tail = [&](E& e) -> decltype(auto) { return std::invoke(handler, e, tail); };
        return invoke_handler(with_tail, event, info);
    } else {
        return invoke_handler(handler, event, info);
    }
}

/// A handler of records: calls the user's overload for the type of each, and destroys the event after it.
template <class Types, class H>
class record_handler;
template <std::size_t Unit, class... Events, class H>
class record_handler<record_types<Unit, Events...>, H> {
    using types = record_types<Unit, Events...>;
    using unit = typename types::unit;
    static_assert((accepts<H, Events>::value && ...));
    static constexpr bool needs_info = (wants_info<H, Events> || ...);

public:
    explicit record_handler(H& handler) noexcept : handler_{handler} {}

    EVPROC_ALWAYS_INLINE event_action operator()(unit& first, event_info const& info)
        requires needs_info
    {
        return call(first, info);
    }
    EVPROC_ALWAYS_INLINE event_action operator()(unit& first)
        requires(!needs_info)
    {
        return call(first, {});
    }

private:
    EVPROC_ALWAYS_INLINE event_action call(unit& first, event_info const& info) {
        return types::visit(&first, [&]<class E>(E& event, record_tail tail) {
            struct destroyer {
                E* event;
                ~destroyer() {
                    if (event != nullptr) std::destroy_at(event);
                }
            } done{&event};
            event_action const action = invoke_with_tail(handler_, event, tail, info);
            if (action == event_action::keep) done.event = nullptr;
            return action;
        });
    }

    H& handler_;
};

/// The ring of a record_processor: a record of n slots is a batch of n. Counts records, not slots.
template <class Types, std::size_t N, class Wait, ring_options Options>
class record_ring : public ring<typename Types::unit, N, Wait, Options, no_observer> {
    using base = ring<typename Types::unit, N, Wait, Options, no_observer>;
    static constexpr bool is_single = Options.producers == producer_kind::single;

public:
    using types = Types;
    using range_type = typename base::range_type;

    record_ring(position first, std::size_t capacity) : base{first, capacity, nullptr} {}

    // ---- producers: any thread ----

    /// Makes the record visible with a tail of that many bytes; gives up the slots that it does not need.
    template <class E>
    EVPROC_ALWAYS_INLINE void commit_record(range_type const& place, std::size_t tail) noexcept {
        std::size_t const units = Types::template units<E>(tail);
        place.data()->header = {static_cast<std::uint32_t>(units), Types::template index<E>,
                                static_cast<std::uint16_t>(units * Types::unit_size - Types::template tail_at<E> - tail)};
        if constexpr (is_single) counts_.count_commit();
        base::commit(place, units);
    }
    void discard_record(range_type const& place) noexcept {
        counts_.count_discard();
        base::discard(place);
    }

    // ---- consumer: one thread ----

    template <class H>
    EVPROC_ALWAYS_INLINE poll_outcome poll_records(H& handler, std::size_t max) {
        record_handler<Types, H> by_type{handler};
        return base::template poll<delivery::records>(by_type, max);
    }

    void destroy_all() noexcept {
        auto ignore = [](auto&) noexcept {};
        record_handler<Types, decltype(ignore)> by_type{ignore};
        base::template destroy_all<delivery::records>(by_type);
    }

    // ---- any thread ----

    [[nodiscard]] processor_stats stats() const noexcept {
        processor_stats s = base::template stats<&occupancy::records>();
        if constexpr (is_single) s.committed = counts_.committed();
        s.discarded = counts_.discarded();
        s.max_depth *= Types::unit_size;
        return s;
    }

private:
    record_counts counts_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc::detail

// ---- evproc/reserved_record.hpp
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace evproc {
inline namespace EVPROC_ABI {

/// One reserved place in the order with the room for an event of type E and for the bytes behind it, its tail.
///
/// Owns the place until commit() makes the record visible; dropped before that, it destroys the event if it was built and
/// gives the place up, so that the consumer steps over it. Whatever is reserved behind it waits until then: keep it short.
/// An E that is trivially default constructible is alive from the start, uninitialised; any other has to be emplaced first.
/// Move-only; may be committed from another thread than the one that reserved. Must not outlive the processor. Every verb
/// is wait-free.
template <class E, class Ring>
class [[nodiscard]] reserved_record {
    using types = typename Ring::types;
    using range_type = typename Ring::range_type;
    static constexpr bool alive_from_the_start = std::is_trivially_default_constructible_v<E>;

public:
    using event_type = E;

    /// Holds nothing; error() is errc::invalid_handle.
    reserved_record() = default;

    reserved_record(Ring& ring, range_type const& place, std::size_t tail) noexcept
        : ring_{place ? &ring : nullptr}, place_{place}, tail_{tail} {
        if constexpr (alive_from_the_start) {
            if (ring_ != nullptr) ::new (static_cast<void*>(storage())) E;
        }
    }

    reserved_record(reserved_record&& other) noexcept
        : ring_{std::exchange(other.ring_, nullptr)},
          place_{std::exchange(other.place_, range_type{})},
          tail_{other.tail_},
          built_{std::exchange(other.built_, alive_from_the_start)} {}

    /// Discards what this holds, then takes over.
    reserved_record& operator=(reserved_record&& other) noexcept {
        if (this != &other) {
            discard();
            ring_ = std::exchange(other.ring_, nullptr);
            place_ = std::exchange(other.place_, range_type{});
            tail_ = other.tail_;
            built_ = std::exchange(other.built_, alive_from_the_start);
        }
        return *this;
    }

    ~reserved_record() { discard(); }

    /// True while this holds a place.
    explicit operator bool() const noexcept { return ring_ != nullptr; }
    /// errc::success, or why nothing was reserved; errc::invalid_handle once it is committed, discarded or moved from.
    [[nodiscard]] errc error() const noexcept { return place_.error(); }
    /// The record's place in the global order. Sequences grow from record to record, by the slots that each takes.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return place_.sequence(); }

    /// Builds the event in its place; an event that was built before is destroyed first. If the constructor throws, the
    /// place is held still and holds no event.
    template <class... Args>
    E& emplace(Args&&... args) {
        EVPROC_CHECK(ring_ != nullptr, "emplace() on a reserved_record that holds nothing");
        destroy();
        E* const event = detail::construct(storage(), std::forward<Args>(args)...);
        built_ = true;
        return *event;
    }

    /// The event. Precondition: this holds a place, and the event has been built.
    [[nodiscard]] E& operator*() const noexcept { return *get(); }
    [[nodiscard]] E* operator->() const noexcept { return get(); }
    [[nodiscard]] E* get() const noexcept {
        EVPROC_CHECK(ring_ != nullptr, "use of a reserved_record that holds nothing (committed, discarded, moved from, or refused)");
        EVPROC_CHECK(built_, "use of a reserved_record whose event has not been emplaced");
        return types::template event<E>(place_.data());
    }

    /// The raw bytes behind the event, as many as were asked for: uninitialised, and not aligned. Empty if this holds nothing.
    [[nodiscard]] std::span<std::byte> tail() const noexcept {
        if (ring_ == nullptr) return {};
        return {types::bytes(place_.data()) + types::template tail_at<E>, tail_};
    }

    /// Makes the record visible to the consumer, with its whole tail. errc::success; errc::invalid_handle if this holds
    /// nothing (asserted in checked builds) or if the event was never built: the place is then discarded.
    EVPROC_ALWAYS_INLINE errc commit() noexcept { return commit(tail_); }

    /// The same with the first `tail_used` bytes of the tail only; the slots behind them are given up. Precondition:
    /// tail_used <= tail().size() (asserted in checked builds; the whole tail otherwise).
    EVPROC_ALWAYS_INLINE errc commit(std::size_t tail_used) noexcept {
        EVPROC_CHECK(ring_ != nullptr, "commit() of a reserved_record that holds nothing (committed twice, discarded, moved from, or refused)");
        if (ring_ == nullptr || !built_) [[unlikely]] {
            discard();
            return errc::invalid_handle;
        }
        EVPROC_CHECK(tail_used <= tail_, "a reserved_record was committed with a longer tail than was reserved");
        ring_->template commit_record<E>(place_, (std::min)(tail_used, tail_));
        forget();
        return errc::success;
    }

    /// Destroys the event if it was built and gives its place up. No effect if this holds nothing.
    EVPROC_ALWAYS_INLINE void discard() noexcept {
        if (ring_ == nullptr) return;
        destroy();
        ring_->discard_record(place_);
        forget();
    }

private:
    [[nodiscard]] E* storage() const noexcept {
        return reinterpret_cast<E*>(types::bytes(place_.data()) + types::template event_at<E>);
    }
    void destroy() noexcept {
        if (built_) std::destroy_at(storage());
        built_ = false;
    }
    void forget() noexcept {
        ring_ = nullptr;
        place_ = range_type{};
        built_ = alive_from_the_start;
    }

    Ring* ring_ = nullptr;
    range_type place_{};
    std::size_t tail_ = 0;
    bool built_ = alive_from_the_start;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

namespace evproc {
inline namespace EVPROC_ABI {

/// The types of a record_processor's events.
template <class... Events>
struct one_of {};

/// Typed events of different sizes from many threads to one, in one global order: each takes the room of its own type, not
/// of the largest, and may have a tail, raw bytes of a length that is known at run time only.
///
/// A record lies in one piece: 8 bytes of header, the event, its tail, rounded up to slots of unit_size bytes (32 or
/// Options.unit, and at least the largest alignment of the types: over-aligned ones are honoured). Types may have constructors
/// and destructors; abandoned records, exceptions, order, waiting, close and progress are as in event_processor.
///
/// Bytes: the room for all records, a power of two, or std::dynamic_extent for a capacity given to the constructor.
/// Options.max_batch: the longest record in slots, 0 for the whole ring; storage for one record more lies behind the ring,
/// untouched until a record goes past its end. What counts records: poll_result::events, `max`, stats(). Sequences grow by
/// the slots that a record takes; size_approx(), stats().max_depth and capacity() are in bytes.
///
/// Handlers are overload sets that accept each type: (E&) or (E&, std::span<std::byte> tail), with event_info const& behind
/// it or not, returning void or event_action. Where several overloads fit, the one that takes most is called.
///
/// Producers' verbs may be called from any thread (producer_kind::single: from one) and from the handler, the consumer's from
/// one thread at a time. The ring lives on the heap. Neither copyable nor movable.
template <class Events, std::size_t Bytes = std::size_t{1} << 20, class Wait = adaptive_wait, ring_options Options = ring_options{}>
class record_processor;

template <class... Events, std::size_t Bytes, class Wait, ring_options Options>
class record_processor<one_of<Events...>, Bytes, Wait, Options> {
    using types = detail::record_types<Options.unit, Events...>;
    static constexpr bool is_static = Bytes != std::dynamic_extent;
    static_assert(!is_static || std::has_single_bit(Bytes),
                  "evproc: Bytes, the room of a record_processor, must be a power of two: round it up, std::bit_ceil does so");
    static_assert(Bytes >= types::unit_size, "evproc: Bytes must be at least record_processor::unit_size");
    static constexpr std::size_t slot_count = is_static ? Bytes / types::unit_size : Bytes;
    using ring_type = detail::record_ring<types, slot_count, Wait, Options>;

    template <class E, class... Args>
    static constexpr bool is_nothrow = noexcept(detail::construct(std::declval<E*>(), std::declval<Args>()...));

public:
    template <class E>
    using reserved_record = evproc::reserved_record<E, ring_type>;

    /// A record takes a multiple of this many bytes.
    static constexpr std::size_t unit_size = types::unit_size;

    /// Number of bytes that an E with a tail of `tail` bytes takes in the ring.
    template <class E>
    [[nodiscard]] static constexpr std::size_t record_size(std::size_t tail = 0) noexcept {
        return units<E>(tail) * unit_size;
    }

    /// Allocates all storage; nothing is allocated later. Throws std::bad_alloc.
    record_processor()
        requires(is_static)
        : record_processor{0, slot_count} {}

    /// The same with a capacity in bytes. Throws std::invalid_argument if it is not a power of two, is less than unit_size or
    /// has less than Options.max_batch slots; std::bad_alloc.
    explicit record_processor(std::size_t capacity)
        requires(!is_static)
        : record_processor{0, std::has_single_bit(capacity) ? capacity / unit_size : 0} {}

    record_processor(record_processor const&) = delete;
    record_processor& operator=(record_processor const&) = delete;

    /// Destroys the events that nobody consumed. Precondition: no other thread uses the processor, and no handle is
    /// live (asserted in checked builds).
    ~record_processor() {
        EVPROC_CHECK(!ring_->thread().is_entered(), "a record_processor was destroyed inside its own handler");
        ring_->destroy_all();
    }

    // ---- producers: any thread ----

    /// Reserves the room for an E and `tail` bytes behind it, or says why not: errc::full, only if at some instant of the call
    /// there was no room; errc::too_large, a record that no ring of this size could hold; errc::closed; errc::busy
    /// (producer_kind::single). Lock-free.
    template <class E>
    EVPROC_ALWAYS_INLINE reserved_record<E> try_reserve(std::size_t tail = 0) noexcept {
        return {*ring_, ring_->try_reserve(units<E>(tail)), tail};
    }
    /// As try_reserve, waiting for room as long as it takes. errc::closed also if closed while it waits;
    /// errc::would_deadlock on the consumer's own thread, in a handler, while there is no room.
    template <class E>
    EVPROC_ALWAYS_INLINE reserved_record<E> reserve(std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As reserve(tail), until `stop` requests a stop: errc::stopped.
    template <class E>
    reserved_record<E> reserve(std::stop_token stop, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::no_deadline, stop);
    }
#endif
    /// As reserve(tail), for at most `d`: errc::timed_out.
    template <class E, class Rep, class Period>
    reserved_record<E> reserve_for(std::chrono::duration<Rep, Period> d, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::deadline_after(d), detail::never_stops{});
    }
    /// As reserve(tail), until `t` of any clock: errc::timed_out.
    template <class E, class Clock, class Duration>
    reserved_record<E> reserve_until(std::chrono::time_point<Clock, Duration> t, std::size_t tail = 0) {
        return reserve_waiting<E>(tail, detail::deadline_at(t), detail::never_stops{});
    }

    /// Reserves, builds E(args...), commits; without a tail. If the constructor throws, the place is discarded and the
    /// exception goes to the caller. Errors as try_reserve.
    template <class E, class... Args>
    EVPROC_ALWAYS_INLINE errc try_publish(Args&&... args) noexcept(is_nothrow<E, Args...>) {
        return build(try_reserve<E>(), std::forward<Args>(args)...);
    }
    /// The same, waiting as reserve() does.
    template <class E, class... Args>
    EVPROC_ALWAYS_INLINE errc publish(Args&&... args) {
        return build(reserve<E>(), std::forward<Args>(args)...);
    }

    /// Ends the order here: every reserve verb returns errc::closed from now on, those already waiting too. What was
    /// reserved before may still be committed, and the consumer gets it; after the last of it poll says `closed`.
    /// Idempotent; from any thread, and from the handler.
    void close() noexcept { ring_->close(); }
    [[nodiscard]] bool is_closed() const noexcept { return ring_->is_closed(); }

    /// Waits until everything that was committed before the call has been consumed, and sees what the handler did with
    /// it. errc::success; errc::would_deadlock if the caller is the consumer's thread in a handler and something is left.
    errc flush() { return ring_->flush(detail::no_deadline); }
    /// As flush(), for at most `d`: errc::timed_out.
    template <class Rep, class Period>
    errc flush_for(std::chrono::duration<Rep, Period> d) {
        return ring_->flush(detail::deadline_after(d));
    }

    // ---- consumer: one thread ----

    /// Hands what is ready to `handlers`, in order, at most `max` records (capacity() if not given, which no poll exceeds), and
    /// never waits. An event is destroyed when its handler is done with it. If the handler throws, that event counts as
    /// consumed, none after it is touched, and the exception leaves poll. States as event_processor::poll. Wait-free for each
    /// record.
    template <class Handlers>
    EVPROC_ALWAYS_INLINE poll_result poll(Handlers&& handlers, std::size_t max) {
        return ring_->poll_records(handlers, max).polled;
    }
    template <class Handlers>
    EVPROC_ALWAYS_INLINE poll_result poll(Handlers&& handlers) {
        return poll(handlers, ring_->capacity());
    }

    /// As poll, but waits until there is something to hand out, the processor is closed and drained, or wake(). Without
    /// an event the state is exact: idle, blocked or closed.
    template <class Handlers>
    poll_result poll_wait(Handlers&& handlers) {
        return poll_waiting(handlers, detail::no_deadline, detail::never_stops{});
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As poll_wait, or until `stop` requests a stop.
    template <class Handlers>
    poll_result poll_wait(std::stop_token stop, Handlers&& handlers) {
        return poll_waiting(handlers, detail::no_deadline, stop);
    }
#endif
    /// As poll_wait, for at most `d`.
    template <class Rep, class Period, class Handlers>
    poll_result poll_for(std::chrono::duration<Rep, Period> d, Handlers&& handlers) {
        return poll_waiting(handlers, detail::deadline_after(d), detail::never_stops{});
    }
    /// As poll_wait, until `t` of any clock.
    template <class Clock, class Duration, class Handlers>
    poll_result poll_until(std::chrono::time_point<Clock, Duration> t, Handlers&& handlers) {
        return poll_waiting(handlers, detail::deadline_at(t), detail::never_stops{});
    }

    /// What stands at the front: more (a record is ready), idle, blocked (reserved and not committed), closed (and drained).
    /// Exact at that moment. It reads the producers' cache line.
    [[nodiscard]] poll_state state() const noexcept { return ring_->state(); }

    /// Waits until something is ready for poll to take; nothing is consumed. False: the processor is closed and drained, or
    /// wake().
    bool wait() { return await(detail::no_deadline, detail::never_stops{}); }
#if EVPROC_HAS_STOP_TOKEN
    /// As wait(), or until a stop is requested.
    bool wait(std::stop_token stop) { return await(detail::no_deadline, stop); }
#endif
    /// As wait(), for at most `d`.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> d) {
        return await(detail::deadline_after(d), detail::never_stops{});
    }
    /// As wait(), until `t` of any clock.
    template <class Clock, class Duration>
    bool wait_until(std::chrono::time_point<Clock, Duration> t) {
        return await(detail::deadline_at(t), detail::never_stops{});
    }

    /// Polls until the processor is closed and drained (errc::closed), or a handler returns event_action::stop
    /// (errc::stopped). If a handler throws: closes the processor, wakes the producers, and lets the exception out.
    template <class Handlers>
    run_result run(Handlers&& handlers) {
        return run_until_stopped(detail::never_stops{}, handlers);
    }
#if EVPROC_HAS_STOP_TOKEN
    /// As run(handlers), or until `stop` requests a stop (errc::stopped); records that are ready then are left in the ring.
    template <class Handlers>
    run_result run(std::stop_token stop, Handlers&& handlers) {
        return run_until_stopped(stop, handlers);
    }
#if EVPROC_EXCEPTIONS
    /// As run(stop, handlers); if a handler throws, `on_error(std::exception_ptr, E&, event_info const&)` decides, an
    /// overload set too.
    template <class Handlers, class OnError>
        requires(std::is_invocable_r_v<error_action, OnError&, std::exception_ptr, Events&, event_info const&> && ...)
    run_result run(std::stop_token stop, Handlers&& handlers, OnError&& on_error) {
        static_assert((detail::accepts<std::remove_reference_t<Handlers>, Events>::value && ...));
        auto guarded = [&]<class E>(E& event, std::span<std::byte> tail, event_info const& info) -> event_action {
            return detail::call_guarded([&] { return detail::invoke_with_tail(handlers, event, tail, info); },
                                        [&](std::exception_ptr error) { return on_error(error, event, info); }, stop);
        };
        return run_until_stopped(stop, guarded);
    }
#endif
#endif

    /// Makes a waiting consumer return; if none waits, its next wait returns at once. Any thread.
    void wake() noexcept { ring_->wake(); }

    // ---- consumer in an event loop, where the wait strategy can (eventfd_wait): as in event_processor ----

    [[nodiscard]] auto native_handle()
        requires armable_wait<Wait>
    {
        return consumer_wait().native_handle();
    }
    [[nodiscard]] bool arm()
        requires armable_wait<Wait>
    {
        return ring_->arm();
    }
    void disarm() noexcept
        requires armable_wait<Wait>
    {
        ring_->disarm();
    }

    // ---- any thread ----

    /// Counts of records since construction (max_depth: bytes). Looks at every slot in use; costs the hot path nothing.
    [[nodiscard]] processor_stats stats() const noexcept { return ring_->stats(); }

    /// Whether the consumer's next record is reserved and not committed; its sequence, and for how long somebody has found it
    /// so: a waiting consumer, or an earlier call.
    [[nodiscard]] stall_info oldest_uncommitted() const noexcept { return ring_->oldest_uncommitted(); }

    // ---- hints: any thread, stale at once ----

    /// Number of bytes in use.
    [[nodiscard]] std::size_t size_approx() const noexcept { return ring_->size_approx() * unit_size; }
    [[nodiscard]] bool empty_approx() const noexcept { return size_approx() == 0; }
    /// Number of bytes for records; headers and what rounding up takes are part of it.
    [[nodiscard]] static constexpr std::size_t capacity() noexcept
        requires(Bytes != std::dynamic_extent)
    {
        return Bytes;
    }
    [[nodiscard]] std::size_t capacity() const noexcept
        requires(Bytes == std::dynamic_extent)
    {
        return ring_->capacity() * unit_size;
    }
    /// The longest tail that a record of type E may have; a longer one is errc::too_large.
    template <class E>
    [[nodiscard]] std::size_t max_tail() const noexcept {
        std::size_t const room = ring_->core().view().max_batch() * unit_size;
        return room < record_size<E>() ? 0 : room - types::template tail_at<E>;
    }

    /// The object that the consumer waits on. For wait strategies that offer more than waiting.
    [[nodiscard]] Wait& consumer_wait() noexcept { return ring_->consumer_wait(); }

private:
    /// \cond Doxygen finds no class for the friend
    friend struct detail::test_access;
    record_processor(detail::position first, std::size_t slots) : ring_{std::make_unique<ring_type>(first, slots)} {}
    /// \endcond
    template <class E>
    [[nodiscard]] static constexpr std::size_t units(std::size_t tail) noexcept {
        static_assert(types::template contains<E>, "evproc: this type is not among the one_of<...> of the record_processor");
        return types::template units<E>(tail);
    }

    template <class E, class Stop>
    EVPROC_ALWAYS_INLINE reserved_record<E> reserve_waiting(std::size_t tail, wait_deadline until, Stop const& stop) {
        return {*ring_, ring_->reserve(units<E>(tail), until, stop), tail};
    }
    template <class E, class... Args>
    EVPROC_ALWAYS_INLINE static errc build(reserved_record<E> record, Args&&... args) noexcept(is_nothrow<E, Args...>) {
        if (!record) [[unlikely]] return record.error();
        record.emplace(std::forward<Args>(args)...);
        return record.commit();
    }

    template <class Stop>
    bool await(wait_deadline until, Stop const& stop) {
        return ring_->await(until, stop) == detail::wake_reason::ready;
    }
    template <class Handlers, class Stop>
    poll_result poll_waiting(Handlers& handlers, wait_deadline until, Stop const& stop) {
        return detail::poll_waiting(*ring_, [&] { return ring_->poll_records(handlers, ring_->capacity()); }, until, stop);
    }
    template <class Stop, class Handlers>
    run_result run_until_stopped(Stop const& stop, Handlers& handlers) {
        return detail::run_until_stopped(*ring_, [&] { return ring_->poll_records(handlers, ring_->capacity()); }, stop);
    }

    std::unique_ptr<ring_type> ring_;
};

}  // namespace EVPROC_ABI
}  // namespace evproc

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

    friend constexpr bool operator==(version_number const&, version_number const&) = default;
    friend constexpr auto operator<=>(version_number const&, version_number const&) = default;
};

inline constexpr version_number version{EVPROC_VERSION_MAJOR, EVPROC_VERSION_MINOR, EVPROC_VERSION_PATCH};

}  // namespace evproc

// ---- evproc/wait/backoff_wait.hpp
namespace evproc {
inline namespace EVPROC_ABI {

/// Spins a little, then gives its turn away between looks.
///
/// Use it when latency matters but threads may outnumber cores: a waiting thread lets the others run, yet never sleeps,
/// so an otherwise idle core stays at 100 %. A look costs a system call (about 0.7 us) once the spinning is over.
/// Costs the other side nothing: notify() is empty and a commit is the plain release store.
class backoff_wait {
public:
    template <class Ready>
    bool wait(Ready&& ready, wait_deadline until) {
        if (!detail::one_cpu() && detail::spin_until(ready, [] { detail::cpu_relax(); }, until, spins)) return true;
        return detail::spin_until(ready, [] { detail::yield_thread(); }, until);
    }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }

private:
    static constexpr unsigned spins = 32;
};

static_assert(wait_strategy<backoff_wait>);

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/wait/blocking_wait.hpp
#include <cstddef>
#include <cstdint>

namespace evproc {
inline namespace EVPROC_ABI {

/// Sleeps at once.
///
/// Use it where events are rare or processor time is dear: a waiting thread uses none. Each sleep and each wake-up costs
/// a system call on either side and the scheduler's latency (some 5 to 50 us). Where the other side never has to wait,
/// it pays one load of a line that nobody writes.
class blocking_wait {
public:
    template <class Ready>
    bool wait(Ready&& ready, wait_deadline until) {
        return event_count_.await(ready, until);
    }
    template <class Ready>
    bool wait_one(Ready&& ready, wait_deadline until) {
        return event_count_.await_one(ready, until);
    }
    EVPROC_ALWAYS_INLINE void notify() noexcept { event_count_.notify(); }
    EVPROC_ALWAYS_INLINE void notify(std::size_t n) noexcept { event_count_.notify(n); }
    [[nodiscard]] std::uint64_t parks() const noexcept { return event_count_.parks(); }

private:
    detail::event_count event_count_;
};

static_assert(wait_strategy<blocking_wait>);

}  // namespace EVPROC_ABI
}  // namespace evproc

// ---- evproc/wait/spin_wait.hpp
namespace evproc {
inline namespace EVPROC_ABI {

/// Spins until there is something to do.
///
/// Use it when the waiting thread has a core of its own and the shortest latency is worth burning it: one cache line
/// transfer after the commit the consumer has the event. Never use it with more busy threads than cores: a spinning
/// thread keeps the one it waits for off the processor until the scheduler steps in (milliseconds).
/// Costs the other side nothing: notify() is empty and a commit is the plain release store.
class spin_wait {
public:
    template <class Ready>
    bool wait(Ready&& ready, wait_deadline until) {
        return detail::spin_until(ready, [] { detail::cpu_relax(); }, until);
    }
    void notify() noexcept {}
    [[nodiscard]] std::uint64_t parks() const noexcept { return 0; }
};

static_assert(wait_strategy<spin_wait>);

}  // namespace EVPROC_ABI
}  // namespace evproc
