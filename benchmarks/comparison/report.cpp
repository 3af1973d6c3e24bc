// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

#include "report.hpp"

#include "support/machine.hpp"
#include "support/summary.hpp"

#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace comparison {

namespace {

[[gnu::format(printf, 1, 2)]] std::string formatted(char const* format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

std::string nanoseconds(double ns) {
    if (std::isnan(ns)) {
        return "-";
    }
    return ns < 100 ? formatted("%.2f", ns) : formatted("%.0f", ns);
}

std::string quoted(std::string const& text) {
    std::string result = "\"";
    for (char const letter : text) {
        if (letter == '"' || letter == '\\') {
            result += '\\';
        }
        result += letter;
    }
    return result + '"';
}

std::string number(double value) { return std::isfinite(value) ? formatted("%.4g", value) : "null"; }

std::string list(std::vector<double> const& values) {
    std::string result = "[";
    for (std::size_t place = 0; place != values.size(); ++place) {
        result += (place == 0 ? "" : ", ") + number(values[place]);
    }
    return result + "]";
}

// How many events one receive() of a peer takes.
char const* taken_name(queue_entry const& queue) {
    return queue.kind == family::ours ? "" : queue.at_once == taken::one ? "one" : "many";
}

struct verdict {
    row const* ours;
    row const* rival;
    double ratio;
    bool reached;
};

// Null rows where one side did not run.
verdict judge(work_result const& result, figure const& wanted) {
    verdict seen{result.ours_of(wanted), result.rival_of(wanted), std::nan(""), false};
    if (seen.ours != nullptr && seen.rival != nullptr) {
        seen.ratio = seen.rival->median_ns() / seen.ours->median_ns();
        seen.reached = seen.ours->faults == 0 && seen.ratio >= wanted.least;
    }
    return seen;
}

row const* first_of_ours(work_result const& result) {
    for (std::string const& name : result.what->ours) {
        if (row const* const found = result.find(name)) {
            return found;
        }
    }
    return nullptr;
}

}  // namespace

char const* kind_name(family kind) {
    switch (kind) {
        case family::one_order: return "one order";
        case family::order_per_producer: return "order per producer";
        case family::single_producer: return "one producer";
        case family::ours: return "ours";
    }
    return "";
}

std::string machine_line() {
    return formatted("%s, %zu CPUs, %s, %s, capacity %zu\n", bench::cpu_model().c_str(), bench::cpus().size(),
                     bench::compiler().c_str(), EVPROC_BENCH_BUILD, queue_capacity);
}

std::string work_table(work_result const& result) {
    row const* const ours = first_of_ours(result);
    std::string text = formatted("\n%s: %s\n\n", result.what->name.c_str(), result.what->title.c_str());
    text +=
        "| queue                       | order              | taken |     ns | min - max         | ratio | in rounds | "
        "line, ns | note\n";
    text +=
        "|-----------------------------|--------------------|-------|--------|-------------------|-------|-----------|-"
        "---------|-----\n";
    for (row const& one : result.rows) {
        double const ratio = ours != nullptr ? one.median_ns() / ours->median_ns() : std::nan("");
        double const paired = ours != nullptr ? paired_ratio(one, *ours) : std::nan("");
        std::string note;
        if (one.faults != 0) {
            note =
                formatted("WRONG: %llu events torn, lost or out of order", static_cast<unsigned long long>(one.faults));
        } else if (one.disturbed != 0) {
            note = formatted("disturbed %u times", one.disturbed);
        }
        text += formatted("| %-27s | %-18s | %-5s | %6s | %7s - %-7s | %5s | %9s | %8s | %s\n", one.queue->name.c_str(),
                          kind_name(one.queue->kind), taken_name(*one.queue), nanoseconds(one.median_ns()).c_str(),
                          nanoseconds(one.least_ns()).c_str(), nanoseconds(one.most_ns()).c_str(),
                          nanoseconds(ratio).c_str(), nanoseconds(paired).c_str(),
                          nanoseconds(one.median_line_ns()).c_str(), note.c_str());
    }
    return text;
}

std::string final_table(std::vector<work_result> const& results) {
    std::string text;
    text +=
        "\n| work                                               | best peer              |     ns | ours, ns | ratio | "
        "to reach | here? |\n";
    text +=
        "|----------------------------------------------------|------------------------|--------|----------|-------|---"
        "-------|-------|\n";
    for (work_result const& result : results) {
        for (figure const& wanted : result.what->figures) {
            verdict const seen = judge(result, wanted);
            double const none = std::nan("");
            text += formatted("| %-50s | %-22s | %6s | %8s | %5s | %8.2f | %-5s |\n", wanted.title.c_str(),
                              seen.rival != nullptr ? seen.rival->queue->name.c_str() : "-",
                              nanoseconds(seen.rival != nullptr ? seen.rival->median_ns() : none).c_str(),
                              nanoseconds(seen.ours != nullptr ? seen.ours->median_ns() : none).c_str(),
                              nanoseconds(seen.ratio).c_str(), wanted.least,
                              std::isnan(seen.ratio) || wanted.least == 0 ? "-" : (seen.reached ? "yes" : "no"));
        }
    }
    return text;
}

std::string machine_json() {
    return "{\"cpu\": " + quoted(bench::cpu_model()) +
           formatted(", \"cpus\": %zu, \"compiler\": ", bench::cpus().size()) + quoted(bench::compiler()) +
           ", \"build\": " + quoted(EVPROC_BENCH_BUILD) + "}";
}

std::string as_json(std::vector<work_result> const& results, settings const& how) {
    std::string text = "{\n  \"machine\": " + machine_json() + ",\n";
    text += formatted("  \"capacity\": %zu,\n  \"rounds\": %u,\n  \"works\": [\n", queue_capacity, how.rounds);
    for (std::size_t place = 0; place != results.size(); ++place) {
        work_result const& result = results[place];
        row const* const ours = first_of_ours(result);
        text += "    {\"name\": " + quoted(result.what->name) + ", \"title\": " + quoted(result.what->title) +
                formatted(", \"bytes\": %zu, \"producers\": %zu, \"batch\": %zu, \"capacity\": %zu, \"queues\": [\n",
                          result.what->bytes, result.what->producers, result.what->batch, result.what->capacity);
        for (std::size_t which = 0; which != result.rows.size(); ++which) {
            row const& one = result.rows[which];
            text += "      {\"name\": " + quoted(one.queue->name) + ", \"note\": " + quoted(one.queue->note) +
                    ", \"ours\": " + (one.queue->kind == family::ours ? "true" : "false") +
                    ", \"kind\": " + quoted(kind_name(one.queue->kind)) +
                    ", \"taken\": " + quoted(taken_name(*one.queue)) + ", \"median_ns\": " + number(one.median_ns()) +
                    ", \"min_ns\": " + number(one.least_ns()) + ", \"max_ns\": " + number(one.most_ns()) +
                    ", \"ratio\": " + number(ours != nullptr ? one.median_ns() / ours->median_ns() : std::nan("")) +
                    ", \"ratio_in_rounds\": " + number(ours != nullptr ? paired_ratio(one, *ours) : std::nan("")) +
                    ", \"line_ns\": " + number(one.median_line_ns()) +
                    formatted(", \"faults\": %llu, \"disturbed\": %u", static_cast<unsigned long long>(one.faults),
                              one.disturbed) +
                    ",\n       \"samples_ns\": " + list(one.ns) + ",\n       \"lines_ns\": " + list(one.line_ns) + "}" +
                    (which + 1 == result.rows.size() ? "\n" : ",\n");
        }
        text += place + 1 == results.size() ? "    ]}\n" : "    ]},\n";
    }
    text += "  ],\n  \"figures\": [\n";
    std::string figures;
    for (work_result const& result : results) {
        for (figure const& wanted : result.what->figures) {
            verdict const seen = judge(result, wanted);
            if (seen.ours == nullptr || seen.rival == nullptr) {
                continue;
            }
            figures += (figures.empty() ? "" : ",\n");
            figures +=
                "    {\"work\": " + quoted(wanted.title) + ", \"peer\": " + quoted(seen.rival->queue->name) +
                ", \"peer_ns\": " + number(seen.rival->median_ns()) + ", \"ours\": " + quoted(seen.ours->queue->name) +
                ", \"ours_ns\": " + number(seen.ours->median_ns()) + ", \"ratio\": " + number(seen.ratio) +
                ", \"to_reach\": " + number(wanted.least) + ", \"reached\": " + (seen.reached ? "true" : "false") + "}";
        }
    }
    return text + figures + "\n  ]\n}\n";
}

}  // namespace comparison
