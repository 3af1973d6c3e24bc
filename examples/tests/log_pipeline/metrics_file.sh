#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# --metrics-file: written while the program runs and when it ends, always whole, and right in the end.
. "$(dirname "$0")/common.sh"

# value SAMPLE: from the file now.
value() {
    sed -nE "s/^$1 //p" metrics
}
consumed='evproc_consumed_total\{processor="log_pipeline"\}'

# whole FILE: nothing is missing at its end; promtool has a look where it is installed.
whole() {
    matches "end of $1" "$1" '^evproc_dwell_seconds_count\{processor="log_pipeline"\} [0-9]+$'
    is "last byte of $1" "$(tail -c 1 "$1" | od -An -c | tr -d ' ')" '\n'
    if test -n "$PROMTOOL"; then
        "$PROMTOOL" check metrics <"$1" >promtool_says 2>&1 || fail "promtool: $(cat promtool_says)"
        is "what promtool says" "$(cat promtool_says)" ""
    fi
}

"$MAKE_LOG" plain 3 5000 >log
echo "not a line of a log" >>log
run 0 --json --capacity 64 --metrics-file metrics log
is "messages" "$(cat err)" ""
whole metrics
is "consumed" "$(value "$consumed")" "$(number events out)"
is "committed" "$(value 'evproc_committed_total\{processor="log_pipeline"\}')" "$(number events out)"
is "depth" "$(value 'evproc_depth\{processor="log_pipeline"\}')" 0
is "capacity" "$(value 'evproc_capacity\{processor="log_pipeline"\}')" 64
is "dwell count" "$(value 'evproc_dwell_seconds_count\{processor="log_pipeline"\}')" "$(number events out)"
is "dwell +Inf" "$(value 'evproc_dwell_seconds_bucket\{processor="log_pipeline",le="\+Inf"\}')" "$(number events out)"
test "$(value 'evproc_depth_high_watermark\{processor="log_pipeline"\}')" -le 64 || fail "the high watermark is above the capacity"

# While it runs: fed through a pipe, bit by bit, and looked at again and again meanwhile.
shows() {
    for _ in $(seq 600); do
        if test -e metrics; then
            cp metrics seen && tail -n 1 seen | grep -q '^evproc_dwell_seconds_count' || { fail "half a file: $(cat seen)"; return; }
            test "$(sed -nE "s/^$consumed //p" seen)" = "$1" && return
        fi
        sleep 0.05
    done
    fail "consumed never became $1: $(grep evproc_consumed seen)"
}
rm metrics
mkfifo feed
"$LOG_PIPELINE" --json --metrics-file=metrics feed >out 2>err &
pipeline=$!
exec 9>feed
shows 0
for i in $(seq 100); do echo "2026-01-01 00:00:00 kind$i"; done >&9
shows 100
for i in $(seq 50); do echo "2026-01-01 00:00:00 kind$i"; done >&9
shows 150
exec 9>&-
wait $pipeline
is "exit status" $? 0
whole metrics
is "files left beside it" "$(ls metrics.* 2>/dev/null)" ""

# Where it cannot be written: said once, the work is done, and the exit status tells.
run 1 --json --metrics-file missing/metrics log
matches "message" err '^log_pipeline: cannot write missing/metrics: No such file or directory$'
is "lines of the message" "$(wc -l <err)" 1
is "lines" "$(number lines out)" 5001
mkdir folder
run 1 --metrics-file folder log
matches "message" err '^log_pipeline: cannot write folder: '
is "files left beside it" "$(ls folder.* 2>/dev/null)" ""

test $failures = 0
