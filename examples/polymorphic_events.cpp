// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How do I send events of an open set of types, each with its own behaviour? The event is a std::unique_ptr
// to a base class: whoever adds a type touches neither the processor nor the consumer. The price is one
// allocation for each event; where the set is closed, a std::variant (market_data) has none.

#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <evproc/event_processor.hpp>

namespace {

struct account {
    long long balance = 0;
    long long refused = 0;
    std::string owner = "nobody";
};

class event {
public:
    event() { ++alive; }
    event(event const&) = delete;
    event& operator=(event const&) = delete;
    virtual ~event() { --alive; }
    virtual void apply(account& to) = 0;

    static std::atomic<int> alive;
};
std::atomic<int> event::alive = 0;

class deposit final : public event {
public:
    explicit deposit(long long amount) : amount_(amount) {}
    void apply(account& to) override { to.balance += amount_; }

private:
    long long amount_;
};

class withdrawal final : public event {
public:
    explicit withdrawal(long long amount) : amount_(amount) {}
    void apply(account& to) override {
        if (amount_ > to.balance) {
            ++to.refused;
        } else {
            to.balance -= amount_;
        }
    }

private:
    long long amount_;
};

class renaming final : public event {
public:
    explicit renaming(std::string name) : name_(std::move(name)) {}
    void apply(account& to) override { to.owner = std::move(name_); }

private:
    std::string name_;
};

}  // namespace

int main() {
    account balance;
    {
        evproc::event_processor<std::unique_ptr<event>, 64> events;
        std::jthread producer([&] {
            events.publish(std::make_unique<renaming>("Ada"));
            for (int n = 1; n <= 1000; ++n) {
                events.publish(std::make_unique<deposit>(10));
                if (n % 100 == 0) {
                    // publish() in its three steps, for a producer with something to do between them.
                    if (auto slot = events.reserve()) {
                        slot.emplace(std::make_unique<withdrawal>(n == 1000 ? 1000000 : 500));
                        slot.commit();
                    }
                }
            }
            events.close();
        });
        events.run([&](std::unique_ptr<event>& next) { next->apply(balance); });
        producer.join();
        std::printf("%s has %lld, %lld withdrawals were refused\n", balance.owner.c_str(), balance.balance,
                    balance.refused);
    }
    {
        // What no one consumed is destroyed with the processor.
        evproc::event_processor<std::unique_ptr<event>, 64> events;
        events.publish(std::make_unique<deposit>(1));
        events.publish(std::make_unique<deposit>(2));
    }
    std::printf("%d events are left alive\n", event::alive.load());
    return event::alive == 0 ? 0 : 1;
}
