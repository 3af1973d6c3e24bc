# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Counts killed mutants and compares the others with the table in survivors.md:
#   | header | mutant | the line's text | reason |
# A reason begins with its kind. `same`: no run can tell the mutant from what is written, so it is no mistake, and not counted
# among those that should be killed. `race`: two threads have to meet at a certain instant. `open`: a test could be written.
# Lines are known by their text. Mutants of one text and kind in one header share a row. A question mark behind the mutant:
# it is killed in some runs. -v all=N: how many mutants there are.

function trimmed(text) { gsub(/`/, "", text); gsub(/^[ \t]+|[ \t]+$/, "", text); return text }

BEGIN {
    FS = "\t"
    while ((getline row < survivors) > 0) {
        gsub(/\\[|]/, "\001", row)
        if (split(row, cell, /[|]/) < 6 || cell[2] !~ /\.hpp/) continue
        gsub(/\001/, "|", cell[4])
        what = trimmed(cell[3])
        maybe = sub(/\?$/, "", what)
        key = trimmed(cell[2]) SUBSEP what SUBSEP trimmed(cell[4])
        if (key in listed) { printf "survivors.md lists it twice: %s\n", row; faults++ }
        listed[key] = maybe ? "maybe" : "yes"
        kind[key] = trimmed(cell[5])
        if (kind[key] !~ /^(same|race|open): ./) { print "survivors.md: no reason: " trimmed(cell[4]); faults++ }
    }
}
{
    split($2, place, ":")
    total++
    how[$5]++
    key = place[1] SUBSEP $3 SUBSEP trimmed($4)
    there[key] = 1
    if ($5 ~ /^killed/) next
    used[key] = 1
    left++
    same += kind[key] ~ /^same:/
    if (!(key in listed)) { printf "%s\t%s\t%s\t%s\t%s\n", $5, $1, $2, $3, $4; faults++ }
}
END {
    for (key in listed) {
        if (key in used || (key in there && listed[key] == "maybe")) continue
        split(key, part, SUBSEP)
        printf "survivors.md lists what %s: %s, %s: %s\n", key in there ? "was killed" : "is not there", part[1], part[2], part[3]
        faults++
    }
    for (h in how) printf "%6d %s\n", how[h], h
    if (total != all) { printf "%d mutants of %d have been tried\n", total, all; faults++ }
    if (total == 0) exit 1
    printf "%d mutants, %d killed (%.1f %%)\n", total, total - left, 100 * (total - left) / total
    if (same == total) exit 1
    score = (total - left) / (total - same)
    printf "%d are the same as what is written; of the other %d, %.1f %% are killed\n", same, total - same, 100 * score
    if (score < 0.95) { print "fewer than 95 % are killed"; faults++ }
    exit faults > 0
}
