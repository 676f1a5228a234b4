#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measures the driver beside its floor and beside vpcd, in one run.

Every figure is the median over rounds in which the drivers take turns, so
that a machine whose speed drifts slows all of them alike. Everything runs on
one core. Needs root for vpcd (Debian's package vsmartcard-vpcd), which is
left out where it is not installed.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile

BUILD = os.environ.get("top_builddir", ".")
VPCD = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
PORT = 29471
OURS = f"{BUILD}/ifd/.libs/libifdvscard.so"
FLOOR = f"{BUILD}/tests/bench/.libs/libifdfloor.so"
CARD = f"{BUILD}/tests/bench/bench_card"
PC = f"{BUILD}/tests/bench/bench_pc"
RUN = f"{BUILD}/run/vscard-run"

TCP = f"tcp:127.0.0.1:{PORT}"
UNIX = "unix:/run/pcscd/bench.sock"

# name: driver, floor key, card's mode, endpoint
DRIVERS = {
    "null": (FLOOR, "null", None, UNIX),
    "hop tcp": (FLOOR, "hop", "raw", TCP),
    "hop unix": (FLOOR, "hop", "raw", UNIX),
    "vscard tcp": (OURS, None, "extension", TCP),
    "vscard unix": (OURS, None, "extension", UNIX),
    "stock tcp": (OURS, None, "vscard", TCP),
    "vpcd": (VPCD, None, "vpcd", "tcp:127.0.0.1:35963"),
}
FLOORS = {"vscard tcp": "hop tcp", "stock tcp": "hop tcp",
          "vscard unix": "hop unix", "vpcd": "hop tcp"}

# Debian's vpcd takes 44 ms for an APDU: it gets fewer.
SLOW = {"vpcd": 60}

# name: bench_pc's words, unit, connections, readers on each, who is left out
EXTENDED = ("stock tcp",)
CASES = {
    "5 B": ("apdu 5 0 {n}", "us", 1, 1, ()),
    "256 B command": ("apdu 256 0 {n}", "us", 1, 1, ()),
    "256 B response": ("apdu 5 256 {n}", "us", 1, 1, ()),
    "4 KiB command": ("apdu 4096 0 {n}", "us", 1, 1, EXTENDED),
    "4 KiB response": ("apdu 5 4096 {n}", "us", 1, 1, ()),
    "64 KiB command": ("apdu 65000 0 {n}", "us", 1, 1, EXTENDED),
    "64 KiB response": ("apdu 5 65000 {n}", "us", 1, 1, ()),
    "reset": ("reset {m}", "us", 1, 1, ()),
    "insertion": ("insert {m} $FIFO", "us", 1, 1,
                  ("null", "hop tcp", "hop unix", "vpcd")),
    "1 reader": ("parallel 1 {ms}", "/s", 1, 1, ()),
    "2 readers": ("parallel 2 {ms}", "/s", 2, 1, ()),
    "4 readers": ("parallel 4 {ms}", "/s", 4, 1, ("vpcd",)),
    "8 readers": ("parallel 8 {ms}", "/s", 8, 1, ("vpcd",)),
    "16 readers": ("parallel 16 {ms}", "/s", 16, 1, ("vpcd",)),
    "8 sharing one": ("parallel 8 {ms}", "/s", 1, 8,
                      ("null", "hop tcp", "hop unix", "vpcd")),
    "beside 7 loaded": ("beside 8 {n}", "us", 8, 1, ("vpcd",)),
}

INNER = """
mkfifo $FIFO; exec 9<>$FIFO
{card}
exec taskset -c {core} {pc} {words}
"""
VPCD_CONF = 'FRIENDLYNAME "vpcd"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH %s\n'
VPCD_OUTER = """
mount -t tmpfs none /run && mkdir /run/pcscd && cp "$1" /run/reader.conf || exit 1
taskset -c {core} pcscd -f -c /run/reader.conf >/dev/null 2>&1 &
while ! [ -S /run/pcscd/pcscd.comm ]; do inotifywait -qq -t 1 /run/pcscd; done
FIFO=/run/fifo
{inner}
"""


def inner(card, core, words, connections, readers, endpoint):
    start = ""
    if card:
        start = (f"taskset -c {core} {CARD} {card} {endpoint} {connections} "
                 f"{readers} <&9 &")
    return INNER.format(card=start, core=core, pc=PC, words=words)


def vpcd_command(script, core, folder):
    conf = os.path.join(folder, "reader.conf")
    with open(conf, "w", encoding="ascii") as file:
        file.write(VPCD_CONF % VPCD)
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh",
            "-c", VPCD_OUTER.format(core=core, inner=script), "sh", conf]


