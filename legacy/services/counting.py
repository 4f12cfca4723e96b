"""How many there are: of each kind before anything is moved, of each outcome since, and how fast it goes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from legacy.models import Census, Move, Outcome, Run

# One conversation can be several of these.
KINDS = {
    "total": Q(),
    "convertible": Q(reason=""),
    "empty": Q(is_empty=True),
    "duplicates of a pair": Q(is_duplicate=True),
    "more or fewer than two people": Q(is_not_of_two=True),
    "people missing": Q(misses_people=True),
    "request missing": Q(misses_request=True),
    "opening too short": Q(opens_too_short=True),
    "opening too long": Q(opens_too_long=True),
    "opened by who asked": Q(is_opened_by_asker=True),
}

# In one statement, so that the figures are of one moment. A run is at work as long as its lock is held (moving).
STANDING = """
SELECT (SELECT count(*) FROM conversations) AS total, count(*) FILTER (WHERE outcome = 'converted') AS converted,
       count(*) FILTER (WHERE outcome = 'merged') AS merged, count(*) FILTER (WHERE outcome = 'quarantined') AS left,
       count(settled_at) AS settled, coalesce(sum(messages), 0) AS messages,
       max(at) FILTER (WHERE outcome <> 'quarantined') AS moved_at,
       count(*) FILTER (WHERE is_new) AS lately, coalesce(sum(messages) FILTER (WHERE is_new), 0) AS lately_messages,
       coalesce(extract(epoch FROM clock_timestamp() - min(at) FILTER (WHERE is_new)), 0)::float AS seconds,
       EXISTS (
           SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND (classid::bigint << 32 | objid::bigint) = hashtext('backfill_v1')::bigint
       ) AS is_at_work
FROM legacy_moves CROSS JOIN LATERAL (SELECT at > clock_timestamp() - interval '1 minute' AS is_new) AS age
"""
# By what became of their conversations; a message without words is not moved anywhere.
MESSAGES = """
SELECT coalesce(move.outcome, ''), count(*) FILTER (WHERE said.content ~ '\\S' OR said.deleted_at IS NOT NULL), count(*)
FROM messages AS said LEFT JOIN legacy_moves AS move ON move.id = said.conversation_id GROUP BY 1
"""
# Those that are one by now count as the several they were.
SEVERAL = """
SELECT coalesce(sum(number - 1), 0) FROM (
    SELECT sum(coalesce(moved.number, 1)) AS number FROM conversations_v2 AS thread
    LEFT JOIN (
        SELECT into_id, count(*) AS number FROM legacy_moves WHERE outcome <> 'quarantined' GROUP BY into_id
    ) AS moved ON moved.into_id = thread.id
    WHERE thread.id IN (SELECT id FROM conversations)
    GROUP BY kind, CASE kind WHEN 'help' THEN help_request_id::text || helper_id
        ELSE least(requester_id, helper_id)::text || greatest(requester_id, helper_id) END
) AS pairs
"""
# Each batch is one transaction, which all of its rows name by the moment it began. Longer than a minute is a pause.
AT_WORK = """
SELECT run_id, extract(epoch FROM sum(ended - at))::float FROM (
    SELECT run_id, at, coalesce(lead(at) OVER batches, run.moved_at) AS ended
    FROM (SELECT DISTINCT run_id, at FROM legacy_moves) AS batch JOIN legacy_runs AS run ON run.id = run_id
    WINDOW batches AS (PARTITION BY run_id ORDER BY at)
) AS worked WHERE ended - at BETWEEN interval '0' AND interval '1 minute' GROUP BY run_id
"""


@dataclass(frozen=True)
class Standing:
    """Where it stands now: of all conversations of V1, and what went in the last minute."""

    total: int
    converted: int
    merged: int
    left: int
    settled: int
    messages: int
    moved_at: datetime | None
    lately: int
    lately_messages: int
    seconds: float
    is_at_work: bool

    @property
    def moved(self) -> int:
        return self.converted + self.merged

    @property
    def waiting(self) -> int:
        return self.total - self.moved - self.left

    @property
    def unsettled(self) -> int:
        return self.left - self.settled

    @property
    def rate(self) -> float:
        """Messages in a second, of the last minute."""
        return self.lately_messages / self.seconds if self.seconds >= 1 else 0.0

    @property
    def seconds_left(self) -> float | None:
        return self.waiting * self.seconds / self.lately if self.lately and self.seconds >= 1 else None


@dataclass(frozen=True)
class Comparison:
    """How the last one came out, and whether it has seen all that is moved by now."""

    at: datetime
    differences: int
    has_seen_all: bool

    @property
    def is_good(self) -> bool:
        return self.has_seen_all and not self.differences


@dataclass(frozen=True)
class Left:
    """How many stay for one reason, and of how many of them somebody has decided that they do."""

    reason: str
    number: int
    settled: int


def plan() -> dict[str, int]:
    """Of those that were not moved yet. It changes nothing."""
    waiting = Census.objects.exclude(pk__in=Move.objects.exclude(outcome="quarantined").values("pk"))
    counted = waiting.aggregate(
        **{f"n{number}": Count("pk", filter=rule) for number, rule in enumerate(KINDS.values())}
    )
    return {kind: int(counted[f"n{number}"]) for number, kind in enumerate(KINDS)}


def census() -> dict[str, int]:
    """What there was before anything was moved; of what is moved since, as its rows in V1 and its move say."""
    found = plan()
    done = Census.objects.filter(pk__in=Move.objects.exclude(outcome=Outcome.QUARANTINED).values("pk"))
    of_rows = ("total", "request missing", "opening too short", "opened by who asked")
    counted = done.aggregate(**{f"n{number}": Count("pk", filter=KINDS[kind]) for number, kind in enumerate(of_rows)})
    for number, kind in enumerate(of_rows):
        found[kind] += int(counted[f"n{number}"])
    found["convertible"] += int(counted["n0"])
    with connection.cursor() as cursor:
        cursor.execute(SEVERAL)
        found["duplicates of a pair"] = int(_only(cursor.fetchone())[0])
    return found


def standing() -> Standing:
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        return Standing(*_only(cursor.fetchone()))


def comparison(stands: Standing) -> Comparison | None:
    run = Run.objects.filter(verified_at__isnull=False).order_by("-verified_at").first()
    if run is None or run.verified_at is None:
        return None
    return Comparison(run.verified_at, run.differences or 0, not stands.moved_at or stands.moved_at < run.verified_at)


def unscreened() -> int:
    """Moved ones whose words nobody has protected yet."""
    return Move.objects.unscreened().values("into_id").distinct().count()


def seconds_at_work() -> dict[int, float]:
    """Of each run, without its pauses."""
    with connection.cursor() as cursor:
        cursor.execute(AT_WORK)
        return dict(cursor.fetchall())


def messages() -> dict[str, tuple[int, int]]:
    """By the outcome, nothing for those that wait: those with words, and all."""
    with connection.cursor() as cursor:
        cursor.execute(MESSAGES)
        return {outcome: (with_words, total) for outcome, with_words, total in cursor.fetchall()}


def left_behind() -> list[Left]:
    """What stays where it is, by the reason."""
    rows = Move.objects.filter(outcome="quarantined").values_list("reason").order_by("reason")
    return [Left(*row) for row in rows.annotate(number=Count("pk"), settled=Count("settled_at"))]


def _only(row: Any) -> tuple[Any, ...]:
    return tuple(row or ())
