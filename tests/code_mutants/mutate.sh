#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# mutate.sh INCLUDE WORK: writes the headers with every mutant in them to WORK/include, and what the mutants are to
# WORK/list: number, header:line, what, the line. Files that would not change are left alone.
set -eu
include=$1 work=$2
here=$(cd "$(dirname "$0")" && pwd)

# Not mutated. Nothing they do shows in a result, it takes more or less time only:
#   detail/cache_line, detail/platform/cpu
# They ask the system, and which of two ways was taken does not show either; other suites build both ways, and the model
# suite replaces them by what they promise:
#   detail/platform/asymmetric_fence, detail/platform/futex, detail/platform/thread
# Its probes show in the machine code only, which a test of its own reads: extras/usdt
left_out=' extras/usdt.hpp detail/platform/asymmetric_fence.hpp detail/cache_line.hpp detail/platform/cpu.hpp
detail/platform/futex.hpp detail/platform/thread.hpp '
# Nor does what these lines do: when a consumer pauses, and after how many events it releases slots in the middle of a poll;
# what is fetched into a cache ahead of its use, and what is kept in one (a limit and a claim that are looked up again where
# they are too old); how long who waits spins and gives its turn away before it sleeps; how far the elements lie behind the
# words; how many events are handed out in one piece. The last three make no code, or say by how many units of the last place a double may be off.
tuning='prefetch|fetch_ahead|run_length|look_again|quota|apart = |capacity\(\) / 4|claim_hint::set|limit_[{]|limit_\.store'
tuning="$tuning|spins|yields|yield_thread|before >= until|- before|i & 7"
tuning="$tuning|default_construct_n|[)] event_type;|epsilon"

mkdir -p "$work"
rm -rf "$work/new" "$work/list"
mkdir -p "$work/new"
cp "$here/evproc_mutants.hpp" "$work/new/"
# Everything about pauses but in the pacer, whose tests ask for each; not how long one is.
pacer="$tuning|brief_pause|pauses_ = |good_|std::clamp"
tuning="$tuning|pause"
next=1
: > "$work/list"
for header in $(cd "$include/evproc" && find . -name '*.hpp' | sed 's|^\./||' | LC_ALL=C sort); do
    to=$work/new/evproc/$header
    mkdir -p "$(dirname "$to")"
    case $left_out in
        *[!a-z_/]"$header"[!a-z_]*) cp "$include/evproc/$header" "$to" ;;
        *)
            not_here=$tuning
            if [ "$header" = detail/pacer.hpp ]; then not_here=$pacer; fi
            awk -v "header=$header" -v "first=$next" -v "list=$work/list" -v "tuning=$not_here" -f "$here/mutate.awk" \
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
