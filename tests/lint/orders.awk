# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# The rules for memory orders in the files that may spell one (design: "How orderings are made provable").
#
#   a map, before the first site:  //   E1  writer -> reader: if the acquire in X reads what the release in Y ...
#                                  //   X1  why this may be relaxed
#                                  //   X1  everywhere below: why each relaxed access without a label may be relaxed
#   a site, right above its line:  // E1 release: publishes the events to peek().
#                                  // E1 acquire, X2 relaxed: on success; on failure the loop reads again.
#                                  // X3 relaxed: it holds for the statements right below, too.
#   a fence:                       fence_.heavy();  // E1
#
# E an edge, X a relaxation, S a seq_cst either/or, P a place where a lock or the kernel orders. Reported: a site
# without a label, an order its labels do not name, a label that names an order the line does not have, a label
# missing from the map, a map entry without a site, an edge without both ends, an atomic access whose order is not
# written out.

function complain(at, what) {
    printf "%s:%d: %s\n", file, at, what
    bad = 1
}

function code_of(text) {  # without // comments; good enough, as the headers hold no // in strings
    sub(/\/\/.*$/, "", text)
    return text
}

function is_comment(text) { return text ~ /^[ \t]*\/\// }

# The first line of the statement that line `at` is part of.
function statement_start(at,    above) {
    while (at > 1) {
        above = code_of(line[at - 1])
        gsub(/[ \t]+$/, "", above)
        if (is_comment(line[at - 1]) || above == "" || above ~ /^[ \t]*#/ || above ~ /[;{}]$/ ||
            above ~ /^[ \t]*(public|private|protected|default|case .*):$/) break
        at--
    }
    return at
}

# The last line of the statement that starts at line `at`.
function statement_end(at,    text) {
    while (at < count) {
        text = code_of(line[at])
        gsub(/[ \t]+$/, "", text)
        if (text ~ /[;{}]$/) break
        at++
    }
    return at
}

function note_site(label, order) {
    used[label] = 1
    if (order ~ /^(release|acq_rel|seq_cst)$/) release_end[label] = 1
    if (order ~ /^(acquire|acq_rel|seq_cst)$/) acquire_end[label] = 1
}

# Reads the labels in the comment block that ends at line `at`, into named[order].
function read_labels(at, site,    text, parts, n, i, words) {
    split("", named)
    labels = 0
    for (; at >= 1 && is_comment(line[at]); at--) {
        text = line[at]
        sub(/^[ \t]*\/\/+[ \t]*/, "", text)
        if (text !~ /^[EXSP][0-9]+ (relaxed|acquire|release|acq_rel|seq_cst|signal)(, [EXSP][0-9]+ (relaxed|acquire|release|acq_rel|seq_cst))*: [^ ]/) continue
        sub(/: .*$/, "", text)
        n = split(text, parts, /, /)
        for (i = 1; i <= n; i++) {
            split(parts[i], words, / /)
            labels++
            named[words[2]] = 1
            if (!(words[1] in map)) complain(site, "label " words[1] " is not in the map at the head of the file")
            if (words[1] ~ /^E/ && words[2] == "relaxed") complain(site, "edge " words[1] " cannot be relaxed: a relaxation is an X")
            if (words[1] ~ /^X/ && words[2] !~ /^(relaxed|signal)$/) complain(site, "relaxation " words[1] " is not relaxed: an edge is an E, an either/or an S")
            note_site(words[1], words[2])
        }
    }
}

function check_statement(first, last,    i, text, order, n, orders, rest, calls, spelled) {
    if (first != labelled_until + 1) split("", inherited)
    text = ""
    for (i = first; i <= last; i++) text = text " " code_of(line[i])
    split("", orders)
    rest = text
    while (match(rest, /memory_order_[a-z_]+/)) {
        order = substr(rest, RSTART + 13, RLENGTH - 13)
        orders[order] = 1
        rest = substr(rest, RSTART + RLENGTH)
    }
    if (text ~ /memory_order::/) complain(first, "write std::memory_order_..., so that a search finds every order")
    if (text ~ /atomic_signal_fence/) { split("", orders); orders["signal"] = 1 }
    read_labels(first - 1, first)
    if (labels == 0) {
        n = count_of(orders)
        for (order in orders) if (order in inherited) n--
        if (n == 0 && count_of(orders) == count_of(inherited)) { labelled_until = last; return }
    }
    if (labels == 0 && everywhere != "" && (count_of(orders) == 1) && ("relaxed" in orders)) { used[everywhere] = 1; return }
    if (labels == 0) { complain(first, "a memory order without a label line right above it"); return }
    split("", inherited)
    for (order in named) inherited[order] = 1
    labelled_until = last
    for (order in orders)
        if (!(order in named)) complain(first, "the order " order " is not named by a label above it")
    for (order in named)
        if (!(order in orders)) complain(first, "a label names the order " order ", which the statement does not use")
}

function count_of(array,    key, n) {
    for (key in array) n++
    return n + 0
}

function check_accesses(at,    text, last, i) {
    text = code_of(line[at])
    if (text !~ /\.(load|store|exchange|fetch_add|fetch_sub|fetch_or|fetch_and|fetch_xor|compare_exchange_weak|compare_exchange_strong)\(/) return
    last = statement_end(at)
    for (i = at + 1; i <= last; i++) text = text code_of(line[i])
    if (text !~ /memory_order/) complain(at, "an atomic access whose order is not written out")
}

{ line[++count] = $0 }

END {
    first_site = 0
    for (i = 1; i <= count; i++) {
        if (code_of(line[i]) ~ /memory_order|\.(heavy|light)\(\)/) { first_site = i; break }
    }
    for (i = 1; i < first_site; i++) {
        if (line[i] !~ /^[ \t]*\/\/+[ \t]+[EXSP][0-9]+  +[^ ]/) continue
        text = line[i]
        sub(/^[ \t]*\/\/+[ \t]+/, "", text)
        label = text
        sub(/ .*$/, "", label)
        if (label in map) complain(i, "the map has " label " twice")
        map[label] = i
        if (text ~ /^X[0-9]+  everywhere below: /) everywhere = label
        if (label ~ /^E/ && text !~ /^E[0-9]+  +[^ ].* -> .*:/) complain(i, "edge " label " is not written as 'writer -> reader: ...'")
    }
    for (i = 1; i <= count; i++) {
        text = code_of(line[i])
        if (text ~ /memory_order/) {
            start = statement_start(i)
            if (start != done) { check_statement(start, statement_end(i)); done = start }
        }
        if (text ~ /\.(heavy|light)\(\)/) {
            if (match(line[i], /\/\/ E[0-9]+$/) == 0) complain(i, "a fence without its edge: fence_.heavy();  // E1")
            else {
                label = substr(line[i], RSTART + 3)
                used[label] = 1
                if (!(label in map)) complain(i, "label " label " is not in the map at the head of the file")
                if (text ~ /\.heavy/) heavy_end[label] = 1
                else light_end[label] = 1
            }
        }
        check_accesses(i)
    }
    for (label in map) {
        if (!(label in used)) complain(map[label], "the map has " label ", which no site uses")
        else if (label ~ /^E/) {
            if ((label in heavy_end) || (label in light_end)) {
                if (!((label in heavy_end) && (label in light_end))) complain(map[label], "edge " label " has only one of its two fences")
            } else {
                if (!(label in release_end)) complain(map[label], "edge " label " has no release side")
                if (!(label in acquire_end)) complain(map[label], "edge " label " has no acquire side")
            }
        }
    }
    exit bad
}
