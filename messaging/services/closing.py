"""Closing a thread: either side may, both can go on reading it."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

import notifications.services as notifications
from carecollective.errors import NotPermitted
from members.models import Member
from messaging.models import Conversation, Happening, Status
from messaging.services.talking import tell_in_thread

BEING_CHECKED = "We are checking your words first. You can take your offer back."


@transaction.atomic
def close_conversation(member: Member, conversation_id: UUID) -> Conversation:
    """Nobody writes in it any more; the offer keeps its state. Said twice, it changes nothing."""
    conversation = Conversation.objects.locked_for(member, conversation_id)
    if conversation.status == Status.CLOSED:
        return conversation
    if conversation.status == Status.HELD:
        # Closed, it would be open to the other one's eyes before anybody checked its words.
        raise NotPermitted(BEING_CHECKED)
    Conversation.objects.filter(pk=conversation.pk).update(
        status=Status.CLOSED, closed_at=Now(), closed_by=member, updated_at=Now()
    )
    tell_in_thread(conversation, Happening.CLOSED, member)
    notifications.record("conversation_closed", about=conversation, to=conversation.other(member), actor=member)
    return Conversation.objects.one_for(member, conversation_id)


def close_for_safety(moderator: Member, conversation_id: UUID) -> None:
    """By a decision, at once; the line about it comes when the decision can no longer be undone."""
    Conversation.objects.filter(pk=conversation_id, status=Status.ACTIVE).update(
        status=Status.CLOSED, closed_at=Now(), closed_by=moderator, updated_at=Now()
    )


def tell_closed(conversation_id: UUID) -> None:
    """That line: the house itself says it, so nobody reads a name."""
    Conversation.objects.hold(conversation_id)
    thread = Conversation.objects.filter(pk=conversation_id).first()
    if thread and _was_closed_by_us(thread):
        tell_in_thread(thread, Happening.CLOSED, None)


def open_again(conversation_id: UUID) -> None:
    """The decision was taken back; a thread one of the two closed themselves stays closed."""
    thread = Conversation.objects.filter(pk=conversation_id).first()
    if thread and _was_closed_by_us(thread):
        Conversation.objects.filter(pk=thread.pk).update(status=Status.ACTIVE, closed_at=None, closed_by=None)


def _was_closed_by_us(thread: Conversation) -> bool:
    return thread.status == Status.CLOSED and thread.closed_by_id not in (None, thread.requester_id, thread.helper_id)
