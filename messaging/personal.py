"""What a member wrote in their chats, for their download: their own words, never those of others."""

from typing import Any

from django.db.models import Q

from members.models import Member
from messaging.models import Conversation, Message, Type
from messaging.models.sealing import hidden_words, message_place, opening_place, readable


def written_by(member: Member) -> list[dict[str, Any]]:
    """In the order it was written; what was deleted is gone and only says so."""
    return sorted([*_openings(member), *_messages(member)], key=lambda row: (row["sent_at"], str(row["id"])))


def _openings(member: Member) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "conversation_id": row.pk,
            "sent_at": row.created_at,
            "edited_at": row.opening_edited_at,
            "deleted_at": row.opening_deleted_at,
            "moderation": row.opening_moderation or None,
            "words": hidden_words(row) or readable(row.initial_message, row.key_id, opening_place(row.pk)),
        }
        for row in Conversation.objects.filter(opening_sender=member).iterator()
    ]


def _messages(member: Member) -> list[dict[str, Any]]:
    # Through the member's conversations, which have an index; the messages of one person have none.
    return [
        {
            "id": row.pk,
            "conversation_id": row.conversation_id,
            "sent_at": row.created_at,
            "edited_at": row.edited_at,
            "deleted_at": row.deleted_at,
            "moderation": row.moderation or None,
            "words": hidden_words(row) or readable(row.content, row.key_id, message_place(row.conversation_id, row.pk)),
        }
        for row in _said(member).iterator()
    ]


def _said(member: Member) -> Any:
    """What the site itself tells of what they did is nobody's words."""
    return Message.objects.filter(sender=member, conversation__in=_conversations(member)).exclude(type=Type.SYSTEM)


def _conversations(member: Member) -> Any:
    return Conversation.objects.filter(Q(requester=member) | Q(helper=member)).values("pk")
