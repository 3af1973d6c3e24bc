# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# Every public and detail header, by name: what is installed, compiled alone, and joined into the single header.
# The lint lane fails when this list and the folder differ.
set(evproc_headers
    evproc/committed_batch.hpp
    evproc/errc.hpp
    evproc/event_info.hpp
    evproc/event_processor.hpp
    evproc/evproc.hpp
    evproc/metrics.hpp
    evproc/observer.hpp
    evproc/ready_range.hpp
    evproc/reserved_batch.hpp
    evproc/reserved_event.hpp
    evproc/ring_buffer.hpp
    evproc/ring_options.hpp
    evproc/slot_range.hpp
    evproc/version.hpp
    evproc/extras/bounded_queue.hpp
    evproc/extras/dwell_histogram.hpp
    evproc/extras/io.hpp
    evproc/wait/adaptive_wait.hpp
    evproc/wait/backoff_wait.hpp
    evproc/wait/blocking_wait.hpp
    evproc/wait/coroutine_wait.hpp
    evproc/wait/eventfd_wait.hpp
    evproc/wait/spin_wait.hpp
    evproc/wait/wait_strategy.hpp
    evproc/detail/cache_line.hpp
    evproc/detail/callback_slot.hpp
    evproc/detail/check.hpp
    evproc/detail/config.hpp
    evproc/detail/construct.hpp
    evproc/detail/consumer_mark.hpp
    evproc/detail/cursor.hpp
    evproc/detail/deadline.hpp
    evproc/detail/drain.hpp
    evproc/detail/event_count.hpp
    evproc/detail/mpsc_ring.hpp
    evproc/detail/pacer.hpp
    evproc/detail/prefetch.hpp
    evproc/detail/ring_access.hpp
    evproc/detail/sequence.hpp
    evproc/detail/signals.hpp
    evproc/detail/spsc_ring.hpp
    evproc/detail/statistics.hpp
    evproc/detail/stop.hpp
    evproc/detail/storage.hpp
    evproc/detail/platform/asymmetric_fence.hpp
    evproc/detail/platform/atomic.hpp
    evproc/detail/platform/clock.hpp
    evproc/detail/platform/cpu.hpp
    evproc/detail/platform/futex.hpp
    evproc/detail/platform/thread.hpp
)
