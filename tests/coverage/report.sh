#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# report.sh LLVM_PROFDATA LLVM_COV SOURCE BUILD: lines and branches of include/ that the executables of BUILD have run.
# Fails if a line or a side of a branch did not run that uncovered.md does not list, or if that lists what did run.
set -u
profdata=$1 cov=$2 source=$3 build=$4
here=$(cd "$(dirname "$0")" && pwd)

set -- "$build"/profiles/*.profraw
[ -f "$1" ] || { echo "no counts in $build/profiles: run ctest first"; exit 2; }
"$profdata" merge -o "$build/coverage.profdata" "$@" || exit 2

set --
for file in $(find "$build" -type f -perm -u+x ! -name '*.so*'); do
    grep -qa __llvm_covmap "$file" && set -- "$@" -object "$file"
done
[ $# -gt 0 ] || { echo "no executable in $build counts anything"; exit 2; }
shift
"$cov" export -format=lcov "-instr-profile=$build/coverage.profdata" "$@" "$source/include" > "$build/coverage.lcov" || exit 2
# Lines from the one format; conditions from the other, which knows the column of each, so that the instances of a template
# add up. One line a condition: file, line, column, how often true, how often false.
"$cov" export -format=text -skip-functions -skip-expansions "-instr-profile=$build/coverage.profdata" "$@" \
    "$source/include" | sed 's/{"branches":\[[][]/\n&/g' > "$build/coverage.json" || exit 2
# llvm-cov says of a line behind `if constexpr (...) return` that it did not run as soon as there is an instance that is
# without it, whatever the others ran: so what each instance ran.
"$cov" show -show-instantiations "-instr-profile=$build/coverage.profdata" "$@" "$source/include" > "$build/coverage.instances" ||
    exit 2

awk -v root="$source/" -v list="$here/uncovered.md" -v conditions="$build/coverage.json" \
    -v instances="$build/coverage.instances" -f "$here/report.awk" "$build/coverage.lcov"
