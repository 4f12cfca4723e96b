"""Cells of figures that stand for too few people to be shown, and those that would give such a cell away."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

FEW = 5
FEWER = f"fewer than {FEW}"
# It stands for enough people, but beside its sum it would tell of one that does not.
KEPT_BACK = "not shown"


@dataclass(frozen=True)
class Cell:
    """A figure and the people behind it: all of them where they are few, else at least as many as `FEW`."""

    value: float | None
    people: frozenset[Any] = frozenset()
    is_hidden: bool = False

    @property
    def is_small(self) -> bool:
        return len(self.people) < FEW

    @property
    def words(self) -> str:
        if self.is_small:
            return FEWER
        return KEPT_BACK if self.is_hidden else in_words(self.value)

    @property
    def shown(self) -> float | None:
        """Nothing where nobody may know it."""
        return None if self.is_hidden or self.is_small else self.value


def in_words(value: float | None) -> str:
    """A number as people read it: with at most one place behind the point, and never rounded down to nothing."""
    if value is None:
        return FEWER
    if 0 < value < 0.1:
        return "under 0.1"
    return f"{round(value, 1):g}" if value < 10 else f"{round(value):,}"


def percent(share: float | None) -> str:
    if share is None:
        return FEWER
    return "under 1 %" if 0 < share < 0.005 else f"{round(100 * share)} %"


def cell(value: float | None, people: Iterable[Hashable] | None) -> Cell:
    return Cell(value, frozenset(people or ()))


def of_many(value: float | None, count: int) -> float | None:
    """A figure of its own, which nothing else adds up to."""
    return None if count < FEW else value


def parts_of_a_whole(cells: Sequence[Cell]) -> list[Cell]:
    """Parts whose sum is known: whoever subtracts the shown ones must be left with enough people.

    So where the hidden ones together stand for few, the part with the smallest figure goes with them.
    """
    unknown: set[Any] = set()
    for one in cells:
        unknown |= one.people if one.shown is None else set()
    shown = [index for index, one in enumerate(cells) if one.shown is not None]
    if not 0 < len(unknown) < FEW or not shown:
        return list(cells)
    smallest = min(shown, key=lambda index: cells[index].value or 0)
    return [replace(one, is_hidden=True) if index == smallest else one for index, one in enumerate(cells)]
