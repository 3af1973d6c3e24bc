#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# check.sh ROOT: the pages' code is compiled code, word for word, each page stands in the site's tree, and what a page links to or
# shows is there.
# check.sh --selftest ROOT: each of these faults, made once in a copy, is found.
set -u
export LC_ALL=C

check() {
    root=$1
    status=0
    # The pages are a list of names without blanks.
    # shellcheck disable=SC2086
    (cd "$root" && awk -v root=. -f docs/check_code.awk README.md docs/pages/*.md) || status=1
    for page in "$root"/docs/pages/*.md; do
        label=$(sed -n '1s/.*{#\(.*\)}$/\1/p' "$page")
        [ "$label" = mainpage ] || grep -qF "@ref $label\"" "$root/docs/layout.xml" || {
            echo "docs/layout.xml does not list $label"
            status=1
        }
        for to in $(grep -oE '\]\([a-z_/.-]+\.(md|svg)' "$page" | sed 's/^](//'); do
            [ -e "$root/docs/pages/$to" ] || {
                echo "docs/pages/${page##*/} links to $to, which does not exist"
                status=1
            }
        done
    done
    return $status
}

if [ "$1" != --selftest ]; then
    check "$1"
    exit
fi

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
faults=0
# finds FILE SED-SCRIPT SAYS: with FILE changed so, the check fails and says this.
finds() {
    rm -rf "$copy/tree"
    mkdir "$copy/tree"
    mkdir "$copy/tree/benchmarks"
    cp -R "$root/README.md" "$root/docs" "$root/examples" "$copy/tree"
    cp -R "$root/benchmarks/results" "$copy/tree/benchmarks"
    sed "$2" "$root/$1" > "$copy/tree/$1"
    if cmp -s "$root/$1" "$copy/tree/$1"; then
        echo "selftest: $2 changes nothing in $1"
        faults=1
    elif said=$(check "$copy/tree"); then
        echo "selftest: not found: $2 in $1"
        faults=1
    elif ! printf '%s\n' "$said" | grep -qF "$3"; then
        echo "selftest: $2 in $1 was expected to say: $3"
        printf '%s\n' "$said"
        faults=1
    fi
}
root=$2
check "$root" || exit 1
finds README.md 's/n <= 1000; ++n/n <= 1000; n++/' 'not word for word the code of examples/hello.cpp'
finds examples/hello.cpp 's/numbers.close();  /numbers.close(); /' 'not word for word the code of examples/hello.cpp'
finds README.md '/<!-- example: /d' 'without a line above it'
finds README.md 's/if (!event) return event.error();/if (!event) return;/' 'do not stand one after the other'
finds README.md 's/<!-- from: .* -->/<!-- from: docs\/snippets\/none.cpp -->/' 'there is no file'
finds docs/snippets/tutorial.cpp 's/orders.reserve/orders.try_reserve/' 'do not stand one after the other'
finds docs/layout.xml '/@ref probes/d' 'does not list probes'
finds docs/pages/selecting.md '$s/$/ [See](none.md)./' 'links to none.md, which does not exist'
exit $faults
