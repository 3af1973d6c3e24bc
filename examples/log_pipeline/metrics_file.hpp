// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

// A file with what is going on, for a collector that reads such files (node_exporter's textfile collector). Each
// version is written beside it and then put in its place in one step, so that no reader ever sees half of one.

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

#include <unistd.h>

class metrics_file {
public:
    /// An empty path: no file is wanted.
    explicit metrics_file(std::string path)
        : path_(std::move(path)), beside_(path_ + '.' + std::to_string(::getpid()) + ".tmp") {}

    [[nodiscard]] bool is_wanted() const noexcept { return !path_.empty(); }
    [[nodiscard]] std::string const& path() const noexcept { return path_; }

    /// Says nothing where all went well.
    [[nodiscard]] std::error_code replace_by(std::string_view text) const {
        errno = 0;
        std::FILE* const file = std::fopen(beside_.c_str(), "we");
        bool well = file != nullptr;
        if (well) {
            well = std::fwrite(text.data(), 1, text.size(), file) == text.size();
            well = std::fclose(file) == 0 && well;
            well = well && std::rename(beside_.c_str(), path_.c_str()) == 0;
        }
        if (well) {
            return {};
        }
        std::error_code const reason(errno != 0 ? errno : EIO, std::generic_category());
        if (file != nullptr) {
            std::remove(beside_.c_str());
        }
        return reason;
    }

private:
    std::string path_;
    std::string beside_;
};
