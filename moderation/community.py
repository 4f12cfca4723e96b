"""How the community is doing, in figures of many people; never in one that stands for few."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils.timezone import now

from carecollective import keyset
from carecollective.keyset import Key, Page
from help_requests.categories import CATEGORIES
from help_requests.models import HelpRequest
from messaging.services import asking_around
from moderation import community_sql as sql
from moderation.few import FEW, Cell, cell, of_many, parts_of_a_whole

# A quarter of a year: this week, and the twelve before it. One period only: two of them could be subtracted.
WEEKS = 13
SHOWN = 10
TOP = 3
LONGEST_WAIT_FIRST = (Key("since", keyset.moment, descending=False), Key("id", UUID, descending=False))


@dataclass(frozen=True)
class Stage:
    """How far the requests of each week came, and of all weeks together."""

    name: str
    weeks: list[Cell]
    total: Cell


@dataclass(frozen=True)
class Topic:
    label: str
    # For the middle of a sentence.
    noun: str
    requests: Cell
    # The middle one of the hours until the first offer.
    hours: float | None


@dataclass(frozen=True)
class Helpers:
    weeks: list[int | None]
    total: int | None = None
    share_of_top: float | None = None


@dataclass(frozen=True)
class Safety:
    """Reports for each hundred chats; the hours to a decision; two shares of one."""

    reports: float | None = None
    hours: float | None = None
    kept: float | None = None
    reversed: float | None = None


@dataclass(frozen=True)
class Figures:
    """Of the last weeks, each told by its Monday; the last one is this week, so far."""

    mondays: list[date]
    stages: list[Stage]
    topics: list[Topic]
    helpers: Helpers
    safety: Safety = field(default_factory=Safety)
    said_it_is_fine: float | None = None


def figures() -> Figures:
    """Five statements, however much there is."""
    mondays = _mondays()
    asked: dict[str, Any] = {"zone": settings.DEFAULT_TIME_ZONE, "start": _midnight(mondays[0])}
    with connection.cursor() as cursor:

        def rows(statement: str) -> list[Any]:
            cursor.execute(statement, asked)
            return list(cursor.fetchall())

        return Figures(
            mondays,
            _stages(rows(sql.WEEKLY), mondays),
            _topics(rows(sql.TOPICS)),
            _helpers(rows(sql.HELPERS), mondays),
            _safety(rows(sql.SAFETY)),
            of_many(*rows(sql.WARNED)[0]),
        )


def waiting(cursor: str = "", limit: int = SHOWN) -> Page[HelpRequest]:
    """Requests that wait for their first offer, whoever has waited longest first."""
    rows = asking_around.waiting_for_help().only("title", "category", "requester_id")
    return keyset.page(rows, LONGEST_WAIT_FIRST, limit, cursor)


def how_many_wait() -> int:
    return asking_around.waiting_for_help().count()


def _mondays() -> list[date]:
    today = now().astimezone(ZoneInfo(settings.DEFAULT_TIME_ZONE)).date()
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=back) for back in reversed(range(WEEKS))]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(settings.DEFAULT_TIME_ZONE))


STAGES = ("Asked", "Got an offer", "Said yes", "Done")


def _stages(rows: list[Any], mondays: list[date]) -> list[Stage]:
    nothing: tuple[Any, ...] = (0, ()) * len(STAGES)
    by_week = {week: rest for week, *rest in rows}
    found = []
    for place, name in enumerate(STAGES):
        cells = [cell(*by_week.get(monday, nothing)[2 * place : 2 * place + 2]) for monday in mondays]
        everybody = frozenset[Any]().union(*(one.people for one in cells))
        total = Cell(sum(one.value or 0 for one in cells), everybody)
        found.append(Stage(name, parts_of_a_whole(cells), total))
    return found


def _topics(rows: list[Any]) -> list[Topic]:
    """Together they are all requests that got an offer, whose number stands above them."""
    medians = {category: hours for category, _, _, hours in rows}
    counts = {category: cell(count, people) for category, count, people, _ in rows}
    known = [topic for topic in CATEGORIES if topic.slug in counts]
    found = []
    for topic, count in zip(known, parts_of_a_whole([counts[topic.slug] for topic in known]), strict=True):
        hours = None if count.shown is None else medians[topic.slug]
        found.append(Topic(topic.label, topic.noun, count, hours))
    return sorted(found, key=lambda topic: (topic.hours is None, topic.hours))


def _helpers(rows: list[Any], mondays: list[date]) -> Helpers:
    by_week = {week: (count, share) for week, count, share in rows}
    total, share = by_week.get(None, (0, None))
    weeks = [by_week.get(monday, (0, None))[0] for monday in mondays]
    # What is left of it belongs to the others, and they must be many as well.
    return Helpers(
        [_whole(of_many(count, count)) for count in weeks],
        _whole(of_many(total, total)),
        of_many(share, total - TOP),
    )


def _safety(rows: list[Any]) -> Safety:
    return Safety(**{name: of_many(value, people) for name, value, people in rows})


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


__all__ = ["FEW", "STAGES", "TOP", "WEEKS", "Figures", "Helpers", "Safety", "Stage", "Topic", "figures", "waiting"]
