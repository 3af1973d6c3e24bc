# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# awk -f names.awk evproc.cppm header...: the names that the headers declare in namespace evproc and the module does not export,
# and the other way round. Exit status 1 if there are any.
FNR == 1 { file++; inside = 1 }
file == 1 {
    if (sub(/^using evproc::/, "")) exported[declared_name()] = 1
    next
}
/^namespace (evproc::)?[a-z_]*detail/ { inside = 0 }
/^}  *\/\/ namespace (evproc::)?[a-z_]*detail/ { inside = 1 }
!inside { next }
/^template </ { without_parameters() }
/^(class|struct|enum class|concept|using) / {
    sub(/^(class|struct|enum class|concept|using) /, "")
    sub(/^\[\[nodiscard\]\] /, "")
    if ($0 !~ /^std::/) declared[declared_name()] = FILENAME
}
/^(\[\[nodiscard\]\] )?(inline|constexpr) .*\(/ && !/operator/ && !/::[a-z_]+\(/ {
    sub(/\(.*/, "")
    declared[$NF] = FILENAME
}
/^inline constexpr [a-z_:]+ [a-z_]+[{ =]/ { $0 = $4; declared[declared_name()] = FILENAME }
# Cuts `template <...>` off the front of the line, if it ends there.
function without_parameters(    at, depth, one) {
    for (at = 10; at <= length($0); at++) {
        one = substr($0, at, 1)
        depth += (one == "<") - (one == ">")
        if (depth == 0) break
    }
    $0 = substr($0, at + 2)
}
function declared_name() {
    match($0, /^[a-z_]+/)
    return substr($0, RSTART, RLENGTH)
}
END {
    for (name in declared) if (!(name in exported)) { print "not exported: " name " of " declared[name]; wrong = 1 }
    for (name in exported) if (!(name in declared) && name != "operator") { print "exported, but no header has it: " name; wrong = 1 }
    exit wrong
}
