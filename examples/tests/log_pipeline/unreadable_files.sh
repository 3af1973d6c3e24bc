#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# What cannot be read is named, the others are counted, the exit status is 1.
. "$(dirname "$0")/common.sh"

printf '2026-01-01 00:00:00 kind\nbad\n' >log
mkdir folder
run 1 --json log missing folder log
valid_json out
is "files" "$(number files out)" 2
is "lines" "$(number lines out)" 4
is "kinds" "$(kinds out)" "2 kind"
matches "message" err '^log_pipeline: cannot read missing: No such file or directory$'
matches "message" err '^log_pipeline: cannot read folder: Is a directory$'
is "number of messages" "$(wc -l <err)" 2
run 1 --json missing
valid_json out
is "files" "$(number files out)" 0
is "lines" "$(number lines out)" 0
is "kinds" "$(kinds out)" ""
run 1 ''
cp log secret && chmod 000 secret
if ! test -r secret; then # the super-user may read everything
    run 1 secret log
    matches "message" err '^log_pipeline: cannot read secret: Permission denied$'
    matches "lines" out '^lines +2$'
fi
# It opens, and then cannot be read.
if test -e /proc/self/mem; then
    run 1 --json /proc/self/mem log
    is "files" "$(number files out)" 1
    matches "message" err '^log_pipeline: cannot read /proc/self/mem: '
fi
# A pipe can be read once.
mkfifo pipe
cat log >pipe &
run 1 --json --repeat 2 pipe log
wait
is "lines" "$(number lines out)" 6
matches "message" err '^log_pipeline: cannot read pipe: Illegal seek$'
# A pipe whose writer is slow to come holds up no one and is read to its end.
{ sleep 0.3; printf '2026-01-01 00:00:00 pi'; sleep 0.3; printf 'ped\n2026-01-01 00:00:00 last'; } >pipe &
run 0 --json pipe log
wait
is "kinds" "$(kinds out)" "1 kind
1 last
1 piped"

test $failures = 0
