"""How good a set of rules is: on sentences of caregivers that harm nobody, on lines that do harm, and in time."""

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from screening.ruleset import Ruleset
from screening.words import IN_FORCE, Category

FOLDER = Path(__file__).parent / "sets"
HARMLESS = "harmless"
LENGTHS = (1_000, 10_000, 100_000)
# All disguises at once; the other kind of text that is timed is the harmless sentences, one after the other.
HOSTILE = "i.w.i.l.l s е n d  $$$ 4 1 7 5 5 5 y0u'll 1111-2222 a@b a@b.c gift сards gi.ft  kiiiill  "


class Line(NamedTuple):
    category: str
    text: str


class Halves(NamedTuple):
    """Rules are written with the one half in view; the other tells how they do on words nobody looked at."""

    known: list[Line]
    held_back: list[Line]


@dataclass(frozen=True)
class Share:
    found: int
    of: int

    def __str__(self) -> str:
        return f"{self.found} of {self.of}" + (f" ({self.found / self.of:.1%})" if self.of else "")


@cache
def benign() -> tuple[str, ...]:
    return tuple((FOLDER / "benign.txt").read_text(encoding="utf-8").splitlines())


@cache
def abusive() -> tuple[Line, ...]:
    lines = (FOLDER / "abusive.txt").read_text(encoding="utf-8").splitlines()
    return tuple(Line(*line.split("\t", 1)) for line in lines)


@cache
def fresh() -> tuple[Line, ...]:
    """Written by people who attacked the rules after those were made; since then the rules have learned from them."""
    lines = (FOLDER / "fresh.txt").read_text(encoding="utf-8").splitlines()
    found = (line.split("\t", 1) for line in lines)
    return tuple(Line("" if category == HARMLESS else category, text) for category, text in found)


def benign_halves() -> Halves:
    return _halves([Line("", text) for text in benign()])


def abusive_halves() -> Halves:
    return _halves(list(abusive()))


def alarms(rules: Ruleset, lines: list[Line]) -> list[Line]:
    """The lines in which anything in force is found."""
    return [line for line in lines if any(one.is_in_force for one in rules.examine(line.text))]


def warned(rules: Ruleset, lines: list[Line]) -> list[Line]:
    """The lines whose writer would read a warning."""
    return [line for line in lines if any(one.is_in_force and one.kind for one in rules.examine(line.text))]


def missed(rules: Ruleset, lines: list[Line]) -> list[Line]:
    """The lines in which nothing of their own category is found."""
    return [line for line in lines if line.category not in _found(rules, line.text)]


def recall(rules: Ruleset, lines: list[Line]) -> dict[str, Share]:
    lost = missed(rules, lines)
    shares = {}
    for category in Category.values:
        count = sum(line.category == category for line in lines)
        shares[category] = Share(count - sum(line.category == category for line in lost), count)
    return shares


def microseconds(rules: Ruleset, text: str, length: int) -> float:
    """Of the processor, for reading a text of this length once; the best of several."""
    long = (text * (length // len(text) + 1))[:length]
    best = float("inf")
    for _ in range(5):
        begun = time.process_time()
        rules.examine(long)
        best = min(best, time.process_time() - begun)
    return best * 1_000_000


def _found(rules: Ruleset, text: str) -> set[str]:
    return {one.category for one in rules.examine(text) if one.state in IN_FORCE}


def _halves(lines: list[Line]) -> Halves:
    return Halves(lines[::2], lines[1::2])
