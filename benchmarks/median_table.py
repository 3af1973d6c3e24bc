#!/usr/bin/env python3
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
"""Prints the table of the comparison's figures from several runs on one machine, as Markdown.

    median_table.py comparison-1.json comparison-2.json comparison-3.json

The ratio is the median of the runs' ratios; the times are those of the run that had it. A figure counts as held if that
median reaches it: what one run says is not enough.
"""

import json
import sys


def main():
    runs = []
    machines = []
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as file:
            run = json.load(file)
        runs.append({figure["work"]: figure for figure in run["figures"]})
        machines.append(run["machine"]["cpu"])
    if not runs:
        sys.exit(__doc__)
    if len(set(machines)) != 1:
        sys.exit("these runs are of different machines: " + ", ".join(sorted(set(machines))))
    print(f"{machines[0]}, {len(runs)} runs\n")
    print("| work | best peer | ns | ours | ns | ratio | of the runs | to reach | held |")
    print("|---|---|---|---|---|---|---|---|---|")
    for work in runs[0]:
        figures = sorted((run[work] for run in runs if work in run), key=lambda figure: figure["ratio"])
        middle = figures[len(figures) // 2]
        least = middle["to_reach"]
        held = "" if least == 0 else "yes" if middle["ratio"] >= least else "no"
        print(f"| {work} | {middle['peer']} | {middle['peer_ns']:.4g} | {middle['ours']} | {middle['ours_ns']:.4g} "
              f"| {middle['ratio']:.2f} | {figures[0]['ratio']:.2f} - {figures[-1]['ratio']:.2f} "
              f"| {f'{least:.2f}' if least else ''} | {held} |")


if __name__ == "__main__":
    main()
