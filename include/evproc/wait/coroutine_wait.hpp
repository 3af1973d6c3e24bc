// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Not in the umbrella: needs `coroutine`.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <utility>

#include <evproc/committed_batch.hpp>
#include <evproc/detail/callback_slot.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/event_count.hpp>
#include <evproc/event_processor.hpp>
#include <evproc/wait/wait_strategy.hpp>

namespace evproc::detail::inline EVPROC_ABI {

template <class Source, class Executor, class Stop> class suspended_consumer;
template <class Ring, class Executor, class Stop> class next_batch_awaiter;
template <class Round, class Executor, class Stop> class ready_awaiter;

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// What an executor runs: resumes the waiting coroutine, or does nothing if that was destroyed. Two words, trivially copyable.
/// To be called at most once, before the processor is destroyed.
class resumption {
public:
    resumption() = default;

    void operator()() const {
        if (slot_ != nullptr) slot_->run(ticket_);
    }

private:
    friend class coroutine_wait;
    resumption(detail::callback_slot& slot, std::uint64_t ticket) noexcept : slot_{&slot}, ticket_{ticket} {}

    detail::callback_slot* slot_ = nullptr;
    std::uint64_t ticket_ = 0;
};

/// Decides where a coroutine is resumed: `post(resumption)`, or a call with one, has the resumption called, later or at once
/// (then on the producer's thread). Called within a producer's verb: be short, do not throw (std::terminate).
template <class E>
concept resume_executor = requires(E& e, resumption r) { e.post(r); } || requires(E& e, resumption r) { e(r); };

/// Lets a coroutine be the consumer: `auto batch = co_await processor.next_batch(executor)`; of several rings: `while
/// (co_await selector.when_ready(executor)) selector.poll(handler);`. While events are ready, co_await does not suspend. A
/// suspension costs a heavy fence (0.1 to 1 us), and the first step of the other side one call of the executor; other steps
/// pay one load. Nothing is allocated. The blocking verbs sleep as blocking_wait does. A suspended coroutine holds no slot and
/// may be destroyed: its resumption then does nothing. Do not destroy it while the executor resumes it on another thread. The
/// executor must live as long as producers use the processor; the processor must outlive the coroutine and queued resumptions.
class coroutine_wait {
public:
#if EVPROC_CHECKED
    ~coroutine_wait() {
        EVPROC_CHECK(!slot_.has_waiter(), "a processor was destroyed while a coroutine waited for its events");
    }
#endif
    template <class Ready> bool wait(Ready&& ready, wait_deadline until) { return event_count_.await(ready, until); }
    EVPROC_ALWAYS_INLINE void notify() noexcept {
        event_count_.notify([this]() noexcept { return slot_.address(); },
                            [this](detail::callback_slot::call_address const& to) noexcept {
                                if (to.ticket != 0) to.post(to.executor, slot_, to.ticket);
                            });
    }
    [[nodiscard]] std::uint64_t parks() const noexcept { return event_count_.parks(); }

    template <class Ring, resume_executor Executor, class Stop>
    [[nodiscard]] auto next_batch(Ring& ring, Executor& executor, Stop stop) noexcept {
        return detail::next_batch_awaiter<Ring, Executor, Stop>{ring, *this, executor, std::move(stop)};
    }
    template <class Round, resume_executor Executor, class Stop>
    [[nodiscard]] auto when_ready(Round& round, Executor& executor, Stop stop) noexcept {
        return detail::ready_awaiter<Round, Executor, Stop>{round, *this, executor, std::move(stop)};
    }
    template <class E> static constexpr bool resumes_by = resume_executor<E>;

private:
    template <class Source, class Executor, class Stop> friend class detail::suspended_consumer;

    /// True: `executor` will resume `waiter`, perhaps before this returns: touch nothing after it. False: `look()` is true, or
    /// a step came in between. `ticket` is set before either.
    template <class Executor, class Look>
    bool arm(detail::callback_slot::waiter& waiter, Executor& executor, std::uint64_t& ticket, Look look) noexcept {
        ticket = slot_.enter(waiter, const_cast<void*>(static_cast<void const*>(std::addressof(executor))),
                             &post_to<Executor>);
        std::uint64_t const mine = ticket;
        auto const prepared = event_count_.prepare_wait();
        if (look()) {
            event_count_.cancel_wait();
        } else {
            event_count_.count_park();
            if (event_count_.register_callback(prepared)) return true;
        }
        slot_.leave(mine);
        ticket = 0;
        return false;
    }