def run_command(driver, floor, endpoint, slots, script, core):
    command = ["taskset", "-c", str(core), RUN, "--driver", driver,
               "--listen", endpoint, "--slots", str(slots)]
    if floor:
        command += ["--set", f"floor={floor}"]
    return command + ["--", "sh", "-c", "FIFO=/run/pcscd/fifo\n" + script]


def measure(name, case, args):
    """One run: [median, p99, least] in the case's own unit, or None."""
    driver, floor, card, endpoint = DRIVERS[name]
    words, _, connections, readers, left_out = CASES[case]
    if name in left_out or not os.path.exists(driver):
        return None
    slow = SLOW.get(name, 1)
    words = words.format(n=args.n // slow, m=max(args.m // slow, 5),
                         ms=args.ms)
    script = inner(card, args.core, words, connections, readers, endpoint)
    with tempfile.TemporaryDirectory() as folder:
        if name == "vpcd":
            command = vpcd_command(script, args.core, folder)
        else:
            command = run_command(driver, floor, endpoint,
                                  connections * readers, script, args.core)
        done = subprocess.run(command, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=120,
                              check=False)
    figures = done.stdout.split()
    if done.returncode != 0 or len(figures) != 3:
        print(f"{case}, {name}: {done.stderr.strip()[-300:]}",
              file=sys.stderr)
        return None
    return [float(f) for f in figures]


def row(case, results):
    """The medians of the rounds, with their spread."""
    unit = CASES[case][1]
    scale = 1000 if unit == "us" else 1
    out = {}
    for name, runs in results.items():
        runs = [r for r in runs if r]
        if not runs:
            continue
        medians = [r[0] / scale for r in runs]
        middle = statistics.median(medians)
        out[name] = {
            "median": middle,
            "p99": statistics.median(r[1] / scale for r in runs),
            "spread": (max(medians) - min(medians)) / middle,
            "rounds": len(medians),
        }
    for name, floor in FLOORS.items():
        if name in out and floor in out:
            out[name]["to_floor"] = paired(results[name], results[floor])
    return out


def paired(mine, floor):
    """The median of the rounds' own ratios: drift cancels."""
    return statistics.median(a[0] / b[0] for a, b in zip(mine, floor)
                             if a and b)


def show(case, figures):
    unit = CASES[case][1]
    print(f"\n{case} ({unit})")
    for name, f in figures.items():
        p99 = f"p99 {f['p99']:9.1f}" if unit == "us" else " " * 13
        floor = f"  floor x {f['to_floor']:.3f}" if "to_floor" in f else ""
        print(f"  {name:12} {f['median']:11.1f} ±{f['spread'] * 50:4.0f} %  "
              f"{p99}{floor}", flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--n", type=int, default=3000,
                        help="APDUs a measurement")
    parser.add_argument("--m", type=int, default=100,
                        help="resets or insertions a measurement")
    parser.add_argument("--ms", type=int, default=500,
                        help="length of a throughput measurement")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--driver", action="append", choices=DRIVERS)
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


def main():
    args = arguments()
    report = {"machine": platform.platform(), "cases": {}}
    for case in args.case or CASES:
        results = {name: [] for name in args.driver or DRIVERS}
        for _ in range(args.rounds):
            for name, runs in results.items():
                runs.append(measure(name, case, args))
        report["cases"][case] = row(case, results)
        show(case, report["cases"][case])
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
