#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measures the driver beside its floor and beside vpcd, in one run.

In each round the drivers are started anew, all of them, and then take turns
of some milliseconds, so that a machine whose speed drifts slows all of them
alike; ratios are those of neighbouring turns. Rounds are added until the
ratios to the floor are known well enough. Everything runs on one core.

The environment's BENCH_ROUNDS is the same as --rounds.
"""

import argparse
import contextlib
import json
import os
import sys
import time

import machine
import rig
import sections
from cases import CASES, DRIVERS, PEERS
from figures import case_figures, lines, unsettled
from rig import Broken, Rig

QUICK = {"rounds": 1, "turns": 3, "turn": 2.0}
LEAST_ROUNDS, MOST_ROUNDS = 4, 8
RATE_TURN = 8  # turns' lengths in one of a throughput


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, metavar="N",
                        default=int(os.environ.get("BENCH_ROUNDS", "0")),
                        help="that many, not until it is known well enough")
    parser.add_argument("--settle", type=float, default=1.0, metavar="PERCENT",
                        help="the error that a ratio may have (%(default)s)")
    parser.add_argument("--turns", type=int, default=24, metavar="N",
                        help="turns of a driver in a round (%(default)s)")
    parser.add_argument("--turn", type=float, default=8, metavar="MS",
                        help="the length of a turn (%(default)s)")
    parser.add_argument("--quick", action="store_true",
                        help="one short round: to see that it works")
    parser.add_argument("--core", type=int, help="the core to run on")
    parser.add_argument("--case", action="append", choices=CASES,
                        metavar="NAME", help="one of: " + ", ".join(CASES))
    parser.add_argument("--driver", action="append", choices=DRIVERS,
                        metavar="NAME", help="one of: " + ", ".join(DRIVERS))
    parser.add_argument("--section", action="append",
                        choices=sections.SECTIONS, metavar="NAME",
                        help="one of: " + ", ".join(sections.SECTIONS))
    parser.add_argument("--seconds", type=int, default=10, metavar="N",
                        help="of rest, in section idle (%(default)s)")
    parser.add_argument("--vpcd", metavar="PATH",
                        help="one more vpcd, a driver library")
    parser.add_argument("--json", metavar="FILE", help="write the figures")
    args = parser.parse_args()
    if args.quick:
        for key, value in QUICK.items():
            setattr(args, key, value)
    return args


def complain(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def drivers_there(args):
    """Those that were asked for and can run; says what is left out."""
    names = list(args.driver or DRIVERS)
    if args.vpcd:
        rig.LIBRARIES["other"] = os.path.abspath(args.vpcd)
    for name in [n for n in names if n in PEERS]:
        library = rig.LIBRARIES.get(DRIVERS[name].library)
        if library and os.path.exists(library):
            continue
        names.remove(name)
        if name == "vpcd":
            complain("vpcd is left out: the package vsmartcard-vpcd is not "
                     "installed")
        elif library:
            raise Broken(f"there is no {library}")
    return names


def groups(titles):
    """The cases, by the shape of the rigs that they need."""
    shapes = {}
    for title in titles:
        case = CASES[title]
        shapes.setdefault((case.connections, case.readers), []).append(title)
    return shapes


class Turns:
    """How often one driver does it in a turn, and which turns it takes."""

    def __init__(self, one, case, args):
        self.rig = one
        self.case = case
        self.ms = args.turn * RATE_TURN
        self.count = 1
        took = self.clock()
        self.count = int(min(max(args.turn / took, 1), case.most))
        if case.unit == "us" and self.count > 1:
            took = self.clock()
            self.count = int(min(max(args.turn * self.count / took, 1),
                                 case.most))
            took = self.clock()
        own = self.ms if case.unit == "/s" else args.turn
        self.every = max(round(took / own / 2), 1)

    def ask(self):
        return self.rig.ask(self.case.words.format(n=self.count,
                                                   ms=int(self.ms)))

    def clock(self):
        """Milliseconds that a turn takes."""
        start = time.monotonic()
        self.ask()
        return (time.monotonic() - start) * 1000

    def take(self, number):
        return self.ask() if number % self.every == 0 else None


def measure(title, rigs, args):
    """One round of a case: the turns of each driver."""
    case = CASES[title]
    takers = {name: Turns(rigs[name], case, args) for name in case.drivers
              if name in rigs}
    count = args.turns if case.unit == "us" else max(args.turns // 4, 1)
    turns = {name: [] for name in takers}
    names = list(takers)
    for number in range(count):
        for name in names:
            turns[name].append(takers[name].take(number))
        names.append(names.pop(0))  # nobody follows the same one always
    return turns


def run_round(titles, drivers, args, results):
    for (connections, readers), members in groups(titles).items():
        with contextlib.ExitStack() as stack:
            rigs = {}
            for name in drivers:
                if any(name in CASES[title].drivers for title in members):
                    rigs[name] = Rig(name, connections, readers)
                    stack.callback(rigs[name].close)
            for title in members:
                for name, turns in measure(title, rigs, args).items():
                    results[title].setdefault(name, []).append(turns)


def run_cases(titles, drivers, args):
    """All rounds; the figures of each case."""
    most = args.rounds or MOST_ROUNDS
    results = {title: {} for title in titles}
    for number in range(1, most + 1):
        start = time.monotonic()
        run_round(titles, drivers, args, results)
        figures = {t: case_figures(t, case) for t, case in results.items()}
        open_ = unsettled(figures, args.settle / 100)
        complain(f"round {number} took {time.monotonic() - start:.0f} s; "
                 f"{open_} ratios are not known well enough")
        if number >= LEAST_ROUNDS and not open_ and not args.rounds:
            break
    return figures


def run(args):
    machine.require(args)
    if args.core is None:
        args.core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {args.core})
    drivers = drivers_there(args)
    titles = args.case or ([] if args.section else list(CASES))
    report = {"machine": machine.describe(args.core), "cases": {}, "sections": {}}
    if titles:
        report["cases"] = run_cases(titles, drivers, args)
    for title, figures in report["cases"].items():
        print("\n".join(lines(title, figures)), flush=True)
    wanted = args.section or ([] if args.case else list(sections.SECTIONS))
    for name in wanted:
        report["sections"][name] = sections.run(name, args)
        print("\n".join(sections.lines(name, report["sections"][name])),
              flush=True)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
            file.write("\n")


def main():
    try:
        run(arguments())
    except Broken as why:
        complain(why)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
