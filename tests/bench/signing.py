#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a signature by a security key costs beside libcrypto's own time.

A GENERAL AUTHENTICATE through SCardTransmit may take libcrypto's time and 15 %
and the round trip of a small command. Card and libcrypto take turns, on one
core; every figure is the median over rounds. Needs yubico-piv-tool.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

BUILD = os.environ.get("top_builddir", ".")
LIMIT = 1.15

# name: of libcrypto, of yubico-piv-tool, PIV's algorithm
KEYS = {
    "RSA-2048": ("rsa2048", "RSA2048", "07"),
    "P-256": ("p256", "ECCP256", "11"),
}

INNER = """
yubico-piv-tool -r vscard -a generate -s 9e -A {tool} --pin-policy=never \
    --touch-policy=never >/dev/null 2>&1 || exit 1
for round in $(seq {rounds}); do
    {build}/tests/bench/bench_evp {evp} {n} &&
    {build}/tests/bench/bench_pc sign {piv} 9e {n} || exit 1
done
"""


def measure(name, args):
    """Rounds of (libcrypto, transmit, small command), in microseconds."""
    evp, tool, piv = KEYS[name]
    script = INNER.format(tool=tool, evp=evp, piv=piv, build=BUILD, n=args.n,
                          rounds=args.rounds)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["taskset", "-c", str(args.core), f"{BUILD}/run/vscard-run",
             "--driver", f"{BUILD}/ifd/.libs/libifdvscard.so", "--vscclient",
             f"{BUILD}/vscclient/vscclient", "--card", f"key:{folder}/a.key",
             "--", "sh", "-c", script],
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
            timeout=600, check=False)
    if done.returncode != 0:
        sys.exit(f"{name}: {done.stderr.strip()[-300:]}")
    medians = [int(line.split()[0]) / 1000
               for line in done.stdout.splitlines()]
    return list(zip(medians[0::3], medians[1::3], medians[2::3]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--n", type=int, default=500,
                        help="signatures a measurement")
    parser.add_argument("--core", type=int, default=0)
    args = parser.parse_args()
    worst = 0
    print("us          libcrypto   transmit  small command   "
          "(transmit - small) / libcrypto")
    for name in KEYS:
        rounds = measure(name, args)
        ratio = statistics.median((t - s) / c for c, t, s in rounds)
        worst = max(worst, ratio)
        middle = [statistics.median(column) for column in zip(*rounds)]
        print(f"{name:10} {middle[0]:10.1f} {middle[1]:10.1f} "
              f"{middle[2]:14.1f}   {ratio:.3f}", flush=True)
    print(f"the limit is {LIMIT}: {'kept' if worst <= LIMIT else 'broken'}")
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
