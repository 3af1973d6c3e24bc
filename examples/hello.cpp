// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How do I send something from one thread to another? The README's fifteen lines.

#include <cstdio>
#include <thread>
#include <evproc/event_processor.hpp>

int main() {
    evproc::event_processor<int> numbers;
    std::jthread producer([&] {
        for (int n = 1; n <= 1000; ++n) numbers.publish(n);  // built in the ring; waits while the ring is full
        numbers.close();                                     // no more will come
    });
    long sum = 0;
    numbers.run([&](int n) { sum += n; });  // returns when all have been handled
    std::printf("The sum of 1 to 1000 is %ld.\n", sum);
}
