"""The rows of throw-away members, table by table, whoever points at another one first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from members.models import Member

# First what they did in other rooms, last themselves. The tables of the earlier system are filled by triggers, which
# follow no deletion; those that inherit (decision 010) are emptied with the ones they inherit from.
ROWS = {
    "procrastinate_jobs": """status <> 'doing'
        AND args ->> 'notice' IN (SELECT id::text FROM notices WHERE member_id = ANY (%(people)s))""",
    "notices": "member_id = ANY (%(people)s)",
    "notice_counters": "member_id = ANY (%(people)s)",
    "events": """actor_id = ANY (%(people)s)
        OR (about_kind IN ('helprequest', 'conversation') AND about_id = ANY (%(things)s))""",
    "messaging_preferences": "member_id = ANY (%(people)s)",
    "attempts": """kind IN ('start_conversation', 'send_message') AND at >= %(since)s
        AND member_id = ANY (%(people)s)""",
    "limit_hits": "subject = ANY (%(subjects)s)",
    "screening_verdicts": """target_id = ANY (%(things)s::uuid[])
        OR target_id IN (SELECT id FROM messages_v2 WHERE conversation_id = ANY (%(threads)s))""",
    "api_tokens": "member_id = ANY (%(people)s)",
    "messages_v2": "conversation_id = ANY (%(threads)s)",
    "messages": "conversation_id = ANY (%(threads)s)",
    "conversation_participants": "conversation_id = ANY (%(threads)s)",
    "conversations": "id = ANY (%(threads)s)",
    "conversations_v2": "id = ANY (%(threads)s)",
    "help_requests": "id = ANY (%(requests)s)",
    "members": "id = ANY (%(people)s)",
}

# What they still do over HTTP waits for us now, or we for it, in the order of all locks.
HOLD_REQUESTS = "SELECT id FROM help_requests WHERE requester_id = ANY (%s) ORDER BY id FOR UPDATE"
HOLD_PEOPLE = "SELECT id FROM members WHERE id = ANY (%s) ORDER BY id FOR UPDATE"
# Between two of them: nobody else's words are ever deleted, and then the request cannot be either.
THREADS = "SELECT id FROM conversations_v2 WHERE requester_id = ANY (%(people)s) AND helper_id = ANY (%(people)s)"


@dataclass(frozen=True)
class People:
    """Those of one run."""

    ids: list[UUID]
    since: datetime | None

    @classmethod
    def of(cls, run: str) -> "People":
        rows = Member.objects.filter(email__startswith=f"smoke-{run}-", email__endswith="@smoke.invalid")
        found = list(rows.order_by("pk").values_list("pk", "created_at"))
        return cls([pk for pk, _ in found], min((at for _, at in found), default=None))


def delete(people: People) -> list[UUID]:
    """Called in the transaction that removes them; the ids of the conversations that are gone."""
    requests = _ids(HOLD_REQUESTS, [people.ids])
    _ids(HOLD_PEOPLE, [people.ids])
    threads = _ids(THREADS, {"people": people.ids})
    values: dict[str, Any] = {
        "people": people.ids,
        "subjects": [str(one) for one in people.ids],
        "since": people.since,
        "requests": requests,
        "threads": threads,
        "things": [str(one) for one in (*requests, *threads)],
    }
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        # Now and not at the end, so that a row of somebody else is found while we can still turn back.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # The tables of the earlier system go with its room.
        for table in (name for name in ROWS if name in there):
            cursor.execute(f"DELETE FROM {table} WHERE {ROWS[table]}", values)  # noqa: S608 (only words of ours)
    return threads


def _ids(statement: str, values: Any) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]
