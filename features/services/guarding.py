"""The guard: turns messaging_v2 off by itself where too much of it fails, and never touches a pinned switch."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from features import guard
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
    why = what_is_broken(row.exposed_since)
    return switching.switch(OFF, why=why, by=GUARD) if why else None


def what_is_broken(since: datetime | None = None) -> str:
    """As the reason of a change; nothing where all is well."""
    for view in guard.VIEWS:
        seen = look(view, since)
        if seen.is_broken:
            return f"{seen.failures} of the last {seen.total} {view.words} failed on our side"
    return ""


def look(view: guard.View, since: datetime | None = None) -> guard.Seen:
    """Of the last ten minutes and the last twenty attempts, what goes back further."""
    recent = _count(EACH, view, guard.WINDOW, since)
    return recent if recent.total >= guard.FEWEST else _count(LAST, view, guard.LONGEST, since)


def _count(statement: str, view: guard.View, back: Any, since: datetime | None) -> guard.Seen:
    faults = list(guard.FAULTS)
    values: dict[str, Any] = {"kinds": list(view.kinds), "back": back, "since": since, "fewest": guard.FEWEST}
    values |= {"faults": faults, "codes": [*faults, *guard.WORKED]}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return guard.Seen(*(cursor.fetchone() or (0, 0)))
