# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# awk -v name=NAME -f draw.awk drawings.txt > NAME.svg: draws rows of slots. The lines of a description:
#   drawing NAME         begins it
#   title TEXT           for readers who do not see the drawing
#   row LABEL | CELL | CELL ...      a CELL is "[*WIDTH] [STYLE:] TEXT"; its style is one of those in `fill`
#   marks | AT TEXT | AT TEXT ...    arrows that point up at the border before cell AT of the row above
#   note TEXT            a line of text
#   key                  what the colours mean

function escaped(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}
function trimmed(text) {
    sub(/^[ \t]+/, "", text)
    sub(/[ \t]+$/, "", text)
    return text
}
function put(text) { body = body text "\n" }
function words(x, at, text, anchor, class) {
    put("<text x=\"" x "\" y=\"" at "\" text-anchor=\"" anchor "\"" class ">" escaped(text) "</text>")
}
function box(x, at, across, style) {
    put("<rect x=\"" x "\" y=\"" at "\" width=\"" across "\" height=\"" high "\" fill=\"" fill[style] "\"" \
        (style == "none" ? "/>" : " stroke=\"#444\"/>"))
}

BEGIN {
    left = 150; cell = 62; high = 30; y = 14
    fill["free"] = "#ffffff"; fill["reserved"] = "#f6d88f"; fill["committed"] = "#a9d5a0"
    fill["discarded"] = "#d9d9d9"; fill["stale"] = "#ffffff"; fill["spill"] = "#cfe0f5"; fill["none"] = "none"
    says["free"] = "free"; says["reserved"] = "reserved"; says["committed"] = "committed"
    says["discarded"] = "discarded"; says["spill"] = "beyond the capacity"
}
/^#/ || /^$/ { next }
/^drawing / { drawing = $2; next }
drawing != name { next }
/^title / { title = substr($0, 7); next }
/^note / {
    words(8, y + 14, substr($0, 6), "start", "")
    if (8 + 7 * length($0) > widest) widest = 8 + 7 * length($0)
    y += 22
    next
}
/^key$/ {
    x = left
    for (i = split("free reserved committed discarded spill", styles, " "); i > 0; i--) order[i] = styles[i]
    for (i = 1; i <= 5; i++) {
        put("<rect x=\"" x "\" y=\"" (y + 2) "\" width=\"14\" height=\"14\" fill=\"" fill[order[i]] "\" stroke=\"#444\"/>")
        words(x + 20, y + 14, says[order[i]], "start", "")
        x += 44 + 8 * length(says[order[i]])
    }
    if (x > widest) widest = x
    y += 26
    next
}
/^row / {
    n = split(substr($0, 5), part, "|")
    words(left - 10, y + 20, trimmed(part[1]), "end", "")
    x = left
    for (i = 2; i <= n; i++) {
        text = trimmed(part[i])
        across = cell
        if (match(text, /^\*[0-9.]+/)) {
            across = cell * substr(text, 2, RLENGTH - 1)
            text = trimmed(substr(text, RLENGTH + 1))
        }
        style = "free"
        if (match(text, /^[a-z]+:/)) {
            style = substr(text, 1, RLENGTH - 1)
            text = trimmed(substr(text, RLENGTH + 1))
        }
        if (!(style in fill)) { print "draw.awk: no style " style > "/dev/stderr"; exit 1 }
        box(x, y, across, style)
        words(x + across / 2, y + 20, text, "middle", style == "stale" ? " fill=\"#999\"" : "")
        x += across
    }
    if (x > widest) widest = x
    y += high + 8
    next
}
/^marks / {
    n = split(substr($0, 7), part, "|")
    for (i = 2; i <= n; i++) {
        text = trimmed(part[i])
        at = text + 0
        sub(/^[0-9.]+[ ]*/, "", text)
        x = left + at * cell
        put("<path d=\"M" x " " (y + 16) " V" (y - 5) " m-4 6 l4 -6 l4 6\" fill=\"none\" stroke=\"#333\"/>")
        words(x, y + 30, text, "middle", "")
    }
    y += 44
    next
}
{ print "draw.awk: not understood: " $0 > "/dev/stderr"; exit 1 }
END {
    widest += 24
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " widest " " y + 6 "\" width=\"" widest "\" height=\"" y + 6 \
        "\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\">"
    print "<title>" escaped(title) "</title>"
    print "<rect width=\"100%\" height=\"100%\" fill=\"#fdfdfd\"/>"
    printf "%s</svg>\n", body
}
