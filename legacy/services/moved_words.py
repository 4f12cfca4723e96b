"""The words of moved conversations as they stand in V2: which are clear, which V1 had hidden, and sealing them."""

# By hand, because openings and messages stand in two tables and are one kind of thing here.

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from carecollective.encryption import seal
from messaging.models.sealing import HIDDEN_THERE, message_place, opening_place

# What has its verdict was read by our rules when it was written, or by an earlier run. Lines of our own are nobody's.
CLEAR = """
SELECT thread.id, thread.id, true, thread.initial_message, thread.opening_sender_id
FROM ONLY conversations_v2 AS thread
WHERE thread.id = ANY (%(ids)s) AND thread.origin = 'v1' AND thread.key_id = '' AND thread.initial_message <> ''
  AND NOT EXISTS (SELECT FROM screening_verdicts WHERE target_id = thread.id)
UNION ALL
SELECT said.conversation_id, said.id, false, said.content, CASE WHEN said.type <> 'system' THEN said.sender_id END
FROM ONLY messages_v2 AS said
WHERE said.conversation_id = ANY (%(ids)s) AND said.origin = 'v1' AND said.key_id = '' AND said.content <> ''
  AND (said.type <> 'system' OR said.happening = 'earlier_note')
  AND NOT EXISTS (SELECT FROM screening_verdicts WHERE target_id = said.id)
ORDER BY 1, 2
"""
# What V1 hid stands there alone.
HIDDEN = """
SELECT thread.id, thread.id, true, earlier.content, thread.opening_sender_id
FROM ONLY conversations_v2 AS thread JOIN messages AS earlier ON earlier.id = coalesce(opening_v1_id, thread.id)
WHERE thread.id = ANY (%(ids)s) AND thread.origin = 'v1' AND opening_moderation = 'hidden'
  AND opening_deleted_at IS NULL AND opening_hidden = '' AND earlier.content ~ '\\S' AND earlier.content <> %(gone)s
UNION ALL
SELECT said.conversation_id, said.id, false, earlier.content, said.sender_id
FROM ONLY messages_v2 AS said JOIN messages AS earlier ON earlier.id = said.id
WHERE said.conversation_id = ANY (%(ids)s) AND said.origin = 'v1' AND said.moderation = 'hidden'
  AND said.deleted_at IS NULL AND said.hidden = '' AND earlier.content ~ '\\S' AND earlier.content <> %(gone)s
ORDER BY 1, 2
"""
GONE = "[protected]"

CHANGE_OPENING = """
UPDATE conversations_v2 SET initial_message = %(stored)s, key_id = %(key_id)s, opening_caution = %(caution)s
WHERE id = %(id)s
"""
CHANGE_MESSAGE = """
UPDATE messages_v2 SET content = %(stored)s, key_id = %(key_id)s, caution = %(caution)s WHERE id = %(id)s
"""
HIDE_OPENING = """
UPDATE conversations_v2 SET opening_hidden = %(stored)s, opening_hidden_key_id = %(key_id)s WHERE id = %(id)s
"""
HIDE_MESSAGE = "UPDATE messages_v2 SET hidden = %(stored)s, hidden_key_id = %(key_id)s WHERE id = %(id)s"
# The side row that is kept for the way back has its opening, too; which one it became, the move says.
KEPT = """
SELECT id FROM legacy_moves
WHERE into_id = %(conversation)s AND kept ->> 'key_id' = '' AND kept ->> 'initial_message' <> ''
  AND (id = %(id)s OR id <> into_id AND coalesce(kept ->> 'opening_v1_id', id::text) = %(id)s::text)
"""
CHANGE_KEPT = """
UPDATE legacy_moves SET
    kept = kept || jsonb_build_object('initial_message', %(stored)s::text, 'key_id', %(key_id)s::text)
WHERE id = %(id)s
"""


@dataclass(frozen=True)
class Moved:
    """Words of a moved conversation; nobody's where they are a note."""

    conversation_id: UUID
    id: UUID
    is_opening: bool
    text: str
    sender_id: UUID | None

    def place(self, version: str = "") -> str:
        if self.is_opening:
            return opening_place(self.id, version)
        return message_place(self.conversation_id, self.id, version)


def clear(conversations: list[UUID]) -> list[Moved]:
    return [Moved(*row) for row in _rows(CLEAR, {"ids": conversations})]


def hidden_there(conversations: list[UUID]) -> list[Moved]:
    return [Moved(*row) for row in _rows(HIDDEN, {"ids": conversations, "gone": GONE})]


def put_back(words: Moved, *, is_personal: bool, caution: str) -> None:
    """As they are stored from now on: sealed or clear, with or without a sentence above them."""
    stored, key_id = words.text, ""
    if is_personal:
        sealed = seal(words.text, words.place())
        stored, key_id = sealed.text, sealed.key_id
        _seal_kept(words)
    change = CHANGE_OPENING if words.is_opening else CHANGE_MESSAGE
    _say(change, {"id": words.id, "stored": stored, "key_id": key_id, "caution": caution})


def put_away_hidden(words: Moved) -> None:
    """Where our own hidden words stand, but for another place: no decision of ours that is taken back shows them."""
    sealed = seal(words.text, words.place(HIDDEN_THERE))
    change = HIDE_OPENING if words.is_opening else HIDE_MESSAGE
    _say(change, {"id": words.id, "stored": sealed.text, "key_id": sealed.key_id})


def _seal_kept(words: Moved) -> None:
    for (move_id,) in _rows(KEPT, {"conversation": words.conversation_id, "id": words.id}):
        sealed = seal(words.text, opening_place(move_id))
        _say(CHANGE_KEPT, {"id": move_id, "stored": sealed.text, "key_id": sealed.key_id})


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _say(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
