#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Draws what bench.py has written with --json: plot.py JSON SVG-OR-PNG."""

import json
import subprocess
import sys

COLOURS = {
    "hop tcp": "#9aa5b1", "hop unix": "#cbd2d9", "watch tcp": "#9aa5b1",
    "vscard tcp": "#1f6fb2", "vscard unix": "#5aa9e6", "stock tcp": "#2a9d8f",
    "vpcd": "#d1495b", "other vpcd": "#edae49",
}
NAMES = {"hop tcp": "floor, TCP", "hop unix": "floor, Unix",
         "watch tcp": "floor, TCP", "vscard tcp": "vscard, TCP",
         "vscard unix": "vscard, Unix", "stock tcp": "vscard, stock peer",
         "vpcd": "vpcd 3.3", "other vpcd": "vpcd, newest"}
SIZES = ("5 B", "256 B command", "256 B response", "4 KiB command",
         "4 KiB response", "64 KiB command", "64 KiB response")
READERS = (1, 2, 4, 8, 16)
RATES = ("1 reader", "2 readers", "4 readers", "8 readers", "16 readers")
MOVES = ("insertion", "removal", "swap", "reset")

HEAD = """
set terminal {terminal} size 1000,1060 enhanced font "sans,12"
set output "{output}"
set multiplot layout 3,1 margins 0.085,0.98,0.05,0.96 spacing 0.105
set style data histogram
set style histogram clustered gap 1
set style fill solid noborder
set boxwidth 0.9
set border 3 lc rgb "#52606d"
set tics nomirror out
set grid y lc rgb "#e4e7eb" lw 1
set key inside top center horizontal samplen 1.5 width 2
"""


def median(report, case, name):
    figures = report["cases"].get(case, {})
    if name == "watch tcp":  # the floor, where cards come and go
        name = name if name in figures else "hop tcp"
    figures = figures.get(name)
    return f"{figures['median']:.2f}" if figures else "NaN"


def block(report, tag, names, cases, labels):
    """A table for gnuplot: a line a case, a column a driver."""
    rows = [" ".join([json.dumps(label).replace(" B ", " B\\n")
                      .replace("KiB ", "KiB\\n")] + [median(report, case, name)
                                                         for name in names])
            for case, label in zip(cases, labels)]
    return f"${tag} << END\n" + "\n".join(rows) + "\nEND\n"


def bars(tag, names):
    return "plot " + ", ".join(
        f"${tag} using {i + 2}{':xtic(1)' if i == 0 else ''} "
        f"lc rgb \"{COLOURS[name]}\" title \"{NAMES[name]}\""
        for i, name in enumerate(names)) + "\n"


def curves(tag, names):
    return "plot " + ", ".join(
        f"${tag} using 1:{i + 2} with linespoints pt 7 ps 0.7 lw 2 "
        f"lc rgb \"{COLOURS[name]}\" title \"{NAMES[name]}\""
        for i, name in enumerate(names)) + "\n"


def ceiling(report, cases, names):
    """Room for the names above the highest."""
    return 1.22 * max(report["cases"][case][name]["median"] for case in cases
                      for name in names if name in report["cases"][case])


def there(report, names):
    return [name for name in names
            if any(name in case for case in report["cases"].values())]


def script(report, output):
    trips = there(report, ("hop tcp", "vscard tcp", "other vpcd", "hop unix",
                           "vscard unix"))
    rates = there(report, ("hop tcp", "vscard tcp", "other vpcd", "hop unix",
                           "vscard unix"))
    moves = there(report, ("watch tcp", "vscard tcp", "vscard unix", "vpcd",
                           "other vpcd"))
    terminal = "svg dynamic background \"white\""
    if output.endswith(".png"):
        terminal = "pngcairo"
    return "".join([
        HEAD.format(terminal=terminal, output=output),
        'set title "One APDU, there and back: median, µs (vpcd 3.3: 44 000, but '
        'for the 64 KiB command)"\n',
        f"set yrange [0:{ceiling(report, SIZES, trips)}]\n",
        block(report, "trips", trips, SIZES, SIZES), bars("trips", trips),
        'set title "Readers in parallel: APDUs a second of all together (vpcd '
        '3.3: 20 a reader)"\n',
        'set logscale x 2\nset xrange [0.9:17.5]\nset xtics (1, 2, 4, 8, 16)\n',
        f"set yrange [0:{ceiling(report, RATES, rates)}]\n",
        block(report, "rates", rates, RATES, READERS),
        curves("rates", rates),
        'set title "Cards that come and go, and connect-reset-disconnect: '
        'median, µs, logarithmic"\n',
        "unset logscale x\nset xtics auto\nset xrange [*:*]\n"
        "set logscale y\nset yrange [10:20000000]\n"
        'set format y "10^{%T}"\nset ytics 10\n',
        block(report, "moves", moves, MOVES, MOVES), bars("moves", moves),
        "unset multiplot\n"])


def main():
    source, output = sys.argv[1:3]
    try:
        with open(source, encoding="utf-8") as file:
            report = json.load(file)
    except OSError as why:
        sys.exit(f"plot: {why}; `make bench` writes it")
    try:
        subprocess.run(["gnuplot", "-"], input=script(report, output),
                       text=True, check=True)
    except FileNotFoundError:
        sys.exit("plot: there is no gnuplot; install the package gnuplot-nox")


if __name__ == "__main__":
    main()
