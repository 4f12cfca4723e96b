"""What the earlier system holds about a person and our rooms do not show, for their download."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from legacy.models import EarlierConversation, EarlierMessage, EarlierParticipant
from legacy.models.ending import v1_stands
from members.models import Member
from messaging.models import Conversation, Message


def left_in_the_earlier_system(member: Member) -> list[dict[str, Any]] | None:
    """Conversations no list of ours has: nobody said anything in them, or somebody of the two is missing."""
    if not v1_stands():
        return None
    is_found = Exists(Conversation.objects.filter(pk=OuterRef("pk")))
    mine = EarlierParticipant.objects.filter(user_id=member.pk).values("conversation")
    threads = EarlierConversation.objects.filter(Q(created_by=member.pk) | Q(pk__in=mine)).exclude(is_found)
    told = [
        {"id": row.pk, "help_request_id": row.help_request_id, "created_at": row.created_at, "status": row.status}
        for row in threads.order_by("created_at", "pk")
    ]
    return [*told, *_words(member)] or None


def _words(member: Member) -> list[dict[str, Any]]:
    """Their own words that stand in no message of ours under their name."""
    ours = Exists(Message.objects.filter(pk=OuterRef("pk"), sender=member))
    of_opening = Q(pk=OuterRef("conversation_id"), opening_v1_id=OuterRef("pk")) | Q(pk=OuterRef("pk"))
    opened = Exists(Conversation.objects.filter(of_opening, opening_sender=member))
    rows = EarlierMessage.objects.filter(sender_id=member.pk).exclude(ours).exclude(opened)
    return [
        {
            "id": row.pk,
            "conversation_id": row.conversation_id,
            "created_at": row.created_at,
            "deleted_at": row.deleted_at,
            "words": row.content,
        }
        for row in rows.order_by("created_at", "pk")
    ]
