// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <evproc/ring_buffer.hpp>
#include <evproc/wait/spin_wait.hpp>
