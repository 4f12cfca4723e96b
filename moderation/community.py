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
    """Four statements, however much there is."""
    mondays = _mondays()
    asked: dict[str, Any] = {"start": _midnight(mondays[0]), "mondays": [_midnight(monday) for monday in mondays]}
    with connection.cursor() as cursor:

        def rows(statement: str) -> list[Any]:
            cursor.execute(statement, asked)
            return list(cursor.fetchall())

        requests = rows(sql.REQUESTS)
        return Figures(
            mondays,
            _stages({week: cells for week, _, *cells, _ in requests if week}),
            _topics({topic: row for _, topic, *row in requests if topic}),
            _helpers(rows(sql.HELPERS)),
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
# A figure and its people for each stage.
NOTHING: tuple[Any, ...] = (0, ()) * len(STAGES)


def _stages(by_week: dict[int, list[Any]]) -> list[Stage]:
    found = []
    for place, name in enumerate(STAGES):
        rows = (by_week.get(week, NOTHING) for week in range(1, WEEKS + 1))
        cells = [cell(*row[2 * place : 2 * place + 2]) for row in rows]
        everybody = frozenset[Any]().union(*(one.people for one in cells))
        total = Cell(sum(one.value or 0 for one in cells), everybody)
        found.append(Stage(name, parts_of_a_whole(cells), total))
    return found


def _topics(by_topic: dict[str, list[Any]]) -> list[Topic]:
    """Together they are all requests that got an offer, whose number stands above them."""
    known = [topic for topic in CATEGORIES if by_topic.get(topic.slug, NOTHING)[2]]
    counts = parts_of_a_whole([cell(*by_topic[topic.slug][2:4]) for topic in known])
    found = []
    for topic, count in zip(known, counts, strict=True):
        hours = None if count.shown is None else by_topic[topic.slug][-1]
        found.append(Topic(topic.label, topic.noun, count, hours))
    return sorted(found, key=lambda topic: (topic.hours is None, topic.hours))


def _helpers(rows: list[Any]) -> Helpers:
    by_week = {week: (count, share) for week, count, share in rows}
    total, share = by_week[None]
    weeks = [by_week.get(week, (0, None))[0] for week in range(1, WEEKS + 1)]
    # What is left of all offers belongs to the others, and they must be many as well.
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
