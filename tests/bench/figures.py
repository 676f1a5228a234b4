# SPDX-License-Identifier: BSD-2-Clause
"""From what was measured to medians, spreads and ratios.

A case holds, for each driver, rounds; a round is a list of turns; a turn is
the list of what was measured in it, or None where the driver sat it out. A
negative measurement is something that pcscd has not noticed at all.
"""

import math
import statistics

from cases import CASES, PEERS, floor_of


def middle(turn):
    done = [s for s in turn or () if s >= 0]
    return statistics.median(done) if done else None


def round_median(turns):
    medians = [m for m in map(middle, turns) if m]
    return statistics.median(medians) if medians else None


def round_ratio(turns, *floors):
    """Of turns that followed each other, so that drift cancels."""
    ratios = []
    for mine, *theirs in zip(turns, *floors):
        mine, theirs = middle(mine), [middle(turn) for turn in theirs]
        if mine and all(theirs):
            ratios.append(mine / sum(theirs))
    return statistics.median(ratios) if ratios else None


def spread(values):
    """Half of the way from the least to the most, of the median."""
    return (max(values) - min(values)) / 2 / statistics.median(values)


def error(values):
    """The standard error of their median, of the median."""
    if len(values) < 3:
        return math.inf
    deviation = statistics.stdev(values) / statistics.median(values)
    return 1.253 * deviation / math.sqrt(len(values))


def summary(values):
    return {"median": statistics.median(values), "spread": spread(values),
            "rounds": values}


def ratio(case, name, others):
    """To the sum of the others, or None."""
    if not others or name in others or any(o not in case for o in others):
        return None
    ratios = [round_ratio(*turns) for turns
              in zip(case[name], *(case[o] for o in others))]
    ratios = [r for r in ratios if r]
    return {"of": list(others), **summary(ratios)} if ratios else None


def percentile(samples, part):
    samples = sorted(samples)
    return samples[min(int(len(samples) * part), len(samples) - 1)]


def driver_figures(title, case, name):
    scale = 1000 if CASES[title].unit == "us" else 1
    samples = [s / scale for turns in case[name] for turn in turns
               for s in turn or ()]
    done = [s for s in samples if s >= 0]
    if not done:
        return None
    medians = [m / scale for m in map(round_median, case[name]) if m]
    figures = {"unit": CASES[title].unit, **summary(medians),
               "p99": percentile(done, 0.99), "least": min(done),
               "samples": len(samples), "missed": len(samples) - len(done)}
    figures["to_floor"] = ratio(case, name, floor_of(name, title))
    for peer in PEERS:
        figures[f"to_{peer.replace(' ', '_')}"] = ratio(case, name, (peer,))
    return figures


def case_figures(title, case):
    figures = {name: driver_figures(title, case, name) for name in case}
    return {name: f for name, f in figures.items() if f}


def unsettled(figures, limit):
    """How many of our own ratios are not known that well yet."""
    return sum(error(f["to_floor"]["rounds"]) > limit
               for case in figures.values() for name, f in case.items()
               if f["to_floor"] and name not in PEERS)


def ratio_text(figures):
    if not figures:
        return " " * 12
    return f"{figures['median']:6.3f} ±{figures['spread'] * 100:3.0f}%"


def lines(title, figures):
    """The case as a table."""
    unit = CASES[title].unit
    yield ""
    yield (f"{title + ', ' + unit:24} {'median':>9}         {'p99':>9}"
           f"   {'x floor':^12} {'x vpcd':^12} {'x other vpcd':^12}").rstrip()
    for name, f in figures.items():
        p99 = f"{f['p99']:9.1f}" if unit == "us" else " " * 9
        yield (f"  {name:22} {f['median']:9.1f} ±{f['spread'] * 100:3.0f}%  "
               f"{p99}   {ratio_text(f['to_floor'])} "
               f"{ratio_text(f['to_vpcd'])} "
               f"{ratio_text(f['to_other_vpcd'])}").rstrip()
        if f["missed"]:
            yield (f"    {f['missed']} of {f['samples']} were not noticed "
                   "at all")
