#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# format.sh CLANG_FORMAT ROOT: the C++ files of a tree are as its .clang-format says. Prints what differs and fails.
# Version 19 only: each version formats a little differently.
# format.sh --selftest CLANG_FORMAT ROOT: it accepts a file that is formatted and refuses one that is not.
set -u
if [ "$1" = --selftest ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cp "$3/.clang-format" "$work/"
    printf 'int f(int const& a) { return a; }\n' > "$work/good.cpp"
    "$0" "$2" "$work" || { echo "a formatted file is refused"; exit 1; }
    printf 'int f(const int &a)\n{ return a; }\n' > "$work/bad.cpp"
    if "$0" "$2" "$work" > "$work/out" 2>&1; then echo "a file that is not formatted passes"; exit 1; fi
    grep -q 'bad.cpp:1:.*error: code should be clang-formatted' "$work/out" || { cat "$work/out"; exit 1; }
    echo "format self-test: passed"
    exit
fi
clang_format=$1
cd "$2" || exit 2
files=$(find . -name .git -prune -o -path ./build -prune -o -path ./single_include -prune -o -type f \
    \( -name '*.hpp' -o -name '*.cpp' \) -print | LC_ALL=C sort)
count=$(printf '%s\n' "$files" | wc -l)
if [ -z "$files" ]; then
    echo "format: no file found"
    exit 1
fi
printf '%s\n' "$files" | xargs "$clang_format" --style=file --dry-run -Werror || exit 1
echo "format: $count files, no fault"
