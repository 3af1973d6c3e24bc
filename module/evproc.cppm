// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// import evproc;
//
// Every public name of the headers but EVPROC_VERSION and its kin, which are macros, and what needs other libraries
// (extras/prometheus.hpp, extras/usdt.hpp). Tried with clang 19:
//
//     clang++-19 -std=c++20 -pthread -I include --precompile module/evproc.cppm -o evproc.pcm
//     clang++-19 -std=c++20 -pthread -fmodule-file=evproc=evproc.pcm app.cpp evproc.pcm -o app
module;

#include <evproc/evproc.hpp>
#include <evproc/extras/bounded_queue.hpp>
#include <evproc/extras/dwell_histogram.hpp>
#include <evproc/extras/io.hpp>
#include <evproc/wait/coroutine_wait.hpp>
#include <evproc/wait/eventfd_wait.hpp>

export module evproc;

export namespace evproc {

using evproc::adaptive_wait;
using evproc::armable_wait;
using evproc::backoff_wait;
using evproc::blocking_wait;
using evproc::bounded_queue;
using evproc::broadcast_consumer;
using evproc::broadcast_processor;
using evproc::committed_batch;
using evproc::conqueue_status;
using evproc::consumer_stats;
using evproc::coroutine_wait;
using evproc::counting_wait;
using evproc::dwell_histogram;
using evproc::errc;
using evproc::error_action;
using evproc::error_category;
using evproc::event_action;
using evproc::event_info;
using evproc::event_processor;
using evproc::eventfd_wait;
using evproc::grouped_wait;
using evproc::lane;
using evproc::lane_processor;
using evproc::make_error_code;
using evproc::no_observer;
using evproc::one_of;
using evproc::poll_result;
using evproc::poll_state;
using evproc::pop_result;
using evproc::priority_processor;
using evproc::processor_stats;
using evproc::producer_kind;
using evproc::producer_verbs;
using evproc::ready_range;
using evproc::record_processor;
using evproc::reservation;
using evproc::reserved_batch;
using evproc::reserved_event;
using evproc::reserved_record;
using evproc::resume_executor;
using evproc::resuming_wait;
using evproc::resumption;
using evproc::ring_buffer;
using evproc::ring_owner;
using evproc::ring_options;
using evproc::run_result;
using evproc::select_info;
using evproc::consumer_verbs;
using evproc::selecting_verbs;
using evproc::waiting_verbs;
using evproc::selector;
using evproc::slot_range;
using evproc::spin_wait;
using evproc::stages;
using evproc::stall_info;
using evproc::strict;
using evproc::version;
using evproc::version_number;
using evproc::wait_deadline;
using evproc::wait_group;
using evproc::wait_side;
using evproc::wait_strategy;
using evproc::weighted;
using evproc::operator<<;

}  // namespace evproc
