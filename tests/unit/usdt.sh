#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# usdt.sh READELF PROGRAM [GDB]: the probes are in the program, with as many arguments as the header says. Where gdb can run
# programs it stops at each of them and sees what the header says.
set -u
readelf=$1 program=$2 gdb=${3:-}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
failed=0

"$readelf" -n "$program" > "$out"
# has NAME ARGUMENTS: every probe of this name, and there is one, has that number of arguments.
has() {
    awk -v name="$1" -v count="$2" '
        /Provider: / { ours = $2 == "evproc" }
        /Name: / { this = $2 }
        /Arguments: / && ours && this == name { found++; if (NF - 1 != count) wrong++ }
        END { exit !(found && !wrong) }' "$out" || { echo "FAILED: no probe $1 with $2 arguments"; failed=1; }
}
has full 2
has discard 3
has batch 3
has stall 2
has wait_begin 2
has wait_end 2
[ $failed -eq 0 ] || cat "$out"
[ -n "$gdb" ] || exit $failed

set -- -nx -batch -ex 'set disable-randomization off' -ex 'set breakpoint pending off'
stop() { printf 'break -probe-stap evproc:%s\ncommands\nsilent\nprintf "%s\\n", %s\ncontinue\nend\n' "$1" "$2" "$3"; }
script=$(mktemp)
trap 'rm -f "$out" "$script"' EXIT
name='(char*)$_probe_arg0'
{
    stop full 'full %s %d' "$name, \$_probe_arg1"
    stop discard 'discard %s %d %d' "$name, \$_probe_arg1, \$_probe_arg2"
    stop batch 'batch %s %d %d' "$name, \$_probe_arg1, \$_probe_arg2"
    stop stall 'stall %s %d' "$name, \$_probe_arg1"
    stop wait_begin 'begin %s %d' "$name, \$_probe_arg1"
    stop wait_end 'end %s %d' "$name, \$_probe_arg1"
    echo run
} > "$script"
"$gdb" "$@" -x "$script" "$program" > "$out" 2>&1
if ! grep -q '^2 consumed$' "$out"; then
    echo "gdb cannot be used here; the probes are in the program:"
    cat "$out"
    exit $failed
fi
# Whether a stall is noted before the wait begins, or in it, depends on how fast gdb is.
grep -E '^(full|discard|batch|stall|begin|end) ' "$out" | LC_ALL=C sort | tr '\n' ';' > "$script"
expected='batch orders 0 1;batch orders 2 1;begin orders 0;begin orders 1;discard orders 1 1;end orders 0;end orders 1;full orders 1;full orders 1;stall orders 2;'
if [ "$(cat "$script")" != "$expected" ]; then
    printf 'FAILED: gdb saw\n%s\nexpected\n%s\n' "$(cat "$script")" "$expected"
    cat "$out"
    failed=1
fi
exit $failed
