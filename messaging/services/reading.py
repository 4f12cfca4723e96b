"""How far somebody has got in a thread. Each side has its own positions, and they only move forward."""

from uuid import UUID

from django.db import transaction
from django.db.models import Count

import notifications.services as notifications
from carecollective.errors import NotFound, NotValid
from members.models import Member
from messaging.models import Conversation, Deed, Message, MessageRecord
from messaging.models.words import Caution
from messaging.services import changing
from messaging.services.changing import Words

BEYOND = "This conversation does not go that far."


@transaction.atomic
def mark_read(member: Member, conversation_id: UUID, sequence: int) -> Conversation:
    """Whoever has read a message has received it; its notices need no mail any more."""
    conversation, side = _held(member, conversation_id, sequence)
    if sequence <= getattr(conversation, f"{side}_read"):
        return conversation
    lines, unread = _after(conversation, member, sequence)
    _move(
        conversation,
        **{
            f"{side}_read": sequence,
            f"{side}_delivered": max(sequence, getattr(conversation, f"{side}_delivered")),
            f"{side}_unread": unread,
        },
    )
    _keep(conversation, member, Deed.READ, sequence)
    if not lines:
        notifications.read_about(member, conversation)
    return conversation


@transaction.atomic
def mark_delivered(member: Member, conversation_id: UUID, sequence: int) -> Conversation:
    conversation, side = _held(member, conversation_id, sequence)
    if sequence > getattr(conversation, f"{side}_delivered"):
        _move(conversation, **{f"{side}_delivered": sequence})
        _keep(conversation, member, Deed.DELIVERED, sequence)
    return conversation


@transaction.atomic
def say_it_is_fine(member: Member, message_id: UUID) -> Words:
    """The reader does not mind what we had pointed out above a message; how often that is so tells how good we are."""
    words = changing.find(member, message_id)
    if words.sender_id in (member.pk, None):
        raise NotFound(changing.NO_MESSAGE)
    Conversation.objects.hold(words.conversation.pk)
    words = changing.find(member, message_id)
    if words.row_caution == Caution.MONEY:
        changing.put(words, caution=Caution.FINE)
    return words


def _held(member: Member, conversation_id: UUID, sequence: int) -> tuple[Conversation, str]:
    conversation = Conversation.objects.locked_for(member, conversation_id)
    if sequence > conversation.last_sequence:
        raise NotValid(fields={"sequence": [BEYOND]})
    return conversation, conversation.side_of(member)


def _move(conversation: Conversation, **positions: int) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(**positions)
    for name, position in positions.items():
        setattr(conversation, name, position)


def _after(conversation: Conversation, member: Member, sequence: int) -> tuple[int, int]:
    """The lines after that one which are not the member's own, and how many of them somebody wrote."""
    if sequence == conversation.last_sequence:
        # The last position needs no counting.
        return 0, 0
    after = Message.objects.filter(conversation=conversation, sequence__gt=sequence).exclude(sender=member)
    found = after.aggregate(lines=Count("*"), unread=Count("sender"))
    return found["lines"], found["unread"]


def _keep(conversation: Conversation, member: Member, deed: Deed, sequence: int) -> None:
    MessageRecord.objects.create(conversation_id=conversation.pk, actor_id=member.pk, deed=deed, sequence=sequence)
