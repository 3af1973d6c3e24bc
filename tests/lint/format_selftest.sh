#!/bin/sh
# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

# format_selftest.sh CLANG_FORMAT ROOT: format.sh accepts a file that is formatted and refuses one that is not.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$2/.clang-format" "$work/"
printf 'int f(int const& a) { return a; }\n' > "$work/good.cpp"
"$2/tests/lint/format.sh" "$1" "$work" || { echo "a formatted file is refused"; exit 1; }
printf 'int f(const int &a)\n{ return a; }\n' > "$work/bad.cpp"
if "$2/tests/lint/format.sh" "$1" "$work" > "$work/out" 2>&1; then echo "a file that is not formatted passes"; exit 1; fi
grep -q 'bad.cpp:1:.*error: code should be clang-formatted' "$work/out" || { cat "$work/out"; exit 1; }
echo "format self-test: passed"
