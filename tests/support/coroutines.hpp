// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// What the tests of coroutines share: a coroutine, and an executor.
#pragma once

#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <mutex>
#include <utility>

#include <evproc/wait/coroutine_wait.hpp>

namespace evproc_test {

/// A coroutine that starts at once and is destroyed with its task, wherever it stands then.
class task {
public:
    struct promise_type {
        task get_return_object() { return task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };

    task() = default;
    explicit task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    task& operator=(task&& other) noexcept {
        if (this != &other) {
            destroy();
            handle_ = std::exchange(other.handle_, {});
        }
        return *this;
    }
    ~task() { destroy(); }
    void destroy() {
        if (handle_) std::exchange(handle_, {}).destroy();
    }
    bool done() const { return handle_.done(); }

private:
    std::coroutine_handle<promise_type> handle_;
};

/// Resumptions in a queue, run by whoever calls run_one().
class loop {
public:
    void post(evproc::resumption r) {
        {
            std::scoped_lock const lock(mutex_);
            queue_.push_back(r);
            ++posts_;
        }
        filled_.notify_one();
    }
    std::size_t size() {
        std::scoped_lock const lock(mutex_);
        return queue_.size();
    }
    std::uint64_t posts() {
        std::scoped_lock const lock(mutex_);
        return posts_;
    }
    /// Runs the oldest; ends the program if none comes in a time that no scheduler takes.
    void run_one() {
        if (run_one(std::chrono::seconds(100))) return;
        std::fputs("test: a wake-up was lost, nothing was posted to the executor\n", stderr);
        std::abort();
    }
    bool run_one(std::chrono::seconds patience) {
        evproc::resumption next;
        {
            std::unique_lock lock(mutex_);
            if (!filled_.wait_until(lock, std::chrono::system_clock::now() + patience,
                                    [this] { return !queue_.empty(); }))
                return false;
            next = queue_.front();
            queue_.pop_front();
        }
        next();
        return true;
    }

private:
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<evproc::resumption> queue_;
    std::uint64_t posts_ = 0;
};

}  // namespace evproc_test
