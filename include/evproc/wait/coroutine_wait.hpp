// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Not in the umbrella: needs `coroutine`.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <evproc/committed_batch.hpp>
#include <evproc/detail/callback_slot.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/detail/deadline.hpp>
#include <evproc/detail/event_count.hpp>
#include <evproc/event_processor.hpp>
#include <evproc/wait/wait_strategy.hpp>

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
    ~coroutine_wait() {
        EVPROC_CHECK(!slot_.has_waiter(), "a processor was destroyed while a coroutine waited for its events");
    }
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
        return awaiter<committed_batch<Ring>, Ring, Executor, Stop>{ring, *this, executor, std::move(stop)};
    }
    template <class Round, resume_executor Executor, class Stop>
    [[nodiscard]] auto when_ready(Round& round, Executor& executor, Stop stop) noexcept {
        return awaiter<bool, Round, Executor, Stop>{round, *this, executor, std::move(stop)};
    }
    template <class E> static constexpr bool resumes_by = resume_executor<E>;

private:
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

    template <class Result, class Source, class Executor, class Stop>
    class [[nodiscard]] awaiter : detail::callback_slot::waiter {
    public:
        awaiter(Source& source, coroutine_wait& wait, Executor& executor, Stop stop) noexcept
            : waiter{&run}, source_{source}, wait_{wait}, executor_{executor}, stop_{std::move(stop)} {}
        awaiter(awaiter const&) = delete;
        awaiter& operator=(awaiter const&) = delete;

        ~awaiter() {
            if (ticket_ != 0) {
                [[maybe_unused]] bool const in_time = wait_.slot_.leave(ticket_);
                EVPROC_CHECK(in_time, "a coroutine was destroyed while its executor was resuming it");
                wait_.event_count_.cancel_wait();
            }
        }

        [[nodiscard]] bool await_ready() noexcept { return source_.skip_discarded(); }

        [[nodiscard]] bool await_suspend(std::coroutine_handle<> waiting) {
            waiting_ = waiting;
            notifier_.emplace(stop_, wait_);
            return suspend();
        }

        [[nodiscard]] Result await_resume() noexcept {
            if constexpr (std::is_same_v<Result, bool>)
                return source_.skip_discarded();
            else
                return {source_, source_.capacity()};
        }

    private:
        /// True: suspended, and perhaps running elsewhere: touch nothing of the frame. Not inlined: some compilers keep locals
        /// of an inlined await_suspend in the frame.
        EVPROC_COLD bool suspend() {
            return detail::arm_unless_ready(source_, [this](auto look) noexcept { return this->arm(look); }, stop_);
        }

        /// True: the executor will resume the coroutine, perhaps before this returns: touch nothing after it. False:
        /// `look()` is true, or a step came in between.
        template <class Look> bool arm(Look look) noexcept {
            void const* const executor = std::addressof(executor_);
            ticket_ = wait_.slot_.enter(*this, const_cast<void*>(executor), &post_to<Executor>);
            if (wait_.event_count_.register_unless(look)) return true;
            wait_.slot_.leave(ticket_);
            ticket_ = 0;
            return false;
        }

        /// Runs where the executor runs it. The step may not be the one that the coroutine waits for.
        static void run(waiter& w) {
            auto& self = static_cast<awaiter&>(w);
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
        std::optional<detail::stop_notifier<Stop, coroutine_wait>> notifier_;
    };

    detail::event_count event_count_;
    detail::callback_slot slot_;
};

}  // namespace evproc::inline EVPROC_ABI
