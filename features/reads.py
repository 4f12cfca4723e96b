"""What the rollout page reads: the attempt log in two passes, and changes, each a constant number of statements."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import get_current_timezone, localdate, now

from carecollective import keyset, ports
from features import attempts, outcomes
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

# By hand, because one pass tells three things: each day, the stage, and the last 24 hours. The month is cut where one
# of them begins, and each part is read by the index: half the time of grouping by a day that has to be reckoned.
COUNTED = """
SELECT part.number, counted.* FROM unnest(%(begins)s::timestamptz[], %(ends)s::timestamptz[])
    WITH ORDINALITY AS part (begins, ends, number)
CROSS JOIN LATERAL (
    SELECT version, kind, code, count(*) FROM attempts
    WHERE kind = ANY(%(kinds)s) AND at >= part.begins AND at < part.ends GROUP BY 1, 2, 3
) AS counted
"""
# By hand, because counting what took equally long finds the middle of a million rows without sorting them.
TIMES = """
WITH took AS (
    SELECT version, milliseconds AS ms, count(*) FILTER (WHERE at >= %(since)s) AS stage,
        count(*) FILTER (WHERE at >= %(lately)s) AS day
    FROM attempts WHERE kind = ANY(%(kinds)s) AND at >= least(%(since)s, %(lately)s)
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
    midnights = _midnights()
    since, lately = max(since, midnights[0]), now() - timedelta(days=1)
    begins = sorted({*midnights, since, lately})
    codes = [*outcomes.FAULTS, *outcomes.WORKED]
    values: dict[str, Any] = {"begins": begins, "ends": [*begins[1:], now() + timedelta(days=1)], "codes": codes}
    values |= {"kinds": [attempts.START, attempts.SEND], "since": since, "lately": lately}
    found = Log({midnight.date(): {version: Arm() for version in VERSIONS} for midnight in midnights})
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, values)
        for number, *row in cursor.fetchall():
            _count(found, begins[number - 1], since, lately, row)
        cursor.execute(TIMES, values)
        for version, *times in cursor.fetchall():
            found.stage[version].p50, found.stage[version].p95, *of_day = times
            found.lately[version].p50, found.lately[version].p95 = of_day
    return found


def _count(found: Log, begins: datetime, since: datetime, lately: datetime, row: list[Any]) -> None:
    version, *counted = row
    if version is None:
        if begins >= lately:
            _add(found.undecided, *counted)
        return
    _add(found.days[localdate(begins)][version], *counted)
    if begins >= since:
        _add(found.stage[version], *counted)
    if begins >= lately:
        _add(found.lately[version], *counted)


def _add(arm: Arm, kind: str, code: str, count: int) -> None:
    arm.codes[code] += count
    arm.starts += count * (kind == attempts.START)
    arm.sends += count * (kind == attempts.SEND)


def _midnights() -> list[datetime]:
    """With which the days of the page begin, whatever summer time did since."""
    first = localdate() - timedelta(days=DAYS - 1)
    return [datetime.combine(first + timedelta(days=day), time.min, get_current_timezone()) for day in range(DAYS)]


def began(state: State) -> FlagChange | None:
    """The change that brought what holds now; what came after it changed who is internal, or the pin."""
    others = FlagChange.objects.exclude(to_state=str(state)).order_by("-id").values("id")[:1]
    return FlagChange.objects.filter(id__gt=Coalesce(others, 0)).order_by("id").first()


def marks() -> QuerySet[FlagChange]:
    """What changed who gets it, as far back as the chart goes."""
    moved = FlagChange.objects.filter(at__gte=_midnights()[0]).exclude(from_state=F("to_state"))
    return moved.order_by("-id")[:MARKS_MOST]


def changes(cursor: str) -> keyset.Page[FlagChange]:
    return keyset.page(FlagChange.objects.all(), CHANGES, SHOWN, cursor)


def last_faults() -> QuerySet[Attempt]:
    return Attempt.objects.filter(kind__in=Kind.values, code__in=outcomes.FAULTS).order_by("-at", "-id")[:SHOWN]


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
