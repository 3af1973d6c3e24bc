#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Options, wrong options, exit statuses, the progress line.
. "$(dirname "$0")/common.sh"

printf '2026-01-01 00:00:00 kind\nbad\n' >log
run 0 --help
matches "--help" out '^usage: log_pipeline '
is "messages of --help" "$(cat err)" ""
run 0 -h
wrong() {
    run 2 "$@"
    is "output of $*" "$(cat out)" ""
    matches "message of $*" err '^log_pipeline: .*--help'
    is "lines of the message of $*" "$(wc -l <err)" 1
}
for bad in 0 3 4095 -1 +1 '' ' 1' 1e3 0x10 4096k 1.0 abc 33554432 18446744073709551616 99999999999999999999999; do
    wrong --capacity "$bad" log
    wrong "--capacity=$bad" log
done
for bad in 0 -1 '' x 1.5 99999999999999999999999; do
    wrong --repeat "$bad" log
done
wrong --capacity
wrong log --repeat
wrong --metrics
wrong --metrics= log
wrong --metrics-file metrics log
wrong --unknown log
wrong -j log
wrong --jsonx log
wrong --lanesx log
wrong --lanes=1 log
wrong --lanes --metrics 127.0.0.1:0 log
wrong --capacityx=1 log
for good in 1 2 4096 65536; do
    run 0 --capacity $good log
    run 0 --capacity=$good log
done
run 0 log --json --repeat=2 # options may follow
valid_json out
is "lines" "$(number lines out)" 4
cp log ./--json
run 0 -- --json
matches "a file named as an option" out '^lines +2$'
"$LOG_PIPELINE" --json - <log >out || fail "- as standard input"
is "lines of standard input" "$(number lines out)" 2
{ read -r first; "$LOG_PIPELINE" --json - >out; } <log
is "lines of what is left of standard input" "$(number lines out)" 1
if test -w /dev/full; then
    "$LOG_PIPELINE" log >/dev/full 2>err
    is "exit status with a full disk" $? 1
    matches "message with a full disk" err '^log_pipeline: cannot write the report'
fi

# log_pipeline_here is always built without prometheus-cpp, and says so.
"$LOG_PIPELINE_HERE" --metrics 127.0.0.1:0 log >out 2>err
is "exit status without prometheus-cpp" $? 2
matches "message without prometheus-cpp" err '^log_pipeline: --metrics: this log_pipeline was built without prometheus-cpp '

# A closed standard stream is an error where it is used, and nothing else.
"$LOG_PIPELINE" --json - <&- >out 2>err
is "exit status with standard input closed" $? 1
matches "message with standard input closed" err '^log_pipeline: cannot read -: Bad file descriptor$'
"$LOG_PIPELINE" --json log missing <&- >out 2>&-
is "exit status with standard error closed" $? 1
is "lines with standard error closed" "$(number lines out)" 2
"$LOG_PIPELINE" log >&- 2>err
is "exit status with standard output closed" $? 1
matches "message with standard output closed" err '^log_pipeline: cannot write the report'

# A progress line on a terminal, and nowhere else.
"$MAKE_LOG" plain 1 1000 | sed '$a\' >log
mkfifo pipe
slowly() { for n in 1 2 3 4 5; do cat log; sleep 0.2; done; }
slowly >pipe &
run 0 --json pipe
wait
is "messages without a terminal" "$(cat err)" ""
if ! command -v script >/dev/null; then
    echo "No script(1): what a terminal shows is not looked at"
else
    slowly >pipe &
    script -qec "'$LOG_PIPELINE' --json pipe >out" /dev/null >terminal </dev/null
    wait
    valid_json out
    is "lines" "$(number lines out)" 5000
    matches "progress line" terminal "$(printf '\r')[0-9.]+ MB read, [0-9]+ events, .*$(printf '\033')\[K"
    is "what is left of it" "$(tail -c 4 terminal)" "$(printf '\r\033[K')"
fi

test $failures = 0
