# SPDX-License-Identifier: BSD-2-Clause
"""A driver in a pcscd of its own, its card, and an application beside it."""

import os
import select
import shlex
import shutil
import socket
import subprocess
import tempfile

from cases import DRIVERS

BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
LIBRARIES = {
    "floor": f"{BUILD}/tests/bench/.libs/libifdfloor.so",
    "ours": f"{BUILD}/ifd/.libs/libifdvscard.so",
    "vpcd": "/usr/lib/pcsc/drivers/serial/libifdvpcd.so",
}
CARD = f"{BUILD}/tests/bench/bench_card"
PC = f"{BUILD}/tests/bench/bench_pc"
RUN = f"{BUILD}/run/vscard-run"
CLIENT = f"{BUILD}/vscclient/vscclient"

PATIENCE = 60  # seconds for one answer
VPCD_SLOTS = 2  # as it is built unless told otherwise
FIFO = "/run/pcscd/fifo"

# One library more for each two readers: it knows no more than two.
VPCD_READER = """FRIENDLYNAME "vpcd{i}"
DEVICENAME /dev/null:{port}
LIBPATH {library}
"""
VPCD_PCSCD = """#!/bin/sh
[ "$1" = --help ] || cat {conf} >/run/pcscd/reader.conf
exec {pcscd} "$@"
"""


class Broken(Exception):
    """A rig that does not start, or does not answer; the text says why."""


def ports_free(count):
    """The first of some neighbours that nobody listens at."""
    for port in range(20000 + os.getpid() % 9000, 32000, count):
        try:
            for i in range(count):
                with socket.socket() as sock:
                    sock.setsockopt(socket.SOL_SOCKET,
                                    socket.SO_REUSEADDR, 1)
                    sock.bind(("", port + i))
            return port
        except OSError:
            continue
    raise Broken("no port is free")


def words(*args):
    return " ".join(shlex.quote(str(arg)) for arg in args)


class Rig:
    """Everything of one driver in one shape; ask() until close()."""

    def __init__(self, name, connections=1, readers=1, pc=None):
        self.name = name
        self.driver = DRIVERS[name]
        self.connections = connections
        self.readers = readers
        self.folder = tempfile.TemporaryDirectory(prefix="vscard-bench-")
        self.errors = open(f"{self.folder.name}/errors", "w+",
                           encoding="utf-8", errors="replace")
        command = self.command(pc or [PC, connections * readers, FIFO])
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors, text=True,
            env={**os.environ, "PATH": PATH})
        self.answer()

    def command(self, pc):
        if self.driver.outer:
            inner = self.private(self.driver, 0, "card", words(*pc))
            return self.private(DRIVERS[self.driver.outer], 1, None,
                                words(*inner))
        return self.private(self.driver, self.connections * self.readers,
                            None, self.with_card(pc))

    def with_card(self, pc):
        """A line of shell: the card, and the application."""
        if self.driver.link in ("", "pair"):
            return "exec " + words(*pc)
        card = words(CARD, self.driver.card, self.endpoint(),
                     self.connections, self.readers, FIFO)
        return f"mkfifo {FIFO} && {{ {card} & exec {words(*pc)}; }}"

    def endpoint(self):
        if self.driver.link == "unix":
            return "unix:/run/pcscd/bench.sock"
        if not hasattr(self, "port"):
            self.port = ports_free(self.connections + 1)
        return f"tcp:127.0.0.1:{self.port}"

    def private(self, driver, slots, card, script):
        """vscard-run with that driver and a line of shell."""
        command = [RUN, "--driver", LIBRARIES[driver.library]]
        if driver.link == "vpcd":
            command += ["--pcscd", self.vpcd_pcscd()]
            slots = max(slots, VPCD_SLOTS)
        elif card:
            command += ["--vscclient", CLIENT, "--card", "pcsc:vscard"]
        elif driver.link == "pair":
            command += ["--vscclient", CLIENT,
                        "--set", f"user={os.geteuid()}", "--set",
                        "card=exec:" + words(CARD, driver.card, "fd:3", 1,
                                             self.readers)]
        elif driver.link:
            command += ["--listen", self.endpoint()]
        if slots:
            command += ["--slots", slots]
        for setting in driver.settings:
            command += ["--set", setting]
        return command + ["--", "sh", "-c", script]

    def vpcd_pcscd(self):
        """A pcscd whose configuration is vpcd's; vscard-run starts it."""
        library = LIBRARIES[self.driver.library]
        conf = f"{self.folder.name}/reader.conf"
        self.endpoint()
        with open(conf, "w", encoding="ascii") as file:
            for i in range(0, self.connections, VPCD_SLOTS):
                copy = f"{self.folder.name}/libifdvpcd{i}.so"
                shutil.copy(library, copy)
                file.write(VPCD_READER.format(i=i, port=self.port + i,
                                              library=copy))
        path = f"{self.folder.name}/pcscd"
        with open(path, "w", encoding="ascii") as file:
            file.write(VPCD_PCSCD.format(
                conf=conf, pcscd=shutil.which("pcscd", path=PATH)))
        os.chmod(path, 0o755)
        return path

    def ask(self, line):
        """The numbers that the application answers with."""
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        return [float(word) for word in self.answer().split()]

    def answer(self):
        ready = select.select([self.process.stdout], [], [], PATIENCE)[0]
        line = self.process.stdout.readline() if ready else ""
        if not line:
            raise Broken(self.complaint())
        return line

    def complaint(self):
        self.errors.flush()
        self.errors.seek(0)
        return f"{self.name}: " + (self.errors.read().strip()[-500:] or
                                   "it does not answer")

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.errors.close()
        self.folder.cleanup()
