"""Processor time of a process and everything it started, also of what has ended since."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def spent(root: int | None) -> float | None:
    """Seconds; a process that ended is counted by the one that started it, so nothing is lost or counted twice."""
    if root is None:
        return None
    found = dict(_every_process())
    children: dict[int, list[int]] = {}
    for number, (parent, _) in found.items():
        children.setdefault(parent, []).append(number)
    seconds, left = 0.0, [root]
    while left:
        number = left.pop()
        seconds += found[number][1] if number in found else 0.0
        left += children.get(number, [])
    return seconds


def parent_of(number: int) -> int | None:
    """Who started a process, if it runs on this machine."""
    facts = _facts(number)
    return facts[0] if facts else None


def is_called(number: int, name: str) -> bool:
    try:
        return Path(f"/proc/{number}/comm").read_text().strip() == name
    except OSError:
        return False


def _every_process() -> list[tuple[int, tuple[int, float]]]:
    numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [(number, facts) for number in numbers if (facts := _facts(number))]


def _facts(number: int) -> tuple[int, float] | None:
    try:
        # After the name, which stands in brackets and may hold anything.
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), sum(map(int, fields[11:15])) / TICKS
