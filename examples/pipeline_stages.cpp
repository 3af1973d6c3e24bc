// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// How do I let several threads work on each event, some side by side, some one after the other? An order comes in as text.
// One thread decodes it in place; then one writes it to the journal while another checks the risk; then, when both are
// done with it, one publishes it. Nothing is copied from stage to stage. The same with three queues, for comparison.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <evproc/broadcast_processor.hpp>
#include <evproc/event_processor.hpp>

namespace {

constexpr int orders = 20000;

struct order {
    char text[24];
    std::uint32_t account;
    std::int32_t amount;
    bool refused;
};

void decode(order& o) {
    char* rest = nullptr;
    o.account = static_cast<std::uint32_t>(std::strtoul(o.text, &rest, 10));
    o.amount = static_cast<std::int32_t>(std::strtol(rest, nullptr, 10));
}

/// A file that vanishes by itself.
class journal {
public:
    journal() : file_{std::tmpfile()} {}
    journal(journal const&) = delete;
    journal& operator=(journal const&) = delete;
    ~journal() {
        if (file_ != nullptr) std::fclose(file_);
    }
    void write(order const& o) {
        if (file_ != nullptr) std::fprintf(file_, "%u %d\n", o.account, o.amount);
    }
    /// Reads it again: the number of entries, and the sum of their amounts.
    void report() {
        int entries = 0;
        long long sum = 0;
        unsigned account = 0;
        int amount = 0;
        bool const is_at_start = file_ != nullptr && std::fseek(file_, 0, SEEK_SET) == 0;
        while (is_at_start && std::fscanf(file_, "%u %d", &account, &amount) == 2) {
            ++entries;
            sum += amount;
        }
        std::printf("  the journal holds %d orders over %lld\n", entries, sum);
    }

private:
    std::FILE* file_;
};

/// No account may spend more than it has.
class risk {
public:
    bool refuses(order const& o) {
        long long& spent = spent_[o.account % 16];
        if (spent + o.amount > 300000) return true;
        spent += o.amount;
        return false;
    }

private:
    long long spent_[16] = {};
};

/// What leaves the program.
struct exchange {
    int accepted = 0;
    int refused = 0;
    long long sum = 0;
    void publish(order const& o, bool is_refused) {
        ++(is_refused ? refused : accepted);
        if (!is_refused) sum += o.amount;
    }
    void report() const { std::printf("  published %d orders over %lld, refused %d\n", accepted, sum, refused); }
};

void write_text(order& o, int n) { std::snprintf(o.text, sizeof o.text, "%d %d", n % 16, n % 503); }

/// One ring. The verdict of the risk check stands beside it, at the order's sequence: siblings may not write to the order.
void with_stages() {
    std::puts("decode -> journal and risk check -> publish, in stages");
    constexpr std::size_t capacity = 1024;
    evproc::broadcast_processor<order, evproc::stages<1, 2, 1>, capacity> incoming;
    journal book;
    exchange out;
    static bool verdicts[capacity];  // a slot of its own for each order in the ring
    {
        std::jthread decoding(
            [&, stage = incoming.consumer<0>()]() mutable { stage.run([](order& o) { decode(o); }); });
        std::jthread journaling(
            [&, stage = incoming.consumer<1>(0)]() mutable { stage.run([&](order const& o) { book.write(o); }); });
        std::jthread checking([&, stage = incoming.consumer<1>(1)]() mutable {
            risk check;
            stage.run([&](order const& o, evproc::event_info const& info) {
                verdicts[info.sequence % capacity] = check.refuses(o);
            });
        });
        std::jthread publishing([&, stage = incoming.consumer<2>()]() mutable {
            stage.run([&](order& o, evproc::event_info const& info) {
                o.refused = verdicts[info.sequence % capacity];
                out.publish(o, o.refused);
            });
        });
        for (int n = 0; n < orders; ++n) {
            if (auto order = incoming.reserve()) {
                write_text(*order, n);
                order.commit();
            }
        }
        incoming.close();
    }
    book.report();
    out.report();
}

/// A queue to each thread: each order is copied twice, and who publishes has to know by itself how far the journal is.
void with_queues() {
    std::puts("the same with three queues");
    evproc::event_processor<order, 1024> incoming, to_journal, to_risk;
    journal book;
    exchange out;
    std::atomic<int> journaled = 0;
    {
        std::jthread decoding([&] {
            incoming.run([&](order& o) {
                decode(o);
                to_journal.publish(o);
                to_risk.publish(o);
            });
            to_journal.close();
            to_risk.close();
        });
        std::jthread journaling([&] {
            to_journal.run([&](order const& o) {
                book.write(o);
                ++journaled;
                journaled.notify_one();
            });
        });
        std::jthread checking_and_publishing([&] {
            risk check;
            int done = 0;
            to_risk.run([&](order& o) {
                o.refused = check.refuses(o);
                for (int far = journaled; far <= done; far = journaled) journaled.wait(far);
                ++done;
                out.publish(o, o.refused);
            });
        });
        for (int n = 0; n < orders; ++n) {
            if (auto order = incoming.reserve()) {
                write_text(*order, n);
                order.commit();
            }
        }
        incoming.close();
    }
    book.report();
    out.report();
}

}  // namespace

int main() {
    with_stages();
    with_queues();
}
