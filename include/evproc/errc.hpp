// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <system_error>
#include <type_traits>

#include <evproc/detail/config.hpp>

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
