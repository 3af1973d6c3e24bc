# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# awk -v header=NAME -v first=NUMBER -v list=FILE -v tuning=PATTERN: rewrites a header so that it holds every mutant of it, and
# appends "number<TAB>header:line<TAB>what<TAB>the line" to the list. Prints the header; the number after the last goes to
# FILE.next.
#
# Kinds: a relation (< <= > >= == !=) at its border and turned round, a sum turned into a difference and back (+ += ++), a
# whole number one more and one less, a statement left out. Not the number of a test for nothing (== 0, != 0), which the
# relation covers, nor one that makes of a relation the same as at its border (< 1 for <= 0). Lines that match `tuning` stay
# as they are. The code is laid out by clang-format, so that an operator has a blank on either side and a template's bracket
# has not, and a statement that begins a line and ends it is one.

function note(what) { printf "%d\t%s:%d\t%s\t%s\n", number++, header, FNR, what, plain >> list }

# The line with each operator of the pattern replaced, outside of strings and comments.
function operators(text, pattern, kind, name,    done, op, macro) {
    done = ""
    while (match(text, pattern)) {
        op = substr(text, RSTART + 1, RLENGTH - 2)
        if (inside_string(done substr(text, 1, RSTART))) {
            done = done substr(text, 1, RSTART + RLENGTH - 1)
            text = substr(text, RSTART + RLENGTH)
            continue
        }
        macro = " " kind " ::evproc_mutants::" name "<" number ", ::evproc_mutants::op::" word[op] ">{} " kind " "
        if (name == "sum") note("'" op "' to '" (op == "+" ? "-" : "+") "'")
        else if (name == "equality") note("'" op "' to '" (op == "==" ? "!=" : "==") "'")
        else {
            note("'" op "' to '" border[op] "'")
            note("'" op "' turned round")
        }
        done = done substr(text, 1, RSTART - 1) macro
        text = substr(text, RSTART + RLENGTH)
    }
    return done text
}

