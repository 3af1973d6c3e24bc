// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// Runs scenarios, replays counterexamples, and tries mutants: orders weakened one by one, and seeded bugs.
// See README.md for the verbs.

#include "explorer.hpp"
#include "seeded_bugs.hpp"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>
#include <vector>

namespace {

using model::detail::kind;

// ---- several processes, one queue ----

using record = std::vector<std::string>;

std::string pack(record const& fields) {
    std::string line;
    for (auto const& one : fields) {
        std::string text = one.substr(0, 3000);
        std::replace(text.begin(), text.end(), '\n', ' ');
        std::replace(text.begin(), text.end(), '\t', ' ');
        line += (line.empty() ? "" : "\t") + text;
    }
    return line.substr(0, 4000) + "\n";
}

/// Runs job(0) ... job(n - 1) in `processes` processes; what they send arrives at `receive` in this one. False if one
/// of the processes died.
bool in_parallel(unsigned processes, std::size_t n,
                 std::function<void(std::size_t, std::function<void(record const&)>)> const& job,
                 std::function<void(record const&)> const& receive) {
    auto* const next = static_cast<std::atomic<std::size_t>*>(
        ::mmap(nullptr, sizeof(std::atomic<std::size_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    int ends[2];
    if (next == MAP_FAILED || ::pipe(ends) != 0) {
        std::perror("model");
        std::exit(2);
    }
    new (next) std::atomic<std::size_t>{0};
    std::fflush(stdout);
    std::vector<::pid_t> children;
    for (unsigned i = 0; i < processes; ++i) {
        ::pid_t const child = ::fork();
        if (child == 0) {
            ::close(ends[0]);
            // One write of less than PIPE_BUF bytes is never mixed with another's.
            auto const send = [&](record const& fields) {
                std::string const line = pack(fields);
                if (::write(ends[1], line.data(), line.size()) < 0) std::_Exit(2);
            };
            for (std::size_t k = next->fetch_add(1); k < n; k = next->fetch_add(1)) job(k, send);
            std::fflush(stdout);
            std::_Exit(0);
        }
        children.push_back(child);
    }
    ::close(ends[1]);
    std::FILE* const in = ::fdopen(ends[0], "r");
    char line[8192];
    while (std::fgets(line, sizeof line, in) != nullptr) {
        record fields;
        std::string rest = line;
        if (!rest.empty() && rest.back() == '\n') rest.pop_back();
        for (std::size_t from = 0;;) {
            auto const tab = rest.find('\t', from);
            fields.push_back(rest.substr(from, tab == std::string::npos ? tab : tab - from));
            if (tab == std::string::npos) break;
            from = tab + 1;
        }
        receive(fields);
        std::fflush(stdout);
    }
    std::fclose(in);
    bool all_well = true;
    for (::pid_t const child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        all_well = all_well && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    return all_well;
}

// ---- options ----

struct settings {
    unsigned processes = 1;
    std::string only;
    std::string seed;
    std::string mutant;
    std::string write_table;
    std::string append_table;
    std::string check_table;
    std::string headers;
    std::uint64_t random = 0;
    std::uint64_t least_states = 0;
    double give_up = 0;
    bool list = false, sites = false, mutants = false, seeded_bugs = false;
};

model::scenario const* find(std::string const& name) {
    for (auto const& one : model::scenarios())
        if (one.name == name) return &one;
    return nullptr;
}

char const* name_of(model::verdict v) {
    switch (v) {
        case model::verdict::exhausted: return "exhausted";
        case model::verdict::sampled: return "sampled";
        case model::verdict::failed: return "FAILED";
        case model::verdict::limit: return "LIMIT";
    }
    return "?";
}

std::string bounds(model::options const& o) {
    std::string text = "wakes for no reason " + std::to_string(o.spurious_wakes);
    text += o.spurious_failures ? ", failures for no reason 1" : "";
    text += o.ticks != 0 ? ", clock leaps " + std::to_string(o.ticks) : "";
    text += o.stutters != 0 ? ", counted rounds " + std::to_string(o.stutters) : "";
    return text;
}

// ---- scenarios ----

int run_scenarios(settings const& how) {
    std::vector<model::scenario const*> chosen;
    for (auto const& one : model::scenarios())
        if (one.name.find(how.only) != std::string::npos) chosen.push_back(&one);
    std::uint64_t states = 0, executions = 0, steps = 0;
    std::size_t good = 0;
    std::vector<std::pair<model::scenario const*, std::string>> failed;
    auto const start = std::chrono::steady_clock::now();
    auto const job = [&](std::size_t k, std::function<void(record const&)> const& send) {
        model::search search;
        search.random_executions = how.random;
        model::result const r = model::explore(*chosen[k], search);
        send({std::to_string(k), std::to_string(static_cast<int>(r.outcome)), std::to_string(r.states),
              std::to_string(r.executions), std::to_string(r.steps), std::to_string(r.deepest),
              std::to_string(r.seconds), r.seed, r.message});
    };
    bool const all_ran = in_parallel(how.processes, chosen.size(), job, [&](record const& f) {
        auto const* const s = chosen[std::stoul(f[0])];
        auto const v = static_cast<model::verdict>(std::stoi(f[1]));
        std::printf("%-9s %9s states %9s executions %4s deepest %7.2f s  %s  (%s)\n", name_of(v), f[2].c_str(),
                    f[3].c_str(), f[5].c_str(), std::stod(f[6]), s->name.c_str(), bounds(s->allowed).c_str());
        states += std::stoull(f[2]);
        executions += std::stoull(f[3]);
        steps += std::stoull(f[4]);
        bool const well = v == (how.random != 0 ? model::verdict::sampled : model::verdict::exhausted);
        good += well ? 1 : 0;
        if (!well) {
            std::printf("          %s\n          replay: --replay '%s' %s\n", f[8].c_str(), s->name.c_str(),
                        f[7].c_str());
            if (v == model::verdict::failed) failed.emplace_back(s, f[7]);
        }
    });
    double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (auto const& [s, seed] : failed) {
        std::printf("\n%s, %s\n", s->name.c_str(), seed.c_str());
        model::result const r = model::replay(*s, seed);
        std::printf("  %s\n", r.message.c_str());
    }
    std::printf("%zu of %zu scenarios good, %llu states, %llu executions, %llu steps, %.1f s with %u processes\n", good,
                chosen.size(), static_cast<unsigned long long>(states), static_cast<unsigned long long>(executions),
                static_cast<unsigned long long>(steps), seconds, how.processes);
    if (states < how.least_states) {
        std::printf("fewer than %llu states: this suite has shrunk\n",
                    static_cast<unsigned long long>(how.least_states));
        return 1;
    }
    return all_ran && good == chosen.size() && !chosen.empty() ? 0 : 1;
}

// ---- sites and orders ----

struct order_mutant {
    model::site where;
    model::weakening how;
    std::string expression;  // the site without its line, so that it stays the same when the header grows
    std::string from, to;
    std::vector<std::size_t> scenarios;  // that come by it, in the order in which they are tried
};

constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;
constexpr auto acq_rel = std::memory_order_acq_rel;
constexpr auto seq_cst = std::memory_order_seq_cst;

std::vector<std::memory_order> weaker(std::memory_order from, bool loads, bool stores) {
    std::vector<std::memory_order> all;
    if (from == seq_cst && loads && stores) all.push_back(acq_rel);
    if ((from == seq_cst || from == acq_rel) && loads) all.push_back(acquire);
    if ((from == seq_cst || from == acq_rel) && stores) all.push_back(release);
    if (from != relaxed) all.push_back(relaxed);
    return all;
}

std::string line_of(std::string const& path, int line) {
    std::ifstream in(path);
    std::string text;
    for (int i = 0; i < line && std::getline(in, text); ++i) {
    }
    return text;
}

/// "word(c.at).store" out of the line that the operation stands on.
std::string expression_of(model::site const& s) {
    std::string const line = line_of(s.path, s.line);
    std::string const call = std::string(model::name_of(s.how)) + "(";
    auto const at = line.find("." + call);
    if (at == std::string::npos) return call + ")";
    std::size_t from = at;
    int depth = 0;
    while (from > 0) {
        char const c = line[from - 1];
        if (c == ')') ++depth;
        if (c == '(' && depth-- == 0) break;
        if (depth == 0 && c != ')' && c != '(' && c != '.' && c != '_' &&
            std::isalnum(static_cast<unsigned char>(c)) == 0)
            break;
        --from;
    }
    return line.substr(from, at - from) + "." + model::name_of(s.how);
}

bool is_ours(model::site const& s) { return s.file.rfind("evproc/", 0) == 0; }

/// Comes by every site of the library, and tells for each which scenarios reach it.
std::vector<order_mutant> order_mutants() {
    auto const& all = model::scenarios();
    std::map<std::pair<std::string, std::pair<int, kind>>, std::vector<std::size_t>> who;
    for (std::size_t i = 0; i < all.size(); ++i) {
        model::forget_hits();
        model::search quick;
        quick.random_executions = 300;
        model::explore(all[i], quick);
        for (model::site const& s : model::sites_reached())
            if (s.hits != 0) who[{s.file, {s.line, s.how}}].push_back(i);
    }
    std::vector<order_mutant> mutants;
    std::map<std::string, int> seen;
    auto sites = model::sites_reached();
    std::sort(sites.begin(), sites.end(), [](model::site const& a, model::site const& b) {
        return std::tie(a.file, a.line, a.how) < std::tie(b.file, b.line, b.how);
    });
    for (model::site const& s : sites) {
        if (!is_ours(s)) continue;
        std::string expression =
            s.file.substr(7) + " `" + s.function.substr(0, s.function.find('<')) + "`: " + expression_of(s);
        if (int const n = ++seen[expression]; n > 1) expression += " (" + std::to_string(n) + ")";
        auto const add = [&](int part, std::memory_order from, std::memory_order to) {
            order_mutant m{s,
                           {s.file, s.line, s.how, part, to},
                           expression,
                           model::name_of(from),
                           model::name_of(to),
                           who[{s.file, {s.line, s.how}}]};
            if (part == 1) m.from += " (failure)";
            if (part == 2) m.from = "as written", m.to = "left out";
            mutants.push_back(m);
        };
        switch (s.how) {
            case kind::load:
                for (auto to : weaker(s.order, true, false)) add(0, s.order, to);
                break;
            case kind::store:
                for (auto to : weaker(s.order, false, true)) add(0, s.order, to);
                break;
            case kind::cas_weak:
            case kind::cas_strong:
                for (auto to : weaker(s.failure, true, false)) add(1, s.failure, to);
                [[fallthrough]];
            case kind::exchange:
            case kind::fetch_add:
            case kind::fetch_sub:
            case kind::fetch_and:
            case kind::fetch_or:
            case kind::fetch_xor:
                for (auto to : weaker(s.order, true, true)) add(0, s.order, to);
                break;
            case kind::light:
            case kind::heavy:
            case kind::fence: add(2, seq_cst, relaxed); break;
            case kind::sleep:
            case kind::wake:
            case kind::wake_some:
            case kind::now:
            case kind::external: break;
        }
    }
    return mutants;
}

struct death {
    std::string by, seed, message;
    double seconds = 0;
};

/// Looks for a counterexample: in the first scenario; then in a few random executions of each; then in all executions of
/// each, with more and more time; for `give_up` seconds altogether (0: until all are exhausted). `mutate(true)` makes the
/// mutant: where a scenario fails without it, too, the run ends.
death kill(std::vector<std::size_t> const& candidates, double give_up, std::function<void(bool)> const& mutate) {
    auto const& all = model::scenarios();
    auto const start = std::chrono::steady_clock::now();
    auto const elapsed = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    std::vector<bool> exhausted(all.size(), false);
    auto const try_one = [&](std::size_t i, model::search const& how) -> death {
        if (exhausted[i]) return {};
        mutate(true);
        model::result const r = model::explore(all[i], how);
        mutate(false);
        if (r.outcome == model::verdict::exhausted) exhausted[i] = true;
        // As written no execution hits a limit, so one that does is a loop that never ends.
        bool const endless = r.outcome == model::verdict::limit && r.message.find("execution") != std::string::npos;
        if (r.outcome != model::verdict::failed && !endless) return {};
        model::search again = how;
        again.seconds = 2 * r.seconds + 0.05;
        if (model::explore(all[i], again).outcome == model::verdict::failed) {
            std::printf("fails as written, so mutants say nothing: %s\n", all[i].name.c_str());
            std::fflush(stdout);
            std::_Exit(1);
        }
        return {all[i].name, r.seed, r.message, elapsed()};
    };
    struct patience {
        std::size_t scenarios;
        std::uint64_t random_executions;
        double seconds;
    };
    std::size_t const all_of_them = candidates.size();
    for (patience const p :
         {patience{1, 200, 0}, patience{1, 0, 5}, patience{all_of_them, 200, 0}, patience{all_of_them, 0, 0.1},
          patience{all_of_them, 0, 1}, patience{all_of_them, 0, 5}, patience{all_of_them, 0, 0}})
        for (std::size_t k = 0; k < std::min(p.scenarios, candidates.size()); ++k) {
            if (give_up > 0 && elapsed() > give_up) return {"", "", "", elapsed()};
            model::search how;
            how.random_executions = p.random_executions;
            how.seconds = p.seconds > 0 ? p.seconds : give_up;
            death const d = try_one(candidates[k], how);
            if (!d.by.empty()) return d;
        }
    return {"", "", "", elapsed()};
}

/// Every order in the headers that could be weaker must have been reached: a site without a scenario is no site without
/// a fault.
int check_all_reached(std::string const& folder, std::vector<order_mutant> const& mutants) {
    // The platform shim's own headers are not under the explorer; nor is what has no order to weaken.
    std::string const command = "find '" + folder + "' -name '*.hpp' | sort";
    std::FILE* const in = ::popen(command.c_str(), "r");
    if (in == nullptr) return 1;
    int missing = 0;
    std::size_t found = 0;
    char buffer[4096];
    while (std::fgets(buffer, sizeof buffer, in) != nullptr) {
        std::string path = buffer;
        path.pop_back();
        auto const at = path.rfind("evproc/");
        std::string const file = path.substr(at);
        static char const* const replaced[] = {"detail/platform/atomic.hpp", "detail/platform/asymmetric_fence.hpp",
                                               "detail/platform/futex.hpp",  "detail/platform/cpu.hpp",
                                               "detail/platform/thread.hpp", "detail/platform/clock.hpp"};
        if (std::any_of(std::begin(replaced), std::end(replaced),
                        [&](char const* r) { return file == std::string("evproc/") + r; }))
            continue;
        std::ifstream header(path);
        std::string line;
        for (int number = 1; std::getline(header, line); ++number) {
            std::string const code = line.substr(0, line.find("//"));
            bool const strong = code.find("memory_order_acquire") != std::string::npos ||
                                code.find("memory_order_release") != std::string::npos ||
                                code.find("memory_order_acq_rel") != std::string::npos ||
                                code.find("memory_order_seq_cst") != std::string::npos ||
                                code.find(".light()") != std::string::npos ||
                                code.find(".heavy()") != std::string::npos;
            if (!strong) continue;
            ++found;
            // A call over several lines is known by the line it begins on, or ends on, depending on the compiler.
            bool const reached = std::any_of(mutants.begin(), mutants.end(), [&](order_mutant const& m) {
                return m.where.file == file && std::abs(m.where.line - number) <= 1;
            });
            if (reached) continue;
            ++missing;
            std::printf("NOT REACHED %s:%d: %s\n", file.c_str(), number, code.c_str());
        }
    }
    ::pclose(in);
    std::printf("%zu lines with an order that could be weaker, %d not reached by any scenario\n", found, missing);
    return missing == 0 && found != 0 ? 0 : 1;
}

// ---- the table in docs/ ----

/// "| a | b |" for {"a", "b"}.
std::string row_of(record const& cells) {
    std::string row = "|";
    for (auto const& cell : cells) row += " " + cell + " |";
    return row;
}

/// The rows of the table whose first heading is `heading`: what stands before the last column, and that column.
std::vector<std::pair<std::string, std::string>> table_in(std::string const& path, std::string const& heading) {
    std::vector<std::pair<std::string, std::string>> rows;
    std::ifstream in(path);
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("| " + heading + " |", 0) == 0) {
            inside = true;
        } else if (line.rfind("| ", 0) != 0) {
            inside = inside && line.rfind("|-", 0) == 0;
        } else if (inside) {
            auto const bar = line.rfind(" | ");
            if (line.size() < bar + 5) continue;
            rows.emplace_back(line.substr(0, bar + 2), line.substr(bar + 3, line.size() - bar - 5));
        }
    }
    return rows;
}

/// Which scenario caught this mutant when the table was written; it is the first to be tried.
std::vector<std::size_t> favourite_first(std::vector<std::size_t> candidates, std::string const& mutant,
                                         std::vector<std::pair<std::string, std::string>> const& table) {
    for (auto const& [what, by] : table) {
        if (what != mutant) continue;
        auto const known = std::find_if(candidates.begin(), candidates.end(),
                                        [&, &name = by](std::size_t i) { return model::scenarios()[i].name == name; });
        if (known != candidates.end()) std::rotate(candidates.begin(), known, known + 1);
    }
    return candidates;
}

/// What catches a mutant may differ from run to run; the mutants may not.
int compare_table(std::string const& path, std::string const& heading, std::vector<std::string> const& rows) {
    auto const committed = table_in(path, heading);
    int bad = 0;
    for (auto const& row : rows)
        if (std::none_of(committed.begin(), committed.end(), [&](auto const& one) { return one.first == row; })) {
            std::printf("not in %s: %s\n", path.c_str(), row.c_str());
            ++bad;
        }
    for (auto const& one : committed)
        if (std::find(rows.begin(), rows.end(), one.first) == rows.end()) {
            std::printf("in %s only: %s\n", path.c_str(), one.first.c_str());
            ++bad;
        }
    if (bad != 0) std::printf("%s is not current: cmake --build <folder> --target ordering_mutants\n", path.c_str());
    return bad == 0 ? 0 : 1;
}

/// Writes the rows, of which `killers` has the last column, below the headings.
void write_table(std::ostream& out, record const& headings, std::vector<std::string> const& rows,
                 std::vector<std::string> const& killers) {
    out << row_of(headings) << "\n|";
    for (std::size_t i = 0; i < headings.size(); ++i) out << "---|";
    out << "\n";
    for (std::size_t k = 0; k < rows.size(); ++k)
        out << rows[k] << ' ' << (killers[k].empty() ? "**nothing**" : killers[k]) << " |\n";
}

int run_order_mutants(settings const& how) {
    auto mutants = order_mutants();
    if (!how.mutant.empty())
        mutants.erase(std::remove_if(mutants.begin(), mutants.end(),
                                     [&](order_mutant const& m) {
            return (m.expression + " " + m.from + " " + m.to).find(how.mutant) == std::string::npos;
        }),
                      mutants.end());
    int bad = how.headers.empty() ? 0 : check_all_reached(how.headers, mutants);
    for (order_mutant const& m : mutants)
        if (m.where.mixed) {
            std::printf("AMBIGUOUS %s:%d: two operations of one kind and different orders share the line\n",
                        m.where.file.c_str(), m.where.line);
            ++bad;
        }
    std::vector<std::string> rows;
    for (auto const& m : mutants) rows.push_back(row_of({m.expression, m.from, m.to}));
    auto const table = table_in(how.check_table.empty() ? how.write_table : how.check_table, "site");
    std::vector<std::string> killers(mutants.size());
    std::size_t killed = 0;
    auto const job = [&](std::size_t k, std::function<void(record const&)> const& send) {
        auto const mutate = [&](bool on) { model::weaken(on ? &mutants[k].how : nullptr); };
        death const d = kill(favourite_first(mutants[k].scenarios, rows[k], table), how.give_up, mutate);
        send({std::to_string(k), d.by, d.seed, d.message, std::to_string(d.seconds)});
    };
    bool const all_ran = in_parallel(how.processes, mutants.size(), job, [&](record const& f) {
        std::size_t const k = std::stoul(f[0]);
        order_mutant const& m = mutants[k];
        bool const dead = !f[1].empty();
        killed += dead ? 1 : 0;
        std::printf("%-8s %6.2f s  %s:%d %s, %s -> %s  %s\n", dead ? "killed" : "SURVIVES", std::stod(f[4]),
                    m.where.file.c_str(), m.where.line, m.expression.c_str(), m.from.c_str(), m.to.c_str(),
                    dead ? ("by \"" + f[1] + "\": " + f[3]).c_str() : "");
        killers[k] = f[1];
    });
    std::printf("%zu of %zu weakened orders killed\n", killed, mutants.size());
    if (!how.write_table.empty()) {
        std::ofstream out(how.write_table);
        out << "# Every memory order, and what fails without it {#ordering_mutants}\n\n"
               "Generated by the `mutant` suite (tests/model): each order of the headers is made weaker, one at a "
               "time, in each way\n"
               "that the language allows, and the scenarios are explored under the C++20 memory model until one of "
               "them fails.\n"
               "Orders that are relaxed already have nothing weaker. A fence is left out.\n\n";
        write_table(out, {"site", "order", "weaker", "caught by"}, rows, killers);
    }
    if (!how.check_table.empty()) bad += compare_table(how.check_table, "site", rows);
    return all_ran && bad == 0 && killed == mutants.size() && !mutants.empty() ? 0 : 1;
}

// ---- seeded bugs ----

int run_seeded_bugs(settings const& how) {
    auto const& all = model::scenarios();
    std::vector<std::size_t> everything;
    for (std::size_t i = 0; i < all.size(); ++i) everything.push_back(i);
    std::vector<std::string> const names(model::seeded_bug_names, model::seeded_bug_names + model::seeded_bug_count);
    std::vector<std::string> rows;
    for (auto const& name : names) rows.push_back(row_of({name}));
    auto const table = table_in(how.check_table.empty() ? how.append_table : how.check_table, "seeded bug");
    std::vector<std::string> killers(names.size());
    std::size_t killed = 0;
    auto const job = [&](std::size_t k, std::function<void(record const&)> const& send) {
        auto const mutate = [&](bool on) { model::seeded_bug = on ? static_cast<int>(k) + 1 : 0; };
        death const d = kill(favourite_first(everything, rows[k], table), how.give_up, mutate);
        send({std::to_string(k), d.by, d.seed, d.message, std::to_string(d.seconds)});
    };
    bool const all_ran = in_parallel(how.processes, names.size(), job, [&](record const& f) {
        std::size_t const k = std::stoul(f[0]);
        bool const dead = !f[1].empty();
        killed += dead ? 1 : 0;
        std::printf("%-8s %6.2f s  %s  %s\n", dead ? "killed" : "SURVIVES", std::stod(f[4]), names[k].c_str(),
                    dead ? ("by \"" + f[1] + "\": " + f[3]).c_str() : "");
        killers[k] = f[1];
    });
    std::printf("%zu of %zu seeded bugs killed\n", killed, names.size());
    if (!how.append_table.empty()) {
        std::ofstream out(how.append_table, std::ios::app);
        out << "\n## Seeded bugs\n\n"
               "Mistakes that rings have been shipped with, and those next to them, made in copies of the headers\n"
               "(tests/model/seeded_bugs.txt), and the scenario that fails.\n\n";
        write_table(out, {"seeded bug", "caught by"}, rows, killers);
    }
    int bad = 0;
    if (!how.check_table.empty()) bad = compare_table(how.check_table, "seeded bug", rows);
    return all_ran && bad == 0 && !names.empty() && killed == names.size() ? 0 : 1;
}

int usage() {
    std::printf(
        "[--only TEXT] [--processes N] [--random N] [--least-states N]   explore the scenarios\n"
        "--list | --sites\n"
        "--replay NAME SEED [--mutant TEXT | --seeded-bug N]             one execution, step by step\n"
        "--mutants [--headers FOLDER] [--write FILE] [--check FILE] [--mutant TEXT] [--give-up SECONDS]\n"
        "--seeded-bugs [--append FILE] [--check FILE] [--give-up SECONDS]\n");
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    settings how;
    std::string replay_name;
    for (int i = 1; i < argc; ++i) {
        std::string const verb = argv[i];
        auto const next = [&]() -> std::string {
            if (i + 1 >= argc) std::exit(usage());
            return argv[++i];
        };
        if (verb == "--only")
            how.only = next();
        else if (verb == "--processes")
            how.processes = static_cast<unsigned>(std::stoul(next()));
        else if (verb == "--random")
            how.random = std::stoull(next());
        else if (verb == "--least-states")
            how.least_states = std::stoull(next());
        else if (verb == "--give-up")
            how.give_up = std::stod(next());
        else if (verb == "--list")
            how.list = true;
        else if (verb == "--sites")
            how.sites = true;
        else if (verb == "--mutants")
            how.mutants = true;
        else if (verb == "--seeded-bugs")
            how.seeded_bugs = true;
        else if (verb == "--seeded-bug")
            model::seeded_bug = std::stoi(next());
        else if (verb == "--mutant")
            how.mutant = next();
        else if (verb == "--headers")
            how.headers = next();
        else if (verb == "--write")
            how.write_table = next();
        else if (verb == "--append")
            how.append_table = next();
        else if (verb == "--check")
            how.check_table = next();
        else if (verb == "--replay") {
            replay_name = next();
            how.seed = next();
        } else
            return usage();
    }
    if (how.list) {
        for (auto const& one : model::scenarios()) std::printf("%s\n", one.name.c_str());
        return 0;
    }
    if (how.sites) {
        for (auto const& m : order_mutants())
            std::printf("%s:%d %s %s -> %s\n", m.where.file.c_str(), m.where.line, m.expression.c_str(), m.from.c_str(),
                        m.to.c_str());
        return 0;
    }
    if (!how.seed.empty()) {
        auto const* const s = find(replay_name);
        if (s == nullptr) return usage();
        std::vector<order_mutant> mutants;
        if (!how.mutant.empty()) {
            for (auto const& m : order_mutants())
                if ((m.expression + " " + m.from + " " + m.to).find(how.mutant) != std::string::npos)
                    mutants.push_back(m);
            if (mutants.size() != 1) {
                std::printf("%zu mutants are called that\n", mutants.size());
                return 2;
            }
            model::weaken(&mutants[0].how);
        }
        model::result const r = model::replay(*s, how.seed);
        std::printf("%s %s\n", name_of(r.outcome), r.message.c_str());
        return r.outcome == model::verdict::failed ? 1 : 0;
    }
    if (how.mutants) return run_order_mutants(how);
    if (how.seeded_bugs) return run_seeded_bugs(how);
    return run_scenarios(how);
}