    void cancel(std::uint64_t ticket) noexcept {
        [[maybe_unused]] bool const in_time = slot_.leave(ticket);
        EVPROC_CHECK(in_time, "a coroutine was destroyed while its executor was resuming it");
        event_count_.cancel_wait();
    }

    template <class Executor> static void post_to(void* executor, detail::callback_slot& slot, std::uint64_t ticket) {
        auto& e = *static_cast<Executor*>(executor);
        auto const post = [&] {
            if constexpr (requires(resumption r) { e.post(r); })
                e.post(resumption{slot, ticket});
            else
                e(resumption{slot, ticket});
        };
#if EVPROC_CHECKED && EVPROC_EXCEPTIONS
        try {
            post();
        } catch (...) {
            detail::check_failed(
                "an executor threw where it was given a coroutine to resume, within a step of the other side", __FILE__,
                __LINE__);
        }
#else
        post();
#endif
    }

    detail::event_count event_count_;
    detail::callback_slot slot_;
};

static_assert(wait_strategy<coroutine_wait>);

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <class Source, class Executor, class Stop> class suspended_consumer : callback_slot::waiter {
public:
    suspended_consumer(Source& source, coroutine_wait& wait, Executor& executor, Stop stop) noexcept
        : callback_slot::waiter{&run}, source_{source}, wait_{wait}, executor_{executor}, stop_{std::move(stop)} {}
    suspended_consumer(suspended_consumer const&) = delete;
    suspended_consumer& operator=(suspended_consumer const&) = delete;

    ~suspended_consumer() {
        if (ticket_ != 0) wait_.cancel(ticket_);
    }

    [[nodiscard]] bool await_ready() noexcept { return source_.skip_discarded(); }

    [[nodiscard]] bool await_suspend(std::coroutine_handle<> waiting) {
        waiting_ = waiting;
        notifier_.emplace(stop_, wait_);
        return suspend();
    }

protected:
    [[nodiscard]] Source& source() const noexcept { return source_; }

private:
    /// True: suspended, and perhaps running elsewhere: touch nothing of the frame. Not inlined: some compilers keep locals of
    /// an inlined await_suspend in the frame.
    EVPROC_COLD bool suspend() {
        return arm_unless_ready(
            source_, [this](auto look) { return wait_.arm(*this, executor_, ticket_, look); }, stop_);
    }

    /// Runs where the executor runs it. The step may not be the one that the coroutine waits for.
    static void run(callback_slot::waiter& waiter) {
        auto& self = static_cast<suspended_consumer&>(waiter);
        self.ticket_ = 0;
        if (!self.suspend()) self.waiting_.resume();
    }

    Source& source_;
    coroutine_wait& wait_;
    Executor& executor_;
    Stop stop_;
    std::coroutine_handle<> waiting_{};
    std::uint64_t ticket_ = 0;
    // After stop_, on whose state it lives.
    std::optional<stop_notifier<Stop, coroutine_wait>> notifier_;
};

template <class Ring, class Executor, class Stop>
class [[nodiscard]] next_batch_awaiter : public suspended_consumer<Ring, Executor, Stop> {
public:
    using suspended_consumer<Ring, Executor, Stop>::suspended_consumer;
    [[nodiscard]] committed_batch<Ring> await_resume() noexcept { return {this->source(), this->source().capacity()}; }
};

template <class Round, class Executor, class Stop>
class [[nodiscard]] ready_awaiter : public suspended_consumer<Round, Executor, Stop> {
public:
    using suspended_consumer<Round, Executor, Stop>::suspended_consumer;
    [[nodiscard]] bool await_resume() noexcept { return this->source().skip_discarded(); }
};

}  // namespace evproc::detail::inline EVPROC_ABI
