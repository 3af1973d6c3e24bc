#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# lint.sh ROOT: the rules that a compiler does not hold. Prints one line a fault, "file:line: what", and exits 1 if
# there is any. ROOT is a checkout, or a small tree of selftest.sh, which shows each rule failing.
set -u
root=$1
here=$(cd "$(dirname "$0")" && pwd)
cd "$root" || exit 2
faults=$(mktemp)
trap 'rm -f "$faults"' EXIT

headers=$(find include -name '*.hpp' | LC_ALL=C sort)

# Lines of code of a file as "file:line:text", comments cut off.
code() { awk '{ text = $0; sub(/\/\/.*$/, "", text); if (text ~ /[^ \t]/) print FILENAME ":" FNR ":" text }' "$@"; }

# only PATTERN WHAT FILE...: PATTERN may stand in these files (shell patterns below include/evproc/) and nowhere else.
only() {
    pattern=$1; what=$2; shift 2
    for header in $headers; do
        allowed=no
        for place in "$@"; do
            case ${header#include/evproc/} in $place) allowed=yes ;; esac
        done
        [ $allowed = yes ] && continue
        code "$header" | grep -E "$pattern" | sed -E "s|^([^:]*:[0-9]+):.*|\1: $what|" >> "$faults"
    done
}

# ---- memory orders: where, and how they are explained ----
order_files='detail/mpsc_ring.hpp detail/spsc_ring.hpp detail/event_count.hpp detail/callback_slot.hpp
detail/signals.hpp detail/platform/futex.hpp detail/platform/asymmetric_fence.hpp detail/consumer_position.hpp detail/stage_gate.hpp detail/lane_ring.hpp detail/record_ring.hpp detail/statistics.hpp extras/dwell_histogram.hpp wait/*.hpp'
set -f
only 'memory_order' 'a memory order is spelled outside the files that an audit opens' $order_files
for header in $headers; do
    for place in $order_files; do
        case ${header#include/evproc/} in
            $place) awk -v file="$header" -f "$here/orders.awk" "$header" >> "$faults" ;;
        esac
    done
done
set +f

# ---- detail/platform: what touches the machine, for which the model suite has a shim ----
only '#[ ]*include <atomic>' 'only detail/platform/atomic.hpp includes <atomic>' detail/platform/atomic.hpp
only 'std::atomic[<_]' 'write detail::atomic: std::atomic stands in detail/platform/atomic.hpp only' \
    detail/platform/atomic.hpp detail/platform/asymmetric_fence.hpp
only 'atomic_(thread|signal)_fence' 'the only stand-alone fences are those of detail/platform/asymmetric_fence.hpp' \
    detail/platform/asymmetric_fence.hpp
only '(steady|system|high_resolution)_clock::now' 'ask detail::now() for the time' detail/platform/clock.hpp
only '(this_thread::yield|sched_yield|_mm_pause|ia32_pause)' 'pause and yield through detail/platform/cpu.hpp' \
    detail/platform/cpu.hpp
only 'this_thread::(get_id|sleep)' 'ask detail::this_thread_token(), and sleep through an event_count' detail/platform/thread.hpp
only '#[ ]*include <(mutex|condition_variable|semaphore|sys/syscall.h|linux/[a-z]*.h)>' \
    'only detail/platform/futex.hpp and detail/platform/asymmetric_fence.hpp call the system' \
    detail/platform/futex.hpp detail/platform/asymmetric_fence.hpp extras/prometheus.hpp

# ---- Windows: what a header needs of the system it declares itself, as futex.hpp does ----
for header in $headers; do
    code "$header" | grep -iE '#[ \t]*include[ \t]*[<"](windows|winsock2?|ws2tcpip|windef|winbase|minwindef|winnt|synchapi|processthreadsapi|libloaderapi)\.h[>"]' |
        sed -E 's|^([^:]*:[0-9]+):.*|\1: no header includes <windows.h> or a part of it: its macros would reach every program|' >> "$faults"
done

# ---- include arrows go down only (tests/lint/layers.txt) ----
layers=tests/lint/layers.txt
[ -f "$layers" ] || layers=$here/layers.txt
awk '
    FNR == NR { if ($0 !~ /^#/ && NF == 2) rank[$2] = $1; next }
    FNR == 1 {
        self = FILENAME; sub(/^include\/evproc\//, "", self)
        if (!(self in rank)) print FILENAME ":1: has no layer in tests/lint/layers.txt"
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ { print FILENAME ":" FNR ": write #include <evproc/...>" }
    /^[ \t]*#[ \t]*include[ \t]*<evproc\// {
        other = $0; sub(/^.*<evproc\//, "", other); sub(/>.*$/, "", other)
        if (!(other in rank)) print FILENAME ":" FNR ": includes " other ", which has no layer"
        else if (self in rank && rank[other] >= rank[self])
            print FILENAME ":" FNR ": includes " other ", which is not below it (tests/lint/layers.txt)"
    }' "$layers" $headers >> "$faults"

# ---- the list of headers and the folder agree ----
listed=$(sed -n 's|^[ ]*\(evproc/[a-z_/]*\.hpp\)[ ]*$|include/\1|p' cmake/headers.cmake | LC_ALL=C sort)
for header in $headers; do
    printf '%s\n' "$listed" | grep -qxF "$header" || echo "cmake/headers.cmake:1: does not list $header" >> "$faults"
done
for header in $listed; do
    [ -f "$header" ] || echo "cmake/headers.cmake:1: lists $header, which does not exist" >> "$faults"
done

# ---- each header ----
for header in $headers; do
    grep -q '^#pragma once$' "$header" || echo "$header:1: has no #pragma once" >> "$faults"
done
only '(^|[^A-Za-z])([Hh]ead|[Tt]ail)s?([^A-Za-z]|$)' 'no head and no tail in names: each half of the field means the other end' \
    record_processor.hpp reserved_record.hpp detail/record_ring.hpp  # the bytes behind an event
if [ -f include/evproc/evproc.hpp ]; then
    code include/evproc/evproc.hpp | grep -vE ':[ ]*#(include <evproc/[a-z_/]+\.hpp>|pragma once)' |
        sed -E 's|^([^:]*:[0-9]+):.*|\1: the umbrella holds includes only|' >> "$faults"
    # Directly or through another one: every public header is reached, but for those that say why not.
    awk '
        FNR == 1 { self = FILENAME; sub(/^include\//, "", self); if (self !~ /\/detail\//) public[self] = 1 }
        /Not in the umbrella:/ { delete public[self] }
        /^[ \t]*#[ \t]*include[ \t]*<evproc\// {
            other = $0; sub(/^.*</, "", other); sub(/>.*$/, "", other); edge[self, ++count[self]] = other
        }
        function visit(name,    i) {
            if (name in seen) return
            seen[name] = 1
            for (i = 1; i <= count[name]; i++) visit(edge[name, i])
        }
        END {
            visit("evproc/evproc.hpp")
            for (name in public) if (!(name in seen)) print "include/evproc/evproc.hpp:1: does not reach <" name ">"
        }' $headers >> "$faults"
fi

# ---- each public header has a file of tests that begins with its name ----
for header in $headers; do
    case $header in */detail/*) continue ;; esac
    set -- tests/unit/"$(basename "$header" .hpp)"*.cpp
    [ -f "$1" ] || echo "$header:1: has no file in tests/unit that begins with its name" >> "$faults"
done

# ---- each file says whose it is and under which licence ----
find . -name .git -prune -o -path ./build -prune -o -type f \
    \( -name '*.hpp' -o -name '*.cpp' -o -name '*.cmake' -o -name CMakeLists.txt -o -name '*.sh' -o -name '*.awk' \
    -o -name '*.py' -o -name '*.in' -o -name '*.yml' -o -path ./.ci/run \) -print | LC_ALL=C sort |
    while read -r path; do
        head -n 2 "$path" | grep -q 'Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT' ||
            echo "${path#./}:1: does not begin with the copyright and SPDX-License-Identifier"
    done >> "$faults"

# ---- the code on the README's first page is a compiled example, word for word ----
if [ -f README.md ] && [ -f examples/hello.cpp ]; then
    awk '
        FNR == NR { example = example $0 "\n"; next }
        /^```cpp/ && !block { block = FNR; inside = 1; next }
        /^```/ && inside { inside = 0 }
        inside { text = text $0 "\n" }
        END {
            if (!block) print FILENAME ":1: shows no example"
            else if (index(example, text) == 0) print FILENAME ":" block ": the example is not in examples/hello.cpp word for word"
        }' examples/hello.cpp README.md >> "$faults"
fi

if [ -s "$faults" ]; then
    cat "$faults"
    exit 1
fi
echo "lint: $(printf '%s\n' "$headers" | wc -l) headers, no fault"
