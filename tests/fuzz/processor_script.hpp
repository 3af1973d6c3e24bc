// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// A script played on an event_processor and on the model side by side; after each step both must say the same.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <type_traits>
#include <utility>

#include <evproc/event_processor.hpp>

#include "../support/start_at.hpp"
#include "byte_reader.hpp"
#include "item.hpp"
#include "model.hpp"
#include "report.hpp"

namespace evproc_fuzz {

using evproc::errc;
using evproc::error_action;
using evproc::event_action;
using evproc::event_info;
using evproc::poll_result;
using evproc::poll_state;

/// What a reservation was answered, whatever the kind of handle.
struct answer {
    errc error;
    std::size_t size;
    std::uint64_t sequence;
};

/// In which of its forms a reserving verb is called.
enum class form { try_now, for_no_time, until_past, stop_requested, waiting };

template <class Processor> class processor_script {
    using event = typename Processor::event_type;
    using reserved_event = typename Processor::reserved_event;
    using reserved_batch = typename Processor::reserved_batch;
    using committed_batch = typename Processor::committed_batch;
    static constexpr bool is_item = std::is_same_v<event, item>;

public:
    template <class... Args>
    processor_script(byte_reader& in, ring_model const& model, Args const&... args)
        : in_{in}, model_{model}, processor_{new Processor(started_at<Processor>(args...))} {
        stopped_.request_stop();
        if constexpr (is_item) {
            item::alive = 0;
            item::next_throws = false;
        }
    }

    void play() {
        while (!in_.done()) {
            step();
            check_at_rest();
        }
        for (handle& h : handles_) discard(h);
        if (batch_) release(batch_->size());
        check_at_rest();
        check_counts();
        reached::left_to_destructor += model_.unconsumed();
        processor_.reset();
        if constexpr (is_item) FUZZ_CHECK(item::alive == 0);
    }

private:
    struct handle {
        reserved_event one{};
        reserved_batch many{};
        std::uint64_t at = 0;
        std::size_t size = 0;
        std::size_t built = 0;

        [[nodiscard]] bool empty() const { return size == 0; }
    };

    void step() {
        switch (unsigned const verb = in_.below(32); verb) {
            case 19:
            case 20:
            case 21:
            case 22: return poll();
            case 23: return poll_batches();
            case 24: return peek();
            case 25: return batch_ ? release(in_.below(static_cast<unsigned>(batch_->size()) + 1)) : void();
            case 26: return end_batch();
            case 27: return wake_or_wait();
            case 30: return run();
            default: return producer_step(verb);
        }
    }

    /// What may be done anywhere, in a handler too.
    void producer_step(unsigned verb) {
        if (verb <= 2) return reserve_one();
        if (verb <= 4) return reserve_many(false);
        if (verb == 5) return reserve_many(true);
        if (verb <= 8) return publish();
        if (verb <= 11) return build(pick(true));
        if (verb <= 13) return commit(oldest());
        if (verb <= 15) return commit(pick(true));
        if (verb == 16) return discard(pick(true));
        if (verb == 17) return drop(pick(true));
        if (verb == 18) return move();
        if (verb == 28) return flush();
        if (verb == 29) return check_counts();
        if (in_.one_in(12)) close();
    }

    // ---- producers ----

    [[nodiscard]] bool holds_events() const { return in_handler_ || batch_.has_value(); }
    [[nodiscard]] handle& pick() { return handles_[in_.below(static_cast<unsigned>(handles_.size()))]; }
    /// A handle that holds something, or one that does not, if there is such a one.
    [[nodiscard]] handle& pick(bool holding) {
        unsigned const first = in_.below(static_cast<unsigned>(handles_.size()));
        for (unsigned i = 0; i != handles_.size(); ++i)
            if (handle& h = handles_[(first + i) % handles_.size()]; h.empty() != holding) return h;
        return handles_[first];
    }
    [[nodiscard]] handle& oldest() {
        handle* found = &handles_[0];
        for (handle& h : handles_)
            if (!h.empty() && (found->empty() || h.at < found->at)) found = &h;
        return *found;
    }
    /// How many slots to ask for: mostly few, sometimes none or too many.
    [[nodiscard]] std::size_t pick_size() {
        unsigned const n = in_.next();
        if (n < 8) return n == 0 ? 0 : model_.max_batch() + n;
        return 1 + n % (model_.max_batch() + 1);
    }
    [[nodiscard]] bool out_of_positions(std::size_t n) const {
        return n > evproc::detail::max_position - model_.next();
    }

    /// The form the script asks for, but never one that would wait for ever.
    [[nodiscard]] form pick_form(std::size_t n) {
        auto const wanted = static_cast<form>(in_.below(5));
        if (wanted != form::waiting || model_.refusal(n) != errc::success) return wanted;
        if (model_.free_at_least() >= n) return wanted;
        if (holds_events() && model_.free_at_most() < n) return wanted;
        return form::for_no_time;
    }

    void expect(answer const& got, std::size_t least, std::size_t most, form how) {
        FUZZ_TRACE("reserve %zu..%zu form %d: error %d size %zu at %llu\n", least, most, static_cast<int>(how),
                   static_cast<int>(got.error), got.size, static_cast<unsigned long long>(got.sequence));
        ++reached::errors[static_cast<std::size_t>(got.error)];
        if (errc const e = model_.refusal(most); e != errc::success) {
            FUZZ_CHECK(got.error == e && got.size == 0);
            return;
        }
        if (got.error != errc::success) {
            if (how == form::try_now) {
                FUZZ_CHECK(got.error == errc::full);
                ++refused_;
            } else if (holds_events()) {
                FUZZ_CHECK(got.error == errc::would_deadlock);
            } else {
                FUZZ_CHECK(got.error == (how == form::stop_requested ? errc::stopped : errc::timed_out));
                ++full_waits_;
            }
        } else if (in_handler_) {
            ++reached::reserved_in_handler;
        }
        if (how == form::waiting && got.error == errc::success) {
            // Known to have had space before the call.
            FUZZ_CHECK(model_.free_at_least() >= least);
        }
        model_.reserved(least, most, got.error, got.size, got.sequence);
    }

    static std::chrono::steady_clock::time_point past() { return std::chrono::steady_clock::time_point{}; }

    reserved_event reserve(form how) {
        using namespace std::chrono_literals;
        switch (how) {
            case form::try_now: return processor_->try_reserve();
            case form::for_no_time: return processor_->reserve_for(0ns);
            case form::until_past: return processor_->reserve_until(past());
            case form::stop_requested: return processor_->reserve(stopped_.get_token());
            case form::waiting: break;
        }
        return processor_->reserve();
    }
    reserved_batch reserve_batch(form how, std::size_t n) {
        using namespace std::chrono_literals;
        switch (how) {
            case form::try_now: return processor_->try_reserve_batch(n);
            case form::for_no_time: return processor_->reserve_batch_for(-1ns, n);
            case form::until_past: return processor_->reserve_batch_until(std::chrono::system_clock::now() - 1h, n);
            case form::stop_requested: return processor_->reserve_batch(stopped_.get_token(), n);
            case form::waiting: break;
        }
        return processor_->reserve_batch(n);
    }

    void reserve_one() {
        handle& h = pick(false);
        if (!h.empty() || out_of_positions(1)) return;
        form const how = pick_form(1);
        h.one = reserve(how);
        FUZZ_CHECK(static_cast<bool>(h.one) == (h.one.error() == errc::success));
        answer const got{h.one.error(), h.one ? 1u : 0u, h.one.sequence()};
        expect(got, 1, 1, how);
        if (h.one) take(h, got);
    }
    void reserve_many(bool up_to) {
        handle& h = pick(false);
        std::size_t n = pick_size();
        if (!h.empty() || out_of_positions(n)) return;
        form const how = up_to ? form::try_now : pick_form(n);
        h.many = up_to ? processor_->try_reserve_batch_up_to(n) : reserve_batch(how, n);
        if (up_to) n = std::min(n, model_.max_batch());
        FUZZ_CHECK(static_cast<bool>(h.many) == (h.many.error() == errc::success));
        FUZZ_CHECK(h.many.empty());
        answer const got{h.many.error(), h.many.capacity(), h.many.sequence()};
        expect(got, up_to ? 1 : n, n, how);
        if (h.many) take(h, got);
    }
    void take(handle& h, answer const& got) {
        h.at = got.sequence;
        h.size = got.size;
        h.built = 0;
    }

    /// Reserve, build and commit in one verb; its constructor may throw.
    void publish() {
        if (out_of_positions(1)) return;
        bool const throws = is_item && in_.one_in(8);
        form how = in_.below(2) == 0 ? form::try_now : pick_form(1);
        if (how != form::waiting) how = form::try_now;
        int const v = ++last_value_;
        if constexpr (is_item) item::next_throws = throws;
        errc got = errc::success;
        bool thrown_here = false;
        try {
            got = how == form::waiting ? processor_->publish(v) : processor_->try_publish(v);
        } catch (thrown const&) {
            thrown_here = true;
            ++reached::constructor_throws;
        }
        if constexpr (is_item) item::next_throws = false;
        std::uint64_t const at = model_.next();
        expect({got, got == errc::success ? 1u : 0u, at}, 1, 1, how);
        if (got != errc::success) return;
        FUZZ_CHECK(thrown_here == throws);
        if (thrown_here) return model_.discard(at, 1);
        model_.value(at, v);
        model_.commit(at, 1, 1);
    }

    void build(handle& h) {
        if (h.empty()) return;
        if (h.many) return build_many(h);
        int const v = ++last_value_;
        if constexpr (is_item) {
            item::next_throws = in_.one_in(8);
            bool const throws = item::next_throws;
            try {
                h.built = 0;  // what was there is destroyed first
                event& e = h.one.emplace(v);
                h.built = 1;
                FUZZ_CHECK(&e == h.one.get() && &*h.one == &e && h.one->value == v);
            } catch (thrown const&) {
                ++reached::constructor_throws;
                FUZZ_CHECK(throws && h.one);
            }
        } else {
            if (in_.below(2) == 0)
                h.one.emplace(v);
            else
                *h.one = v;
            h.built = 1;
        }
        model_.value(h.at, v);
    }
    void build_many(handle& h) {
        std::size_t const k = in_.below(static_cast<unsigned>(h.size - h.built) + 1);
        FUZZ_TRACE("build %zu at %llu\n", k, static_cast<unsigned long long>(h.at));
        if constexpr (is_item) {
            unsigned const throw_at =
                in_.one_in(4) ? in_.below(static_cast<unsigned>(k) + 1) : static_cast<unsigned>(k);
            for (std::size_t i = 0; i != k; ++i) {
                item::next_throws = i == throw_at;
                try {
                    h.many.emplace_back(++last_value_);
                } catch (thrown const&) {
                    ++reached::constructor_throws;
                    break;
                }
                model_.value(h.at + h.built++, last_value_);
            }
            item::next_throws = false;
        } else if (in_.below(2) == 0) {
            for (int& e : h.many.append_uninitialized(k)) {
                e = ++last_value_;
                model_.value(h.at + h.built++, e);
            }
        } else {
            for (std::size_t i = 0; i != k; ++i) {
                h.many.push_back(++last_value_);
                model_.value(h.at + h.built++, last_value_);
            }
        }
        FUZZ_CHECK(h.many.size() == h.built && h.many.span().size() == h.built);
        FUZZ_CHECK(static_cast<std::size_t>(h.many.end() - h.many.begin()) == h.built);
    }

    void commit(handle& h) {
        if (h.empty()) return;
        FUZZ_TRACE("commit %zu of %zu at %llu\n", h.built, h.size, static_cast<unsigned long long>(h.at));
        if (h.many) {
            if (h.built != 0 && h.built != h.size) ++reached::prefixes;
            FUZZ_CHECK(h.many.commit() == errc::success);
            FUZZ_CHECK(!h.many && h.many.error() == errc::invalid_handle);
        } else {
            if constexpr (!is_item) {
                // Alive from the start: a write is all it takes.
                if (h.built == 0) {
                    *h.one = ++last_value_;
                    model_.value(h.at, last_value_);
                    h.built = 1;
                }
            }
            FUZZ_CHECK(h.one.commit() == (h.built == 1 ? errc::success : errc::invalid_handle));
            FUZZ_CHECK(!h.one && h.one.error() == errc::invalid_handle);
        }
#if !EVPROC_CHECKED
        FUZZ_CHECK(h.one.commit() == errc::invalid_handle && h.many.commit() == errc::invalid_handle);
#endif
        model_.commit(h.at, h.size, h.built);
        h.size = 0;
    }
    void discard(handle& h) {
        if (h.empty()) return;
        FUZZ_TRACE("discard %zu at %llu\n", h.size, static_cast<unsigned long long>(h.at));
        ++reached::discards;
        h.one.discard();
        h.many.discard();
        FUZZ_CHECK(!h.one && !h.many);
        given_up(h);
    }
    void drop(handle& h) {
        if (h.empty()) return;
        FUZZ_TRACE("drop %zu at %llu\n", h.size, static_cast<unsigned long long>(h.at));
        if (h.many) {
            {
                reserved_batch const last{std::move(h.many)};
            }
            FUZZ_CHECK(!h.many && h.many.error() == errc::invalid_handle);
        } else {
            {
                reserved_event const last{std::move(h.one)};
            }
            FUZZ_CHECK(!h.one && h.one.error() == errc::invalid_handle);
        }
        given_up(h);
    }
    void given_up(handle& h) {
        model_.discard(h.at, h.size);
        h.size = 0;
    }
    void move() {
        handle& to = pick();
        handle& from = pick();
        if (&to == &from) return;
        FUZZ_TRACE("move %llu to %llu\n", static_cast<unsigned long long>(from.at),
                   static_cast<unsigned long long>(to.at));
        to.one = std::move(from.one);
        to.many = std::move(from.many);
        if (!to.empty()) given_up(to);
        to.at = from.at;
        to.size = std::exchange(from.size, 0);
        to.built = from.built;
        FUZZ_CHECK(!from.one && !from.many);
        FUZZ_CHECK((to.one || to.many) == !to.empty());
    }

    void close() {
        FUZZ_TRACE("close\n");
        processor_->close();
        model_.close();
    }

    void flush() {
        using namespace std::chrono_literals;
        errc expected = errc::success;
        if (model_.unconsumed() != 0) expected = holds_events() ? errc::would_deadlock : errc::timed_out;
        bool const may_wait = expected != errc::timed_out;
        errc const got = may_wait && in_.below(2) == 0 ? processor_->flush() : processor_->flush_for(0s);
        FUZZ_CHECK(got == expected);
    }

    // ---- consumer ----

    /// Takes the form that asks for event_info.
    struct informed {
        processor_script* self;
        event_action operator()(event& e, event_info const& info) { return self->on_event(e, &info); }
        event_action operator()(std::span<event> events, event_info const& info) {
            return self->on_events(events, &info);
        }
    };
    struct plain {
        processor_script* self;
        event_action operator()(event& e) { return self->on_event(e, nullptr); }
        event_action operator()(std::span<event> events) { return self->on_events(events, nullptr); }
    };

    event_action on_event(event& e, event_info const* info) {
        model_.step_in_pass();
        check_handed_out(info, 1);
        FUZZ_CHECK(value_of(e) == model_.ready_value(0));
        return act(1);
    }
    event_action on_events(std::span<event> events, event_info const* info) {
        model_.step_in_pass();
        FUZZ_CHECK(!events.empty() && events.size() <= max_ - seen_);
        check_handed_out(info, events.size());
        for (std::size_t i = 0; i != events.size(); ++i) {
            FUZZ_CHECK(value_of(events[i]) == model_.ready_value(i));
            // Side by side in memory, so side by side in the order.
            FUZZ_CHECK(model_.ready_position(i) == model_.front() + i);
        }
        return act(events.size());
    }
    void check_handed_out(event_info const* info, std::size_t count) {
        FUZZ_CHECK(!ended_ && seen_ < max_ && model_.ready() >= count);
        if (info == nullptr) return;
        FUZZ_CHECK(info->sequence == model_.front());
        FUZZ_CHECK(info->end_of_batch == (seen_ + count == max_ || model_.ready() == count));
    }
    /// The script's part of the handler.
    event_action act(std::size_t count) {
        unsigned const what = in_.below(20);
        in_handler_ = true;
        if (what >= 14) producer_step(in_.below(32));
        in_handler_ = false;
        if (what == 2) {
            FUZZ_TRACE("  handler: keep\n");
            ++reached::kept;
            ended_ = true;
            return event_action::keep;
        }
        for (std::size_t i = 0; i != count; ++i) model_.consume_in_pass();
        seen_ += count;
        reached::consumed += count;
        if (what == 0) {
            FUZZ_TRACE("  handler: throw\n");
            ++reached::handler_throws;
            throw thrown{};
        }
        FUZZ_TRACE("  handler: %s\n", what == 1 ? "stop" : "next");
        if (what == 1) ended_ = true;
        return what == 1 ? event_action::stop : event_action::next;
    }

    /// Calls one of the poll verbs with the books around it.
    template <class Call> void polled(std::size_t max, bool waits, Call call) {
        seen_ = 0;
        max_ = max;
        ended_ = false;
        poll_result result;
        try {
            result = call();
        } catch (thrown const&) {
            FUZZ_TRACE("poll threw after %zu events\n", seen_);
            in_handler_ = false;
            model_.leave_pass();
            return;
        }
        FUZZ_TRACE("poll: %zu events, state %d\n", result.events, static_cast<int>(result.state));
        FUZZ_CHECK(result.events == seen_);
        bool const looked_further = !ended_ && seen_ != max_;
        FUZZ_CHECK(!looked_further || model_.ready() == 0);
        if (looked_further)
            model_.settle();
        else
            model_.leave_pass();
        poll_state expected = model_.state();
        if (!looked_further)
            expected = poll_state::more;
        else if (expected == poll_state::blocked && !(waits && seen_ == 0))
            expected = poll_state::idle;
        FUZZ_CHECK(result.state == expected);
        FUZZ_CHECK(processor_->state() == model_.state());
        ++reached::states[static_cast<std::size_t>(model_.state())];
        if (waits && seen_ == 0 && expected != poll_state::more && expected != poll_state::closed) woken_ = false;
    }

    void poll() {
        using namespace std::chrono_literals;
        if (batch_) return;
        std::size_t const max = in_.below(2 * static_cast<unsigned>(model_.capacity()) + 1);
        std::size_t const all = model_.capacity();
        switch (in_.below(6)) {
            case 0: return polled(max, false, [&] { return processor_->poll(informed{this}, max); });
            case 1: return polled(max, false, [&] { return processor_->poll(plain{this}, max); });
            case 2: return polled(all, false, [&] { return processor_->poll(informed{this}); });
            case 3: return polled(all, false, [&] { return processor_->poll(plain{this}); });
            case 4: return polled(all, true, [&] { return processor_->poll_for(0ns, informed{this}); });
            default: return polled(all, true, [&] { return processor_->poll_until(past(), plain{this}); });
        }
    }
    void poll_batches() {
        if (batch_) return;
        std::size_t const max = in_.below(2 * static_cast<unsigned>(model_.capacity()) + 1);
        ++reached::batches;
        if (in_.below(2) == 0) return polled(max, false, [&] { return processor_->poll_batches(informed{this}, max); });
        polled(max, false, [&] { return processor_->poll_batches(plain{this}, max); });
    }
    void wake_or_wait() {
        if (in_.below(2) == 0) {
            FUZZ_TRACE("wake\n");
            processor_->wake();
            woken_ = true;
            return;
        }
        if (batch_) return;
        std::size_t const all = model_.capacity();
        bool const returns = model_.ready() != 0 || woken_ || model_.state() == poll_state::closed;
        if (returns && in_.below(2) == 0) {
            ++reached::wakes;
            return polled(all, true, [&] { return processor_->poll_wait(informed{this}); });
        }
        polled(all, true, [&] { return processor_->poll_wait(stopped_.get_token(), informed{this}); });
    }

    void peek() {
        if (batch_) return;
        std::size_t const max = in_.below(2 * static_cast<unsigned>(model_.capacity()) + 1);
        bool const all = in_.below(2) == 0;
        committed_batch found = all ? processor_->peek() : processor_->peek(max);
        model_.settle();
        std::size_t const size = all ? model_.ready() : std::min(max, model_.ready());
        FUZZ_TRACE("peek: %zu events\n", found.size());
        FUZZ_CHECK(found.size() == size && found.empty() == (size == 0) && static_cast<bool>(found) == (size != 0));
        if (size == 0) return;
        ++reached::peeked;
        batch_.emplace(std::move(found));
        FUZZ_CHECK(!found && found.empty());
        check_batch();
    }
    void check_batch() {
        std::size_t i = 0;
        for (auto it = batch_->begin(); it != batch_->end(); ++it, ++i) {
            FUZZ_CHECK(value_of(*it) == model_.ready_value(i) && it.sequence() == model_.ready_position(i));
        }
        FUZZ_CHECK(i == batch_->size());
        if (i == 0) return;
        FUZZ_CHECK(value_of(batch_->front()) == model_.ready_value(0) && batch_->sequence() == model_.front());
    }
    void release(std::size_t k) {
        FUZZ_TRACE("release %zu of %zu\n", k, batch_->size());
        std::size_t const left = batch_->size() - k;
        if (left == 0 && in_.below(2) == 0)
            batch_->release();
        else
            batch_->release(k);
        released(k);
        FUZZ_CHECK(batch_->size() == left && static_cast<bool>(*batch_) == (left != 0));
        check_batch();
        if (left == 0) batch_.reset();
    }
    void released(std::size_t k) {
        for (std::size_t i = 0; i != k; ++i) {
            model_.settle();
            model_.consume();
        }
        model_.settle();
        reached::consumed += k;
    }
    /// keep(), the destructor, or the move assignment of another.
    void end_batch() {
        if (!batch_) return;
        std::size_t const size = batch_->size();
        switch (in_.below(3)) {
            case 0:
                FUZZ_TRACE("keep %zu\n", size);
                batch_->keep();
                FUZZ_CHECK(!*batch_ && batch_->empty());
                break;
            case 1: released_after([&] { *batch_ = committed_batch{}; }, size); break;
            default: released_after([&] { committed_batch const last{std::move(*batch_)}; }, size); break;
        }
        batch_.reset();
    }
    template <class Action> void released_after(Action action, std::size_t size) {
        FUZZ_TRACE("drop the batch of %zu\n", size);
        action();
        released(size);
    }

    /// run() is called only where it is known to end: at the k-th event, or because everything is closed.
    void run() {
        if (batch_) return;
        std::size_t const ready = model_.ready();
        bool const ends = model_.closed() && !model_.has_live();
        std::size_t const k = in_.below(static_cast<unsigned>(ready) + 1);
        if (k == 0 && !ends) {
            // Or at once.
            auto const result = processor_->run(stopped_.get_token(), [](event&) { FUZZ_CHECK(false); });
            FUZZ_CHECK(result.events == 0 && result.reason == errc::stopped);
            return;
        }
        ++reached::runs;
        bool const throws = in_.below(2) == 0;
        std::size_t handled = 0;
        bool failed_before = false;
        auto const handler = [&](event& e, event_info const& info) -> event_action {
            model_.step_in_pass();
            FUZZ_CHECK(value_of(e) == model_.ready_value(0) && info.sequence == model_.front());
            FUZZ_CHECK(k == 0 || handled < k);
            if (guarded_ && !failed_before && in_.one_in(4)) {
                failed_before = true;
                throw thrown{};
            }
            failed_before = false;
            model_.consume_in_pass();
            ++handled;
            ++reached::consumed;
            if (handled != k) return event_action::next;
            if (throws) throw thrown{};
            return event_action::stop;
        };
        auto const on_error = [&](std::exception_ptr, event& e, event_info const& info) -> error_action {
            // At the k-th event the model has consumed it already.
            if (handled == k && k != 0 && !failed_before) return error_action::stop;
            FUZZ_CHECK(value_of(e) == model_.ready_value(0) && info.sequence == model_.front());
            if ((k != 0 && handled + 1 == k) || in_.below(2) == 0) return error_action::retry;
            failed_before = false;
            model_.consume_in_pass();
            ++handled;
            ++reached::consumed;
            return error_action::skip;
        };
        guarded_ = in_.below(2) == 0;
        std::stop_source never;
        evproc::run_result result;
        try {
            if (guarded_)
                result = processor_->run(never.get_token(), handler, on_error);
            else
                result = processor_->run(handler);
        } catch (thrown const&) {
            FUZZ_TRACE("run threw after %zu events\n", handled);
            FUZZ_CHECK(k != 0 && handled == k && throws);
            ++reached::handler_throws;
            model_.leave_pass();
            model_.close();
            return;
        }
        FUZZ_TRACE("run: %zu events\n", handled);
        FUZZ_CHECK(result.events == handled);
        if (k != 0)
            model_.leave_pass();
        else
            model_.settle();
        if (k != 0)
            FUZZ_CHECK(handled == k && !throws && result.reason == errc::stopped);
        else
            FUZZ_CHECK(model_.state() == poll_state::closed && result.reason == errc::closed);
    }

    // ---- what must hold between any two steps ----

    void check_at_rest() {
        FUZZ_CHECK(processor_->is_closed() == model_.closed());
        check_size();
        if constexpr (is_item) {
            std::size_t building = 0;
            for (handle const& h : handles_)
                if (!h.empty()) building += h.built;
            FUZZ_CHECK(static_cast<std::uint64_t>(item::alive) == model_.unconsumed() + building);
        }
    }
    void check_size() {
        std::size_t const size = processor_->size_approx();
        FUZZ_CHECK(size >= model_.held_at_least() && size <= model_.held_at_most());
        FUZZ_CHECK(processor_->empty_approx() == (size == 0));
    }
    void check_counts() {
        check_size();
        FUZZ_CHECK(processor_->capacity() == model_.capacity() && processor_->max_batch() == model_.max_batch());
        evproc::processor_stats const s = processor_->stats();
        FUZZ_CHECK(s.full_waits == full_waits_ && s.refused == refused_);
        if (in_handler_) {
            // A poll that runs tells what it has consumed and stepped over once a quarter of the ring.
            FUZZ_CHECK(s.consumed <= model_.consumed() && s.committed <= model_.committed());
            return;
        }
        FUZZ_TRACE("stats: committed %llu consumed %llu discarded %llu\n", static_cast<unsigned long long>(s.committed),
                   static_cast<unsigned long long>(s.consumed), static_cast<unsigned long long>(s.discarded));
        FUZZ_CHECK(s.committed == model_.committed());
        FUZZ_CHECK(s.consumed == model_.consumed());
        FUZZ_CHECK(s.discarded == model_.discarded());
        FUZZ_TRACE("max_depth %llu, deepest %llu\n", static_cast<unsigned long long>(s.max_depth),
                   static_cast<unsigned long long>(model_.deepest()));
        FUZZ_CHECK(s.max_depth >= model_.held_at_least() && s.max_depth <= model_.deepest());
        evproc::stall_info const stall = processor_->oldest_uncommitted();
        bool const stalled = model_.front_is_live();
        FUZZ_CHECK(stall.stalled == stalled && static_cast<bool>(stall) == stalled);
        if (stalled) {
            ++reached::stalls;
            FUZZ_CHECK(stall.sequence == model_.front() && stall.age.count() >= 0);
        }
    }

    byte_reader& in_;
    ring_model model_;
    std::unique_ptr<Processor> processor_;
    std::stop_source stopped_;
    std::array<handle, 4> handles_;
    std::optional<committed_batch> batch_;
    int last_value_ = 0;
    // What the running handler knows.
    bool in_handler_ = false;
    bool guarded_ = false;
    bool ended_ = false;
    std::size_t seen_ = 0;
    std::size_t max_ = 0;
    // What stats() and oldest_uncommitted() have to say.
    std::uint64_t refused_ = 0;
    std::uint64_t full_waits_ = 0;
    bool woken_ = false;
};

}  // namespace evproc_fuzz
