// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// From the ring to a NATS JetStream stream. Guarantee: at least once, in the ring's order; exactly once while the server
// remembers message ids (two minutes). While the server is away, events wait in the ring, and producers wait when it is full.
// Nothing is lost but what is in the ring when this program dies. docs/pages/nats.md tells the limits.
//
// What is ready is published in one go, and its slots are released only when the server has acknowledged all of it. Until
// then it stays in the ring and is sent again, with the same message ids, so that the server drops what it has already.
//
// The source is an event_processor, because one sequence numbers all messages and one batch is held at a time. With lanes
// each lane would need a numbering, a batch and a place in the order of its own; a broadcast has nobody else to tell.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <nats/nats.h>

#include <evproc/event_info.hpp>

namespace forwarding {

struct options {
    std::string url = "nats://127.0.0.1:4222";
    std::string stream = "EVENTS";
    std::string subject = "events";
    /// Part of each message id: must differ from one start of the program to the next, because sequences begin at 0
    /// each time, and the server would take new events for old ones.
    std::string epoch;
    std::size_t batch = 1024;  // events on the way at most
    std::chrono::milliseconds acknowledged_within{2000};
    std::chrono::milliseconds first_pause{20};
    std::chrono::milliseconds longest_pause{1000};
    /// How long the server remembers ids. It must be longer than any outage that is to be survived.
    std::chrono::seconds duplicate_window{120};
    /// Every so many batches one is sent a second time after it was acknowledged; 0: never. For tests.
    std::size_t send_twice_every = 0;
};

struct counts {
    std::uint64_t events = 0;  // acknowledged and released
    std::uint64_t batches = 0;
    std::uint64_t attempts = 0;     // batches sent, repetitions included
    std::uint64_t failures = 0;     // attempts that ended without all acknowledgements, and connections refused
    std::uint64_t duplicates = 0;   // acknowledgements that said: I have it already
    std::uint64_t connections = 0;  // made so far
};

/// Which messages of the batch on the way have been acknowledged. The library's thread marks, the forwarder looks.
/// By sequence and not by number, because an acknowledgement may arrive late, in the middle of the next attempt.
class acknowledgements {
public:
    void expect(std::vector<std::uint64_t> sequences) {
        std::lock_guard const lock(mutex_);
        sequences_ = std::move(sequences);
        seen_.assign(sequences_.size(), false);
        missing_ = sequences_.size();
    }
    void mark(std::uint64_t sequence, bool duplicate) {
        std::lock_guard const lock(mutex_);
        duplicates_ += duplicate ? 1 : 0;
        auto const at = std::lower_bound(sequences_.begin(), sequences_.end(), sequence);
        if (at == sequences_.end() || *at != sequence) {
            return;  // of an earlier batch
        }
        auto const index = at - sequences_.begin();
        if (!seen_[static_cast<std::size_t>(index)]) {
            seen_[static_cast<std::size_t>(index)] = true;
            if (--missing_ == 0) {
                complete_.notify_one();
            }
        }
    }
    /// Waits until none is missing; false if it took too long.
    bool wait_for(std::chrono::milliseconds limit) {
        std::unique_lock lock(mutex_);
        return complete_.wait_for(lock, limit, [this] { return missing_ == 0; });
    }
    [[nodiscard]] std::uint64_t duplicates() {
        std::lock_guard const lock(mutex_);
        return duplicates_;
    }

private:
    std::mutex mutex_;
    std::condition_variable complete_;
    std::vector<std::uint64_t> sequences_;  // ascending
    std::vector<bool> seen_;
    std::size_t missing_ = 0;
    std::uint64_t duplicates_ = 0;
};

/// A connection and its JetStream context. It never reconnects by itself: the library would send what was buffered
/// meanwhile behind what was lost, and the order would be gone. After a failure it is closed, and a new one made.
class connection {
public:
    connection(options const& chosen, acknowledgements& acks) {
        natsOptions* how = nullptr;
        jsOptions js_how;
        status_ = natsOptions_Create(&how);
        if (ok()) status_ = natsOptions_SetURL(how, chosen.url.c_str());
        if (ok()) status_ = natsOptions_SetAllowReconnect(how, false);
        if (ok()) status_ = natsOptions_SetTimeout(how, 2000);
        if (ok()) status_ = natsConnection_Connect(&connection_, how);
        natsOptions_Destroy(how);
        if (ok()) status_ = jsOptions_Init(&js_how);
        if (ok()) {
            js_how.Wait = chosen.acknowledged_within.count();
            js_how.PublishAsync.AckHandler = &acknowledged;
            js_how.PublishAsync.AckHandlerClosure = &acks;
            status_ = natsConnection_JetStream(&stream_, connection_, &js_how);
        }
        if (ok()) status_ = make_stream(chosen);
    }
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;
    ~connection() {
        drop_pending();
        jsCtx_Destroy(stream_);
        natsConnection_Destroy(connection_);
    }

