// expect: Wait must satisfy evproc::wait_strategy
// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#include <evproc/ring_buffer.hpp>

struct my_wait {
    template <class Ready>
    bool wait(Ready&& ready, evproc::wait_deadline) {
        return ready();
    }
#if defined(CONTROL)
    void notify() noexcept {}
#endif
    std::uint64_t parks() const noexcept { return 0; }
};
evproc::ring_buffer<int, 4, my_wait> ring;
