# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# What shell tests of examples have in common. They get FOLDER (to work in) from the environment, and CURL if they call get.
set -u
export LC_ALL=C
rm -rf "$FOLDER" && mkdir -p "$FOLDER" && cd "$FOLDER" || exit 1

failures=0
trap 'test $failures = 0 || echo "$failures failed"' EXIT

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# is WHAT ACTUAL EXPECTED
is() {
    test "$2" = "$3" || fail "$1: '$2', expected '$3'"
}

# matches WHAT FILE REGULAR-EXPRESSION
matches() {
    grep -aqE -- "$3" "$2" || fail "$1: nothing matches '$3' in: $(head -c 600 "$2")"
}

# within SECONDS COMMAND...: true as soon as the command is.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        test $SECONDS -lt $end || return 1
        sleep 0.1
    done
}

# get URL: the page.
get() { "$CURL" --silent --fail --noproxy '*' --max-time 10 "$1"; }
