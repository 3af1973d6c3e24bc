// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How does a coroutine take events? It awaits the next batch, and an executor of your choice resumes it: here
// a loop of twenty lines, on the main thread. The producers call the executor once when the coroutine sleeps,
// not for each event.

#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include <evproc/wait/coroutine_wait.hpp>

namespace {

using processor = evproc::event_processor<int, 256, evproc::coroutine_wait>;

/// An executor: runs what is posted to it, on the thread that calls run_until().
class loop {
public:
    void post(evproc::resumption r) {
        {
            std::scoped_lock const lock(mutex_);
            ready_.push_back(r);
        }
        filled_.notify_one();
    }
    template <class Done> void run_until(Done done) {
        while (!done()) {
            std::unique_lock lock(mutex_);
            filled_.wait(lock, [this] { return !ready_.empty(); });
            std::vector<evproc::resumption> const now = std::exchange(ready_, {});
            lock.unlock();
            for (evproc::resumption const& resume : now) {
                resume();
            }
        }
    }

private:
    std::mutex mutex_;
    std::condition_variable filled_;
    std::vector<evproc::resumption> ready_;
};

/// The least that a coroutine needs: it starts at once, and its frame goes with this object.
class task {
public:
    struct promise_type {
        task get_return_object() { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
    explicit task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    task& operator=(task&&) = delete;
    ~task() {
        if (handle_) {
            handle_.destroy();
        }
    }
    bool done() const { return handle_.done(); }

private:
    std::coroutine_handle<promise_type> handle_;
};

task sum_up(processor& numbers, loop& here, std::int64_t& sum) {
    while (auto batch = co_await numbers.next_batch(here)) {
        for (int const n : batch) {
            sum += n;
        }
    }  // an empty batch: closed, and everything handled
}

task sum_until_stopped(processor& numbers, loop& here, std::stop_token stop, std::int64_t& sum) {
    while (auto batch = co_await numbers.next_batch(stop, here)) {
        for (int const n : batch) {
            sum += n;
        }
    }
}

}  // namespace

int main() {
    loop here;
    processor numbers;

    // A coroutine that waits may be given up at any time: nothing is held while it does.
    std::int64_t nothing = 0;
    {
        task const abandoned = sum_up(numbers, here, nothing);
    }

    // One that is stopped, by the same token as a thread.
    {
        std::jthread other([] {});
        task const impatient = sum_until_stopped(numbers, here, other.get_stop_token(), nothing);
        other.request_stop();
        here.run_until([&] { return impatient.done(); });
    }
    std::printf("stopped after nothing: %s\n", nothing == 0 ? "yes" : "NO");

    // And one that stays to the end.
    std::int64_t sum = 0;
    task const consumer = sum_up(numbers, here, sum);
    std::jthread closer([&] {
        {
            auto const count = [&](int from, int to) {
                for (int n = from; n <= to; ++n) {
                    numbers.publish(n);
                }
            };
            std::jthread const low(count, 1, 5000);
            std::jthread const high(count, 5001, 10000);
        }
        numbers.close();
    });
    here.run_until([&] { return consumer.done(); });
    std::printf("The sum of 1 to 10000 is %lld.\n", static_cast<long long>(sum));
    return nothing == 0 && sum == 50'005'000 ? 0 : 1;
}
