#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# tidy.sh CLANG_TIDY ROOT: the headers and the examples of one file are as .clang-tidy says. Prints what is not and fails.
# Version 19 only: each version knows other checks. Templates are looked into as far as the examples use them.
# tidy.sh --selftest CLANG_TIDY ROOT: it refuses a header with a use after a move, and accepts the same without.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$1" = --selftest ]; then
    mkdir -p "$work/include/evproc" "$work/examples" "$work/cmake"
    cp "$3/.clang-tidy" "$work/"
    printf '    evproc/a.hpp\n' > "$work/cmake/headers.cmake"
    printf 'int main() { return 0; }\n' > "$work/examples/good.cpp"
    printf '#include <string>\n#include <utility>\ninline std::size_t size(std::string from) {\n    std::string const to = std::move(from);\n    return to.size();\n}\n' > "$work/include/evproc/a.hpp"
    "$0" "$2" "$work" > "$work/out" 2>&1 || { cat "$work/out"; echo "a tree without a fault is refused"; exit 1; }
    sed 's/return to/return from/' "$work/include/evproc/a.hpp" > "$work/b.hpp"
    mv "$work/b.hpp" "$work/include/evproc/a.hpp"
    if "$0" "$2" "$work" > "$work/out" 2>&1; then echo "a header that uses what it has moved passes"; exit 1; fi
    grep -q "a.hpp:5:.*error: 'from' used after it was moved" "$work/out" || { cat "$work/out"; exit 1; }
    echo "tidy self-test: passed"
    exit
fi
clang_tidy=$1
cd "$2" || exit 2
# What a header needs from outside may be missing; so may what the example needs that is left out.
sed -n 's|^ *\(evproc/[a-z_/]*\.hpp\) *$|\1|p' cmake/headers.cmake | while read -r header; do
    case $header in
        */prometheus.hpp) echo "#if __has_include(<prometheus/collectable.h>)" ;;
        */usdt.hpp) echo "#if __has_include(<sys/sdt.h>)" ;;
        *) echo "#if 1" ;;
    esac
    printf '#include <%s>\n#endif\n' "$header"
done > "$work/headers.cpp"
files=$(find examples -maxdepth 1 -name '*.cpp' ! -name asio_loop.cpp | LC_ALL=C sort)
# The analyser takes longer than all other checks together: it looks at the headers and one example.
for file in "$work/headers.cpp" $files; do
    case $file in
        */headers.cpp | */hello.cpp) echo "$file" ;;
        *) echo "$file" '-clang-analyzer-*' ;;
    esac
done > "$work/list"
xargs -P 2 -L 1 sh -c '"$0" --quiet --config-file=.clang-tidy "--checks=${2:-}" "$1" -- -std=c++20 -I include' "$clang_tidy" \
    < "$work/list" > "$work/out" 2> "$work/err" || {
    cat "$work/out"
    grep -v ' warnings generated' "$work/err"
    exit 1
}
echo "tidy: the headers and $(printf '%s\n' $files | wc -l) examples, no fault"
