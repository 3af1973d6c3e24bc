// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/config.hpp>
#include <evproc/detail/consumer_position.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/wait_strategy.hpp>

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
