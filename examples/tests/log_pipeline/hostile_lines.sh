#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Lines that are nearly right, and any byte at all: still what grep and sed count.
. "$(dirname "$0")/common.sh"

for seed in 1 2 3 4; do
    "$MAKE_LOG" text $seed 20000 >text.$seed
    same_counts text.$seed
    "$MAKE_LOG" bytes $seed 20000 >bytes.$seed
    names=no same_counts bytes.$seed
done
same_counts text.1 text.2 text.3 text.4
names=no same_counts bytes.1 text.2 bytes.1 bytes.3
test "$(number malformed out)" -gt 1000 || fail "the lines are not hostile enough"
head -c 3000000 /dev/urandom >noise
names=no same_counts noise

# One case a line: the line, then the kind it has or nothing.
cases() {
    cat <<'END'
2026-01-02 03:04:05 kind|kind
2026-01-02T03:04:05 kind|kind
2026-01-02 03:04:05Z kind more|kind
2026-01-02 03:04:05,678+01:00   kind|kind
2026-01-02 03:04:05\tkind\tmore|kind
2026-01-02 03:04:05 \t \tkind|kind
9999-99-99 99:99:99 kind|kind
2026-01-02 03:04:05 kind\r|kind\r
2026-01-02 03:04:05\r kind|kind
2026-01-02 03:04:05 \r|\r
2026-01-02 03:04:05 \v\f|\v\f
2026-01-02 03:04:05x05 kind|kind
2026-01-02 03:04:05 é|é
2026-01-02 03:04:05|
2026-01-02 03:04:05 |
2026-01-02 03:04:05 \t|
2026-01-02 03:04:05kind|
2026-01-02  03:04:05 kind|
2026-01-02\t03:04:05 kind|
2026-01-02t03:04:05 kind|
2026-01-02_03:04:05 kind|
 2026-01-02 03:04:05 kind|
02026-01-02 03:04:05 kind|
2026-1-02 03:04:05 kind|
2026/01/02 03:04:05 kind|
2026-01-02 03:04 kind|
2026-01-02 03.04.05 kind|
2o26-01-02 03:04:05 kind|
2026-01-02 03:04:0: kind|
2026-01-02 03:04:0/ kind|
-026-01-02 03:04:05 kind|
2026-01-02|
|
END
}
while IFS='|' read -r line kind; do
    for ending in '' '\n'; do
        printf -- "$line$ending" >case
        run 0 --json case
        wanted=0
        test -z "$kind" || wanted=1
        lines=1
        test -s case || lines=0
        is "lines of '$line$ending'" "$(number lines out)" $lines
        is "events of '$line$ending'" "$(number events out)" $wanted
        escaped=$(printf -- "$kind" | sed 's/\r/\\u000d/g; s/\v/\\u000b/g; s/\f/\\u000c/g')
        is "kind of '$line$ending'" "$(sed -nE 's/^    "(.*)": [0-9]+,?$/\1/p' out)" "$escaped"
        is "grep's events of '$line$ending'" "$(events_by_grep case)" $wanted
    done
done < <(cases)

# NUL is a byte like any other.
printf '2026-01-02 03:04:05\0x ki\0nd\0 more\0\n2026-01-02 03:04:05 \0\n\0\0\n2026-01-02\00003:04:05 kind\n' >nul
names=no same_counts nul
is "kinds with NUL" "$(kinds out)" '1 \u0000
1 ki\u0000nd\u0000'

test $failures = 0
