"""What was settled as archived, as plain facts for the file that is kept of it when V1 goes."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from carecollective.encryption import Sealed, seal
from legacy.models import EarlierConversation, EarlierParticipant, Move, SettledAs
from legacy.services.settling import in_batches
from messaging.models.sealing import message_place, opening_place

# What stands beside a message says more than its own row: whether it is sealed, held, hidden or gone.
SAID = """
SELECT said.conversation_id, said.id, said.sender_id, said.created_at, said.message_type,
       side.edited_at, said.deleted_at IS NOT NULL OR side.deleted_at IS NOT NULL,
       said.moderation_status IN ('hidden', 'removed') OR coalesce(side.moderation <> '', false),
       CASE WHEN coalesce(side.key_id, '') = '' THEN said.content ELSE side.words END, coalesce(side.key_id, ''),
       coalesce(side.hidden, ''), coalesce(side.hidden_key_id, ''), coalesce(side.is_opening, false)
FROM messages AS said LEFT JOIN (
    SELECT id, content AS words, key_id, hidden, hidden_key_id, moderation, edited_at, deleted_at, false AS is_opening
    FROM legacy_messages WHERE conversation_id = ANY (%(ids)s)
    UNION ALL
    SELECT coalesce(opening_v1_id, id), initial_message, key_id, opening_hidden, opening_hidden_key_id,
           opening_moderation, opening_edited_at, opening_deleted_at, true
    FROM legacy_conversations WHERE id = ANY (%(ids)s)
) AS side ON side.id = said.id
WHERE said.conversation_id = ANY (%(ids)s)
ORDER BY said.conversation_id, said.created_at, said.id
"""


def settled_conversations() -> Iterator[dict[str, Any]]:
    """Each with its people and its messages in their order; a few hundred are in memory at a time.

    Words that are sealed stay sealed, with the place they open at; those that were kept from readers are sealed here;
    those that were deleted are not in it.
    """
    for ids in in_batches(Move.objects.filter(settled_as=SettledAs.ARCHIVED)):
        people, said = _people(ids), _said(ids)
        moves = Move.objects.in_bulk(ids)
        for thread in EarlierConversation.objects.filter(pk__in=ids).order_by("pk"):
            yield {
                **_thread(thread, moves[thread.pk]),
                "people": people.get(thread.pk, []),
                "messages": said.get(thread.pk, []),
            }


def _thread(thread: EarlierConversation, move: Move) -> dict[str, Any]:
    return {
        "id": thread.pk,
        "help_request_id": thread.help_request_id,
        "created_by": thread.created_by,
        "title": thread.title,
        "status": thread.status,
        "created_at": thread.created_at,
        "left_because": move.reason,
        "settled_at": move.settled_at,
        "settled_by": move.settled_by,
        "settled_why": move.settled_why,
    }


def _people(ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    rows = EarlierParticipant.objects.filter(conversation__in=ids).order_by("conversation_id", "joined_at", "user_id")
    return {
        thread: [
            {"id": row.user_id, "role": row.role, "joined_at": row.joined_at, "left_at": row.left_at} for row in those
        ]
        for thread, those in groupby(rows, key=lambda row: row.conversation_id)
    }


def _said(ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    with connection.cursor() as cursor:
        cursor.execute(SAID, {"ids": ids})
        rows = cursor.fetchall()
    return {thread: [_message(*row) for row in those] for thread, those in groupby(rows, key=lambda row: row[0])}


def _message(thread: UUID, message: UUID, *more: Any) -> dict[str, Any]:
    sender, at, kind, edited_at, is_deleted, *kept = more
    facts = {"id": message, "sender_id": sender, "type": kind, "created_at": at, "edited_at": edited_at}
    return facts | ({"is_deleted": True} if is_deleted else _words(thread, message, *kept))


def _words(thread: UUID, message: UUID, *kept: Any) -> dict[str, Any]:
    is_kept_back, words, key_id, hidden, hidden_key_id, is_opening = kept
    version = ".hidden" if hidden else ""
    place = opening_place(thread, version) if is_opening else message_place(thread, message, version)
    if hidden:
        sealed = Sealed(hidden_key_id, hidden)
    elif key_id:
        sealed = Sealed(key_id, words)
    elif is_kept_back:
        sealed = seal(words, place)
    else:
        return {"words": words}
    return {"sealed": sealed.text, "key_id": sealed.key_id, "place": place, "is_kept_back": is_kept_back}
