# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# What the executables that two suites build are made of: their own suite, and the code mutants.
set(unit_ring ring_buffer.cpp ring_buffer_single.cpp ring_options.cpp slot_range.cpp ready_range.cpp positions.cpp pacer.cpp)
set(unit_processor errc.cpp reserved_event.cpp reserved_batch.cpp committed_batch.cpp producer_verbs.cpp event_processor.cpp
    event_info.cpp consumer_verbs.cpp event_processor_lifetime.cpp event_processor_types.cpp)
set(unit_records record_processor.cpp reserved_record.cpp record_fuzz.cpp)
set(unit_waits event_count.cpp grouped_wait.cpp wait_strategy.cpp wait_strategy_races.cpp blocking_wait.cpp spin_wait.cpp
    backoff_wait.cpp)
set(unit_one_cpu adaptive_wait.cpp)
set(unit_checked checked.cpp checked_other_ring.cpp checked_several.cpp)
set(unit_unchecked reservation_unchecked.cpp)
set(unit_observe dwell_histogram.cpp io.cpp observer.cpp version.cpp evproc.cpp)
set(unit_bounded_queue bounded_queue.cpp)
set(unit_layout layout.cpp)
set(unit_broadcast broadcast_processor.cpp broadcast_consumer.cpp)
set(unit_several selecting_verbs.cpp selector.cpp priority_processor.cpp lane_processor.cpp)
foreach(executable ring processor records waits one_cpu checked unchecked observe bounded_queue layout broadcast several)
    list(TRANSFORM unit_${executable} PREPEND "${CMAKE_CURRENT_LIST_DIR}/unit/")
endforeach()

set(fuzz_replay run_script.cpp replay.cpp)
list(TRANSFORM fuzz_replay PREPEND "${CMAKE_CURRENT_LIST_DIR}/fuzz/")

set(model_cases ring.cpp wait.cpp single.cpp processor.cpp consumer.cpp callbacks.cpp eventfd.cpp broadcast.cpp records.cpp event_count.cpp selector.cpp
    lanes.cpp)
list(TRANSFORM model_cases PREPEND "${CMAKE_CURRENT_LIST_DIR}/model/cases/")
set(model_explorer explorer.cpp fiber.cpp)
list(TRANSFORM model_explorer PREPEND "${CMAKE_CURRENT_LIST_DIR}/model/engine/")

# The system calls that a test counts, or takes the place of.
set(eventfd_wraps -Wl,--wrap=eventfd,--wrap=read,--wrap=write)
set(model_wraps ${eventfd_wraps},--wrap=close)
