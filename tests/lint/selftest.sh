#!/bin/sh
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# A gate is trusted only when it has been seen to close. The tree in accepted.txt passes the lint; each line below breaks one
# rule in a copy of it with a sed program, and the lint must then say just that one sentence and fail.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

fresh() {
    rm -rf "$work/tree"
    sed -n 's/^==== //p' "$here/accepted.txt" | while read -r path; do
        mkdir -p "$work/tree/$(dirname "$path")"
    done
    (cd "$work/tree" && awk '/^==== / { path = $2; next } { print > path }' "$here/accepted.txt")
}

verdict() {  # verdict NAME ok|not
    if [ "$2" = ok ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAILED: $1"
        sed 's/^/    /' "$work/out"
    fi
}

refuse() {  # refuse 'what it says' FILE 'sed program'
    fresh
    cp "$work/tree/$2" "$work/before"
    sed -E "$3" "$work/before" > "$work/tree/$2"
    if cmp -s "$work/before" "$work/tree/$2"; then
        echo "the sed program changed nothing" > "$work/out"
        verdict "$1" not
        return
    fi
    if "$here/lint.sh" "$work/tree" > "$work/out" 2>&1; then verdict "$1" not; return; fi
    if [ "$(wc -l < "$work/out")" -eq 1 ] && grep -qF "$1" "$work/out"; then verdict "$1" ok; else verdict "$1" not; fi
}

fresh
if "$here/lint.sh" "$work/tree" > "$work/out" 2>&1; then verdict 'accepted.txt passes' ok; else verdict 'accepted.txt passes' not; fi

accept() {  # accept 'why' FILE 'sed program'
    fresh
    sed -E -i "$3" "$work/tree/$2"
    if "$here/lint.sh" "$work/tree" > "$work/out" 2>&1; then verdict "$1" ok; else verdict "$1" not; fi
}

core=include/evproc/detail/mpsc_ring.hpp
face=include/evproc/ring_buffer.hpp

refuse 'a memory order without a label line right above it' $core '/\/\/ E1 acquire: sees/d'
refuse 'a memory order without a label line right above it' $core 's/E1 acquire: sees the/The/'
refuse 'a memory order without a label line right above it' $core 's/^(\/\/   X1  )/\1everywhere below: /; /\/\/ E1 acquire: sees/d'
accept 'a label holds for the statements right below' $core 's/^( *)(word_.store\(1, .*)/\1\2\n\1word_.store(2, std::memory_order_release);/'
accept 'a relaxation holds everywhere below' $core 's/^(\/\/   X1  )/\1everywhere below: /; s/^( *)value_ = value;/\1claim_.load(std::memory_order_relaxed);/'
refuse 'a memory order without a label line right above it' $core 's/^( *)(word_.store\(1, .*)/\1\2\n\1word_.store(2, std::memory_order_relaxed);/'
refuse 'a memory order without a label line right above it' $core 's/^( *)(word_.store\(1, .*)/\1\2\n\1value_ = 2;\n\1word_.store(2, std::memory_order_release);/'
refuse 'the order acquire is not named by a label above it' $core 's/X1 relaxed, E1 acquire: on/X1 relaxed: on/'
refuse 'a label names the order release, which the statement does not use' $core 's/E1 acquire: sees/E1 acquire, E1 release: sees/'
refuse 'label E3 is not in the map' $core 's/E1 acquire: sees/E3 acquire: sees/'
refuse 'edge E1 cannot be relaxed' $core 's/X1 relaxed, E1 acquire: on/X1 relaxed, E1 relaxed, E1 acquire: on/'
refuse 'relaxation X1 is not relaxed' $core 's/X1 relaxed, E1 acquire: on/X1 relaxed, X1 acquire: on/'
refuse 'the map has X1 twice' $core 's|^(//   X1  .*)|\1\n\1|'
refuse 'the map has X2, which no site uses' $core 's|^(//   X1  .*)|\1\n//   X2  is used by nobody.|'
refuse "edge E1 is not written as 'writer -> reader: ...'" $core 's/E1  put -> take:/E1  put and take:/'
refuse 'edge E1 has no release side' $core '/E1 release: publishes/d; /word_.store/d'
refuse 'edge E1 has no acquire side' $core '/E1 acquire: sees/d; s/ word_.load\(std::memory_order_acquire\) == 1 \?/ true ?/; s/, E1 acquire: on success/, X1 relaxed: on success/; s/std::memory_order_acquire/std::memory_order_relaxed/'
refuse 'edge E2 has only one of its two fences' $core '/fence.light/d'
refuse 'a fence without its edge' $core 's/fence.light\(\);  \/\/ E2/fence.light();  \/\/ E2\n        fence.light();/'
refuse 'an atomic access whose order is not written out' $core '/E1 release: publishes/d; s/word_.store\(1, .*/word_.store(1);/; s/X1 relaxed, E1 acquire: on/X1 relaxed, E1 acq_rel: on/; s/_acquire\)\) \{/_acq_rel)) {/'
refuse 'write std::memory_order_...' $core 's/(word_.store\(1, std::memory_order_release)\)/\1 \/* or std::memory_order::release *\/)/'

refuse 'a memory order is spelled outside' $face 's/^(    detail::mpsc_ring core;)/\1\n    int order = int(std::memory_order_relaxed);/'
refuse 'only detail/platform/atomic.hpp includes <atomic>' $face 's/^(#include .*mpsc_ring.*)/#include <atomic>\n\1/'
refuse 'write detail::atomic' $face 's/^(    detail::mpsc_ring core;)/\1\n    std::atomic<int> count;/'
refuse 'the only stand-alone fences' $face 's/^(    detail::mpsc_ring core;)/\1\n    void f() { atomic_thread_fence(); }/'
refuse 'ask detail::now()' $face 's/^(    detail::mpsc_ring core;)/\1\n    void f() { std::chrono::steady_clock::now(); }/'
refuse 'pause and yield through' $face 's/^(    detail::mpsc_ring core;)/\1\n    void f() { std::this_thread::yield(); }/'
refuse 'ask detail::this_thread_token()' $face 's/^(    detail::mpsc_ring core;)/\1\n    void f() { std::this_thread::get_id(); }/'
refuse 'call the system' $face 's/^(#include .*mpsc_ring.*)/#include <mutex>\n\1/'
refuse 'no header includes <windows.h>' $face 's/^(#include .*mpsc_ring.*)/#include <windows.h>\n\1/'
refuse 'no header includes <windows.h>' $face 's/^(#include .*mpsc_ring.*)/#if defined(_WIN32)\n# include <Windows.h>\n#endif\n\1/'
refuse 'no header includes <windows.h>' $face 's/^(#include .*mpsc_ring.*)/#include <synchapi.h>\n\1/'

refuse 'which is not below it' include/evproc/wait/spin_wait.hpp 's/detail\/platform\/atomic.hpp/ring_buffer.hpp/'
refuse 'which is not below it' $core 's/detail\/platform\/atomic.hpp/detail\/mpsc_ring.hpp/'
refuse 'which has no layer' $face 's/detail\/mpsc_ring.hpp/detail\/unheard_of.hpp/'
refuse 'write #include <evproc/...>' $face 's/^#include <(.*mpsc_ring.hpp)>/#include "\1"/'
refuse 'does not list include/evproc/detail/mpsc_ring.hpp' cmake/headers.cmake '/mpsc_ring/d'
refuse 'lists include/evproc/detail/gone.hpp' cmake/headers.cmake 's/^( *evproc\/ring_buffer.hpp)/\1\n    evproc\/detail\/gone.hpp/'
refuse 'has no #pragma once' $face '/#pragma once/d'
refuse 'no head and no tail in names' $face 's/mpsc_ring core;/mpsc_ring queue_head;/'
refuse 'no head and no tail in names' $core 's/int value_ = 0/int tail_ = 0/'
refuse 'the umbrella holds includes only' include/evproc/evproc.hpp '$s/$/\nint more;/'
refuse 'does not reach <evproc/wait/spin_wait.hpp>' include/evproc/evproc.hpp '/spin_wait/d'
refuse 'does not begin with the copyright' $face '1d'
refuse 'does not begin with the copyright' cmake/headers.cmake 's/License-Identifier: MIT/License-Identifier: BSD-2-Clause/'
refuse 'not in examples/hello.cpp word for word' README.md 's/int main\(\) \{\}/int main() { }/'
refuse 'shows no example' README.md '/^```/d'

fresh
rm "$work/tree/tests/unit/spin_wait.cpp"
says='include/evproc/wait/spin_wait.hpp:1: has no file in tests/unit that begins with its name'
if ! "$here/lint.sh" "$work/tree" > "$work/out" 2>&1 && [ "$(cat "$work/out")" = "$says" ]; then verdict "$says" ok; else verdict "$says" not; fi

echo "lint self-test: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
