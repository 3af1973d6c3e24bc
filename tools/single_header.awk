# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# awk -v include=<include folder> -f single_header.awk: the umbrella header with every header of ours put in its place,
# each once. Includes of the standard library stay where they stand, because some are under an #if.

function fail(what) {
    print "single_header.awk: " what > "/dev/stderr"
    status = 1
    exit 1
}

function put(name,    path, text, depth, blank, started, got) {
    path = include "/" name
    done[name] = 1
    depth = 0
    started = 0
    blank = 0
    while ((got = (getline text < path)) > 0) {
        if (text ~ /^[ \t]*#[ \t]*if/) depth++
        if (text ~ /^[ \t]*#[ \t]*endif/) depth--
        if (text ~ /SPDX-/ || text == "#pragma once") continue
        if (text ~ /^[ \t]*#[ \t]*include[ \t]*<evproc\//) {
            if (depth > 0) fail(path ": an include of ours under an #if cannot be put in place once")
            sub(/^.*</, "", text)
            sub(/>.*$/, "", text)
            if (!(text in done)) put(text)
            continue
        }
        if (text == "") { blank = 1; continue }
        if (!started) { print "\n// ---- " name; started = 1; blank = 0 }
        if (blank) { print ""; blank = 0 }
        print text
    }
    if (got < 0) fail("cannot read " path)
    close(path)
}

BEGIN {
    # REUSE-IgnoreStart
    print "// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT"
    # REUSE-IgnoreEnd
    print "// evproc in one file, generated from include/evproc: do not edit. The same names, macros and behaviour."
    print "#pragma once"
    put("evproc/evproc.hpp")
    exit status
}
