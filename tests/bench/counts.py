#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Counts what the driver, its floor and vpcd ask of the machine.

apdu    system calls and context switches an APDU, of pcscd and of the peer;
        the driver's own calls are those that the null driver's pcscd lacks
idle    wake-ups and processor time of a minute in which nothing happens, and the
        bytes on loopback, headers and the kernel's own keep-alives among them
memory  of pcscd for one more reader, kB: its PSS but for files, and dirty pages

Unlike times, these differ little from run to run. Each measurement has a
pcscd and a network of its own. Needs strace; and root for vpcd (Debian's
package vsmartcard-vpcd), which is left out where it is not installed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys

BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
INSIDE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "counts_inside.py")
OURS = f"{BUILD}/ifd/.libs/libifdvscard.so"
FLOOR = f"{BUILD}/tests/bench/.libs/libifdfloor.so"
VPCD = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
VPCD_READERS = 2  # as Debian builds it
TCP = "tcp:127.0.0.1:29471"
UNIX = "unix:/run/pcscd/count.sock"

# name: driver, floor key, the peer's mode, endpoint
DRIVERS = {
    "null": (FLOOR, "events", "none", UNIX),
    "hop tcp": (FLOOR, "hop", "raw", TCP),
    "hop unix": (FLOOR, "hop", "raw", UNIX),
    "vscard tcp": (OURS, None, "extension", TCP),
    "vscard unix": (OURS, None, "extension", UNIX),
    "stock tcp": (OURS, None, "vscard", TCP),
    "vscclient": (OURS, None, "vscclient", TCP),
    "vpcd": (VPCD, None, "vpcd", "tcp:127.0.0.1:35963"),
}

# name: bytes of the command, of the response without its status word
SIZES = {
    "5 B": (5, 0),
    "256 B command": (256, 0),
    "256 B response": (5, 256),
    "64 KiB command": (65000, 0),
    "64 KiB response": (5, 65000),
}
# A stock peer takes 270 bytes, the security key answers 6D 00.
REFUSED = {"stock tcp": ("64 KiB command",),
           "vscclient": ("256 B response", "64 KiB command",
                         "64 KiB response")}

VPCD_OUTER = """
mount -t tmpfs none /run && mkdir /run/pcscd || exit 1
printf 'FRIENDLYNAME "vpcd"\\nDEVICENAME /dev/null:0x8C7B\\nLIBPATH %s\\n' \\
    "$1" >/run/reader.conf
shift
pcscd -f -c /run/reader.conf >/dev/null 2>&1 &
exec "$@"
"""


def around(name, readers, inner):
    """The command that runs `inner` beside a pcscd with that driver."""
    driver, floor, _, endpoint = DRIVERS[name]
    if name == "vpcd":
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child",
                "--mount-proc", "sh", "-c", VPCD_OUTER, "sh", VPCD] + inner
    command = [f"{BUILD}/run/vscard-run", "--driver", driver,
               "--listen", endpoint, "--slots", str(readers)]
    if floor:
        command += ["--set", f"floor={floor}"]
    return command + ["--"] + inner


def measure(name, part, readers, args, *words):
    """What counts_inside.py finds, or None."""
    _, _, peer, endpoint = DRIVERS[name]
    inner = [sys.executable, INSIDE, part, peer, endpoint, str(readers)]
    inner += [str(word) for word in words]
    command = ["unshare", "--net"]
    if os.getuid() != 0:
        command.append("--map-root-user")
    command += [sys.executable, INSIDE, "network"]
    command += ["taskset", "-c", str(args.core)]
    command += around(name, readers, inner)
    done = subprocess.run(command, capture_output=True, text=True,
                          env=os.environ | {"top_builddir": BUILD},
                          stdin=subprocess.DEVNULL, check=False,
                          timeout=300 + args.seconds)
    if done.returncode != 0:
        print(f"{part}, {name}: {done.stderr.strip()[-600:]}",
              file=sys.stderr)
        return None
    return json.loads(done.stdout)


def own_calls(calls, null):
    """What is beyond the null driver's, name by name."""
    beyond = {call: round(n - null.get(call, 0), 2)
              for call, n in calls.items()}
    return {call: n for call, n in beyond.items() if abs(n) >= 0.05}


def count_apdu(args):
    out = {}
    for size, (command, response) in SIZES.items():
        out[size] = {}
        for name in args.driver:
            if size in REFUSED.get(name, ()):
                continue
            n = args.n // 10 if name == "vpcd" else args.n
            found = measure(name, "apdu", 1, args, n, command, response)
            if found:
                out[size][name] = found
        show_apdu(size, out[size])
    return out


def words(calls):
    return ", ".join(f"{name} {n:g}" for name, n in
                     sorted(calls.items(), key=lambda c: -c[1]))


def show_apdu(size, row):
    print(f"\n{size}: system calls and context switches an APDU")
    for name, found in row.items():
        if "null" in row:
            found["driver"] = own_calls(found["pcscd"]["calls"],
                                        row["null"]["pcscd"]["calls"])
        for who in ("pcscd", "peer"):
            f = found.get(who)
            if not f:
                continue
            calls = found.get("driver", {}) if who == "pcscd" else f["calls"]
            print(f"  {name:12} {who:5} {sum(f['calls'].values()):6.2f} calls"
                  f" {f['voluntary']:6.2f} sleeps {f['involuntary']:6.2f}"
                  f" preempted  {words(calls)}", flush=True)


def count_idle(args):
    out = {}
    print(f"\n{args.readers} idle cards, a minute (of {args.seconds} s)")
    for name in args.driver:
        readers = VPCD_READERS if name == "vpcd" else args.readers
        found = measure(name, "idle", readers, args, args.seconds)
        if not found:
            continue
        out[name] = found
        scale = 60 / found["seconds"]
        line = ""
        for who in ("pcscd", "peer"):
            f = found.get(who)
            if f:
                line += (f"  {who} {f['switches'] * scale:7.0f} wake-ups "
                         f"{f['cpu_ms'] * scale:8.2f} ms")
        of = f" (of {readers} cards)" if readers != args.readers else ""
        print(f"  {name:12}{line}  {found['bytes'] * scale:9.0f} bytes{of}",
              flush=True)
    return out


def count_memory(args):
    out = {}
    print("\nmemory of pcscd for one more idle reader, kB: PSS, (dirty)")
    for name in args.driver:
        many = VPCD_READERS if name == "vpcd" else args.readers
        big = 0 if name in REFUSED else 1
        one, all_ = (measure(name, "memory", n, args, big)
                     for n in (1, many))
        if not one or not all_:
            continue
        out[name] = {step: {kind: round((all_[step][kind] - one[step][kind]) /
                                        (many - 1), 1)
                            for kind in one[step]} for step in one}
        line = "".join(f"  {step} {f['pss']:6.1f} ({f['dirty']:5.1f})"
                       for step, f in out[name].items())
        print(f"  {name:12}{line}", flush=True)
    return out


PARTS = {"apdu": count_apdu, "idle": count_idle, "memory": count_memory}


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--driver", action="append", choices=DRIVERS)
    parser.add_argument("--n", type=int, default=500, help="APDUs")
    parser.add_argument("--readers", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=60,
                        help="of rest (default: 60)")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    args.driver = [name for name in args.driver or DRIVERS
                   if os.path.exists(DRIVERS[name][0])]
    return args


def main():
    args = arguments()
    report = {"machine": platform.platform()}
    for part in args.part or PARTS:
        report[part] = PARTS[part](args)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
