// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How do I stop: without losing anything, without hanging, and on time? The four ways out, each at work.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <stop_token>
#include <thread>

#include <evproc/event_processor.hpp>

namespace {

using namespace std::chrono_literals;
using evproc::errc;

bool all_well = true;

void expect(bool ok, char const* sentence) {
    std::printf("  %-4s %s\n", ok ? "yes" : "NO", sentence);
    all_well &= ok;
}

/// Close and drain: what was published before is handled, what comes after is refused.
void close_and_drain() {
    std::puts("close and drain");
    evproc::event_processor<int, 64> jobs;
    std::uint64_t accepted = 0;
    std::jthread producer([&] {
        for (int n = 0; n < 10000; ++n) {
            if (jobs.publish(n) == errc::success) {
                ++accepted;
            }
        }
        jobs.close();
    });
    std::uint64_t handled = 0;
    auto const result = jobs.run([&](int) { ++handled; });
    producer.join();
    expect(result.reason == errc::closed, "run returned because the processor was closed");
    expect(accepted == 10000 && handled == 10000, "all 10000 that were accepted were handled");
    expect(jobs.publish(0) == errc::closed, "publishing after that is refused, and says why");
}

/// A producer that waits for room in a ring that no one empties: a stop_token, or a deadline, lets it go.
void stop_a_waiting_producer() {
    std::puts("stop a waiting producer");
    evproc::event_processor<int, 4> jobs;
    while (jobs.try_publish(1) == errc::success) {
    }
    errc told = errc::success;
    std::jthread producer([&](std::stop_token stop) { told = jobs.reserve(stop).error(); });
    producer.request_stop();
    producer.join();
    expect(told == errc::stopped, "its stop_token woke it");
    expect(jobs.reserve_for(1ms).error() == errc::timed_out, "with a deadline it gives up by itself");

    std::jthread another([&] { told = jobs.publish(2); });
    jobs.close();
    another.join();
    expect(told == errc::closed, "close() turns away those already waiting");
    expect(jobs.poll([](int) {}).events == 4, "the four that were in the ring are still handled");
}

/// The consumer stops first. Nothing is lost: it can go on where it was.
void stop_the_consumer() {
    std::puts("stop the consumer");
    evproc::event_processor<int, 1024> jobs;
    for (int n = 0; n < 1000; ++n) {
        jobs.publish(n);
    }
    std::stop_source enough;
    int handled = 0;
    auto const handler = [&](int n) {
        if (n == 99) {
            enough.request_stop();
            return evproc::event_action::stop;  // this one is done; none after it is touched
        }
        return evproc::event_action::next;
    };
    auto const counting = [&](int& n) {
        ++handled;
        return handler(n);
    };
    auto const stopped = jobs.run(enough.get_token(), counting);
    expect(stopped.reason == errc::stopped, "run returned because of the stop_token");
    expect(handled == 100, "it had handled a hundred");
    jobs.close();
    auto const rest = jobs.run(counting);
    expect(rest.reason == errc::closed && handled == 1000, "the second run handled the other nine hundred");
}

/// A deadline for the whole shutdown: drain what can be drained by then, and know what is left.
void stop_by_a_deadline() {
    std::puts("stop by a deadline");
    evproc::event_processor<int, 16> jobs;
    jobs.publish(1);
    expect(jobs.flush_for(1ms) == errc::timed_out, "flush_for gives up when no one consumes");

    auto stalled = jobs.reserve();  // a producer that never finishes: what is behind it must wait
    jobs.publish(3);
    auto const deadline = std::chrono::steady_clock::now() + 5ms;
    std::uint64_t handled = 0;
    evproc::poll_result last{};
    do {
        last = jobs.poll_until(deadline, [&](int) { ++handled; });
    } while (last.state != evproc::poll_state::closed && std::chrono::steady_clock::now() < deadline);
    expect(handled == 1 && last.state == evproc::poll_state::blocked,
           "at the deadline the first event was handled, the third is behind the stalled second");
    auto const stall = jobs.oldest_uncommitted();
    expect(stall && stall.sequence == 1, "oldest_uncommitted() names the one to blame");
    stalled.discard();
    jobs.close();
    auto const rest = jobs.poll([&](int) { ++handled; });
    expect(handled == 2 && rest.state == evproc::poll_state::closed, "given up, it no longer holds up the rest");
}

}  // namespace

int main() {
    close_and_drain();
    stop_a_waiting_producer();
    stop_the_consumer();
    stop_by_a_deadline();
    return all_well ? 0 : 1;
}
