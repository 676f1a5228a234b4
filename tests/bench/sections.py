# SPDX-License-Identifier: BSD-2-Clause
"""What is not a time per turn: each section runs a program of its own, keeps
what it says for the JSON, and has a table."""

import json
import os
import statistics
import subprocess
import sys
import tempfile

import rig
from rig import BUILD, CLIENT, LIBRARIES, RUN, Broken

COUNTS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "counts.py")
SIGN = f"{BUILD}/tests/bench/bench_sign"


def program(*command):
    """The lines that it prints."""
    done = subprocess.run([str(word) for word in command], text=True,
                          capture_output=True, check=False,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Broken(f"{command[0]}: {done.stderr.strip()[-500:]}")
    return done.stdout.splitlines()


def sign(args):
    """The card's signature, and what it consists of, in microseconds."""
    results = {}
    for _ in range(args.rounds or 3):
        for line in program(RUN, "--driver", LIBRARIES["ours"], "--vscclient",
                            CLIENT, "--card", "key", "--", SIGN,
                            50 if args.quick else 500):
            name, *numbers = line.split()
            results.setdefault(name, []).append([float(n) for n in numbers])
    return {name: dict(zip(("card", "trip", "libcrypto"),
                           map(statistics.median, zip(*runs))))
            for name, runs in results.items()}


def sign_lines(figures):
    yield (f"{'PIV signature, us':24} {'card':>9} {'short APDU':>11} "
           f"{'libcrypto':>10} {'rest':>7} {'of libcrypto':>13}")
    for name, f in figures.items():
        rest = f["card"] - f["trip"] - f["libcrypto"]
        yield (f"  {name:22} {f['card']:9.1f} {f['trip']:11.1f} "
               f"{f['libcrypto']:10.1f} {rest:7.1f} "
               f"{rest / f['libcrypto'] * 100:12.1f}%")


def counts(part):
    """A part of counts.py, which prints its table itself."""
    def run_part(args):
        with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
            command = [sys.executable, "-B", COUNTS, "--part", part, "--core",
                       args.core, "--seconds", args.seconds, "--json",
                       file.name]
            for name in args.driver or ():
                command += ["--driver", name]
            done = subprocess.run([str(word) for word in command],
                                  check=False, stdin=subprocess.DEVNULL)
            if done.returncode != 0:
                raise Broken(f"counts.py: part {part} failed")
            return json.load(file)[part]
    return run_part


SECTIONS = {
    "signing": (sign, sign_lines),
    "calls": (counts("apdu"), None),
    "idle": (counts("idle"), None),
    "memory": (counts("memory"), None),
}


def run(name, args):
    return SECTIONS[name][0](args)


def lines(name, figures):
    table = SECTIONS[name][1]
    if table:
        yield ""
        yield from table(figures)
