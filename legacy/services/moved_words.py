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
# The side row that is kept for the way back has its opening, too, which is a message here where it was merged.
KEPT = """
SELECT id, CASE WHEN id = into_id THEN id ELSE coalesce((kept ->> 'opening_v1_id')::uuid, id) END FROM legacy_moves
WHERE into_id = ANY (%(ids)s) AND kept ->> 'key_id' = '' AND kept ->> 'initial_message' <> ''
"""
CHANGE_KEPT = """
UPDATE legacy_moves SET
    kept = kept || jsonb_build_object('initial_message', %(stored)s::text, 'key_id', %(key_id)s::text)
WHERE id = %(id)s
"""


Columns = dict[str, Any]


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


@dataclass(frozen=True)
class Changed:
    """Words that are sealed, or get a sentence above them."""

    words: Moved
    is_personal: bool
    caution: str


def clear(conversations: list[UUID]) -> list[Moved]:
    return [Moved(*row) for row in _rows(CLEAR, {"ids": conversations})]


def hidden_there(conversations: list[UUID]) -> list[Moved]:
    return [Moved(*row) for row in _rows(HIDDEN, {"ids": conversations, "gone": GONE})]


def put_back(changed: list[Changed]) -> None:
    """As they are stored from now on: sealed or clear, with or without a sentence above them."""
    for statement, is_opening in ((CHANGE_OPENING, True), (CHANGE_MESSAGE, False)):
        _say(statement, [_columns(each) for each in changed if each.words.is_opening == is_opening])
    _seal_kept({each.words.id: each.words for each in changed if each.is_personal})


def put_away_hidden(hidden: list[Moved]) -> None:
    """Where our own hidden words stand, but for another place: no decision of ours that is taken back shows them."""
    for statement, is_opening in ((HIDE_OPENING, True), (HIDE_MESSAGE, False)):
        of_them = [words for words in hidden if words.is_opening == is_opening]
        _say(statement, [_sealed(words.id, words.text, words.place(HIDDEN_THERE)) for words in of_them])


def _columns(changed: Changed) -> Columns:
    words, caution = changed.words, {"caution": changed.caution}
    if not changed.is_personal:
        return {"id": words.id, "stored": words.text, "key_id": ""} | caution
    return _sealed(words.id, words.text, words.place()) | caution


def _seal_kept(sealed: dict[UUID, Moved]) -> None:
    """For their own place: the conversation they came from."""
    kept = _rows(KEPT, {"ids": list({words.conversation_id for words in sealed.values()})}) if sealed else []
    found = [(move, sealed[opening]) for move, opening in kept if opening in sealed]
    _say(CHANGE_KEPT, [_sealed(move, words.text, opening_place(move)) for move, words in found])


def _sealed(of: UUID, text: str, place: str) -> Columns:
    sealed = seal(text, place)
    return {"id": of, "stored": sealed.text, "key_id": sealed.key_id}


def _rows(statement: str, values: Columns) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _say(statement: str, values: list[Columns]) -> None:
    """Together, as far as the connection allows it."""
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)
