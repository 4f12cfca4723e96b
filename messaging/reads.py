"""The two hot reads, an inbox and a page of a thread: one statement each, their JSON made by PostgreSQL."""

# By hand, because writing the SQL anew and making rows of it costs the ORM many times what the database needs.
# Sealed words are opened here, one by one; most pages have none.

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from carecollective import keyset
from carecollective.errors import NotFound, NotValid
from carecollective.keyset import Key, read_cursor, write_cursor
from members.models import Member
from messaging.models.finding import NOT_FOUND
from messaging.models.sealing import message_place, opening_place, readable
from messaging.models.words import Show
from messaging.reads_sql import CHANGED, INBOX, OFFERS, ONE, RECORD, SHOWN, THREAD

NEWEST_WORDS_FIRST = (Key("last_message_at", keyset.moment), Key("id", UUID))
PAGE = 50
MOST_MESSAGES = 100
END = 2**31 - 1
BOTH_ENDS = "Please send before or after, not both."


@dataclass(frozen=True)
class Slice:
    """Which part of a thread: the newest, what is older than `before`, or what is newer than `after`."""

    limit: int = PAGE
    before: int | None = None
    after: int | None = None


def inbox(member: Member, limit: int, cursor: str = "", offset: int = 0) -> dict[str, Any]:
    """Own conversations, the one with the newest message first."""
    return _listed(INBOX, member, limit, cursor, offset)


def shown(member: Member, show: Show, limit: int, cursor: str = "") -> dict[str, Any]:
    """Those of them that a page was asked for; nobody counts the rest."""
    return _listed(SHOWN[show], member, limit, cursor)


def offers(member: Member, request_id: UUID) -> list[dict[str, Any]] | None:
    """The conversations about one's own request, the oldest offer first; None where it is not one's own."""
    is_own, rows, keys = _one(OFFERS, {"me": member.pk, "request": request_id})
    return _opened(orjson.loads(rows), keys) if is_own else None


def conversation(member: Member, conversation_id: UUID) -> dict[str, Any]:
    row = _one(ONE, {"me": member.pk, "of": conversation_id})
    if row is None:
        raise NotFound(NOT_FOUND)
    return _opened([orjson.loads(row[0])], row[1])[0]


def thread(member: Member, conversation_id: UUID, part: Slice, *, is_whole: bool = False) -> tuple[bytes, bytes, bytes]:
    """Conversation, messages and pagination as JSON; the opening message is the first of them."""
    row = _one(THREAD, _values(member, conversation_id, part))
    if row is None:
        raise NotFound(NOT_FOUND)
    found, messages, opening, sealed, waits, newest, first, last = row
    messages, first, last = messages or "[]", first or 0, last or 0
    if opening or sealed or waits:
        keys = {**(opening or {}), **(sealed or {})}
        found = orjson.dumps(_opened([orjson.loads(found)], keys)[0]).decode()
        # What only its writer sees stands at the end of the thread, unless they deleted it.
        is_end = last == newest or (part.after or 0) >= newest
        said = orjson.loads(messages)
        shown = [one for one in said if one["sequence"] or (is_end and (is_whole or not one["deleted_at"]))]
        messages = orjson.dumps(_messages_opened(shown, keys)).decode()
    pagination = {
        "limit": part.limit,
        "has_more": 0 < last < newest if part.after is not None else first > 1,
        "first_sequence": first or None,
        "last_sequence": last or None,
        "newest_sequence": newest,
    }
    return found.encode(), messages.encode(), orjson.dumps(pagination)


def message(
    member: Member, conversation_id: UUID, sequence: int | None, message_id: UUID | None = None
) -> dict[str, Any]:
    """One message, by its place in the thread; what has none stands behind all that have."""
    part = Slice(limit=1, after=sequence - 1 if sequence else END)
    _, messages, _ = thread(member, conversation_id, part, is_whole=True)
    found: dict[str, Any] = next(
        one for one in orjson.loads(messages) if message_id is None or one["id"] == str(message_id)
    )
    return found


def thread_rows(member: Member, conversation_id: UUID, part: Slice) -> tuple[dict[str, Any], list[Any], dict[str, Any]]:
    """The same for the pages."""
    found, messages, pagination = thread(member, conversation_id, part)
    return orjson.loads(found), orjson.loads(messages), orjson.loads(pagination)


def record(member: Member, conversation_id: UUID) -> int:
    """How far the record has got for this reader: it moves with whatever becomes of a message they may see."""
    number: int = _one(RECORD, {"of": conversation_id, "me": member.pk})[0]
    return number


def changed(member: Member, conversation_id: UUID, record: int, upto: int) -> list[dict[str, Any]]:
    """Messages that were edited or taken away since, of those up to that place."""
    values = {"me": member.pk, "of": conversation_id, "record": record, "upto": upto}
    said, keys = _one(CHANGED, values)
    return _messages_opened(orjson.loads(said), keys or {})


def _values(member: Member, conversation_id: UUID, part: Slice) -> dict[str, Any]:
    if part.before is not None and part.after is not None:
        raise NotValid(fields={"after": [BOTH_ENDS]})
    return {
        "me": member.pk,
        "of": conversation_id,
        "after": part.after if part.after is not None else 0,
        "before": part.before if part.before is not None else END,
        "limit": part.limit,
        "forward": part.after is not None,
        "way": -1 if part.after is None else 1,
    }


def _listed(query: str, member: Member, limit: int, cursor: str, offset: int = 0) -> dict[str, Any]:
    moment, last_id = read_cursor(NEWEST_WORDS_FIRST, cursor) if cursor else (None, None)
    rows, openings, messages, total = _one(
        query, {"me": member.pk, "limit": limit + 1, "offset": offset, "moment": moment, "last_id": last_id}
    )
    found = _opened(orjson.loads(rows), openings)
    _messages_opened(
        [row["last_message"] for row in found if row["last_message"]], {**(messages or {}), **(openings or {})}
    )
    has_more, found = len(found) > limit, found[:limit]
    next_cursor = write_cursor([found[-1][key.name] for key in NEWEST_WORDS_FIRST]) if has_more else None
    return {"rows": found, "has_more": has_more, "next_cursor": next_cursor, "total": total}


def _one(query: str, values: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()


def _opened(rows: list[dict[str, Any]], keys: dict[str, str] | None) -> list[dict[str, Any]]:
    """The openings of conversations, where they are sealed."""
    for row in rows if keys else []:
        if key_id := (keys or {}).get(row["id"]):
            row["initial_message"] = readable(row["initial_message"], key_id, opening_place(row["id"]))
    return rows


def _messages_opened(messages: list[dict[str, Any]], keys: dict[str, str]) -> list[dict[str, Any]]:
    for message in messages if keys else []:
        if key_id := keys.get(message["id"]):
            where = message["conversation_id"]
            place = opening_place(where) if message["is_opening"] else message_place(where, message["id"])
            message["content"] = readable(message["content"], key_id, place)
    return messages
