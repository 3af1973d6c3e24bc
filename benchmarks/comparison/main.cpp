// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "report.hpp"
#include "run.hpp"
#include "support/machine.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace comparison;

char const* const usage =
    "usage: comparison [options]\n"
    "  --list              the works and queues there are\n"
    "  --work a,b          only these works ('name*': all that begin so); without it all but 'many_*'\n"
    "  --queues a,b        only these queues\n"
    "  --rounds N          samples of each queue (default 11)\n"
    "  --time FACTOR       length of each sample, 1 = about 40 ms\n"
    "  --cpus 0,2,4        consumer's CPU first, then the producers'\n"
    "  --json FILE         everything measured, as JSON\n"
    "  --markdown FILE     the tables\n"
    "  --once QUEUE N      no timing: N events through one queue on one thread, for instruction counters\n"
    "  --under-load        instead of the works: one-way delays at shares of each queue's peak rate\n"
    "  --check             a failed verification of one of ours is an error\n"
    "  --allow-unoptimised runs from a build without optimisation, too\n";

std::vector<std::string> split(std::string const& text) {
    std::vector<std::string> parts;
    std::istringstream stream{text};
    for (std::string part; std::getline(stream, part, ',');) {
        parts.push_back(part);
    }
    return parts;
}

std::function<bool(std::string const&)> one_of(std::string const& text) {
    return [names = split(text)](std::string const& name) {
        return std::any_of(names.begin(), names.end(),
                           [&name](std::string const& pattern) { return name_matches(pattern, name); });
    };
}

struct command {
    settings how{};
    std::string json;
    std::string markdown;
    std::string once;
    std::uint64_t once_events = 0;
    bool list = false;
    bool check = false;
    bool under_load = false;
    bool allow_unoptimised = false;
};

command parse(int count, char** words) {
    command result{};
    result.how.wants_work = [](std::string const& name) { return !name.starts_with(on_demand); };
    result.how.wants_queue = [](std::string const&) { return true; };
    for (int place = 1; place != count; ++place) {
        std::string const word = words[place];
        auto const value = [&]() -> std::string {
            if (++place == count) {
                throw std::invalid_argument(word + " needs a value");
            }
            return words[place];
        };
        if (word == "--list") {
            result.list = true;
        } else if (word == "--work") {
            result.how.wants_work = one_of(value());
        } else if (word == "--queues") {
            result.how.wants_queue = one_of(value());
        } else if (word == "--rounds") {
            result.how.rounds = static_cast<unsigned>(std::stoul(value()));
        } else if (word == "--time") {
            result.how.time_factor = std::stod(value());
        } else if (word == "--cpus") {
            std::vector<int> chosen;
            for (std::string const& cpu : split(value())) {
                chosen.push_back(std::stoi(cpu));
            }
            bench::set_cpus(std::move(chosen));
        } else if (word == "--json") {
            result.json = value();
        } else if (word == "--markdown") {
            result.markdown = value();
        } else if (word == "--once") {
            result.once = value();
            result.once_events = std::stoull(value());
        } else if (word == "--under-load") {
            result.under_load = true;
        } else if (word == "--check") {
            result.check = true;
        } else if (word == "--allow-unoptimised") {
            result.allow_unoptimised = true;
        } else {
            throw std::invalid_argument("unknown option " + word);
        }
    }
    if (result.how.rounds == 0) {
        throw std::invalid_argument("--rounds must be at least 1");
    }
    return result;
}

int list_all() {
    std::puts("works:");
    for (work const& one : works()) {
        std::printf("  %-16s %s\n", one.name.c_str(), one.title.c_str());
    }
    std::puts("queues:");
    for (queue_entry const& queue : queues()) {
        std::printf("  %-28s %-18s %s\n", queue.name.c_str(), kind_name(queue.kind), queue.note.c_str());
    }
    return EXIT_SUCCESS;
}

int run_once(command const& wanted) {
    for (queue_entry const& queue : queues()) {
        if (queue.name == wanted.once) {
            return queue.uncontended(plan{0, wanted.once_events}).faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        }
    }
    throw std::invalid_argument("no queue is called " + wanted.once);
}

void save(std::string const& file, std::string const& text) {
    if (file.empty()) {
        return;
    }
    std::ofstream stream{file};
    if (!(stream << text)) {
        throw std::runtime_error("cannot write " + file);
    }
}

bool optimised() {
#if defined(NDEBUG) && defined(__OPTIMIZE__)
    return true;
#else
    return false;
#endif
}

int run_all(command const& wanted) {
    if (!optimised() && !wanted.allow_unoptimised) {
        std::fputs("comparison: this build is not optimised (" EVPROC_BENCH_BUILD
                   "), its figures mean nothing. Configure with -DCMAKE_BUILD_TYPE=Release.\n",
                   stderr);
        return 2;
    }
    std::string text = machine_line();
    std::fputs(text.c_str(), stdout);
    if (wanted.under_load) {
        load_report const made = run_under_load(wanted.how);
        std::fputs(made.markdown.c_str(), stdout);
        save(wanted.markdown, text + made.markdown);
        save(wanted.json, made.json);
        return wanted.check && !made.sound ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    std::vector<work_result> results;
    for (work const& one : works()) {
        if (!wanted.how.wants_work(one.name)) {
            continue;
        }
        results.push_back(run_work(one, wanted.how));
        std::string const table = work_table(results.back());
        std::fputs(table.c_str(), stdout);
        std::fflush(stdout);
        text += table;
    }
    if (results.empty()) {
        throw std::invalid_argument("no such work; see --list");
    }
    std::string const table = final_table(results);
    std::fputs(table.c_str(), stdout);
    save(wanted.markdown, text + table);
    save(wanted.json, as_json(results, wanted.how));

    bool sound = true;
    for (work_result const& result : results) {
        for (row const& one : result.rows) {
            sound = sound && (one.queue->kind != family::ours || one.faults == 0);
        }
    }
    return wanted.check && !sound ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace

int main(int count, char** words) {
    try {
        std::stable_sort(queues().begin(), queues().end(),
                         [](queue_entry const& a, queue_entry const& b) { return a.name < b.name; });
        command const wanted = parse(count, words);
        if (wanted.list) {
            return list_all();
        }
        return wanted.once.empty() ? run_all(wanted) : run_once(wanted);
    } catch (std::exception const& problem) {
        std::fprintf(stderr, "comparison: %s\n%s", problem.what(), usage);
        return 2;
    }
}
