// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// The whole core; extras/, eventfd_wait and coroutine_wait are included by themselves.
#pragma once

#include <evproc/broadcast_processor.hpp>
#include <evproc/errc.hpp>
#include <evproc/event_info.hpp>
#include <evproc/event_processor.hpp>
#include <evproc/lane_processor.hpp>
#include <evproc/priority_processor.hpp>
#include <evproc/record_processor.hpp>
#include <evproc/ring_buffer.hpp>
#include <evproc/ring_options.hpp>
#include <evproc/selector.hpp>
#include <evproc/version.hpp>
#include <evproc/wait/adaptive_wait.hpp>
#include <evproc/wait/backoff_wait.hpp>
#include <evproc/wait/blocking_wait.hpp>
#include <evproc/wait/grouped_wait.hpp>
#include <evproc/wait/spin_wait.hpp>
#include <evproc/wait/wait_strategy.hpp>
