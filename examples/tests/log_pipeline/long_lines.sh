#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Lines of any length, across the reader's blocks and far beyond them.
. "$(dirname "$0")/common.sh"

for seed in 1 2 3; do
    "$MAKE_LOG" long $seed 30 >long.$seed
    same_counts long.$seed
done
same_counts long.1 long.2
# The same through a pipe, which hands out other portions.
cat long.1 | "$LOG_PIPELINE" --json - >piped
run 0 --json long.1
is "long lines through a pipe" "$(kinds piped)" "$(kinds out)"

# A line that ends just at the end of a block of 256 KiB, one before, one after; with and without a newline.
for size in 262143 262144 262145 524288; do
    for last in '' '\n' '\n\nX' '\n2026-01-01 00:00:00 next'; do
        { printf '2026-01-01 00:00:00 kind '; head -c $((size - 25)) /dev/zero | tr '\0' x; printf "$last"; } >edge
        same_counts edge
    done
done

# A kind above a megabyte has a name that begins as it does, and is still counted apart from every other.
kind() { head -c "$1" /dev/zero | tr '\0' "$2"; }
for tail in a b a a; do
    printf '2026-01-01 00:00:00 '; kind 1048577 k; kind 1000000 $tail; printf ' more\n'
done >huge
{ printf '2026-01-01 00:00:00 '; kind 1048576 k; printf '\n'; } >>huge
run 0 --json huge
valid_json out
is "huge kinds" "$(kinds out | sed -E 's/k+/K/; s/, [0-9a-f]+\]/, HASH]/')" '1 K
1 K...[2048577 bytes, HASH]
3 K...[2048577 bytes, HASH]'

test $failures = 0
