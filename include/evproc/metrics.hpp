// SPDX-FileCopyrightText: 2026 The evproc authors
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <evproc/detail/config.hpp>
#include <evproc/extras/dwell_histogram.hpp>
#include <evproc/event_info.hpp>

/// \file
/// Not in the umbrella: who does not measure does not pay for it.

namespace evproc {
inline namespace EVPROC_ABI {

/// What some event processors are doing, as Prometheus reads it (text exposition format 0.0.4).
///
/// add() looks at a processor and notes what it sees, under a name that becomes the label `processor`; text() writes all of
/// it, one family after the other, as the format wants it. Make a page for each scrape:
///
///     evproc::metrics_page page;
///     page.add("orders", orders, {{"site", "A"}});
///     page.add_dwell("orders", orders_dwell);
///     reply(evproc::metrics_page::content_type, page.text());     // or page.write_to(std::cout)
///
/// Any thread may do so while the processors are at work: it costs them nothing. Labels hold any text; bytes that are not
/// UTF-8 become U+FFFD, since one of them would make the scraper refuse the page. Of a label's name, characters other than
/// letters, digits and _ become _. A name must not be given twice, nor be one that the page uses itself: processor, reason,
/// le, quantile. No locale is asked. Throws std::bad_alloc only.
class metrics_page {
public:
    struct label {
        std::string_view name;
        std::string_view value;
    };
    using labels = std::initializer_list<label>;

    /// What to answer with over HTTP.
    static constexpr char const* content_type = "text/plain; version=0.0.4; charset=utf-8";

    /// Notes the counts of an event_processor.
    template <class Processor>
    void add(std::string_view name, Processor const& processor, labels more = {}) {
        stall_info const stall = processor.oldest_uncommitted();
        processors_.push_back({to_text(name, more), processor.stats(), processor.size_approx(), processor.capacity(),
                               stall ? static_cast<std::uint64_t>(stall.age.count()) : 0});
    }

    /// Notes a dwell-time histogram, to be written as a Prometheus histogram: evproc_dwell_seconds, with a bucket for each
    /// power of two from 1 us to 17 s. Histograms of many processors can be added up.
    void add_dwell(std::string_view name, dwell_histogram const& dwell, labels more = {});

    /// Notes the same as a Prometheus summary: evproc_dwell_quantile_seconds, with the quantiles 0.5, 0.9, 0.99, 0.999 and 1
    /// of all that was recorded since the beginning, each at most 12.5 % too high.
    void add_dwell_summary(std::string_view name, dwell_histogram const& dwell, labels more = {});

    /// The page.
    [[nodiscard]] std::string text() const;

    /// Writes the page to a std::ostream, or to whatever else has write(char const*, n).
    template <class Stream>
    void write_to(Stream& stream) const {
        std::string const page = text();
        stream.write(page.data(), static_cast<std::ptrdiff_t>(page.size()));
    }

private:
    struct processor_sample {
        std::string labels;
        processor_stats stats;
        std::uint64_t depth;
        std::uint64_t capacity;
        std::uint64_t stalled_for;  // nanoseconds
    };

    // The buckets end where steps of dwell_histogram end, so that their counts are exact.
    static constexpr unsigned first_bucket = 10;  // 2^10 - 1 ns
    static constexpr std::size_t bucket_count = 25;
    struct dwell_sample {
        std::string labels;
        std::array<std::uint64_t, bucket_count> not_above;
        std::uint64_t count;
        std::uint64_t sum;
    };

    struct quantile {
        char const* name;
        double percent;
    };
    static constexpr std::array<quantile, 5> quantiles{
        {{"0.5", 50}, {"0.9", 90}, {"0.99", 99}, {"0.999", 99.9}, {"1", 100}}};
    struct summary_sample {
        std::string labels;
        std::array<std::uint64_t, quantiles.size()> values;
        std::uint64_t count;
        std::uint64_t sum;
    };

    static std::string to_text(std::string_view name, labels more);
    static void append_label(std::string& to, std::string_view name, std::string_view value);
    static void append_value(std::string& to, std::string_view value);
    static std::size_t utf8_size(std::string_view s) noexcept;
    static std::string seconds(std::uint64_t nanoseconds);

    static void append_family(std::string& to, char const* name, char const* type, char const* help);
    static void append_sample(std::string& to, std::string_view name, std::string_view labels, std::string_view extra,
                              std::string_view value);

    void append_processors(std::string& to) const;
    void append_dwell(std::string& to) const;
    void append_dwell_summary(std::string& to) const;

    std::vector<processor_sample> processors_;
    std::vector<dwell_sample> dwells_;
    std::vector<summary_sample> summaries_;
};

inline void metrics_page::add_dwell(std::string_view name, dwell_histogram const& dwell, labels more) {
    dwell_sample sample{to_text(name, more), {}, 0, dwell.sum()};
    std::size_t bucket = 0;
    for (std::size_t step = 0; step != dwell_histogram::steps(); ++step) {
        sample.count += dwell.count_in(step);
        if (bucket != bucket_count &&
            dwell_histogram::last_of(step) == (std::uint64_t{1} << (first_bucket + bucket)) - 1)
            sample.not_above[bucket++] = sample.count;
    }
    dwells_.push_back(std::move(sample));
}

inline void metrics_page::add_dwell_summary(std::string_view name, dwell_histogram const& dwell, labels more) {
    summary_sample sample{to_text(name, more), {}, dwell.count(), dwell.sum()};
    for (std::size_t i = 0; i != quantiles.size(); ++i) sample.values[i] = dwell.percentile(quantiles[i].percent);
    summaries_.push_back(std::move(sample));
}

inline std::string metrics_page::text() const {
    std::string page;
    append_processors(page);
    append_dwell(page);
    append_dwell_summary(page);
    return page;
}

inline void metrics_page::append_processors(std::string& to) const {
    if (processors_.empty()) return;
    auto const family = [&](char const* name, char const* type, char const* help, auto value,
                            std::string_view extra = {}) {
        append_family(to, name, type, help);
        for (processor_sample const& sample : processors_) append_sample(to, name, sample.labels, extra, value(sample));
    };
    auto const number = [](auto member) {
        return [member](processor_sample const& sample) { return std::to_string(member(sample)); };
    };
    family("evproc_committed_total", "counter", "Events made visible to the consumer.",
           number([](auto const& sample) { return sample.stats.committed; }));
    family("evproc_consumed_total", "counter", "Events consumed.",
           number([](auto const& sample) { return sample.stats.consumed; }));
    family("evproc_discarded_total", "counter", "Places that were reserved and given up.",
           number([](auto const& sample) { return sample.stats.discarded; }));
    family("evproc_refused_total", "counter", "Reservations that were refused at once, by reason.",
           number([](auto const& sample) { return sample.stats.refused; }), "reason=\"full\"");
    family("evproc_waits_total", "counter", "Reservations that had to wait for room.",
           number([](auto const& sample) { return sample.stats.full_waits; }));
    family("evproc_parks_total", "counter", "How often a waiting thread, of either side, went to sleep.",
           number([](auto const& sample) { return sample.stats.parks; }));
    family("evproc_depth", "gauge", "Slots in use: reserved and not yet consumed.",
           number([](auto const& sample) { return sample.depth; }));
    family("evproc_capacity", "gauge", "Slots there are.",
           number([](auto const& sample) { return sample.capacity; }));
    family("evproc_depth_high_watermark", "gauge", "The most slots in use that the consumer has seen.",
           number([](auto const& sample) { return sample.stats.max_depth; }));
    family("evproc_oldest_uncommitted_seconds", "gauge",
           "How long the consumer has been standing before a place that is reserved and not committed; 0: it is not.",
           [](auto const& sample) { return seconds(sample.stalled_for); });
}

inline void metrics_page::append_dwell(std::string& to) const {
    if (dwells_.empty()) return;
    append_family(to, "evproc_dwell_seconds", "histogram", "How long events were on the way.");
    for (dwell_sample const& sample : dwells_) {
        for (std::size_t i = 0; i != bucket_count; ++i) {
            std::string const limit = seconds((std::uint64_t{1} << (first_bucket + i)) - 1);
            append_sample(to, "evproc_dwell_seconds_bucket", sample.labels, "le=\"" + limit + '"',
                          std::to_string(sample.not_above[i]));
        }
        std::string const count = std::to_string(sample.count);
        append_sample(to, "evproc_dwell_seconds_bucket", sample.labels, "le=\"+Inf\"", count);
        append_sample(to, "evproc_dwell_seconds_sum", sample.labels, {}, seconds(sample.sum));
        append_sample(to, "evproc_dwell_seconds_count", sample.labels, {}, count);
    }
}

inline void metrics_page::append_dwell_summary(std::string& to) const {
    if (summaries_.empty()) return;
    append_family(to, "evproc_dwell_quantile_seconds", "summary", "How long events were on the way, since the beginning.");
    for (summary_sample const& sample : summaries_) {
        for (std::size_t i = 0; i != quantiles.size(); ++i)
            append_sample(to, "evproc_dwell_quantile_seconds", sample.labels,
                          std::string{"quantile=\""} + quantiles[i].name + '"', seconds(sample.values[i]));
        append_sample(to, "evproc_dwell_quantile_seconds_sum", sample.labels, {}, seconds(sample.sum));
        append_sample(to, "evproc_dwell_quantile_seconds_count", sample.labels, {}, std::to_string(sample.count));
    }
}

inline void metrics_page::append_family(std::string& to, char const* name, char const* type, char const* help) {
    to.append("# HELP ").append(name).append(" ").append(help).append("\n");
    to.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

inline void metrics_page::append_sample(std::string& to, std::string_view name, std::string_view labels,
                                        std::string_view extra, std::string_view value) {
    to.append(name).append("{").append(labels);
    if (!extra.empty()) to.append(",").append(extra);
    to.append("} ").append(value).append("\n");
}

inline std::string metrics_page::to_text(std::string_view name, labels more) {
    std::string text;
    append_label(text, "processor", name);
    for (label const& each : more) append_label(text, each.name, each.value);
    return text;
}

inline void metrics_page::append_label(std::string& to, std::string_view name, std::string_view value) {
    if (!to.empty()) to.push_back(',');
    std::size_t const start = to.size();
    for (char const c : name) {
        bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool const digit = c >= '0' && c <= '9' && to.size() != start;  // not at the beginning
        to.push_back(letter || digit ? c : '_');
    }
    if (to.size() == start) to.push_back('_');
    to.append("=\"");
    append_value(to, value);
    to.push_back('"');
}

inline void metrics_page::append_value(std::string& to, std::string_view value) {
    while (!value.empty()) {
        std::size_t const size = utf8_size(value);
        switch (value.front()) {
            case '\\': to.append("\\\\"); break;
            case '"': to.append("\\\""); break;
            case '\n': to.append("\\n"); break;
            default:
                if (size == 0) to.append("\xEF\xBF\xBD");
                else to.append(value.substr(0, size));
        }
        value.remove_prefix(size == 0 ? 1 : size);
    }
}

/// How many bytes at the front are one valid UTF-8 character (RFC 3629); 0: none.
inline std::size_t metrics_page::utf8_size(std::string_view s) noexcept {
    auto const in = [&](std::size_t i, unsigned low, unsigned high) {
        return i < s.size() && static_cast<unsigned char>(s[i]) >= low && static_cast<unsigned char>(s[i]) <= high;
    };
    if (in(0, 0x00, 0x7F)) return 1;
    if (in(0, 0xC2, 0xDF)) return in(1, 0x80, 0xBF) ? 2 : 0;
    if (in(0, 0xE0, 0xEF)) {
        unsigned const low = in(0, 0xE0, 0xE0) ? 0xA0 : 0x80;   // not the long form of something shorter
        unsigned const high = in(0, 0xED, 0xED) ? 0x9F : 0xBF;  // not a surrogate
        return in(1, low, high) && in(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (in(0, 0xF0, 0xF4)) {
        unsigned const low = in(0, 0xF0, 0xF0) ? 0x90 : 0x80;
        unsigned const high = in(0, 0xF4, 0xF4) ? 0x8F : 0xBF;  // not above U+10FFFF
        return in(1, low, high) && in(2, 0x80, 0xBF) && in(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

/// Exactly, and without a locale's decimal point.
inline std::string metrics_page::seconds(std::uint64_t nanoseconds) {
    std::string fraction = std::to_string(nanoseconds % 1'000'000'000);
    fraction.insert(0, 9 - fraction.size(), '0');
    fraction.erase(fraction.find_last_not_of('0') + 1);
    std::string text = std::to_string(nanoseconds / 1'000'000'000);
    if (!fraction.empty()) text.append(".").append(fraction);
    return text;
}

}  // namespace EVPROC_ABI
}  // namespace evproc
