// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

// The command line, and which files are read when it names none.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <unistd.h>

#include "../metrics/metrics_server.hpp"

// The package log of Debian and its kin. A macro so that a test can look elsewhere.
#ifndef LOG_PIPELINE_DEFAULT_LOG
#define LOG_PIPELINE_DEFAULT_LOG "/var/log/dpkg.log"
#endif

inline constexpr char const* usage_text =
    "usage: log_pipeline [--json] [--lanes] [--capacity N] [--repeat N]\n"
    "                    [--metrics ADDRESS] [--help] [FILE...]\n"
    "\n"
    "Reads log files, a thread for each, and counts their lines by kind: the first\n"
    "word after a time stamp (YYYY-MM-DD HH:MM:SS or YYYY-MM-DDTHH:MM:SS).\n"
    "FILE - is the standard input. Without FILE: " LOG_PIPELINE_DEFAULT_LOG
    " and what was rotated beside it.\n"
    "\n"
    "  --json        print the report as one JSON object\n"
    "  --lanes       a ring for each file instead of one for all: the same report, order within\n"
    "                a file only, and readers that do not slow each other down\n"
    "  --capacity N  events in flight at most: a power of two up to 16777216 (default 4096);\n"
    "                with --lanes: of each file\n"
    "  --repeat N    read each file N times (default 1)\n"
    "  --metrics ADDRESS\n"
    "                while it runs, serve counts to Prometheus at http://ADDRESS/metrics;\n"
    "                for instance 127.0.0.1:9464 (needs prometheus-cpp when it is built;\n"
    "                not with --lanes)\n"
    "  --help        print this and exit\n"
    "\n"
    "Ctrl-C stops reading; what was read by then is counted and reported.\n"
    "Exit status: 0; 1 if a file could not be read, the report not be written, or ADDRESS not be had;\n"
    "2 if the command line is wrong or there is nothing to read; 130 after Ctrl-C (143 after SIGTERM).\n";

struct usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct options {
    bool help = false;
    bool json = false;
    bool lanes = false;
    std::size_t capacity = 4096;
    std::uint64_t repeat = 1;
    std::string metrics;  // the address to serve them at; empty: nowhere
    std::vector<std::string> files;
};

inline options parse_command_line(int argc, char const* const* argv) {
    constexpr std::size_t largest_capacity = std::size_t{1} << 24;
    options parsed;
    int i = 1;

    // `--name VALUE` or `--name=VALUE`.
    auto const value_of = [&](std::string_view name, char const* what) -> std::optional<std::string_view> {
        std::string_view const argument = argv[i];
        if (argument == name) {
            if (i + 1 == argc) {
                throw usage_error(std::string(name) + " needs " + what);
            }
            return argv[++i];
        }
        if (argument.starts_with(name) && argument.substr(name.size()).starts_with('=')) {
            return argument.substr(name.size() + 1);
        }
        return std::nullopt;
    };
    // The same with a whole number, digits only.
    auto const number_of = [&](std::string_view name) -> std::optional<std::uint64_t> {
        auto const text = value_of(name, "a number");
        if (!text) {
            return std::nullopt;
        }
        std::uint64_t value = 0;
        auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
        if (error != std::errc{} || end != text->data() + text->size()) {
            throw usage_error(std::string(name) + " needs a whole number, not '" + std::string(*text) + "'");
        }
        return value;
    };

    bool only_files = false;
    for (; i < argc; ++i) {
        std::string_view const argument = argv[i];
        if (only_files || !argument.starts_with('-') || argument == "-") {
            parsed.files.emplace_back(argument);
        } else if (argument == "--") {
            only_files = true;
        } else if (argument == "--help" || argument == "-h") {
            parsed.help = true;
            return parsed;
        } else if (argument == "--json") {
            parsed.json = true;
        } else if (argument == "--lanes") {
            parsed.lanes = true;
        } else if (auto const capacity = number_of("--capacity")) {
            if (*capacity == 0 || *capacity > largest_capacity || (*capacity & (*capacity - 1)) != 0) {
                throw usage_error("--capacity needs a power of two from 1 to " + std::to_string(largest_capacity) +
                                  ", not " + std::to_string(*capacity));
            }
            parsed.capacity = static_cast<std::size_t>(*capacity);
        } else if (auto const repeat = number_of("--repeat")) {
            if (*repeat == 0) {
                throw usage_error("--repeat needs a number of at least 1");
            }
            parsed.repeat = *repeat;
        } else if (auto const address = value_of("--metrics", "an address")) {
            if (address->empty()) {
                throw usage_error("--metrics needs an address");
            }
            if (!metrics_server::is_available) {
                throw usage_error("--metrics: this log_pipeline was built without prometheus-cpp");
            }
            parsed.metrics = *address;
        } else {
            throw usage_error("there is no option '" + std::string(argument) + "'");
        }
    }
    if (parsed.lanes && !parsed.metrics.empty()) {
        throw usage_error("--metrics is for the one ring of all files: it does not go with --lanes");
    }
    return parsed;
}

struct default_files {
    std::vector<std::string> plain;
    std::vector<std::string> compressed;  // not read: that would need more than a compiler
};

/// The package log and what logrotate made of its elder ones: dpkg.log, dpkg.log.1, dpkg.log.2.gz...
inline default_files find_default_files() {
    namespace fs = std::filesystem;
    fs::path const log = LOG_PIPELINE_DEFAULT_LOG;
    std::string const rotated = log.filename().string() + ".";
    default_files found;
    std::error_code error;
    fs::path const folder = log.has_parent_path() ? log.parent_path() : fs::path(".");
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::string const name = entry->path().filename().string();
        std::error_code ignored;
        if ((name != log.filename() && !name.starts_with(rotated)) || !entry->is_regular_file(ignored)) {
            continue;
        }
        std::string const ending = entry->path().extension().string();
        bool const compressed = ending == ".gz" || ending == ".xz" || ending == ".bz2" || ending == ".zst";
        (compressed ? found.compressed : found.plain).push_back((log.parent_path() / name).string());
    }
    std::sort(found.plain.begin(), found.plain.end());
    std::sort(found.compressed.begin(), found.compressed.end());
    return found;
}

inline bool is_readable(std::string const& path) { return ::access(path.c_str(), R_OK) == 0; }
