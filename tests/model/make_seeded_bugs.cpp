// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// make_seeded_bugs SPECIFICATION HEADERS OUTPUT
// Writes copies of those headers in which bugs are seeded, below OUTPUT/evproc, and OUTPUT/seeded_bugs.cpp with their names.
// Fails if a text to be replaced does not stand in its header exactly once. Blanks and line ends do not count.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

struct seeded_bug {
    std::string name, file, find, make;
};

std::string read(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        std::fprintf(stderr, "make_seeded_bugs: cannot read %s\n", path.string().c_str());
        std::exit(1);
    }
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// A line number is part of what a seed and the table of orders say, but these copies are for seeded bugs only.
void write(std::filesystem::path const& path, std::string const& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

bool is_blank(char c) { return c == ' ' || c == '\n'; }

/// Where `what` stands in `text` from `from` on, blanks and line ends left out: begin and end; npos if nowhere.
std::pair<std::size_t, std::size_t> find(std::string_view text, std::string_view what, std::size_t from) {
    for (; from < text.size(); ++from) {
        if (is_blank(text[from])) continue;
        std::size_t at = from, matched = 0;
        while (true) {
            while (matched < what.size() && is_blank(what[matched])) ++matched;
            if (matched == what.size()) return {from, at};
            while (at < text.size() && is_blank(text[at])) ++at;
            if (at == text.size() || text[at] != what[matched]) break;
            ++at;
            ++matched;
        }
    }
    return {std::string_view::npos, std::string_view::npos};
}

std::vector<seeded_bug> specification(std::filesystem::path const& path) {
    std::vector<seeded_bug> all;
    std::istringstream in(read(path));
    std::string* into = nullptr;
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("seeded bug: ", 0) == 0) {
            all.push_back({line.substr(12), "", "", ""});
            into = nullptr;
        } else if (all.empty()) {
            continue;
        } else if (line.rfind("file: ", 0) == 0) {
            all.back().file = line.substr(6);
        } else if (line == "find:") {
            into = &all.back().find;
        } else if (line == "make:") {
            into = &all.back().make;
        } else if (into != nullptr && !line.empty()) {
            *into += line + "\n";
        }
    }
    for (seeded_bug& one : all) {
        if (!one.find.empty()) one.find.pop_back();
        if (!one.make.empty()) one.make.pop_back();
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    std::filesystem::path const headers = argv[2];
    std::filesystem::path const output = argv[3];
    std::map<std::string, std::string> files;
    auto const all = specification(argv[1]);
    int number = 0;
    std::string names;
    for (seeded_bug const& one : all) {
        ++number;
        auto [at, is_new] = files.try_emplace(one.file);
        if (is_new) at->second = read(headers / one.file);
        std::string& text = at->second;
        auto const [place, end] = find(text, one.find, 0);
        if (one.find.empty() || place == std::string::npos ||
            find(text, one.find, place + 1).first != std::string::npos) {
            std::fprintf(stderr, "make_seeded_bugs: \"%s\": its text stands in %s %s\n", one.name.c_str(),
                         one.file.c_str(),
                         place == std::string::npos ? "nowhere: the header has changed, so must seeded_bugs.txt"
                                                    : "more than once");
            return 1;
        }
        std::string make = one.make;
        for (auto s = make.find("SEEDED_BUG"); s != std::string::npos; s = make.find("SEEDED_BUG", s))
            make.replace(s, 10, "::model::is_seeded_bug(" + std::to_string(number) + ")");
        text.replace(place, end - place, make);
        std::string quoted;
        for (char const c : one.name) quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
        names += "    \"" + quoted + "\",\n";
    }
    for (auto const& [file, text] : files) write(output / "evproc" / file, text);
    write(output / "seeded_bugs.cpp",
          "#include \"seeded_bugs.hpp\"\n\nnamespace model {\n\nchar const* const seeded_bug_names[] = {\n" + names +
              "};\nunsigned const seeded_bug_count = " + std::to_string(number) + ";\n\n}  // namespace model\n");
    return 0;
}
