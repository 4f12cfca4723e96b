"""What the rollout page reads: the attempt log in two passes, and changes, each a constant number of statements."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import get_current_timezone, get_current_timezone_name, localdate

from carecollective import keyset, ports
from features import attempts, guard
from features.figures import Arm
from features.models import Alarm, Attempt, FlagChange, InternalMember, Kind
from features.states import State

DAYS = 30
SHOWN = 20
MARKS_MOST = 100
BROKEN_MOST = 100
V1, V2 = 1, 2
VERSIONS = (V1, V2)
CHANGES = (keyset.Key("id", keyset.number),)
# The names under which rooms promise that no conversation and no message is lost.
PROMISES = (
    "no conversation is without its opening",
    "no conversation is without its two people",
    "no success of the attempt log lost its conversation",
)

# By hand, because one pass over a month of attempts tells three things: each day, the stage, and the last day.
BY_DAY = """
SELECT (at AT TIME ZONE %(zone)s)::date, version, kind, code, count(*),
    count(*) FILTER (WHERE at >= %(since)s), count(*) FILTER (WHERE at > now() - interval '1 day')
FROM attempts WHERE kind = ANY(%(kinds)s) AND at >= %(first)s GROUP BY 1, 2, 3, 4
"""
# By hand, because counting what took equally long finds the middle of a million rows without sorting them.
TIMES = """
WITH took AS (
    SELECT version, milliseconds AS ms, count(*) FILTER (WHERE at >= %(since)s) AS stage,
        count(*) FILTER (WHERE at > now() - interval '1 day') AS day
    FROM attempts WHERE kind = ANY(%(kinds)s) AND at >= least(%(since)s, now() - interval '1 day')
    AND version IS NOT NULL AND milliseconds IS NOT NULL AND code = ANY(%(codes)s) GROUP BY 1, 2
), up_to AS (
    SELECT version, ms, stage > 0 AS in_stage, day > 0 AS in_day,
        sum(stage) OVER upward AS stage, sum(stage) OVER whole AS of_stage,
        sum(day) OVER upward AS day, sum(day) OVER whole AS of_day
    FROM took WINDOW upward AS (PARTITION BY version ORDER BY ms), whole AS (PARTITION BY version)
)
SELECT version, min(ms) FILTER (WHERE in_stage AND stage >= 0.5 * of_stage),
    min(ms) FILTER (WHERE in_stage AND stage >= 0.95 * of_stage),
    min(ms) FILTER (WHERE in_day AND day >= 0.5 * of_day), min(ms) FILTER (WHERE in_day AND day >= 0.95 * of_day)
FROM up_to GROUP BY version
"""


@dataclass
class Log:
    """A month of the attempt log: by day, since the stage began, and the last 24 hours; each by version."""

    days: dict[date, dict[int, Arm]]
    stage: dict[int, Arm] = field(default_factory=lambda: {version: Arm() for version in VERSIONS})
    lately: dict[int, Arm] = field(default_factory=lambda: {version: Arm() for version in VERSIONS})
    # Those that ended before it was known which way they would go.
    undecided: Arm = field(default_factory=Arm)


def log(since: datetime) -> Log:
    first = _first_moment()
    since = max(since, first)
    codes = [*guard.FAULTS, *guard.WORKED]
    values: dict[str, Any] = {"zone": get_current_timezone_name(), "since": since, "first": first}
    values |= {"kinds": [attempts.START, attempts.SEND], "codes": codes}
    days = (first.date() + timedelta(days=day) for day in range(DAYS))
    found = Log({day: {version: Arm() for version in VERSIONS} for day in days})
    with connection.cursor() as cursor:
        cursor.execute(BY_DAY, values)
        for row in cursor.fetchall():
            _count(found, *row)
        cursor.execute(TIMES, values)
        for version, *times in cursor.fetchall():
            found.stage[version].p50, found.stage[version].p95, *of_day = times
            found.lately[version].p50, found.lately[version].p95 = of_day
    return found


def _count(found: Log, day: date, version: int | None, kind: str, code: str, *counts: int) -> None:
    if version is None:
        _add(found.undecided, kind, code, counts[2])
    else:
        arms = (found.days[day][version], found.stage[version], found.lately[version])
        for arm, count in zip(arms, counts, strict=True):
            _add(arm, kind, code, count)


def _add(arm: Arm, kind: str, code: str, count: int) -> None:
    if count:
        arm.codes += Counter({code: count})
        arm.starts += count * (kind == attempts.START)
        arm.sends += count * (kind == attempts.SEND)


def _first_moment() -> datetime:
    """The midnight with which the days of the page begin, whatever summer time did since."""
    return datetime.combine(localdate() - timedelta(days=DAYS - 1), time.min, get_current_timezone())


def began(state: State) -> FlagChange | None:
    """The change that brought what holds now; what came after it changed who is internal, or the pin."""
    others = FlagChange.objects.exclude(to_state=str(state)).order_by("-id").values("id")[:1]
    return FlagChange.objects.filter(id__gt=Coalesce(others, 0)).order_by("id").first()


def marks() -> QuerySet[FlagChange]:
    """What changed who gets it, as far back as the chart goes."""
    moved = FlagChange.objects.filter(at__gte=_first_moment()).exclude(from_state=F("to_state"))
    return moved.order_by("-id")[:MARKS_MOST]


def changes(cursor: str) -> keyset.Page[FlagChange]:
    return keyset.page(FlagChange.objects.all(), CHANGES, SHOWN, cursor)


def last_faults() -> QuerySet[Attempt]:
    return Attempt.objects.filter(kind__in=Kind.values, code__in=guard.FAULTS).order_by("-at", "-id")[:SHOWN]


def alarms() -> QuerySet[Alarm]:
    return Alarm.objects.order_by("-at")[:SHOWN]


def internal() -> list[InternalMember]:
    return list(InternalMember.objects.select_related("member").order_by("added_at", "pk"))


def promises() -> dict[str, int]:
    """How often each of them is broken; each must be 0, and what is worse than a hundred is a hundred."""
    queries = ports.invariants()
    asked = " UNION ALL ".join(
        f"SELECT {number}, count(*) FROM (SELECT 1 FROM ({queries[name]}) AS broken LIMIT {BROKEN_MOST}) AS counted"  # noqa: S608 (ours)
        for number, name in enumerate(PROMISES)
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return {PROMISES[number]: count for number, count in sorted(cursor.fetchall())}
