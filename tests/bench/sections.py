# SPDX-License-Identifier: BSD-2-Clause
"""What is not a time per turn: each section runs a program of its own, keeps
what it says for the JSON, and has a table."""

import statistics
import subprocess

import rig
from rig import BUILD, CLIENT, LIBRARIES, RUN, Broken

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


SECTIONS = {
    "signing": (sign, sign_lines),
}


def run(name, args):
    return SECTIONS[name][0](args)


def lines(name, figures):
    yield ""
    yield from SECTIONS[name][1](figures)
