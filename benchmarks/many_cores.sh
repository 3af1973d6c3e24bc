#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#
# The comparison over the number of producers, each thread on a CPU of its own: for a machine with many CPUs and little else.
# Needs bash and a compiler; the charts need python3. Takes a minute or two to build and less than six to run.
#
#   benchmarks/many_cores.sh FOLDER [OUT]      FOLDER: the peers' headers, one folder for each or all in one; OUT: results
#
# CXX, CXXFLAGS and EVPROC_COMPARISON_OPTIONS are honoured. A peer whose adapter does not compile, for want of its headers, is
# left out and named.
# Writes OUT/many_cores.json, OUT/many_cores.md and OUT/throughput_by_cores.svg.
set -euo pipefail

peers=$(cd "${1:?usage: many_cores.sh FOLDER [OUT]}" && pwd)
out=${2:-many_cores}
here=$(cd "$(dirname "$0")" && pwd)
cxx=${CXX:-c++}
flags="-std=c++20 -pthread ${CXXFLAGS:--O2 -DNDEBUG}"
mkdir -p "$out"
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT

include=("-I$here/../include" "-I$here" "-idirafter" "$peers")
for folder in "$peers"/*/ "$peers"/*/include/; do
    [ -d "$folder" ] && include+=("-idirafter" "$folder")
done

# compile <source>: false if it does not compile; what the compiler said is in $objects/log.
compile() {
    # shellcheck disable=SC2086
    "$cxx" $flags "-DEVPROC_BENCH_BUILD=\"Release $flags\"" "${include[@]}" -c "$1" -o "$objects/$(basename "$1").o" \
        > "$objects/log" 2>&1
}

for source in "$here"/support/{harness,machine}.cpp "$here"/comparison/{main,works,run,report,under_load}.cpp \
    "$here"/comparison/adapters/{evproc,mutex}.cpp; do
    compile "$source" || { cat "$objects/log" >&2; exit 1; }
done
# Those that are headers only.
for peer in atomic_queue boost_lockfree moodycamel xenium; do
    compile "$here/comparison/adapters/$peer.cpp" || echo "without $peer: $(grep -m1 error "$objects/log" || true)"
done
# shellcheck disable=SC2086
"$cxx" $flags "$objects"/*.o -o "$objects/comparison"

most=$(($(nproc) - 1))
[ "$most" -le 15 ] || most=15
[ "$most" -ge 1 ] || { echo "many_cores.sh: one CPU is not enough" >&2; exit 1; }
works=$(seq -s, -f 'many_%.0fp' 1 "$most")
# At most 15 works, 20 queues, 7 rounds, 75 ms a sample: under three minutes where nobody disturbs.
# shellcheck disable=SC2086
timeout 360 "$objects/comparison" --check --work "$works" --rounds 7 ${EVPROC_COMPARISON_OPTIONS:-} \
    --json "$out/many_cores.json" --markdown "$out/many_cores.md"
if command -v python3 > /dev/null; then
    python3 "$here/charts.py" --comparison "$out/many_cores.json" --benchmarks "$out" --out "$out"
else
    echo "no python3: no chart"
fi
