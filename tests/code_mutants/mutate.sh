#!/bin/sh
# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# mutate.sh INCLUDE WORK: writes the headers with every mutant in them to WORK/include, and what the mutants are to
# WORK/list: number, header:line, what, the line. Files that would not change are left alone.
set -eu
include=$1 work=$2
here=$(cd "$(dirname "$0")" && pwd)

# Not mutated. Nothing they do shows in a result, it takes more or less time only:
#   detail/cache_line, detail/platform/cpu, detail/pacer, detail/prefetch
# They ask the system, and which of two ways was taken does not show either; other lanes build both ways, and the model
# lane replaces them by what they promise:
#   detail/platform/asymmetric_fence, detail/platform/futex, detail/platform/thread
left_out=' detail/platform/asymmetric_fence.hpp detail/cache_line.hpp detail/platform/cpu.hpp detail/pacer.hpp detail/prefetch.hpp
detail/platform/futex.hpp detail/platform/thread.hpp '
# Nor does what these lines do: when a consumer pauses, how far ahead it looks, after how many events it gives slots back in
# the middle of a pass; what is fetched into a cache ahead of its use, and what is kept in one (a limit and a claim that are
# looked up again where they are too old); how long who waits spins and gives its turn away before it sleeps; after how many
# empty polls a consumer watches the words, and when it looks at the claims again (what a poll answers is the same either way);
# how far the elements lie behind the words. The last three make no code, or say by how many units of the last place a double
# may be off, and how coarse a clock is.
tuning='prefetch|pause|look_ahead|good_batch|front_[^a-z]|events_at_last_look_|quota|due_|_due\('
tuning="$tuning|empty_polls|look_again|busy_poll|found\\(events\\)|apart = |capacity\\(\\) / 4"
tuning="$tuning|ahead > 0|singles\\(handler|claim_hint::set|limit_[{]|limit_\\.store"
tuning="$tuning|spins|yields|yield_thread|before >= until|- before|i & 7"
tuning="$tuning|default_construct_n|[)] event_type;|epsilon|since\\.count|elapsed > "

mkdir -p "$work"
rm -rf "$work/new" "$work/list"
mkdir -p "$work/new"
cp "$here/evproc_mutants.hpp" "$work/new/"
next=1
: > "$work/list"
for header in $(cd "$include/evproc" && find . -name '*.hpp' | sed 's|^\./||' | LC_ALL=C sort); do
    to=$work/new/evproc/$header
    mkdir -p "$(dirname "$to")"
    case $left_out in
        *[!a-z_/]"$header"[!a-z_]*) cp "$include/evproc/$header" "$to" ;;
        *)
            awk -v "header=$header" -v "first=$next" -v "list=$work/list" -v "tuning=$tuning" -f "$here/mutate.awk" \
                "$include/evproc/$header" > "$to"
            next=$(cat "$work/list.next")
            ;;
    esac
done
(cd "$work/new" && find . -name '*.hpp') | while IFS= read -r header; do
    cmp -s "$work/new/$header" "$work/include/$header" && continue
    mkdir -p "$(dirname "$work/include/$header")"
    cp "$work/new/$header" "$work/include/$header"
done
rm -rf "$work/new" "$work/list.next"
