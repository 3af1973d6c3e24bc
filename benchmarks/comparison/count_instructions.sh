#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#
# Instructions for one uncontended event (reserve, commit, poll on one thread), counted by callgrind: the difference of
# a long and a short run, so that start-up cancels out. One process a queue.
#
#   count_instructions.sh path/to/comparison [queue...]     default: all queues
set -eu

comparison=$1
shift
if [ $# -eq 0 ]; then
    set -- $("$comparison" --list | awk '/^queues:/ { seen = 1; next } seen { print $1 }')
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# instructions <queue> <events>
instructions() {
    valgrind --tool=callgrind --callgrind-out-file="$scratch/out" "$comparison" --once "$1" "$2" \
        >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }
    awk '/^(summary|totals):/ { print $2; exit }' "$scratch/out"
}

few=2000
many=12000
for queue in "$@"; do
    low=$(instructions "$queue" $few)
    high=$(instructions "$queue" $many)
    awk -v queue="$queue" -v low="$low" -v high="$high" -v events=$((many - few)) \
        'BEGIN { printf "%-28s %7.1f\n", queue, (high - low) / events }'
done
