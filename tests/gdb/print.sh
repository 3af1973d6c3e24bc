#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# print.sh GDB PROGRAM SCRIPT: what the pretty-printer says about each ring of rings.cpp. Exit status 77 where gdb may not
# run programs (in some containers) or has no Python.
set -u
gdb=$1 program=$2 script=$3
out=$(mktemp)
trap 'rm -f "$out"' EXIT

"$gdb" -nx -batch -ex 'python print("py" + "thon")' -ex 'set disable-randomization off' -ex 'break look_here' \
    -ex 'run' "$program" > "$out" 2>&1
if ! grep -q '^python$' "$out" || ! grep -q 'Breakpoint 1, look_here' "$out"; then
    echo "gdb cannot be used here:"
    cat "$out"
    exit 77
fi

"$gdb" -nx -batch -ex 'set disable-randomization off' -ex 'set width 0' -ex "source $script" -ex 'break look_here' \
    -ex 'run' -ex 'up' -ex 'print empty' -ex 'print mixed' -ex 'print straddling' -ex 'print word_beside_event' \
    -ex 'print single' -ex 'print processor' -ex 'print strings' "$program" > "$out" 2>&1

failed=0
says() {
    if ! grep -qxF "$1" "$out"; then
        echo "FAILED, not said: $1"
        failed=1
    fi
}
says '$1 = evproc::ring_buffer of 8: consumed up to 0, reserved up to 0, open'
says '$2 = evproc::ring_buffer of 8: consumed up to 1001, reserved up to 1007, closed = {[1001] = 11, [1002] = 12, [1003] = discarded (2 slots), [1005] = uncommitted, [1006] = 40}'
says '$3 = evproc::ring_buffer of 4: consumed up to 3, reserved up to 7, open = {[3] = 50, [4] = 51, [5] = 52, [6] = 53}'
says '$4 = evproc::ring_buffer of 4: consumed up to 0, reserved up to 2, open = {[0] = 7, [1] = 8}'
says '$5 = evproc::ring_buffer of 4: consumed up to 3, reserved up to 7, open = {[3] = 60, [4] = 61, [5] = 62, [6] = uncommitted}'
says '$6 = evproc::event_processor of 4: consumed up to 0, reserved up to 2, open = {[0] = {price = 101, size = 5}, [1] = uncommitted}'
grep -q '^\$7 = evproc::event_processor of 2: consumed up to 0, reserved up to 1, open = {\[0\] = .*"hello"' "$out" ||
    { echo 'FAILED, not said: $7 = ... "hello"'; failed=1; }
[ $failed -eq 0 ] || cat "$out"
exit $failed