    [[nodiscard]] bool ok() const noexcept { return status_ == NATS_OK; }
    [[nodiscard]] char const* error() const noexcept { return natsStatus_GetText(status_); }

    bool publish(std::string const& subject, std::string const& id, std::string_view text) {
        jsPubOptions how;
        jsPubOptions_Init(&how);
        how.MsgId = id.c_str();
        status_ = js_PublishAsync(stream_, subject.c_str(), text.data(), static_cast<int>(text.size()), &how);
        return ok();
    }

    [[nodiscard]] bool is_lost() const { return natsConnection_IsClosed(connection_); }

private:
    static void acknowledged(jsCtx*, natsMsg* message, jsPubAck* ack, jsPubAckErr*, void* closure) {
        char const* id = nullptr;
        if (ack != nullptr && natsMsgHeader_Get(message, "Nats-Msg-Id", &id) == NATS_OK) {
            std::string_view const text = id;
            std::string const sequence(text.substr(text.rfind('-') + 1));
            natsMsg_Destroy(message);  // first: the last mark may end the program
            static_cast<acknowledgements*>(closure)->mark(std::stoull(sequence), ack->Duplicate);
            return;
        }
        natsMsg_Destroy(message);
    }

    /// No effect if the stream is there already.
    natsStatus make_stream(options const& chosen) {
        jsStreamConfig config;
        jsStreamConfig_Init(&config);
        char const* subjects[] = {chosen.subject.c_str()};
        config.Name = chosen.stream.c_str();
        config.Subjects = subjects;
        config.SubjectsLen = 1;
        config.Duplicates = std::chrono::nanoseconds(chosen.duplicate_window).count();
        jsErrCode code = static_cast<jsErrCode>(0);
        natsStatus const made = js_AddStream(nullptr, stream_, &config, nullptr, &code);
        return code == JSStreamNameExistErr ? NATS_OK : made;
    }

    void drop_pending() {
        natsMsgList pending;
        if (stream_ != nullptr && js_PublishAsyncGetPendingList(&pending, stream_) == NATS_OK) {
            natsMsgList_Destroy(&pending);
        }
    }

