"""Reading what members write before others do: refused, asked about first, held, flagged; and who is told of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import notifications.services as notifications
from carecollective.errors import Warned
from members.models import Member
from screening.services import examining
from screening.verdicts import Verdict


@dataclass
class Told:
    """What was found in the words of one act, for whoever answers the person who wrote them."""

    # Pages ask people before it goes; the API delivers, and says so afterwards.
    asks_first: bool = False
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def warnings(self) -> list[dict[str, str]]:
        found = (warning for verdict in self.verdicts for warning in verdict.warnings)
        return [{"category": warning.category, "kind": warning.kind, "message": warning.sentence} for warning in found]

    @property
    def is_held(self) -> bool:
        return any(verdict.is_held for verdict in self.verdicts)

    @property
    def shows_crisis_lines(self) -> bool:
        return any(verdict.shows_crisis_lines for verdict in self.verdicts)


_told: ContextVar[Told | None] = ContextVar("told", default=None)


@contextmanager
def telling(*, asks_first: bool = False) -> Iterator[Told]:
    """Around a verb: what it was told of the words, without a word about it in every verb's signature."""
    told = Told(asks_first)
    before = _told.set(told)
    try:
        yield told
    finally:
        _told.reset(before)


def examined(text: str, trust: int) -> Verdict:
    """Before anything is stored; a verb that stores calls `keep` with what it gets here."""
    verdict = examining.examine(text, trust=trust)
    verdict.must_not_be_blocked()
    if told := _told.get():
        if told.asks_first and verdict.warnings and not verdict.is_held:
            raise Warned([warning.sentence for warning in verdict.warnings])
        told.verdicts.append(verdict)
    return verdict


def keep(verdict: Verdict, about: tuple[str, UUID], writer: Member, waits: bool | None = None, **data: Any) -> None:
    """In the transaction that stores the text, after it; our team hears of what a person has to read, and seals it.

    `waits` says so where words stand in a place that waits, or does not, whatever was found in them.
    """
    examining.keep(verdict, *about)
    is_held = verdict.is_held if waits is None else waits
    if is_held or verdict.is_held or verdict.is_flagged:
        found = {"author": writer.pk, "categories": list(verdict.categories)}
        notifications.record(
            "text_held" if is_held else "text_flagged", about=about, to=[], actor=writer, **found, **data
        )
