# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# What the tests of log_pipeline have in common. They get LOG_PIPELINE, LOG_PIPELINE_HERE, MAKE_LOG, PEAK_MEMORY, CMAKE
# and FOLDER (to work in) from the environment.
. "$(dirname "${BASH_SOURCE[0]}")/../checks.sh"

# run STATUS ARGUMENT...: log_pipeline with the arguments; output in out, messages in err.
run() {
    local expected=$1
    shift
    "$LOG_PIPELINE" "$@" >out 2>err </dev/null
    is "exit status of $*" $? "$expected"
}

# number KEY FILE: a number at the top level of a report in JSON.
number() {
    sed -nE "s/^  \"$1\": ([0-9.]+),?\$/\1/p" "$2"
}

# kinds FILE: "COUNT NAME" for each kind of a report in JSON, sorted; undoes the escapes \" and \\ only.
kinds() {
    sed -nE 's/^    "(.*)": ([0-9]+),?$/\2 \1/p' "$1" | sed -E 's/\\(["\\])/\1/g' | sort
}

# valid_json FILE: it is JSON, it is UTF-8, and it has what the report promises.
valid_json() {
    iconv -f UTF-8 -t UTF-8 "$1" >/dev/null || fail "$1 is not UTF-8"
    "$CMAKE" -DREPORT="$1" -P "$(dirname "${BASH_SOURCE[0]}")/check_json.cmake" >json_check 2>&1 ||
        fail "$1 is not a report in JSON: $(cat json_check)"
    is "lines of $1" "$(number lines "$1")" $(($(number events "$1") + $(number malformed "$1")))
}

stamp='[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}'
begin="^$stamp[^[:blank:]]*[[:blank:]]+"

# What grep and sed say about FILE...
lines_by_grep() {
    local file sum=0
    for file in "$@"; do
        sum=$((sum + $(grep -ac '' "$file")))
    done
    echo $sum
}
events_by_grep() {
    local file sum=0
    for file in "$@"; do
        sum=$((sum + $(grep -acE "$begin[^[:blank:]]" "$file")))
    done
    echo $sum
}
kinds_by_sed() {
    sed -nE "s/$begin([^[:blank:]]+).*/\1/p" "$@" | sort | uniq -c | sed -E 's/^ *([0-9]+) /\1 /' | sort
}

# same_counts FILE...: the report in JSON says what grep and sed say. With names=no the kinds' names, which JSON cannot
# hold as they are, are left out of it: their number and their counts are compared.
same_counts() {
    run 0 --json "$@"
    is "messages for $*" "$(cat err)" ""
    valid_json out
    is "files of $*" "$(number files out)" $#
    is "lines of $*" "$(number lines out)" "$(lines_by_grep "$@")"
    is "events of $*" "$(number events out)" "$(events_by_grep "$@")"
    kinds out >kinds_found
    kinds_by_sed "$@" >kinds_expected
    if test "${names:-yes}" = no; then
        for each in kinds_found kinds_expected; do
            sed -E 's/^([0-9]+) .*/\1/' $each | sort >$each.counts && mv $each.counts $each
        done
    fi
    cmp -s kinds_found kinds_expected ||
        fail "kinds of $*: $(diff kinds_found kinds_expected | head -c 600)"
}
