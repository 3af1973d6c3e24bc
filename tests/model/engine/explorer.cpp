// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#include "explorer.hpp"

#include "fiber.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <sys/mman.h>

namespace model {

int seeded_bug = 0;

namespace {

using detail::access;
using detail::kind;

constexpr unsigned max_locations = 64;
constexpr unsigned max_threads = 8;  // the scenario's own body is thread 0
constexpr unsigned max_messages = 250;
constexpr unsigned max_cells = 128;
constexpr std::size_t arena_bytes = std::size_t{4} << 20;

// ---- memory -----------------------------------------------------------------------------------------------------

// While scenarios run, operator new hands out one arena that starts afresh with every execution: executions that are
// abandoned half-way leak nothing, and addresses are the same in each of them.

unsigned char* arena = nullptr;
std::size_t arena_used = 0;
std::size_t arena_dirty = 0;
std::int64_t arena_live = 0;
bool arena_on = false;

struct arena_header {
    std::size_t bytes;
    std::size_t unused;
};

bool in_arena(void const* p) {
    auto const* const c = static_cast<unsigned char const*>(p);
    return arena != nullptr && c >= arena && c < arena + arena_bytes;
}

void* allocate(std::size_t bytes, std::size_t alignment) {
    alignment = std::max<std::size_t>(alignment, alignof(std::max_align_t));
    if (!arena_on) {
        void* const p =
            std::aligned_alloc(alignment, (std::max<std::size_t>(bytes, 1) + alignment - 1) / alignment * alignment);
        if (p == nullptr) std::abort();
        return p;
    }
    std::size_t at = (arena_used + sizeof(arena_header) + alignment - 1) / alignment * alignment;
    if (at + bytes > arena_bytes) fail("limit: the arena of %zu bytes is used up", arena_bytes);
    arena_used = at + bytes;
    arena_dirty = std::max(arena_dirty, arena_used);
    ++arena_live;
    auto const header = arena_header{bytes, 0};
    std::memcpy(arena + at - sizeof header, &header, sizeof header);
    return arena + at;
}

void deallocate(void* p) {
    if (p == nullptr) return;
    if (!in_arena(p)) {
        std::free(p);
        return;
    }
    arena_header header{};
    std::memcpy(&header, static_cast<unsigned char*>(p) - sizeof header, sizeof header);
    std::memset(p, 0xDD, header.bytes);
    --arena_live;
}

template <class T> struct plain_allocator {
    using value_type = T;
    plain_allocator() = default;
    template <class U> plain_allocator(plain_allocator<U> const&) noexcept {}
    T* allocate(std::size_t n) {
        void* const p = std::malloc(n * sizeof(T) + 1);
        if (p == nullptr) std::abort();
        return static_cast<T*>(p);
    }
    void deallocate(T* p, std::size_t) noexcept { std::free(p); }
    bool operator==(plain_allocator const&) const noexcept { return true; }
};

/// The explorer's own data never lies in the arena.
template <class T> using list = std::vector<T, plain_allocator<T>>;

// ---- views ------------------------------------------------------------------------------------------------------

/// What a thread has seen: of each location the position in its modification order of the newest store it knows, and
/// of each thread how far it happens before. Positions are counted in the order itself, so a store that goes in the
/// middle moves those behind it in every view; in exchange views are joined byte by byte and equal states look equal.
struct view {
    alignas(16) std::uint8_t at[max_locations];
    std::uint16_t clock[max_threads];

