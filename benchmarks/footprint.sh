#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#
# Compile time of each public header beside that of the standard headers it includes, and the code size of a send and a
# poll.
#
#   footprint.sh [compiler]      default: c++
set -eu

compiler=${1:-c++}
here=$(cd "$(dirname "$0")" && pwd)
include=$here/../include
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
flags="-std=c++20 -O2 -DNDEBUG -pthread -I$include"

# milliseconds <file>: the least of five compilations
milliseconds() {
    for run in 1 2 3 4 5; do
        begin=$(date +%s%N)
        "$compiler" $flags -c "$1" -o "$scratch/out.o"
        end=$(date +%s%N)
        echo $(((end - begin) / 1000000))
    done | sort -n | head -1
}

printf '%-34s %10s %10s %10s\n' header 'whole, ms' 'std, ms' 'ours, ms'
for header in "$include"/evproc/*.hpp "$include"/evproc/wait/*.hpp; do
    name=${header#"$include"/}
    echo "#include <$name>" >"$scratch/whole.cpp"
    if ! "$compiler" $flags -M "$scratch/whole.cpp" >"$scratch/depends" 2>/dev/null; then
        printf '%-34s %10s\n' "$name" 'needs more than this compiler has'
        continue
    fi
    # What our headers ask the standard library for.
    tr ' \\' '\n\n' <"$scratch/depends" | grep "^$include/evproc/" | sort -u | xargs cat |
        sed -nE 's/^#include (<[a-z_]+>).*/\1/p' | sort -u |
        sed 's/.*/#if __has_include(&)\n#include &\n#endif/' >"$scratch/std.cpp"
    whole=$(milliseconds "$scratch/whole.cpp")
    std=$(milliseconds "$scratch/std.cpp")
    printf '%-34s %10d %10d %10d\n' "$name" "$whole" "$std" $((whole - std))
done

"$compiler" $flags -c "$here/code_size.cpp" -o "$scratch/code.o"
printf '\n%-34s %10s\n' 'code' bytes
nm -S --defined-only "$scratch/code.o" | while read -r _ size kind name; do
    case $name in send_one | try_send_one | take_all | send_one.* | try_send_one.* | take_all.*)
        printf '%-34s %10d\n' "$name" $((0x$size)) ;;
    esac
done
size "$scratch/code.o" | awk 'NR == 2 { printf "%-34s %10d\n", "all three with what they call", $1 }'
