// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// What goes through the ring: one well-formed line of a log.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

/// Lets a container of std::string be searched by std::string_view, without a copy.
struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

inline std::int64_t nanoseconds_now() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// Kinds too long for an event's own storage, each kept once and for as long as the program runs. So an event
/// needs no memory of its own, and what is in flight is bounded by the ring whatever the lines look like. Any
/// thread.
class long_kinds {
public:
    std::string const& keep(std::string_view kind) {
        std::lock_guard const lock(mutex_);
        auto found = kinds_.find(kind);
        if (found == kinds_.end()) {
            found = kinds_.emplace(kind).first;
        }
        return *found;  // stays where it is: the set keeps each string in a node
    }

private:
    std::mutex mutex_;
    std::unordered_set<std::string, text_hash, std::equal_to<>> kinds_;
};

/// One cache line. Trivially default constructible on purpose: a reserved slot is an event at once, so a line
/// is parsed into the slot where the consumer will read it.
struct log_event {
    static constexpr std::size_t own_storage = 47;

    std::int64_t reserved_at;      // steady clock, nanoseconds
    std::string const* long_kind;  // null: the kind is in own_kind
    unsigned char own_size;
    char own_kind[own_storage];

    void set_kind(std::string_view kind, long_kinds& elsewhere) {
        if (kind.size() <= own_storage) {
            long_kind = nullptr;
            own_size = static_cast<unsigned char>(kind.size());
            std::memcpy(own_kind, kind.data(), kind.size());
        } else {
            long_kind = &elsewhere.keep(kind);
        }
    }

    [[nodiscard]] std::string_view kind() const noexcept {
        return long_kind != nullptr ? std::string_view(*long_kind) : std::string_view(own_kind, own_size);
    }
};
static_assert(sizeof(log_event) == 64 || sizeof(void*) != 8);
