# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# For Doxygen: the headers without the inline namespace of the ABI, which is no part of any name that a user writes, and
# with std::stop_token for the alias that stands in where there is none. A
# comment holds for all overloads that follow it up to the next empty line or comment, and for their forms try_, _wait,
# _for and _until: this repeats it for each.
function base(text) {
    if (text ~ /= delete/ || !match(text, /(operator[^a-z(]*|[a-z_]+)\(/)) return ""
    text = substr(text, RSTART, RLENGTH - 1)
    sub(/^try_/, "", text)
    sub(/_(wait|for|until)$/, "", text)
    return text
}
function flush() { printf "%s", held; held = "" }
BEGIN { new = 1 }
{ sub(/::inline EVPROC_ABI/, ""); gsub(/detail::stop_token/, "std::stop_token") }
/^    \/\/\// { if (!fresh) { flush(); comment = "" } fresh = 1; new = 1; comment = comment $0 "\n"; print; next }
/^[ \t]*\/\// || /^[ \t]*$/ || /^[^ #]/ { flush(); comment = ""; fresh = 0; new = 1; print; next }
/^#/ { flush(); print; next }
{
    held = held $0 "\n"
    if (new && $0 !~ /^    template/ && $0 !~ /^        requires/) {
        name = base($0)
        if (fresh) { of = name; fresh = 0 }
        else if (comment != "" && name != "" && name == of) printf "%s", comment
        flush()
        new = 0
    }
    if (!new) flush()
    if (/^    [^ ].*[;}] *$/ || /^    }/ || /^        : .*}$/) new = 1
}
END { flush() }
