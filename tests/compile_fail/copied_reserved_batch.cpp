// expect: deleted
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/event_processor.hpp>

#include <utility>

void use(evproc::event_processor<int, 4>& events) {
    auto batch = events.try_reserve_batch(2);
#if defined(CONTROL)
    auto other = std::move(batch);
#else
    auto other = batch;
#endif
    other.discard();
}
