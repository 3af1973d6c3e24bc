# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# Every public and detail header, by name: what is installed and compiled alone. The lint lane fails when these lists and
# the folder differ.
set(evproc_headers
    evproc/committed_batch.hpp
    evproc/errc.hpp
    evproc/event_info.hpp
    evproc/event_processor.hpp
    evproc/evproc.hpp
    evproc/observer.hpp
    evproc/producer_verbs.hpp
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
    evproc/detail/consumer.hpp
    evproc/detail/consumer_position.hpp
    evproc/detail/consumer_scope.hpp
    evproc/detail/cursor.hpp
    evproc/detail/deadline.hpp
    evproc/detail/event_count.hpp
    evproc/detail/mpsc_ring.hpp
    evproc/detail/pacer.hpp
    evproc/detail/prefetch.hpp
    evproc/detail/producers.hpp
    evproc/detail/ring.hpp
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
# Headers that need a package which is not always there. Installed too, but compiled only by the tests that need the package.
set(evproc_headers_for_packages
    evproc/extras/prometheus.hpp
    evproc/extras/usdt.hpp
)
