// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// A script played on a ring_buffer and on the model side by side: the verbs that event_processor does not use.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include <evproc/ring_buffer.hpp>

#include "../support/start_at.hpp"
#include "byte_reader.hpp"
#include "model.hpp"
#include "report.hpp"

namespace evproc_fuzz {

template <class Ring> class ring_script {
    using errc = evproc::errc;
    using range = typename Ring::range_type;

public:
    template <class... Args>
    ring_script(byte_reader& in, ring_model const& model, Args const&... args)
        : in_{in}, model_{model}, ring_{new Ring(started_at<Ring>(args...))} {
        stopped_.request_stop();
    }

    void play() {
        while (!in_.done()) {
            step();
            check();
        }
        for (range& r : ranges_)
            if (r) discard(r);
        check();
    }

private:
    void step() {
        switch (in_.below(16)) {
            case 0:
            case 1:
            case 2: return reserve(false);
            case 3: return reserve(true);
            case 4:
            case 5: return commit(oldest());
            case 6: return commit(pick());
            case 7: return discard(pick());
            case 8:
            case 9:
            case 10: return peek();
            case 11:
            case 12:
            case 13: return release(in_.below(static_cast<unsigned>(peeked_) + 1));
            case 14: return wait();
            default:
                if (in_.one_in(12)) {
                    FUZZ_TRACE("close\n");
                    ring_->close();
                    model_.close();
                }
        }
    }

    range& pick() { return ranges_[in_.below(static_cast<unsigned>(ranges_.size()))]; }
    range& oldest() {
        range* found = &ranges_[0];
        for (range& r : ranges_)
            if (r && (!*found || r.sequence() < found->sequence())) found = &r;
        return *found;
    }

    void reserve(bool up_to) {
        using namespace std::chrono_literals;
        range& r = pick();
        unsigned const asked = in_.next();
        std::size_t n =
            asked < 8 ? (asked == 0 ? 0 : model_.max_batch() + asked) : 1 + asked % (model_.max_batch() + 1);
        if (r || n > evproc::detail::max_position - model_.next()) return;
        std::size_t const asked_for = n;
        if (up_to) n = std::min(n, model_.max_batch());
        errc const refusal = model_.refusal(n);
        unsigned how = in_.below(5);
        bool const certain =
            refusal != errc::success || model_.free_at_least() >= n || (peeked_ != 0 && model_.free_at_most() < n);
        if (up_to || (how == 4 && !certain)) how = 0;
        errc refused_with = peeked_ != 0 ? errc::would_deadlock : errc::timed_out;
        switch (how) {
            case 0:
                r = up_to ? ring_->try_reserve_up_to(asked_for) : ring_->try_reserve(n);
                refused_with = errc::full;
                break;
            case 1: r = ring_->reserve_for(0ns, n); break;
            case 2: r = ring_->reserve_until(std::chrono::steady_clock::time_point{}, n); break;
            case 3:
                r = ring_->reserve(stopped_.get_token(), n);
                if (peeked_ == 0) refused_with = errc::stopped;
                break;
            default: r = ring_->reserve(n); break;
        }
        FUZZ_TRACE("reserve %zu how %u: error %d size %zu\n", n, how, static_cast<int>(r.error()), r.size());
        ++reached::errors[static_cast<std::size_t>(r.error())];
        FUZZ_CHECK(static_cast<bool>(r) == (r.error() == errc::success));
        FUZZ_CHECK((r.data() != nullptr) == static_cast<bool>(r));
        if (refusal != errc::success) {
            FUZZ_CHECK(r.error() == refusal && r.size() == 0);
            return;
        }
        FUZZ_CHECK(r || r.error() == refused_with);
        model_.reserved(up_to ? 1 : n, n, r.error(), r.size(), r.sequence());
        for (std::size_t i = 0; i != r.size(); ++i) {
            r.data()[i] = ++last_value_;
            model_.value(r.sequence() + i, last_value_);
        }
    }
    void commit(range& r) {
        if (!r) return;
        bool const all = in_.below(2) == 0;
        std::size_t const built = all ? r.size() : in_.below(static_cast<unsigned>(r.size()) + 1);
        FUZZ_TRACE("commit %zu of %zu at %llu\n", built, r.size(), static_cast<unsigned long long>(r.sequence()));
        if (all)
            ring_->commit(r);
        else
            ring_->commit(r, built);
        model_.commit(r.sequence(), r.size(), built);
        if (built != 0 && !all) ++reached::prefixes;
        r = {};
        // An empty range holds nothing to commit or discard.
        ring_->commit(r);
        ring_->commit(r, 0);
        ring_->discard(r);
    }
    void discard(range& r) {
        if (!r) return;
        FUZZ_TRACE("discard %zu at %llu\n", r.size(), static_cast<unsigned long long>(r.sequence()));
        ++reached::discards;
        ring_->discard(r);
        model_.discard(r.sequence(), r.size());
        r = {};
    }
    void peek() {
        bool const all = in_.below(2) == 0;
        std::size_t const max = in_.below(2 * static_cast<unsigned>(model_.capacity()) + 1);
        auto const found = all ? ring_->peek() : ring_->peek(max);
        model_.settle();
        peeked_ = all ? model_.ready() : std::min(max, model_.ready());
        FUZZ_TRACE("peek: %zu events\n", found.size());
        FUZZ_CHECK(found.size() == peeked_ && found.empty() == (peeked_ == 0));
        std::size_t i = 0;
        for (auto it = found.begin(); it != found.end(); it++, ++i)
            FUZZ_CHECK(*it == model_.ready_value(i) && it.sequence() == model_.ready_position(i));
        FUZZ_CHECK(i == peeked_);
        if (peeked_ == 0) return;
        ++reached::peeked;
        FUZZ_CHECK(found.front() == model_.ready_value(0) && found.sequence() == model_.front());
    }
    void release(std::size_t k) {
        FUZZ_TRACE("release %zu of %zu\n", k, peeked_);
        ring_->release(k);
        for (std::size_t i = 0; i != k; ++i) {
            model_.settle();
            model_.consume();
        }
        model_.settle();
        peeked_ -= k;
        reached::consumed += k;
    }
    /// A wait that has something to return for, or no time.
    void wait() {
        using namespace std::chrono_literals;
        if (in_.below(4) == 0) {
            FUZZ_TRACE("wake\n");
            ring_->wake();
            woken_ = true;
            return;
        }
        bool const ready = model_.ready() != 0;
        bool const over = model_.state() == evproc::poll_state::closed;
        unsigned how = in_.below(4);
        if (how == 3 && !ready && !over && !woken_) how = 0;
        bool got = false;
        switch (how) {
            case 0: got = ring_->wait_for(0ns); break;
            case 1: got = ring_->wait_until(std::chrono::steady_clock::time_point{}); break;
            case 2: got = ring_->wait(stopped_.get_token()); break;
            default: got = ring_->wait(); break;
        }
        model_.settle();
        FUZZ_TRACE("wait how %u: %d\n", how, got ? 1 : 0);
        FUZZ_CHECK(got == ready);
        if (!ready && !over) {
            if (woken_) ++reached::wakes;
            woken_ = false;
        }
    }

    void check() {
        FUZZ_CHECK(ring_->state() == model_.state());
        std::size_t const size = ring_->size_approx();
        FUZZ_CHECK(size >= model_.held_at_least() && size <= model_.held_at_most());
        FUZZ_CHECK(ring_->empty_approx() == (size == 0));
        FUZZ_CHECK(ring_->is_closed() == model_.closed());
        FUZZ_CHECK(ring_->capacity() == model_.capacity() && ring_->max_batch() == model_.max_batch());
    }

    byte_reader& in_;
    ring_model model_;
    std::unique_ptr<Ring> ring_;
    std::stop_source stopped_;
    std::array<range, 4> ranges_;
    std::size_t peeked_ = 0;
    int last_value_ = 0;
    bool woken_ = false;
};

}  // namespace evproc_fuzz
