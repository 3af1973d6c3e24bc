#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Without files: the package log and what was rotated beside it.
. "$(dirname "$0")/common.sh"

LOG_PIPELINE=$LOG_PIPELINE_HERE # its package log is logs/dpkg.log
run 2
is "output" "$(cat out)" ""
matches "message" err '^log_pipeline: nothing to read: there is no readable logs/dpkg.log here. Name the files: '
mkdir logs
run 2 --json
for name in dpkg.log dpkg.log.1 dpkg.log.10; do
    echo "2026-01-01 00:00:00 $name" >logs/$name
done
for name in dpkg.log.2.gz alternatives.log dpkg.logs xdpkg.log; do
    echo "2026-01-01 00:00:00 wrong" >logs/$name
done
mkdir logs/dpkg.log.5
run 0 --json
valid_json out
is "kinds" "$(kinds out)" "1 dpkg.log
1 dpkg.log.1
1 dpkg.log.10"
is "messages" "$(cat err)" \
    "log_pipeline: logs/dpkg.log.2.gz is compressed and left out (zcat logs/dpkg.log.2.gz | log_pipeline - reads it)"
rm logs/dpkg.log
run 0 --json
is "lines" "$(number lines out)" 2
rm logs/dpkg.log.1 logs/dpkg.log.10
run 2

test $failures = 0
