#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# check.sh x86_64|aarch64 COMPILER OBJDUMP INCLUDE WORK: compiles hot_path.cpp and reads its machine code.
#   x86_64   a reservation is one locked instruction; commit and poll have none; a single producer has none at all; no mfence
#   aarch64  no dmb: each order is that of its own load or store
# Cold functions, which the compiler puts elsewhere, are not counted. The same is then done with mistakes put in, which must
# be seen. And the processor's hot path is the same, instruction for instruction, with an observer that has no hooks as with
# none, and has no instruction for hooks that are not there: with one that counts, it is another.
set -u
machine=$1 compiler=$2 objdump=$3 include=$4 work=$5
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work" || exit 2
failed=0

# Prints "function locked fences" for each function, from -O2 code without checks. $1: a definition, or nothing.
counts() {
    "$compiler" -std=c++20 -O2 -DNDEBUG ${1:+"-D$1"} "-I$include" -c "$here/hot_path.cpp" -o "$work/hot_path.o" || exit 2
    "$objdump" -d --no-show-raw-insn "$work/hot_path.o" | awk -v machine="$machine" '
        /^[0-9a-f]+ <.*>:$/ { name = $2; gsub(/[<>:]/, "", name); next }
        name == "" || !/^ *[0-9a-f]+:/ { next }
        { seen[name] = 1 }
        machine == "x86_64" && (/[ \t]lock([ \t]|$)/ || /[ \t]xchg[a-z]?[ \t].*\(/) { locked[name]++ }
        machine == "x86_64" && /[ \t]mfence/ { fences[name]++ }
        machine == "aarch64" && /[ \t]dmb/ { fences[name]++ }
        END { for (name in seen) print name, locked[name] + 0, fences[name] + 0 }'
}

# Prints the instructions of the functions of the hot path, and of their cold parts. $1: the observer.
# Where a function stands, and what its types are called, is not part of it.
code() {
    "$compiler" -std=c++20 -O2 -DNDEBUG "-DOBSERVER=$1" "-I$include" -c "$here/hot_path.cpp" -o "$work/observed.o" || exit 2
    "$objdump" -d --no-show-raw-insn "$work/observed.o" | awk '
        /^[0-9a-f]+ <.*>:$/ {
            wanted = $2 ~ /^<[a-z]+_(publish|publish_batch|reserve|poll)[.>]/
            if (wanted) print $2
            next
        }
        !wanted || !/^ *[0-9a-f]+:/ { next }
        {
            sub(/^ *[0-9a-f]+:[ \t]*/, "")
            if (match($0, /[0-9a-f]+ <[^>]*>/)) {
                place = substr($0, RSTART, RLENGTH)
                before = substr($0, 1, RSTART - 1)
                sub(/^[^+]*/, "", place)
                $0 = before "<" place
            }
            print
        }'
}

# expect FUNCTION LOCKED: and no fence. On aarch64 a CAS is a loop or a call, which is not counted.
expect() {
    [ "$machine" = x86_64 ] && want="$1 $2 0" || want="$1 0 0"
    got=$(printf '%s\n' "$all" | grep "^$1 ")
    printf '%-24s locked %s, fences %s\n' $got
    if [ "$got" != "$want" ]; then
        echo "FAILED: $1: expected '$want' (function, locked instructions, fences), found '$got'"
        failed=1
    fi
}

all=$(counts)
expect adaptive_publish 1
expect adaptive_publish_batch 1
expect spin_publish 1
expect spin_publish_batch 1
expect inline_publish 1
expect processor_publish 1
expect processor_publish_batch 1
expect single_publish 0
expect processor_poll 0
expect single_poll 0
expect selftest 1

# refused DEFINITION: with this mistake put in, `selftest` no longer counts as it should.
refused() {
    got=$(counts "$1" | grep '^selftest ')
    if [ "$got" = "selftest 1 0" ] || [ -z "$got" ]; then
        echo "FAILED: the mistake $1 was not seen"
        failed=1
    else
        echo "seen: $1: $got"
    fi
}
if [ "$machine" = x86_64 ]; then
    refused SELFTEST_STORE
    refused SELFTEST_NONE
    refused SELFTEST_FENCE
elif counts SELFTEST_FENCE | grep -q '^selftest 0 [1-9]'; then
    echo "seen: SELFTEST_FENCE"
else
    echo "FAILED: a dmb was not seen"
    failed=1
fi

code evproc::no_observer > "$work/no_observer.txt"
code hookless > "$work/hookless.txt"
code counting > "$work/counting.txt"
printf '%s instructions with no observer\n' "$(grep -c -v '^<.*>:$' "$work/no_observer.txt")"
if [ "$(grep -c '^<.*>:$' "$work/no_observer.txt")" -lt 5 ]; then
    echo "FAILED: the processor's functions are not there"
    failed=1
fi
if ! diff "$work/no_observer.txt" "$work/hookless.txt"; then
    echo "FAILED: an observer without hooks costs something"
    failed=1
fi
if diff "$work/no_observer.txt" "$work/counting.txt" > /dev/null; then
    echo "FAILED: an observer that counts was not seen"
    failed=1
else
    echo "seen: an observer that counts: $(grep -c -v '^<.*>:$' "$work/counting.txt") instructions"
fi
exit $failed