function literals(text,    done, digits, before, after) {
    done = ""
    while (match(text, /[0-9][0-9']*[uUlL]*/)) {
        relation = done substr(text, 1, RSTART - 1)
        before = RSTART > 1 ? substr(text, RSTART - 1, 1) : substr(done, length(done), 1)
        after = substr(text, RSTART + RLENGTH, 1)
        digits = substr(text, RSTART, RLENGTH)
        # Part of a name, of a floating or hexadecimal number, of a template argument, a byte of a string, one of ours.
        if (before ~ /[A-Za-z0-9_.<"']/ || after ~ /[A-Za-z0-9_."'>]/ || inside_string(done substr(text, 1, RSTART)) ||
            in_ours(done substr(text, 1, RSTART - 1))) {
            done = done substr(text, 1, RSTART + RLENGTH - 1)
        } else {
            # relation: what stands before it, of the operators as they were put in.
            sub(/[(]*$/, "", relation)
            more = less = 1
            if (relation ~ /equality<[^<]*>[{][}] == $/ && digits == "0") more = less = 0
            if (relation ~ /op::(less|greater_equal)>[{][}] < $/) more = 0
            if (relation ~ /op::(greater|less_equal)>[{][}] < $/) less = 0
            if (more || less) {
                done = done substr(text, 1, RSTART - 1) "(" digits " + ::evproc_mutants::" (code ~ / const [a-z_]+ = (.* [?:] )?[0-9]+;$/ ? "nudge_now" : "nudge") "<" number ", " more ", " less ">())"
                if (more) note("'" digits "' one more")
                if (less) note("'" digits "' one less")
            } else done = done substr(text, 1, RSTART + RLENGTH - 1)
        }
        text = substr(text, RSTART + RLENGTH)
    }
    return done text
}

function inside_string(text) { gsub(/\\"/, "", text); return gsub(/"/, "", text) % 2 == 1 }
# Within <...>{} of an operator that was put in.
function in_ours(text) { return text ~ /::evproc_mutants::[a-z]+<[^{]*$/ }

BEGIN {
    number = first
    word["<"] = "less"; word["<="] = "less_equal"; word[">"] = "greater"; word[">="] = "greater_equal"
    word["=="] = "equal"; word["!="] = "not_equal"; word["+"] = "plus"; word["-"] = "minus"
    border["<"] = "<="; border["<="] = "<"; border[">"] = ">="; border[">="] = ">"
}

/^#pragma once/ { print; print "#include <evproc_mutants.hpp>"; next }

{
    code = $0
    comment = ""
    if (match(code, /[ ]*\/\/.*/) && !inside_string(substr(code, 1, RSTART))) {
        comment = substr(code, RSTART)
        code = substr(code, 1, RSTART - 1)
    }
    plain = code
    sub(/^ +/, "", plain)
    before = previous
    if (code !~ /^[ \t]*$/) previous = code

    # Inside of a function: deeper than a class's members, or a member's own body on its line.
    in_macro = in_macro_next
    in_macro_next = $0 ~ /\\$/
    skip = in_macro || code ~ /^#/ || code ~ /(static_assert|requires|template <|using |operator|concept|EVPROC_CHECK|namespace|case |alignas|asm |goto |default:|= default|= delete)/
    # A constant stays what it is; a function's body may run when the program does.
    if (code ~ /constexpr/ && code !~ /\) (const )?(noexcept )?[{] return .*; [}]$/) skip = 1
    if (code ~ tuning) skip = 1
    # A list of constants, and an enumerator.
    if (constants || code ~ /^ +[a-z_]+ = [0-9]+,$/) skip = 1
    constants = code ~ /constexpr [^(]*[{]$/
    # The continuation of such a statement.
    if (continued && !skip) skip = 1
    if (code !~ /^[ \t]*$/) continued = skip && code !~ /[;{}:][ ]*$/ && code !~ /^#/ && code !~ /template <.*>$/ && code !~ /requires/
    # Layout and default values are not behaviour of a statement: the literals of a data member keep their value.
    member = code ~ /^    [A-Za-z\[:].*[{=].*;$/ && code !~ /\(/
    if (skip || code ~ /^[ \t]*$/ || code !~ /^    /) { print; next }

    deletable = 0
    # A statement that begins on this line and ends on it, in a body: eight blanks or more.
    if (code ~ /^        .*;$/ && before ~ /[;{}:)]$|else$|\]\]$/ &&
        code ~ /^ +([a-z_:][A-Za-z0-9_:.>()<-]*(\(.*\)|(\+\+|--)| [-+*|&^]?= .*);|(\+\+|--).*;|if \(.*\) (\[\[[a-z]+\]\] )?(return|continue|break|\{)?.*;|break;|continue;)$/ &&
        code !~ /^ +(return|throw|auto|else|for|while|static|typename|do|struct|class|[a-z_:<>0-9]+( const)?[&*]? [a-z_]+( =|;|\{|\())/)
        deletable = 1

    text = code
    if (!member) {
        text = operators(text, " (<=|>=|<|>) ", "<", "relation")
        text = operators(text, " (==|!=) ", "==", "equality")
        # Texts have no difference.
        if (text !~ /"|'[^0-9]'/) text = operators(text, " [-+] ", "+", "sum")
        text = literals(text)
    }
    if (!member && match(text, /^ +[][A-Za-z0-9_.>-]+ [-+]= .*;$/)) {
        at = index(text, "= ") - 1
        op = substr(text, at, 1)
        other = substr(text, 1, at - 1) (op == "+" ? "-" : "+") substr(text, at + 1)
    } else if (!member && text ~ /^ +(\+\+|--)[A-Za-z0-9_.>-]+;$/) {
        at = match(text, /(\+\+|--)/)
        op = substr(text, at, 2)
        other = substr(text, 1, at - 1) (op == "++" ? "--" : "++") substr(text, at + 2)
    } else other = ""
    if (other != "") {
        match(text, /^ +/)
        sub(/^ +/, "", other)
        text = substr(text, 1, RLENGTH) "{ if (::evproc_mutants::is(" number ")) " other " else " substr(text, RLENGTH + 1) " }"
        note(length(op) == 2 ? "'" op "' to '" (op == "++" ? "--" : "++") "'" : "'" op "=' to '" (op == "+" ? "-" : "+") "='")
    }
    if (deletable) {
        match(text, /^ +/)
        indent = substr(text, 1, RLENGTH)
        what = "if (!::evproc_mutants::is(" number ")) " substr(text, RLENGTH + 1)
        # In braces, so that an else that follows keeps its if; but not where the if is this one.
        text = indent (text ~ /^ +if / && before ~ /[;{}:]$/ ? what : "{ " what " }")
        note("left out")
    }
    print text comment
}
END { print number > (list ".next") }
