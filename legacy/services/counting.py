"""How many there are: of each kind before anything is moved, of each outcome since, and how fast it goes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from legacy.models import Census, Move, Outcome

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
       coalesce(extract(epoch FROM now() - min(at) FILTER (WHERE is_new)), 0)::float AS seconds,
       EXISTS (
           SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND (classid::bigint << 32 | objid::bigint) = hashtext('backfill_v1')::bigint
       ) AS is_at_work
FROM legacy_moves CROSS JOIN LATERAL (SELECT at > now() - interval '1 minute' AS is_new) AS age
"""
# By what became of their conversations; a message without words is not moved anywhere.
MESSAGES = """
SELECT coalesce(move.outcome, ''), count(*) FILTER (WHERE said.content ~ '\\S' OR said.deleted_at IS NOT NULL), count(*)
FROM messages AS said LEFT JOIN legacy_moves AS move ON move.id = said.conversation_id GROUP BY 1
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
    """What there was before anything was moved; of what is moved since, from what its rows in V1 and its move say."""
    moved = ~Q(outcome=Outcome.QUARANTINED)
    found, merged = plan(), Move.objects.filter(outcome=Outcome.MERGED).count()
    done = Census.objects.filter(pk__in=Move.objects.filter(moved).values("pk"))
    of_rows = ("more or fewer than two people", "request missing", "opening too short", "opened by who asked")
    counted = done.aggregate(**{f"n{number}": Count("pk", filter=KINDS[kind]) for number, kind in enumerate(of_rows)})
    for number, kind in enumerate(of_rows):
        found[kind] += int(counted[f"n{number}"])
    all_moved = done.count()
    found["total"] += all_moved
    found["convertible"] += all_moved
    found["duplicates of a pair"] += merged
    return found


def standing() -> Standing:
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        return Standing(*_only(cursor.fetchone()))


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
