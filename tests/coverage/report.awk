# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Reads the counts of llvm-cov, prints a line for each header, and compares what did not run with the table in uncovered.md:
#   | header | line, true or false | the line's text | reason |
# `line`: it did not run; `true`, `false`: a condition on it was never so; `line?`, `true?`, `false?`: a race decides whether
# it is. Lines are known by their text, so that the list does not go stale with every edit.

function trimmed(text) {
    gsub(/`/, "", text)
    gsub(/^[ \t]+|[ \t]+$/, "", text)
    return text
}

function name_of(file) { return substr(file, length(root "include/evproc/") + 1) }

function read_source(file,    text, i, key, end) {
    if ((file, 1) in line_text) return
    for (i = 1; (getline text < file) > 0; i++) {
        line_text[file, i] = trimmed(text)
        there[name_of(file), line_text[file, i]] = 1
        key = name_of(file) SUBSEP "function" SUBSEP line_text[file, i]
        if (key in listed) {
            used[key] = 1
            match(text, /^ */)
            if (text ~ /[{].*[}]$/) at_compile_time[file, i] = 1
            else end = substr(text, 1, RLENGTH) "}"
        }
        if (end != "") at_compile_time[file, i] = 1
        if (text == end) end = ""
    }
}

function missed(file, what, number,    name, key) {
    name = name_of(file)
    key = name SUBSEP what SUBSEP line_text[file, number]
    if (key in listed) {
        used[key] = 1
        return
    }
    printf "include/evproc/%s:%d: %s: %s\n", name, number, what == "line" ? "did not run" : "never " what, line_text[file, number]
    faults++
}

BEGIN {
    while ((getline row < list) > 0) {
        # The bars of an "or" are written \| in a table.
        gsub(/\\[|]/, "\001", row)
        if (split(row, cell, /[|]/) < 6 || cell[2] !~ /\.hpp/) continue
        gsub(/\001/, "|", cell[4])
        what = trimmed(cell[3])
        by_race = sub(/[?]$/, "", what)
        key = trimmed(cell[2]) SUBSEP what SUBSEP trimmed(cell[4])
        listed[key] = 1
        if (by_race) maybe[key] = 1
        if (trimmed(cell[5]) == "") { print list ": no reason for: " trimmed(cell[4]); faults++ }
    }
    # The lines that some instance of a template ran: "  |  219|  3.16k|", below "/home/.../include/evproc/errc.hpp:".
    while ((getline row < instances) > 0) {
        if (row ~ /^\/.*\.hpp:$/) file = substr(row, 1, length(row) - 1)
        else if (row ~ /^  [|] +[0-9]+[|] +[0-9.]+[kMGT]?[|]/ && split(row, cell, /[|]/) && cell[3] + 0 > 0)
            ran_in_an_instance[file, cell[2] + 0] = 1
    }
}

/^SF:/ { file = substr($0, 4); files[++file_count] = file; read_source(file); next }
/^DA:/ {
    split(substr($0, 4), part, ",")
    if ((file, part[1]) in at_compile_time) next
    lines[file]++
    if (part[2] > 0 || (file, part[1] + 0) in ran_in_an_instance) lines_run[file]++
    else missed(file, "line", part[1])
    next
}
# Conditions that the compiler knew are in the other format only.
/^BRDA:/ { split(substr($0, 6), part, ","); counted[file, part[1]] = 1; next }

END {
    # {"branches":[[line,column,line,column,true,false,...],...],"filename":"..."
    while ((getline row < conditions) > 0) {
        if (!match(row, /"filename":"[^"]*"/)) continue
        file = substr(row, RSTART + 12, RLENGTH - 13)
        row = substr(row, 1, RSTART - 1)
        gsub(/^\{"branches":|[][]/, " ", row)
        count = split(row, number, /[ ,]+/)
        first = number[1] == "" ? 2 : 1
        for (i = first; i + 8 <= count; i += 9) {
            if (!((file, number[i]) in counted) || (file, number[i]) in at_compile_time) continue
            key = file SUBSEP number[i] SUBSEP number[i + 1]
            if (!(key in so)) order[++conditions_count] = key
            so[key] += number[i + 4]
            not_so[key] += number[i + 5]
        }
    }
    for (i = 1; i <= conditions_count; i++) {
        key = order[i]
        split(key, part, SUBSEP)
        # Known to the compiler in every instance; or never asked, for which the line or what stands before it is reported.
        if (so[key] + not_so[key] == 0) continue
        sides[part[1]] += 2
        sides_run[part[1]] += (so[key] > 0) + (not_so[key] > 0)
        if (so[key] == 0) missed(part[1], "true", part[2])
        if (not_so[key] == 0) missed(part[1], "false", part[2])
    }
    printf "%-36s %13s %17s\n", "header", "lines", "sides of conditions"
    for (i = 1; i <= file_count; i++) {
        file = files[i]
        printf "%-36s %5d of %5d %5d of %5d\n", name_of(file), lines_run[file], lines[file], \
            sides_run[file], sides[file]
        all += lines[file]; all_run += lines_run[file]
        all_sides += sides[file]; all_sides_run += sides_run[file]
    }
    for (key in listed) {
        split(key, part, SUBSEP)
        if (key in used || (key in maybe && (part[1], part[3]) in there)) continue
        printf "%s: lists what ran, or is not there: %s, %s: %s\n", list, part[1], part[2], part[3]
        faults++
    }
    if (all == 0) { print "nothing was counted"; exit 2 }
    printf "%-36s %5d of %5d %5d of %5d\n", "all", all_run, all, all_sides_run, all_sides
    printf "lines %.1f %%, sides of conditions %.1f %%\n", 100 * all_run / all, all_sides ? 100 * all_sides_run / all_sides : 100
    exit faults > 0
}
