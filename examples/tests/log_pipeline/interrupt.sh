#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Ctrl-C: reading ends, what was reserved is drained and reported, the exit status is 130.
. "$(dirname "$0")/common.sh"

"$MAKE_LOG" text 1 20000 >log
mkfifo pipe
# stop_while_reading SIGNAL STATUS ARGUMENT...: the signal comes when log_pipeline is known to be at work: it has taken
# more from the pipe than a pipe holds, and waits for more of it, while it reads a file without end.
stop_while_reading() {
    local signal=$1 status=$2
    shift 2
    "$LOG_PIPELINE" "$@" --repeat 1000000000 log pipe log >out 2>err &
    local pid=$!
    exec 3>pipe
    cat log >&3
    printf '2026-01-01 00:00:00 unfinished' >&3
    kill -"$signal" $pid
    wait $pid
    is "exit status after $signal, $*" $? "$status"
    exec 3>&-
    is "messages" "$(cat err)" ""
}
test "$(wc -c <log)" -gt 400000 || fail "the log fits a pipe"
for ring in "--capacity 1" "--capacity 64" "--capacity 4096" "--lanes --capacity 1" "--lanes"; do
    stop_while_reading INT 130 --json $ring
    valid_json out
    is "files" "$(number files out)" 3
    test "$(number events out)" -gt 0 || fail "nothing was read"
done
stop_while_reading INT 130
matches "text report" out '^interrupted'
stop_while_reading TERM 143 --json
valid_json out

# Nothing but a pipe no one writes to.
"$LOG_PIPELINE" --json pipe >out 2>err &
pid=$!
exec 3>pipe
printf '2026-01-01 00:00:00 kind\n%0100000d\n' 0 >&3
printf '%070000d' 0 >&3
kill -INT $pid
wait $pid
is "exit status" $? 130
exec 3>&-
is "lines" "$(number lines out)" 2

test $failures = 0
