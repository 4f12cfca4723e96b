"""The rows of what is said, each with its record, in one statement of SQL: the hottest writes there are."""

# Written by hand, because the ORM would take three statements and more time than PostgreSQL needs for all of them.

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from django.db import connection

from carecollective import ports
from carecollective.database import new_id
from carecollective.errors import IdempotencyKeyReused
from carecollective.ports import EarlierConversations
from members.models.bans import IS_ACTIVE, failing_closed, is_banned_sql
from messaging.models.sealing import Words
from messaging.models.words import Kind, Moderation, OfferState, Status, Type, Version

# No index reaches over both versions. The writer's starts wait for each other at the row of their limit, and two people
# who begin with each other at the lock of their pair, so what this sees is all there is.
NONE_THERE = """
    NOT EXISTS (SELECT FROM conversations_v2 WHERE help_request_id = %(request)s AND helper_id = %(helper)s)
    AND NOT EXISTS (
        SELECT FROM conversations_v2
        WHERE helper_id = %(helper)s AND client_id = %(client_id)s::varchar AND client_id <> ''
    ) AND NOT EXISTS (
        SELECT FROM conversations_v2 WHERE %(request)s::uuid IS NULL AND kind = 'direct'
            AND least(requester_id, helper_id) = least(%(requester)s, %(helper)s)
            AND greatest(requester_id, helper_id) = greatest(%(requester)s, %(helper)s)
    )
"""
# Nothing is made where one of the two has blocked the other, where whoever is asked is gone, where a conversation of
# theirs stands already, or where the writer was restricted meanwhile: they are held by now, and any restriction closes
# this.
OPEN = f"""
WITH made AS (
    INSERT INTO {{conversations}} (id, kind, help_request_id, requester_id, helper_id, opening_sender_id,
                                  initial_message, key_id, opening_digest, opening_digest_key_id, client_id,
                                  status, opening_moderation, opening_caution, offer_state, offered_at)
    SELECT %(id)s, %(kind)s, %(request)s, %(requester)s, %(helper)s, %(helper)s,
           %(stored)s, %(key_id)s, %(digest)s, %(key_id)s, %(client_id)s,
           %(status)s, %(moderation)s, %(caution)s, %(offer_state)s,
           CASE WHEN %(request)s::uuid IS NOT NULL THEN statement_timestamp() END
    WHERE NOT EXISTS (
        SELECT FROM member_blocks
        WHERE (blocker_id, blocked_id) IN ((%(requester)s, %(helper)s), (%(helper)s, %(requester)s))
    ) AND EXISTS (
        SELECT FROM members
        WHERE id = %(requester)s AND is_active AND verification_status = 'approved'
            AND NOT {is_banned_sql("members.id")}
    ) AND NOT EXISTS (SELECT FROM user_restrictions WHERE member_id = %(helper)s AND {IS_ACTIVE}) AND {NONE_THERE}
    ON CONFLICT DO NOTHING
    RETURNING id
)
INSERT INTO message_audit_log (conversation_id, message_id, sequence, actor_id, deed)
SELECT id, id, 1, %(helper)s, 'sent' FROM made
RETURNING message_id
"""  # noqa: S608 (only words of ours)

# The number is given under the row's lock, so what is committed first is read first.
NOT_SAID = """NOT EXISTS (
        SELECT FROM messages_v2
        WHERE sender_id = %(sender)s AND client_id = %(client_id)s::varchar AND client_id <> '')"""
SAY = f"""
WITH thread AS (
    UPDATE conversations_v2 SET
        last_sequence = last_sequence + 1, last_message_at = greatest(clock_timestamp(), last_message_at),
        updated_at = clock_timestamp(),
        requester_unread = requester_unread + (%(sender)s::uuid IS NOT DISTINCT FROM helper_id)::int,
        helper_unread = helper_unread + (%(sender)s::uuid IS NOT DISTINCT FROM requester_id)::int
    WHERE id = %(conversation)s
    RETURNING id, last_sequence, last_message_at
), said AS (
    INSERT INTO {{messages}} (id, conversation_id, sender_id, sequence, type, happening, content, key_id, digest,
                             digest_key_id, client_id, caution, created_at, updated_at)
    SELECT %(id)s, id, %(sender)s, last_sequence, %(type)s, %(happening)s, %(stored)s, %(key_id)s, %(digest)s,
           %(key_id)s, %(client_id)s, %(caution)s, last_message_at, last_message_at FROM thread
    WHERE {NOT_SAID}
    ON CONFLICT (sender_id, client_id) WHERE client_id <> '' DO NOTHING
    RETURNING sequence, created_at
), kept AS (
    INSERT INTO message_audit_log (conversation_id, message_id, sequence, actor_id, deed)
    SELECT %(conversation)s, %(id)s, sequence, %(sender)s, 'sent' FROM said
)
SELECT sequence, created_at FROM said
"""  # noqa: S608 (only words of ours)

