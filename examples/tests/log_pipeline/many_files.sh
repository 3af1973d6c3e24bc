#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# More files than file descriptors.
. "$(dirname "$0")/common.sh"

mkdir many
for n in $(seq 1 2000); do
    echo "2026-01-01 00:00:00 kind$((n % 7)) $n" >many/$n
done
ulimit -n 200
run 0 --json many/*
is "messages" "$(cat err)" ""
valid_json out
is "files" "$(number files out)" 2000
is "lines" "$(number lines out)" 2000
kinds out >kinds_found
cat many/* >together
kinds_by_sed together >kinds_expected
cmp -s kinds_found kinds_expected || fail "kinds: $(diff kinds_found kinds_expected)"

# Pipes that are written one after the other: those at the front are open and waited for all the time.
mkdir pipes
pipes=()
for n in $(seq 1 150); do
    pipes+=(pipes/$n)
done
mkfifo "${pipes[@]}"
{
    sleep 0.5 # so that as many are open as ever will be
    for pipe in "${pipes[@]}"; do
        echo "2026-01-01 00:00:00 $pipe" >$pipe
    done
} &
ulimit -n 100
run 0 --json "${pipes[@]}"
is "messages" "$(cat err)" ""
is "lines" "$(number lines out)" 150
kill $! 2>kill_messages # a writer whose pipe was never opened
wait

test $failures = 0
