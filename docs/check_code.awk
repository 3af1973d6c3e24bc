# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# awk -v root=CHECKOUT -f check_code.awk PAGE.md...: the C++ on a page is compiled code, word for word.
# Above each block of C++ stands where it is from, and in that file it must be found:
#   <!-- example: FILE -->   the block is the whole file, after the comments that it begins with
#   <!-- from: FILE -->      the block is a run of lines of the file, all moved to the left by the same amount
# Prints one line a fault, "page:line: what", and exits 1 if there is any.

function fault(line, what) {
    print FILENAME ":" line ": " what
    faults++
}

# Fills file[1..count].
function read_file(name,    line, got) {
    count = 0
    while ((got = (getline line < (root "/" name))) > 0) file[++count] = line
    close(root "/" name)
    return got == 0
}

# Whether the block stands in the file from line `first` on, behind the same indentation everywhere.
function stands_at(first,    indent, k, length_of_indent) {
    if (first + size - 1 > count) return 0
    length_of_indent = length(file[first]) - length(block[1])
    if (length_of_indent < 0) return 0
    indent = substr(file[first], 1, length_of_indent)
    if (indent !~ /^ *$/) return 0
    for (k = 1; k <= size; k++)
        if (file[first + k - 1] != (block[k] == "" ? "" : indent block[k])) return 0
    return 1
}

function check_example(    first) {
    first = 1
    while (first <= count && file[first] ~ /^(\/\/.*)?$/) first++
    if (size != count - first + 1 || !stands_at(first))
        fault(begun, "this is not word for word the code of " source)
}

function check_part(    first) {
    for (first = 1; first <= count; first++)
        if (stands_at(first)) return
    fault(begun, "these lines do not stand one after the other in " source)
}

FNR == 1 {
    if (inside) fault(FNR, "the page before this one ends within a block")
    kind = source = ""
    inside = 0
}

!inside && /^<!-- (example|from): [^ ]+ -->$/ {
    kind = $2
    source = $3
    next
}

!inside && /^[ ]*```/ {
    inside = /```(cpp|c\+\+)[ ]*$/ ? 2 : 1
    begun = FNR
    size = 0
    next
}

inside && /^[ ]*```[ ]*$/ {
    if (inside == 2) {
        blocks++
        if (source == "") fault(begun, "C++ without a line above it that says which compiled file it is from")
        else if (size == 0) fault(begun, "an empty block")
        else if (!read_file(source)) fault(begun, "there is no file " source)
        else if (kind == "example:") check_example()
        else check_part()
    }
    inside = 0
    kind = source = ""
    next
}

inside {
    block[++size] = $0
    next
}

/[^ ]/ {
    kind = source = ""
}

END {
    if (!blocks) {
        print "check_code.awk: no C++ was found: that cannot be right"
        faults++
    }
    exit faults != 0
}
