# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# awk -v root=CHECKOUT -f ordering_map.awk HEADER...: the maps of the memory orders, as the headers hold them, as one
# page; below each map, every place that carries one of its labels, with its line.

# The first comment that holds labels is the map.
function flush_comment() {
    if (labels && map == "") map = comment
    comment = ""
    labels = 0
}

function print_header() {
    if (name == "") return
    flush_comment()
    if (sites != "" || map != "") {
        found++
        print "\n# " name " {#orders_" anchor "}\n"
        if (map != "") print "```text\n" map "```\n"
        if (sites != "") print "| line | label | why |\n|---|---|---|\n" sites
    }
}

BEGIN {
    print "Ordering map, from the headers {#ordering_map}\n=====\n"
    print "Made from the comments of the headers when these pages are built. How to read it: @ref ordering.\n"
}

FNR == 1 {
    print_header()
    name = FILENAME
    sub(/^.*include\/evproc\//, "", name)
    anchor = name
    gsub(/[^a-z]/, "_", anchor)
    map = comment = sites = ""
    labels = pending = 0
}

# A label line: "// E1 release: publishes the events." It may run on over further comment lines.
/^[ \t]+\/\/ [EXS][0-9]+ / {
    text = $0
    sub(/^[ \t]+\/\/ /, "", text)
    split(text, word, " ")
    label = word[1]
    sub(/^[EXS][0-9]+ /, "", text)
    line = FNR
    pending = 1
    next
}
pending && /^[ \t]+\/\/ / {
    more = $0
    sub(/^[ \t]+\/\/ /, " ", more)
    text = text more
    next
}
pending {
    gsub(/\|/, "\\|", text)
    gsub(/</, "\\&lt;", text)
    sites = sites "| " line " | " label " | " text " |\n"
    pending = 0
}

/^\/\/\/?( |$)/ {
    text = $0
    sub(/^\/\/\/? ?/, "", text)
    if (text ~ /^[ ]+[EXSI][0-9]+ /) labels++
    if (text !~ /SPDX-License/) comment = comment text "\n"
    next
}
{ flush_comment() }

END {
    print_header()
    if (!found) exit 1
}
