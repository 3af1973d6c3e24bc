#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# --lanes: the same report, but for its times.
. "$(dirname "$0")/common.sh"

# same_report ARGUMENT...: with --lanes and without it.
same_report() {
    run 0 --json "$@"
    is "messages for $*" "$(cat err)" ""
    without_times out >one_ring
    run 0 --json --lanes "$@"
    is "messages for --lanes $*" "$(cat err)" ""
    valid_json out
    without_times out >lanes
    test -s lanes || fail "--lanes $*: no report"
    cmp -s one_ring lanes || fail "--lanes $*: $(diff one_ring lanes | head -c 600)"
}
without_times() { grep -av -e '"events_per_second"' -e '"dwell_ns"' "$1"; }

"$MAKE_LOG" plain 1 20000 >plain.1
"$MAKE_LOG" plain 2 30000 >plain.2
"$MAKE_LOG" text 3 20000 >text
"$MAKE_LOG" bytes 4 20000 >bytes
: >empty
same_report plain.1
same_report empty
same_report plain.1 plain.2 text bytes empty
same_report plain.1 plain.1 plain.1
for capacity in 1 2 64 65536; do
    same_report --repeat 3 --capacity $capacity plain.1 text
done

# More files than lanes: each lane serves several, one after the other.
mkdir many
for n in $(seq 1 500); do
    sed -n "$((n * 20)),$((n * 20 + n % 20))p" plain.1 >many/$n
done
same_report many/*
same_report --capacity 1 many/*

# A file that cannot be read does not take a lane from the others.
run 1 --json missing plain.1
without_times out >one_ring
run 1 --json --lanes missing plain.1
without_times out >lanes
cmp -s one_ring lanes || fail "with a file that is missing: $(diff one_ring lanes)"

test $failures = 0
