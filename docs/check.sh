#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# check.sh ROOT: the pages' code is compiled code, word for word, each page stands in the site's tree, and what a page links to or
# shows is there; no link is broken into two lines.
# check.sh --site FOLDER: what the built site links to is there, and Doxygen resolved every reference.
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
    # Doxygen takes such a link, and the rest of its page, for plain text.
    awk '
        /^ *```/ { code = !code }
        !code && /\[[^]]*$/ { print FILENAME ":" FNR ": the text of a link goes over the end of the line"; found = 1 }
        END { exit found }' "$root"/docs/pages/*.md || status=1
    return $status
}

site() {
    cd "$1" || return 2
    # Not the coloured sources, whose text is code.
    faults=$(for page in *.html; do
        case $page in *_source.html) continue ;; esac
        sed 's,<div class="line">.*</div>,,' "$page" | grep -oE '@ref [A-Za-z_:/.]+' | sed "s|^|$page: not resolved: |"
        grep -oE '(href|src)="[^"]*"' "$page" | sed -E 's/^[a-z]+="//; s/"$//; s/[#?].*//' | sort -u |
            while read -r to; do
                case $to in '' | http:* | https:* | javascript:* | '@ref'* | '$'*) continue ;; esac
                [ -e "$to" ] || echo "$page: links to $to, which does not exist"
            done
    done)
    [ -z "$faults" ] || { printf '%s\n' "$faults"; return 1; }
}

case $1 in
    --site) site "$2"; exit ;;
    --selftest) ;;
    *) check "$1"; exit ;;
esac

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
finds docs/pages/selecting.md '$s/$/ [See\n here](waiting.md)./' 'goes over the end of the line'
mkdir "$copy/site"
echo '<a href="there.html">see</a>' > "$copy/site/there.html"
(site "$copy/site") || { echo 'selftest: a whole site is refused'; faults=1; }
printf '%s\n' '<a href="gone.html">see</a> @ref evproc::gone' > "$copy/site/there.html"
said=$(site "$copy/site")
for fault in 'links to gone.html, which does not exist' 'not resolved: @ref evproc::gone'; do
    printf '%s\n' "$said" | grep -qF "$fault" || { echo "selftest: not found: $fault"; faults=1; }
done
exit $faults
