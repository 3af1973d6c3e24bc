// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <evproc/detail/sequence.hpp>
#include <evproc/errc.hpp>

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
