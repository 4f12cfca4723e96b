"""The guard: turns messaging_v2 off by itself where too much of it fails, and never touches a pinned switch."""

from typing import Any

from django.db import connection, transaction

from features import attempts, guard
from features.models import FlagChange
from features.services import switching
from features.states import OFF

GUARD = switching.By("the guard")

COUNTED = """
SELECT at, code = ANY(%(faults)s) AS failed FROM attempts
WHERE kind = ANY(%(kinds)s) AND version = 2 AND code = ANY(%(codes)s) AND at > now() - %(back)s
AND at > coalesce(%(since)s::timestamptz, '-infinity')
"""
ALL = f"SELECT count(*), count(*) FILTER (WHERE failed) FROM ({COUNTED}) AS counted"  # noqa: S608 (only words of ours)
LAST = ALL.replace(") AS counted", " ORDER BY at DESC LIMIT %(fewest)s) AS counted")


def look_after() -> FlagChange | None:
    """Every minute: first what a start with other variables changed, then whether what is out works."""
    return switching.notice_environment() or turn_off_if_broken()


@transaction.atomic
def turn_off_if_broken() -> FlagChange | None:
    row, answer = switching.held()
    if not answer.state.exposes_anybody or answer.is_pinned:
        return None
    seen = look(row.exposed_since)
    return switching.switch(OFF, why=seen.in_words, by=GUARD) if seen.is_broken else None


def look(since: Any = None) -> guard.Seen:
    """What became of the attempts of V2 that count."""
    recent = _count(ALL, guard.WINDOW, since)
    if recent.total >= guard.FEWEST:
        return recent
    return guard.longer(recent, _count(LAST, guard.LONGEST, since))


def _count(statement: str, back: Any, since: Any) -> guard.Seen:
    faults = list(guard.FAULTS)
    values: dict[str, Any] = {"kinds": [attempts.START, attempts.SEND], "back": back, "since": since}
    values |= {"faults": faults, "codes": [*faults, *guard.WORKED], "fewest": guard.FEWEST}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return guard.Seen(*(cursor.fetchone() or (0, 0)))
