#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The half of counts.py that runs beside the private pcscd.

    counts_inside.py network COMMAND...
    counts_inside.py apdu PEER ENDPOINT READERS N COMMAND RESPONSE
    counts_inside.py idle PEER ENDPOINT READERS SECONDS
    counts_inside.py memory PEER ENDPOINT READERS BIG
"""

import fcntl
import glob
import json
import os
import signal
import socket
import statistics
import struct
import subprocess
import sys
import time

BUILD = os.environ["top_builddir"]
PCSCD = "/run/pcscd/pcscd.comm"
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
GRACE = 6  # pcscd turns a card off that nobody has used for 5 s
QUIET_TRIES = 20
SLICES = 10


def network(command):
    """A loopback of its own, on which nobody else's bytes are counted."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    os.execvp(command[0], command)


# --- who is counted -----------------------------------------------------------

def pcscd_pid():
    for _ in range(1000):
        with socket.socket(socket.AF_UNIX) as sock:
            try:
                sock.connect(PCSCD)
            except OSError:  # not yet
                time.sleep(0.01)
                continue
            cred = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            return struct.unpack("iii", cred)[0]
    raise SystemExit("no pcscd")


def family(pid):
    """A process and all that come from it."""
    out = [pid]
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        with open(path, encoding="ascii") as file:
            for child in file.read().split():
                out += family(int(child))
    return out


def peer_start(mode, endpoint, readers):
    if mode == "none":
        return None
    if mode == "vscclient":
        command = [f"{BUILD}/vscclient/vscclient"]
        command += ["--card", "key"] * readers + ["--connect", endpoint]
    else:
        command = [f"{BUILD}/tests/bench/bench_card", mode, endpoint,
                   str(readers), "1"]
    return subprocess.Popen(command, stdin=subprocess.PIPE,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


class Application:
    """count_pc, which does as it is told."""

    def __init__(self, readers):
        self.process = subprocess.Popen(
            [f"{BUILD}/tests/bench/count_pc", str(readers)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.hear("ready")

    def hear(self, word):
        if self.process.stdout.readline().strip() != word:
            raise SystemExit("count_pc has failed")

    def transmit(self, count, command, response):
        self.process.stdin.write(f"{count} {command} {response}\n")
        self.process.stdin.flush()
        self.hear("done")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


# --- what is counted ------------------------------------------------------------

def switches(pids):
    """(voluntary, involuntary) context switches of all their threads."""
    sums = [0, 0]
    for pid in pids:
        for path in glob.glob(f"/proc/{pid}/task/*/status"):
            with open(path, encoding="utf-8") as file:
                for line in file:
                    if line.startswith("voluntary_ctxt"):
                        sums[0] += int(line.split()[1])
                    elif line.startswith("nonvoluntary_ctxt"):
                        sums[1] += int(line.split()[1])
    return sums


def cpu_ns(pids):
    total = 0
    for pid in pids:
        for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
            with open(path, encoding="ascii") as file:
                total += int(file.read().split()[0])
    return total


def loopback_bytes():
    with open("/proc/self/net/dev", encoding="ascii") as file:
        for line in file:
            if line.strip().startswith("lo:"):
                return int(line.split(":")[1].split()[0])
    return 0


def memory(pid):
    """Not that of files: others' processes share and release them."""
    found = {}
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[0] in ("Pss_Anon:", "Private_Dirty:"):
                found[words[0]] = int(words[1])
    return {"pss": found["Pss_Anon:"], "dirty": found["Private_Dirty:"]}


def strace(pids, work):
    """The calls that these processes make while work() runs, by name."""
    command = ["strace", "-f", "-c", "-U", "calls,name"]
    for pid in pids:
        command += ["-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        for _ in pids:
            if "attached" not in tracer.stderr.readline():
                raise SystemExit("strace does not attach")
        work()
        tracer.send_signal(signal.SIGINT)
        table = tracer.stderr.read()
    out = {}
    for line in table.splitlines():
        words = line.split()
        if len(words) == 2 and words[0].isdigit() and words[1] != "total":
            out[words[1]] = int(words[0])
    return out


# --- the parts ------------------------------------------------------------------

def switched(pids, work):
    before = switches(pids)
    work()
    return [b - a for a, b in zip(before, switches(pids))]


def per_apdu(pids, app, n, command, response):
    """Others disturb some of the slices, and the calls not at all."""
    each = max(n // SLICES, 1)
    slices = [switched(pids, lambda: app.transmit(each, command, response))
              for _ in range(SLICES)]
    calls = strace(pids, lambda: app.transmit(n, command, response))
    return {
        "voluntary": statistics.median(s[0] for s in slices) / each,
        "involuntary": statistics.median(s[1] for s in slices) / each,
        "calls": {name: round(count / n, 2) for name, count in calls.items()
                  if count / n >= 0.05},
    }


def apdu(pids, readers, n, command, response):
    app = Application(readers)
    app.transmit(20, command, response)
    out = {who: per_apdu(them, app, n, command, response)
           for who, them in pids.items()}
    app.end()
    return out


def quiet(pids):
    """Until nobody was awake for GRACE seconds, if that ever is."""
    before, since = switches(pids), 0
    for _ in range(QUIET_TRIES):
        time.sleep(1)
        after = switches(pids)
        since = since + 1 if after == before else 0
        before = after
        if since > GRACE:
            return


def idle(pids, readers, seconds):
    app = Application(readers)
    app.transmit(1, 5, 0)
    app.end()
    quiet([pid for them in pids.values() for pid in them])

    def sample():
        return {who: (sum(switches(them)), cpu_ns(them))
                for who, them in pids.items()}

    before, sent = sample(), loopback_bytes()
    time.sleep(seconds)
    after = sample()
    out = {who: {"switches": after[who][0] - before[who][0],
                 "cpu_ms": (after[who][1] - before[who][1]) / 1e6}
           for who in pids}
    return out | {"seconds": seconds, "readers": readers,
                  "bytes": loopback_bytes() - sent}


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def used(pid, readers, *exchange):
    """What is left when an application has done that and gone."""
    before = threads(pid)
    app = Application(readers)
    app.transmit(*exchange)
    app.end()
    while threads(pid) > before:
        time.sleep(0.01)
    return memory(pid)


def memories(pids, readers, big):
    pid = pids["pcscd"][0]
    # Waits for the cards, and what pcscd allocates once is allocated.
    used(pid, readers, 1, 5, 0)
    out = {"short": used(pid, readers, 3, 5, 0)}
    if big:
        out["64 KiB"] = used(pid, readers, 1, 65000, 65000)
    return out


PARTS = {"apdu": apdu, "idle": idle, "memory": memories}


def main():
    if sys.argv[1] == "network":
        network(sys.argv[2:])
    part, mode, endpoint, readers = sys.argv[1:5]
    pids = {"pcscd": [pcscd_pid()]}
    peer = peer_start(mode, endpoint, int(readers))
    Application(int(readers)).end()  # the cards are there
    if peer:
        pids["peer"] = family(peer.pid)
    print(json.dumps(PARTS[part](pids, int(readers),
                                 *(int(word) for word in sys.argv[5:]))))
    if peer:
        peer.terminate()
        peer.wait()


if __name__ == "__main__":
    main()
