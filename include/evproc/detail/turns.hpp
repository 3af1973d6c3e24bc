// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <evproc/detail/config.hpp>

namespace evproc::detail {
inline namespace EVPROC_ABI {

/// `strict`: the first ring that has something; earlier rings are looked at again every `burst` events.
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