    natsStatus status_ = NATS_OK;
    natsConnection* connection_ = nullptr;
    jsCtx* stream_ = nullptr;
};

/// The consumer of a processor. `encode(event, std::string&)` makes an event's message.
template <class Processor, class Encode> class forwarder {
public:
    forwarder(Processor& from, Encode encode, options chosen)
        : from_(from), encode_(std::move(encode)), options_(std::move(chosen)) {}

    /// Forwards until the processor is closed and all of it is in the stream, or a stop is requested: what is not
    /// acknowledged then is left in the ring. `report` is called after each batch, with counts, and after each
    /// failure, with counts and a sentence. True if everything was forwarded. What `encode` or `report` throws leaves run();
    /// what is not acknowledged then stays in the ring, and a further run() begins with it.
    template <class Report> bool run(std::stop_token stop, Report report) {
        while (!stop.stop_requested()) {
            auto const found = from_.poll_wait(stop, [](auto&) { return evproc::event_action::keep; });
            if (found.state == evproc::poll_state::closed) {
                return true;
            }
            auto batch = from_.peek(options_.batch);
            if (batch.empty()) {
                continue;
            }
            kept_unless_released<decltype(batch)> const guard{batch};
            if (!deliver(batch, stop, report)) {
                return false;
            }
            if (options_.send_twice_every != 0 && (so_far().batches + 1) % options_.send_twice_every == 0 &&
                !deliver(batch, stop, report)) {
                return false;
            }
            std::size_t const size = batch.size();
            batch.release();
            count([&](counts& c) {
                c.events += size;
                ++c.batches;
                c.duplicates = acks_.duplicates();
            });
            report(so_far(), nullptr);
        }
        return false;
    }

    /// Any thread.
    [[nodiscard]] counts so_far() const {
        std::lock_guard const lock(counts_mutex_);
        return counts_;
    }

private:
    /// A committed_batch releases what it holds when it is destroyed, also while an exception passes. At least once means that
    /// only what was acknowledged is released; the rest stays in the ring.
    template <class Batch> struct kept_unless_released {
        Batch& batch;
        ~kept_unless_released() { batch.keep(); }  // no effect after release()
    };

    template <class Batch, class Report> bool deliver(Batch const& batch, std::stop_token const& stop, Report& report) {
        auto pause = options_.first_pause;
        std::vector<std::uint64_t> sequences;
        sequences.reserve(batch.size());
        for (auto event = batch.begin(); event != batch.end(); ++event) {
            sequences.push_back(event.sequence());
        }
        acks_.expect(std::move(sequences));
        while (!send(batch)) {
            connection_.reset();
            count([](counts& c) { ++c.failures; });
            report(so_far(), failure_.c_str());
            if (stop.stop_requested()) {
                return false;
            }
            std::this_thread::sleep_for(pause);
            pause = std::min(pause * 2, options_.longest_pause);
        }
        return true;
    }

    template <class Change> void count(Change change) {
        std::lock_guard const lock(counts_mutex_);
        change(counts_);
    }

    /// One attempt: all of the batch, in order. True if every event of it has been acknowledged.
    template <class Batch> bool send(Batch const& batch) {
        if (!connection_) {
            connection_ = std::make_unique<connection>(options_, acks_);
            if (!connection_->ok()) {
                failure_ = std::string("cannot connect: ") + connection_->error();
                return false;
            }
            count([](counts& c) { ++c.connections; });
        }
        count([](counts& c) { ++c.attempts; });
        for (auto event = batch.begin(); event != batch.end(); ++event) {
            id_ = options_.epoch;
            id_ += '-';
            id_ += std::to_string(event.sequence());
            text_.clear();
            encode_(*event, text_);
            if (!connection_->publish(options_.subject, id_, text_)) {
                failure_ = std::string("cannot publish: ") + connection_->error();
                return false;
            }
        }
        auto const give_up = std::chrono::steady_clock::now() + options_.acknowledged_within;
        while (!acks_.wait_for(std::chrono::milliseconds(20))) {
            if (connection_->is_lost()) {
                failure_ = "the connection was lost";
                return false;
            }
            if (std::chrono::steady_clock::now() > give_up) {
                failure_ = "the server did not acknowledge every message in time";
                return false;
            }
        }
        return true;
    }

    /// Kept to the end of the program: when a connection is gone, a thread of the library may still be in the
    /// middle of marking what it was told last.
    static acknowledgements& acknowledgements_of_a_new_forwarder() {
        static std::mutex mutex;
        static std::list<acknowledgements> all;
        std::lock_guard const lock(mutex);
        return all.emplace_back();
    }

    Processor& from_;
    Encode encode_;
    options options_;
    acknowledgements& acks_ = acknowledgements_of_a_new_forwarder();
    std::unique_ptr<connection> connection_;
    std::mutex mutable counts_mutex_;
    counts counts_;
    std::string failure_;
    std::string id_;
    std::string text_;
};

}  // namespace forwarding
