# SPDX-License-Identifier: BSD-2-Clause
"""The machine that is measured on, and what it has to have."""

import os
import platform
import re
import shutil
import subprocess

import rig
from rig import Broken


def output(*command):
    """What a command prints, or nothing."""
    try:
        return subprocess.run(command, capture_output=True, text=True,
                              check=False,
                              env={**os.environ, "PATH": rig.PATH}).stdout
    except OSError:
        return ""


def require(_args):
    if not shutil.which("pcscd", path=rig.PATH):
        raise Broken("there is no pcscd; install the package pcscd")
    for path in (rig.RUN, rig.CLIENT, rig.CARD, rig.PC,
                 rig.LIBRARIES["ours"], rig.LIBRARIES["floor"]):
        if not os.path.exists(path):
            raise Broken(f"there is no {path}; `make bench` builds it")


def package(name):
    return output("dpkg-query", "-Wf", "${Version}", name) or "none"


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^model name\s*: (.*)", file.read(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def describe(core):
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "used": f"core {core}",
        "kernel": platform.release(),
        "pcscd": output("pcscd", "--version").split("\n")[0].strip(),
        "vpcd": package("vsmartcard-vpcd"),
        "libcrypto": output("openssl", "version").strip(),
        "vscard": output(rig.RUN, "--version").split("\n")[0].strip(),
    }
