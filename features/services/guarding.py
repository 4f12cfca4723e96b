"""The guard: turns messaging_v2 off by itself where too much of it fails, and never touches a pinned switch."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from features import guard, outcomes
from features.models import FlagChange
from features.services import switching
from features.states import OFF

GUARD = switching.By("the guard", is_person=False)

# By hand: each kind is read backwards through its index and no further than it must, whatever else is in the log.
COUNTED = """
SELECT at, code = ANY(%(faults)s) AS failed FROM attempts
WHERE attempts.kind = looked_at.kind AND version = 2 AND code = ANY(%(codes)s)
AND at > now() - %(back)s AND at > coalesce(%(since)s::timestamptz, '-infinity')
"""
# S608: only words of ours.
EACH = f"""
SELECT count(*), count(*) FILTER (WHERE failed) FROM (
    SELECT failed FROM unnest(%(kinds)s::text[]) AS looked_at (kind), LATERAL ({COUNTED}) AS counted
) AS counted
"""  # noqa: S608
LAST = f"""
SELECT count(*), count(*) FILTER (WHERE failed) FROM (
    SELECT failed FROM unnest(%(kinds)s::text[]) AS looked_at (kind),
    LATERAL ({COUNTED} ORDER BY at DESC LIMIT %(fewest)s) AS counted
    ORDER BY counted.at DESC LIMIT %(fewest)s
) AS counted
"""  # noqa: S608


@transaction.atomic
def look_after() -> FlagChange | None:
    """Every minute. Whoever switches meanwhile waits for it, and it for them: what it looks at is what it turns off."""
    row, answer = switching.held()
    if not answer.state.exposes_anybody or answer.is_pinned:
        return None
    broken = next((seen for seen in looks(row.exposed_since) if seen.is_broken), None)
    return switching.switch(OFF, why=broken.in_words, by=GUARD) if broken else None


def looks(since: datetime | None = None) -> Iterator[guard.Seen]:
    return (look(view, since) for view in guard.VIEWS)


def look(view: guard.View, since: datetime | None = None) -> guard.Seen:
    """Of the last ten minutes and the last twenty attempts, what goes back further."""
    recent = _count(EACH, view, guard.WINDOW, since)
    return recent if recent.total >= guard.FEWEST else _count(LAST, view, guard.LONGEST, since)


def _count(statement: str, view: guard.View, back: Any, since: datetime | None) -> guard.Seen:
    faults = list(outcomes.FAULTS)
    values: dict[str, Any] = {"kinds": list(view.kinds), "back": back, "since": since, "fewest": guard.FEWEST}
    values |= {"faults": faults, "codes": [*faults, *outcomes.WORKED]}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        total, failures = cursor.fetchone() or (0, 0)
    return guard.Seen(total, failures, view.words)
