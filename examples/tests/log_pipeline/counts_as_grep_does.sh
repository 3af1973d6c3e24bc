#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Ordinary logs: the counts are those of grep, sed, awk, sort and uniq.
. "$(dirname "$0")/common.sh"

# The same by awk, in its own words: fields instead of a regular expression.
kinds_by_awk() {
    awk '
        function digits(text, from, count) {
            return substr(text, from, count) ~ /^[0-9]+$/ && length(substr(text, from, count)) == count
        }
        {
            dated = digits($0, 1, 4) && substr($0, 5, 1) == "-" && digits($0, 6, 2) && substr($0, 8, 1) == "-" &&
                    digits($0, 9, 2) && substr($0, 11, 1) ~ /^[ T]$/ && digits($0, 12, 2) &&
                    substr($0, 14, 1) == ":" && digits($0, 15, 2) && substr($0, 17, 1) == ":" && digits($0, 18, 2)
            kind = substr($0, 11, 1) == "T" ? $2 : $3
            if (dated && kind != "") count[kind]++
        }
        END { for (kind in count) print count[kind], kind }' "$@" | sort
}

"$MAKE_LOG" plain 1 20000 >plain.1
"$MAKE_LOG" plain 2 30000 >plain.2
printf '2026-01-02T03:04:05.678Z\tlast no newline' >short
: >empty
same_counts plain.1
for logs in "plain.1 plain.2" "plain.1 plain.1" "empty" "empty short plain.2" "short"; do
    same_counts $logs
    cmp -s kinds_found <(kinds_by_awk $logs) || fail "awk counts $logs differently"
done

# The machine's own logs, whatever they hold.
for log in /var/log/dpkg.log /var/log/alternatives.log; do
    if test -r $log; then
        cp $log own.log # it may grow while it is read
        same_counts own.log
        cmp -s kinds_found <(kinds_by_awk own.log) || fail "awk counts $log differently"
    fi
done

# --repeat reads each file so many times; --capacity changes nothing that is counted.
run 0 --json plain.1
cp out once
for capacity in 1 2 64 65536; do
    run 0 --json --repeat 3 --capacity $capacity plain.1
    is "files, --repeat 3" "$(number files out)" 1
    is "lines, --repeat 3" "$(number lines out)" $((3 * $(number lines once)))
    is "kinds, --repeat 3" "$(kinds out)" "$(kinds once | awk '{ print 3 * $1, $2 }' | sort)"
done

# The report for people says the same.
run 0 plain.1 short
matches "text report" out '^files +2$'
matches "text report" out '^lines +20001$'
matches "text report" out '^events +20001$'
matches "text report" out '^malformed +0$'
matches "text report" out '^events/s +[0-9]+ '
matches "text report" out '^dwell +p50 [0-9.]+ (ns|us|ms|s), p99 [0-9.]+ (ns|us|ms|s), p99\.9 [0-9.]+ (ns|us|ms|s)$'
is "most frequent kind" "$(sed -nE 's/^ +([0-9]+)   (.*)/\1 \2/p' out | head -1)" \
    "$(kinds_by_sed plain.1 | sort -rn | head -1)"

# Ten of them at most, the most frequent first.
for n in $(seq 1 15); do
    for m in $(seq 1 "$n"); do echo "2026-01-01 00:00:00 kind$n"; done
done >fifteen
run 0 fifteen
is "top ten" "$(sed -nE 's/^ +([0-9]+)   kind([0-9]+)/\1=\2/p' out | tr '\n' ' ')" \
    "15=15 14=14 13=13 12=12 11=11 10=10 9=9 8=8 7=7 6=6 "

test $failures = 0
