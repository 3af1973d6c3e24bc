#!/usr/bin/env python3
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
"""Draws SVG charts from the benchmarks' JSON files, with nothing but Python's own library.

    charts.py --comparison comparison.json --benchmarks FOLDER --out FOLDER

Charts: throughput by producers (also on many CPUs), by batch size, delays by percentile, and under load. A file that is missing leaves its chart out;
where another queue is ahead of ours, it is drawn ahead of ours.
"""

import argparse
import html
import json
import math
import os

COLOURS = ["#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"]
OURS = ["evproc", "evproc_one", "evproc_queue"]  # of our ways to consume, those that are drawn
WIDTH, HEIGHT = 800, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 250, 62, 52


def nice_ticks(low, high, logarithmic):
    if logarithmic:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        return [10.0**power for power in range(first, last + 1)]
    step = 10.0 ** math.floor(math.log10(high / 4))
    while high / step > 6:
        step *= 2 if high / step <= 12 else 5
    return [step * number for number in range(0, int(math.ceil(high / step)) + 1)]


def label(value):
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:g}{unit}"
    return f"{value:g}"


def chart(title, note, x_title, y_title, series, logarithmic=False):
    """series: [(name, [(x label, y)])], ours first. One x position a label, in order of appearance."""
    names = []
    for _, points in series:
        names += [x for x, _ in points if x not in names]
    values = [y for _, points in series for _, y in points if y and y > 0]
    ticks = nice_ticks(min(values), max(values), logarithmic)
    low, high = ticks[0], ticks[-1]
    plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at_x(name):
        return LEFT + plot_width * (names.index(name) + 0.5) / len(names)

    def at_y(value):
        if logarithmic:
            share = (math.log10(value) - math.log10(low)) / (math.log10(high) - math.log10(low))
        else:
            share = (value - low) / (high - low)
        return TOP + plot_height * (1 - share)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="16" font-weight="bold">{html.escape(title)}</text>',
        f'<text x="{LEFT}" y="42" fill="#555555" font-size="11">{html.escape(note)}</text>',
        f'<text x="{LEFT + plot_width / 2}" y="{HEIGHT - 12}" text-anchor="middle">{html.escape(x_title)}</text>',
        f'<text transform="translate(16 {TOP + plot_height / 2}) rotate(-90)" text-anchor="middle">'
        f"{html.escape(y_title)}</text>",
    ]
    for tick in ticks:
        y = at_y(tick)
        out.append(f'<line x1="{LEFT}" x2="{LEFT + plot_width}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>')
        out.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label(tick)}</text>')
    for name in names:
        out.append(f'<text x="{at_x(name):.1f}" y="{TOP + plot_height + 18}" text-anchor="middle">'
                   f"{html.escape(str(name))}</text>")
    for number, (name, points) in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        weight = 3 if number == 0 else 1.5
        places = [(at_x(x), at_y(y)) for x, y in points if y and y > 0]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{weight}"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        y = TOP + 14 + 18 * number
        out.append(f'<line x1="{WIDTH - RIGHT + 12}" x2="{WIDTH - RIGHT + 34}" y1="{y}" y2="{y}" stroke="{colour}" '
                   f'stroke-width="{weight}"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 40}" y="{y + 4}">{html.escape(name)}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


def load(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def machine(comparison):
    facts = comparison["machine"]
    return f"{facts['cpu']}, {facts['cpus']} CPUs, {facts['compiler']}, {facts['build']}"


def of_comparison(comparison, works, peers, family=None):
    """Events per second of ours and the `peers` best queues over works: [(work's name, x label)]."""
    by_name = {work["name"]: work for work in comparison["works"]}
    works = [(name, x) for name, x in works if name in by_name]
    if not works:
        return []
    rates = {}
    for name, x in works:
        for queue in by_name[name]["queues"]:
            if queue["faults"] == 0 and queue["median_ns"] and (not queue["ours"] or queue["name"] in OURS):
                rates.setdefault((not queue["ours"], queue["name"]), []).append((x, 1e9 / queue["median_ns"]))
    if family:
        rates = {key: points for key, points in rates.items() if key[0] or key[1] == family}
    best = sorted((key for key in rates if key[0]), key=lambda key: -sum(rate for _, rate in rates[key]))
    ours = [key for key in sorted(rates) if not key[0] and len(rates[key]) == len(works)]
    return [(name, rates[other, name]) for other, name in ours + best[:peers]]


def medians(benchmarks, prefix):
    """Google Benchmark's medians: {rest of the name: entry}."""
    found = {}
    for entry in benchmarks["benchmarks"]:
        name = entry.get("run_name", entry["name"])
        if entry.get("aggregate_name", "median") == "median" and name.startswith(prefix + "/"):
            rest = [part for part in name[len(prefix) + 1:].split("/")
                    if not part.startswith(("iterations:", "repeats:", "manual_time"))]
            found["/".join(rest)] = entry
    return found


def to_ns(entry):
    return entry["real_time"] * {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[entry["time_unit"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparison", required=True)
    parser.add_argument("--benchmarks", required=True)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)

    def save(name, text):
        with open(os.path.join(arguments.out, name), "w", encoding="utf-8") as file:
            file.write(text)
        print(os.path.join(arguments.out, name))

    comparison = load(arguments.comparison)
    if comparison:
        note = machine(comparison)
        by_producers = of_comparison(
            comparison, [("1p1c_8", "1"), ("2p_8", "2"), ("4p_8", "4"), ("8p_8", "8")], 6)
        if by_producers:
            save("throughput_by_producers.svg",
                 chart("8-byte events, single, many producers to one consumer", note, "producers",
                       "events per second (more is better)", by_producers))
        by_cores = of_comparison(comparison, [(f"many_{count}p", str(count)) for count in range(1, 16)], 6)
        if by_cores:
            save("throughput_by_cores.svg",
                 chart("8-byte events, each thread on a CPU of its own", note, "producers",
                       "events per second (more is better)", by_cores))
        by_batch = of_comparison(comparison, [("1p1c_8", "1"), ("batch_8", "8"), ("batch_64", "64")], 6)
        if by_batch:
            save("throughput_by_batch.svg",
                 chart("8-byte events, one producer, by batch size", note, "events per batch",
                       "events per second (more is better)", by_batch))
    under_load = load(os.path.join(arguments.benchmarks, "under_load.json"))
    if under_load:
        series = {}
        for entry in under_load["under_load"]:
            series.setdefault(entry["queue"], []).extend(
                (f"{entry['percent']} % {share}", entry[share]) for share in ("p50", "p99"))
        save("under_load.svg",
             chart("One-way delays (p50, p99) at shares of each queue's peak rate", machine(under_load), "load and percentile",
                   "ns (less is better)", list(series.items()), logarithmic=True))
    delays = load(os.path.join(arguments.benchmarks, "ping_pong_latency.json"))
    if delays:
        context = delays["context"]
        note = f"{context.get('cpu', '')}, {context.get('compiler', '')}, {context.get('evproc_build', '')}"
        shares = [("p50", "p50"), ("p99", "p99"), ("p99.9", "p99.9")]

        def percentiles(entry):
            return [(x, entry[counter]) for counter, x in shares if counter in entry]

        trips = [(name, percentiles(entry)) for name, entry in medians(delays, "round_trip").items()]
        one_way = [(name.replace("/every_ns:", ", every ") + " ns", percentiles(entry)) for name, entry in medians(delays, "one_way").items()
                   if name.startswith(("default", "max_batch_1"))]
        if trips:
            save("round_trip.svg", chart("Round trip of one event through two rings", note, "percentile",
                                         "ns (less is better)", trips, logarithmic=True))
        if one_way:
            save("one_way.svg", chart("One way, while events keep coming", note, "percentile",
                                      "ns (less is better)", one_way, logarithmic=True))


if __name__ == "__main__":
    main()
