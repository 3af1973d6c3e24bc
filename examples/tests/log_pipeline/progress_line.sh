#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# A progress line on a terminal, and nowhere else.
. "$(dirname "$0")/common.sh"

"$MAKE_LOG" plain 1 1000 | sed '$a\' >log
mkfifo pipe
slowly() { for n in 1 2 3 4 5; do cat log; sleep 0.2; done; }
slowly >pipe &
run 0 --json pipe
wait
is "messages without a terminal" "$(cat err)" ""
command -v script >/dev/null || { test $failures = 0 && exit 77; }
slowly >pipe &
script -qec "'$LOG_PIPELINE' --json pipe >out" /dev/null >terminal </dev/null
wait
valid_json out
is "lines" "$(number lines out)" 5000
matches "progress line" terminal "$(printf '\r')[0-9.]+ MB read, [0-9]+ events, .*$(printf '\033')\[K"
is "what is left of it" "$(tail -c 4 terminal)" "$(printf '\r\033[K')"

test $failures = 0
