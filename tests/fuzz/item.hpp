// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// The event of the scripts: knows whether it is alive, and throws from its constructor when told to.
#pragma once

#include <cstdint>

#include "report.hpp"

namespace evproc_fuzz {

/// Thrown by constructors and handlers of the scripts.
struct thrown {};

class item {
public:
    static inline std::int64_t alive = 0;
    static inline bool next_throws = false;

    explicit item(int v) : value{v} {
        if (next_throws) {
            next_throws = false;
            throw thrown{};
        }
        ++alive;
    }
    item(item const&) = delete;
    item& operator=(item const&) = delete;
    ~item() {
        FUZZ_CHECK(self_ == this);
        self_ = nullptr;
        --alive;
    }

    [[nodiscard]] int get() const {
        FUZZ_CHECK(self_ == this);
        return value;
    }

    int value;

private:
    item const* volatile self_ = this;
};

inline int value_of(item const& i) { return i.get(); }
inline int value_of(int i) { return i; }

}  // namespace evproc_fuzz
