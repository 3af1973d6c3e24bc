#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# The size of the input does not matter to the memory, in many lines or in one.
. "$(dirname "$0")/common.sh"

# peak ARGUMENT...: the most memory log_pipeline held, in KiB.
peak() {
    "$PEAK_MEMORY" "$LOG_PIPELINE" "$@" >out 2>err || fail "exit status of $*: $(cat err)"
    tail -n 1 err
}
# most WHAT KIB KIB: the second is not far above the first.
most() {
    echo "$1: $2 KiB, then $3 KiB"
    test "$3" -le $(($2 + 16 * 1024)) || fail "$1: memory grew from $2 to $3 KiB"
}
"$MAKE_LOG" plain 1 15000 >log
size=$(wc -c <log)
small=$(peak log)
most "many lines" "$small" "$(peak --repeat $((200000000 / size)) log)"
is "lines" "$(sed -nE 's/^lines +//p' out)" $((15000 * (200000000 / size)))

# One line, well-formed or not, that never seems to end; and a kind that does not either.
endless() { head -c "$1" /dev/zero | tr '\0' x; }
most "a line of a gigabyte" "$small" "$({ printf '2026-01-01 00:00:00 kind '; endless 1G; } | peak -)"
is "lines" "$(sed -nE 's/^lines +//p' out)" 1
for begin in 'x' '2026-01-01 00:00:00'; do
    most "a malformed line" "$small" "$({ printf '%s' "$begin"; endless 200M; } | peak -)"
    is "lines" "$(sed -nE 's/^lines +//p' out)" 1
done
most "a kind without end" "$small" "$({ printf '2026-01-01 00:00:00 '; endless 200M; } | peak -)"
is "events" "$(sed -nE 's/^events +//p' out)" 1

# Kinds too long for an event are kept once, not once an event.
for n in $(seq 1 200); do
    printf '2026-01-01 00:00:00 '; head -c 100000 /dev/zero | tr '\0' k; echo
done >long
most "long kinds" "$small" "$(peak --repeat 20 long)"

test $failures = 0
