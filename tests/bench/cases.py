# SPDX-License-Identifier: BSD-2-Clause
"""What is measured: the drivers, and the cases that they take turns in."""

from typing import NamedTuple


class Driver(NamedTuple):
    """A driver with its settings, and the card at its other end."""
    library: str   # "floor", "ours", "vpcd" or "other"
    card: str      # how bench_card talks; "" if the driver answers in place
    link: str      # "tcp", "unix", "pair", or "" for none
    settings: tuple = ()
    outer: str = ""  # the driver of another pcscd, where its card is


DRIVERS = {
    "null": Driver("floor", "", "", ("floor=null",)),
    "events": Driver("floor", "", "", ("floor=events",)),
    "hop tcp": Driver("floor", "raw", "tcp", ("floor=hop",)),
    "hop unix": Driver("floor", "raw", "unix", ("floor=hop",)),
    "watch tcp": Driver("floor", "raw", "tcp", ("floor=hop", "watch=yes")),
    "vscard tcp": Driver("ours", "extension", "tcp"),
    "vscard unix": Driver("ours", "extension", "unix"),
    "vscard pair": Driver("ours", "extension", "pair"),
    "power tcp": Driver("ours", "power", "tcp"),
    "power unix": Driver("ours", "power", "unix"),
    "stock tcp": Driver("ours", "vscard", "tcp"),
    "stock unix": Driver("ours", "vscard", "unix"),
    "forwarded": Driver("ours", "", "", (), "events"),
    "vpcd": Driver("vpcd", "vpcd", "vpcd"),
    "other vpcd": Driver("other", "vpcd", "vpcd"),
}
PEERS = ("vpcd", "other vpcd")

# The least that the same thing could take: the sum of these.
FLOORS = {
    "vscard tcp": ("hop tcp",),
    "vscard unix": ("hop unix",),
    "vscard pair": ("hop unix",),
    "power tcp": ("hop tcp",),
    "power unix": ("hop unix",),
    "stock tcp": ("hop tcp",),
    "stock unix": ("hop unix",),
    "forwarded": ("hop unix", "events"),
    "vpcd": ("hop tcp",),
    "other vpcd": ("hop tcp",),
}
# Where cards come and go, the floor has to notice.
WATCHED = {"hop tcp": "watch tcp"}


class Case(NamedTuple):
    """words are bench_pc's; {n} is how often, in one turn."""
    words: str
    drivers: tuple
    connections: int = 1
    readers: int = 1       # on each connection
    most: int = 100        # {n} at most
    unit: str = "us"


NULLS = ("null", "events")
HOPS = ("hop tcp", "hop unix")
EXTENDED = ("vscard tcp", "vscard unix", "vscard pair")
OURS = EXTENDED + ("stock tcp", "stock unix")
POWER = ("power tcp", "power unix")
ALL = NULLS + HOPS + OURS + PEERS
BIG = NULLS + HOPS + EXTENDED + PEERS
MANY = ("null",) + HOPS + ("vscard tcp", "vscard unix", "stock tcp") + PEERS
MOVED = ("watch tcp", "vscard tcp", "vscard unix", "stock tcp") + PEERS

# 65 535 bytes are the most that vpcd's two bytes of length can say.
CASES = {
    "5 B": Case("apdu 5 0 {n}", ALL + ("forwarded",)),
    "256 B command": Case("apdu 256 0 {n}", ALL),
    "256 B response": Case("apdu 5 254 {n}", ALL),
    "4 KiB command": Case("apdu 4096 0 {n}", BIG),
    "4 KiB response": Case("apdu 5 4094 {n}", BIG),
    "64 KiB command": Case("apdu 65535 0 {n}", BIG),
    "64 KiB response": Case("apdu 5 65533 {n}", BIG + ("forwarded",)),
    "reset": Case("reset {n}", HOPS + OURS + POWER + PEERS, most=20),
    "insertion": Case("insert {n}", MOVED, most=5),
    "removal": Case("remove {n}", MOVED, most=5),
    "swap": Case("swap {n}", MOVED, most=5),
    "1 reader": Case("parallel 1 {ms}", MANY, unit="/s"),
    "2 readers": Case("parallel 2 {ms}", MANY, 2, unit="/s"),
    "4 readers": Case("parallel 4 {ms}", MANY, 4, unit="/s"),
    "8 readers": Case("parallel 8 {ms}", MANY, 8, unit="/s"),
    "16 readers": Case("parallel 16 {ms}", MANY, 16, unit="/s"),
    "beside 7 loaded": Case("beside 8 {n}", MANY, 8),
    "8 sharing one": Case("parallel 8 {ms}", ("vscard tcp", "vscard unix",
                                              "stock tcp"), 1, 8, unit="/s"),
}


def floor_of(driver, case):
    """The names of the drivers that are its floor in that case."""
    names = FLOORS.get(driver, ())
    if "watch tcp" in CASES[case].drivers:
        names = tuple(WATCHED.get(name, name) for name in names)
        names = tuple("watch tcp" if n == "hop unix" else n for n in names)
    return names
