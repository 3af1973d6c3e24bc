// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// corpus unpack FILE FOLDER: writes each script of a corpus file to a file of its own, as libFuzzer wants them.
// corpus pack FOLDER FILE: the other way round, in the order of the lines.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include "corpus.hpp"

namespace {

namespace fs = std::filesystem;

int unpack(char const* from, fs::path const& folder) {
    fs::create_directories(folder);
    bool good = true;
    evproc_fuzz::for_each_script(from, [&](evproc_fuzz::script const& bytes, std::size_t number) {
        std::ofstream file{folder / ("script_" + std::to_string(number)), std::ios::binary};
        for (std::uint8_t const byte : bytes) file.put(static_cast<char>(byte));
        good = good && file.flush().good();
    });
    if (!good) std::fprintf(stderr, "corpus: cannot write into %s\n", folder.string().c_str());
    return good ? 0 : 1;
}

int pack(fs::path const& folder, char const* to) {
    std::set<std::string> lines;
    for (auto const& entry : fs::directory_iterator{folder}) {
        std::ifstream file{entry.path(), std::ios::binary};
        lines.insert(evproc_fuzz::to_line({std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}}));
    }
    lines.erase("");
    std::ofstream file{to};
    file << "# Scripts for fuzz_replay, one a line, in hexadecimal: see tests/README.md, Fuzzing.\n";
    for (std::string const& line : lines) file << line << '\n';
    if (!file.flush()) {
        std::fprintf(stderr, "corpus: cannot write %s\n", to);
        return 1;
    }
    std::printf("%zu scripts\n", lines.size());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::string_view const verb = argc == 4 ? argv[1] : "";
    if (verb == "unpack") return unpack(argv[2], argv[3]);
    if (verb == "pack") return pack(argv[2], argv[3]);
    std::fprintf(stderr, "corpus unpack FILE FOLDER\ncorpus pack FOLDER FILE\n");
    return 2;
}
