"""Notices as a list shows them: by day, each with what it is about; the same said twice in a day is one line."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from home.reads import Subject
from notifications.models import Notice
from notifications.words import told


@dataclass
class Line:
    id: UUID
    sentence: str
    about: Subject
    at: datetime
    is_new: bool
    times: int = 1


@dataclass
class Day:
    day: date
    lines: list[Line] = field(default_factory=list)


def days(notices: Iterable[Notice], subjects: dict[tuple[str, str], Subject]) -> list[Day]:
    """Newest first, as the clock of whoever reads it has the days."""
    found: list[Day] = []
    last: tuple[str, ...] = ()
    for notice in notices:
        event = notice.event
        day = timezone.localtime(event.at).date()
        if not found or found[-1].day != day:
            found.append(Day(day))
            last = ()
        same = (event.kind, event.about_kind, event.about_id)
        if same == last:
            _once_more(found[-1].lines[-1], notice)
            continue
        last = same
        about = subjects.get((event.about_kind, event.about_id), Subject())
        found[-1].lines.append(Line(notice.pk, told(notice).sentence, about, event.at, notice.read_at is None))
    return found


def _once_more(line: Line, notice: Notice) -> None:
    """Opening the newest of them reads them all."""
    line.times += 1
    line.is_new = line.is_new or notice.read_at is None
