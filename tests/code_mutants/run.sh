#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# run.sh WORK JOBS EXECUTABLE...: runs every mutant of WORK/list against the executables that come by it, in the order given,
# until one of them fails; `scripts` is given the fuzz suite's corpus. Fails if a survivor is not in survivors.md with its
# reason, if one listed there is killed, or if fewer than 95 % are killed of those that are not, by their reason, the same as
# what is written. What became of each goes to WORK/mutants.tsv.
#
# EVPROC_MUTANTS="7 detail/ring.hpp survivors 1/4": only these: by its number in WORK/list; all of a header; those that survived
# the last time; every fourth one. What is known of the others stays, unless the list is another one by now.
# EVPROC_MODEL_SECONDS: the longest search of one scenario of the model suite (1).
set -u
work=$1 jobs=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
cd "$work" || exit 2
mkdir -p results

# A run of one executable. Who goes round in circles is ended by its processor time: several times what a run as written
# takes, and many times where threads spin for each other, which on a busy machine takes that much longer. (The scripts have
# one thread, and end most of those circles.)
# Who sleeps for ever, by not having been seen to do anything else for a while: on a busy machine the clock says nothing.
cat > executable.sh <<'END_OF_FILE'
corpus=$1
arguments() {
    case $1 in
        *scripts) echo 1000 1 "$corpus" ;;
        *model) echo "${EVPROC_MODEL_SECONDS:-1}" ;;
        *) echo -a ;;
    esac
}
seconds_for() {
    case $1 in
        *scripts) echo 4 ;;
        *model) echo 600 ;;
        *several | *records | *waits | *coroutine | *eventfd) echo 60 ;;
        *) echo 20 ;;
    esac
}
# Ends process $1 when no thread of it has been awake for ten seconds, or after four minutes.
watch() {
    last= still=0
    for second in $(seq 240); do
        sleep 1
        now=$(cat "/proc/$1/task"/*/status 2> /dev/null | awk '
            /^State:/ { if ($2 != "S") awake = 1 }
            /ctxt_switches:/ { switches += $2 }
            END { print awake ? "awake" : switches + 0 }')
        if [ "$now" = awake ] || [ "$now" != "$last" ]; then still=0; else still=$((still + 1)); fi
        last=$now
        [ "$still" -ge 10 ] && break
    done
    kill -9 "$1"
}
fails() {
    (ulimit -c 0; ulimit -t "$(seconds_for "$1")"; exec "$1" $(arguments "$1")) > /dev/null 2>&1 &
    pid=$!
    watch "$pid" > /dev/null 2>&1 &
    watcher=$!
    wait "$pid" 2> /dev/null
    status=$?
    kill "$watcher" 2> /dev/null
    wait "$watcher" 2> /dev/null
    [ "$status" -ne 0 ]
}
END_OF_FILE

# As written every executable passes, and notes what it comes by. Not again where the executable is the same.
cat > as_written.sh <<END
executable=\$1
set -- "$here/../fuzz/corpus.txt"
. ./executable.sh
name=\${executable##*mutated_}
[ "\$name.reached" -nt "\$executable" ] && exit 0
export EVPROC_MUTANT_REACHED="\$name.reached"
if fails "\$executable"; then
    echo "fails without a mutant, so mutants say nothing: \$name"
    rm -f "\$name.reached"
    exit 255
fi
END
printf '%s\n' "$@" | xargs -P "$jobs" -n 1 sh as_written.sh || exit 2

cat > mutant.sh <<END
mutant=\$1; shift
executables=\$*
set -- "$here/../fuzz/corpus.txt"
. ./executable.sh
export EVPROC_MUTANT=\$mutant
by='survived, never executed'
grep -q -x survived "results/\$mutant" 2> /dev/null && by=survived
for executable in \$executables; do
    name=\${executable##*mutated_}
    grep -q -x "\$mutant" "\$name.reached" || continue
    by=survived
    fails "\$executable" || continue
    by="killed by \$name"
    break
done
echo "\$by" > "results/\$mutant"
END
cmp -s list list.tried || rm -f results/*
cp list list.tried
chosen=$(for one in ${EVPROC_MUTANTS:-all}; do
    case $one in
        all) rm -f results/*; cut -f 1 list ;;
        survivors) grep -l '^survived' results/* | sed 's|.*/||' ;;
        1/*) awk -v "every=${one#1/}" 'NR % every == 0 { print NR }' list ;;
        *.hpp) awk -F '\t' -v "header=$one:" 'index($2, header) == 1 { print $1 }' list ;;
        *) echo "$one" ;;
    esac
done | sort -nu)
printf '%s\n' "$chosen" | xargs -P "$jobs" -I '{}' sh mutant.sh '{}' "$@"

while IFS= read -r line; do
    number=${line%%"$(printf '\t')"*}
    [ -f "results/$number" ] && printf '%s\t%s\n' "$line" "$(cat "results/$number")"
done < list > mutants.tsv
awk -v "survivors=$here/survivors.md" -v "all=$(wc -l < list)" -f "$here/report.awk" mutants.tsv
