#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Kinds of any bytes have names in valid JSON, and distinct kinds distinct names.
. "$(dirname "$0")/common.sh"

line() { printf "2026-01-01 00:00:00 $1\n"; }
# name KIND EXPECTED: the kind (for printf) has this name in JSON.
name() {
    line "$1" >one
    run 0 --json one
    valid_json out
    is "name of $1" "$(sed -nE 's/^    (".*"): 1$/\1/p' out)" "$2"
}
name 'plain' '"plain"'
name 'a"b' '"a\"b"'
name 'a\\b' '"a\\b"'
name 'a/b' '"a/b"'
name 'a\001\037\177b' '"a\u0001\u001f\u007fb"'
name '\0' '"\u0000"'
name 'gr\303\266\303\237e' '"größe"'
name '\342\202\254\360\237\230\200' '"€😀"'
# Not UTF-8: each such byte is the character of its number.
name '\351' '"é"'
name 'a\377b' '"aÿb"'
name '\200\277' "\"$(printf '\302\200\302\277')\""
name '\303' '"Ã"'
name '\303(' '"Ã("'
name '\300\257' '"À¯"'                                                       # the long form of /
name '\340\200\257' "\"$(printf '\303\240\302\200\302\257')\""               # another
name '\355\240\200' "\"$(printf '\303\255\302\240\302\200')\""               # a surrogate
name '\364\220\200\200' "\"$(printf '\303\264\302\220\302\200\302\200')\""   # above U+10FFFF
name '\342\202' "\"$(printf '\303\242\302\202')\""                           # cut short

# Two that would look alike.
{ line '\351'; line '\303\251'; line '\303\251'; line '\303\251~'; line '\351~'; } >alike
run 0 --json alike
valid_json out
is "alike" "$(kinds out)" "$(printf '1 é~\n1 é~~\n1 é~~~\n2 é')"

# On paper nothing reaches the terminal that could steer it.
{ line '\033[2J\007'; line '\302\233x'; line '\303\251'; line '\377'; } >steering
run 0 steering
matches "text report" out '   \\x1B\[2J\\x07$'
matches "text report" out '   \\xC2\\x9Bx$'
matches "text report" out '   é$'
matches "text report" out '   \\xFF$'

test $failures = 0
