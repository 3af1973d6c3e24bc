// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// A thread for each file, and the end of the stream when the last of them is done.
//
// A thousand files are a thousand threads, but not at once: at most `at_once` of them, since each holds a
// thread, a file descriptor and a block. The next file begins when one is finished.

#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

class thread_per_file {
public:
    static constexpr std::size_t at_once = 64;

    /// Returns when `read(path)` has returned for each path, or for each begun when a stop was asked for.
    /// `read` must not throw. `cannot_start(path, reason)` is told of each file there was no thread for.
    template <class Read, class CannotStart>
    void run(std::vector<std::string> const& paths, std::stop_token const& stop, Read const& read,
             CannotStart const& cannot_start) {
        for (std::string const& path : paths) {
            if (stop.stop_requested()) {
                break;
            }
            while (running_.size() >= at_once) {
                join_one();
            }
            while (!start([&path, &read] { read(path); })) {
                if (running_.empty()) {
                    cannot_start(path, why_not_);
                    break;
                }
                join_one();  // the machine gives no more threads than these: go on with as many
            }
        }
        while (!running_.empty()) {
            join_one();
        }
    }

private:
    using threads = std::list<std::thread>;

    template <class Work> bool start(Work work) {
        auto const self = running_.emplace(running_.end());
        try {
            *self = std::thread([this, self, work = std::move(work)] {
                work();
                std::lock_guard const lock(mutex_);
                finished_.push_back(self);
                one_finished_.notify_one();
            });
            return true;
        } catch (std::system_error const& error) {
            why_not_ = error.code();
            running_.erase(self);
            return false;
        }
    }

    void join_one() {
        std::unique_lock lock(mutex_);
        one_finished_.wait(lock, [this] { return !finished_.empty(); });
        auto const finished = finished_.back();
        finished_.pop_back();
        lock.unlock();
        finished->join();
        running_.erase(finished);
    }

    threads running_;  // this thread's alone
    std::error_code why_not_;
    std::mutex mutex_;
    std::condition_variable one_finished_;
    std::vector<threads::iterator> finished_;  // under mutex_
};