    void join(view const& other) {
        for (unsigned l = 0; l < max_locations; ++l) at[l] = std::max(at[l], other.at[l]);
        for (unsigned t = 0; t < max_threads; ++t) clock[t] = std::max(clock[t], other.clock[t]);
    }
    void join_places(view const& other) {
        for (unsigned l = 0; l < max_locations; ++l) at[l] = std::max(at[l], other.at[l]);
    }
    /// Whether `other` has nothing to tell to who has this view.
    bool covers(view const& other) const {
        bool all = true;
        for (unsigned l = 0; l < max_locations; ++l) all &= other.at[l] <= at[l];
        for (unsigned t = 0; t < max_threads; ++t) all &= other.clock[t] <= clock[t];
        return all;
    }
    void clear() { std::memset(this, 0, sizeof *this); }
};

struct message {
    view released;  // what an acquire that reads this gets to know
    std::uint64_t value;
    std::uint8_t writer;
    bool after_previous;  // written by a read-modify-write: nothing may come between it and the one before
};

struct location {
    list<message> messages;  // in modification order
    place made_at;
    std::uint8_t readers, writers;  // which threads, while they run together
    std::uint16_t made_when;
    std::uint8_t made_by;
    bool alive;
};

struct cell {
    void const* address;
    std::uint64_t name;  // the same in every execution and with every compiler
    std::uint16_t write_clock;
    std::uint16_t read_clock[max_threads];
    std::uint8_t writer;
    bool alive;
    bool written;
};

enum class status : std::uint8_t { ready, asleep, finished, dead };
enum class wake_reason : std::uint8_t { none, woken, timeout, spurious, refused };

struct thread_state {
    view now;
    view pending_acquire;  // what relaxed reads saw, for a later acquire fence
    view release_fence;    // what the last release fence covers
    std::uint64_t history;
    char const* name;
    std::function<void()>* body;
    place at;
    kind doing;
    status state;
    // the waiting loop it is in, from its first pause() on
    bool told;                   // somebody may have been told of all it did so far: what it does from now on is later
    bool idle;                   // it waits in a loop, and another round would do what the last one did
    bool round_clock;            // this round looked at the clock
    bool time_flies;             // it waits for nothing but time: the next look at the clock is past every deadline
    unsigned stutters;           // how many rounds were like the one before
    std::uint64_t round;         // what this round read and wrote, by value
    std::uint64_t last_round;    // 0: it stored nothing
    bool round_stored;           // this round changed something
    unsigned rounds;             // since it last did something
    std::uint64_t history_mark;  // when it last did something
    std::uint64_t history_before;                 // when this round began
    std::uint64_t round_reads, last_round_reads;  // which atomics, and of each the position it read
    std::uint8_t round_at[max_locations], last_round_at[max_locations];
    bool held;  // random executions only
    unsigned held_at;
    // sleeping
    unsigned sleeps_on;
    std::int64_t sleeps_until;
    bool sleeps_for_ever;
    bool sleeps_for_some;
    wake_reason woke;
    unsigned spurious_wakes;
    bool failed_for_nothing;  // a weak compare-exchange has, and none has succeeded since
    std::uint64_t seen_external;
    unsigned own_cells;
    unsigned indivisible;
    void const* hint_ring;  // what the library keeps in thread-local storage
    std::uint64_t hint_end;
};

enum class ending : std::uint8_t { complete, seen_before, failed, limit, start_over };

struct choice {
    std::uint16_t ways;
    std::uint16_t taken;
};

std::uint64_t mix(std::uint64_t h, std::uint64_t v) {
    h = (h ^ v) * 0x9E3779B97F4A7C15ull;
    return h ^ (h >> 29);
}

/// The states seen, by a 64-bit hash: with 10^7 states two of them share one with a chance of about 3 in a million.
class state_set {
public:
    state_set() { slots_.assign(std::size_t{1} << 16, 0); }
    bool insert(std::uint64_t h) {
        if (h == 0) h = 1;
        if (size_ * 10 > slots_.size() * 6) grow();
        std::size_t i = h & (slots_.size() - 1);
        while (slots_[i] != 0) {
            if (slots_[i] == h) return false;
            i = (i + 1) & (slots_.size() - 1);
        }
        slots_[i] = h;
        ++size_;
        return true;
    }
    std::uint64_t size() const { return size_; }

private:
    void grow() {
        list<std::uint64_t> old(slots_.size() * 2, 0);
        old.swap(slots_);
        for (std::uint64_t h : old) {
            if (h == 0) continue;
            std::size_t i = h & (slots_.size() - 1);
            while (slots_[i] != 0) i = (i + 1) & (slots_.size() - 1);
            slots_[i] = h;
        }
    }
    list<std::uint64_t> slots_;
    std::uint64_t size_ = 0;
};

bool acquires(std::memory_order o) {
    return o == std::memory_order_acquire || o == std::memory_order_acq_rel || o == std::memory_order_seq_cst ||
           o == std::memory_order_consume;
}
bool releases(std::memory_order o) {
    return o == std::memory_order_release || o == std::memory_order_acq_rel || o == std::memory_order_seq_cst;
}

std::string short_name(char const* file) {
    std::string const path = file;
    auto const ours = path.rfind("evproc/");
    if (ours != std::string::npos) return path.substr(ours);
    auto const slash = path.rfind('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

// ---- sites ------------------------------------------------------------------------------------------------------

struct site_entry {
    char const* file = nullptr;
    int line = 0;
    kind how{};
    int index = -1;
};

constexpr std::size_t site_slots = 4096;
site_entry site_table[site_slots];
std::vector<site>* sites = nullptr;
std::vector<std::array<int, 3>>* weakened_to = nullptr;  // per site and part; -1: as written
weakening const* the_weakening = nullptr;

bool matches(weakening const& w, site const& s) { return w.file == s.file && w.line == s.line && w.how == s.how; }

void apply_weakening(std::size_t index) {
    (*weakened_to)[index] = {-1, -1, -1};
    if (the_weakening != nullptr && matches(*the_weakening, (*sites)[index]))
        (*weakened_to)[index][static_cast<std::size_t>(the_weakening->part)] = static_cast<int>(the_weakening->to);
}

std::size_t site_of(place at, kind how, std::memory_order order, std::memory_order failure) {
    auto h = reinterpret_cast<std::uintptr_t>(at.file) * 31 + static_cast<unsigned>(at.line) * 17u +
             static_cast<unsigned>(how);
    for (std::size_t i = h % site_slots;; i = (i + 1) % site_slots) {
        site_entry& e = site_table[i];
        if (e.index < 0) {
            bool const was_on = std::exchange(arena_on, false);
            if (sites == nullptr) {
                sites = new std::vector<site>;
                weakened_to = new std::vector<std::array<int, 3>>;
            }
            site const fresh{short_name(at.file), at.file, at.function, at.line, how, order, failure, false, 0};
            std::size_t index = 0;
            while (index < sites->size() && !((*sites)[index].file == fresh.file &&
                                              (*sites)[index].line == fresh.line && (*sites)[index].how == fresh.how))
                ++index;
            if (index == sites->size()) {
                sites->push_back(fresh);
                weakened_to->push_back({-1, -1, -1});
                apply_weakening(index);
            }
            e = {at.file, at.line, how, static_cast<int>(index)};
            arena_on = was_on;
            ++(*sites)[index].hits;
            if ((*sites)[index].order != order || (*sites)[index].failure != failure) (*sites)[index].mixed = true;
            return index;
        }
        if (e.file == at.file && e.line == at.line && e.how == how) {
            auto const index = static_cast<std::size_t>(e.index);
            ++(*sites)[index].hits;
            if ((*sites)[index].order != order || (*sites)[index].failure != failure) (*sites)[index].mixed = true;
            return index;
        }
    }
}

std::memory_order in_force(std::size_t index, int part, std::memory_order written) {
    int const to = (*weakened_to)[index][static_cast<std::size_t>(part)];
    return to < 0 ? written : static_cast<std::memory_order>(to);
}
bool left_out(std::size_t index) { return (*weakened_to)[index][2] >= 0; }

// ---- the explorer -----------------------------------------------------------------------------------------------

class explorer {
public:
    result explore(scenario const& which, search const& how);
    result replay(scenario const& which, std::string const& seed);

    // for the platform shim
    unsigned register_atomic(std::uint64_t initial, place at);
    void forget_atomic(unsigned id);
    std::uint64_t load(unsigned id, std::memory_order order, place at);
    void store(unsigned id, std::uint64_t value, std::memory_order order, place at);
    std::uint64_t modify(unsigned id, kind how, std::uint64_t operand, std::uint64_t mask, std::memory_order order,
                         place at);
    bool compare_exchange(unsigned id, bool weak, std::uint64_t& expected, std::uint64_t desired,
                          std::memory_order success, std::memory_order failure, place at);
    void fence(std::memory_order order, place at);
    void asymmetric(kind how, place at);
    bool sleep(unsigned id, std::uint64_t expected, std::int64_t until, bool for_ever, bool for_some, place at);
    void wake_all(unsigned id, place at);
    unsigned wake_some(unsigned id, std::size_t n, place at);
    std::int64_t now(place at);
    void touch(void const* address, access how, bool has_lifetime, char const* what);
    std::uintptr_t token() const { return running_ + 1; }
    bool claim_hint(void const* ring, std::uint64_t& end) const {
        thread_state const& t = threads_[running_];
        if (t.hint_ring != ring) return false;
        end = t.hint_end;
        return true;
    }
    void keep_claim_hint(void const* ring, std::uint64_t end) {
        if (!allowed_.claim_hints) return;
        threads_[running_].hint_ring = ring;
        threads_[running_].hint_end = end;
    }
    bool one_cpu() const { return allowed_.one_cpu; }

    // for scenarios
    void add_thread(char const* name, std::function<void()> body);
    void run_threads();
    void outcome(std::string const& what);
    unsigned choose(unsigned n);
    void settled(std::initializer_list<std::uint64_t> knows);
    void pause();
    void external_step(std::function<void()> const& action, place at);
    [[noreturn]] void die();
    [[noreturn]] void stop(ending how, char const* text);

private:
    static void main_entry();
    static void thread_entry();

    void begin_execution();
    ending run_once();
    bool next_branch();
    unsigned choose_way(unsigned n);
    void step(kind how, place at);
    /// A word that is slept on is always shared: sleeping and waking do not commute.
    void shared_if_new(unsigned id) {
        if (!concurrent_ || ((shared_ >> id) & 1) != 0) return;
        shared_ |= std::uint64_t{1} << id;
        stop(ending::start_over, "");
    }
    void step_on(unsigned id, kind how, place at, bool writes);
    void count_step(kind how, place at);
    void schedule();
    void collect_ready();
    bool may_run(unsigned t) const;
    bool has_news(thread_state const& t) const;
    bool others_wait() const;
    [[noreturn]] void nobody_can_go_on();
    void go_to(unsigned t);
    void finish(status as);
    std::uint64_t hash_state() const;

    thread_state& self() { return threads_[running_]; }
    location& checked(unsigned id, char const* doing);
    unsigned newest(unsigned id) const { return static_cast<unsigned>(locations_[id].messages.size()) - 1; }
    void note_read(unsigned id, unsigned position);
    void observe(unsigned id, unsigned position, bool acquire);
    void insert(unsigned id, unsigned position, std::uint64_t value, bool after_previous, std::memory_order order,
                view const* continued);
    void saw(std::uint64_t value) {
        thread_state& t = self();
        t.history = mix(t.history, value);
        t.round = mix(t.round, value);
    }
    /// What came before this can no longer be taken for the rounds of a waiting loop.
    void mark() {
        thread_state& t = self();
        t.history_mark = t.history;
        t.rounds = 0;
    }
    void mark_and_leave_loop() {
        thread_state& t = self();
        mark();
        t.idle = false;
        t.round_clock = false;
        t.round_reads = t.last_round_reads = 0;
        t.round = 0;
        t.round_stored = false;
    }
    void also_in_round(std::uint64_t value) { self().round = mix(self().round, value); }
    void cell_hash(std::uint64_t& h) const;
    cell& cell_for(void const* address, bool& fresh);

    std::string seed_text() const;
    bool read_seed(std::string const& seed);
    void trace(char const* format, ...) __attribute__((format(printf, 2, 3)));
    char const* order_note(std::size_t site_index, int part, std::memory_order written) const;

    // set for one exploration
    scenario const* which_ = nullptr;
    options allowed_;
    world world_;
    state_set* seen_ = nullptr;
    bool random_ = false;
    bool tracing_ = false;
    std::uint64_t random_state_ = 1;
    result* result_ = nullptr;

    // what was learned about the scenario: see step_on()
    std::uint64_t shared_ = 0;
    std::uint8_t touchers_[max_locations];  // which threads ever touch it: what only others left behind is past for all
    bool heavy_used_ = false;

    // choices: all before `fixed_` are those of an earlier execution
    list<choice> choices_;
    std::size_t next_choice_ = 0;
    std::size_t fixed_ = 0;
    list<choice> const* seeded_ = nullptr;

    // one execution
    location locations_[max_locations];
    unsigned location_count_ = 0;
    thread_state threads_[max_threads];
    std::function<void()> bodies_[max_threads];
    unsigned thread_count_ = 0;
    unsigned running_ = 0;
    bool concurrent_ = false;
    cell cells_[max_cells];
    unsigned cell_count_ = 0;
    view fence_order_;  // what stand-alone seq_cst fences so far have seen
    view light_order_;  // what light fences so far have seen: for heavy ones only
    view heavy_order_;
    std::uint8_t bucket_[max_locations];  // of each futex's word, what those who woke it had seen
    view finished_view_;
    std::int64_t clock_ = 0;
    unsigned ticks_ = 0;
    std::uint64_t external_ = 0;
    unsigned steps_ = 0;
    unsigned ready_[max_threads];
    unsigned ready_count_ = 0;
    char failure_[1024];
    ending ending_{};

    fiber fibers_[max_threads];
};

explorer* the_explorer = nullptr;

explorer& engine() {
    if (the_explorer == nullptr) {
        bool const was_on = std::exchange(arena_on, false);
        the_explorer = new explorer;
        arena_on = was_on;
    }
    return *the_explorer;
}

constexpr std::int64_t clock_start = std::int64_t{1} << 50;
constexpr std::int64_t clock_leap = std::int64_t{3'600'000'000'000};

// ---- one execution ----------------------------------------------------------------------------------------------

void explorer::begin_execution() {
    if (arena == nullptr) {
        void* const p =
            ::mmap(nullptr, arena_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p == MAP_FAILED) std::abort();
        arena = static_cast<unsigned char*>(p);
    }
    std::memset(arena, 0xA5, arena_dirty);
    arena_used = arena_dirty = 0;
    arena_live = 0;
    location_count_ = 0;
    thread_count_ = 0;
    running_ = 0;
    concurrent_ = false;
    cell_count_ = 0;
    fence_order_.clear();
    light_order_.clear();
    heavy_order_.clear();
    finished_view_.clear();
    std::memset(bucket_, 0, sizeof bucket_);
    clock_ = clock_start;
    ticks_ = 0;
    external_ = 0;
    steps_ = 0;
    next_choice_ = 0;
    failure_[0] = 0;
    ending_ = ending::complete;
    add_thread("scenario", {});
    threads_[0].now.clock[0] = 1;
}

void explorer::add_thread(char const* name, std::function<void()> body) {
    if (thread_count_ == max_threads) stop(ending::limit, "limit: too many threads");
    thread_state& t = threads_[thread_count_];
    std::memset(static_cast<void*>(&t), 0, sizeof t);
    t.name = name;
    t.history = mix(0x243F6A8885A308D3ull, thread_count_);
    t.state = status::ready;
    bodies_[thread_count_] = std::move(body);
    t.body = &bodies_[thread_count_];
    ++thread_count_;
}

void explorer::main_entry() {
    explorer& e = *the_explorer;
    try {
        e.which_->body(e.world_);
    } catch (std::exception const& x) {
        fail("the scenario let an exception out: %s", x.what());
    } catch (...) {
        fail("the scenario let an exception out");
    }
    for (auto& body : e.bodies_) body = nullptr;
    if (e.allowed_.check_leaks) {
        for (unsigned c = 0; c < e.cell_count_; ++c)
            if (e.cells_[c].alive) fail("leak: payload %u was never destroyed", c);
        if (arena_live != 0) fail("leak: %d allocations were never freed", static_cast<int>(arena_live));
    }
    e.stop(ending::complete, "");
}

void explorer::thread_entry() {
    explorer& e = *the_explorer;
    e.saw(0x57A27);
    e.mark();
    try {
        (*e.self().body)();
    } catch (std::exception const& x) {
        fail("a thread let an exception out: %s", x.what());
    } catch (...) {
        fail("a thread let an exception out");
    }
    e.finish(status::finished);
    std::abort();
}

void explorer::finish(status as) {
    thread_state& t = self();
    t.state = as;
    if (as == status::finished) finished_view_.join(t.now);
    trace("%s", as == status::dead ? "stops for ever" : "has finished");
    schedule();
    std::abort();
}

void explorer::die() {
    saw(0xDEAD);
    finish(status::dead);
    std::abort();
}

void explorer::run_threads() {
    if (concurrent_) fail("world::run() was called twice");
    thread_state& m = self();
    for (unsigned t = 1; t < thread_count_; ++t) {
        threads_[t].now = m.now;
        threads_[t].now.clock[t] = 1;
        fibers_[t].restart(thread_entry);
    }
    ++m.now.clock[0];
    if (thread_count_ == 1) return;
    concurrent_ = true;
    m.state = status::finished;
    schedule();
    // everything has finished
    concurrent_ = false;
    m.state = status::ready;
    m.now.join(finished_view_);
    // Time has passed: even what a dead thread stored has become visible, though nothing of it happened before this.
    for (unsigned l = 0; l < location_count_; ++l) m.now.at[l] = static_cast<std::uint8_t>(newest(l));
}

ending explorer::run_once() {
    begin_execution();
    fibers_[0].restart(main_entry);
    arena_on = true;
    fiber::switch_over(fiber::outside(), fibers_[0]);
    arena_on = false;
    for (auto& body : bodies_) {
        // Abandoned closures lie in the arena, which is about to be reused: forget them without destroying them.
        new (static_cast<void*>(&body)) std::function<void()>;
    }
    result_->steps += steps_;
    result_->deepest = std::max(result_->deepest, steps_);
    ++result_->executions;
    return ending_;
}

void explorer::stop(ending how, char const* text) {
    ending_ = how;
    std::snprintf(failure_, sizeof failure_, "%s", text);
    fiber::switch_over(fibers_[running_], fiber::outside());
    std::abort();
}

// ---- choices ----------------------------------------------------------------------------------------------------

unsigned explorer::choose_way(unsigned n) {
    if (n <= 1) return 0;
    if (seeded_ != nullptr && next_choice_ < seeded_->size()) {
        unsigned const way = std::min<unsigned>((*seeded_)[next_choice_].taken, n - 1);
        choices_.push_back({static_cast<std::uint16_t>(n), static_cast<std::uint16_t>(way)});
        ++next_choice_;
        return way;
    }
    if (next_choice_ < fixed_) {
        choice const c = choices_[next_choice_++];
        if (c.ways != n) {
            std::fprintf(stderr,
                         "model: %s is not deterministic: choice %zu has %u ways now and had %u. Something it looks at "
                         "lies outside the explorer.\n",
                         which_->name.c_str(), next_choice_ - 1, n, static_cast<unsigned>(c.ways));
            std::exit(3);
        }
        return c.taken;
    }
    unsigned way = 0;
    if (random_ && seeded_ == nullptr) {
        random_state_ ^= random_state_ << 13;
        random_state_ ^= random_state_ >> 7;
        random_state_ ^= random_state_ << 17;
        way = static_cast<unsigned>((random_state_ >> 20) % n);
    }
    choices_.push_back({static_cast<std::uint16_t>(n), static_cast<std::uint16_t>(way)});
    ++next_choice_;
    return way;
}

bool explorer::next_branch() {
    while (!choices_.empty() && choices_.back().taken + 1 == choices_.back().ways) choices_.pop_back();
    if (choices_.empty()) return false;
    ++choices_.back().taken;
    fixed_ = choices_.size();
    return true;
}

void explorer::settled(std::initializer_list<std::uint64_t> knows) {
    thread_state& t = self();
    if (!concurrent_) return;
    t.history = 0x452821E638D01377ull;
    for (std::uint64_t one : knows) t.history = mix(t.history, one);
    if (t.hint_ring != nullptr) t.history = mix(t.history, t.hint_end);
    mark_and_leave_loop();
    t.round = t.last_round = t.stutters = 0;
}

unsigned explorer::choose(unsigned n) {
    unsigned const way = choose_way(n);
    saw(0xC0015E00u + way);
    mark_and_leave_loop();
    trace("chooses %u of %u", way, n);
    return way;
}

// ---- scheduling -------------------------------------------------------------------------------------------------

// Steps on an atomic that only one thread ever touches, or that nobody writes, commute with everything the others do, so
// there is no need to try what the others could do before them. Which atomics those are is assumed and watched: as soon
// as an execution proves the assumption wrong for one of them, the exploration starts over without it.
void explorer::step_on(unsigned id, kind how, place at, bool writes) {
    if (!concurrent_ || id >= location_count_) {
        step(how, at);
        return;
    }
    location& l = locations_[id];
    auto const me = static_cast<std::uint8_t>(1u << running_);
    if ((touchers_[id] & me) == 0) {
        touchers_[id] |= me;
        stop(ending::start_over, "");
    }
    (writes ? l.writers : l.readers) |= me;
    if (((shared_ >> id) & 1) != 0) {
        step(how, at);
        return;
    }
    auto const touching = static_cast<unsigned>(l.readers | l.writers);
    if (l.writers != 0 && (touching & (touching - 1)) != 0) {
        shared_ |= std::uint64_t{1} << id;
        stop(ending::start_over, "");
    }
    count_step(how, at);
}

void explorer::step(kind how, place at) {
    count_step(how, at);
    if (!concurrent_ || self().indivisible != 0) return;
    schedule();
}

void explorer::count_step(kind how, place at) {
    if (++steps_ > allowed_.max_steps) {
        char text[200];
        std::snprintf(text, sizeof text, "limit: an execution takes more than %u steps", allowed_.max_steps);
        stop(ending::limit, text);
    }
    thread_state& t = self();
    t.at = at;
    t.doing = how;
}

/// Whether something that the last round of its loop read has changed since, as far as it could tell.
bool explorer::has_news(thread_state const& t) const {
    for (unsigned l = 0; l < location_count_; ++l) {
        if (((t.last_round_reads >> l) & 1) == 0) continue;
        auto const& messages = locations_[l].messages;
        std::uint64_t const known = messages[t.last_round_at[l]].value;
        for (std::size_t p = t.last_round_at[l] + std::size_t{1}; p < messages.size(); ++p) {
            if (messages[p].value != known) return true;
            view released = messages[p].released;
            released.at[l] = 0;
            if (!t.now.covers(released)) return true;
        }
    }
    return false;
}

/// Whether nobody, the running thread aside, will ever do anything again unless it does.
bool explorer::others_wait() const {
    for (unsigned i = 1; i < thread_count_; ++i) {
        thread_state const& t = threads_[i];
        if (i == running_) continue;
        if (t.state == status::ready && !(t.idle && !has_news(t))) return false;
        if (t.state == status::asleep && !t.sleeps_for_ever) return false;
    }
    return true;
}

void explorer::nobody_can_go_on() {
    char text[900] = "lost wake-up: nobody can go on";
    for (unsigned t = 1; t < thread_count_; ++t) {
        thread_state const& s = threads_[t];
        if (s.state != status::ready && s.state != status::asleep) continue;
        bool const was_on = std::exchange(arena_on, false);
        auto const used = std::strlen(text);
        std::snprintf(text + used, sizeof text - used, "; %s %s at %s:%d", s.name,
                      s.state == status::asleep ? "sleeps" : "spins", short_name(s.at.file).c_str(), s.at.line);
        arena_on = was_on;
    }
    fail("%s", text);
}

bool explorer::may_run(unsigned i) const {
    thread_state const& t = threads_[i];
    switch (t.state) {
        case status::ready: return !t.held || t.held_at != steps_ || has_news(t);
        case status::asleep: return !t.sleeps_for_ever || t.spurious_wakes < allowed_.spurious_wakes;
        default: return false;
    }
}

void explorer::collect_ready() {
    ready_count_ = 0;
    // The running thread comes first: the first execution has no preemption.
    if (running_ != 0 && may_run(running_)) ready_[ready_count_++] = running_;
    for (unsigned t = 1; t < thread_count_; ++t)
        if (t != running_ && may_run(t)) ready_[ready_count_++] = t;
}

void explorer::schedule() {
    collect_ready();
    bool only_spurious = true;
    for (unsigned i = 0; i < ready_count_; ++i) {
        thread_state const& t = threads_[ready_[i]];
        if (t.state == status::ready || !t.sleeps_for_ever) only_spurious = false;
    }
    // Nobody may count on a wake-up without reason.
    if (ready_count_ == 0 || only_spurious) {
        bool stuck = false;
        for (unsigned t = 1; t < thread_count_; ++t)
            if (threads_[t].state == status::ready || threads_[t].state == status::asleep) stuck = true;
        if (stuck) nobody_can_go_on();
        go_to(0);
        return;
    }
    if (!random_ && !tracing_ && next_choice_ >= fixed_) {
        if (!seen_->insert(hash_state())) stop(ending::seen_before, "");
        if (seen_->size() > allowed_.max_states) {
            char text[200];
            std::snprintf(text, sizeof text, "limit: more than %llu states",
                          static_cast<unsigned long long>(allowed_.max_states));
            stop(ending::limit, text);
        }
    }
    go_to(ready_[choose_way(ready_count_)]);
}

void explorer::go_to(unsigned t) {
    unsigned const from = running_;
    thread_state& next = threads_[t];
    if (next.state == status::asleep) {
        bool const may_time_out = !next.sleeps_for_ever;
        bool const may_be_spurious = next.spurious_wakes < allowed_.spurious_wakes;
        bool const times_out = may_time_out && (!may_be_spurious || choose_way(2) == 0);
        next.woke = times_out ? wake_reason::timeout : wake_reason::spurious;
        if (times_out) {
            clock_ = std::max(clock_, next.sleeps_until);
        } else {
            ++next.spurious_wakes;
        }
        next.state = status::ready;
    }
    next.held = false;
    if (next.seen_external != external_) {
        next.seen_external = external_;
        next.history = mix(next.history, external_);
    }
    running_ = t;
    if (from != t) fiber::switch_over(fibers_[from], fibers_[t]);
}

// A waiting loop must not unroll for ever. What the rounds of a loop have read so far is over with the round: a thread
// that has done nothing else since is where it was when it came to the loop, and the same round again is the same
// state, where this path ends. It has failed if what the round read is the newest there is and all others wait too.
// A round that stores (a producer that finds no space refreshes the limit) has to be seen twice to be known as one.
// Loops that count their rounds are different: options::stutters must be their count.
void explorer::pause() {
    if (!concurrent_) fail("a waiting loop outside the threads cannot end");
    thread_state& t = self();
    if (t.indivisible != 0) fail("a waiting loop inside an indivisible step");
    bool const same = t.round_stored && t.round == t.last_round;
    t.stutters = same ? std::min(t.stutters + 1, allowed_.stutters + 1) : 0;
    t.rounds = std::min(t.rounds + 1, allowed_.stutters + 1);
    t.idle = t.rounds > allowed_.stutters || t.stutters > allowed_.stutters;
    if (!t.time_flies) {
        if (t.stutters > allowed_.stutters) {
            t.history = t.history_before;
        } else {
            t.history = mix(t.history_mark, 0x5B1A00u + t.rounds);
        }
    } else {
        saw(0x5B1A);  // until it looks at the clock its rounds do differ: they count
    }
    t.last_round = t.round_stored ? t.round : 0;
    t.round_stored = false;
    t.last_round_reads = t.round_reads;
    std::memcpy(t.last_round_at, t.round_at, sizeof t.round_at);
    t.history_before = t.history;
    t.round = 0;
    t.round_reads = 0;
    if (!t.idle) return;
    if (!t.time_flies && !has_news(t) && others_wait()) {
        if (!t.round_clock) nobody_can_go_on();
        t.time_flies = true;
        saw(0x71AE);
    } else if (random_) {
        t.held = true;
        t.held_at = steps_;
    }
    // The others take turns here even where the loop has no step that could matter to them.
    schedule();
    self().history = mix(self().history, 0x5B1B);
}

void explorer::external_step(std::function<void()> const& action, place at) {
    step(kind::external, at);
    ++external_;
    self().seen_external = external_;
    saw(external_);
    mark_and_leave_loop();
    trace("external step");
    ++self().indivisible;
    action();
    --self().indivisible;
}

// ---- the memory model -------------------------------------------------------------------------------------------

unsigned explorer::register_atomic(std::uint64_t initial, place at) {
    if (!arena_on) {
        std::fprintf(stderr, "model: an atomic was made outside a scenario\n");
        std::abort();
    }
    if (location_count_ == max_locations) stop(ending::limit, "limit: too many atomics");
    unsigned const id = location_count_++;
    location& l = locations_[id];
    l.messages.clear();
    l.messages.emplace_back();
    message& m = l.messages.back();
    m.released.clear();
    m.value = initial;
    m.writer = static_cast<std::uint8_t>(running_);
    m.after_previous = false;
    l.made_at = at;
    l.readers = l.writers = 0;
    if (concurrent_) shared_ |= std::uint64_t{1} << id;
    l.made_by = static_cast<std::uint8_t>(running_);
    if (std::exchange(self().told, false)) ++self().now.clock[running_];
    l.made_when = self().now.clock[running_];
    l.alive = true;
    return id;
}

void explorer::forget_atomic(unsigned id) {
    // What an abandoned execution left behind may be destroyed by the next one's reuse of its memory; it says nothing.
    if (id < location_count_) locations_[id].alive = false;
}

location& explorer::checked(unsigned id, char const* doing) {
    if (id >= location_count_ || !locations_[id].alive) fail("%s of an atomic that does not exist (any more)", doing);
    location& l = locations_[id];
    if (self().now.clock[l.made_by] < l.made_when) fail("data race: %s of an atomic while it is constructed", doing);
    return l;
}

void explorer::note_read(unsigned id, unsigned position) {
    thread_state& t = self();
    also_in_round(id);
    std::uint64_t const bit = std::uint64_t{1} << id;
    // Of two reads in one round the older counts, unless the thread itself has stored in between: the next round begins newer.
    if ((t.round_reads & bit) == 0 || t.round_stored) t.round_at[id] = static_cast<std::uint8_t>(position);
    t.round_reads |= bit;
}

void explorer::observe(unsigned id, unsigned position, bool acquire) {
    thread_state& t = self();
    t.now.at[id] = std::max(t.now.at[id], static_cast<std::uint8_t>(position));
    view const& released = locations_[id].messages[position].released;
    if (acquire) {
        t.now.join(released);
    } else if (allowed_.fences) {
        t.pending_acquire.join(released);
    }
}

void explorer::insert(unsigned id, unsigned position, std::uint64_t value, bool after_previous, std::memory_order order,
                      view const* continued) {
    location& l = locations_[id];
    thread_state& t = self();
    auto const count = static_cast<unsigned>(l.messages.size());
    if (count >= max_messages) stop(ending::limit, "limit: an execution stores too often to one atomic");
    message m;
    if (continued != nullptr) {
        m.released = *continued;
    } else {
        m.released.clear();
    }
    if (position < count) {
        // What lies behind moves up by one, everywhere it is spoken of.
        auto const move_up = [&](std::uint8_t& at) {
            if (at >= position) ++at;
        };
        for (unsigned i = 0; i < location_count_; ++i)
            for (message& other : locations_[i].messages) move_up(other.released.at[id]);
        for (unsigned i = 0; i < thread_count_; ++i) {
            thread_state& other = threads_[i];
            move_up(other.now.at[id]);
            move_up(other.pending_acquire.at[id]);
            move_up(other.release_fence.at[id]);
            move_up(other.round_at[id]);
            move_up(other.last_round_at[id]);
        }
        move_up(fence_order_.at[id]);
        move_up(light_order_.at[id]);
        move_up(heavy_order_.at[id]);
        move_up(finished_view_.at[id]);
        move_up(bucket_[id]);
        move_up(m.released.at[id]);
    }
    t.now.at[id] = static_cast<std::uint8_t>(position);
    if (releases(order)) m.released.join(t.now);
    if (allowed_.fences) m.released.join(t.release_fence);
    m.released.at[id] = static_cast<std::uint8_t>(position);
    m.value = value;
    m.writer = static_cast<std::uint8_t>(running_);
    m.after_previous = after_previous;
    l.messages.insert(l.messages.begin() + position, m);
    if (releases(order)) t.told = true;
}

std::uint64_t explorer::load(unsigned id, std::memory_order written, place at) {
    step_on(id, kind::load, at, false);
    location const& l = checked(id, "load");
    std::size_t const s = site_of(at, kind::load, written, written);
    auto const order = in_force(s, 0, written);
    unsigned const oldest = self().now.at[id];
    unsigned const latest = newest(id);
    unsigned const position = latest - choose_way(latest - oldest + 1);
    std::uint64_t const value = l.messages[position].value;
    observe(id, position, acquires(order));
    note_read(id, position);
    saw(value);
    trace("a%u.load(%s) reads %llu%s", id, order_note(s, 0, written), static_cast<unsigned long long>(value),
          position == latest ? "" : "  (not the newest)");
    return value;
}

void explorer::store(unsigned id, std::uint64_t value, std::memory_order written, place at) {
    step_on(id, kind::store, at, true);
    location const& l = checked(id, "store");
    std::size_t const s = site_of(at, kind::store, written, written);
    auto const order = in_force(s, 0, written);
    unsigned const oldest = self().now.at[id];
    auto const count = static_cast<unsigned>(l.messages.size());
    unsigned ways = 0;
    unsigned places[max_messages + 1];
    for (unsigned p = count; p > oldest; --p)
        if (p == count || !l.messages[p].after_previous) places[ways++] = p;
    unsigned const position = places[choose_way(ways)];
    bool const news = l.messages[oldest].value != value;
    insert(id, position, value, false, order, nullptr);
    saw(0x5703E);
    also_in_round(id);
    also_in_round(value);
    if (news) {
        mark();
        self().round_stored = true;
    }
    trace("a%u.store(%llu, %s)%s", id, static_cast<unsigned long long>(value), order_note(s, 0, written),
          position == count ? "" : "  (before a store not yet seen)");
}

std::uint64_t explorer::modify(unsigned id, kind how, std::uint64_t operand, std::uint64_t mask,
                               std::memory_order written, place at) {
    step_on(id, how, at, true);
    location const& l = checked(id, "read-modify-write");
    std::size_t const s = site_of(at, how, written, written);
    auto const order = in_force(s, 0, written);
    unsigned const oldest = self().now.at[id];
    auto const count = static_cast<unsigned>(l.messages.size());
    unsigned ways = 0;
    unsigned places[max_messages + 1];
    for (unsigned p = count; p-- > oldest;)
        if (p + 1 == count || !l.messages[p + 1].after_previous) places[ways++] = p;
    unsigned const position = places[choose_way(ways)];
    std::uint64_t const old = l.messages[position].value;
    std::uint64_t next = old;
    switch (how) {
        case kind::exchange: next = operand; break;
        case kind::fetch_add: next = (old + operand) & mask; break;
        case kind::fetch_sub: next = (old - operand) & mask; break;
        case kind::fetch_and: next = old & operand; break;
        case kind::fetch_or: next = old | operand; break;
        case kind::fetch_xor: next = old ^ operand; break;
        default: std::abort();
    }
    observe(id, position, acquires(order));
    view const continued = l.messages[position].released;
    insert(id, position + 1, next, true, order, &continued);
    saw(old);
    also_in_round(id);
    also_in_round(next);
    mark_and_leave_loop();
    trace("a%u.%s(%llu, %s) reads %llu, leaves %llu%s", id, name_of(how), static_cast<unsigned long long>(operand),
          order_note(s, 0, written), static_cast<unsigned long long>(old), static_cast<unsigned long long>(next),
          position + 1 == count ? "" : "  (before a store not yet seen)");
    return old;
}

bool explorer::compare_exchange(unsigned id, bool weak, std::uint64_t& expected, std::uint64_t desired,
                                std::memory_order written_success, std::memory_order written_failure, place at) {
    kind const how = weak ? kind::cas_weak : kind::cas_strong;
    step_on(id, how, at, true);
    location const& l = checked(id, "compare-exchange");
    std::size_t const s = site_of(at, how, written_success, written_failure);
    unsigned const oldest = self().now.at[id];
    auto const count = static_cast<unsigned>(l.messages.size());
    struct way {
        unsigned position;
        bool succeeds;
    } ways[2 * max_messages + 2];
    unsigned n = 0;
    bool const may_fail_anyway = weak && allowed_.spurious_failures && !self().failed_for_nothing;
    for (unsigned p = count; p-- > oldest;) {
        if (l.messages[p].value != expected) {
            ways[n++] = {p, false};
        } else {
            if (p + 1 == count || !l.messages[p + 1].after_previous) ways[n++] = {p, true};
            if (may_fail_anyway) ways[n++] = {p, false};
        }
    }
    // The newest store is always one of the ways: it can be refused or replaced.
    way const taken = ways[choose_way(n)];
    std::uint64_t const old = l.messages[taken.position].value;
    if (taken.succeeds) {
        auto const order = in_force(s, 0, written_success);
        observe(id, taken.position, acquires(order));
        note_read(id, taken.position);
        view const continued = l.messages[taken.position].released;
        insert(id, taken.position + 1, desired, true, order, &continued);
        saw(0xCA5);
        also_in_round(desired);
        self().failed_for_nothing = false;
        mark_and_leave_loop();
        trace("a%u.%s(%llu -> %llu, %s) succeeds%s", id, name_of(how), static_cast<unsigned long long>(old),
              static_cast<unsigned long long>(desired), order_note(s, 0, written_success),
              taken.position + 1 == count ? "" : "  (before a store not yet seen)");
        return true;
    }
    auto const order = in_force(s, 1, written_failure);
    observe(id, taken.position, acquires(order));
    note_read(id, taken.position);
    bool const spurious = old == expected;
    self().failed_for_nothing |= spurious;
    saw(spurious ? 0x5B0001 : 0x5B0000);
    saw(old);
    trace("a%u.%s(%llu -> %llu, failure %s) fails on %llu%s", id, name_of(how),
          static_cast<unsigned long long>(expected), static_cast<unsigned long long>(desired),
          order_note(s, 1, written_failure), static_cast<unsigned long long>(old), spurious ? "  (for no reason)" : "");
    expected = old;
    return false;
}

void explorer::fence(std::memory_order written, place at) {
    step(kind::fence, at);
    if (!allowed_.fences) fail("a stand-alone fence where the scenario said there is none");
    std::size_t const s = site_of(at, kind::fence, written, written);
    auto const order = in_force(s, 0, written);
    saw(0xFE2CE);
    trace("fence(%s)", order_note(s, 0, written));
    if (left_out(s)) return;
    thread_state& t = self();
    if (acquires(order)) t.now.join(t.pending_acquire);
    if (order == std::memory_order_seq_cst) {
        // Coherence goes along the order of fences; happens-before does not.
        t.now.join_places(fence_order_);
        fence_order_.join_places(t.now);
    }
    if (releases(order)) {
        t.release_fence = t.now;
        t.told = true;
    }
}

void explorer::asymmetric(kind how, place at) {
    if (how == kind::heavy && concurrent_ && !heavy_used_) {
        heavy_used_ = true;
        stop(ending::start_over, "");
    }
    // A light fence does nothing that anybody could see unless there is a heavy one.
    if (heavy_used_) {
        step(how, at);
    } else {
        count_step(how, at);
    }
    std::size_t const s = site_of(at, how, std::memory_order_seq_cst, std::memory_order_seq_cst);
    saw(0xFE2CE);
    trace("%s fence%s", name_of(how), left_out(s) ? " left out" : "");
    if (left_out(s)) return;
    thread_state& t = self();
    t.now.join_places(heavy_order_);
    if (how == kind::heavy) {
        t.now.join_places(light_order_);
        heavy_order_.join_places(t.now);
    } else {
        light_order_.join_places(t.now);  // light ones do not order each other
    }
}

// ---- sleeping and time ------------------------------------------------------------------------------------------

bool explorer::sleep(unsigned id, std::uint64_t expected, std::int64_t until, bool for_ever, bool for_some, place at) {
    shared_if_new(id);
    step_on(id, kind::sleep, at, false);
    location const& l = checked(id, "sleep");
    thread_state& t = self();
    // Sleeping and waking meet in one lock of the kernel's: whoever comes later sees at least what the other had seen
    // of this word, and nothing more is counted on.
    unsigned const oldest = std::max(t.now.at[id], bucket_[id]);
    unsigned const latest = newest(id);
    unsigned const position = latest - choose_way(latest - oldest + 1);
    std::uint64_t const value = l.messages[position].value;
    observe(id, position, false);
    note_read(id, position);
    if (value != expected) {
        saw(0x51EE0000);
        trace("sleep on a%u refused: it holds %llu, not %llu", id, static_cast<unsigned long long>(value),
              static_cast<unsigned long long>(expected));
        return true;
    }
    if (!for_ever && until <= clock_) {
        saw(0x51EE0001);
        trace("sleep on a%u: the deadline has passed", id);
        return false;
    }
    if (!concurrent_) fail("a sleep outside the threads cannot end");
    if (t.indivisible != 0) fail("a sleep inside an indivisible step");
    trace("sleeps on a%u%s", id, for_ever ? "" : " with a deadline");
    saw(0x51EE0002);
    t.idle = false;
    t.state = status::asleep;
    t.sleeps_on = id;
    t.sleeps_until = until;
    t.sleeps_for_ever = for_ever;
    t.sleeps_for_some = for_some;
    t.woke = wake_reason::none;
    schedule();
    saw(0x51EE0010 + static_cast<unsigned>(t.woke));
    mark_and_leave_loop();
    trace("%s", t.woke == wake_reason::woken     ? "was woken"
                : t.woke == wake_reason::timeout ? "timed out"
                                                 : "woke for no reason");
    bool const in_time = t.woke != wake_reason::timeout;
    t.woke = wake_reason::none;
    return in_time;
}

void explorer::wake_all(unsigned id, place at) {
    shared_if_new(id);
    step_on(id, kind::wake, at, false);
    checked(id, "wake");
    thread_state& t = self();
    bucket_[id] = std::max(bucket_[id], t.now.at[id]);
    saw(0x3A3E);
    unsigned woken = 0;
    for (unsigned i = 1; i < thread_count_; ++i)
        if (threads_[i].state == status::asleep && threads_[i].sleeps_on == id) {
            threads_[i].state = status::ready;
            threads_[i].woke = wake_reason::woken;
            ++woken;
        }
    trace("wakes %u sleeping on a%u", woken, id);
}

unsigned explorer::wake_some(unsigned id, std::size_t n, place at) {
    shared_if_new(id);
    step_on(id, kind::wake_some, at, false);
    checked(id, "wake");
    thread_state& t = self();
    bucket_[id] = std::max(bucket_[id], t.now.at[id]);
    // Which ones is not promised: sooner or later depends on priorities.
    unsigned woken = 0;
    while (woken < n) {
        unsigned candidates[max_threads];
        unsigned count = 0;
        for (unsigned i = 1; i < thread_count_; ++i)
            if (threads_[i].state == status::asleep && threads_[i].sleeps_on == id && threads_[i].sleeps_for_some)
                candidates[count++] = i;
        if (count == 0) break;
        thread_state& sleeper = threads_[candidates[choose_way(count)]];
        sleeper.state = status::ready;
        sleeper.woke = wake_reason::woken;
        ++woken;
    }
    saw(0x3A3F00 + woken);
    trace("wakes %u of those sleeping on a%u", woken, id);
    return woken;
}

std::int64_t explorer::now(place at) {
    if (!concurrent_ || allowed_.ticks == 0) return clock_;
    step(kind::now, at);
    thread_state& t = self();
    t.round_clock = true;
    if (t.time_flies) {
        t.time_flies = false;
        clock_ += clock_leap;
    } else if (ticks_ < allowed_.ticks && choose_way(2) == 1) {
        ++ticks_;
        clock_ += clock_leap;
    }
    saw(static_cast<std::uint64_t>(clock_));
    trace("looks at the clock: %lld", static_cast<long long>((clock_ - clock_start) / clock_leap));
    return clock_;
}

// ---- payload ----------------------------------------------------------------------------------------------------

cell& explorer::cell_for(void const* address, bool& fresh) {
    for (unsigned c = 0; c < cell_count_; ++c)
        if (cells_[c].address == address) {
            fresh = false;
            return cells_[c];
        }
    fresh = true;
    if (cell_count_ == max_cells) stop(ending::limit, "limit: too many payload addresses");
    cell& c = cells_[cell_count_++];
    std::memset(static_cast<void*>(&c), 0, sizeof c);
    c.address = address;
    c.name = in_arena(address) ? static_cast<std::uint64_t>(static_cast<unsigned char const*>(address) - arena)
                               : (std::uint64_t{running_ + 1} << 32) + self().own_cells++;
    return c;
}

void explorer::touch(void const* address, access how, bool has_lifetime, char const* what) {
    bool fresh = false;
    cell& c = cell_for(address, fresh);
    thread_state& t = self();
    auto const label = static_cast<unsigned>(&c - cells_);
    if (std::exchange(t.told, false)) ++t.now.clock[running_];
    mark_and_leave_loop();
    static char const* const names[] = {"constructed", "read", "written", "destroyed"};
    trace("%s %u is %s", what, label, names[static_cast<unsigned>(how)]);
    if (c.written && t.now.clock[c.writer] < c.write_clock)
        fail("data race: %s %u is %s while %s writes it", what, label, names[static_cast<unsigned>(how)],
             threads_[c.writer].name);
    if (how != access::read)
        for (unsigned i = 0; i < thread_count_; ++i)
            if (t.now.clock[i] < c.read_clock[i])
                fail("data race: %s %u is %s while %s reads it", what, label, names[static_cast<unsigned>(how)],
                     threads_[i].name);
    if (has_lifetime) {
        if (how == access::construct && c.alive) fail("%s %u is constructed over a living one", what, label);
        if (how != access::construct && !c.alive)
            fail("%s %u is %s outside its life", what, label, names[static_cast<unsigned>(how)]);
        if (how == access::construct) c.alive = true;
        if (how == access::destroy) c.alive = false;
    } else if (how == access::read && !c.written) {
        fail("%s %u is read before anything was written", what, label);
    }
    if (how == access::read) {
        c.read_clock[running_] = t.now.clock[running_];
    } else {
        c.written = true;
        c.writer = static_cast<std::uint8_t>(running_);
        c.write_clock = t.now.clock[running_];
        std::memset(c.read_clock, 0, sizeof c.read_clock);
        if (how == access::destroy && !in_arena(address)) {
            // A stack's addresses are used again, by what depends on the compiler: what comes next is another variable.
            c = cells_[--cell_count_];
        }
    }
}

// ---- states -----------------------------------------------------------------------------------------------------

std::uint64_t explorer::hash_state() const {
    std::uint64_t h = 0x13198A2E03707344ull;
    // Nobody can read what all have left behind: states that differ only there are one state.
    std::uint8_t floor[max_locations];
    std::memset(floor, 0xFF, sizeof floor);
    bool anyone = false;
    for (unsigned i = 1; i < thread_count_; ++i) {
        thread_state const& t = threads_[i];
        if (t.state == status::finished || t.state == status::dead) continue;
        anyone = true;
        for (unsigned l = 0; l < location_count_; ++l)
            if (((touchers_[l] >> i) & 1) != 0) floor[l] = std::min(floor[l], t.now.at[l]);
    }
    for (unsigned l = 0; l < location_count_; ++l) {
        if (!anyone) floor[l] = finished_view_.at[l];
        floor[l] = std::min<std::uint8_t>(floor[l], static_cast<std::uint8_t>(newest(l)));
    }
    unsigned const locations = location_count_;
    unsigned const threads = thread_count_;
    // A thread in a waiting loop that stores the same again behind its own store: one counts for both, since the next
    // round can always store a third.
    bool any_merged = false;
    std::uint64_t merged[max_locations][4];
    for (unsigned l = 0; l < locations; ++l) {
        auto const& messages = locations_[l].messages;
        std::memset(merged[l], 0, sizeof merged[l]);
        for (unsigned p = floor[l] + 1u; p < messages.size(); ++p) {
            message const& m = messages[p];
            message const& before = messages[p - 1];
            if (m.value != before.value || m.after_previous || !threads_[m.writer].idle ||
                (p + 1 < messages.size() && messages[p + 1].after_previous))
                continue;
            view released = m.released;
            released.at[l] = before.released.at[l];
            if (std::memcmp(&released, &before.released, sizeof released) != 0) continue;
            merged[l][p / 64] |= std::uint64_t{1} << (p % 64);
            any_merged = true;
        }
    }
    auto const shown = [&](unsigned l, unsigned at) {
        if (at <= floor[l]) return std::uint8_t{0};
        unsigned above = at - floor[l];
        if (any_merged)
            for (unsigned p = floor[l] + 1u; p <= at; ++p)
                if (((merged[l][p / 64] >> (p % 64)) & 1) != 0) --above;
        return static_cast<std::uint8_t>(above);
    };
    auto const places = [&](std::uint8_t const* at) {
        std::uint64_t word = 0;
        unsigned filled = 0;
        for (unsigned l = 0; l < locations; ++l) {
            word = (word << 8) | shown(l, at[l]);
            if (++filled == 8) {
                h = mix(h, word);
                word = 0;
                filled = 0;
            }
        }
        h = mix(h, word);
    };
    auto const clocks = [&](view const& v) {
        std::uint64_t word = 0;
        for (unsigned t = 0; t < threads; ++t) {
            word = (word << 16) | v.clock[t];
            if (t % 4 == 3) {
                h = mix(h, word);
                word = 0;
            }
        }
        h = mix(h, word);
    };
    for (unsigned i = 1; i < threads; ++i) {
        thread_state const& t = threads_[i];
        h = mix(h, t.history);
        h = mix(h, static_cast<std::uint64_t>(t.state) | (std::uint64_t{t.time_flies} << 9) |
                       (std::uint64_t{t.idle} << 10) | (std::uint64_t{t.round_clock} << 11) |
                       (std::uint64_t{t.failed_for_nothing} << 12) | (std::uint64_t{t.stutters} << 16) |
                       (std::uint64_t{t.rounds} << 24) | (std::uint64_t{t.spurious_wakes} << 32) |
                       (static_cast<std::uint64_t>(t.woke) << 48));
        if (t.state == status::finished || t.state == status::dead) continue;
        places(t.now.at);
        clocks(t.now);
        if (allowed_.fences) {
            places(t.pending_acquire.at);
            clocks(t.pending_acquire);
            places(t.release_fence.at);
            clocks(t.release_fence);
        }
        if (t.state == status::asleep)
            h = mix(h, t.sleeps_on + (t.sleeps_for_some ? 128 : 0) + (static_cast<std::uint64_t>(t.sleeps_until) << 8));
        h = mix(h, t.last_round);
        h = mix(h, t.round_stored ? t.round : 0);
        h = mix(h, t.round_reads);
        h = mix(h, t.last_round_reads);
        std::uint8_t round[max_locations];
        for (unsigned l = 0; l < locations; ++l) round[l] = ((t.round_reads >> l) & 1) != 0 ? t.round_at[l] : floor[l];
        places(round);
        for (unsigned l = 0; l < locations; ++l)
            round[l] = ((t.last_round_reads >> l) & 1) != 0 ? t.last_round_at[l] : floor[l];
        places(round);
    }
    for (unsigned l = 0; l < locations; ++l) {
        location const& where = locations_[l];
        h = mix(h, (std::uint64_t{l} << 32) | (std::uint64_t{where.made_by} << 16) |
                       (std::uint64_t{where.alive} << 24) | where.made_when);
        auto const count = static_cast<unsigned>(where.messages.size());
        for (unsigned p = floor[l]; p < count; ++p) {
            message const& m = where.messages[p];
            if (p != floor[l] && ((merged[l][p / 64] >> (p % 64)) & 1) != 0) continue;
            h = mix(h, m.value);
            h = mix(h, p != floor[l] && m.after_previous ? 1 : 2);
            places(m.released.at);
            clocks(m.released);
        }
    }
    places(fence_order_.at);
    places(light_order_.at);
    places(heavy_order_.at);
    places(bucket_);
    places(finished_view_.at);
    clocks(finished_view_);
    h = mix(h, static_cast<std::uint64_t>(clock_));
    h = mix(h, ticks_ + (external_ << 16));
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < cell_count_; ++i) {
        cell const& c = cells_[i];
        std::uint64_t g = mix(0xA4093822299F31D0ull, c.name);
        g = mix(g, (std::uint64_t{c.alive} << 40) | (std::uint64_t{c.written} << 32) | (std::uint64_t{c.writer} << 16) |
                       c.write_clock);
        for (unsigned t = 0; t < threads; ++t) g = mix(g, c.read_clock[t] + (std::uint64_t{t} << 16));
        sum += g;
    }
    h = mix(h, sum);
    return mix(h, h >> 32);
}

// ---- telling ----------------------------------------------------------------------------------------------------

void explorer::outcome(std::string const& what) {
    bool const was_on = std::exchange(arena_on, false);
    result_->outcomes.insert(std::string(what.c_str()));
    arena_on = was_on;
}

void explorer::trace(char const* format, ...) {
    if (!tracing_) return;
    bool const was_on = std::exchange(arena_on, false);
    thread_state const& t = self();
    char text[400];
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char where[200] = "";
    if (t.at.file != nullptr) std::snprintf(where, sizeof where, "%s:%d", short_name(t.at.file).c_str(), t.at.line);
    std::printf("  %4u  %-14s %-42s %s\n", steps_, t.name, where, text);
    arena_on = was_on;
}

char const* explorer::order_note(std::size_t index, int part, std::memory_order written) const {
    if (!tracing_) return "";
    auto const order = in_force(index, part, written);
    if (order == written) return name_of(order);
    static char text[4][80];
    static unsigned next = 0;
    char* const to = text[next++ % 4];
    std::snprintf(to, sizeof text[0], "%s WEAKENED from %s", name_of(order), name_of(written));
    return to;
}

// A seed names the ways taken where there was more than one, in base 36; long ones in parentheses.
std::string explorer::seed_text() const {
    std::size_t used = std::min(next_choice_, choices_.size());
    while (used > 0 && choices_[used - 1].taken == 0) --used;
    std::string text;
    for (std::size_t i = 0; i < used; ++i) {
        unsigned const way = choices_[i].taken;
        if (way < 36) {
            text += "0123456789abcdefghijklmnopqrstuvwxyz"[way];
        } else {
            text += "(" + std::to_string(way) + ")";
        }
    }
    // Random executions treat waiting loops differently, and what was learned decides where threads take turns.
    char learned[40];
    std::snprintf(learned, sizeof learned, "%s%llx.", heavy_used_ ? "H" : "", static_cast<unsigned long long>(shared_));
    return (random_ ? "R" : "") + std::string(learned) + (text.empty() ? std::string("0") : text);
}

bool explorer::read_seed(std::string const& seed) {
    choices_.clear();
    for (std::size_t i = 0; i < seed.size(); ++i) {
        unsigned way = 0;
        if (seed[i] == '(') {
            for (++i; i < seed.size() && seed[i] != ')'; ++i) way = way * 10 + static_cast<unsigned>(seed[i] - '0');
        } else if (seed[i] >= '0' && seed[i] <= '9') {
            way = static_cast<unsigned>(seed[i] - '0');
        } else if (seed[i] >= 'a' && seed[i] <= 'z') {
            way = static_cast<unsigned>(seed[i] - 'a') + 10;
        } else {
            return false;
        }
        choices_.push_back({0, static_cast<std::uint16_t>(way)});
    }
    return true;
}

// ---- explorations -----------------------------------------------------------------------------------------------

void caught_signal(int number) {
    if (the_explorer == nullptr || !arena_on) {
        std::signal(number, SIG_DFL);
        std::raise(number);
        return;
    }
    fail(number == SIGABRT ? "the program aborted (a failed check, or an exception where none may pass)"
                           : "the program crashed");
}

void catch_signals() {
    static bool done = false;
    if (std::exchange(done, true)) return;
    struct sigaction action{};
    action.sa_handler = caught_signal;
    action.sa_flags = SA_NODEFER;
    ::sigaction(SIGABRT, &action, nullptr);
    ::sigaction(SIGFPE, &action, nullptr);
    ::sigaction(SIGSEGV, &action, nullptr);
    ::sigaction(SIGBUS, &action, nullptr);
}

result explorer::explore(scenario const& which, search const& how) {
    catch_signals();
    result r;
    auto seen = std::make_unique<state_set>();
    which_ = &which;
    allowed_ = which.allowed;
    seen_ = seen.get();
    shared_ = 0;
    std::memset(touchers_, 0, sizeof touchers_);
    heavy_used_ = false;
    result_ = &r;
    tracing_ = false;
    random_ = how.random_executions != 0;
    random_state_ = how.random_seed * 0x9E3779B97F4A7C15ull | 1;
    choices_.clear();
    fixed_ = 0;
    auto const start = std::chrono::steady_clock::now();
    auto const elapsed = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    for (;;) {
        ending const e = run_once();
        if (e == ending::start_over) {
            seen = std::make_unique<state_set>();
            seen_ = seen.get();
            choices_.clear();
            fixed_ = 0;
            continue;
        }
        if (e == ending::failed || e == ending::limit) {
            r.outcome = e == ending::failed ? verdict::failed : verdict::limit;
            r.message = failure_;
            r.seed = seed_text();
            break;
        }
        if (random_) {
            choices_.clear();
            if (r.executions >= how.random_executions) {
                r.outcome = verdict::sampled;
                break;
            }
        } else if (!next_branch()) {
            break;
        }
        if (how.seconds > 0 && r.executions % 256 == 0 && elapsed() > how.seconds) {
            r.outcome = random_ ? verdict::sampled : verdict::limit;
            r.message = "limit: the time given is over";
            break;
        }
    }
    r.states = seen->size();
    r.seconds = elapsed();
    seen_ = nullptr;
    return r;
}

result explorer::replay(scenario const& which, std::string const& seed) {
    catch_signals();
    result r;
    which_ = &which;
    allowed_ = which.allowed;
    result_ = &r;
    std::string rest = seed;
    auto const take = [&](char c) {
        bool const there = !rest.empty() && rest[0] == c;
        if (there) rest.erase(0, 1);
        return there;
    };
    random_ = take('R');
    heavy_used_ = take('H');
    std::memset(touchers_, 0xFF, sizeof touchers_);
    auto const point = rest.find('.');
    shared_ = point == std::string::npos ? 0 : std::strtoull(rest.c_str(), nullptr, 16);
    if (point == std::string::npos || !read_seed(rest.substr(point + 1))) {
        r.outcome = verdict::limit;
        r.message = "the seed is not one";
        return r;
    }
    // How many ways there were is not part of a seed: each choice is taken as given if it exists.
    list<choice> const given = choices_;
    fixed_ = 0;
    seeded_ = &given;
    choices_.clear();
    tracing_ = true;
    ending const e = run_once();
    seeded_ = nullptr;
    tracing_ = false;
    r.outcome = e == ending::failed ? verdict::failed : e == ending::limit ? verdict::limit : verdict::sampled;
    r.message = failure_;
    r.seed = seed_text();
    return r;
}

}  // namespace

// ---- the public names -------------------------------------------------------------------------------------------

void world::thread(char const* name, std::function<void()> body) { engine().add_thread(name, std::move(body)); }
void world::run() { engine().run_threads(); }
void world::outcome(std::string const& what) { engine().outcome(what); }

void settled(std::initializer_list<std::uint64_t> knows) { engine().settled(knows); }

unsigned choose(unsigned n) { return engine().choose(n); }
void die() { engine().die(); }
void pause() { engine().pause(); }
void external_step(std::function<void()> const& action, place at) { engine().external_step(action, at); }

void fail(char const* format, ...) {
    char text[1000];
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    engine().stop(ending::failed, text);
}

void check(bool holds, char const* otherwise) {
    if (!holds) fail("%s", otherwise);
}

void check_equal(std::uint64_t got, std::uint64_t wanted, char const* what) {
    if (got != wanted)
        fail("%s: %llu where %llu was due", what, static_cast<unsigned long long>(got),
             static_cast<unsigned long long>(wanted));
}

std::vector<scenario>& scenarios() {
    static std::vector<scenario> all;
    return all;
}

add_scenario::add_scenario(std::string name, options allowed, std::function<void(world&)> body) {
    scenarios().push_back({std::move(name), allowed, std::move(body)});
}

result explore(scenario const& which, search const& how) { return engine().explore(which, how); }
result replay(scenario const& which, std::string const& seed) { return engine().replay(which, seed); }

std::vector<site> sites_reached() { return sites == nullptr ? std::vector<site>{} : *sites; }

void forget_hits() {
    if (sites == nullptr) return;
    for (site& one : *sites) one.hits = 0;
}

void weaken(weakening const* what) {
    the_weakening = what;
    if (sites == nullptr) return;
    for (std::size_t i = 0; i < sites->size(); ++i) apply_weakening(i);
}

char const* name_of(detail::kind how) {
    static char const* const names[] = {"load",
                                        "store",
                                        "exchange",
                                        "fetch_add",
                                        "fetch_sub",
                                        "fetch_and",
                                        "fetch_or",
                                        "fetch_xor",
                                        "compare_exchange_weak",
                                        "compare_exchange_strong",
                                        "fence",
                                        "light",
                                        "heavy",
                                        "sleep",
                                        "wake_all",
                                        "wake_some",
                                        "now",
                                        "external"};
    return names[static_cast<unsigned>(how)];
}

char const* name_of(std::memory_order order) {
    switch (order) {
        case std::memory_order_relaxed: return "relaxed";
        case std::memory_order_consume: return "consume";
        case std::memory_order_acquire: return "acquire";
        case std::memory_order_release: return "release";
        case std::memory_order_acq_rel: return "acq_rel";
        case std::memory_order_seq_cst: return "seq_cst";
    }
    return "?";
}

namespace detail {

unsigned register_atomic(std::uint64_t initial, place at) noexcept { return engine().register_atomic(initial, at); }
void forget_atomic(unsigned id) noexcept { engine().forget_atomic(id); }
std::uint64_t load(unsigned id, std::memory_order order, place at) noexcept { return engine().load(id, order, at); }
void store(unsigned id, std::uint64_t value, std::memory_order order, place at) noexcept {
    engine().store(id, value, order, at);
}
std::uint64_t modify(unsigned id, kind how, std::uint64_t operand, std::uint64_t mask, std::memory_order order,
                     place at) noexcept {
    return engine().modify(id, how, operand, mask, order, at);
}
bool compare_exchange(unsigned id, bool weak, std::uint64_t& expected, std::uint64_t desired, std::memory_order success,
                      std::memory_order failure, place at) noexcept {
    return engine().compare_exchange(id, weak, expected, desired, success, failure, at);
}
void fence(std::memory_order order, place at) noexcept { engine().fence(order, at); }
void light_fence(place at) noexcept { engine().asymmetric(kind::light, at); }
void heavy_fence(place at) noexcept { engine().asymmetric(kind::heavy, at); }
bool sleep(unsigned id, std::uint64_t expected, std::int64_t until, bool for_ever, bool for_some, place at) noexcept {
    return engine().sleep(id, expected, until, for_ever, for_some, at);
}
void wake_all(unsigned id, place at) noexcept { engine().wake_all(id, at); }
unsigned wake_some(unsigned id, std::size_t n, place at) noexcept { return engine().wake_some(id, n, at); }
std::int64_t now(place at) noexcept { return engine().now(at); }
std::uintptr_t thread_token() noexcept { return engine().token(); }
bool one_cpu() noexcept { return engine().one_cpu(); }
bool claim_hint(void const* ring, std::uint64_t& end) noexcept { return engine().claim_hint(ring, end); }
void keep_claim_hint(void const* ring, std::uint64_t end) noexcept { engine().keep_claim_hint(ring, end); }
void touch(void const* address, access how, bool has_lifetime, char const* what) noexcept {
    engine().touch(address, how, has_lifetime, what);
}

}  // namespace detail

}  // namespace model

// ---- the arena behind operator new ------------------------------------------------------------------------------

void* operator new(std::size_t n) { return model::allocate(n, alignof(std::max_align_t)); }
void* operator new[](std::size_t n) { return model::allocate(n, alignof(std::max_align_t)); }
void* operator new(std::size_t n, std::align_val_t a) { return model::allocate(n, static_cast<std::size_t>(a)); }
void* operator new[](std::size_t n, std::align_val_t a) { return model::allocate(n, static_cast<std::size_t>(a)); }
void* operator new(std::size_t n, std::nothrow_t const&) noexcept {
    return model::allocate(n, alignof(std::max_align_t));
}
void* operator new[](std::size_t n, std::nothrow_t const&) noexcept {
    return model::allocate(n, alignof(std::max_align_t));
}
void operator delete(void* p) noexcept { model::deallocate(p); }
void operator delete[](void* p) noexcept { model::deallocate(p); }
void operator delete(void* p, std::size_t) noexcept { model::deallocate(p); }
void operator delete[](void* p, std::size_t) noexcept { model::deallocate(p); }
void operator delete(void* p, std::align_val_t) noexcept { model::deallocate(p); }
void operator delete[](void* p, std::align_val_t) noexcept { model::deallocate(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { model::deallocate(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { model::deallocate(p); }
