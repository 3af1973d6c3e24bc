#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# Two thousand files, with fewer file descriptors than files.
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

test $failures = 0