# Held words have no number, and nothing about their thread moves: nobody but their writer may notice them.
HOLD = f"""
WITH said AS (
    INSERT INTO {{messages}} (id, conversation_id, sender_id, moderation, type, happening, content, key_id, digest,
                             digest_key_id, client_id, caution, created_at, updated_at)
    SELECT %(id)s, %(conversation)s, %(sender)s, 'held', %(type)s, %(happening)s, %(stored)s, %(key_id)s, %(digest)s,
           %(key_id)s, %(client_id)s, %(caution)s, at, at FROM clock_timestamp() AS at
    WHERE {NOT_SAID}
    ON CONFLICT (sender_id, client_id) WHERE client_id <> '' DO NOTHING
    RETURNING created_at
), kept AS (
    INSERT INTO message_audit_log (conversation_id, message_id, actor_id, deed)
    SELECT %(conversation)s, %(id)s, %(sender)s, 'sent' FROM said
)
SELECT NULL, created_at FROM said
"""  # noqa: S608 (only words of ours)


OURS = EarlierConversations("conversations_v2", "messages_v2")


class Stands(Protocol):
    """A conversation, as far as somebody who adds to it has to know it."""

    @property
    def id(self) -> UUID: ...

    @property
    def version(self) -> int: ...


@dataclass(frozen=True)
class Opening:
    """Who starts a conversation with whom, about which request; without one it is direct."""

    id: UUID
    requester_id: UUID
    helper_id: UUID
    request_id: UUID | None
    words: Words
    client_id: str = ""
    is_held: bool = False
    caution: str = ""
    version: int = Version.V2


@dataclass(frozen=True)
class Line:
    """What is added to a thread, and by whom; by nobody where the site itself tells what happened."""

    sender_id: UUID | None
    words: Words
    type: Type = Type.STANDARD
    happening: str = ""
    client_id: str = ""
    is_held: bool = False
    caution: str = ""
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True)
class Said:
    id: UUID
    # None while it is held.
    sequence: int | None
    created_at: datetime


def open_conversation(opening: Opening) -> bool:
    """False where it was not made; the next statement then sees why."""
    values: dict[str, Any] = {
        "id": opening.id,
        "kind": (Kind.HELP if opening.request_id else Kind.DIRECT).value,
        "request": opening.request_id,
        "requester": opening.requester_id,
        "helper": opening.helper_id,
        "stored": opening.words.stored,
        "key_id": opening.words.key_id,
        "digest": opening.words.digest,
        "client_id": opening.client_id,
        "status": (Status.HELD if opening.is_held else Status.ACTIVE).value,
        "moderation": Moderation.HELD.value if opening.is_held else "",
        "caution": opening.caution,
        "offer_state": OfferState.OFFERED.value if opening.request_id else None,
    }
    with failing_closed(), connection.cursor() as cursor:
        cursor.execute(_into(OPEN, opening.version), values)
        return cursor.fetchone() is not None


def say(thread: Stands, line: Line) -> Said:
    """Adds a message; call it under the conversation's lock, where a key used before was seen already.

    So one that turns up now was used in another thread at the same moment.
    """
    values: dict[str, Any] = {
        "id": line.id,
        "conversation": thread.id,
        "sender": line.sender_id,
        "type": line.type.value,
        "happening": line.happening,
        "stored": line.words.stored,
        "key_id": line.words.key_id,
        "digest": line.words.digest,
        "client_id": line.client_id,
        "caution": line.caution,
    }
    with connection.cursor() as cursor:
        cursor.execute(_into(HOLD if line.is_held else SAY, thread.version), values)
        row = cursor.fetchone()
    if row is None:
        raise IdempotencyKeyReused()
    return Said(line.id, *row)


@cache
def _into(statement: str, version: int) -> str:
    """A statement names the table it adds to: there nobody asks who inherits."""
    tables = OURS if version == Version.V2 else ports.earlier_conversations()
    if tables is None:
        raise LookupError("The room of the earlier system is gone, and its conversations are not.")
    return statement.format(conversations=tables.conversations, messages=tables.messages)
