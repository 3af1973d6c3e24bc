#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT
"""Prints the table of the comparison's figures from several runs, as Markdown.

    median_table.py comparison-1.json comparison-2.json comparison-3.json

The ratio is the median of the runs' ratios; the times are those of the run that had it.
"""

import json
import sys


def main():
    runs = []
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as file:
            runs.append({figure["work"]: figure for figure in json.load(file)["figures"]})
    if not runs:
        sys.exit(__doc__)
    print("| work | best peer | ns | ours, ns | ratio | of the runs | to reach |")
    print("|---|---|---|---|---|---|---|")
    for work in runs[0]:
        figures = sorted((run[work] for run in runs if work in run), key=lambda figure: figure["ratio"])
        middle = figures[len(figures) // 2]
        print(f"| {work} | {middle['peer']} | {middle['peer_ns']:.4g} | {middle['ours_ns']:.4g} | {middle['ratio']:.2f} "
              f"| {figures[0]['ratio']:.2f} - {figures[-1]['ratio']:.2f} | {middle['to_reach']:.2f} |")


if __name__ == "__main__":
    main()
