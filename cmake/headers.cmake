# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# Every public and detail header, by name: what is installed, compiled alone, and joined into the single header.
# The lint lane fails when this list and the folder differ.
set(evproc_headers
    evproc/bounded_queue.hpp
    evproc/committed_batch.hpp
    evproc/coroutine.hpp
    evproc/dwell_histogram.hpp
    evproc/errc.hpp
    evproc/event_info.hpp
    evproc/event_processor.hpp
    evproc/eventfd_wait.hpp
    evproc/evproc.hpp
    evproc/io.hpp
    evproc/metrics.hpp
    evproc/observer.hpp
    evproc/ready_range.hpp
    evproc/reserved_batch.hpp
    evproc/reserved_event.hpp
    evproc/ring_buffer.hpp
    evproc/ring_options.hpp
    evproc/slot_range.hpp
    evproc/version.hpp
    evproc/wait/adaptive_wait.hpp
    evproc/wait/backoff_wait.hpp
    evproc/wait/blocking_wait.hpp
    evproc/wait/spin_wait.hpp
    evproc/wait/wait_strategy.hpp
    evproc/detail/asymmetric_fence.hpp
    evproc/detail/atomic.hpp
    evproc/detail/cache_line.hpp
    evproc/detail/callback_slot.hpp
    evproc/detail/check.hpp
    evproc/detail/clock.hpp
    evproc/detail/config.hpp
    evproc/detail/construct.hpp
    evproc/detail/consumer_mark.hpp
    evproc/detail/cpu_relax.hpp
    evproc/detail/cursor.hpp
    evproc/detail/deadline.hpp
    evproc/detail/doorbell.hpp
    evproc/detail/drain.hpp
    evproc/detail/pacer.hpp
    evproc/detail/parker.hpp
    evproc/detail/prefetch.hpp
    evproc/detail/ring_access.hpp
    evproc/detail/ring_core.hpp
    evproc/detail/sequence.hpp
    evproc/detail/signals.hpp
    evproc/detail/single_core.hpp
    evproc/detail/sleeper.hpp
    evproc/detail/slots.hpp
    evproc/detail/statistics.hpp
    evproc/detail/stop.hpp
    evproc/detail/this_thread.hpp
)
